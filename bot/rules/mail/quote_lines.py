"""The lines that mail programs write above and between quoted mails, and how they are found.

``phrases.py`` has their patterns in every language. A line that is longer than
``KNOWN_LINE_MAX`` was written by a person, so no pattern is tried on it.
"""

import re
from collections.abc import Iterator, Sequence

from bot.rules.mail.phrases import line_patterns

KNOWN_LINE_MAX = 600  # characters of a line that a mail program may have written
FIELDS_NEAR = 8  # lines in which the fields above a quoted mail stand together

WROTE, QUOTED, FORWARDED, FROM, SENT, FIELD = map(
    line_patterns, ("wrote", "quoted", "forwarded", "from", "sent", "field")
)
_DOMAIN = re.compile(r"[^\s@<>:;,\"']{1,100}@([A-Za-z0-9.-]{1,253}[A-Za-z0-9])")
TIME = re.compile(r"\d{1,2}[:.]\d{2}|\b(?:19|20)\d\d\b|\d{1,2}[/.-]\d{1,2}[/.-]\d{2}")


def end_of_wrote(lines: Sequence[str], at: int) -> int:
    """The line after “On … wrote:”, which programs break into up to three; 0 for none."""
    for end in range(at + 1, min(at + 4, len(lines) + 1)):
        said = " ".join(line.strip() for line in lines[at:end])
        if not lines[end - 1].strip() or len(said) > KNOWN_LINE_MAX:
            return 0
        if line_matches(WROTE, said) and TIME.search(said):
            return end
    return 0


def fields_from(lines: Sequence[str], at: int) -> Iterator[str]:
    """The fields of a quoted mail from ``at`` on, as far as they stand together."""
    for line in lines[at : at + FIELDS_NEAR]:
        if not is_field(line) and (not line.startswith((" ", "\t")) or not line.strip()):
            return
        yield line


def is_field(line: str) -> bool:
    """True for a line that programs write above a quoted mail: From, its time, To, Subject."""
    return line_matches(FROM, line) or line_matches(SENT, line) or line_matches(FIELD, line)


def end_of_fields(lines: Sequence[str], at: int) -> int:
    """The line after the fields that begin at ``at``; one further where none begins there."""
    return min(at + max(sum(1 for _ in fields_from(lines, at)), 1), len(lines))


def named_domains(said: str) -> set[str]:
    """The domains of the addresses in a text, in small letters."""
    return {domain.lower() for domain in _DOMAIN.findall(said)}


def line_matches(patterns: Sequence[re.Pattern[str]], line: str) -> bool:
    """True where a pattern matches the line from its beginning."""
    return len(line) <= KNOWN_LINE_MAX and any(pattern.match(line) for pattern in patterns)


def next_line(lines: Sequence[str], at: int) -> int:
    """The next line that is not blank; the number of lines where there is none."""
    while at < len(lines) and not lines[at].strip():
        at += 1
    return at


def nearest_line(lines: Sequence[str], at: int, step: int) -> str:
    """The first line that is not blank from ``at`` on, going by ``step``; empty for none."""
    while 0 <= at < len(lines) and not lines[at].strip():
        at += step
    return lines[at] if 0 <= at < len(lines) else ""
