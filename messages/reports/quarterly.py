"""The quarterly review in Slack: first what is open of earlier ones, then its parts and decisions.

Texts: ``quarterly.*``. What people wrote is quoted and escaped.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from bot.rules.reports.periods import Period, read_period
from bot.rules.reports.quarterly import QuarterDecisionFacts, QuarterlyReviewFacts
from bot.rules.states import Prevention
from bot.rules.words import Language
from messages.kit.blocks import Block, Message, actions, button, context, fit, message, section
from messages.kit.case_lines import short_text
from messages.kit.dates import format_duration, full_day
from messages.kit.mrkdwn import escape, mention_user, quote_text, slack_date
from messages.kit.template_context import text_chunks
from messages.kit.texts import label, plural, t
from messages.reports.writing import name_period

SHOWN = 20  # decisions of each kind
TEXT_MAX = 200  # characters of a decision in a line
FAR = date.max  # every quarter that is stored lies before it

INVITING = ("prepared", "moved")


def quarterly_answer(
    found: QuarterlyReviewFacts, language: Language, *, viewer: str, writes: bool
) -> Message:
    """The whole review, as ``viewer`` reads it; ``writes``: with the buttons of those who lead it.

    Who is invited can answer here until it is held, and so change an answer. Whatever its length,
    nothing of the four parts is cut.
    """
    title = t(language, "quarterly.title", period=name_period(found.period, language))
    parts = [t(language, "quarterly.open_first", count=len(found.open_before))]
    parts += _listed(found.open_before, language, quarter=True)
    head = "\n".join([f"*{title}*", _when(found, language), *parts])
    written = [_part(part, found, language) for part in Prevention]
    decided = "\n".join(
        [t(language, "quarterly.decisions", count=len(found.decisions)),
         *_listed(found.decisions, language)]
    )  # fmt: skip
    asked = t(language, "quarterly.asked")
    about = {"review": found.id}
    answers = found.held_at is None and viewer in found.invited
    return message(
        "\n".join([head, asked, *written, decided]),
        *_sections(head),
        actions(*_answers(about, language)) if answers else None,
        *_done_buttons([*found.open_before, *found.decisions], language),
        *_sections(asked, *written),
        *_sections(decided),
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


def _listed(
    decisions: Sequence[QuarterDecisionFacts], language: Language, *, quarter: bool = False
) -> list[str]:
    """A line for each decision: what, who, until when, or that it is done.

    At most ``SHOWN`` of them; a last line says how many more there are.
    """
    lines = [_decision_line(each, language, quarter=quarter) for each in decisions[:SHOWN]]
    return [*lines, *_more(len(decisions) - len(lines), language)]


def _more(left: int, language: Language) -> list[str]:
    """The line that says how many decisions are not shown; none where all are."""
    return [plural(language, "quarterly.more", left)] if left > 0 else []


def _line_text(text: str) -> str:
    """A decision in a line: short, also where every letter of it must be escaped."""
    return fit(escape(short_text(text, TEXT_MAX)), 2 * TEXT_MAX)


def _decision_line(each: QuarterDecisionFacts, language: Language, *, quarter: bool) -> str:
    """What was decided, in which quarter, and how it stands.

    ``quarter``: it is of an earlier review, which is named; a review's own need not be.
    """
    facts = {
        "text": _line_text(each.decision),
        "user": mention_user(each.owner),
        "due": full_day(each.due, language),
        "quarter": f" ({name_period(_period(each.quarter), language)})" if quarter else "",
    }
    return t(language, f"quarterly.line_{'done' if each.done_at else 'open'}", **facts)


def _done_buttons(
    decisions: Sequence[QuarterDecisionFacts], language: Language
) -> Iterator[Block | None]:
    """A button for each open decision, by which its owner, or who leads, says that it is done.

    At most five, so that the message stays short; an owner has the button in their own message too,
    with each reminder.
    """
    for place, each in enumerate([d for d in decisions if d.done_at is None][:5]):
        text = t(language, "quarterly.done_of", text=short_text(each.decision, 40))
        about = {"decision": each.id}
        yield actions(button(f"ask:end_quarter_decision#{place}", text, about))


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
    period = name_period(_period(str(extra["quarter"])), language)
    if "decision" in extra:
        return _decision_notice(name, language, extra, period)
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
    lines = [_open_line(each, language) for each in extra["open"]]
    more = _more(count - len(lines), language)
    return [plural(language, "quarterly.open_count", count), *lines, *more]


def _open_line(each: Mapping[str, Any], language: Language) -> str:
    """An open decision in an invitation.

    It has no button there: the invitation is answered, and the review that it leads to has them.
    Its owner has a message of their own.
    """
    due = full_day(date.fromisoformat(str(each["due"])), language)
    text = _line_text(str(each["text"]))
    user = mention_user(str(each["owner"]))
    return t(language, "quarterly.line_open", text=text, user=user, due=due, quarter="")


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


def _decision_notice(
    name: str, language: Language, extra: Mapping[str, Any], period: str
) -> Message:
    """What an owner or an author hears of a decision.

    It quotes the decision, or where there is some the evidence. One that is open has the button
    that says it is done, and says until when it is asked about. ``left`` of ``extra`` is whose it
    was, where it passed on.
    """
    said = t(
        language, f"quarterly.{name}", period=period, user=mention_user(str(extra["by"])),
        due=full_day(date.fromisoformat(str(extra["due_on"])), language),
        owner=mention_user(str(extra.get("left", ""))),
    )  # fmt: skip
    quoted = quote_text(str(extra["evidence"] or extra["text"]))
    done = name in ("decision_done", "done_noted", "decision_noted")
    press = t(language, "quarterly.done")
    about = {"decision": extra["decision"]}
    return message(
        f"{said}\n{quoted}",
        *_sections(f"{said}\n{quoted}"),
        None if done else actions(button("ask:end_quarter_decision", press, about)),
        None if done else context(t(language, "quarterly.done_how")),
    )


def _period(key: str) -> Period:
    """The period of a stored key, in UTC.

    Only its name is shown, which no zone changes.
    """
    found = read_period(key, FAR, "UTC")
    assert found is not None
    return found
