"""A text without the amounts that it offers, for readers who need not know them. Pure."""

from bot.rules.money.amounts import find_amounts, find_shares
from bot.rules.money.offers import found_in
from bot.rules.prose.folding import fold_text

BLOCK = "\u2587\u2587\u2587"


def mask_offers(text: str) -> str:
    """The text with ``BLOCK`` for each amount and share in a sentence that speaks of money.

    Amounts of the customer's own in other sentences stay.
    """
    places = [money.place for money in found_in(text)]
    folded = fold_text(text)
    spans = [
        folded.place(each.start, each.end)
        for each in (*find_amounts(folded.text), *find_shares(folded.text))
    ]
    hidden = [span for span in spans if any(a < span[1] and span[0] < b for a, b in places)]
    kept, at = "", 0
    for start, end in sorted(set(hidden)):
        kept += text[at:start] + BLOCK if start >= at else ""
        at = max(at, end)
    return kept + text[at:]
