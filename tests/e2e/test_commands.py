"""Every subcommand of ``/escalate``, by Socket Mode and by signed HTTP, through the real app."""

from dataclasses import dataclass

import pytest

from bot.registry import INTENTS
from bot.rules.words import Severity
from handlers.commands import TABLE
from messages.forms import FORMS
from tests.e2e.effects import (
    BUGS,
    DRIFT,
    EFFECTS,
    MANY,
    OUTSIDE,
    SAME,
    SHARED,
    TICKETS,
    VERBS_ELSEWHERE,
    all_named,
)
from tests.e2e.office import ELENI, KATE, MAYA, PRIYA, SOFIA, STAKE, SUPPORT, TOMAS, Office

pytestmark = pytest.mark.asyncio(loop_scope="module")


@dataclass(frozen=True)
class Line:
    """A typed line: at which stage, by whom, and what must come of it.

    ``leads_to``: ``do:verb`` (carried out), ``ask:form`` (that form opens) or ``show`` with words
    of the private answer.
    """

    stage: str
    who: str
    text: str
    leads_to: str
    shown: str = ""


LINES = [
    Line("", MAYA, "", "ask:open_case"),
    Line("", MAYA, "open Nobody can pay", "ask:open_case", "Nobody can pay"),
    Line("", MAYA, "The payload is lost every night", "ask:open_case", "payload is lost"),
    Line("", MAYA, "help", "show", "/escalate reopen"),
    Line("", MAYA, "language", "ask:choose_language", "Ελληνικά"),
    Line("", MAYA, "list", "show", "ESC-1"),
    Line("", MAYA, "list mine", "show", "ESC-1"),
    Line("", MAYA, "list breaching", "show", "There are no cases"),
    Line("", MAYA, "list customer delphi", "show", "Delphi Energy"),
    Line("", MAYA, "review https://www.trustradius.com/reviews/x", "ask:add_review", "trustradius"),
    Line("", MAYA, "reviews", "show", "No public review is waiting"),
    Line("new", MAYA, "show", "show", STAKE),
    Line("new", ELENI, "claim", "do:claim"),
    Line("new", ELENI, "cannot I am on a train", "do:decline_page"),
    Line("new", ELENI, "cannot", "ask:decline_page"),
    Line("unnamed", ELENI, "name @nikos.pappas ae", "do:name_stakeholder"),
    Line("investigating", ELENI, "name", "ask:name_stakeholder"),
    Line("investigating", ELENI, "assign @nikos.pappas tech lead", "do:assign"),
    Line("investigating", ELENI, "assign @nikos.pappas", "ask:assign"),
    Line("investigating", TOMAS, "handover @nikos.pappas tl It is in the ticket", "do:hand_over"),
    Line("investigating", TOMAS, "handover", "ask:hand_over"),
    Line("investigating", ELENI, "severity 3 A workaround exists", "do:severity"),
    Line("investigating", ELENI, "severity", "ask:severity"),
    Line("investigating", MAYA, "edit", "ask:edit_case", STAKE),
    Line("investigating", MAYA, "urgency", "ask:set_urgency", "Growing by the hour"),
    Line("investigating", MAYA, "component", "ask:set_component", "names no components"),
    Line("investigating", MAYA, "contest", "ask:contest", "Priority"),
    Line("investigating", MAYA, "decide We roll back", "ask:decide", "We roll back"),
    Line("investigating", MAYA, "focus 90m", "show", "You don't have permission"),
    Line("investigating", TOMAS, "focus", "ask:focus"),
    Line("investigating", TOMAS, "unfocus", "show", "Nobody is in focus"),
    Line("investigating", MAYA, "question Is it the cache?", "ask:ask_lead", "Is it the cache?"),
    Line("investigating", ELENI, "interrupt Their CTO calls", "show", "σε συγκέντρωση"),
    Line("investigating", MAYA, "swarm Printing", "show", "It has: Certificates, Databases"),
    Line("investigating", MAYA, "unswarm", "show", "no helper"),
    Line("investigating", TOMAS, "finding", "ask:report_finding"),
    Line("investigating", MAYA, "decisions", "show", "ESC-"),
    Line("", ELENI, "readiness tech lead", "show", "γνωρίζουν τι ζητά ο ρόλος τους"),
    Line("", MAYA, "readiness", "show", "My roles"),
    Line("", KATE, "setup", "show", "Setting up Escalation Desk"),
    Line("", KATE, "access", "show", "Access review"),
    Line("", MAYA, "drill", "ask:start_drill"),
    Line("", ELENI, "figures 90d delphi", "show", "Delphi Energy"),
    Line("", ELENI, "causes", "show", "Δεν υπήρξε τέτοια υπόθεση"),
    Line("", MAYA, "causes", "show", "You don't have permission"),
    Line("", MAYA, "figures", "show", "You don't have permission"),  # leads and executives
    Line("", MAYA, "quarter", "show", "You don't have permission"),
    Line("", ELENI, "quarter", "show", "τριμηνιαία ανασκόπηση"),
    Line("", MAYA, "map", "show", "The way of a case"),
    Line("investigating", MAYA, "map last", "show", "is here"),
    Line("acting", MAYA, "actions", "show", "ESC-"),
    Line("investigating", MAYA, "playbook", "show", "Playbooks"),
    Line("investigating", MAYA, "playbook churn", "show", "Threat to cancel"),
    Line("investigating", MAYA, "similar", "show", "cases like ESC-"),
    Line("investigating", MAYA, "outreach", "show", "Others who may meet"),
    Line("acting", MAYA, "actions overdue", "show", "verdue"),
    Line("investigating", MAYA, "brief", "show", "Business impact"),
    Line("investigating", MAYA, "unfulfil", "show", "No concession"),
    Line("investigating", MAYA, "legal", "show", "You don't have permission"),  # Legal and others
    Line("investigating", MAYA, "update", "ask:update"),
    Line("investigating", MAYA, "update apology", "ask:update", "apology"),
    Line("investigating", MAYA, "replied They sent the log", "do:customer_replied"),
    Line("investigating", MAYA, "replied", "ask:customer_replied"),
    Line("investigating", TOMAS, "status on_track", "do:status"),
    Line("investigating", TOMAS, "status", "show", "do:status"),
    Line("investigating", ELENI, "hold vendor", "ask:hold", "waiting_third_party"),
    Line("held", ELENI, "resume", "do:resume"),
    Line("investigating", ELENI, "resolve It was a certificate", "ask:resolve", "a certificate"),
    Line("resolved", MAYA, "confirm", "ask:confirm"),
    Line("resolved", MAYA, "postmortem", "do:postmortem"),
    Line("review", ELENI, "reviewed", "ask:postmortem_held"),
    Line("review", ELENI, "meeting", "ask:plan_postmortem"),
    Line("review", MAYA, "action Watch the certificates", "ask:action_item", "Watch the cert"),
    Line("acting", TOMAS, "done {action} The alarm rang in the test", "do:action_done"),
    Line("acting", TOMAS, "done", "ask:action_done"),
    Line("reviewed", ELENI, "close", "ask:close"),
    Line("resolved", MAYA, "reopen One port still fails", "do:reopen"),
    Line("resolved", MAYA, "reopen", "ask:reopen"),
    Line("new", ELENI, "dismiss It is a question, answered", "do:dismiss"),
    Line("new", ELENI, "dismiss", "ask:dismiss"),
    Line("investigating", PRIYA, "flag cancel They want the exit terms", "do:executive_flag"),
    Line("investigating", PRIYA, "flag", "ask:executive_flag"),
    Line("offered", TOMAS, "withdraw role He is away", "do:withdraw"),
    Line("offered", TOMAS, "withdraw", "ask:withdraw"),
    Line("investigating", ELENI, "legal-hold Counsel asks for it", "do:begin_legal_hold"),
    Line("investigating", ELENI, "legal-hold", "ask:begin_legal_hold"),
    Line("investigating", ELENI, "end-hold", "show", "Δεν έχετε δικαίωμα"),  # Legal alone may
    Line("investigating", ELENI, "ask @sofia.papadaki May we call?", "do:ask_executive"),
    Line("investigating", ELENI, "ask", "ask:ask_executive"),
    Line("investigating", MAYA, "have", "show", "No executive flag waits"),
    Line("investigating", MAYA, "contact She stays", "ask:log_contact", "She stays"),
    Line("investigating", MAYA, "contacts", "show", "No executive has logged"),
    Line("investigating", ELENI, "commit", "ask:commit", "Πρώτη δέσμευση"),
    Line("investigating", MAYA, "concession €1.000,50 late", "ask:request_concession", "1.000,50"),
    Line("", ELENI, "concessions", "show", "Παροχές"),
    Line("", ELENI, "outcome", "show", "Εκβάσεις"),
    Line("", ELENI, "sponsor", "show", "χορηγίας"),
    Line("", ELENI, "sponsor brief delphi", "show", "Δεν υπάρχει"),
    Line("", ELENI, "sponsor programme", "show", "έξι κείμενα"),
    Line("new", MAYA, "timeline", "show", "opened the case"),
    Line("new", MAYA, "why", "show", "ESC-"),
    Line("investigating", MAYA, "promises", "show", "ESC-"),
    Line("", SOFIA, "digest", "show", "2027"),
    Line("", MAYA, "triage", "show", "Nothing waits for a decision"),
    Line("", MAYA, "triage mine", "show", "You have reported nothing yet"),
    Line("", MAYA, "phone They cannot pay", "ask:log_call", "They cannot pay"),
    Line("", ELENI, "undecide", "ask:undo_decision"),
    Line("new", MAYA, "problem", "show", "ask:open_problem"),
    Line("new", MAYA, "link", "ask:link_case"),
    Line("", MAYA, "duty", "show", "On duty"),
    Line("", MAYA, "away @tomas.ruiz for a while", "ask:away", "for a while"),
    Line("", MAYA, "page test", "show", "A test page is on its way to you"),
    Line("", MAYA, "page test @tomas.ruiz", "show", "Only administrators"),
    Line("", MAYA, "away until Monday @tomas.ruiz", "show", "Noted: you are away from"),
    Line("", MAYA, "back", "show", "Welcome back"),
    Line("", MAYA, "away until Blursday @tomas.ruiz", "show", "“until Blursday"),
    Line("new", ELENI, "leaving Acme is fragile", "ask:hand_over_shift", "Acme is fragile"),
    Line("", MAYA, "back", "show", "Nothing is noted of being away"),
    Line("", MAYA, "points", "show", "There are no talking points"),
    Line("", MAYA, "issues", "show", "No known issue is logged"),
    Line("new", MAYA, "templates", "show", "show:template"),
    Line("new", MAYA, "templates apology", "show", "Apology"),
]
# This office has no pages for customers, no help desk and no problem; nothing in it is wrong.
ELSEWHERE = {
    "form-link": "mail/test_request_form.py",
    "share": OUTSIDE,
    "unshare": OUTSIDE,
    "repair": DRIFT,
    "connect": SHARED,
    "disconnect": SHARED,
    "connections": SHARED,
    "ticket": TICKETS,
    "unticket": TICKETS,
    "bug": BUGS,
    "unbug": BUGS,
    "unlink": MANY,
    "merge": SAME,
    "unmerge": SAME,
}


