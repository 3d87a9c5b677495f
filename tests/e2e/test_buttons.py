"""Every button and menu entry that a message of ours can have, pressed through the real app.

Messages are rendered from a stored case and shown to somebody, who then presses everything in
them: what only opens or shows something first, then each thing that acts, on a case of its own.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

import messages
from bot.registry import INTENTS
from bot.rules.facts import CaseFacts, CasePageFacts, DigestFacts, ReminderFacts
from bot.rules.words import ClockKind, Language
from handlers.commands import TABLE
from handlers.slack.answers import SHOWN
from messages.cases.answers import list_answer, show_answer, timeline_answer
from messages.cases.digest import digest_message
from messages.cases.notice_table import NOTICES
from messages.cases.notices import notice_message
from messages.cases.reminders import PRESSES, reminder_message
from messages.forms import FORMS
from messages.kit.blocks import Message as Words
from sandbox.state import Message
from tests.e2e.effects import (
    BUGS,
    COMPOSING,
    DRIFT,
    DUTY,
    EFFECTS,
    ISSUES,
    LIBRARY,
    MANY,
    NO_CHANNEL,
    OUTSIDE,
    REVIEWS,
    SHARED,
    TICKETS,
    TRIAGE,
    all_named,
)
from tests.e2e.office import (
    ELENI,
    HOUR,
    KATE,
    MAYA,
    NIKOS,
    SOFIA,
    TOMAS,
    Office,
    Press,
    found,
    interactions,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")
EN = Language.ENGLISH
Render = Callable[[CaseFacts], Words]


@dataclass(frozen=True)
class Place:
    """A message: of a case at which stage, shown to whom. ``render`` None is the pinned card."""

    stage: str
    who: str
    render: Render | None = None
    in_channel: bool = False


def _notice(stage: str, who: str, name: str, **extra: Any) -> Place:
    def render(case: CaseFacts) -> Words:
        ids = {
            "handover": lambda: case.handovers[0].id,
            "action": lambda: case.actions[0].id,
            "ask": lambda: case.asks[0].id,
            "message": lambda: case.sent[0].id,
        }
        given = {k: ids[k]() if v is ... else v for k, v in extra.items()}
        return notice_message(name, case, EN, **given)

    return Place(stage, who, render)


def _reminder(stage: str, who: str, kind: ClockKind, threshold: str) -> Place:
    def render(case: CaseFacts) -> Words:
        ids = {
            ClockKind.HANDOFF: lambda: f"handoff:{case.handovers[0].id}",
        }
        name = ids[kind]() if kind in ids else kind.value
        about = ReminderFacts(clock=name, cycle=1, threshold=threshold, due=case.now + HOUR)
        return reminder_message(case, about, EN)

    return Place(stage, who, render)


CARD_STAGES = (
    "new", "acknowledged", "investigating", "held", "mitigated", "proposed", "resolved", "review",
    "reviewed", "closed", "acting", "awaiting",
)  # fmt: skip
CARDS = {f"the card of a case that is {stage}": Place(stage, ELENI) for stage in CARD_STAGES}
BY, LEAD, MANAGER = {"by": ELENI}, {"role": "technical_lead"}, {"role": "escalation_manager"}
NOTED = {
    "opened": _notice("new", ELENI, "opened", notice="page", **MANAGER),
    "paged": _notice(
        "new",
        ELENI,
        "paged",
        silent=NIKOS,
        since="2027-02-08T07:00:00+00:00",
        why="",
        turn="lead",
        notice="page",
        **MANAGER,
    ),
    "paged_elsewhere": _notice("new", ELENI, "paged_elsewhere", pager="opsgenie", agent="K"),
    "nobody_left": _notice("new", ELENI, "nobody_left", silent=[NIKOS], declined=[]),
    "opened_reporter": _notice("new", MAYA, "opened_reporter"),
    "handover_offered": _notice(
        "offered", NIKOS, "handover_offered", handover=..., offered_by=TOMAS, summary="x", **LEAD
    ),
    "handover_refused": _notice(
        "investigating",
        TOMAS,
        "handover_refused",
        user=NIKOS,
        offered_by=TOMAS,
        reason="x",
        **LEAD,
    ),
    "claimed": _notice("acknowledged", MAYA, "claimed", user=ELENI),
    "role_given": _notice("investigating", ELENI, "role_given", user=ELENI, **MANAGER),
    "handover_accepted": _notice(
        "investigating", ELENI, "handover_accepted", user=ELENI, offered_by=NIKOS, **MANAGER
    ),
    "held": _notice(
        "held", MAYA, "held", reason="waiting_third_party", until="2027-02-12T07:00:00+00:00"
    ),
    "closed": _notice("closed", ELENI, "closed"),
    "dismissed": _notice("dismissed", ELENI, "dismissed", reason="x", **BY),
    "resolution_doubted": _notice(
        "investigating", ELENI, "resolution_doubted", party="technical_lead", by=TOMAS, remark="x"
    ),
    "draft_voided": _notice("investigating", MAYA, "draft_voided", draft=9, kind="update", **BY),
    "message_withheld": _notice(
        "investigating", MAYA, "message_withheld", kind="update", text="We found the cause.", **BY
    ),
    "letter_dropped": _notice("investigating", TOMAS, "letter_dropped", text="It works.", **BY),
    "withdrawn": _notice(
        "investigating", ELENI, "withdrawn", what="resolution", reason="x", told=True, **BY
    ),
    "resolution_waits": _notice("awaiting", ELENI, "resolution_waits", untold=True),
    "letter_waits": _notice("awaiting", ELENI, "letter_waits", user=TOMAS),
    "letter_free": _notice("awaiting", ELENI, "letter_free"),
    "sent_with_faults": _notice("investigating", ELENI, "sent_with_faults", message=...),
    "severity_changed": _notice(
        "investigating", MAYA, "severity_changed", before=1, reason="x", **BY
    ),
    "customer_replied": _notice(
        "investigating", MAYA, "customer_replied", summary="x", at="2027-02-08T07:00:00+00:00"
    ),
    "hold_ended": _notice("investigating", ELENI, "hold_ended", reason="waiting_customer"),
    "confirmation_asked": _notice("proposed", TOMAS, "confirmation_asked", party="technical_lead"),
    "resolved": _notice("resolved", MAYA, "resolved"),
    "reopened": _notice("investigating", MAYA, "reopened", reason="x", **BY),
    "review": _notice("resolved", ELENI, "review"),
    "executive_flag": _notice(
        "investigating", ELENI, "executive_flag", trigger="legal", reason="x", **BY
    ),
    "executive_alert": _notice("investigating", SOFIA, "executive_alert"),
    "ask_executive": _notice("asked", SOFIA, "ask_executive", ask=..., question="May we?", **BY),
    "check_in": _notice("investigating", TOMAS, "check_in"),
    "postmortem_invitation": _notice("resolved", MAYA, "postmortem_invitation"),
    "action_given": _notice("acting", TOMAS, "action_given", action=...),
    "action_due": _notice("acting", TOMAS, "action_due", action=...),
    "postmortem_saved": _notice("review", ELENI, "postmortem_saved"),
    "action_done": _notice("acting", ELENI, "action_done", action=..., evidence="x", **BY),
    "action_verified": _notice("acting", TOMAS, "action_verified", action=..., **BY),
    "action_returned": _notice("acting", TOMAS, "action_returned", action=..., remark="x", **BY),
    "action_dropped": _notice("acting", TOMAS, "action_dropped", action=..., reason="x", **BY),
    "action_reopened": _notice("acting", TOMAS, "action_reopened", action=..., **BY),
    "action_changed": _notice(
        "acting", TOMAS, "action_changed", action=..., was_due="2027-02-10", **BY
    ),
    "action_offered": _notice("acting", NIKOS, "action_offered", action=..., user=NIKOS, **BY),
    "action_passing": _notice("acting", TOMAS, "action_passing", action=..., user=NIKOS, **BY),
    "action_declined": _notice(
        "acting", TOMAS, "action_declined", action=..., user=NIKOS, reason="x"
    ),
    "action_bug": _notice(
        "acting",
        TOMAS,
        "action_bug",
        action=...,
        news="fixed",
        bug="PAY-77",
        there="Done",
        url="https://jira.example/browse/PAY-77",
        answer_there="Done",
    ),
    "owner_missing": _notice("new", ELENI, "owner_missing"),
    "mail_failed": _notice(
        "investigating", MAYA, "mail_failed", topic="update", recipient="x", reason="x"
    ),
    "ticket_failed": _notice(
        "investigating", MAYA, "ticket_failed", topic="update", desk="zendesk", reason="x", text="x"
    ),
    "colleague_replied": _notice(
        "investigating",
        MAYA,
        "colleague_replied",
        desk="zendesk",
        at="2027-02-08T07:00:00+00:00",
        summary="x",
        url="https://northwind.zendesk.com/agent/tickets/5",
        reply=1,
    ),
    "customer_answered": _notice(
        "investigating", ELENI, "customer_answered", page="pulse", score=1, low=True
    ),
    "broadcast_withheld": _notice(
        "investigating", ELENI, "broadcast_withheld", problem=1, text="x"
    ),
    "unreached": _notice(
        "investigating",
        ELENI,
        "unreached",
        unreached=[
            {"role": "technical_lead", "who": "U0GONE", "reason": "deactivated", "heir": TOMAS}
        ],
    ),
    "contested": _notice("investigating", ELENI, "contested", contest=1, text="x", **BY),
    "contest_waits": _notice(
        "investigating",
        ELENI,
        "contest_waits",
        contest=1,
        text="x",
        at="2027-02-08T07:00:00+00:00",
        **BY,
    ),
    "decided": _notice(
        "investigating",
        ELENI,
        "decided",
        decision=1,
        text="x",
        options="",
        reason="x",
        until="",
        **BY,
    ),
    "decision_judged": _notice(
        "investigating",
        ELENI,
        "decision_judged",
        decision=1,
        text="x",
        result="worked",
        lesson="",
        **BY,
    ),
    "moved": _notice("investigating", ELENI, "moved", what="archived"),
    "channel_made": _notice("investigating", ELENI, "channel_made"),
    "record_lost": _notice("investigating", ELENI, "record_lost"),
    "report_taken": _notice("new", MAYA, "report_taken", count=2),
    "report_resolved": _notice("resolved", MAYA, "report_resolved"),
    "threat_heard": _notice(
        "investigating", ELENI, "threat_heard", threats=["threat"], summary="x"
    ),
    "unmerged": _notice("new", ELENI, "unmerged", duplicate="ESC-9", by=ELENI),
    "merge_other": _notice("new", ELENI, "merge_other", duplicate="ESC-9"),
    "mail_after_end": _notice(
        "resolved", ELENI, "mail_after_end", summary="x", at="2027-02-08T07:00:00+00:00"
    ),
}
# Notices about what this office has not: a second person, a mail server, pages for customers.
# By the file where each is sent by the app itself and its buttons are pressed.
MONEY = "e2e/test_concessions.py"
EXECUTIVES = "e2e/test_executives.py"
MEETINGS = "e2e/test_meetings.py"
OUTREACH = "e2e/test_outreach.py"
DECISIONS = "e2e/test_decisions.py"
SPONSORSHIP = "e2e/test_sponsorship.py"
SAME_THING = "e2e/test_same_thing.py"
CORRECTING = "e2e/test_correcting.py"
REMINDERS_OF_EXECUTIVES = "e2e/test_executive_reminders.py"
REMINDING = (
    "flag_unheard", "executive_call_soon", "executive_call_late", "contact_due", "commitment_late",
    "ask_waits", "ask_unanswered", "breach_call_soon", "breach_call_late",
)  # fmt: skip
NOTED_ELSEWHERE = {
    "approval_asked": COMPOSING,
    "draft_answered": COMPOSING,
    "mail_quarantined": OUTSIDE,
    "status_page": OUTSIDE,
    "breach_brief": OUTSIDE,
    "drift": DRIFT,
    "drift_left": DRIFT,
    "no_channel": NO_CHANNEL,
    "ticket_linked": TICKETS,
    "ticket_unreadable": TICKETS,
    "bug_linked": BUGS,
    "bug_news": BUGS,
    "case_edited": CORRECTING,
    "edit_clash": CORRECTING,
    "merged": SAME_THING,
    "decision_outcome": DECISIONS,
    **dict.fromkeys(("worked_then", "solution_tried"), "e2e/test_similar.py"),
    **dict.fromkeys(
        (
            "at_risk_found",
            "outreach_asked",
            "outreach_sent",
            "outreach_waits",
            "outreach_silent",
            "outreach_ended",
        ),
        OUTREACH,
    ),
    **dict.fromkeys(("role_card", "role_card_waits"), "e2e/test_readiness.py"),
    **dict.fromkeys(("long_turn", "long_turn_above"), "e2e/test_long_turns.py"),
    **dict.fromkeys(("drill_begun", "drill_reviewed", "drill_cancelled"), "e2e/test_drill.py"),
    **dict.fromkeys(
        (
            "focus_begun",
            "focus_set",
            "focus_check_in",
            "focus_silent",
            "focus_unheard",
            "focus_interrupted",
            "card_knows",
            "lead_asked",
        ),
        "bot/focus/test_focus.py",
    ),
    **dict.fromkeys(
        ("swarm_asked", "swarm_welcome", "swarm_nobody", "swarm_left"), "bot/focus/test_swarm.py"
    ),
    "meeting_planned": MEETINGS,
    "postmortem_declined": MEETINGS,
    "meeting_cancelled": MEETINGS,
    **dict.fromkeys(
        (
            "flag_asked",
            "flag_had",
            "flag_yours",
            "contact_logged",
            "contact_noted",
        ),
        EXECUTIVES,
    ),
    "legal_room_lost": "e2e/test_legal.py",
    "legal_room_stays": "e2e/test_legal.py",
    **dict.fromkeys(REMINDING, REMINDERS_OF_EXECUTIVES),
    **dict.fromkeys(
        (
            "concession_asked",
            "concession_waits",
            "concession_recorded",
            "concession_decided",
            "concession_ended",
            "concession_told",
            "concession_fulfilled",
            "concession_unfulfilled",
            "concession_expired",
            "concession_due",
            "concession_overdue",
        ),
        MONEY,
    ),
    **dict.fromkeys(
        (
            "technical_declined",
            "technical_paged",
            "told_instead",
            "unseen",
            "account_gap",
            "component_set",
        ),
        "e2e/test_stakeholders.py",
    ),
    "slack_failed": SHARED,
    "colleague_wrote": SHARED,
    "merged_in": SAME_THING,
}
PRESSED_ELSEWHERE = {
    **dict.fromkeys(("ask:record_outcome", "ask:correct_outcome"), "e2e/test_outcomes.py"),
    **dict.fromkeys(
        ("show:access_review", "show:access_file", "do:sign_access_review"),
        "e2e/test_access_review.py",
    ),
    **dict.fromkeys(
        (
            "show:quarterly_review", "show:quarterly_file", "do:answer_quarterly_review",
            "ask:write_quarterly_review", "ask:decide_quarter", "ask:end_quarter_decision",
            "do:verify_quarter_decision", "ask:verify_quarter_decision",
        ),
        "e2e/test_quarterly.py",
    ),
    **dict.fromkeys(
        ("ask:plan_postmortem", "ask:cancel_postmortem", "do:answer_postmortem"), MEETINGS
    ),
    **dict.fromkeys(("do:judge_decision", "ask:judge_decision"), DECISIONS),
    **dict.fromkeys(
        (
            "do:verify_action", "ask:verify_action", "ask:drop_action", "do:reopen_action",
            "ask:edit_action", "ask:reassign_action", "do:answer_action_offer",
            "ask:answer_action_offer",
        ),
        "e2e/test_action_items.py",
    ),
    **dict.fromkeys(
        (
            "ask:focus", "do:end_focus", "ask:interrupt_focus", "ask:ask_lead",
            "ask:answer_question", "ask:report_finding",
        ),
        "e2e/test_focus.py",
    ),
    **dict.fromkeys(("ask:start_drill", "do:end_drill", "do:cancel_drill"), "e2e/test_drill.py"),
    **dict.fromkeys(("ask:swarm", "do:answer_swarm", "do:leave_swarm"), "e2e/test_swarm.py"),
    "do:catch_up": "e2e/test_brief.py",
    **dict.fromkeys(
        ("do:understood", "do:choose_tips", "show:readiness", "show:role_card"),
        "e2e/test_readiness.py",
    ),
    **dict.fromkeys(("show:figures", "show:figures_files"), "e2e/test_figures.py"),
    "show:causes": "e2e/test_causes.py",
    **dict.fromkeys(("show:map", "show:map_files"), "e2e/test_map.py"),
    **dict.fromkeys(("do:try_solution", "do:drop_solution"), "e2e/test_similar.py"),
    **dict.fromkeys(
        ("show:outreach", "ask:tell_csms", "ask:end_outreach", "do:told_customer",
         "ask:spare_customer", "do:reopen_telling"),
        OUTREACH,
    ),
    **dict.fromkeys(
        ("do:apply_playbook", "do:drop_playbook", "do:tick_step", "do:untick_step"),
        "e2e/test_playbooks.py",
    ),
    **dict.fromkeys(
        (
            "ask:edit_sponsorship_text", "do:sign_sponsorship", "do:nominate_sponsorship",
            "ask:nominate_sponsorship", "do:answer_sponsorship", "ask:answer_sponsorship",
            "do:read_sponsor_brief", "ask:pass_sponsorship", "ask:log_touch",
            "ask:keep_sponsorship", "ask:end_sponsorship", "show:programme", "show:sponsor_brief",
            "do:send_brief",
        ),
        SPONSORSHIP,
    ),
    **dict.fromkeys(
        ("do:call_to_calendar", "do:touch_to_calendar"), "e2e/test_calendar_entries.py"
    ),
    "ask:end_legal_hold": "e2e/test_legal.py",
    "do:open_legal_room": "e2e/test_legal.py",
    "do:unmerge": SAME_THING,
    **dict.fromkeys(
        (
            "ask:request_concession", "do:answer_concession", "ask:answer_concession",
            "ask:withdraw_concession", "ask:void_concession", "ask:promise_concession",
            "ask:fulfil_concession", "ask:unfulfil_concession",
        ),
        MONEY,
    ),
    **dict.fromkeys(
        ("do:have_flag", "ask:log_contact", "ask:commit", "show:contacts"), EXECUTIVES
    ),
    "do:back": DUTY,
    "do:test_page": "e2e/test_page_trial.py",
    **dict.fromkeys(("do:choose_setup", "do:test_mail", "show:setup"), "e2e/test_setup.py"),
    "ask:hand_over_shift": DUTY,
    "do:accept_offers": DUTY,
    "do:settle_shift": DUTY,
    "ask:decline_page": "e2e/test_night.py",
    **dict.fromkeys(
        ("do:have_page", "do:seen_case", "ask:name_stakeholder", "ask:set_component"),
        "e2e/test_stakeholders.py",
    ),
    "ask:away": DUTY,
    "show:duty_days": DUTY,
    "ask:connect": SHARED,
    "do:disconnect": SHARED,
    "show:connections": SHARED,
    **dict.fromkeys(
        (
            "do:add_candidate", "ask:add_candidate", "ask:log_candidate", "ask:dismiss_candidate",
            "do:undo_decision", "show:candidate", "show:triage", "ask:log_call",
        ),
        TRIAGE,
    ),
    "do:answer_draft": COMPOSING,
    "ask:answer_draft": COMPOSING,
    "ask:propose_template": LIBRARY,
    "ask:withdraw_template": LIBRARY,
    "do:answer_template": LIBRARY,
    "show:template": "e2e/test_commands.py",
    "ask:answer_template": OUTSIDE,
    "do:release_mail": OUTSIDE,
    "do:make_contact": OUTSIDE,
    "do:admit_mail": "mail/test_intake.py",
    "ask:admit_mail": "mail/test_intake.py",
    "do:discard_mail": "mail/test_intake.py",
    "do:share_form": "mail/test_request_form.py",
    "do:revoke_form": "mail/test_request_form.py",
    "do:drop_mail": OUTSIDE,
    "show:mail": "mail/test_odd_mail.py",
    "do:share_status": OUTSIDE,
    "do:revoke_status": OUTSIDE,
    "ask:breach_talk": OUTSIDE,
    "do:mend": DRIFT,
    "do:unlink_ticket": TICKETS,
    "ask:link_ticket": TICKETS,
    "do:unlink_bug": BUGS,
    "ask:link_bug": BUGS,
    **dict.fromkeys(
        (
            "show:affected", "show:broadcast", "show:points", "ask:open_problem", "do:link_case",
            "do:unlink_case", "ask:link_case", "ask:edit_problem", "ask:resolve_problem",
            "ask:add_affected", "ask:add_affected_lines", "ask:remove_affected",
            "ask:propose_broadcast", "do:answer_broadcast", "ask:answer_broadcast",
            "do:send_broadcast", "do:retry_receipts", "ask:sent_by_hand", "ask:propose_points",
            "do:answer_points", "ask:answer_points", "ask:withdraw_points", "do:read_points",
        ),
        MANY,
    ),
    **dict.fromkeys(
        ("show:reviews", "ask:add_review", "do:take_review", "ask:record_review_reply"), REVIEWS
    ),
    **dict.fromkeys(
        (
            "show:issues", "show:issue", "ask:add_issue", "ask:edit_issue", "ask:add_waiter",
            "ask:remove_waiter", "ask:ship_issue", "ask:slip_issue", "ask:drop_issue",
            "do:undo_issue", "do:issue_to_problem",
        ),
        ISSUES,
    ),
}  # fmt: skip
STAGE_OF_CLOCK: Mapping[ClockKind, tuple[str, str]] = {
    ClockKind.ACKNOWLEDGE: ("new", ELENI),
    ClockKind.FIRST_RESPONSE: ("acknowledged", ELENI),
    ClockKind.CHECK_IN: ("investigating", TOMAS),
    ClockKind.HANDOFF: ("offered", NIKOS),
    ClockKind.CUSTOMER_CONFIRMATION: ("resolved", ELENI),
    ClockKind.POSTMORTEM_HELD: ("review", ELENI),
}


def _setting(kind: ClockKind, threshold: str) -> tuple[str, str]:
    """At which stage a clock reminds, and whom; the ladder leads to those who manage."""
    stage, who = STAGE_OF_CLOCK.get(kind, ("investigating", ELENI))
    return stage, ELENI if threshold.startswith("ladder") else who


REMINDED = {
    f"the {threshold} of {kind.value}": _reminder(*_setting(kind, threshold), kind, threshold)
    for kind in PRESSES
    for threshold in ("warn:75", "breach", "ladder:15")
}


def _digest(case: CaseFacts) -> Words:
    return digest_message(DigestFacts(SOFIA, case.now.date(), asks=case.asks), EN)


ANSWERS = {
    "the digest": Place("asked", SOFIA, _digest),
    "a list": Place(
        "investigating", MAYA, lambda case: list_answer(CasePageFacts((case,), 1), "list.mine", EN)
    ),
    "an empty list": Place("new", MAYA, lambda case: list_answer(CasePageFacts(), "list.mine", EN)),
    "the case shown": Place("investigating", ELENI, lambda case: show_answer(case, EN)),
    "a page of the record": Place(
        "investigating", MAYA, lambda case: timeline_answer(case, [], 2, 3, EN)
    ),
}
PLACES = CARDS | NOTED | REMINDED | ANSWERS
NO_CASE = frozenset({"open_case"})
GENERAL = frozenset(
    {
        "help",
        "list",
        "digest",
        "points",
        "issues",
        "reviews",
        "templates",
        "concessions",
        "outcomes",
        "sponsor",
        "programme",
        "sponsor_brief",
    }
)  # of no one case
IDS = frozenset({"case", "handover", "ask", "action", "clock", "cycle"})


async def test_every_notice_with_a_button_is_here() -> None:
    assert {name for name, spec in NOTICES.items() if spec.presses} == {
        *NOTED,
        *NOTED_ELSEWHERE,
    }
    assert all_named({f'"{name}"': REMINDERS_OF_EXECUTIVES for name in REMINDING})


async def shown(desk: Office, place: Place, *, fresh: bool) -> tuple[int, Message]:
    """The message, in front of whom it is for."""
    number = await (desk.stage if fresh else desk.looked_at)(place.stage)
    if place.render is None:
        return number, desk.card(number)
    words = place.render(await desk.case(number))
    return number, await desk.post(place.who, words)


def meaning(place: Place, press: Press) -> tuple[str, ...]:
    """What a press stands for: who, at which stage, what, with which values but for the case."""
    rest = {k: v for k, v in press.given.items() if k not in IDS}
    return place.stage, place.who, press.interaction, json.dumps(rest, sort_keys=True)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pressed(desk: Office) -> set[tuple[str, ...]]:
    """What was pressed already by this way: the same request is not made twice."""
    assert desk
    return set()


@pytest.mark.parametrize("name", PLACES)
async def test_whatever_can_be_pressed_does_what_it_says(
    desk: Office, pressed: set[tuple[str, ...]], name: str
) -> None:
    place = PLACES[name]
    number, message = await shown(desk, place, fresh=False)
    acts = []
    for at, press in enumerate(interactions(message.blocks or [])):
        meant = meaning(place, press)
        kind, _, verb = press.interaction.partition(":")
        if meant in pressed:
            continue
        pressed.add(meant)
        if press.interaction in PRESSED_ELSEWHERE:
            continue
        if kind == "do":
            acts.append((at, verb))
        elif kind == "ask":
            await desk.press_exactly(place.who, message, press.action_id, press.value)
            form = desk.form(place.who)
            assert form.callback_id == verb, (press, desk.answers(place.who)[-1:])
            hidden = json.loads(form.private_metadata)
            assert verb in NO_CASE or hidden["case"] == number
            await desk.close_forms(place.who)
        elif kind == "show":
            before = len(desk.answers(place.who))
            await desk.press_exactly(place.who, message, press.action_id, press.value)
            told = desk.answers(place.who)[before:] or desk.dms(place.who)[-1:]
            assert f"ESC-{number}" in told[-1].text or verb in GENERAL
    for at, verb in acts:
        asked = place.stage in ("proposed", "awaiting")
        who = TOMAS if verb == "confirm" and asked else place.who
        if verb == "claim" and place.stage != "new":
            who = KATE  # takes it over from the manager who has it
        number, message = await shown(desk, replace(place, who=who), fresh=True)
        press = list(interactions(message.blocks or []))[at]
        await desk.press_exactly(who, message, press.action_id, press.value)
        assert (who, verb) in await desk.done(number), desk.answers(who)[-1:]
        assert EFFECTS[verb](await desk.case(number))
        assert await desk.card_is_true(number)


WRITTEN = re.compile(r'"((?:do|ask|show):[a-z_]+)(?:#\d+)?"|f"((?:do|ask|show):[a-z_]+)#')


def written() -> set[str]:
    """Every interaction that stands in the source of messages/."""
    found = set()
    for path in Path(messages.__path__[0]).rglob("*.py"):
        for match in WRITTEN.finditer(path.read_text(encoding="utf-8")):
            found.add(match[1] or match[2])
    return found


async def test_every_interaction_that_messages_know_is_pressed(socket_desk: Office) -> None:
    desk, pressed = socket_desk, set()
    for place in PLACES.values():
        _, message = await shown(desk, place, fresh=False)
        pressed |= {press.interaction for press in interactions(message.blocks or [])}
    await desk.here.people.open_home(MAYA)
    home = await desk.here.people.until(lambda: desk.here.people.home(MAYA))
    pressed |= {press.interaction for press in interactions(home.blocks)} | {"show:picture"}
    assert written() <= pressed | set(PRESSED_ELSEWHERE)
    assert all_named({f'"{press}"': path for press, path in PRESSED_ELSEWHERE.items()})
    pressed |= set(PRESSED_ELSEWHERE)
    done_by = {interaction.partition(":")[2] for interaction in pressed}
    assert {row.leads_to.partition(":")[2] for row in TABLE} <= done_by
    known = {"do": set(INTENTS), "ask": set(FORMS), "show": set(SHOWN)}
    assert all(verb in known[kind] for kind, _, verb in (i.partition(":") for i in pressed))


async def test_everything_on_the_home_tab_does_what_it_says(desk: Office) -> None:
    number = await desk.stage("asked")
    await desk.here.people.open_home(SOFIA)
    home = await desk.here.people.until(lambda: desk.here.people.home(SOFIA))
    for press in interactions(home.blocks):
        kind, _, verb = press.interaction.partition(":")
        if kind == "do":
            continue
        before = len(desk.dms(SOFIA))
        await desk.here.people.click(SOFIA, view_id=home.id, action_id=press.action_id)
        await desk.here.settle()
        if kind == "ask":
            assert desk.form(SOFIA).callback_id == verb
            await desk.close_forms(SOFIA)
        else:  # nothing is private on a Home tab: the answer comes as a message
            assert len(desk.dms(SOFIA)) == before + 1
    approve, _ = found(home.blocks, "do:answer_ask", number)
    await desk.here.people.click(SOFIA, view_id=home.id, action_id=approve["action_id"])
    await desk.here.settle()
    assert (await desk.case(number)).asks[0].answer == "approve"


async def test_a_clock_is_explained_and_shown_as_a_picture(desk: Office) -> None:
    number = await desk.looked_at("investigating")
    await desk.command(MAYA, "why next_update", desk.channel(number).id)
    before = len(desk.ws.files)
    await desk.press(MAYA, desk.answers(MAYA)[-1], "show:picture")
    assert len(desk.ws.files) == before + 1
