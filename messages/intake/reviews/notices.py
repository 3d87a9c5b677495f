"""Notices about reviews, named ``review:<name>`` in the outbox and in private answers.

``extra`` is JSON: ``review`` (the row), ``source``, ``author``, ``link``; ``due`` (ISO 8601) of one
that waits for a reply; ``by``, a user id; of a change ``rating_before``, ``rating_after``,
``text_before`` and ``text_after``.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.rules.reviews.review import ReviewSource
from bot.rules.words import Language
from messages.intake.reviews.lines import NAME_MAX, QUOTED_MAX, TEMPLATE, site_name
from messages.kit.blocks import Block, Message, actions, button, message, section
from messages.kit.case_lines import short_text
from messages.kit.mrkdwn import mention_user, mrkdwn_link, quote_text, slack_date
from messages.kit.template_context import clip_line
from messages.kit.texts import t

WAITS = ("pasted_new", "pasted_new_bad", "pasted_known", "pasted_changed")
NOTICES = frozenset({*WAITS, "pasted_old", "taken", "taken_over", "answered", "changed"})


def review_notice(name: str, language: Language, extra: Mapping[str, Any]) -> Message:
    """Compose a notice about a review. Raises KeyError for another name, or a missing key.

    ``source`` must be a value of ``ReviewSource``, else ValueError is raised. The link is shown
    where there is one.
    """
    if name not in NOTICES:
        raise KeyError(name)
    said = t(language, f"reviews.said.{name}", **_facts(extra, language))
    parts = [said, *_change(extra, language)] if name == "changed" else [said]
    if extra["link"]:
        parts.append(mrkdwn_link(str(extra["link"]), t(language, "reviews.open")))
    return message(parts[0], section("\n".join(parts)), _buttons(name, extra, language))


def _facts(extra: Mapping[str, Any], language: Language) -> dict[str, str]:
    site = site_name(ReviewSource(extra["source"]), language)
    facts = {"author": short_text(str(extra["author"]), NAME_MAX) or "-", "site": site}
    if due := extra.get("due"):
        facts["due"] = slack_date(datetime.fromisoformat(str(due)), language)
    if by := extra.get("by"):
        facts["by"] = mention_user(str(by))
    return facts


def _change(extra: Mapping[str, Any], language: Language) -> list[str]:
    """What a review said before its edit, and what it says now, of what changed."""
    lines = []
    if extra["rating_before"] != extra["rating_after"]:
        rating = {k: short_text(str(extra[f"rating_{k}"]), 20) or "-" for k in ("before", "after")}
        lines.append(t(language, "reviews.rating_changed", **rating))
    if extra["text_before"] != extra["text_after"]:
        for when in ("before", "after"):
            words = quote_text(clip_line(str(extra[f"text_{when}"]), QUOTED_MAX) or "-")
            lines.append(f"{t(language, f'reviews.text_{when}')}\n{words}")
    return lines


def _buttons(name: str, extra: Mapping[str, Any], language: Language) -> Block | None:
    """Taking the reply, recording it, words for it, the list: those that still make sense.

    The list is always offered; of a review that is answered or old it is all.
    """
    values = {"review": extra["review"]}
    take = button("do:take_review", t(language, "reviews.take"), values)
    record = button("ask:record_review_reply", t(language, "reviews.record"), values)
    listed = button("show:reviews", t(language, "reviews.list"), {})
    words = button("show:templates", t(language, "reviews.words"), TEMPLATE)
    shown = {"taken": [record, words], "answered": [], "pasted_old": []}.get(name, [take, record])
    return actions(*shown, listed)
