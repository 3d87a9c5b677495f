"""What the writer added to a mail, and what is folded away: quoted mail and a signature. Pure.

Nothing that a person may have written is folded on a guess. A quote in HTML is one anywhere; ``>``
before a line is one only below “On … wrote:”, or before all other words; a line such as “From: the
gateway” begins a quoted mail only with the fields that stand there in one. Mail quoted from other
people is what the customer wants to show. What answers stand between stays, as their question.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from bot.rules.mail.charsets import clean_line
from bot.rules.mail.html_text import BAR
from bot.rules.mail.quote_lines import (
    FIELD,
    FIELDS_NEAR,
    FORWARDED,
    FROM,
    KNOWN_LINE_MAX,
    QUOTED,
    SENT,
    TIME,
    end_of_fields,
    end_of_wrote,
    fields_from,
    line_matches,
    named_domains,
    nearest_line,
    next_line,
)

TEXT_MAX = 3000  # characters kept of the words; what a form takes
WHOLE_MAX = 30_000  # characters of the mail that can be looked at; some ten pages
LOOKED_MAX = 200_000  # characters in which new words are looked for; some 60 pages
LINES_LOOKED = 5_000  # lines in which they are looked for
CUT = "[…]"  # stands where something was left out
CONTEXT = 3  # quoted lines that stay before an answer; those before them are folded
SHORT = 6  # quoted lines that stay whole before an answer
UNSURE = 12  # lines after ``>`` at the end that stay, since they may be a log and no quote
SIGNATURE_MAX = 15  # lines below ``--``; more are no signature
OTHER_FIELDS = 2  # fields beside From and its time that tell a mail from a log: To and Subject

_MARK = re.compile(r"\s{0,3}(?:>|&gt;|▏)")
_RULE = re.compile(r"\s*_{20,}\s*")
_SIGNATURE = re.compile(r"-- ?")


@dataclass(frozen=True, slots=True)
class Words:
    """A mail's text, taken apart.

    ``text`` is what is new, of at most ``TEXT_MAX`` characters; ``CUT`` stands where something is
    left out. ``whole`` is all of it, of at most ``WHOLE_MAX``. ``folded`` counts the lines that
    ``text`` lacks. ``below`` are the lines of a quoted mail without ``>``, in which answers may
    stand as well (``known_words.py``).
    """

    text: str
    whole: str
    folded: int
    below: tuple[str, ...] = ()


@dataclass
class _Reading:
    """The lines, and of each whether it stays; ``gaps`` are where ``CUT`` stands for some."""

    lines: Sequence[str]
    ours: Collection[str]
    kept: list[bool] = field(default_factory=list)
    gaps: set[int] = field(default_factory=set)
    below: int = 0
    own: Sequence[int] = ()  # how many lines of the writer's own stand before each line

    def has_words(self, begin: int, end: int) -> bool:
        """True where a line of the writer's own stands there: not blank, without a mark."""
        return self.own[end] > self.own[begin]

    def fold(self, begin: int, end: int) -> None:
        """Leave these lines out."""
        self.kept[begin:end] = [False] * (end - begin)


def read_words(text: str, ours: Collection[str] = ()) -> Words:
    """Take a mail's text apart. ``ours`` are the domains between which the mail goes.

    A quoted mail from another domain is kept; with none given, all quoted mail counts as ours.
    Where nothing new is left, the text is all that is not marked as a quote, else all of it.
    """
    looked = text[:LOOKED_MAX].splitlines()
    lines = [clean_line(line).rstrip() for line in looked[:LINES_LOOKED]]
    cut = len(text) > LOOKED_MAX or len(looked) > LINES_LOOKED
    found = _Reading(lines, ours, [True] * len(lines))
    _fold_below(found)
    _fold_marked(found)
    _fold_signature(found)
    kept = _joined(found)
    if not kept:
        found.kept, found.gaps, found.below = [True] * len(lines), set(), 0
        kept = _unmarked(found)
    folded = sum(1 for line, stays in zip(lines, found.kept, strict=True) if line and not stays)
    below = tuple(lines[found.below :]) if found.below else ()
    return Words(
        shorten(kept, TEXT_MAX, cut=cut), shorten(_blank_lines(lines), WHOLE_MAX, cut=cut),
        folded if kept != _blank_lines(lines) else 0, below,
    )  # fmt: skip


