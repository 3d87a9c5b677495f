"""Role cards: who is given one, with which message, who says that they understood, who does not."""

from zoneinfo import ZoneInfo

import pytest

from bot.cases.claim import claim_as_paged
from bot.rules.words import Role
from storage.models import Handover, RoleCard
from tests.bot.stage import (
    ANNA,
    CARL,
    DORA,
    EMMA,
    EVAN,
    EXEC,
    LEAH,
    STRANGER,
    TINA,
    TOM,
    Stage,
)


async def card(stage: Stage, user: str, role: Role) -> RoleCard | None:
    """A person's row for a role."""
    return next((r for r in await stage.rows(RoleCard, user_id=user, role=role.value)), None)


async def cards(stage: Stage, number: int) -> dict[str, tuple[str, object]]:
    """What each person was told in a direct message, and whether a card came with it."""
    said = [each for each in await stage.said(number) if each.kind == "dm"]
    return {each.to: (each.text, each.extra.get("card")) for each in said}


async def reminded(stage: Stage, number: int) -> list[tuple[str, str]]:
    """Whom the sweep reminds now, of the card of which role."""
    await stage.said(number)
    await stage.sweep()
    found = [s for s in await stage.said(number) if s.text == "notice:role_card_waits"]
    return [(each.to, each.extra["role"]) for each in found]


async def test_who_has_a_role_gets_its_card_with_the_message_that_tells_of_the_case(
    stage: Stage,
) -> None:
    number = await stage.opened(severity=1)
    told = await cards(stage, number)
    assert told[TINA] == ("notice:opened", True)
    assert told[CARL] == ("notice:opened", True)
    assert told[EXEC] == ("notice:executive_alert", True)
    assert told[LEAH][1] is None  # hears of it, and has no role on the case
    assert told[ANNA] == ("notice:opened_reporter", True)
    row = await card(stage, TINA, Role.TECHNICAL_LEAD)
    assert row is not None
    assert (row.case_number, row.told_at, row.read_at) == (number, stage.now, None)


async def test_the_card_comes_once_in_the_policys_time(stage: Stage) -> None:
    first = await stage.opened()
    assert (await cards(stage, first))[TINA][1] is True
    stage.later(days=89)
    second = await stage.opened(customer="Beta", account="")
    assert (await cards(stage, second))[TINA][1] is None
    stage.later(days=2)
    third = await stage.opened(customer="Gamma", account="")
    assert (await cards(stage, third))[TINA][1] is True


async def test_the_card_is_not_given_while_it_counts_that_it_was_understood(stage: Stage) -> None:
    await stage.do(TINA, "understood", role="technical_lead")
    for days, customer, given in ((1, "Acme", None), (178, "Beta", None), (1, "Gamma", True)):
        stage.later(days=days)
        number = await stage.opened(customer=customer, account="")
        assert (await cards(stage, number))[TINA][1] is given
        row = await card(stage, TINA, Role.TECHNICAL_LEAD)
        assert row is not None
        assert (row.told_at, row.remind_at is None) == (
            (stage.now, False) if given else (None, True)
        )


async def test_each_role_has_a_card_of_its_own(stage: Stage) -> None:
    number = await stage.claimed()
    await stage.said(number)
    await stage.do(EMMA, "assign", number, role="facilitator", user=LEAH)
    await stage.do(EMMA, "assign", number, role="comms_approver", user=LEAH)
    said = [s for s in await stage.said(number) if s.to == LEAH]
    assert [(s.text, s.extra["role"]) for s in said] == [
        ("notice:role_card", "facilitator"),
        ("notice:role_card", "comms_approver"),
    ]


async def test_who_has_had_the_card_is_told_in_one_line(stage: Stage) -> None:
    first = await stage.claimed()
    await stage.do(EMMA, "assign", first, role="technical_lead", user=TOM)
    second = await stage.claimed(customer="Beta", account="")
    await stage.said(second)
    await stage.do(EMMA, "assign", second, role="technical_lead", user=TOM)
    said = [s for s in await stage.said(second) if s.to == TOM]
    assert [s.text for s in said] == ["notice:role_given"]


async def test_who_gives_themselves_a_role_is_answered_with_its_card(stage: Stage) -> None:
    number = await stage.claimed()
    answer = await stage.do(EMMA, "assign", number, role="comms_approver", user=EMMA)
    assert answer is not None
    assert (answer["text"], answer["extra"]) == ("notice:role_card", {"role": "comms_approver"})


