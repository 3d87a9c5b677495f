"""The programme: six texts, a signature, and a new one after each change."""

import pytest

from bot.rules.sponsorship.words import SponsorshipTopic
from storage.models import SponsorshipText
from tests.bot.sponsorship.conftest import Sponsoring
from tests.bot.stage import ANNA, BILL, DORA, EMMA, EXEC, EXTRA, LEAH, SPON, STRANGER

T = SponsorshipTopic


async def test_the_programme_is_active_with_six_texts_and_a_signature(
    sponsoring: Sponsoring,
) -> None:
    for topic in T:
        assert not (await sponsoring.programme()).active
        await sponsoring.write(topic)
    assert not (await sponsoring.programme()).active
    await sponsoring.sign()
    assert (await sponsoring.programme()).active
    assert (await sponsoring.programme()).signed_by == EXEC


async def test_what_is_missing_is_said(sponsoring: Sponsoring) -> None:
    answer = await sponsoring.write(T.PURPOSE)
    assert answer["extra"]["missing"] == ["metrics", "duties", "training", "entry", "exit"]
    refused = await sponsoring.refused(sponsoring.sign())
    assert (refused.key, refused.facts["topics"]) == (
        "programme_incomplete", ["metrics", "duties", "training", "entry", "exit"],
    )  # fmt: skip
    refused = await sponsoring.refused(sponsoring.nominate())
    assert refused.key == "programme_inactive"


async def test_executives_are_asked_to_sign_once_the_last_text_is_there(
    sponsoring: Sponsoring,
) -> None:
    for topic in T:
        assert ("UEXEC", "sign_asked") not in await sponsoring.told()
        await sponsoring.write(topic)
    assert {who for who, what in await sponsoring.told() if what == "sign_asked"} == {
        EXEC, EXTRA, DORA
    }  # fmt: skip
    await sponsoring.write(T.ENTRY, "Another")
    assert await sponsoring.told() == []  # they are asked already


async def test_a_change_after_signing_needs_a_new_signature(active: Sponsoring) -> None:
    answer = await active.write(T.DUTIES, "Other duties")
    assert answer["extra"]["again"]
    assert not (await active.programme()).active
    assert (EXEC, "sign_asked") in await active.told()
    assert (await active.refused(active.nominate())).key == "programme_unsigned"
    await active.sign(DORA)
    assert (await active.programme()).active


async def test_a_text_that_is_saved_as_it_stands_needs_no_new_signature(
    active: Sponsoring,
) -> None:
    answer = await active.write(T.DUTIES)
    assert not answer["extra"]["again"]
    assert (await active.programme()).active
    assert len(await active.stage.rows(SponsorshipText)) == len(T)


async def test_another_length_needs_a_new_signature(active: Sponsoring) -> None:
    await active.stage.do(LEAH, "edit_sponsorship_text", topic="exit", body="So be it", months=6)
    assert not (await active.programme()).active


@pytest.mark.parametrize("months", [None, 0, -1, 61])
async def test_the_exit_says_how_long_a_membership_lasts(
    sponsoring: Sponsoring, months: int | None
) -> None:
    refused = await sponsoring.refused(
        sponsoring.stage.do(
            LEAH, "edit_sponsorship_text", topic="exit", body="Enough", months=months
        )
    )
    assert refused.key == "odd_months"
    assert await sponsoring.stage.rows(SponsorshipText) == []


async def test_what_is_signed_is_what_was_shown(sponsoring: Sponsoring) -> None:
    for topic in T:
        await sponsoring.write(topic)
    shown = (await sponsoring.programme()).digest
    await sponsoring.write(T.ENTRY, "Everybody")
    refused = await sponsoring.refused(sponsoring.stage.do(EXEC, "sign_sponsorship", digest=shown))
    assert refused.key == "programme_changed"
    await sponsoring.sign()
    assert (await sponsoring.refused(sponsoring.sign(EXTRA))).key == "programme_signed"


@pytest.mark.parametrize("who", [ANNA, BILL, EMMA, SPON, STRANGER])
async def test_texts_are_written_by_those_who_lead_the_programme(
    sponsoring: Sponsoring, who: str
) -> None:
    refused = await sponsoring.refused(sponsoring.write(T.PURPOSE, who=who))
    assert refused.key == "not_your_role"


@pytest.mark.parametrize("who", [LEAH, ANNA, EMMA])
async def test_only_executives_sign(sponsoring: Sponsoring, who: str) -> None:
    for topic in T:
        await sponsoring.write(topic)
    assert (await sponsoring.refused(sponsoring.sign(who))).key == "not_your_role"
