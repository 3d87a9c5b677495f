"""What is said about problems, broadcasts and talking points: inside Slack's limits, harmless."""

from typing import Any

import pytest

from bot.rules.drift import Hindrance
from bot.rules.words import Language
from messages.kit.blocks import Message
from messages.kit.texts import load_texts
from messages.problems.broadcast import broadcast_shown
from messages.problems.card import affected_list, problem_card, problem_list, problem_shown
from messages.problems.lines import progress_line, record_line
from messages.problems.notice_table import PROBLEM_NOTICES
from messages.problems.notices import problem_notice
from messages.problems.talking_points import ended_points, points_list, pushed_points
from tests.messages.limits import check_all_harmless, check_blocks
from tests.messages.sample_cases import HOSTILE, case
from tests.messages.sample_problems import EXTRA, broadcast, points, problem, receipt

EN = Language.ENGLISH
OUTCOMES: dict[str, list[dict[str, Any]]] = {
    "broadcast_answered": [{"approve": True}, {"approve": False}],
    "broadcast_noted": [{"approve": True}, {"approve": False}],
    "points_answered": [{"approve": True}, {"approve": False}],
    "points_noted": [{"approve": True}, {"approve": False}],
    "update_due": [{"threshold": each} for each in ("warn", "breach", "ladder")],
    "edited": [{"ended": None}, {"ended": 2}],
    "broadcast_sent": [{"by_hand": 0}, {"by_hand": 2}],
    "points_read": [{"ended": False}, {"ended": True}],
    "no_channel": [{"code": "missing_scope", "hindrance": each.value} for each in Hindrance],
    "channel_exposed": [{"people": []}, {"people": ["U0GUEST"]}],
    "affected_added": [{}, {"customers": []}],
    "replied": [{}, {"doubtful": True}, {"issue": True}, {"issue": True, "doubtful": True}],
    "receipt_failed": [{}, {"issue": True}],
    "broadcast_asked": [{}, {"issue": True}],
    "bug_shipped": [{}, {"issue": True}, {"issue": True, "count": 0}],
    "bug_later": [{}, {"issue": True}, {"issue": True, "count": 0}],
}
SAID = [(name, more) for name in sorted(PROBLEM_NOTICES) for more in OUTCOMES.get(name, [{}])]


def checked(message: Message) -> Message:
    """The message, which Slack would take and which harms nobody."""
    check_blocks(message.blocks)
    check_all_harmless(message.blocks)
    return message


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(("name", "more"), SAID, ids=[f"{n}-{m}" for n, m in SAID])
def test_every_notice_is_said_in_both_languages(
    name: str, more: dict[str, Any], language: Language
) -> None:
    for inside in (True, False):
        said = checked(problem_notice(name, language, {**EXTRA, **more}, inside=inside))
        assert ("<#C0PROB>" in str(said.blocks)) is not inside


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("text", HOSTILE.values(), ids=list(HOSTILE))
def test_what_people_wrote_stays_text(text: str, language: Language) -> None:
    hostile = {k: text if isinstance(v, str) and k in FREE else v for k, v in EXTRA.items()}
    hostile |= {"samples": [[text, text]], "lines": [[text, text]], "customers": [text] * 30}
    for name, more in SAID:
        checked(problem_notice(name, language, {**hostile, **more}))
    seen = problem(text, 30)
    for message in (
        problem_card(seen, language),
        problem_shown(seen, language, case()),
        problem_list([seen] * 20, language, case()),
        affected_list(seen, language, 2),
        broadcast_shown(broadcast("sent", text), text, language, 1),
        pushed_points(points(text=text), language),
        ended_points(points("withdrawn", text, ended_why=text, ended_by="U0TOM"), language),
        points_list([points(text=text)] * 4, language),
    ):
        checked(message)


FREE = frozenset({"title", "customer", "recipient", "reason", "summary", "say", "dont_say",
                  "questions", "scope", "known", "remark", "text", "sender", "there",
                  "answer_there"})  # fmt: skip


@pytest.mark.parametrize("language", Language)
def test_a_problem_can_be_shown_at_every_stage(language: Language) -> None:
    for state in ("waiting", "approved", "sent"):
        checked(problem_card(problem(broadcasts=(broadcast(state),)), language))
        checked(broadcast_shown(broadcast(state), "Orders fail", language))
    for each in ("approved", "proposed"):
        checked(problem_card(problem(points=points(each)), language))
        checked(points_list([points(each)], language))
    ended = problem(state="resolved", outcome="Rolled back", broadcasts=(), points=None)
    checked(problem_shown(ended, language))
    checked(problem_card(problem(many=0, next_update_at=None), language))
    checked(problem_list([], language))
    checked(points_list([], language))
    checked(ended_points(points("expired"), language))


def test_progress_is_a_bar_and_a_sentence() -> None:
    assert progress_line(broadcast(), EN) == (
        "▓▓▓▓▓▓░░░░  3 of 5 delivered, 1 failed, 1 replied, 1 to be sent manually"
    )
    everybody = broadcast(receipts=(receipt(1), receipt(2)))
    assert progress_line(everybody, EN) == "▓▓▓▓▓▓▓▓▓▓  2 of 2 delivered"


def test_what_is_next_stands_first_on_the_card() -> None:
    def first(**changes: Any) -> str:
        rows = [b for b in problem_card(problem(**changes), EN).blocks if b["type"] == "actions"]
        return str(rows[0]["elements"][0]["action_id"])

    assert first(broadcasts=()) == "ask:propose_broadcast"
    assert first(broadcasts=(broadcast("approved"),)) == "do:send_broadcast"
    assert first(broadcasts=(broadcast("sent"),)) == "do:retry_receipts"


def test_every_verb_of_the_record_has_a_sentence() -> None:
    known = [
        k.removeprefix("problem.event.") for k in load_texts(EN) if k.startswith("problem.event.")
    ]
    facts = {"case": 7, "customer": "x", "count": 2, "version": 1, "audience": "all"}
    for entry in problem().record:
        assert record_line(entry, EN)
    for verb in known:
        plain, approve = verb.removesuffix("_yes").removesuffix("_no"), verb.endswith("_yes")
        more = {"approve": approve} if plain != verb else {}
        entry = problem().record[0]
        said = type(entry)(entry.at, entry.actor, plain, {**facts, **more})
        assert "_" not in record_line(said, EN).partition("  ")[2]


@pytest.mark.parametrize(("language", "asked"), [(EN, "Send to"), (Language.GREEK, "Αποστολή σε")])
def test_before_it_goes_to_many_it_is_asked_to_how_many_and_in_which_languages(
    language: Language, asked: str
) -> None:
    approved = broadcast("approved")
    for message in (
        problem_card(problem(broadcasts=(approved,)), language),
        broadcast_shown(approved, "Orders fail", language),
    ):
        [press] = [each for block in message.blocks for each in block.get("elements", ())
                   if str(each.get("action_id", "")).startswith("do:send_broadcast")]  # fmt: skip
        said = press["confirm"]["text"]["text"]
        assert asked in said
        assert str(approved.total) in said
