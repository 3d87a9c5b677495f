"""Whatever can be typed can be pressed: on a case's card, on what the card opens, or on Home."""

import json
import re
from collections.abc import Iterator
from decimal import Decimal
from itertools import product
from pathlib import Path
from typing import Any

import pytest

from bot.rules.bugs.state import BugFacts
from bot.rules.duty import Absence, Watch
from bot.rules.facts import CallFacts, CaseFacts, ContactFacts, DutyFacts, FlaggingFacts
from bot.rules.facts.concessions import ConcessionFacts, ConcessionPage, ConcessionView
from bot.rules.facts.sharing import ConnectionFacts
from bot.rules.focus.facts import FocusFacts
from bot.rules.lifecycle import fits_status
from bot.rules.setup import Lack, SetupPage, SetupRow, SetupStep, StepState
from bot.rules.states import ConcessionState
from bot.rules.words import (
    ConcessionKind,
    ConcessionReason,
    ConnectState,
    HelpDesk,
    Language,
    Status,
)
from handlers.commands import TABLE
from messages.bugs.lines import bug_menu
from messages.cases.answers import show_answer
from messages.cases.card import case_card
from messages.cases.card_actions import (
    case_menu,
    clock_menu,
    customer_menu,
    help_menu,
    learned_menu,
    legal_menu,
    people_menu,
    record_menu,
)
from messages.cases.home import home_view
from messages.cases.notices import notice_message
from messages.cases.postmortem import agenda_message
from messages.customers.concessions import concession_list
from messages.duty.rota import duty_answer
from messages.executives.lines import executive_menu
from messages.intake.candidate import candidate_message
from messages.intake.connect import connections_answer
from messages.intake.reviews.listing import review_list
from messages.kit.blocks import menu_item, overflow
from messages.kit.texts import load_texts
from messages.problems.card import problem_list, problem_shown
from tests.messages.limits import walk
from tests.messages.sample_candidates import decided
from tests.messages.sample_cases import NOW, TOM, VIEWER, case, full
from tests.messages.sample_problems import problem

EN = Language.ENGLISH
MANAGER = "escalation_manager"
FULFILLED = ConcessionView(
    ConcessionFacts(
        3, ConcessionKind.GOODWILL, Decimal(500), "EUR", ConcessionState.FULFILLED, NOW
    ),
    7, "Acme", ConcessionReason.OUTAGE, "We were late", VIEWER.user_id, "ab",
    fulfilled_at=NOW, mine=True,
)  # fmt: skip
GAP = {"role": "csm", "who": "", "reason": "unnamed"}
DOCS = Path(__file__).parents[3] / "docs"
CHANGES: tuple[dict[str, Any], ...] = (
    {}, {"problem": 3}, {"helpdesk": HelpDesk.ZENDESK}, {"shared": True}, {"sensitive": True},
    {"component": "Payments"},
    {"bug": BugFacts("PAY-77")},
    {"helpers": {TOM: "Database"}},
    {"focus": FocusFacts(TOM, "Tom Ruiz", NOW, NOW, 2, 1, 3)},
    {"legal": True, "legal_hold_at": NOW},
    {"executive": True, "call": CallFacts(1),
     "flagging": FlaggingFacts("threat_to_cancel", ("U0RICHARD",)),
     "contacts": (ContactFacts(1, "U0RICHARD", "call", "Eleni", NOW, "She stays", "U0MAYA"),)},
)  # fmt: skip
MENUS = {
    "people": people_menu,
    "clocks": clock_menu,
    "stake": customer_menu,
}


