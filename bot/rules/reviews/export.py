"""Reviews in a CSV file, as G2 and TrustRadius export them.

Columns are found by the names in ``COLUMNS``, in any order and case; neither site documents the
names in its export, so others are named to the administrator and may be renamed. A review needs an
id or a link, by which a later export is known to be about the same one, a rating and a date.
Everything that is wrong is told at once, in English, with its line and column.
"""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time

from bot.rules.csv_files import Row, UnreadableFileError, read_rows
from bot.rules.reviews.ratings import read_rating
from bot.rules.reviews.review import GivenReview, ReviewSource

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "key": ("review id", "id", "response id"),
    "link": ("link", "url", "review url", "review link", "public url"),
    "rating": ("rating", "star rating", "stars", "overall rating", "score", "review rating"),
    "author": ("author", "reviewer", "reviewer name", "name", "user", "user name", "full name"),
    "customer": ("company", "customer", "account", "organization", "company name", "employer"),
    "title": ("title", "review title", "headline"),
    "text": ("text", "review", "comment", "comments", "review text", "body"),
    "likes": ("pros", "likes", "what do you like best about the product", "what do you like best"),
    "dislikes": ("cons", "dislikes", "what do you dislike about the product",
                 "what do you dislike"),
    "written": ("date", "published", "published at", "date published", "submitted at",
                "review date", "created at", "submitted"),
    "edited": ("updated at", "last updated", "updated", "date updated"),
    "replied": ("responded at", "response date", "vendor response date"),
}  # fmt: skip
FIELDS = {alias: name for name, known in COLUMNS.items() for alias in known}
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
NAMED = re.compile(r"([a-z]{3})[a-z]*\.? ([0-9]{1,2}),? ([0-9]{4})", re.IGNORECASE)
NAMED_AFTER = re.compile(r"([0-9]{1,2})\.? ([a-z]{3})[a-z]*\.?,? ([0-9]{4})", re.IGNORECASE)
SLASHED = re.compile(r"([0-9]{1,2})[/.]([0-9]{1,2})[/.]([0-9]{4})")
# Parameters that say from where a visitor came, and nothing of the page.
TRACKING = re.compile(
    r"(utm(_[a-z]+)?|gclid|gbraid|wbraid|dclid|fbclid|msclkid|mc_[ce]id|_ga|_gl|igshid|yclid|ref"
    r"|referrer)(=|$)",
    re.IGNORECASE,
)
HASHED = 32  # hexadecimal digits of a hash in a key
NOON = time(12)  # of a day without a time
KEY_MAX, LINE_MAX, TEXT_MAX, LINK_MAX = 120, 300, 20_000, 2_000  # characters
Wrong = Callable[[str, str], None]  # notes a mistake: the column, what is wrong


