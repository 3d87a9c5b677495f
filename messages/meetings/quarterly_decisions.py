"""Decisions of a quarter in Slack: a line of a list, what is said of one, and their buttons.

Texts: ``quarterly.*``. What people wrote is quoted and escaped.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from bot.rules.reports.quarterly import QuarterDecisionFacts
from bot.rules.words import Language
from messages.kit.blocks import Block, Message, actions, button, context, fit, message, section
from messages.kit.case_lines import short_text
from messages.kit.dates import full_day
from messages.kit.mrkdwn import escape, mention_user, quote_text
from messages.kit.template_context import text_chunks
from messages.kit.texts import plural, t
from messages.reports.writing import name_period, read_quarter

SHOWN = 20  # decisions of each kind
TEXT_MAX = 200  # characters of a decision in a line
PRESSED = 5  # decisions with buttons, so that the message stays short
TO_DO = ("decided", "decision_due", "decision_passed", "decision_returned")
SAID_DONE = ("decision_done", "done_noted", "done_unseen", "decision_verified", "verified_noted")
GIVEN_BACK = (*TO_DO, "decision_done", "returned_noted")


def list_decisions(
    decisions: Sequence[QuarterDecisionFacts], language: Language, *, quarter: bool = False
) -> list[str]:
    """A line for each decision: what, who, until when, or that it is done.

    At most ``SHOWN`` of them; a last line says how many more there are.
    """
    lines = [_decision_line(each, language, quarter=quarter) for each in decisions[:SHOWN]]
    return [*lines, *count_left(len(decisions) - len(lines), language)]


def count_left(left: int, language: Language) -> list[str]:
    """The line that says how many decisions are not shown; none where all are."""
    return [plural(language, "quarterly.more", left)] if left > 0 else []


def _line_text(text: str) -> str:
    """A decision in a line: short, also where every letter of it must be escaped."""
    return fit(escape(short_text(text, TEXT_MAX)), 2 * TEXT_MAX)


def _decision_line(each: QuarterDecisionFacts, language: Language, *, quarter: bool) -> str:
    """What was decided, in which quarter, and how it stands.

    ``quarter``: it is of an earlier review, which is named; a review's own need not be.
    """
    of = f" ({name_period(read_quarter(each.quarter), language)})" if quarter else ""
    facts = {
        "text": _line_text(each.decision),
        "user": mention_user(each.owner),
        "due": full_day(each.due, language),
        "quarter": of,
        "by": mention_user(each.verifier) if each.verifier else "–",
        "remark": _line_text(each.remark),
        "evidence": _line_text(each.evidence),
    }
    if each.done_at:
        seen = "quarterly.line_seen" if each.verifier else "quarterly.line_done"
        return t(language, seen, **facts)
    if each.waits:
        return t(language, "quarterly.line_waits", **facts)
    returned = t(language, "quarterly.line_returned", **facts) if each.remark else ""
    return t(language, "quarterly.line_open", **facts) + returned


def draw_presses(
    decisions: Sequence[QuarterDecisionFacts],
    language: Language,
    *,
    viewer: str,
    writes: bool,
    after: int = 0,
) -> Iterator[Block | None]:
    """The buttons of each decision that is not done, in a block each.

    ``after``: how many of these stand above in the message already; of all together the first
    ``PRESSED`` have buttons.

    Of an open one that which says it is done, for its owner or who leads (``writes``), who are
    refused otherwise; an owner has it in their own message too, with each reminder. Of one that
    waits for a look those of who leads, where it is not theirs.
    """
    left = [each for each in decisions if each.done_at is None][: max(0, PRESSED - after)]
    for place, each in enumerate(left, start=after):
        about, short = {"decision": each.id}, short_text(each.decision, 40)
        if not each.waits:
            text = t(language, "quarterly.done_of", text=short)
            yield actions(button(f"ask:end_quarter_decision#{place}", text, about))
        elif writes and viewer not in (each.owner, each.done_by):
            text = t(language, "quarterly.seen_of", text=short)
            yield actions(*_looked_at(about, language, text, place))


def _looked_at(
    about: Mapping[str, Any], language: Language, yes: str, place: int
) -> Iterator[Block]:
    """The two buttons of who looks whether a decision is done."""
    yield button(
        f"do:verify_quarter_decision#{place}", yes, {**about, "accept": True}, style="primary"
    )
    no = t(language, "quarterly.not_yet")
    yield button(f"ask:verify_quarter_decision#{place}", no, {**about, "accept": False})


def tell_open(each: Mapping[str, Any], language: Language) -> str:
    """An open decision in an invitation.

    It has no button there: the invitation is answered, and the review that it leads to has them.
    Its owner has a message of their own.
    """
    due = full_day(date.fromisoformat(str(each["due"])), language)
    text = _line_text(str(each["text"]))
    user = mention_user(str(each["owner"]))
    name = "quarterly.line_said" if each.get("waits") else "quarterly.line_open"
    return t(language, name, text=text, user=user, due=due, quarter="")


def decision_notice(
    name: str, language: Language, extra: Mapping[str, Any], period: str
) -> Message:
    """What an owner, or who looks, hears of a decision.

    It quotes the decision, then by what it can be seen where it is said to be done, or what was
    missing. One that is open has the button that says it is done, and says until when it is asked
    about; one that waits for a look has those of who looks. ``left`` of ``extra`` is whose it was,
    where it passed on.
    """
    said = t(
        language, f"quarterly.{name}", period=period, user=mention_user(str(extra["by"])),
        due=full_day(date.fromisoformat(str(extra["due_on"])), language),
        owner=mention_user(str(extra.get("left", ""))),
    )  # fmt: skip
    texts = [f"{said}\n{quote_text(str(extra['text']))}"]
    for key, shown in (("evidence", SAID_DONE), ("remark", GIVEN_BACK)):
        if extra.get(key) and name in shown:
            texts.append(f"{t(language, f'quarterly.its_{key}')}\n{quote_text(str(extra[key]))}")
    about = {"decision": extra["decision"]}
    press = button("ask:end_quarter_decision", t(language, "quarterly.done"), about)
    yes = t(language, "quarterly.seen")
    sections = [section(piece) for text in texts for piece in text_chunks(text)]
    return message(
        "\n".join(texts),
        *sections,
        actions(press) if name in TO_DO else None,
        actions(*_looked_at(about, language, yes, 0)) if name == "decision_done" else None,
        context(t(language, "quarterly.done_how")) if name in TO_DO else None,
    )
