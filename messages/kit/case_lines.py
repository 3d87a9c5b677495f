"""Lines about a case that several messages share: its clocks, and short texts from people."""

from datetime import timedelta

from bot.rules.facts import CaseFacts, ClockFacts, HoldFacts, SiblingFacts, ToldFacts
from bot.rules.lifecycle import OPEN, unheard_lead
from bot.rules.severity import rank_case
from bot.rules.sla import State
from bot.rules.states import PageAnswer, Turn
from bot.rules.words import ClockKind, Language, Status
from messages.kit.blocks import fit
from messages.kit.mrkdwn import (
    escape,
    format_lateness,
    format_span,
    mention_channel,
    mention_user,
    slack_date,
)
from messages.kit.template_context import unreached_line as unreached
from messages.kit.texts import label, plural, t

NOTE_SHOWN = 300  # characters of a note, a question or a reason
UNREACHED_SHOWN = 5  # people on one line
ELSEWHERE = frozenset({ClockKind.HANDOFF.value})  # own lines
# Clocks between colleagues: what the customer waits for is said before them.
INTERNAL = frozenset(
    {ClockKind.CHECK_IN.value, ClockKind.ACKNOWLEDGE.value, ClockKind.POSTMORTEM_HELD.value,
     ClockKind.EXECUTIVE_ACKNOWLEDGE.value}
)  # fmt: skip


def short_text(text: str, limit: int = NOTE_SHOWN) -> str:
    """Put text from people on one line, escaped and cut."""
    return fit(escape(" ".join(text.split())[:limit]), limit * 2)


def open_clocks(case: CaseFacts) -> list[ClockFacts]:
    """Return the clocks that need a person: overdue first, then by due time, paused last.

    Of the overdue ones those that the customer waits for come first. Action items and handovers are
    left out: they have lines of their own.
    """
    running = [c for c in case.clocks if not c.ended and c.kind not in ELSEWHERE]
    return sorted(
        running,
        key=lambda c: (
            c.due is None,
            not _late(c, case),
            _late(c, case) and c.kind in INTERNAL,
            c.due or c.started_at,
        ),
    )


def clock_line(clock: ClockFacts, case: CaseFacts, language: Language) -> str:
    """Write one running clock for a message that stays: what, and by when.

    It has no time that is left or over, which would be wrong a minute later; only what is left of a
    paused clock stays as it is.
    """
    return _told(clock, case, language, "card")


def clock_line_now(clock: ClockFacts, case: CaseFacts, language: Language) -> str:
    """Write one running clock for an answer of this moment: what is left, or how late it is.

    By the wall clock, as the customer waits; from a day on in days.
    """
    return _told(clock, case, language, "answer")


def spoken_clock(clock: ClockFacts, case: CaseFacts, language: Language) -> str:
    """Say one running clock as a short sentence of a message that stays."""
    return _told(clock, case, language, "card.said")


def _told(clock: ClockFacts, case: CaseFacts, language: Language, family: str) -> str:
    """Fill the family's text for a clock that is paused, overdue, promised or due.

    The texts are ``<family>.clock_paused`` (facts ``clock``, ``left``) and ``_overdue``,
    ``_promised``, ``_due`` (``clock``, ``when``, ``span``); ``span`` is without a sign, by the wall
    clock.
    """
    name = label(language, ClockKind(clock.kind))
    if clock.due is None:
        left = format_span(clock.remaining or timedelta(), language)
        return t(language, f"{family}.clock_paused", clock=name, left=left)
    late = _late(clock, case)
    form = "overdue" if late else "promised" if clock.promised else "due"
    span = format_lateness(case.now - clock.due, language)
    when = slack_date(clock.due, language)
    return t(language, f"{family}.clock_{form}", clock=name, when=when, span=span)


def _late(clock: ClockFacts, case: CaseFacts) -> bool:
    """True once the breach is noted, and before that as soon as the due time has passed."""
    return clock.due is not None and (clock.state == State.BREACHED or clock.due < case.now)


def owner_line(case: CaseFacts, language: Language, family: str) -> str:
    """Name the owner; of a case that nobody has claimed, who was called for it.

    ``family`` has the texts ``owner`` and ``owner_called``. A reporter who owns the case until
    it is claimed was not called.
    """
    called = case.status is Status.NEW and case.owner != case.reporter
    suffix = "_called" if called else ""
    return t(language, f"{family}.owner{suffix}", user=mention_user(case.owner))


