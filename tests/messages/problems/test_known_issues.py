"""What is said about known issues: inside Slack's limits, harmless, with the doors that fit."""

import json
from typing import Any

import pytest

from bot.rules.problems.known_issues import IssueFacts
from bot.rules.states import KnownIssueState
from bot.rules.words import Language
from messages.problems.broadcast import broadcast_shown
from messages.problems.known_issues import issue_list, issue_shown
from messages.problems.notices import problem_notice
from tests.messages.limits import check_all_harmless, check_blocks
from tests.messages.sample_cases import HOSTILE, NOW
from tests.messages.sample_problems import EXTRA, broadcast, issue

EN = Language.ENGLISH
S = KnownIssueState


def doors(blocks: list[dict[str, Any]]) -> set[str]:
    """What can be pressed, by the interaction's id without its number."""
    found = set()
    for element in (e for b in blocks if b["type"] == "actions" for e in b["elements"]):
        options = [option["value"].partition("|")[0] for option in element.get("options", ())]
        found |= set(options or [element["action_id"].partition("#")[0]])
    return found


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("text", HOSTILE.values(), ids=list(HOSTILE))
def test_what_people_wrote_stays_text(text: str, language: Language) -> None:
    told = broadcast("sent", text, promises=False)
    shown = (
        issue_list([issue(text, notices=())] * 30, language, 2),
        issue_shown(issue(text), language),
        issue_shown(issue(text, bug=f"https://bugs.example/{text}"), language),
        broadcast_shown(told, text, language, known=True),
    )
    for said in shown:
        check_blocks(said.blocks)
        check_all_harmless(said.blocks)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("state", [each for each in S if each is not S.PROBLEM])
def test_a_known_issue_is_shown_in_every_state(state: KnownIssueState, language: Language) -> None:
    for seen in (issue(state=state), issue(state=state, expected_on=None, waiters=(), waiting=0)):
        for said in (issue_list([seen], language), issue_shown(seen, language)):
            check_blocks(said.blocks)
            assert "KI-3" in said.text


@pytest.mark.parametrize(
    ("seen", "offered", "not_offered"),
    [
        (issue(state=S.OPEN, undoable=False), {"ask:ship_issue", "ask:drop_issue"},
         {"do:undo_issue", "ask:propose_broadcast"}),
        (issue(), {"ask:propose_broadcast", "do:undo_issue", "ask:slip_issue"}, set()),
        (issue(state=S.SHIPPED, untold=0, undoable=False), {"ask:add_waiter", "ask:slip_issue"},
         {"ask:ship_issue", "ask:edit_issue", "ask:propose_broadcast", "do:undo_issue"}),
        (issue(notices=(broadcast("approved", promises=False),)), {"do:send_broadcast"},
         {"ask:propose_broadcast"}),
    ],
)  # fmt: skip
def test_each_state_has_its_doors(
    seen: IssueFacts, offered: set[str], not_offered: set[str]
) -> None:
    found = doors(issue_shown(seen, EN).blocks)
    assert offered <= found
    assert not found & not_offered


def test_an_overdue_day_is_marked_and_an_empty_list_says_what_to_do() -> None:
    assert "overdue" in issue_list([issue()], EN).text
    assert "overdue" not in issue_list([issue(expected_on=NOW.date())], EN).text
    assert "overdue" not in issue_list([issue(state=S.SHIPPED)], EN).text
    empty = issue_list([], EN)
    assert "Log a minor fault" in empty.text
    assert doors(empty.blocks) == {"ask:add_issue"}


def test_a_grave_step_is_asked_about_first() -> None:
    blocks = issue_shown(issue(), EN).blocks
    (button,) = [
        e
        for b in blocks
        if b["type"] == "actions"
        for e in b["elements"]
        if e["action_id"].startswith("do:issue_to_problem")
    ]
    assert "cannot be undone" in json.dumps(button["confirm"])


def test_a_notice_names_the_known_issue_and_no_next_update() -> None:
    given = {k: v for k, v in EXTRA.items() if k != "next_update_at"}
    said = problem_notice("broadcast_asked", EN, {**given, "issue": True})
    assert "KI-3" in said.text
    assert "next update" not in said.text
