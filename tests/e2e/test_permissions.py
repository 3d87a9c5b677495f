"""Who may do what: each role and each verb, by forged requests that no button led to."""

import json
from typing import Any

import pytest

from bot.errors import UserError
from bot.registry import INTENTS, form_permission
from bot.rules.facts import CaseFilter
from bot.rules.permissions import PERMISSIONS
from bot.rules.words import Language, Role
from messages.cases.digest import digest_message
from tests.e2e import forged
from tests.e2e.office import (
    DAN,
    ELENI,
    KATE,
    MAYA,
    NIKOS,
    PRIYA,
    RICHARD,
    SOFIA,
    STRANGER,
    TOMAS,
    Office,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

SECRET = "Zephyr Holdings"
STAGE_OF = {
    "claim": "new", "decline_page": "new", "dismiss": "new", "resume": "held",
    "confirm": "resolved",
    "reopen": "resolved", "postmortem": "resolved", "postmortem_held": "review",
    "close": "reviewed", "action_done": "acting", "answer_ask": "asked",
    "answer_handover": "offered",
}  # fmt: skip
# Who stands for a role in the organisation; on the case itself Maya is its reporter and agent.
PEOPLE = {
    Role.AGENT: NIKOS, Role.ESCALATION_MANAGER: ELENI, Role.TECHNICAL_LEAD: TOMAS,
    Role.CSM: PRIYA, Role.ACCOUNT_EXECUTIVE: DAN, Role.SUPPORT_LEAD: KATE,
    Role.EXECUTIVE_OWNER: SOFIA, Role.DIRECTOR: RICHARD, Role.REPORTER: MAYA,
}  # fmt: skip
NOT_BY_TABLE = frozenset(
    {
        "open_case",
        "start_drill",  # anybody may, as with the next two for who plays
        "end_drill",
        "cancel_drill",
        "answer_ask",
        "answer_handover",
        "answer_action_offer",
        "answer_postmortem",
        "have_flag",
        "seen",
        "seen_case",
        "sent_by_hand",
        "read_points",
        "understood",  # this and the next two are for themselves, and have no form
        "seen_tip",
        "choose_tips",
    }
)
VERBS = sorted(set(INTENTS) - NOT_BY_TABLE)


def fields(desk: Office, verb: str, number: int) -> dict[str, Any]:
    """What the verb's form would carry."""
    given: dict[str, Any] = {
        "assign": {"role": "csm", "user": NIKOS},
        "set_component": {"component": "x"},
        "name_stakeholder": {"role": "csm", "user": NIKOS},
        "hand_over": {"role": "facilitator", "user": STRANGER},
        "severity": {"severity": 3, "reason": "x"},
        "set_urgency": {"urgency": "now"},
        "contest": {"words": "x"},
        "focus": {"until": "2100-01-01T10:00:00+00:00"},
        "interrupt_focus": {"reason": "x"},
        "ask_lead": {"about": "other", "question": "x"},
        "answer_question": {"query": 1, "answer": "x"},
        "swarm": {"skill": "x"},
        "answer_swarm": {"helper": 1, "accept": True},
        "report_finding": {"finding": "x"},
        "understood": {"role": "csm"},
        "seen_tip": {"form": "update"},
        "choose_tips": {"kind": "weekly", "on": False},
        "quiet_word": {"user": "U0NIKOS"},
        "choose_setup": {"step": "mail", "needed": True},
        "decide": {"decision": "x", "why": "x"},
        "try_solution": {"other": 1},
        "tell_csms": {"text_en": "x"},
        "end_outreach": {"reason": "x"},
        "told_customer": {"outreach": 1},
        "spare_customer": {"outreach": 1, "reason": "x"},
        "reopen_telling": {"outreach": 1},
        "apply_playbook": {"name": "churn"},
        "drop_playbook": {"applied": 1},
        "tick_step": {"applied": 1, "step": 0},
        "untick_step": {"applied": 1, "step": 0},
        "judge_decision": {"decision": 1, "outcome": "worked"},
        "answer_contest": {"answer": "x"},
        "settle_shift": {"owner": NIKOS, "to": STRANGER, "cases": [number]},
        "update": {"kind": "update"},
        "customer_replied": {"summary": "x"},
        "status": {"standing": "on_track"},
        "hold": {"reason": "waiting_customer"},
        "confirm": {"party": "customer"},
        "reopen": {"reason": "x"},
        "dismiss": {"reason": "x"},
        "executive_flag": {"trigger": "legal", "reason": "x"},
        "withdraw": {"what": "handover", "reason": "x"},
        "ask_executive": {"user": SOFIA},
        "log_contact": {"contact": "x", "said": "x", "executive": SOFIA},
        "commit": {
            f"{name}{part}": value
            for name in ("first", "second", "third")
            for part, value in (("", name), ("_owner", "U0NIKOS"), ("_by", "2100-01-01"))
        },
        "begin_legal_hold": {"reason": "x"},
        "end_legal_hold": {"reason": "x"},
        "request_concession": {"amount": "5 EUR", "reason": "outage", "why": "x"},
        "answer_concession": {"concession": 1, "digest": "0", "approve": True},
        "withdraw_concession": {"concession": 1, "reason": "x"},
        "void_concession": {"concession": 1, "reason": "x"},
        "promise_concession": {"concession": 1, "how": "x"},
        "fulfil_concession": {"concession": 1, "evidence": "x"},
        "unfulfil_concession": {"concession": 1, "why": "x"},
        "sign_access_review": {"review": 1, "digest": "0"},
        "answer_quarterly_review": {"review": 1, "coming": True},
        "write_quarterly_review": {"review": 1, "step": "saved"},
        "decide_quarter": {
            "review": 1,
            "decision": "Alert before it ends",
            "owner": "U0NIKOS",
            "due": "2100-01-01",
        },
        "end_quarter_decision": {"decision": 1, "evidence": "x"},
        "verify_quarter_decision": {"decision": 1, "accept": True},
        "record_outcome": {"outcome": 1, "result": "saved"},
        "plan_postmortem": {"at": "2100-01-01T10:00:00+00:00"},
        "cancel_postmortem": {"reason": "x"},
        "answer_postmortem": {"accept": True},
        "correct_outcome": {"outcome": 1, "result": "lost", "why": "x"},
        "edit_sponsorship_text": {"topic": "purpose", "body": "x"},
        "sign_sponsorship": {"digest": "ab"},
        "nominate_sponsorship": {
            "account": "cedar-clinics",
            "customer": "account:cedar-clinics",
            "sponsor": NIKOS,
            "reason": "x",
            "score": 50,
        },
        "answer_sponsorship": {"membership": 1, "approve": True},
        "read_sponsor_brief": {"membership": 1},
        "pass_sponsorship": {"membership": 1, "user": NIKOS},
        "log_touch": {"membership": 1, "how": "call", "note": "x"},
        "send_brief": {"membership": 1},
        "touch_to_calendar": {"membership": 1},
        "call_to_calendar": {"what": "breach_call"},
        "keep_sponsorship": {"membership": 1, "review_on": "2100-01-01"},
        "end_sponsorship": {"membership": 1, "exit_reason": "other", "why": "x"},
        "action_item": {"owner": NIKOS},
        "action_done": {"action": number, "evidence": "x"},
        "verify_action": {"action": number, "accept": True},
        "edit_action": {"action": number, "title": "x", "type": "process", "due": "2100-01-01"},
        "reassign_action": {"action": number, "user": NIKOS},
        "answer_action_offer": {"action": number, "accept": True},
        "drop_action": {"action": number, "reason": "x"},
        "reopen_action": {"action": number},
        "add_candidate": {"candidate": 1, "into": number},
        "dismiss_candidate": {"candidate": 1, "reason": "x"},
        "log_candidate": {"candidate": 1, "title": "x"},
        "undo_decision": {"candidate": 1},
        "log_call": {"customer": "x", "words": "x"},
        "open_problem": {"title": "x", "known": "x", "severity": 2},
        "edit_problem": {"title": "x", "known": "x", "severity": 2, "owner": NIKOS},
        "resolve_problem": {"outcome": "x"},
        "add_affected": {"customer": "new:x", "evidence": "x"},
        "add_affected_lines": {"lines": "cedar-clinics, x"},
        "remove_affected": {"affected": 1, "reason": "x"},
        "answer_broadcast": {"digest": "0" * 64, "approve": True},
        "answer_points": {"points": 1, "approve": True},
        "withdraw_points": {"points": 1, "reason": "x"},
        "add_issue": {"title": "x"},
        "add_review": {
            "source": "other",
            "link": "https://reviews.example/1",
            "author": "x",
            "rating": "1",
            "written": "2027-01-01",
        },
        "take_review": {"review": 1},
        "record_review_reply": {"review": 1},
        "edit_issue": {"title": "x", "owner": NIKOS},
        "add_waiter": {"customer": "new:x", "said": "x"},
        "remove_waiter": {"affected": 1, "reason": "x"},
        "slip_issue": {"expected_on": "2100-01-01"},
        "drop_issue": {"outcome": "x"},
    }.get(verb, {})
    return {"case": number, "problem": 1, "broadcast": 1, **desk.complete(verb, given)}


@pytest.mark.parametrize("verb", VERBS)
async def test_a_forged_form_is_refused_to_every_role_that_may_not(
    http_desk: Office, verb: str
) -> None:
    desk = http_desk
    number = await desk.looked_at(STAGE_OF.get(verb, "investigating"))
    done = await desk.done(number)
    tried = {}
    for who in {*PEOPLE.values(), STRANGER}:
        mine = await desk.here.services.reading.roles(who, number)
        if not mine & PERMISSIONS[verb]:
            tried[who] = len(desk.answers(who)) + len(desk.dms(who))
            await forged.submit(desk, who, verb, fields(desk, verb, number))
            await forged.press(desk, who, f"do:{verb}", fields(desk, verb, number))
    assert STRANGER in tried
    assert await desk.done(number) == done
    for who, before in tried.items():  # and each of them was told so
        assert len(desk.answers(who)) + len(desk.dms(who)) >= before + 1


@pytest.mark.parametrize("role", PEOPLE)
async def test_a_role_may_do_what_the_table_says(http_desk: Office, role: Role) -> None:
    desk, who = http_desk, PEOPLE[role]
    for verb in ("claim", "status", "update", "hold", "ask_executive", "severity"):
        stage = "new" if verb == "claim" else "investigating"
        number = await desk.looked_at(stage)
        mine = await desk.here.services.reading.roles(who, number)
        allowed = bool(mine & PERMISSIONS[verb])
        try:
            await desk.here.services.check(verb, who, number)
        except UserError as refused:
            raised = refused.key
        else:
            raised = ""
        opens = bool(mine & PERMISSIONS[form_permission(verb)])
        assert (raised == "") == (allowed or opens), (verb, mine)


async def test_an_ask_is_answered_by_nobody_else(http_desk: Office) -> None:
    desk = http_desk
    number = await desk.stage("asked")
    ask = (await desk.case(number)).asks[0].id
    answer = {"case": number, "ask": ask, "approve": True}
    for who in (ELENI, RICHARD, STRANGER):
        await forged.press(desk, who, "do:answer_ask", answer)
    assert (await desk.case(number)).asks[0].answer is None
    await forged.press(desk, SOFIA, "do:answer_ask", answer)
    assert (await desk.case(number)).asks[0].answer == "approve"


async def test_a_handover_is_accepted_by_nobody_else(http_desk: Office) -> None:
    desk = http_desk
    number = await desk.stage("offered")
    offer = (await desk.case(number)).handovers[0].id
    given = {"case": number, "handover": offer, "accept": True}
    for who in (ELENI, KATE, TOMAS, STRANGER):
        await forged.press(desk, who, "do:answer_handover", given)
    assert (await desk.case(number)).handovers
    await forged.press(desk, NIKOS, "do:answer_handover", given)
    assert (await desk.case(number)).roles[Role.TECHNICAL_LEAD] == NIKOS


async def test_ids_of_another_case_do_nothing(http_desk: Office) -> None:
    desk = http_desk
    mine, other = await desk.stage("asked"), await desk.stage("asked")
    ask = (await desk.case(other)).asks[0].id
    await forged.press(desk, SOFIA, "do:answer_ask", {"case": mine, "ask": ask, "approve": True})
    assert (await desk.case(mine)).asks[0].answer is None
    assert (await desk.case(other)).asks[0].answer is None


@pytest.mark.parametrize(
    "value",
    [{}, {"case": None}, {"case": -1}, {"case": "x"}, {"case": [1]}, {"case": 10**30}, {"case": 0}],
)
async def test_a_forged_button_without_a_case_harms_nothing(
    http_desk: Office, value: dict[str, Any]
) -> None:
    desk = http_desk
    for action in ("do:claim", "ask:update", "show:show", "do:nonsense", "ask:nonsense", "x"):
        await forged.press(desk, ELENI, action, value)
        await desk.close_forms(ELENI)
    assert await desk.here.services.settle(5)


# -- sensitive cases


async def secret_case(desk: Office) -> int:
    """A sensitive case of Maya's, taken on by Eleni, and everything that can be said of it."""
    number = await desk.stage(
        "new", account="", customer=SECRET, sensitive=True, severity=1, stake=f"{SECRET} sues us"
    )
    for who, verb, given in (
        (ELENI, "claim", {}),
        (MAYA, "update", {"kind": "acknowledgement", "text": f"Dear {SECRET}"}),
        (ELENI, "ask_executive", {"user": SOFIA, "question": f"May we visit {SECRET}?"}),
        (ELENI, "executive_flag", {"trigger": "legal", "reason": f"{SECRET}'s lawyer wrote"}),
        (ELENI, "action_item", {"owner": MAYA, "title": f"Call {SECRET}"}),
        (TOMAS, "hand_over", {"role": "technical_lead", "user": NIKOS, "summary": SECRET}),
        (ELENI, "resolve", {"note": f"Paid {SECRET}", "text": f"Dear {SECRET}, done"}),
    ):
        await desk.wants(who, verb, {"case": number, **given})
    await desk.here.settle()
    return number


async def test_a_sensitive_case_does_not_exist_for_others(http_desk: Office) -> None:
    desk = http_desk
    number = await desk.looked_at_made(secret_case)
    channel = desk.channel(number)
    assert channel.is_private
    assert (channel.name, SECRET in channel.topic.value) == (f"esc-{number}", False)
    for who in (DAN, PRIYA, STRANGER):
        assert not channel.visible_to(who)
        for line in (f"show {number}", f"timeline {number}", f"why {number}", "list", "digest",
                     f"list customer {SECRET}", f"update {number}", f"claim {number}",
                     f"severity ESC-{number} 1 x"):  # fmt: skip
            before = len(desk.answers(who))
            await desk.command(who, line)
            shown = "".join(m.text + str(m.blocks) for m in desk.answers(who)[before:])
            assert SECRET not in shown, line
            assert desk.here.people.views(who) == [], line
        await desk.here.people.open_home(who)
        await desk.here.settle()
        assert SECRET not in desk.everything_seen(who)
        await desk.command(who, "")
        offered = await desk.here.people.suggest(who, "customer", SECRET, view_id=desk.form(who).id)
        assert all(o["value"] == f"new:{SECRET}" for o in offered)
        await desk.close_forms(who)


async def test_a_case_that_does_not_exist_is_refused_in_the_same_words(http_desk: Office) -> None:
    desk = http_desk
    number = await desk.looked_at_made(secret_case)
    said = []
    for asked in (number, 999_999):
        await desk.command(DAN, f"show {asked}")
        said.append(desk.answers(DAN)[-1].text.replace(str(asked), "N"))
    assert said[0] == said[1]


async def test_outside_its_channel_a_sensitive_case_has_no_name(http_desk: Office) -> None:
    desk = http_desk
    number = await desk.looked_at_made(secret_case)
    outside = [
        m.text + json.dumps(m.blocks, ensure_ascii=False) + json.dumps(m.extra)
        for c in desk.ws.channels.values()
        if not (c.is_private and c.name.startswith("esc-"))
        for m in c.messages.values()
    ]
    about = [text for text in outside if f"ESC-{number}" in text]
    assert about  # people were told of it
    assert [text for text in outside if SECRET in text or "sues" in text] == []
    assert all("zephyr" not in c.name for c in desk.ws.channels.values())


@pytest.mark.parametrize("verb", ["update", "claim", "severity", "show", "timeline", "hold"])
async def test_forged_requests_learn_nothing_of_a_sensitive_case(
    http_desk: Office, verb: str
) -> None:
    desk = http_desk
    number = await desk.looked_at_made(secret_case)
    done = await desk.done(number)
    for action in (f"do:{verb}", f"ask:{verb}", f"show:{verb}"):
        await forged.press(desk, DAN, action, {"case": number, "severity": 1, "reason": "x"})
        await desk.close_forms(DAN)
    assert await desk.done(number) == done
    assert SECRET not in desk.everything_seen(DAN)


async def test_lists_and_counts_leave_it_out(http_desk: Office) -> None:
    reading = http_desk.here.services.reading
    await http_desk.looked_at_made(secret_case)
    assert all(not c.sensitive for c in await reading.cases(DAN, CaseFilter(), 100))
    assert all(not c.sensitive for c in (await reading.home(DAN)).breaching)
    for who in (SOFIA, RICHARD, DAN):
        assert SECRET not in str(digest_message(await reading.digest(who), Language.ENGLISH))
