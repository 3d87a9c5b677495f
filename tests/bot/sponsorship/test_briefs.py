"""The quarterly brief: who is given it and when, and what each may read in it."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from bot.engine.inbox import Answer
from bot.errors import UserError
from bot.rules.facts import PersonFacts
from bot.rules.sponsorship.brief import Brief
from bot.rules.tokens import LinkClaim, LinkKind, Signer
from bot.rules.words import Language, Standing
from bot.sponsorship.briefs.opening import BriefGoneError, open_brief
from bot.sponsorship.briefs.reading import read_brief
from storage.models import (
    ActionItem,
    Ask,
    Case,
    CustomerLink,
    Outbox,
    Outcome,
    Person,
    SponsorBrief,
    Sponsorship,
)
from tests.bot.sponsorship.conftest import HELEN, Sponsoring
from tests.bot.stage import ALEX, ANNA, CARL, DORA, EMMA, EXEC, LEAH, SPON, STRANGER

FIRST = datetime(2026, 5, 10, 21, 0, tzinfo=UTC)  # the end of 10 May in Athens
SECOND = datetime(2026, 8, 10, 21, 0, tzinfo=UTC)
SIGNER = Signer(b"a key of the tests")


class Names:
    """A directory that names everybody by their id, and knows who has left."""

    gone: frozenset[str] = frozenset()

    async def person(self, user: str) -> PersonFacts:
        return PersonFacts(user, user.title(), Language.ENGLISH)

    async def people(self, users: Any) -> dict[str, PersonFacts]:
        return {user: await self.person(user) for user in users}

    def left(self, user: str) -> Standing | None:
        return Standing.DEACTIVATED if user in self.gone else None


def process(active: Sponsoring, gone: str = "") -> Any:
    """What a process has, as far as a brief needs it."""
    names = Names()
    names.gone = frozenset({gone})
    known = vars(active.stage.process(names)) | {"customers": SimpleNamespace(signer=SIGNER)}
    return SimpleNamespace(**known)


async def read(active: Sponsoring, row: Sponsorship, who: str, quarter: int = 1) -> Brief:
    """What a person reads of a quarter."""
    return await read_brief(process(active), row.id, quarter, who)


async def given(active: Sponsoring) -> list[tuple[str, int]]:
    """Who was given which quarter, in that order; each by one row of the outbox."""
    rows = await active.stage.rows(SponsorBrief)
    sent = [r.payload for r in await active.stage.rows(Outbox, kind="sponsor_brief")]
    assert sent == [{"brief": row.id, "user": row.reader} for row in rows]
    return [(row.reader, row.quarter) for row in rows]


async def ask(active: Sponsoring, who: str, **fields: Any) -> Answer | None:
    """Ask for a brief."""
    return await active.stage.do(who, "send_brief", **fields)


async def test_sponsor_and_deputy_are_given_it_once_as_the_quarter_ends(active: Sponsoring) -> None:
    await active.accepted(deputy=HELEN)
    active.stage.now = FIRST - timedelta(seconds=1)
    await active.stage.sweep()
    assert await given(active) == []
    active.stage.now = FIRST
    await active.stage.sweep()
    await active.stage.sweep()
    assert await given(active) == [(SPON, 1), (HELEN, 1)]
    active.stage.now = SECOND
    await active.stage.sweep()
    assert (await given(active))[2:] == [(SPON, 2), (HELEN, 2)]


async def test_after_a_time_away_only_the_newest_is_given(active: Sponsoring) -> None:
    row = await active.accepted()
    active.stage.now = SECOND + timedelta(days=3)
    await active.stage.sweep()
    assert await given(active) == [(SPON, 2)]
    assert (await active.row(row.id)).brief_at == datetime(2026, 11, 10, 22, 0, tzinfo=UTC)


async def test_of_one_that_is_over_none_is_made(active: Sponsoring) -> None:
    row = await active.accepted()
    await active.end(row)
    active.stage.now = FIRST
    await active.stage.sweep()
    assert await given(active) == []


async def test_a_deputy_who_has_left_is_not_written_to(active: Sponsoring) -> None:
    await active.accepted(deputy=HELEN)
    now = active.stage.now
    gone = Person(user_id=HELEN, name=HELEN, standing=Standing.DEACTIVATED, fetched_at=now)
    await active.stage.add(gone)
    active.stage.now = FIRST
    await active.stage.sweep()
    assert await given(active) == [(SPON, 1)]


@pytest.mark.parametrize("who", [SPON, HELEN, LEAH, DORA, EXEC, EMMA, CARL, ALEX])
async def test_whoever_may_know_the_account_is_given_it_when_they_ask(
    active: Sponsoring, who: str
) -> None:
    await active.accepted(deputy=HELEN)
    answer = await ask(active, who, customer="acme")
    assert answer is not None
    assert answer["text"] == "sponsorship:brief_comes"
    assert await given(active) == [(who, 1)]


@pytest.mark.parametrize("who", [ANNA, STRANGER])
async def test_to_others_there_is_no_such_account(active: Sponsoring, who: str) -> None:
    row = await active.accepted()
    for fields in ({"customer": "acme"}, {"membership": row.id}, {}):
        assert (await active.refused(ask(active, who, **fields))).key == "no_such_sponsorship"
    assert await given(active) == []
    with pytest.raises(UserError, match="no_such_sponsorship"):
        await read(active, row, who)


async def test_without_a_name_it_is_the_only_one_that_is_ones_own(active: Sponsoring) -> None:
    await active.accepted()
    await ask(active, SPON)
    await active.accepted("beta")
    refused = await active.refused(ask(active, SPON))
    assert refused.key == "which_sponsorship"
    await ask(active, SPON, customer="Beta")
    assert await given(active) == [(SPON, 1), (SPON, 1)]


async def test_of_an_account_without_a_sponsor_there_is_none_yet(active: Sponsoring) -> None:
    await active.nominate()
    assert (await active.refused(ask(active, LEAH, customer="acme"))).key == "sponsorship_not_begun"


async def test_in_the_first_days_of_a_quarter_the_one_before_is_meant(active: Sponsoring) -> None:
    await active.accepted()
    for days in (13, 14):
        active.stage.now = FIRST + timedelta(days=days)
        await ask(active, SPON)
    assert [quarter for who, quarter in await given(active) if who == SPON] == [1, 2]


async def test_it_tells_what_the_quarter_was(active: Sponsoring) -> None:
    row = await active.accepted(deputy=HELEN)
    stage = active.stage
    number = await stage.claimed(account="acme", stake="No <@U1|Ann> can print")
    stage.later(days=20)
    await active.touch(row)
    now = stage.now
    await stage.add(
        CustomerLink(case_number=number, kind="survey", made_at=now, expires_at=now, score=2,
                     answered_at=now),
        Ask(case_number=number, asked_of=SPON, asked_by=EMMA, question="May we?", asked_at=now),
        ActionItem(case_number=number, title="Monthly report", type="commitment", owner=EMMA,
                   due=now.date(), created_by=EMMA),
        Outcome(account_key="acme", customer="Acme", renewal=now.date(), due_at=now,
                result="saved", recorded_at=now, recorded_by=EMMA),
    )  # fmt: skip
    stage.now = FIRST + timedelta(days=1)
    found = await read(active, row, SPON)
    assert [(each.reference, each.closed) for each in found.cases] == [(f"ESC-{number}", False)]
    assert found.broken  # nobody wrote to the customer
    assert {each.reference for each in found.broken} == {f"ESC-{number}"}
    assert found.scores == (2,)
    assert [(each.question, each.mine) for each in found.asks] == [("May we?", True)]
    assert [(each.title, each.late) for each in found.commitments] == [("Monthly report", True)]
    assert found.renewal.result == "saved"
    assert [touch.note for touch in found.touches] == ["All is well"]
    assert found.missed == ()
    assert (found.money, found.for_sponsor, found.unread) == (True, True, True)
    assert (await read(active, row, LEAH)).for_sponsor is False


async def test_a_quarter_has_what_was_in_it_alone(active: Sponsoring) -> None:
    row = await active.accepted()
    number = await active.stage.resolved(account="acme")
    active.stage.now = SECOND + timedelta(days=1)
    await active.stage.sweep()
    first, second = await read(active, row, SPON, 1), await read(active, row, SPON, 2)
    assert [each.reference for each in first.cases] == [f"ESC-{number}"]
    assert first.kept == 3  # first response, workaround, resolution; no update was due
    assert (second.kept, second.scores) == (0, ())
    assert [touch.due_at for touch in first.missed] == [FIRST]
    assert [touch.due_at for touch in second.missed] == [SECOND]


async def test_of_a_restricted_case_there_is_a_count_unless_one_is_on_it(
    active: Sponsoring,
) -> None:
    stage = active.stage
    number = await stage.claimed(account="beta", stake="A secret", severity=4)
    row = await active.accepted("beta", sponsor=EXEC)  # so the case's roles are not theirs
    now = stage.now
    await stage.add(
        CustomerLink(case_number=number, kind="survey", made_at=now, expires_at=now, score=1,
                     answered_at=now),
        ActionItem(case_number=number, title="A secret too", type="commitment", owner=EMMA,
                   due=now.date(), created_by=EMMA),
    )  # fmt: skip
    async with stage.database.write() as session:
        case = await session.get(Case, number)
        assert case is not None
        case.sensitive = True
        session.add(case)
    stage.now = FIRST
    for who in (EXEC, LEAH, DORA):
        found = await read(active, row, who)
        assert found.restricted == 1
        assert (found.cases, found.broken, found.scores, found.commitments) == ((), (), (), ())
        assert "secret" not in repr(found)
    found = await read(active, row, EMMA)  # who owns it
    assert (found.restricted, len(found.cases), found.scores) == (0, 1, (1,))


async def test_a_link_opens_for_its_reader_as_long_as_they_may_know(active: Sponsoring) -> None:
    row = await active.accepted()
    await ask(active, SPON)
    (brief,) = await active.stage.rows(SponsorBrief)
    token = SIGNER.link(LinkClaim(LinkKind.BRIEF, brief.id, brief.expires_at))
    found, reader = await open_brief(process(active), token)
    assert (found.customer, reader.user_id) == (row.customer, SPON)
    with pytest.raises(BriefGoneError):
        await open_brief(process(active, gone=SPON), token)
    await active.end(row)
    with pytest.raises(BriefGoneError):
        await open_brief(process(active), token)


async def test_a_link_that_is_altered_or_old_or_another_kind_opens_nothing(
    active: Sponsoring,
) -> None:
    await active.accepted()
    await ask(active, SPON)
    (brief,) = await active.stage.rows(SponsorBrief)
    good = SIGNER.link(LinkClaim(LinkKind.BRIEF, brief.id, brief.expires_at))
    other = SIGNER.link(LinkClaim(LinkKind.STATUS, brief.id, brief.expires_at))
    missing = SIGNER.link(LinkClaim(LinkKind.BRIEF, brief.id + 1, brief.expires_at))
    forged = Signer(b"another").link(LinkClaim(LinkKind.BRIEF, brief.id, brief.expires_at))
    for token in (good[:-1] + "a" * (good[-1] != "a") + "b" * (good[-1] == "a"), other, missing):
        with pytest.raises(BriefGoneError):
            await open_brief(process(active), token)
    with pytest.raises(BriefGoneError):
        await open_brief(process(active), forged)
    active.stage.now = brief.expires_at
    with pytest.raises(BriefGoneError):
        await open_brief(process(active), good)