async def test_an_accepted_role_brings_its_card_and_later_one_line(stage: Stage) -> None:
    texts = []
    for customer in ("Acme", "Beta"):
        number = await stage.claimed(customer=customer, account="")
        await stage.do(EMMA, "hand_over", number, role="agent", user=EVAN, summary="Call Maria")
        offer = max(h.id for h in await stage.rows(Handover))
        answer = await stage.do(EVAN, "answer_handover", number, handover=offer, accept=True)
        texts.append(answer["text"] if answer else "")
    assert texts == ["notice:role_card", "notice:role_given"]


async def test_offers_that_are_accepted_together_bring_the_card_once(stage: Stage) -> None:
    numbers = []
    for customer in ("Acme", "Beta"):
        numbers.append(await stage.claimed(customer=customer, account=""))
        await stage.do(EMMA, "hand_over", numbers[-1], role="agent", user=EVAN, summary="Call")
    await stage.do(EVAN, "accept_offers", offers=[h.id for h in await stage.rows(Handover)])
    told = [s for number in numbers for s in await stage.said(number) if s.to == EVAN]
    assert [s.text for s in told].count("notice:role_card") == 1


async def test_who_takes_a_case_in_their_pager_gets_its_card(stage: Stage) -> None:
    number = await stage.opened(severity=1)
    async with stage.database.write() as session:
        work = stage.work(session, EVAN)
        await claim_as_paged(work, await work.case(number))
    told = [s for s in await stage.said(number) if s.to == EVAN]
    assert "notice:role_card" in [s.text for s in told]
    assert await card(stage, EVAN, Role.ESCALATION_MANAGER)


async def test_who_does_not_say_that_they_understood_is_reminded_once_after_a_day(
    stage: Stage,
) -> None:
    number = await stage.opened()
    stage.later(hours=23)
    assert await reminded(stage, number) == []
    stage.later(hours=2)
    assert (TINA, "technical_lead") in await reminded(stage, number)
    stage.later(days=3)
    assert await reminded(stage, number) == [(ANNA, "reporter")]  # only in a morning
    stage.later(days=3)
    assert await reminded(stage, number) == []


async def test_in_a_sev1_they_are_reminded_after_half_an_hour(stage: Stage) -> None:
    number = await stage.opened(severity=1)
    stage.later(minutes=29)
    assert await reminded(stage, number) == []
    stage.later(minutes=2)
    assert (TINA, "technical_lead") in await reminded(stage, number)


async def test_who_understood_is_not_reminded(stage: Stage) -> None:
    number = await stage.opened()
    await stage.do(TINA, "understood", role="technical_lead")
    row = await card(stage, TINA, Role.TECHNICAL_LEAD)
    assert row is not None
    assert (row.read_at, row.remind_at, row.case_number) == (stage.now, None, number)
    stage.later(days=2)
    assert TINA not in [user for user, _ in await reminded(stage, number)]


async def test_it_counts_for_the_role_and_for_no_other(stage: Stage) -> None:
    await stage.do(TINA, "understood", role="facilitator")
    number = await stage.opened()
    stage.later(days=2)
    assert (TINA, "technical_lead") in await reminded(stage, number)


async def test_a_card_may_be_understood_before_any_case(stage: Stage) -> None:
    await stage.do(TOM, "understood", role="technical_lead")
    row = await card(stage, TOM, Role.TECHNICAL_LEAD)
    assert row is not None
    assert (row.case_number, row.told_at, row.read_at) == (None, None, stage.now)


@pytest.mark.parametrize("why", ["passed on", "closed"])
async def test_nobody_is_reminded_of_what_is_not_theirs_any_more(stage: Stage, why: str) -> None:
    number = await stage.claimed()
    if why == "passed on":
        await stage.do(EMMA, "assign", number, role="technical_lead", user=TOM)
    else:
        await stage.do(EMMA, "dismiss", number, reason="Not an escalation")
    stage.later(days=2)
    assert TINA not in [user for user, _ in await reminded(stage, number)]
    row = await card(stage, TINA, Role.TECHNICAL_LEAD)
    assert row is not None
    assert row.remind_at is None


