"""The brief: a case in eight lines for a person who was not there.

How it stands, what is at stake, what is new since they last looked (at most four lines), what is
due next, and what is asked of them. It is made from facts alone, for those who may read the case.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.rules.facts import CaseFacts, TimelineFacts
from bot.rules.learning.news import Asked, AskedOf, list_asked
from bot.rules.words import Language, Role
from messages.cases.timeline import timeline_line
from messages.kit.blocks import Message, actions, button, message, section
from messages.kit.case_lines import clock_line_now, hold_line, open_clocks, owner_line, short_text
from messages.kit.mrkdwn import mention_user, slack_date
from messages.kit.template_context import clock_label, lower_first
from messages.kit.texts import label, plural, t

STAKE_SHOWN = 160  # characters
QUESTION_SHOWN = 120
ASKED_SHOWN = 3


def brief_message(case: CaseFacts, language: Language, extra: Mapping[str, Any]) -> Message:
    """Compose the brief; ``extra`` is what ``bot.learning.catch_up`` answers.

    ``case`` is as it stands when the brief is drawn, so what is due is never older than the news.
    It is not made for the channel of a case: what is asked is asked of ``reader`` alone.
    """
    lines = [
        _title(case, language),
        t(language, "catch_up.stake", stake=short_text(case.stake, STAKE_SHOWN) or "-"),
        *_news(extra, language),
        _stands(case, language),
        _asked(case, str(extra["reader"]), language),
    ]
    values = {"case": case.number}
    record = button("show:timeline", t(language, "press.record"), values)
    card = button("show:show", t(language, "press.show"), values)
    return message("\n".join(lines), section("\n".join(lines)), actions(record, card))


def _title(case: CaseFacts, language: Language) -> str:
    """Name the case with severity, status and owner, as the card's short form does."""
    said = t(
        language, "card.said.opening",
        reference=f"*{case.reference}", customer=f"{short_text(case.customer, 80)}*",
        severity=label(language, case.severity), status=label(language, case.status),
    )  # fmt: skip
    return f"{said} {owner_line(case, language, 'card.said')}"


def _news(extra: Mapping[str, Any], language: Language) -> list[str]:
    """What is new, the first line with how much that is and since when."""
    count, since = int(extra["count"]), extra.get("since_at")
    when = slack_date(_instant(since), language) if since else ""
    if not count:
        return [t(language, "catch_up.nothing" if since else "catch_up.no_news", when=when)]
    if since:
        title = plural(language, "catch_up.since", count, when=when)
    elif count > len(extra["news"]):
        title = plural(language, "catch_up.first", count)
    else:
        title = t(language, "catch_up.all")
    return [title, *(_entry(each, language) for each in extra["news"])]


def _entry(said: Mapping[str, Any], language: Language) -> str:
    """One entry of the record, as ``bot.learning.catch_up`` writes it into JSON."""
    entry = TimelineFacts(**{**said, "at": _instant(said["at"])})
    told = timeline_line(entry, language)
    return t(language, "catch_up.entry", when=slack_date(entry.at, language), said=told)


def _instant(value: Any) -> datetime:
    """Read an instant of the answer, which may have gone through the inbox as ISO 8601."""
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))


def _stands(case: CaseFacts, language: Language) -> str:
    """What is due next; of a case that waits, until when it does."""
    clocks = open_clocks(case)
    if case.hold and (not clocks or clocks[0].due is None):
        return hold_line(case.hold, language)
    return clock_line_now(clocks[0], case, language) if clocks else t(language, "card.no_clock")


def _asked(case: CaseFacts, reader: str, language: Language) -> str:
    """What is asked of the reader, the most urgent first, on one line."""
    found = list_asked(case, reader)
    if not found:
        return t(language, "catch_up.not_asked")
    said = [_said(each, language) for each in found[:ASKED_SHOWN]]
    if left := len(found) - ASKED_SHOWN:
        said += [plural(language, "catch_up.more_asked", left)] if left > 0 else []
    return t(language, "catch_up.asked", what="; ".join(said))


def _said(each: Asked, language: Language) -> str:
    """Say one thing that is asked, with by when where that is set.

    What people wrote is cut and escaped; a role and a clock are named in the reader's language.
    """
    facts: dict[str, object] = {"by": mention_user(each.by) if each.by else ""}
    match each.kind:
        case AskedOf.HANDOVER:
            facts["text"] = label(language, Role(each.text))
        case AskedOf.CLOCK:
            facts["text"] = lower_first(clock_label(each.text, language), language)
        case _:
            facts["text"] = short_text(each.text, QUESTION_SHOWN)
    said = t(language, f"catch_up.asks.{each.kind.value}", **facts)
    if each.until is None:
        return said
    return t(language, "catch_up.until", said=said, when=slack_date(each.until, language))
