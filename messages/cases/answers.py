"""Private answers: what only the person who asked sees. Each says what to do next.

Their language is the reader's. Which answer belongs to which command or button, and who may read
it, is decided in ``handlers/slack/answers.py``; delivery, which is best effort, is in
``bot/slack/private_replies.py``. The card, help, timeline lines and explained clocks have modules
of their own and are passed on from here, so that callers need one import.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from bot.rules.facts import CaseFacts, CasePageFacts, TimelineFacts
from bot.rules.lifecycle import OPEN
from bot.rules.membership import USER_ID
from bot.rules.severity import rank_case
from bot.rules.sponsorship.words import SponsorshipTopic
from bot.rules.states import ConcessionState, SponsorshipState
from bot.rules.tone.first_response import name_parts
from bot.rules.words import (
    AS_IN_SLACK,
    ClockKind,
    ConcessionKind,
    Language,
    MessageKind,
    Role,
    Severity,
    Status,
)
from messages.cases.card import MARKS, case_card
from messages.cases.help import CommandHelp, help_answer
from messages.cases.timeline import timeline_line
from messages.clocks.explained import picture_answer, promises_answer, why_answer
from messages.kit.amounts import say_amount
from messages.kit.blocks import (
    TEXT_MAX,
    Block,
    Message,
    actions,
    button,
    context,
    fit,
    message,
    section,
)
from messages.kit.case_lines import (
    clock_line_now,
    open_clocks,
    owner_line,
    short_text,
    unreached_line,
)
from messages.kit.dates import format_duration
from messages.kit.mrkdwn import escape, mention_channel, mention_user, slack_date
from messages.kit.template_context import lower_first
from messages.kit.texts import label, load_texts, plural, t

__all__ = [
    "CommandHelp",
    "case_lines",
    "case_said",
    "case_section",
    "field_problem",
    "help_answer",
    "list_answer",
    "picture_answer",
    "promises_answer",
    "refusal_message",
    "show_answer",
    "store_away",
    "timeline_answer",
    "trouble_message",
    "why_answer",
]

LISTS = {"open": "all", "mine": "my", "breaching": "late"}  # texts of the buttons, by scope

# How a fact of a refusal is told, by its name; what is not here is text and is escaped.
WORDS: dict[str, type[Enum]] = {
    "status": Status,
    "role": Role,
    "severity": Severity,
    "clock": ClockKind,
    "kind": MessageKind,
    "spoken": Language,
    "near_kind": ConcessionKind,
    "concession_state": ConcessionState,
    "sponsorship_state": SponsorshipState,
}
PEOPLE = frozenset({"user", "owner", "by", "to"})
AMOUNTS = frozenset({"left", "limit", "near", "amount"})


def list_answer(
    found: CasePageFacts, title_key: str, language: Language, about: Mapping[str, Any] | None = None
) -> Message:
    """List cases one below the other, each with a button; ``title_key`` is such as ``list.mine``.

    The order is the caller's. Where there are more than one page holds, the title says how many,
    and buttons with the values ``about`` lead to the neighbouring pages; no case at all gives the
    way to open one.
    """
    title, others = t(language, title_key), _other_lists(title_key, language)
    if not found.cases:
        none = t(language, "list.none")
        opener = button("ask:open_case", t(language, "answer.escalate"), {})
        return message(f"{title}: {none}", section(f"*{title}*\n{none}"), actions(opener, *others))
    if found.pages > 1:
        at = {"page": found.page, "pages": found.pages}
        title = plural(language, "list.part", found.total, title=title, **at)
    return message(
        "\n".join([f"{title}:", *(case_said(case, language) for case in found.cases)]),
        section(f"*{title}*"),
        *(case_section(case, language, number) for number, case in enumerate(found.cases, start=1)),
        actions(*_turns(found, language, about or {}), *others),
    )


def _turns(found: CasePageFacts, language: Language, about: Mapping[str, Any]) -> list[Block]:
    """Draw the way to the page before and the one after, where there are any."""
    ways = ((11, "list.before", found.page - 1), (12, "list.after", found.page + 1))
    return [
        button(f"show:list#{number}", t(language, key), {**about, "page": page})
        for number, key, page in ways
        if 1 <= page <= found.pages
    ]


def _other_lists(title_key: str, language: Language) -> list[Block]:
    """Draw the way to the other lists, so that their words need not be known."""
    return [
        button(f"show:list#{number}", t(language, f"answer.{name}_cases"), {"scope": scope})
        for number, (scope, name) in enumerate(LISTS.items(), start=1)
        if title_key != f"list.{scope}"
    ]


def case_section(case: CaseFacts, language: Language, number: int) -> Block:
    """Draw one case of a list; ``number`` tells the buttons of one message apart."""
    values = {"case": case.number}
    return section(
        case_lines(case, language),
        button(f"show:show#{number}", t(language, "button.show"), values),
    )


def case_lines(case: CaseFacts, language: Language) -> str:
    """Write one case in two or three lines of mrkdwn: severity, status, owner, what is due next."""
    lines = t(
        language,
        "answer.case_line",
        mark=MARKS[case.severity],
        reference=case.reference,
        customer=short_text(case.customer, 80),
        severity=label(language, case.severity),
        status=label(language, case.status),
        owner=owner_line(case, language, "answer"),
    )
    if case.status in OPEN:
        priority = label(language, rank_case(case).priority)
        lines += t(language, "ranking.short", priority=lower_first(priority, language))
    if case.channel_id:
        lines += t(language, "answer.case_place", channel=mention_channel(case.channel_id))
    due = [clock_line_now(clock, case, language) for clock in open_clocks(case)[:1]]
    missing = [unreached_line(case, language)] if case.unreached else []
    return "\n".join([lines, *due, *missing])


def case_said(case: CaseFacts, language: Language) -> str:
    """Write one case on one line, for screen readers."""
    return " ".join(case_lines(case, language).split())


def show_answer(case: CaseFacts, language: Language) -> Message:
    """Draw the card, with the way to the case's channel, and to all cases of the customer.

    Without a channel it is the card alone.
    """
    card = case_card(case, language)
    if not case.channel_id:
        return card
    way = t(language, "answer.channel", channel=mention_channel(case.channel_id))
    theirs = button(
        "show:list", t(language, "answer.their_cases"), {"customer": short_text(case.customer, 80)}
    )
    missed = button("do:catch_up", t(language, "press.catch_up"), {"case": case.number})
    return message(f"{card.text} {way}", context(way), *card.blocks, actions(missed, theirs))


def timeline_answer(
    case: CaseFacts, entries: Sequence[TimelineFacts], page: int, pages: int, language: Language
) -> Message:
    """Compose a page of the record, oldest first, with buttons to the neighbouring pages.

    ``page`` counts from 1 and ``pages`` is at least 1; ``entries`` are those of this page.
    """
    title = t(language, "answer.timeline", reference=case.reference, page=page, pages=pages)
    lines = [
        f"{slack_date(entry.at, language)}  {timeline_line(entry, language)}" for entry in entries
    ]
    lines = lines or [t(language, "answer.timeline_empty")]
    turns = [
        button(
            f"show:timeline#{number}",
            t(language, f"answer.{key}"),
            {"case": case.number, "page": target},
        )
        for number, (key, target) in enumerate((("earlier", page - 1), ("later", page + 1)), 1)
        if 1 <= target <= pages
    ]
    return message(
        "\n".join([title, *lines]),
        section(title),
        *(section(part) for part in _parts(lines)),
        actions(*turns),
    )


def _parts(lines: Sequence[str]) -> list[str]:
    """Join lines into as few sections as hold them; a line longer than a section is cut."""
    parts: list[str] = []
    for line in (fit(line, TEXT_MAX) for line in lines):
        if parts and len(parts[-1]) + len(line) < TEXT_MAX:
            parts[-1] += f"\n{line}"
        else:
            parts.append(line)
    return parts


def refusal_message(key: str, language: Language, **facts: object) -> Message:
    """Say why something was not done and what to do instead; ``key`` is under ``refusal.``.

    ``facts`` are those of ``UserError``, or the JSON of one. ``status``, ``role``, ``severity``,
    ``clock``, ``kind`` and ``spoken`` are said in words, user ids in ``user``, ``owner``, ``by``,
    ``to`` and ``people`` as mentions, ``minutes`` as a span, ``left`` and ``limit`` as money where
    they are amounts, instants in the reader's zone, and all else is escaped. The text
    ``<key>_now`` is preferred where it exists and ``status`` is given. Raises MissingTextError for
    an unknown key, or for a fact that the text needs and is not given.
    """
    if f"refusal.{key}_now" in load_texts(language) and "status" in facts:
        key = f"{key}_now"
    told = {name: _told(name, value, language) for name, value in facts.items()}
    if "gap" in facts:
        told["gap"] = _say_gap(str(facts["gap"]), told, language)
    words = t(language, f"refusal.{key}", **told)
    return message(words, section(words))


def _say_gap(gap: str, told: Mapping[str, str], language: Language) -> str:
    """Why money may not be offered; the facts are told already."""
    given = {"near": told["near"], "kind": told["near_kind"], "amount": told["amount"]}
    at = told.get("promised")
    given["on"] = slack_date(datetime.fromisoformat(at), language) if at else ""
    return t(language, f"gap.{gap}", **given)


def _told(name: str, value: Any, language: Language) -> str:
    """Write one fact of a refusal as mrkdwn; a value that is no known word is shown escaped."""
    if isinstance(value, datetime):
        return slack_date(value, language)
    if isinstance(value, Enum) and not isinstance(value, str | int):
        return escape(str(value.value))
    if name in PEOPLE and USER_ID.fullmatch(str(value)):
        return mention_user(str(value))
    if name == "minutes":
        return format_duration(timedelta(minutes=int(value)), language)
    if name == "people":
        return ", ".join(mention_user(str(each)) for each in value)
    if name == "topics":
        return ", ".join(label(language, SponsorshipTopic(each)) for each in value)
    if name == "customers":
        return ", ".join(escape(str(each)) for each in value)
    if name == "gaps":
        return escape(name_parts(value, language))
    if name == "party":
        return t(language, f"party.{value}")
    if name not in WORDS:
        return escape(say_amount(str(value), language) if name in AMOUNTS else str(value))
    try:
        return label(language, WORDS[name](int(value) if name == "severity" else value))
    except ValueError:
        return escape(str(value))


def trouble_message(reference: str, language: Language) -> Message:
    """Apologise for a fault of ours; ``reference`` is the one under which it was logged."""
    words = t(language, "answer.trouble", reference=escape(reference))
    return message(words, section(words))


def store_away(language: Language) -> Message:
    """Say that nothing could be stored, so the person has to ask again."""
    words = t(language, "answer.store_away")
    return message(words, section(words))


def field_problem(kind: str, language: Language, **facts: object) -> str:
    """Say in plain text what is wrong with one field; ``kind`` is under ``field.``.

    Raises MissingTextError for an unknown kind or a fact that its text needs.
    """
    return without_marks(t(language, f"field.{kind}", **facts))


def without_marks(text: str) -> str:
    """Take out backticks, for places where Slack reads no mrkdwn and would show them."""
    return text.replace("`", "")


def language_chosen(language: Language, chosen: str) -> Message:
    """Tell a person, in the language that is theirs from now on, that it is; with a way back.

    ``chosen`` is a language's code, or ``slack``: then the language is what Slack tells of them.
    """
    key = "language.as_in_slack" if chosen == AS_IN_SLACK else "language.chosen"
    words = t(language, key, language=_named(language))
    change = button("ask:choose_language", t(language, "language.change"), {})
    return message(words, section(words), actions(change))


def _named(language: Language) -> str:
    name = label(language, language)
    return name.lower() if language.data.lower_names else name
