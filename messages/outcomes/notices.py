"""The question what became of a customer's business, and what follows it. Texts: ``outcome.*``."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from bot.rules.business.outcomes import OutcomeResult
from bot.rules.words import Language
from messages.kit.blocks import Block, Message, actions, button, context, message, section
from messages.kit.dates import full_day
from messages.kit.mrkdwn import escape, mention_user
from messages.kit.template_context import clip_line
from messages.kit.texts import label, t

ASKING = ("asked", "reminded", "passed_on")


def outcome_notice(name: str, language: Language, extra: Mapping[str, Any]) -> Message:
    """Compose ``asked``, ``reminded``, ``passed_on``, ``recorded`` or ``corrected``.

    ``extra``: ``outcome``, ``customer``, ``reference``, ``closed``, ``renewal``
    (``bot.outcomes.due.describe_outcome``); of ``passed_on`` also ``silent``, who did not answer,
    empty for no one; of the last two ``result``. No amount is in it.
    """
    facts = {"about": about_outcome(extra, language)}
    if name not in ASKING:
        facts["result"] = label(language, OutcomeResult(extra["result"]))
        said = t(language, f"outcome.{name}", **facts)
        return message(said, section(said), actions(_correct(extra, language)))
    if silent := extra.get("silent"):
        facts["user"] = mention_user(str(silent))
    key = "passed_on_alone" if name == "passed_on" and not silent else name
    head = t(language, f"outcome.{key}", **facts)
    return message(
        head,
        section(head),
        actions(*result_buttons(int(extra["outcome"]), language)),
        context(t(language, "outcome.how")),
    )


def about_outcome(extra: Mapping[str, Any], language: Language) -> str:
    """Name the customer, and the case or the renewal: ``Acme · ESC-7, closed on 3 Mar 2026``."""
    customer = escape(clip_line(str(extra["customer"])))
    key = "renewal" if extra.get("renewal") else "case" if extra.get("closed") else "open_case"
    day = str(extra.get("renewal") or extra.get("closed") or "")
    return t(
        language,
        f"outcome.about_{key}",
        customer=customer,
        reference=str(extra.get("reference") or ""),
        day=full_day(date.fromisoformat(day), language) if day else "",
    )


def result_buttons(outcome: int, language: Language, first: int = 1) -> list[Block]:
    """One button for each result; each opens the form with it chosen."""
    return [
        button(
            f"ask:record_outcome#{number}",
            label(language, result),
            {"outcome": outcome, "result": result.value},
        )
        for number, result in enumerate(OutcomeResult, start=first)
    ]


def _correct(extra: Mapping[str, Any], language: Language) -> Block:
    """Draw the button that opens the form to correct an outcome; it has ``outcome``, the id."""
    values = {"outcome": int(extra["outcome"])}
    return button("ask:correct_outcome", t(language, "press.correct_outcome"), values)
