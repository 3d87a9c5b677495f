"""The quarterly review in Slack: first what is open of earlier ones, then its parts and decisions.

Texts: ``quarterly.*``. What people wrote is quoted and escaped.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from bot.rules.reports.quarterly import QuarterlyReviewFacts
from bot.rules.states import Prevention
from bot.rules.words import Language
from messages.kit.blocks import Block, Message, actions, button, message, section
from messages.kit.dates import format_duration
from messages.kit.mrkdwn import mention_user, quote_text, slack_date
from messages.kit.template_context import text_chunks
from messages.kit.texts import label, plural, t
from messages.meetings.quarterly_decisions import (
    count_left,
    decision_notice,
    draw_presses,
    list_decisions,
    tell_open,
)
from messages.reports.writing import name_period, read_quarter

INVITING = ("prepared", "moved")


def quarterly_answer(
    found: QuarterlyReviewFacts, language: Language, *, viewer: str, writes: bool
) -> Message:
    """The whole review, as ``viewer`` reads it; ``writes``: with the buttons of those who lead it.

    Who is invited can answer here until it is held, and so change an answer. A decision's buttons
    stand below the list that it is in. Whatever its length, nothing of the four parts is cut.
    """
    title = t(language, "quarterly.title", period=name_period(found.period, language))
    parts = [t(language, "quarterly.open_first", count=len(found.open_before))]
    parts += list_decisions(found.open_before, language, quarter=True)
    head = "\n".join([f"*{title}*", _when(found, language), *parts])
    written = [_part(part, found, language) for part in Prevention]
    decided = "\n".join(
        [t(language, "quarterly.decisions", count=len(found.decisions)),
         *list_decisions(found.decisions, language)]
    )  # fmt: skip
    asked = t(language, "quarterly.asked")
    about = {"review": found.id}
    answers = found.held_at is None and viewer in found.invited
    above = sum(each.done_at is None for each in found.open_before)
    return message(
        "\n".join([head, asked, *written, decided]),
        *_sections(head),
        actions(*_answers(about, language)) if answers else None,
        *draw_presses(found.open_before, language, viewer=viewer, writes=writes),
        *_sections(asked, *written),
        *_sections(decided),
        *draw_presses(found.decisions, language, viewer=viewer, writes=writes, after=above),
        actions(
            *_figures(found.period.key, language),
            button("show:quarterly_file", t(language, "quarterly.calendar"), about)
            if found.held_at is None
            else None,
            *(_writing(about, found, language) if writes else ()),
        ),
    )


def _sections(*texts: str) -> list[Block]:
    """Each text in sections of its own, cut between lines where one is too long for one section."""
    return [section(piece) for text in texts for piece in text_chunks(text)]


def _answers(about: Mapping[str, Any], language: Language) -> Iterator[Block]:
    """The two answers to an invitation."""
    for number, (name, coming) in enumerate((("yes", True), ("no", False)), start=1):
        yield button(
            f"do:answer_quarterly_review#{number}", t(language, f"quarterly.{name}"),
            {**about, "coming": coming}, style="primary" if coming else "",
        )  # fmt: skip


def _when(found: QuarterlyReviewFacts, language: Language) -> str:
    """When it takes place and who comes, or when it was held.

    Those who have not answered are named too, so that they can be asked.
    """
    if found.held_at is not None:
        when = slack_date(found.held_at, language)
        return t(language, "quarterly.was_held", when=when, user=mention_user(found.held_by))
    when = slack_date(found.meets_at, language) if found.meets_at else ""
    people = {
        name: ", ".join(mention_user(user) for user in users) or "–"
        for name, users in (
            ("yes", found.yes), ("no", found.no),
            ("silent", [u for u in found.invited if u not in (*found.yes, *found.no)]),
        )
    }  # fmt: skip
    length = _length(found.minutes, language)
    return t(language, "quarterly.takes_place", when=when, minutes=length, **people)


def _length(minutes: int, language: Language) -> str:
    """How long it takes, in words."""
    return format_duration(timedelta(minutes=minutes), language)


def _part(part: Prevention, found: QuarterlyReviewFacts, language: Language) -> str:
    """One of the four parts: what was written, or that it is missing.

    What is too short to count is shown as it was written, as the form says what it lacks.
    """
    name = label(language, part)
    if text := found.findings.get(part, ""):
        return f"*{name}*\n{quote_text(text)}"
    return t(language, "quarterly.missing", part=name)


def _figures(quarter: str, language: Language) -> Iterator[Block]:
    """The figures of the quarter, and their pictures.

    They are read by each person for themselves, so amounts are shown to those who may know them.
    """
    about = {"period": quarter}
    yield button("show:figures", t(language, "figures.button"), about)
    yield button("show:figures_files", t(language, "figures.files"), about)


def _writing(
    about: Mapping[str, Any], found: QuarterlyReviewFacts, language: Language
) -> Iterator[Block]:
    """What those who lead do with it: write the parts, and add a decision.

    Once it is held only decisions are added, since what was found was told to the invited.
    """
    if found.held_at is None:
        text = t(language, "quarterly.write")
        yield button("ask:write_quarterly_review", text, about, style="primary")
    yield button("ask:decide_quarter", t(language, "quarterly.decide"), about)


def quarterly_notice(name: str, language: Language, extra: Mapping[str, Any]) -> Message:
    """Compose what is said of a review or of a decision.

    ``extra`` is that of ``describe_review`` or ``describe_decision`` of ``bot.reports.quarterly``;
    ``moved`` and ``held`` have ``by`` and ``findings`` too. Raises KeyError for an unknown name.
    """
    period = name_period(read_quarter(str(extra["quarter"])), language)
    if "decision" in extra:
        return decision_notice(name, language, extra, period)
    facts: dict[str, Any] = {"period": period, "minutes": _length(extra["minutes"], language)}
    if extra["meets_at"]:
        facts["when"] = slack_date(datetime.fromisoformat(str(extra["meets_at"])), language)
    if extra.get("by"):
        facts["user"] = mention_user(str(extra["by"]))
    texts = [t(language, f"quarterly.{name}", **facts)]
    if name == "prepared":
        texts.append("\n".join(_still_open(language, extra)))
    if name == "held":
        texts += [
            f"*{label(language, Prevention(part))}*\n{quote_text(str(text))}"
            for part, text in extra["findings"].items()
        ]
    return message("\n".join(texts), *_sections(*texts), _doors(name, language, extra))


def _still_open(language: Language, extra: Mapping[str, Any]) -> list[str]:
    """What is open of earlier quarters, in an invitation: how many, and the first of them."""
    count = int(extra["count"])
    if not count:
        return [t(language, "quarterly.open_none")]
    lines = [tell_open(each, language) for each in extra["open"]]
    more = count_left(count - len(lines), language)
    return [plural(language, "quarterly.open_count", count), *lines, *more]


def _doors(name: str, language: Language, extra: Mapping[str, Any]) -> Block | None:
    """The buttons below a message about a review: the answers, the figures, the whole of it.

    An invitation, and one to another time, is answered; of what is not held the next step is to
    write it; everything else leads to the review itself.
    """
    about, period = {"review": extra["review"]}, {"period": extra["quarter"]}
    whole = button("show:quarterly_review", t(language, "quarterly.show"), about)
    if name in INVITING:
        return actions(
            *_answers(about, language),
            whole,
            button("show:figures", t(language, "figures.button"), period),
            button("show:quarterly_file", t(language, "quarterly.calendar"), about),
        )
    if name == "not_held":
        write = button("ask:write_quarterly_review", t(language, "quarterly.write"), about)
        return actions(write, whole)
    return actions(whole)
