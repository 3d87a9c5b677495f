"""Outcomes for those who may see them: what is asked for, and what was recorded."""

from collections.abc import Sequence

from bot.rules.business.outcomes import OutcomePage, OutcomeView, RevenueChange
from bot.rules.words import Language
from messages.kit.amounts import format_amount
from messages.kit.blocks import Block, Message, actions, button, divider, message, section
from messages.kit.dates import full_day
from messages.kit.mrkdwn import escape, mention_user, quote_text, slack_date
from messages.kit.template_context import clip_line
from messages.kit.texts import label, t
from messages.outcomes.notices import result_buttons


def outcome_list(found: OutcomePage, language: Language) -> Message:
    """List outcomes, those that are asked for with the buttons that answer."""
    customer = escape(clip_line(found.customer))
    title = t(language, f"outcome.title{'_of' if customer else ''}", customer=customer)
    if not found.found:
        none = t(language, f"outcome.none{'_of' if customer else ''}", customer=customer)
        return message(f"{title}: {none}", section(f"*{title}*\n{none}"))
    blocks = [section(f"*{title}*"), *outcome_rows(found.found, language)]
    if found.more:
        blocks.append(section(t(language, "outcome.rest", count=found.more)))
    return message(title, *blocks)


def outcome_rows(found: Sequence[OutcomeView], language: Language) -> list[Block | None]:
    """Draw each outcome with its buttons."""
    blocks: list[Block | None] = []
    for number, each in enumerate(found):
        row: list[Block] = []
        if each.mine and each.result is None:
            row = result_buttons(each.id, language, 4 * number + 1)
        elif each.mine:
            text = t(language, "press.correct_outcome")
            row = [button(f"ask:correct_outcome#{number + 1}", text, {"outcome": each.id})]
        blocks += [section(outcome_line(each, language)), actions(*row), divider()]
    return blocks


def outcome_line(each: OutcomeView, language: Language) -> str:
    """What it is about, how it stands, the figures for those who may read them, and the note."""
    lines = [f"*{about_view(each, language)}*", _standing(each, language)]
    if each.revenue is not None and (said := say_change(each.revenue, language)):
        lines.append(said)
    if each.note:
        lines.append(quote_text(each.note))
    return "\n".join(lines)


def about_view(each: OutcomeView, language: Language) -> str:
    """Name the customer, and the case or the renewal."""
    day = full_day(each.renewal, language) if each.renewal else ""
    key = "renewal" if each.renewal else "open_case"
    customer = escape(clip_line(each.customer))
    return t(language, f"outcome.about_{key}", customer=customer, reference=each.reference, day=day)


def _standing(each: OutcomeView, language: Language) -> str:
    """How it came out and who said so, or who is asked, or when that will be."""
    if each.result is None:
        asked = each.asked_of
        key = "waits" if asked else "planned"
        when = slack_date(each.due_at, language)
        return t(language, f"outcome.{key}", user=mention_user(asked) if asked else "", when=when)
    key = "said_corrected" if each.corrected else "said"
    at = slack_date(each.recorded_at, language) if each.recorded_at else ""
    who = mention_user(each.recorded_by)
    return t(language, f"outcome.{key}", result=label(language, each.result), user=who, when=at)


def say_change(change: RevenueChange, language: Language) -> str:
    """Yearly revenue before and after; empty where neither is known."""
    if change.before is None and change.after is None:
        return ""
    if change.after is None and change.before is not None:
        before = format_amount(change.before, change.currency, language)
        return t(language, "outcome.revenue_before", before=before)
    return t(
        language,
        "outcome.revenue",
        before=_amount(change.before, change.currency, language),
        after=_amount(change.after, change.currency, language),
    )


def _amount(units: int | None, currency: str, language: Language) -> str:
    """Write whole units of a currency as the reader's language does; None as not known."""
    if units is None:
        return t(language, "outcome.unknown")
    return format_amount(units, currency, language)
