"""Customers who may meet the same: who is found, who is told once, who answers, what ends it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.cases.queries import Reading
from bot.errors import UserError
from bot.learning.outreach.queries import OutreachReading
from bot.rules.facts import PersonFacts
from bot.rules.learning.outreach import OutreachPage
from bot.rules.policy.routing import Route
from storage.models import Account, Affected, Case, KnownIssue, Outreach, OutreachAccount, Problem
from tests.bot.stage import ANNA, CARL, EMMA, LEAH, STRANGER, TINA, TOM, Stage

PART = "Payments"
WORDS = (
    "{greeting}\n\nOthers who use the same part have met this: payments stop after a restart.\n\n"
    "What helps: sign in again. If you see it, reply to this message.\n\nKind regards,\n{sender}"
)
GREEK = (
    "{greeting}\n\nάλλοι συνάντησαν το εξής: οι πληρωμές σταματούν μετά από επανεκκίνηση.\n\n"
    "Τι βοηθά: νέα σύνδεση. Αν το δείτε, απαντήστε σε αυτό το μήνυμα.\n\nΜε εκτίμηση,\n{sender}"
)


def account(key: str, tier: str = "gold", region: str = "eu", **more: object) -> Account:
    """A customer of the accounts file."""
    name = key.capitalize()
    return Account(key=key, name=name, folded=key, tier=tier, region=region, **more)


def past(stage: Stage, key: str, days: int = 60, **more: object) -> Case:
    """A closed case of a customer about payments."""
    at = stage.now - timedelta(days=days)
    values = {"status": "closed", "component": PART, "closed_at": at, "resolved_at": at, **more}
    return Case(
        account_key=key, customer=key.capitalize(), stake="It stopped.", trigger="technical",
        severity=3, reporter=ANNA, owner=EMMA, received_at=at, opened_at=at, changed_at=at,
        policy_version="v1", **values,
    )  # fmt: skip


@pytest.fixture
async def stage(stage: Stage) -> Stage:
    """Acme, gold in the EU, and others; all but Fokea and Elis had a case about payments."""
    stage.policy = replace(stage.policy, routing={PART: Route(PART, "Squad", (TOM,))})
    await stage.change_account("acme", tier="gold", region="eu")
    await stage.add(
        account("borea", csm=CARL), account("cyan", region="us", csm=CARL, language="el"),
        account("delos", tier="free", region="asia", csm=CARL), account("elis", csm=CARL),
        account("fokea", csm=CARL),
    )  # fmt: skip
    await stage.add(*(past(stage, key) for key in ("borea", "cyan", "delos")))
    await stage.add(past(stage, "elis", status="dismissed"))
    return stage


async def helped(stage: Stage, lead: str = "", **fields: object) -> int:
    """A case about payments of which the workaround was told, and the look that follows."""
    number = await stage.investigating(component=PART, **fields)
    if lead:
        await stage.do(EMMA, "assign", number, role="technical_lead", user=lead)
    await stage.update(number, kind="workaround", text="Sign in again.", workaround="Sign in again")
    stage.later(minutes=2)
    await stage.sweep()
    return number


async def asked(stage: Stage) -> int:
    """A case of which the CSMs were asked to tell their customers."""
    number = await helped(stage)
    await stage.do(TINA, "tell_csms", number, text_en=WORDS, text_el=GREEK)
    return number


def reading(stage: Stage) -> OutreachReading:
    """The queries, at this moment."""
    return OutreachReading(stage.process(), Reading(stage.process()))


async def shown(stage: Stage, who: str, number: int | None) -> OutreachPage:
    """What a person is shown."""
    return await reading(stage).page(who, number)


async def found(stage: Stage, number: int, who: str = TINA) -> list[str]:
    """Who may meet the same, by key, as a person sees it."""
    return [each.key for each in (await shown(stage, who, number)).found]


async def names_heard(stage: Stage, number: int) -> dict[str, list[str]]:
    """Who has heard what about telling customers, since last asked."""
    heard = await stage.heard(number)
    ours = {who: [n for n in said if "outreach" in n or n == "at_risk_found"]
            for who, said in heard.items()}  # fmt: skip
    return {who: said for who, said in ours.items() if said}


async def test_the_lead_is_told_once_who_else_may_meet_it(stage: Stage) -> None:
    number = await helped(stage, TINA)
    assert await names_heard(stage, number) == {TINA: ["at_risk_found"]}
    assert await found(stage, number) == ["borea", "cyan"], "the most alike first"
    page = await shown(stage, TINA, number)
    assert [(a.same_tier, a.same_region, a.teller) for a in page.found] == [
        (True, True, CARL), (True, False, CARL),
    ]  # fmt: skip
    await stage.resolve(number)
    stage.later(days=1)
    await stage.sweep()
    assert await names_heard(stage, number) == {}


async def test_without_a_lead_the_owner_is_told(stage: Stage) -> None:
    number = await helped(stage)
    assert await names_heard(stage, number) == {EMMA: ["at_risk_found"]}
    assert (await stage.rows(Outreach))[0].found == 2


async def test_a_mild_case_alone_is_no_reason_and_one_with_a_problem_is(stage: Stage) -> None:
    number = await helped(stage, severity=3)
    assert await names_heard(stage, number) == {}
    await stage.do(EMMA, "open_problem", number, title="Payments stop", known="A restart",
                   severity=3)  # fmt: skip
    stage.later(minutes=2)
    await stage.sweep()
    assert list((await names_heard(stage, number)).values()) == [["at_risk_found"]]


async def test_one_of_a_known_issue_is_a_reason_once_there_is_a_workaround(stage: Stage) -> None:
    number = await stage.investigating(component=PART, severity=3)
    await stage.add(
        Problem(number=9, title="Payments hang", owner=EMMA, opened_by=EMMA, severity=3,
                opened_at=stage.now, state="known", cycle_began_at=stage.now),
    )  # fmt: skip
    await stage.add(
        KnownIssue(number=9),
        Affected(problem=9, folded="acme", customer="Acme", case_number=number,
                 said_by=EMMA, said_at=stage.now),
    )  # fmt: skip
    stage.later(minutes=2)
    await stage.sweep()
    assert await names_heard(stage, number) == {}
    await stage.do(EMMA, "edit_issue", problem=9, owner=EMMA, title="Payments hang",
                   workaround="Sign in again")  # fmt: skip
    stage.later(minutes=2)
    await stage.sweep()
    assert list((await names_heard(stage, number)).values()) == [["at_risk_found"]]


async def test_without_a_cause_or_a_component_nothing_is_looked_for(stage: Stage) -> None:
    number = await stage.investigating(component=PART)
    stage.later(minutes=2)
    await stage.sweep()
    assert await names_heard(stage, number) == {}
    other = await stage.investigating()
    await stage.update(other, kind="workaround", text="Sign in again.", workaround="Sign in")
    stage.later(minutes=2)
    await stage.sweep()
    assert await names_heard(stage, other) == {}
    await stage.do(EMMA, "set_component", other, component=PART)
    stage.later(minutes=2)
    await stage.sweep()
    assert list((await names_heard(stage, other)).values()) == [["at_risk_found"]]


async def test_who_hears_of_it_elsewhere_or_threatens_is_left_out(stage: Stage) -> None:
    number = await helped(stage)
    await stage.add(past(stage, "borea", 1, status="investigating", resolved_at=None))
    assert await found(stage, number) == ["cyan"]
    await stage.add(past(stage, "cyan", 1, status="new", component="", legal=True, sensitive=True))
    assert await found(stage, number) == []


async def test_a_restricted_case_leads_to_nobody_and_nobody_through_it(stage: Stage) -> None:
    await stage.add(past(stage, "fokea", sensitive=True))
    number = await helped(stage)
    assert "fokea" not in await found(stage, number)
    hidden = await stage.opened(EMMA, component=PART, sensitive=True)
    await stage.do(EMMA, "claim", hidden)
    await stage.update(hidden, EMMA, kind="acknowledgement")
    await stage.update(hidden, EMMA, kind="workaround", text="Sign in again.", workaround="Sign in")
    stage.later(minutes=2)
    await stage.sweep()
    assert await names_heard(stage, hidden) == {}
    with pytest.raises(UserError, match="no_such_case"):
        await shown(stage, LEAH, hidden)
    with pytest.raises(UserError, match="no_such_case"):
        await stage.do(LEAH, "tell_csms", hidden, text_en=WORDS)
    with pytest.raises(UserError, match="outreach_restricted"):
        await stage.do(EMMA, "tell_csms", hidden, text_en=WORDS)
    assert (await shown(stage, EMMA, hidden)).restricted


async def test_each_csm_is_asked_once_with_the_words_for_each_customer(stage: Stage) -> None:
    number = await asked(stage)
    [told] = [each for each in await stage.said(number) if each.text == "notice:outreach_asked"]
    assert (told.to, told.extra["count"], told.extra["customers"]) == (CARL, 2, ["Borea", "Cyan"])
    lines = (await shown(stage, CARL, None)).lines
    assert [each.customer for each in lines] == ["Borea", "Cyan"]
    assert all("{" not in each.text for each in lines)
    assert "νέα σύνδεση" in lines[1].text
    assert (await stage.last(number)).after == {"count": 2, "people": 1}
    with pytest.raises(UserError, match="outreach_runs"):
        await stage.do(EMMA, "tell_csms", number, text_en=WORDS, text_el=GREEK)


async def test_words_are_held_to_what_may_be_told_to_many(stage: Stage) -> None:
    number = await helped(stage)
    for words, refused in (
        (WORDS + " We give you 500 EUR.", "tone_concession_many"),
        (WORDS + " [what you would see]", "brackets"),
        (WORDS + " Delos had it.", "tone_wrong_customer"),
        ("", "language_missing"),
    ):
        with pytest.raises(UserError, match=refused):
            await stage.do(TINA, "tell_csms", number, text_en=words, text_el=GREEK)
    assert await stage.rows(OutreachAccount) == []
    opening = await reading(stage).composing(number, await stage_person(TINA))
    assert (opening["count"], opening["languages"]) == (2, ["en", "el"])
    assert "{greeting}" in opening["text_el"]
    assert "{sender}" in opening["text_en"]
    with pytest.raises(UserError, match="brackets"):
        await stage.do(TINA, "tell_csms", number, text_en=opening["text_en"], text_el=GREEK)


async def stage_person(user: str) -> PersonFacts:
    """A reader, in English."""
    return PersonFacts(user, "Tina")


async def test_told_not_needed_and_a_mistake(stage: Stage) -> None:
    number = await asked(stage)
    first, second = (each.id for each in (await shown(stage, CARL, number)).lines)
    await stage.do(CARL, "told_customer", number, outreach=first)
    assert (await stage.last(number)).after == {"customer": "Borea"}
    await stage.do(CARL, "spare_customer", number, outreach=second, reason="They left it")
    assert [each.state.value for each in (await shown(stage, EMMA, number)).lines] == [
        "told", "spared",
    ]  # fmt: skip
    assert (await shown(stage, CARL, None)).lines == ()
    for verb, more in (("told_customer", {}), ("spare_customer", {"reason": "No"})):
        with pytest.raises(UserError, match="telling_answered"):
            await stage.do(CARL, verb, number, outreach=second, **more)
    await stage.do(CARL, "reopen_telling", number, outreach=second)
    assert [each.id for each in (await shown(stage, CARL, None)).lines] == [second]
    with pytest.raises(UserError, match="telling_waits"):
        await stage.do(CARL, "reopen_telling", number, outreach=second)
    with pytest.raises(UserError, match="not_your_role"):
        await stage.do(STRANGER, "told_customer", number, outreach=second)
    with pytest.raises(UserError, match="no_such_telling"):
        await stage.do(EMMA, "told_customer", number, outreach=999)
    await stage.do(EMMA, "told_customer", number, outreach=second)


async def test_others_are_not_shown_what_was_asked_of_a_csm(stage: Stage) -> None:
    number = await asked(stage)
    assert (await shown(stage, ANNA, number)).lines == ()
    with pytest.raises(UserError, match="no_such_telling"):
        await reading(stage).one(number, ANNA, 1)
    assert (await shown(stage, EMMA, number)).whole
    with pytest.raises(UserError, match="no_such_case"):
        await shown(stage, STRANGER, number)
    assert len((await shown(stage, CARL, number)).lines) == 2, "though CARL reads no other case"


async def test_a_csm_is_reminded_once_then_who_asked_hears_of_it(stage: Stage) -> None:
    number = await asked(stage)
    await stage.said(number)
    for days, expected in ((2, {CARL: ["outreach_waits"]}), (2, {TINA: ["outreach_silent"]}),
                           (9, {})):  # fmt: skip
        stage.later(days=days, minutes=1)
        await stage.sweep()
        assert await names_heard(stage, number) == expected


async def test_nobody_is_reminded_of_what_was_answered(stage: Stage) -> None:
    number = await asked(stage)
    for each in (await shown(stage, CARL, number)).lines:
        await stage.do(CARL, "told_customer", number, outreach=each.id)
    await stage.said(number)
    stage.later(days=3)
    await stage.sweep()
    assert await names_heard(stage, number) == {}


async def test_it_is_taken_back_and_begun_anew(stage: Stage) -> None:
    number = await asked(stage)
    first, second = (each.id for each in (await shown(stage, CARL, number)).lines)
    await stage.do(CARL, "told_customer", number, outreach=first)
    await stage.said(number)
    await stage.do(EMMA, "end_outreach", number, reason="It does not hold")
    assert await names_heard(stage, number) == {CARL: ["outreach_over"]}
    assert (await stage.last(number)).why == "It does not hold"
    for verb in ("told_customer", "reopen_telling"):
        with pytest.raises(UserError, match="telling_over"):
            await stage.do(CARL, verb, number, outreach=second)
    with pytest.raises(UserError, match="outreach_not_running"):
        await stage.do(EMMA, "end_outreach", number, reason="Again")
    assert await found(stage, number) == ["cyan"], "who was told is told once"
    await stage.do(EMMA, "tell_csms", number, text_en="", text_el=GREEK)
    assert [each.id for each in (await shown(stage, CARL, None)).lines] == [second]


async def test_what_did_not_hold_is_told_to_nobody_any_more(stage: Stage) -> None:
    number = await asked(stage)
    await stage.resolve(number)
    await stage.said(number)
    await stage.do(EMMA, "reopen", number, reason="It is back")
    assert await names_heard(stage, number) == {CARL: ["outreach_over"]}
    assert (await shown(stage, CARL, None)).lines == ()


async def test_a_restriction_ends_it_without_a_word(stage: Stage) -> None:
    number = await asked(stage)
    [line, _] = (await shown(stage, CARL, number)).lines
    await stage.said(number)
    await stage.do(EMMA, "executive_flag", number, trigger="legal", reason="Their lawyer wrote")
    assert await names_heard(stage, number) == {}
    assert (await shown(stage, CARL, None)).lines == ()
    others = {"told_customer": {}, "spare_customer": {"reason": "No"}, "reopen_telling": {}}
    for verb, more in others.items():
        with pytest.raises(UserError, match="no_such_case"):
            await stage.do(LEAH, verb, number, outreach=line.id, **more)
    stage.later(days=9)
    await stage.sweep()
    assert await names_heard(stage, number) == {}
