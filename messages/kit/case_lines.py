"""Lines about a case that several messages share: its clocks, and short texts from people."""

from datetime import timedelta

from bot.rules.facts import CaseFacts, ClockFacts
from bot.rules.sla import State
from bot.rules.words import ClockKind, Language
from messages.kit.blocks import fit
from messages.kit.mrkdwn import escape, format_span, slack_date
from messages.kit.template_context import unreached_line as unreached
from messages.kit.texts import label, t

NOTE_SHOWN = 300  # characters of a note, a question or a reason
UNREACHED_SHOWN = 5  # people on one line
ELSEWHERE = frozenset({ClockKind.ACTION_ITEM.value, ClockKind.HANDOFF.value})  # own lines


def short_text(text: str, limit: int = NOTE_SHOWN) -> str:
    """Put text from people on one line, escaped and cut."""
    return fit(escape(" ".join(text.split())[:limit]), limit * 2)


def open_clocks(case: CaseFacts) -> list[ClockFacts]:
    """Return the clocks that need a person: overdue first, then by due time, paused last.

    Action items and handovers are left out: they have lines of their own.
    """
    running = [c for c in case.clocks if not c.ended and c.kind not in ELSEWHERE]
    return sorted(running, key=lambda c: (c.due is None, c.due or c.started_at))


def clock_line(clock: ClockFacts, case: CaseFacts, language: Language) -> str:
    """Write one running clock: what, by when, and how much is left or how late it is.

    What is left is open time on the clock's own calendar where that is known; it is called working
    time where it is over a minute less than the wall clock's.
    """
    name = label(language, ClockKind(clock.kind))
    if clock.due is None:
        left = format_span(clock.remaining or timedelta(), language)
        return t(language, "card.clock.paused", clock=name, left=left)
    moment = slack_date(clock.due, language)
    if _late(clock, case):
        over = format_span(clock.overdue or case.now - clock.due, language)
        return t(language, "card.clock.overdue", clock=name, when=moment, over=over)
    wall = clock.due - case.now
    open_time = clock.remaining if clock.remaining is not None else wall
    form = "promised" if clock.promised else "due"
    form += "_working" if wall - open_time > timedelta(minutes=1) else ""
    left = format_span(open_time, language)
    return t(language, f"card.clock.{form}", clock=name, when=moment, left=left)


def _late(clock: ClockFacts, case: CaseFacts) -> bool:
    return clock.due is not None and (clock.state == State.BREACHED or clock.due < case.now)


def spoken_clock(clock: ClockFacts, case: CaseFacts, language: Language) -> str:
    """Say one running clock as a short sentence."""
    name = label(language, ClockKind(clock.kind))
    if clock.due is None:
        left = format_span(clock.remaining or timedelta(), language)
        return t(language, "card.said.paused", clock=name, left=left)
    if _late(clock, case):
        over = format_span(clock.overdue or case.now - clock.due, language)
        return t(language, "card.said.overdue", clock=name, over=over)
    left = format_span(
        clock.remaining if clock.remaining is not None else clock.due - case.now, language
    )
    return t(language, "card.said.due", clock=name, when=slack_date(clock.due, language), left=left)


def unreached_line(case: CaseFacts, language: Language) -> str:
    """Say whom the case called for in vain; at most five people."""
    people = ", ".join(unreached(each, language) for each in case.unreached[:UNREACHED_SHOWN])
    return t(language, "card.unreached", people=people)
