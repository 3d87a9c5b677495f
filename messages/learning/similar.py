"""What worked in solved cases that are like another, as a private answer."""

from collections.abc import Iterator, Sequence

from bot.rules.facts import CaseFacts
from bot.rules.learning.similar import SimilarCase
from bot.rules.lifecycle import OPEN
from bot.rules.words import Language
from messages.kit.blocks import Block, Message, actions, button, message, section
from messages.kit.case_lines import short_text
from messages.kit.mrkdwn import slack_date
from messages.kit.texts import t

STAKE_SHOWN, WORKED_SHOWN = 160, 500  # characters


def similar_answer(
    case: CaseFacts | None, found: Sequence[SimilarCase], words: str, language: Language
) -> Message:
    """List what worked then, each with the way to use it in ``case``, while that is open.

    ``words`` are what was looked for, empty for what the case itself says.
    """
    sought = short_text(words, 80)
    about = case.reference if case else ""
    key = "words" if sought else "case"
    title = t(language, f"similar.{key}", words=sought, reference=about)
    lines = [_line(each, language) for each in found]
    empty = [] if found else [t(language, "similar.none")]
    rows: list[Block] = []
    for number, each in enumerate(found, 1):
        rows += [section(_line(each, language)), *_ways(case, each, number, language)]
    return message(
        "\n".join([f"{title}:", *lines, *empty]), section("\n".join([f"*{title}*", *empty])), *rows
    )


def _line(each: SimilarCase, language: Language) -> str:
    """Which case it was, what was at stake, and what worked.

    What people wrote is cut to ``STAKE_SHOWN`` and ``WORKED_SHOWN`` characters, and escaped.
    """
    when = slack_date(each.solved_at, language) if each.solved_at else ""
    return t(
        language,
        "similar.tried" if each.tried else "similar.line",
        reference=each.reference,
        customer=short_text(each.customer, 80),
        when=when,
        stake=short_text(each.stake, STAKE_SHOWN),
        worked=short_text(each.worked, WORKED_SHOWN),
    )


def _ways(
    case: CaseFacts | None, each: SimilarCase, number: int, language: Language
) -> Iterator[Block]:
    """Use it, or take that back; the card of the solved case is always a press away.

    ``number`` tells the rows' buttons apart. A case that is over takes no solution any more.
    """
    card = button(f"show:show#{number}", t(language, "press.show"), {"case": each.number})
    row = [card]
    if case is not None and case.status in OPEN:
        if each.tried:
            drop = t(language, "press.drop_solution")
            row.insert(0, button("do:drop_solution", drop, {"case": case.number}))
        else:
            use, values = t(language, "press.use"), {"case": case.number, "other": each.number}
            row.insert(0, button(f"do:try_solution#{number}", use, values))
    shown = actions(*row)
    if shown is not None:
        yield shown