def pressed(blocks: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every interaction and the values that it carries."""
    for block in walk(blocks):
        if "action_id" in block and "value" in block:
            yield block["action_id"].partition("#")[0], json.loads(block["value"])
        for option in block.get("options", ()) if block.get("type") == "overflow" else ():
            press, _, value = option["value"].partition("|")
            yield press.partition("#")[0], json.loads(value)


def cards(*statuses: Status) -> Iterator[CaseFacts]:
    """A case at each status, with each thing that changes what its card offers."""
    for status, changes in product(statuses or Status, CHANGES):
        yield case(status, **changes)
        yield full(case(status, **changes))


def doors() -> set[str]:
    """Every interaction of cards, of what they open, and of Home."""
    found = {press for each in cards() for press, _ in pressed(case_card(each, EN).blocks)}
    here = case(Status.INVESTIGATING)
    shown = (
        notice_message("check_in", here, EN),
        notice_message("opened", case(Status.NEW, roles={}), EN, role=MANAGER, notice="page"),
        notice_message("swarm_welcome", here, EN, skill="Database"),
        notice_message("account_gap", here, EN, missing=[GAP]),
        notice_message(
            "decided",
            here,
            EN,
            decision=1,
            by=VIEWER.user_id,
            text="x",
            options="",
            reason="x",
            until="",
        ),
        agenda_message(here, 1, (), EN),
        notice_message("component_set", here, EN, by=VIEWER.user_id, component="a", team="b"),
        notice_message("customer_replied", full(here), EN, summary="x", at=NOW.isoformat()),
        problem_list([problem()], EN, here),
        problem_shown(problem(), EN, here),
        review_list([], 0, [], EN, NOW),
        duty_answer(DutyFacts(NOW, Watch(()), (Absence(VIEWER.user_id, NOW, NOW),)), VIEWER),
        connections_answer([ConnectionFacts("C1", "Acme", ConnectState.WORKING)], EN),
        candidate_message(decided(may_undo=True), EN),
        concession_list(ConcessionPage((FULFILLED,)), EN),
        show_answer(here, EN),  # by the button of each case on Home and in lists
    )
    found |= {press for each in shown for press, _ in pressed(each.blocks)}
    untried = SetupRow(SetupStep.MAIL, StepState.OPEN, (Lack("untried"),))
    steps = SetupPage((untried,), sends_mail=True)
    home = home_view(VIEWER, [here], [], [], 1, EN, figures=True, access=True, setup=steps)
    return found | {press for press, _ in pressed(home["blocks"])}


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_every_command_has_its_button_or_menu(row: Any) -> None:
    assert row.verb in {press.partition(":")[2] for press in doors()}


@pytest.mark.parametrize("each", cards(), ids=lambda c: f"{c.status}")
def test_a_card_offers_only_what_the_status_takes(each: CaseFacts) -> None:
    wrong = [
        press
        for press, _ in pressed(case_card(each, EN).blocks)
        if not fits_status(each.status, press.partition(":")[2])
    ]
    assert wrong == []


@pytest.mark.parametrize("each", cards(), ids=lambda c: f"{c.status}")
def test_a_restricted_case_is_offered_no_problem_and_shares_only_when_it_is_said(
    each: CaseFacts,
) -> None:
    problems = pressed(problem_list([problem()], EN, each).blocks)
    joining = {press for press, _ in problems} & {"do:link_case"}
    assert not (each.sensitive and joining)
    for press, values in pressed(case_card(each, EN).blocks):
        if press == "do:share_status":
            assert values.get("allow", False) is each.sensitive


def test_a_menu_never_leaves_out_for_want_of_room_what_is_offered() -> None:
    entries = [menu_item("show:why", "Why", {"case": 7})] * 6
    with pytest.raises(ValueError, match="6 entries"):
        overflow(1, entries)


PLACED = re.compile(r"\*\*([^*]+)\*\*,? in the menu beside the (\w+)|"
                    r"the menu beside the (\w+) on the card choose \*\*([^*]+)\*\*|"
                    r"choose \*\*([^*]+)\*\* in the menu beside the (\w+)")  # fmt: skip


def claims() -> list[tuple[str, str]]:
    """What the documents say to be in which menu of the card."""
    found = []
    for page in sorted(DOCS.glob("*.md")):
        for match in PLACED.finditer(page.read_text(encoding="utf-8")):
            found.append((match[1] or match[4] or match[5], match[2] or match[3] or match[6]))
    return found


def test_the_documents_place_entries_in_menus() -> None:
    assert len(claims()) >= 3


@pytest.mark.parametrize(("label", "place"), claims())
def test_an_entry_is_in_the_menu_that_the_documents_say(label: str, place: str) -> None:
    texts = {
        option["text"]["text"]
        for each in cards()
        if (block := MENUS[place](each, EN)) is not None
        for option in block["options"]
    }
    assert label in texts


@pytest.mark.parametrize("language", Language)
def test_every_text_of_a_menu_of_the_card_is_shown_by_it(language: Language) -> None:
    shown = {
        option["text"]["text"]
        for each in cards()
        for menu in (
            *MENUS.values(),
            case_menu,
            legal_menu,
            record_menu,
            learned_menu,
            help_menu,
            bug_menu,
            executive_menu,
        )
        if (block := menu(each, language)) is not None
        for option in block["options"]
    }
    texts = {k: v for k, v in load_texts(language).items() if k.startswith("menu.")}
    assert {key for key, text in texts.items() if text not in shown} == set()
