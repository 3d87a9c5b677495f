"""Why a time is due: each clock explained, and the ledger of what the customer was promised.

Private answers in the reader's language. Explanations are plain text and are escaped here.
"""

from collections.abc import Sequence

from bot.rules.facts import CaseFacts, PromiseFacts
from bot.rules.words import ClockKind, Language
from messages.clocks.explain import Explanation
from messages.kit.blocks import Block, Message, actions, button, context, message, section
from messages.kit.case_lines import priority_line
from messages.kit.mrkdwn import escape, format_lateness, slack_date
from messages.kit.texts import label, t

CLOCKS_SHOWN = 20  # sections of a message
PROMISES_SHOWN = 30  # the newest of a ledger

Told = tuple[str, Explanation]


def why_answer(case: CaseFacts, told: Sequence[Told], language: Language) -> Message:
    """Explain the due times of a case: one clock in full, several by their headlines.

    ``told`` are pairs of a clock's name and its explanation; of several the first 20 are shown,
    each with a button for all clocks of its kind. Empty: say that no clock runs.
    """
    title = t(language, "why.title", reference=case.reference)
    if not told:
        return message(f"{title}\n{t(language, 'why.none')}", section(t(language, "why.none")))
    if len(told) == 1:
        return _in_full(case, told[0], title, language)
    shown = told[:CLOCKS_SHOWN]
    return message(
        "\n".join([title, *(e.headline for _, e in shown)]),
        section(f"{title}\n{priority_line(case, language)}"),
        *(_headline(case, one, number, language) for number, one in enumerate(shown, 1)),
    )


def _in_full(case: CaseFacts, told: Told, title: str, language: Language) -> Message:
    """Show one clock's explanation line by line, with the button that sends its picture."""
    clock, explanation = told
    facts = {"case": case.number, "clock": clock.partition(":")[0]}
    return message(
        f"{title}\n{escape(explanation.text)}",
        section(f"{title}\n*{escape(explanation.headline)}*"),
        section("\n".join(f"•  {escape(line)}" for line in explanation.lines) or "—"),
        actions(button("show:picture", t(language, "why.picture"), facts)),
    )


def _headline(case: CaseFacts, told: Told, number: int, language: Language) -> Block:
    """Show one clock's headline with a button that explains all clocks of its kind.

    For ``handoff:3`` that is every handover of the case.
    """
    clock, explanation = told
    kind = clock.partition(":")[0]
    more = button(
        f"show:why#{number}", t(language, "why.more"), {"case": case.number, "clock": kind}
    )
    name = label(language, ClockKind(kind))
    return section(f"*{name}*\n{escape(explanation.headline)}", more)


def picture_answer(case: CaseFacts, clock: str, language: Language) -> Message:
    """Say that the picture was sent to the reader's own conversation with the app."""
    name = label(language, ClockKind(clock.partition(":")[0]))
    words = t(language, "why.sent", reference=case.reference, clock=name)
    return message(words, section(words))


def promises_answer(case: CaseFacts, ledger: Sequence[PromiseFacts], language: Language) -> Message:
    """List the next updates that were promised to the customer: kept, missed, to keep; and a score.

    ``ledger`` is oldest first; the newest 30 are shown, and the score is of all that are decided:
    kept late, kept in time, or past their time as of ``case.now``.
    """
    title = t(language, "promises.title", reference=case.reference)
    if not ledger:
        words = t(language, "promises.none")
        return message(f"{title}\n{words}", section(f"{title}\n{words}"))
    judged = [p for p in ledger if p.kept_at is not None or p.due <= case.now]
    key = "promises.score" if judged else "promises.too_early"
    score = t(language, key, kept=sum(p.kept for p in judged), made=len(judged))
    lines = [_promise(p, case, language) for p in ledger[-PROMISES_SHOWN:]]
    return message(
        "\n".join([title, score, *lines]),
        section(f"{title}\n{score}"),
        section("\n".join(lines)),
        context(t(language, "promises.rule")),
    )


def _promise(promise: PromiseFacts, case: CaseFacts, language: Language) -> str:
    """Say one promise; lateness is told by the wall clock, in days from a day on.

    One that is not kept and past its time as of ``case.now`` is missed, one before it is ahead.
    """
    due = slack_date(promise.due, language)
    if promise.kept:
        return t(language, "promises.kept", due=due)
    if promise.kept_at is not None:
        late = format_lateness(promise.kept_at - promise.due, language)
        return t(language, "promises.late", due=due, late=late)
    if promise.due <= case.now:
        late = format_lateness(case.now - promise.due, language)
        return t(language, "promises.missed", due=due, late=late)
    return t(language, "promises.ahead", due=due)