class BadExportError(Exception):
    """A file that cannot be imported; as text one mistake a line, in order of the lines."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


@dataclass(frozen=True, slots=True)
class Export:
    """What a file says; ``ignored`` are the headings of columns that mean nothing here."""

    reviews: list[GivenReview] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)


def read_export(content: bytes, source: ReviewSource) -> Export:
    """Return the reviews of a file. Raises BadExportError with all its mistakes.

    Where a column is missing, the rows are not looked at. A file without reviews is a mistake, and
    so is a second row with the same key. Nothing is taken of a file that has one mistake.
    """
    try:
        first, *rows = read_rows(content) or [Row(1, [])]
    except UnreadableFileError as error:
        raise BadExportError([str(error)]) from None
    heading = [_folded(each) for each in first.cells]
    mistakes = _missing_columns(heading)
    found = Export(ignored=[h for h in heading if h and h not in FIELDS])
    if mistakes:
        raise BadExportError(mistakes)
    lines: dict[str, int] = {}
    for row in rows:
        review = _read_row(row, heading, source, mistakes)
        earlier = lines.setdefault(review.key, row.line)
        if review.key and earlier != row.line:
            mistakes.append(f"line {row.line}: this review stands in line {earlier} already")
        found.reviews.append(review)
    if not found.reviews:
        mistakes.append("line 1: the file has no reviews")
    if mistakes:
        raise BadExportError(mistakes)
    return found


def _folded(heading: str) -> str:
    """A heading as it is looked up: lower case, signs and underscores as single spaces."""
    return " ".join(re.sub(r"[^\w ]", " ", heading.replace("_", " ")).split()).casefold()


def _missing_columns(heading: Sequence[str]) -> list[str]:
    """A mistake for each of id or link, rating and date that no heading names."""
    there = {FIELDS.get(each) for each in heading}
    wanted = (("key", "link"), ("rating",), ("written",))
    return [
        f"line 1: a column is missing: {', '.join(n for name in names for n in COLUMNS[name])}"
        for names in wanted
        if not there & set(names)
    ]


def _read_row(
    row: Row, heading: Sequence[str], source: ReviewSource, mistakes: list[str]
) -> GivenReview:
    """A row as a review, cut to the limits; what is wrong in it is added to ``mistakes``.

    The review of a wrong row has stand-ins, such as an empty key, and must not be used.
    """
    cells = _cells(row, heading, mistakes)

    def wrong(column: str, said: str) -> None:
        mistakes.append(f"line {row.line}, column {COLUMNS[column][0]}: {said}")

    link, rating = cells.get("link", ""), cells.get("rating", "")
    if link and not link.startswith(("https://", "http://")):
        wrong("link", "no web address; it begins with https://")
    if len(link) > LINK_MAX:
        wrong("link", f"an address has {LINK_MAX} characters at most")
    key = cells.get("key") or bare_link(link)
    if not key:
        wrong("key", "an id or a link is needed, by which the review is known again")
    if read_rating(rating, source) is None:
        wrong("rating", f"{rating[:40]!r} is no rating, such as 2, 4.5 or 2/5")
    return GivenReview(
        source=source,
        key=review_key(key),
        rating=rating[:LINE_MAX],
        text=_text(cells)[:TEXT_MAX],
        author=cells.get("author", "")[:LINE_MAX],
        customer=cells.get("customer", "")[:LINE_MAX],
        link=link,
        written_at=_instant(cells, "written", wrong),
        edited_at=_instant(cells, "edited", wrong),
        replied_at=_instant(cells, "replied", wrong),
    )


def _cells(row: Row, heading: Sequence[str], mistakes: list[str]) -> dict[str, str]:
    """The values of a row by field, without those that are empty.

    Of two columns that mean the same the first with a value counts. A row may be shorter than the
    heading; more values than columns are a mistake, unless they are blank.
    """
    if any(cell.strip() for cell in row.cells[len(heading) :]):
        said = f"has {len(row.cells)} values, the first line {len(heading)} columns"
        mistakes.append(f"line {row.line}: {said}: write a value with a separator in quotes")
    found: dict[str, str] = {}
    for name, cell in zip(heading, row.cells, strict=False):
        value = cell.replace("\x00", "").strip()
        if name in FIELDS and value:
            found.setdefault(FIELDS[name], value)
    return found


def _text(cells: Mapping[str, str]) -> str:
    """Title, text, what is liked and what is not, a paragraph each."""
    said = [cells.get(name, "") for name in ("title", "text")]
    said += [f"{sign} {cells[name]}" for sign, name in (("+", "likes"), ("−", "dislikes"))
             if name in cells]  # fmt: skip
    return "\n\n".join(part for part in said if part)


def bare_link(link: str) -> str:
    """A review's address without what tracks its visitors, by which it is known again.

    Left out are slashes at the end, the parameters of ``TRACKING``, and a fragment without a
    number, which only says where on the page to look: ``https://www.g2.com/a/?utm_source=b#c`` is
    ``https://www.g2.com/a``. All other parameters stay, since they may be what tells two reviews of
    one page apart; their order makes no difference. Case is kept.
    """
    page, _, fragment = link.partition("#")
    place, _, query = page.partition("?")
    kept = sorted(each for each in query.split("&") if each and not TRACKING.match(each))
    named = any(letter.isdecimal() for letter in fragment) and not fragment.startswith(":~:")
    whole = place.rstrip("/") + (f"?{'&'.join(kept)}" if kept else "")
    return (whole + (f"#{fragment}" if named else "")) or link


def review_key(name: str) -> str:
    """What names a review, in ``KEY_MAX`` characters: a longer one ends in its hash, not cut.

    Two long names that begin alike stay two.
    """
    if len(name) <= KEY_MAX:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:HASHED]
    return f"{name[: KEY_MAX - HASHED - 1]}~{digest}"


def _instant(cells: Mapping[str, str], name: str, wrong: Wrong) -> datetime | None:
    """The instant in a cell; None for an empty cell or a mistake. ``written`` may not be empty."""
    value = cells.get(name, "")
    if not value and name != "written":
        return None
    found = read_day(value)
    if found is None:
        wrong(name, f"{value[:40]!r} is no date that can have one meaning only: write 2027-02-08")
    return found


def read_day(text: str) -> datetime | None:
    """An instant of a date as exports write it: ISO 8601, ``Feb 8, 2027``, ``25/12/2026``.

    UTC, where no zone is written; noon, where no time is, also before `` UTC``. None for what could
    be two dates, such as ``03/04/2027``, and for an instant with a time that is not of the years
    1970 to 9998.
    """
    plain = text.removesuffix(" UTC")
    try:
        found = datetime.fromisoformat(plain)
    except ValueError:
        day = _named_day(text) or _slashed_day(plain)
        return datetime.combine(day, NOON, UTC) if day else None
    if len(plain) <= len("2027-02-08"):
        return datetime.combine(found.date(), NOON, UTC)
    found = found if found.tzinfo else found.replace(tzinfo=UTC)
    return found.astimezone(UTC) if 1970 <= found.year < 9999 else None


def _named_day(text: str) -> date | None:
    """A date with its month as a word, of which the first three letters count: ``8. Feb 2027``.

    English only. What stands behind the year, such as a time, is not read.
    """
    if found := NAMED.match(text):
        month, day, year = found[1], found[2], found[3]
    elif found := NAMED_AFTER.match(text):
        day, month, year = found[1], found[2], found[3]
    else:
        return None
    return (
        _day(year, str(MONTHS.index(month.lower()) + 1), day) if month.lower() in MONTHS else None
    )


def _slashed_day(text: str) -> date | None:
    """A date of numbers only where it can have one meaning: one of them is no month."""
    found = SLASHED.fullmatch(text)
    if found is None:
        return None
    one, other, year = found[1], found[2], found[3]
    meanings = {_day(year, one, other), _day(year, other, one)} - {None}
    return meanings.pop() if len(meanings) == 1 else None


def _day(year: str, month: str, day: str) -> date | None:
    """The date; None for one that no calendar has."""
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