def new_words(text: str) -> str:
    """What is new in a text whose sender and recipients are not known; see ``read_words``."""
    return read_words(text).text


def shorten(text: str, most: int, *, cut: bool = False) -> str:
    """The text in at most ``most`` characters; ends with ``CUT`` where it was, or is, cut."""
    if len(text) <= most and not cut:
        return text
    return text[: most - len(CUT) - 1].rstrip() + f"\n{CUT}"


def _joined(found: _Reading) -> str:
    said = [
        line if stays else CUT
        for at, (line, stays) in enumerate(zip(found.lines, found.kept, strict=True))
        if stays or at in found.gaps
    ]
    kept = _blank_lines(said)
    return kept if any(line and line != CUT for line in said) else ""


def _blank_lines(lines: Sequence[str]) -> str:
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _unmarked(found: _Reading) -> str:
    """All that is not marked as a quote, where that has words; else all."""
    marked = list(found.kept)
    if any(after > before for before, after in pairwise(_count_own(found))):
        marked = [not _MARK.match(line) for line in found.lines]
    found.kept = marked
    return _joined(found)


# -- quoted mail without marks


def _fold_below(found: _Reading) -> None:
    """Fold the first quoted mail of ours and all below it; one of other people stays."""
    for at, line in enumerate(found.lines):
        if not line or len(line) > KNOWN_LINE_MAX:
            continue
        first = _quoted_mail(found, at)
        if first:
            found.fold(at, len(found.lines))
            found.below = first
            return


def _quoted_mail(found: _Reading, at: int) -> int:
    """The first line of a mail that is quoted from here on without marks; 0 for none."""
    lines = found.lines
    if line_matches(FORWARDED, lines[at]):
        return 0  # what the customer passes on is for us to read
    if at and line_matches(FORWARDED, nearest_line(lines, at - 1, -1)) and not _from_us(found, at):
        return 0
    if line_matches(QUOTED, lines[at]):
        fields = next_line(lines, at + 1)
        return end_of_fields(lines, fields) if _is_ours(found, fields) else 0
    if _RULE.fullmatch(lines[at]):
        fields = next_line(lines, at + 1)
        starts = (
            fields - at <= FIELDS_NEAR and fields < len(lines) and line_matches(FROM, lines[fields])
        )
        return end_of_fields(lines, fields) if starts and _is_ours(found, fields) else 0
    if (line_matches(FROM, lines[at]) or line_matches(SENT, lines[at])) and _begins_mail(found, at):
        return end_of_fields(lines, at)
    return _below_wrote(found, at)


def _below_wrote(found: _Reading, at: int) -> int:
    """The line after “On … wrote:” where no marks follow, but an address and a time stand in it."""
    end = end_of_wrote(found.lines, at)
    if not end:
        return 0
    said = " ".join(found.lines[at:end])
    after = next_line(found.lines, end)
    if after < len(found.lines) and _MARK.match(found.lines[after]):
        return 0
    return end if TIME.search(said) and named_domains(said) and _ours(found, said) else 0


def _begins_mail(found: _Reading, at: int) -> bool:
    """True where this line and those below are the fields of a mail: From, its time, others.

    Without an address of ours it takes all fields that programs write: a log has some as well.
    """
    fields = list(fields_from(found.lines, at))
    timed = any(line_matches(SENT, line) for line in fields)
    sender = next((line for line in fields if line_matches(FROM, line)), "")
    if named_domains(sender):
        return timed and _ours(found, sender)
    return (
        timed
        and bool(sender)
        and sum(1 for line in fields if line_matches(FIELD, line)) >= OTHER_FIELDS
    )


