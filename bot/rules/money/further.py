"""Which amounts of a sentence come on top of what the reader was given before. Pure.

What was promised may be said again; the same amount once more is another promise. The table
``[further]`` of ``money.toml`` has lists: ``phrases`` hold the amount that they speak of (“another
500 EUR”), ``around`` speak of every amount in the sentence (“in addition”), except of those in
``again``, which are known already (“the 500 EUR”, “in addition to 500 EUR”). A sentence that says
``promised`` tells only by ``phrases`` of more. What meets ``unless`` counts as none of them.
"""

from collections.abc import Callable, Sequence

from bot.rules.money.amounts import Amount
from bot.rules.prose.folding import Span

FURTHER = "further"


def choose_further(
    amounts: Sequence[Amount], spans: Callable[[str, str], Sequence[Span]]
) -> tuple[Amount, ...]:
    """Those of ``amounts`` that come on top; ``spans`` gives the places of a table's list."""
    unless = spans(FURTHER, "unless")
    sure = _apart(spans(FURTHER, "phrases"), unless)
    around = _apart(spans(FURTHER, "around"), unless)
    again = spans(FURTHER, "again")
    loose = bool(around) and not spans(FURTHER, "promised")
    return tuple(
        each for each in amounts if _touches(each, sure) or (loose and not _touches(each, again))
    )


def _apart(found: Sequence[Span], others: Sequence[Span]) -> Sequence[Span]:
    return [(a, b) for a, b in found if not any(c < b and a < d for c, d in others)]


def _touches(amount: Amount, found: Sequence[Span]) -> bool:
    return any(start < amount.end and amount.start < end for start, end in found)
