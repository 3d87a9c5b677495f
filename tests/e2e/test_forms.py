"""Every form: opened, filled in and sent by both transports, and answered at the field."""

from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.rules.words import MessageKind, Role, Severity
from messages.forms import FORMS
from tests.e2e.effects import (
    BUGS,
    COMPOSING,
    DECIDING,
    DUTY,
    EFFECTS,
    ISSUES,
    LIBRARY,
    MANY,
    OUTSIDE,
    REVIEWS,
    SAME,
    SHARED,
    TICKETS,
    TRIAGE,
    all_named,
)
from tests.e2e.office import (
    ELENI,
    HOUR,
    MAYA,
    NIKOS,
    PRIYA,
    SOFIA,
    STAKE,
    SUPPORT,
    TOMAS,
    Office,
)
from tests.postmortems import REVIEWED

pytestmark = pytest.mark.asyncio(loop_scope="module")

DUE = "2027-02-20"
MISTAKEN = "2027-01-20"
# Words without a hint: who did what, and when the customer hears of it next.
UPDATE = "Κύριε Ράπτη, βρήκαμε την αιτία στις 09:20. Θα σας γράψω ξανά στις 13:00."
DONE = "Κύριε Ράπτη, ανανεώσαμε το πιστοποιητικό στις 09:20 και μπορείτε να τιμολογείτε."
# Forms that need a mail server, or somebody who approves words.
ELSEWHERE = {
    "away": DUTY,
    "hand_over_shift": DUTY,
    **dict.fromkeys(("set_urgency", "contest", "answer_contest"), "e2e/test_ranking.py"),
    **dict.fromkeys(("decide", "judge_decision"), "e2e/test_decisions.py"),
    **dict.fromkeys(("tell_csms", "spare_customer", "end_outreach"), "e2e/test_outreach.py"),
    **dict.fromkeys(
        ("verify_action", "drop_action", "edit_action", "reassign_action", "answer_action_offer"),
        "e2e/test_action_items.py",
    ),
    "decline_page": "e2e/test_night.py",
    **dict.fromkeys(
        ("ask_lead", "answer_question", "focus", "report_finding", "interrupt_focus"),
        "e2e/test_focus.py",
    ),
    "swarm": "e2e/test_swarm.py",
    "start_drill": "e2e/test_drill.py",
    **dict.fromkeys(("name_stakeholder", "set_component"), "e2e/test_stakeholders.py"),
    **dict.fromkeys(("connect", "disconnect"), SHARED),
    **dict.fromkeys(("add_review", "record_review_reply"), REVIEWS),
    **dict.fromkeys(
        ("add_issue", "edit_issue", "add_waiter", "remove_waiter", "slip_issue", "drop_issue",
         "ship_issue"),
        ISSUES,
    ),
    "admit_mail": "mail/test_intake.py",
    **dict.fromkeys(("begin_legal_hold", "end_legal_hold"), "e2e/test_legal.py"),
    "edit_case": "e2e/test_correcting.py",
    "choose_language": "e2e/test_own_language.py",
    "propose_template": LIBRARY,
    "withdraw_template": LIBRARY,
    "answer_template": OUTSIDE,
    "answer_draft": COMPOSING,
    "breach_talk": OUTSIDE,
    "link_ticket": TICKETS,
    "link_bug": BUGS,
    **dict.fromkeys(
        (
            "request_concession", "answer_concession", "withdraw_concession", "void_concession",
            "promise_concession", "fulfil_concession", "unfulfil_concession",
        ),
        "e2e/test_concessions.py",
    ),
    **dict.fromkeys(("record_outcome", "correct_outcome"), "e2e/test_outcomes.py"),
    **dict.fromkeys(
        ("write_quarterly_review", "decide_quarter", "end_quarter_decision",
         "verify_quarter_decision"),
        "e2e/test_quarterly.py",
    ),
    **dict.fromkeys(("log_contact", "commit"), "e2e/test_executives.py"),
    **dict.fromkeys(("plan_postmortem", "cancel_postmortem"), "e2e/test_meetings.py"),
    **dict.fromkeys(
        (
            "edit_sponsorship_text", "nominate_sponsorship", "answer_sponsorship",
            "pass_sponsorship", "log_touch", "keep_sponsorship", "end_sponsorship",
        ),
        "e2e/test_sponsorship.py",
    ),
    "merge": SAME,
    **dict.fromkeys(DECIDING, TRIAGE),
    **dict.fromkeys(
        (
            "open_problem", "link_case", "edit_problem", "resolve_problem", "add_affected",
            "add_affected_lines", "remove_affected", "propose_broadcast", "answer_broadcast",
            "sent_by_hand", "propose_points", "answer_points", "withdraw_points",
        ),
        MANY,
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Filled:
    """A form filled in well: at which stage, by whom, how it was opened, with what."""

    stage: str
    who: str
    opened: str
    values: dict[str, Any] = field(default_factory=dict)


FILLED = {
    "assign": Filled("investigating", ELENI, "assign", {"role": "technical_lead", "user": NIKOS}),
    "hand_over": Filled(
        "investigating",
        TOMAS,
        "handover",
        {"role": "technical_lead", "user": NIKOS, "summary": "It is in the ticket"},
    ),
    "withdraw": Filled("offered", TOMAS, "withdraw", {"reason": "They are away"}),
    "answer_handover": Filled(
        "offered", NIKOS, "dm:ask:answer_handover", {"reason": "My shift ends now"}
    ),
    "executive_flag": Filled(
        "investigating", PRIYA, "flag", {"trigger": "threat_to_cancel", "reason": "Exit terms"}
    ),
    "ask_executive": Filled(
        "investigating", ELENI, "ask", {"user": SOFIA, "question": "May we call them?"}
    ),
    "answer_ask": Filled("asked", SOFIA, "digest:ask:answer_ask", {"approve": "true"}),
    "update": Filled("investigating", MAYA, "update", {"text": UPDATE}),
    "customer_replied": Filled("investigating", MAYA, "replied", {"summary": "They called"}),
    "resolve": Filled("investigating", ELENI, "resolve", {"note": "Renewed", "text": DONE}),
    "status": Filled(
        "investigating", TOMAS, "status:ask:status", {"standing": "blocked", "remark": "No access"}
    ),
    "confirm": Filled("resolved", MAYA, "confirm", {"comfortable": "true"}),
    "severity": Filled("investigating", ELENI, "severity", {"severity": "3", "reason": "Less"}),
    "hold": Filled("investigating", ELENI, "hold", {"reason": "waiting_customer"}),
    "close": Filled("reviewed", ELENI, "close", {"root_cause": "change", "no_action": "A one-off"}),
    "reopen": Filled("resolved", MAYA, "reopen", {"reason": "It fails again"}),
    "dismiss": Filled("new", ELENI, "dismiss", {"reason": "A question, answered"}),
    "postmortem_held": Filled("review", ELENI, "reviewed", dict(REVIEWED)),
    "action_item": Filled(
        "investigating",
        ELENI,
        "action",
        {"title": "Watch the queue", "type": "process", "owner": TOMAS, "due": DUE},
    ),
    "action_done": Filled("acting", TOMAS, "done", {"evidence": "The alarm rang"}),
}


async def opened(desk: Office, number: int, filled: Filled) -> None:
    """Open the form as people do: by a command in the case's channel, or a button."""
    place, _, button = filled.opened.partition(":")
    if place == "digest":
        await desk.command(filled.who, "digest")
        await desk.press(filled.who, desk.answers(filled.who)[-1], button, number)
    elif place == "status":
        await desk.command(filled.who, place, desk.channel(number).id)
        await desk.press(filled.who, desk.answers(filled.who)[-1], button)
    elif place == "dm":
        message = next(m for m in reversed(desk.dms(filled.who)) if button in str(m.blocks))
        await desk.press(filled.who, message, button)
    else:
        await desk.command(filled.who, filled.opened, desk.channel(number).id)


async def test_every_form_is_here() -> None:
    assert set(FILLED) | set(ELSEWHERE) | {"open_case", "picker"} == set(FORMS)
    assert all_named({f'"ask:{verb}"': path for verb, path in ELSEWHERE.items()})


@pytest.mark.parametrize("verb", FILLED)
async def test_a_form_does_what_it_says(desk: Office, verb: str) -> None:
    filled = FILLED[verb]
    number = await desk.stage(filled.stage)
    await opened(desk, number, filled)
    assert desk.form(filled.who).callback_id == verb
    assert await desk.fill(filled.who, **filled.values) == {}
    assert desk.here.people.views(filled.who) == []
    assert (filled.who, verb) in await desk.done(number)
    assert EFFECTS[verb](await desk.case(number))
    assert await desk.card_is_true(number)


async def test_escalating_makes_the_channel_and_tells_those_it_concerns(desk: Office) -> None:
    number = await desk.escalate(
        MAYA,
        customer="Aegean Ferries",
        trigger="too_slow",
        severity="1",
        ticket_url="https://tickets.example/5001",
        contact_name="Κατερίνα Δήμου",
        contact_email="k.dimou@aegean.example",
        language="el",
    )
    case, channel = await desk.case(number), desk.channel(number)
    assert channel.name == f"esc-{number}-aegean-ferries"
    assert not channel.is_private
    assert {MAYA, ELENI, TOMAS, PRIYA} <= set(channel.members)
    assert STAKE in str(desk.card(number).blocks)
    assert [b.link for b in channel.bookmarks.values()] == ["https://tickets.example/5001"]
    assert f"ESC-{number}" in channel.topic.value
    assert (case.contact_email, case.severity) == ("k.dimou@aegean.example", Severity.SEV1)
    assert channel.id in desk.dms(MAYA)[-1].text
    for who in (ELENI, TOMAS, PRIYA, SOFIA):
        assert f"ESC-{number}" in desk.dms(who)[-1].text
    assert await desk.card_is_true(number)


async def test_a_sensitive_case_is_born_private_and_without_a_name(desk: Office) -> None:
    number = await desk.escalate(MAYA, customer="Juniper Hotels", sensitive=["true"])
    channel = desk.channel(number)
    assert channel.is_private
    assert channel.name == f"esc-{number}"
    assert "Juniper" not in channel.topic.value + channel.purpose.value


async def test_the_helper_suggests_a_severity_and_fills_it_in(desk: Office) -> None:
    await desk.command(MAYA, "")
    form = desk.form(MAYA)
    await desk.here.people.click(
        MAYA, view_id=form.id, action_id="signs", value=["business_stopped"]
    )
    await desk.here.settle()
    assert "SEV1" in str(desk.form(MAYA).payload)
    offered = await desk.here.people.suggest(MAYA, "customer", "Blue", view_id=form.id)
    assert await desk.fill(MAYA, customer=offered[0]["value"], stake=STAKE) == {}
    desk.opened += 1
    assert (await desk.case(desk.opened)).severity is Severity.SEV1


async def test_another_kind_of_message_brings_its_approved_words(desk: Office) -> None:
    number = await desk.looked_at("investigating")
    await desk.command(MAYA, "update", desk.channel(number).id)
    form = desk.form(MAYA)
    words = initial(form.blocks)
    await desk.here.people.click(MAYA, view_id=form.id, action_id="kind", value="apology")
    await desk.here.settle()
    again = initial(desk.form(MAYA).blocks)
    assert words["text"] not in again.values()
    assert any(name.startswith("text") for name in again)
    await desk.close_forms(MAYA)


def initial(blocks: list[dict[str, Any]]) -> dict[str, Any]:
    """What the inputs of a view begin with, by block id."""
    inputs = [b for b in blocks if b["type"] == "input"]
    return {b["block_id"]: b["element"].get("initial_value") for b in inputs}


async def test_what_was_sent_is_kept_word_for_word(desk: Office) -> None:
    number = await desk.stage("investigating")
    said = "Line one & <two> *bold*\n\n  indented — «quoted»\nΘα σας γράψω ξανά αύριο."
    await desk.command(MAYA, "update", desk.channel(number).id)
    before = desk.ws.now()
    filled = {"text": said, "recipient": "Hanna Berg", "route": "chat"}
    assert await desk.fill(MAYA, **filled) == {}
    assert desk.form(MAYA).payload["submit"]["text"] == "Record anyway"  # nobody is greeted
    assert len((await desk.case(number)).sent) == 1
    assert await desk.fill(MAYA, **filled) == {}
    sent = (await desk.case(number)).sent[-1]
    assert (sent.text, sent.recipient, sent.route) == (said, "Hanna Berg", "chat")
    assert (sent.sent_by, sent.kind) == (MAYA, MessageKind.UPDATE)
    assert before <= sent.sent_at <= desk.ws.now()
    clock = (await desk.case(number)).clock("next_update")
    assert clock is not None
    assert clock.due == sent.next_update_at


async def test_a_message_can_be_escalated(desk: Office) -> None:
    told = await desk.here.people.say(NIKOS, SUPPORT, "They said: the <export> & import fail")
    await desk.here.people.message_shortcut(MAYA, "escalate_message", SUPPORT, told.ts)
    await desk.here.settle()
    offered = await desk.here.people.suggest(MAYA, "customer", "Blue", view_id=desk.form(MAYA).id)
    assert await desk.fill(MAYA, customer=offered[0]["value"], severity="3") == {}
    if desk.here.people.views(MAYA):  # the customer has cases of other tests already
        assert await desk.fill(MAYA, same_as="else") == {}
    desk.opened += 1
    case = await desk.case(desk.opened)
    assert case.stake == "They said: the <export> & import fail"
    assert told.ts.replace(".", "") in case.source_link


async def test_the_home_tab_and_the_global_shortcut_open_the_form_too(desk: Office) -> None:
    await desk.here.people.shortcut(MAYA, "escalate")
    await desk.here.settle()
    assert desk.form(MAYA).callback_id == "open_case"
    await desk.close_forms(MAYA)
    await desk.here.people.open_home(MAYA)
    home = await desk.here.people.until(lambda: desk.here.people.home(MAYA))
    await desk.here.people.click(MAYA, view_id=home.id, action_id="ask:open_case")
    await desk.here.settle()
    assert desk.form(MAYA).callback_id == "open_case"
    await desk.close_forms(MAYA)


async def test_refusing_a_handover_needs_a_reason(desk: Office) -> None:
    number = await desk.stage("offered")
    await opened(desk, number, FILLED["answer_handover"])
    assert "reason" in await desk.fill(NIKOS, reason="")
    assert (await desk.case(number)).handovers
    await desk.close_forms(NIKOS)


async def test_accepting_a_handover_changes_hands(desk: Office) -> None:
    number = await desk.stage("offered")
    message = next(m for m in reversed(desk.dms(NIKOS)) if "do:answer_handover" in str(m.blocks))
    await desk.press(NIKOS, message, "do:answer_handover")
    assert (await desk.case(number)).roles[Role.TECHNICAL_LEAD] == NIKOS


# -- bad input, at the field (it makes no difference which way it comes)

BAD: list[tuple[str, dict[str, Any], str]] = [
    ("severity", {"reason": " \u200b\n "}, "reason"),
    ("severity", {"reason": "\x00\x07"}, "reason"),
    ("update", {"next_update_at": 1_000_000_000}, "next_update_at"),
    ("update", {"text": "   "}, "text"),
    ("update", {"recipient": "\t"}, "recipient"),
    ("hold", {"until": 1_000_000_000, "reason": "waiting_customer"}, "until"),
    ("customer_replied", {"at": 2_000_000_000, "summary": "x"}, "at"),
    ("action_item", {"due": MISTAKEN, "title": "x", "type": "process"}, "due"),
    ("reopen", {"reason": "\u2800"}, "reason"),
    ("resolve", {"note": "\n\n", "text": "Done."}, "note"),
]


@pytest.mark.parametrize(("verb", "values", "where"), BAD)
async def test_a_mistake_is_answered_at_its_field(
    socket_desk: Office, verb: str, values: dict[str, Any], where: str
) -> None:
    desk, filled = socket_desk, FILLED[verb]
    number = await desk.looked_at(filled.stage)
    await opened(desk, number, filled)
    done = await desk.done(number)
    errors = await desk.fill(filled.who, **(filled.values | values))
    await desk.close_forms(filled.who)
    assert list(errors) == [where], errors
    assert errors[where].strip()
    assert await desk.done(number) == done


NEW_CASE: list[tuple[dict[str, Any], str]] = [
    ({"ticket_url": "javascript:alert(1)"}, "ticket_url"),
    ({"ticket_url": "https://"}, "ticket_url"),
    ({"ticket_url": "https://a b.example"}, "ticket_url"),
    ({"contact_email": "nobody"}, "contact_email"),
    ({"contact_email": "a@b@c.example"}, "contact_email"),
    ({"stake": "\u200b"}, "stake"),
    ({"contact_name": "n" * 201}, "contact_name"),
]


@pytest.mark.parametrize(("values", "where"), NEW_CASE)
async def test_a_case_is_not_opened_with_a_mistake(
    socket_desk: Office, values: dict[str, Any], where: str
) -> None:
    desk = socket_desk
    await desk.command(MAYA, "")
    view = desk.form(MAYA)
    offered = await desk.here.people.suggest(MAYA, "customer", "Blue", view_id=view.id)
    usual = {"customer": offered[0]["value"], "stake": STAKE, "severity": "2"}
    errors = await desk.fill(MAYA, **(usual | values))
    await desk.close_forms(MAYA)
    assert list(errors) == [where]


async def test_a_case_without_severity_and_signs_is_asked_for_it(socket_desk: Office) -> None:
    desk = socket_desk
    await desk.command(MAYA, "")
    view = desk.form(MAYA)
    offered = await desk.here.people.suggest(MAYA, "customer", "Blue", view_id=view.id)
    errors = await desk.fill(MAYA, customer=offered[0]["value"], stake=STAKE)
    await desk.close_forms(MAYA)
    assert list(errors) == ["severity"]


async def test_time_is_read_when_the_form_is_sent(socket_desk: Office) -> None:
    desk = socket_desk
    number = await desk.stage("investigating")
    await desk.command(MAYA, "update", desk.channel(number).id)
    soon = int((desk.ws.now() + HOUR / 2).timestamp())
    await desk.pass_time(HOUR)
    errors = await desk.fill(MAYA, text="Late", next_update_at=soon)
    assert list(errors) == ["next_update_at"]
    await desk.close_forms(MAYA)