def _is_ours(found: _Reading, at: int) -> bool:
    return at >= len(found.lines) or _ours(found, found.lines[at])


def _from_us(found: _Reading, at: int) -> bool:
    return bool(named_domains(found.lines[at]) & set(found.ours))


def _ours(found: _Reading, said: str) -> bool:
    """True where no address, or one of the domains of the mail, is named."""
    named = named_domains(said)
    return not named or not found.ours or bool(named & set(found.ours))


# -- lines with marks


def _fold_marked(found: _Reading) -> None:
    """Fold lines after ``>``, as far as they are a quote and no answer needs them."""
    runs = list(_runs(found))
    found.own = _count_own(found)
    answered = {run for run in runs if found.has_words(run[1], len(found.lines))}
    for run in runs:
        begin, end, head = run
        leading = not found.has_words(0, head)
        if run not in answered:
            certain = head < begin or leading or found.lines[begin].startswith(BAR)
            _fold_run(found, head if certain else begin, end, 0 if certain else UNSURE, tail=False)
        elif leading and len(answered) == 1:
            found.fold(head, end)
        elif end - begin > SHORT:
            _fold_run(found, begin, end, CONTEXT, tail=True)


def _runs(found: _Reading) -> Iterator[tuple[int, int, int]]:
    """Begin and end of each run of marked lines, and where “On … wrote:” above it begins."""
    at, lines = 0, found.lines
    while at < len(lines):
        if not found.kept[at] or not _MARK.match(lines[at]):
            at += 1
            continue
        begin = at
        while at < len(lines) and found.kept[at] and _goes_on(lines, at):
            at += 1
        head = _head_of(lines, begin)
        if head == begin or _ours(found, " ".join(lines[head:begin])):
            yield begin, at, head


def _goes_on(lines: Sequence[str], at: int) -> bool:
    """True for a marked line, and for a blank one between two of them."""
    between = not lines[at] and at + 1 < len(lines) and _MARK.match(lines[at + 1])
    return bool(_MARK.match(lines[at]) or between)


def _head_of(lines: Sequence[str], begin: int) -> int:
    """Where the “On … wrote:” begins that stands right above; ``begin`` where there is none."""
    above = begin - 1
    while above >= 0 and begin - above <= 2 and not lines[above].strip():
        above -= 1
    for head in range(above, max(above - 3, -1), -1):
        if end_of_wrote(lines, head) == above + 1:
            return head
        if above >= 0 and head == above and line_matches(QUOTED, lines[head]):
            return head
    return begin


def _fold_run(found: _Reading, begin: int, end: int, stay: int, *, tail: bool) -> None:
    """Fold a run but for its last lines (``tail``) or its first, and mark the gap."""
    first, last = (begin, end - stay) if tail else (begin + stay, end)
    if first < last:
        found.fold(first, last)
        if stay:
            found.gaps.add(first)


def _count_own(found: _Reading) -> list[int]:
    """How many lines of the writer's own stand before each line, and in all."""
    lines, counts, wrote = found.lines, [0], 0
    for at, line in enumerate(lines):
        own = bool(line) and found.kept[at] and not _MARK.match(line)
        if own and at >= wrote:
            wrote = end_of_wrote(lines, at)
        counts.append(counts[-1] + (own and at >= wrote and not _SIGNATURE.fullmatch(line)))
    return counts


def _fold_signature(found: _Reading) -> None:
    """Fold what stands below the last ``--``, unless that is too long to be a signature."""
    for at in range(len(found.lines) - 1, -1, -1):
        if found.kept[at] and _SIGNATURE.fullmatch(found.lines[at]):
            end = next((n for n in range(at, len(found.lines)) if not found.kept[n]
                        or _MARK.match(found.lines[n])), len(found.lines))  # fmt: skip
            last = not found.has_words(end, len(found.lines))
            if end - at <= SIGNATURE_MAX and last and found.has_words(0, at):
                found.fold(at, end)
            return
