"""Lines about a problem, as its card, its lists, its forms and its notices share them.

Names of problems and customers are cut and, but for ``problem_title``, escaped.
"""

from collections.abc import Sequence
from datetime import date

from bot.rules.problems.audience import ALL, UNTOLD
from bot.rules.problems.facts import (
    AffectedFacts,
    BroadcastFacts,
    ProblemFacts,
    RecordFacts,
    name_number,
)
from bot.rules.states import ApprovalState, RecipientState
from bot.rules.words import Language
from messages.cases.card import MARKS
from messages.kit.blocks import Block, ask_first, button
from messages.kit.case_lines import short_text
from messages.kit.mrkdwn import escape, mention_user, mrkdwn_link, on_day, slack_date
from messages.kit.template_context import clip_line, mention_person
from messages.kit.texts import MissingTextError, label, plural, t

BAR = 10  # squares of a progress bar
TITLE_SHOWN = 120  # characters


def problem_title(problem: ProblemFacts) -> str:
    """Write the reference and the title, cut to 120 characters, not escaped."""
    return f"{problem.reference} · {clip_line(problem.title, TITLE_SHOWN)}"


def problem_name(problem: int, title: str, *, known: bool = False) -> str:
    """Name a problem inside a sentence, escaped; a ``known`` issue as such."""
    return f"{name_number(problem, known=known)} {escape(clip_line(title, TITLE_SHOWN))}"


def problem_standing(problem: ProblemFacts, language: Language) -> str:
    """Write the severity with its mark, the state and the owner."""
    return t(
        language,
        "problem.standing",
        mark=MARKS[problem.severity],
        severity=label(language, problem.severity),
        state=t(language, f"problem.state.{problem.state}"),
        owner=mention_user(problem.owner),
    )


def update_due_line(problem: ProblemFacts, language: Language) -> str:
    """Say when the next update to all is due; ``promised`` where a broadcast promised the time."""
    if not problem.open or problem.next_update_at is None:
        return t(language, "problem.clock.stopped")
    moment = slack_date(problem.next_update_at, language)
    if problem.next_update_at <= problem.now:
        return t(language, "problem.clock.late", when=moment)
    form = "promised" if problem.promised else "due"
    return t(language, f"problem.clock.{form}", when=moment)


def affected_line(each: AffectedFacts, language: Language, *, full: bool = False) -> str:
    """Write a customer with the segment and the case.

    ``full``: with the evidence and who said so.
    """
    marks = [escape(each.tier), escape(each.region), label(language, each.language)]
    marks += [f"ESC-{each.case}"] if each.case else []
    marks += [t(language, "problem.told")] if each.told else []
    line = f"*{short_text(each.customer, 80)}*  ({', '.join(mark for mark in marks if mark)})"
    if not full:
        return line
    said = t(
        language,
        "problem.evidence",
        evidence=short_text(each.evidence),
        by=mention_person(each.said_by, language),
        when=slack_date(each.said_at, language),
    )
    places = [short_text(each.source, 80)] if each.source else []
    for url, name in ((each.link, "evidence_link"), (each.ticket, "ticket")):
        places += [mrkdwn_link(url, t(language, f"problem.{name}"))] if url else []
    return "  ·  ".join([f"{line}\n{said}", *places])


def broadcast_line(each: BroadcastFacts, language: Language) -> str:
    """Write a broadcast in a line or two: what it waits for, or how far it got.

    One without ``sent_at`` is said by its state alone.
    """
    facts = {
        "audience": audience_name(each.audience, language),
        "count": each.total,
        "author": mention_user(each.author),
        "approver": mention_user(each.approver) if each.approver else "",
    }
    if each.state != ApprovalState.SENT or each.sent_at is None:
        return t(language, f"problem.broadcast.{each.state}", **facts)
    moment = slack_date(each.sent_at, language)
    return (
        t(language, "problem.broadcast.sent", when=moment, **facts)
        + "\n"
        + progress_line(each, language)
    )


def progress_line(each: BroadcastFacts, language: Language) -> str:
    """Write ``▓▓▓▓▓▓▓▓░░  12 of 15 delivered, 1 failed, 2 replied``; a square is a full tenth."""
    done, total = each.count(RecipientState.DELIVERED), each.total
    full = done * BAR // total if total else 0
    bar = "▓" * full + "░" * (BAR - full)
    parts = [t(language, "problem.progress.delivered", done=done, count=total)]
    hand = sum(r.state == RecipientState.QUEUED and r.route == "hand" for r in each.receipts)
    queued = each.count(RecipientState.QUEUED) - hand
    for name, number in (
        ("failed", each.count(RecipientState.FAILED)),
        ("replied", each.replied),
        ("queued", queued),
        ("by_hand", hand),
    ):
        if number:
            parts.append(t(language, f"problem.progress.{name}", count=number))
    return f"{bar}  {', '.join(parts)}"


def audience_name(audience: str, language: Language) -> str:
    """Name an audience as people say it, escaped.

    Raises ValueError for an unknown language and MissingTextError for an unknown kind of audience.
    """
    if audience in (ALL, UNTOLD):
        return t(language, f"problem.audience.{audience}")
    kind, _, value = audience.partition(":")
    if kind == "language":
        value = label(language, Language(value))
    return t(language, f"problem.audience.{kind}", value=escape(value))


def record_line(entry: RecordFacts, language: Language) -> str:
    """Write one line of a problem's record; a verb that has no sentence is still shown.

    A case that is restricted by now comes as None and a customer as "": other words hide both.
    """
    who = mention_person(entry.actor, language)
    facts = {key: short_text(str(value), 120) for key, value in entry.after.items()}
    if "day" in facts:
        facts["day"] = on_day(date.fromisoformat(str(entry.after["day"])), language)
    key = entry.verb
    if entry.after.get("case", "") is None:  # it is restricted by now
        key += "_hidden"
    if entry.after.get("customer") == "":
        facts["customer"] = t(language, "problem.somebody")
    if "approve" in entry.after:
        key += "_yes" if entry.after["approve"] else "_no"
    if entry.after.get("audience"):
        facts["audience"] = audience_name(str(entry.after["audience"]), language)
    if "count" in entry.after:
        facts["recipients"] = plural(language, "problem.recipients", int(entry.after["count"]))
    try:
        said = t(language, f"problem.event.{key}", actor=who, **facts)
    except MissingTextError:
        said = t(language, "event.other", actor=who, verb=escape(key.replace("_", " ")))
    why = t(language, "event.why", why=short_text(entry.why, 200)) if entry.why else ""
    return f"{slack_date(entry.at, language)}  {said}{why}"


def sure_to_send(count: int, languages: Sequence[str], language: Language) -> Block:
    """The question before a message to many goes out: to how many, in which languages."""
    spoken = ", ".join(label(language, Language(each)) for each in languages)
    to = plural(language, "problem.recipients", count)
    return ask_first(
        t(language, "problem.sure.title"),
        t(language, f"problem.sure.{'text' if spoken else 'all'}", recipients=to, languages=spoken),
        t(language, "problem.sure.yes"),
        t(language, "problem.sure.no"),
    )


def send_button(each: BroadcastFacts, language: Language) -> Block:
    """Send what was approved, once it was asked whether to so many, in these languages."""
    return button(
        "do:send_broadcast",
        t(language, "problem.button.send", count=each.total),
        {"problem": each.problem, "broadcast": each.id},
        style="primary",
        sure=sure_to_send(each.total, sorted(each.texts), language),
    )