async def test_every_subcommand_is_here() -> None:
    typed = {line.text.split()[0] for line in LINES if line.text}
    assert {row.name for row in TABLE} <= typed | set(ELSEWHERE)
    assert all_named({f'"/escalate {name}': path for name, path in ELSEWHERE.items()})


async def test_every_subcommand_leads_where_its_row_says() -> None:
    rows = {row.name: row.leads_to for row in TABLE}
    for line in LINES:
        name = line.text.partition(" ")[0]
        if name in rows and line.leads_to != "show":
            kind, _, verb = rows[name].partition(":")
            assert line.leads_to in (f"{kind}:{verb}", f"ask:{verb}"), line


@pytest.mark.parametrize("line", LINES, ids=lambda line: line.text or "nothing")
async def test_a_command_does_what_it_says(desk: Office, line: Line) -> None:
    acts = line.leads_to.startswith("do:")
    number = await (desk.stage if acts else desk.looked_at)(line.stage or "new")
    text = line.text
    if "{action}" in text:
        text = text.format(action=(await desk.case(number)).actions[0].id)
    answers = len(desk.answers(line.who))
    await desk.command(line.who, text, desk.channel(number).id if line.stage else SUPPORT)
    kind, _, verb = line.leads_to.partition(":")
    if kind == "ask":
        form = desk.form(line.who)
        assert form.callback_id == verb
        assert line.shown in str(form.payload)
        await desk.close_forms(line.who)
    elif kind == "show":
        (answer,) = desk.answers(line.who)[answers:]
        assert line.shown in answer.text + str(answer.blocks)
    else:
        assert desk.here.people.views(line.who) == []
        assert (line.who, verb) in await desk.done(number)
        assert EFFECTS[verb](await desk.case(number))
        assert await desk.card_is_true(number)


