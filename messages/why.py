"""The answer to “why is this due then?”: each clock with what its time is made of."""

from datetime import timedelta

from bot.rules.facts import CaseFacts, ClockFacts
from bot.rules.words import ClockKind, HoldReason, Language
from messages.blocks import Message, context, message, section
from messages.mrkdwn import escape, when
from messages.texts import label, t

CLOCKS_SHOWN = 20  # sections


def why_answer(case: CaseFacts, clock: str | None, language: Language) -> Message:
    """How the due times of a case come about; ``clock`` is a clock's kind, None: all running."""
    wanted = [c for c in case.clocks if (c.kind == clock if clock is not None else not c.ended)]
    lines = [clock_story(c, case, language) for c in wanted[:CLOCKS_SHOWN]]
    lines = lines or [t(language, "why.none")]
    title, rule = t(language, "why.title", reference=case.reference), t(language, "why.rule")
    return message(
        "\n".join([title, *lines, rule]),
        section(title),
        *(section(line) for line in lines),
        context(rule),
    )


def clock_story(clock: ClockFacts, case: CaseFacts, language: Language) -> str:
    """One clock: when it started, how much is used, when it is due, what stopped it."""
    said = [
        t(
            language,
            "why.counted",
            clock=label(language, ClockKind(clock.kind)),
            state=t(language, f"state.{clock.state}"),
            started=when(clock.started_at, language),
            share=round(clock.share_used * 100),
        )
    ]
    if clock.due is not None:
        said.append(t(language, "why.due", due=when(clock.due, language)))
        left = clock.remaining
        if left is not None and clock.due - case.now - left > timedelta(minutes=1):
            said.append(t(language, "why.working"))
    if clock.promised:
        said.append(t(language, "why.promised"))
    if clock.pause_reasons:
        reasons = ", ".join(_reason(reason, language) for reason in clock.pause_reasons)
        said.append(t(language, "why.paused", reasons=reasons))
    if clock.breached_at is not None:
        said.append(t(language, "why.missed", when=when(clock.breached_at, language)))
    return " ".join(said)


def _reason(reason: str, language: Language) -> str:
    try:
        return label(language, HoldReason(reason))
    except ValueError:
        return escape(reason)
