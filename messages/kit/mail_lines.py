"""What is said of a customer's mail besides its words: what could not be read, what came along."""

from collections.abc import Mapping, Sequence
from typing import Any

from babel.units import format_unit

from bot.rules.words import Language
from messages.kit.mrkdwn import escape
from messages.kit.render import Safe
from messages.kit.texts import cldr_locale, plural, t

KILO = 1000  # bytes of a kilobyte, as CLDR and file managers count
NAME_MAX = 60  # characters of a file's name
SAID_MAX = 80  # characters of a sender or a subject by which the original is found


def mail_lines(facts: Mapping[str, Any], language: Language) -> Safe:
    """Write the note and the attachments of a mail as lines of mrkdwn; "" where there are none.

    ``facts`` has ``note``, ``files``, ``sender`` and ``subject`` as in the table of notices. A text
    that a restricted case hides is "".
    """
    lines = []
    if facts["note"]:
        where = {
            key: escape(" ".join(facts[key].split())[:SAID_MAX]) for key in ("sender", "subject")
        }
        lines.append(t(language, f"mail_note.{facts['note']}", **where))
    if facts["files"]:
        named = name_files(facts["files"], language)
        lines.append(t(language, "mail.attached", files=escape(named)))
    return Safe("\n".join(lines))


def name_files(files: Sequence[Mapping[str, Any]], language: Language) -> str:
    """List attachments with their sizes; still to be escaped: ``log.txt (12 kB), photo.jpg …``."""
    return ", ".join(_named(file, language) for file in files)


def _named(file: Mapping[str, Any], language: Language) -> str:
    """Write one file: its name, cut in the middle, and its size.

    One without a name stands for further files: its ``size`` is how many, not how many bytes.
    """
    if not file["name"]:
        return plural(language, "mail.further", file["size"])
    name = file["name"]
    short = name if len(name) <= NAME_MAX else f"{name[: NAME_MAX - 9]}…{name[-8:]}"
    return f"{short} ({format_size(file['size'], language)})"


def format_size(size: int, language: Language) -> str:
    """Write a number of bytes at a glance: ``12 kB``, ``1.4 MB``."""
    locale = cldr_locale(language)
    for unit in ("byte", "kilobyte", "megabyte"):
        if size < KILO or unit == "megabyte":
            digits = "#,##0.#" if unit == "megabyte" else "#,##0"
            return format_unit(size, f"digital-{unit}", "short", digits, locale=locale)
        size = size / KILO  # type: ignore[assignment]
    raise AssertionError