def page_lines(case: CaseFacts, language: Language) -> list[str]:
    """Say who was paged to take the case, when, and what they answered.

    Empty once it is taken, and while the owner alone was paged: that line is there anyway.
    """
    pages = [page for page in case.pages if page.turn is not Turn.KNOWS]
    if case.status is not Status.NEW or len(pages) < 2 - any(p.answered_at for p in pages):
        return []
    said = (
        t(
            language,
            "card.page_declined" if page.answer is PageAnswer.CANNOT else "card.page_silent",
            user=mention_user(page.user),
            at=slack_date(page.at, language),
        )
        for page in pages
    )
    return [t(language, "card.pages", people=", ".join(said))]


def component_lines(case: CaseFacts, language: Language) -> list[str]:
    """Name the component of the product that the case is about; nothing where none is known."""
    if not case.component:
        return []
    return [t(language, "card.component", component=short_text(case.component, 60))]


def told_lines(case: CaseFacts, language: Language) -> list[str]:
    """Say which stakeholders have seen an open case, and who was told in the place of who has not.

    Nothing of one that no one was told of.
    """
    if case.status not in OPEN or not case.told:
        return []
    return [t(language, "card.told", people=", ".join(_told_line(e, language) for e in case.told))]


def _told_line(each: ToldFacts, language: Language) -> str:
    user = mention_user(each.user)
    if each.seen_at:
        return t(language, "card.told_seen", user=user, at=slack_date(each.seen_at, language))
    said = t(language, "card.told_unseen", user=user, at=slack_date(each.at, language))
    passed = "".join(f"; {unreached(who, language)}" for who in each.passed)
    return said + passed


def unreached_line(case: CaseFacts, language: Language) -> str:
    """Say whom the case called for in vain; at most five people."""
    people = ", ".join(unreached(each, language) for each in case.unreached[:UNREACHED_SHOWN])
    return t(language, "card.unreached", people=people)


def hold_line(hold: HoldFacts, language: Language) -> str:
    """Say until when the case waits, why, who set it, and what was remarked."""
    reason = label(language, hold.reason)
    if hold.approved_by:
        reason = t(language, "card.hold_by", reason=reason, by=mention_user(hold.approved_by))
    reason += f". {short_text(hold.note)}" if hold.note else ""
    return t(language, "card.hold", until=slack_date(hold.until, language), reason=reason)


def letter_lines(case: CaseFacts, language: Language) -> list[str]:
    """Say that the customer's letter about the resolution waits, for whom, and who wrote it.

    Empty without a letter, and for a case that is not open. A lead who must hear it first is named
    only while no party has said no and the letter is not free.
    """
    letter = case.letter
    if letter is None or case.status not in OPEN:
        return []
    said_no = any(not each.comfortable for each in case.confirmations)
    lead = "" if said_no or letter.free else unheard_lead(case, letter.by)
    by, at = mention_user(letter.by), slack_date(letter.at, language)
    key = "card.letter" if lead else "card.letter_kept"
    return [t(language, key, user=mention_user(lead) if lead else "", by=by, at=at)]


def reported_lines(case: CaseFacts, language: Language) -> list[str]:
    """Say who was paged, and how often the trouble was reported, which tells how urgent it is."""
    if case.last_report_at is None:
        return page_lines(case, language)
    when = slack_date(case.last_report_at, language)
    said = plural(language, "card.reported", case.reports, when=when)
    return [*page_lines(case, language), said]


def priority_line(case: CaseFacts, language: Language) -> str:
    """Say the case's priority and what it rests on."""
    ranked = rank_case(case)
    facts = {"severity": label(language, case.severity)}
    reasons = [t(language, f"ranking.because.{each}", **facts) for each in ranked.reasons]
    said = t(
        language, "ranking.priority",
        priority=label(language, ranked.priority), because=", ".join(reasons),
    )  # fmt: skip
    if case.deadline is None:
        return said
    until = slack_date(case.deadline, language)
    return f"{said} {t(language, 'ranking.deadline', until=until)}"


def contest_lines(case: CaseFacts, language: Language) -> list[str]:
    """Say what the customer said against the ranking and was not answered yet."""
    return [
        t(language, "ranking.contested", words=short_text(each.words), by=mention_user(each.by),
          when=slack_date(each.at, language))
        for each in case.contests
    ]  # fmt: skip


def sibling_line(other: SiblingFacts, language: Language) -> str:
    """Say that the customer has another open case, who owns it and where it is."""
    where = mention_channel(other.channel_id) if other.channel_id else f"ESC-{other.number}"
    facts = {"severity": label(language, other.severity), "owner": mention_user(other.owner)}
    return t(language, "card.sibling", reference=f"ESC-{other.number}", where=where, **facts)


def merged_lines(case: CaseFacts, language: Language) -> list[str]:
    """Say in which case a merged one goes on; nothing of any other."""
    if case.merged_into is None:
        return []
    return [t(language, "card.merged", reference=f"ESC-{case.merged_into}")]
