"""What a rating means, however its source writes it."""

import re

from bot.rules.languages import match_words
from bot.rules.reviews.review import ReviewSource

BAD_AT_MOST = 0.6  # of the best rating there: three of five stars, six of ten
FILLED, STARS = "★⭐", "★⭐☆"
NUMBER = r"(\d{1,3}(?:[.,]\d{1,2})?)"
OUT_OF = re.compile(
    rf"{NUMBER}\s*(?:/|{match_words('rating', 'out_of')})\s*{NUMBER}", re.IGNORECASE
)
PERCENT = re.compile(rf"{NUMBER}\s*%")
ALONE = re.compile(rf"{NUMBER}\s*(?:{match_words('rating', 'stars')})?", re.IGNORECASE)
BEST = {ReviewSource.TRUSTRADIUS: 10.0}  # where a number alone is not of five


def read_rating(text: str, source: ReviewSource) -> float | None:
    """Return a rating as a share of the best one, from 0 to 1; None for what is no rating.

    ``2/5``, ``3,5 of 5``, ``40 %``, ``★★☆☆☆``, ``2 stars``; a number alone is of five, at
    TrustRadius of ten. Filled stars without empty ones are of five as well. None also for a rating
    above its best (``7/5``), and for one of nothing (``3/0``).
    """
    said = text.strip()
    if said and set(said) <= {*STARS, "\ufe0f", " "}:
        filled = sum(said.count(star) for star in FILLED)
        return _share(filled, max(5, sum(said.count(star) for star in STARS)))
    if found := OUT_OF.fullmatch(said):
        return _share(_number(found[1]), _number(found[2]))
    if found := PERCENT.fullmatch(said):
        return _share(_number(found[1]), 100)
    if found := ALONE.fullmatch(said):
        return _share(_number(found[1]), BEST.get(source, 5.0))
    return None


def is_bad_rating(text: str, source: ReviewSource) -> bool:
    """Whether a rating is bad: at most ``BAD_AT_MOST``; one that cannot be read is not."""
    share = read_rating(text, source)
    return share is not None and share <= BAD_AT_MOST


def _number(text: str) -> float:
    return float(text.replace(",", "."))


def _share(value: float, best: float) -> float | None:
    """``value`` as a share of ``best``; None where it is negative or above it, or that is 0."""
    return value / best if 0 <= value <= best and best else None