async def test_a_word_that_is_none_gets_the_nearest(desk: Office) -> None:
    await desk.command(MAYA, "clsoe")
    assert "/escalate close" in desk.answers(MAYA)[-1].text


async def test_a_command_about_a_case_can_be_typed_anywhere(desk: Office) -> None:
    number = await desk.stage("new")
    await desk.command(ELENI, f"claim ESC-{number}")
    assert EFFECTS["claim"](await desk.case(number))


async def test_a_command_that_names_no_case_asks_which(desk: Office) -> None:
    number = await desk.stage("new")
    await desk.command(ELENI, "severity 1 It got worse")
    assert desk.form(ELENI).callback_id == "picker"
    assert await desk.fill(ELENI, case=str(number)) == {}
    assert (await desk.case(number)).severity is Severity.SEV1


async def test_what_is_missing_in_a_command_is_asked_in_its_form(desk: Office) -> None:
    number = await desk.stage("investigating")
    await desk.command(ELENI, "severity 3", desk.channel(number).id)
    assert await desk.fill(ELENI, reason="A workaround exists") == {}
    assert (await desk.case(number)).severity is Severity.SEV3


async def test_somebody_who_may_not_is_told_so_in_private(desk: Office) -> None:
    number = await desk.stage("investigating")
    before, said = len(desk.answers(PRIYA)), len(desk.said(number))
    await desk.command(PRIYA, f"close {number}")
    assert len(desk.answers(PRIYA)) == before + 1
    assert len(desk.said(number)) == said
    assert desk.here.people.views(PRIYA) == []


async def test_every_verb_has_its_effect_written_down() -> None:
    assert set(EFFECTS) | set(VERBS_ELSEWHERE) == set(INTENTS)
    assert all_named(VERBS_ELSEWHERE)
    assert set(FORMS) - {"picker"} <= set(INTENTS)