async def test_who_reports_gets_the_card_with_the_first_answer_once(stage: Stage) -> None:
    first = await stage.opened()
    told = [s for s in await stage.said(first) if s.to == ANNA and s.kind == "dm"]
    assert [(s.text, s.extra.get("card")) for s in told] == [("notice:opened_reporter", True)]
    second = await stage.opened(customer="Beta", account="")
    assert (await cards(stage, second))[ANNA] == ("notice:opened_reporter", None)
    await stage.do(ANNA, "understood", role="reporter")
    stage.later(days=100)
    third = await stage.opened(customer="Gamma", account="")
    assert (await cards(stage, third))[ANNA] == ("notice:opened_reporter", None)


@pytest.mark.parametrize("severity", [1, 2])
async def test_who_reports_at_night_is_reminded_in_a_morning(stage: Stage, severity: int) -> None:
    stage.later(hours=16)  # three in the morning in Athens
    number = await stage.opened(severity=severity)
    stage.later(hours=24)  # the next night
    assert (ANNA, "reporter") not in await reminded(stage, number)
    row = await card(stage, ANNA, Role.REPORTER)
    assert row is not None
    assert row.remind_at is not None
    local = row.remind_at.astimezone(ZoneInfo(stage.policy.timezone))
    assert local.strftime("%H:%M") == stage.policy.digest_hour
    stage.now = row.remind_at
    assert (ANNA, "reporter") in await reminded(stage, number)


async def test_a_drill_gives_its_reporter_no_card(stage: Stage) -> None:
    await stage.do(ANNA, "start_drill")
    assert await stage.rows(RoleCard) == []


FINDINGS = {"root_cause": "A full queue", "better": "Alert", "prevention": "product",
            "no_action": "It is done"}  # fmt: skip


@pytest.mark.parametrize(("step", "held"), [("saved", False), ("reviewed", True)])
async def test_who_is_named_as_facilitator_in_the_findings_gets_the_card(
    stage: Stage, step: str, held: bool
) -> None:
    number = await stage.reviewed()
    await stage.said(number)
    about = {**FINDINGS, "facilitator": STRANGER, "step": step}
    await stage.do(EMMA, "postmortem_held", number, **about)
    told = [s for s in await stage.said(number) if s.to == STRANGER]
    assert [(s.text, s.extra["role"], s.extra["held"]) for s in told] == [
        ("notice:role_card", "facilitator", held)
    ]
    row = await card(stage, STRANGER, Role.FACILITATOR)
    assert row is not None
    if step == "saved":
        await stage.do(EMMA, "postmortem_held", number, **about)
        assert [s for s in await stage.said(number) if s.to == STRANGER] == []  # once


async def test_who_names_themselves_is_answered_with_the_card(stage: Stage) -> None:
    number = await stage.reviewed()
    await stage.do(EMMA, "assign", number, role="facilitator", user=DORA)
    for step, text in (("saved", "postmortem_saved"), ("reviewed", "postmortem_held")):
        await stage.said(number)
        about = {**FINDINGS, "facilitator": EVAN, "step": step}
        answer = await stage.do(EVAN, "postmortem_held", number, **about)
        said = [s.text for s in await stage.said(number) if s.to == EVAN]
        assert said == []
        if step == "saved":
            assert answer is not None
            assert (answer["text"], answer["extra"].get("card")) == (f"notice:{text}", True)
        else:
            assert answer is None  # they have it since


async def test_findings_of_a_restricted_case_betray_it_to_nobody_outside(stage: Stage) -> None:
    number = await stage.reviewed(sensitive=True)
    await stage.said(number)
    about = {**FINDINGS, "facilitator": STRANGER}
    await stage.do(EMMA, "postmortem_held", number, **about, step="saved")
    assert [s for s in await stage.said(number) if s.to == STRANGER] == []
    assert await card(stage, STRANGER, Role.FACILITATOR) is None
    await stage.do(EMMA, "postmortem_held", number, **about, step="reviewed")  # on it from now on
    told = [s.text for s in await stage.said(number) if s.to == STRANGER]
    assert "notice:role_card" in told


async def test_who_leads_the_postmortem_is_reminded_while_it_is_written(stage: Stage) -> None:
    number = await stage.reviewed()
    await stage.do(EMMA, "assign", number, role="facilitator", user=DORA)
    stage.later(days=2)
    assert (DORA, "facilitator") in await reminded(stage, number)
