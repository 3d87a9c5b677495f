"""The languages there are, as data: a folder each, with a ``language.toml`` inside.

The folders stand in ``messages/locale``; the environment variable ``LANGUAGES_DIR`` may name a
directory with further ones. They are found when the program starts, and a folder that is wrong
stops the start. The other files of a folder (``reading.toml``, ``tone.toml``, ``money.toml``) are
read by their users through ``read_data``; the texts by messages/kit.
"""

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any

SOURCE = "en"  # every text exists in it, so what another language lacks is said in it
SETTING = "LANGUAGES_DIR"
FILE = "language.toml"
SHIPPED = Path(__file__).parents[2] / "messages" / "locale"
CODE = re.compile(r"[a-z]{2,3}")  # ISO 639; it is stored, so it never changes once released
ENGLISH_NAME = re.compile(r"[A-Za-z ]+")
WIDTHS = ("long", "short", "narrow")  # CLDR's


class LanguageError(ValueError):
    """A folder that is no language; the message names the file and what is wrong with it.

    Raised while the program starts, so it never reaches a user of the app.
    """


@dataclass(frozen=True, slots=True)
class DatePatterns:
    """How dates are written, as CLDR patterns (UTS 35).

    ``long`` is for customers and files, with weekday and year; ``short`` within a year, with the
    weekday; ``medium`` for lists, with the year. ``letter`` is a day inside a sentence of a letter,
    with the weekday and without the year; empty: as ``short``.
    """

    long: str
    short: str
    medium: str
    letter: str = ""


@dataclass(frozen=True, slots=True)
class Units:
    """How hours, minutes and seconds are written: CLDR's ``width``, and exceptions to it."""

    width: str = "short"
    hour: str = ""
    minute: str = ""
    second: str = ""


@dataclass(frozen=True, slots=True)
class LanguageData:
    """What ``language.toml`` says. ``code`` is the folder's name, and what is stored.

    ``cldr`` is the locale that Babel asks (by default the code), ``fallback`` the language in
    which missing texts are said, ``spellings`` what an accounts file may write for the language.
    ``lower_labels``: a label inside a sentence begins with a small letter; false for German.
    ``lower_names``: so does the name of a language. ``zones``: idioms for IANA zones, where the
    city's name is not what people say.
    """

    code: str
    folder: Path
    name: str
    english_name: str
    dates: DatePatterns
    cldr: str = ""
    fallback: str = SOURCE
    spellings: tuple[str, ...] = ()
    lower_labels: bool = True
    lower_names: bool = False
    units: Units = Units()
    zones: Mapping[str, str] = field(default_factory=dict)

    @property
    def member(self) -> str:
        """The name of the member of ``Language``: ``GREEK``."""
        return self.english_name.upper().replace(" ", "_")


@cache
def find_languages() -> Mapping[str, LanguageData]:
    """Every language by code, English first, the others by code. Raises LanguageError.

    A folder in ``LANGUAGES_DIR`` takes the place of a shipped one with the same name. A fallback
    must be a language that itself falls back to English. Read once for the life of the process.
    """
    folders = {path.parent.name: path.parent for path in SHIPPED.glob(f"*/{FILE}")}
    folders |= {path.parent.name: path.parent for path in _further().glob(f"*/{FILE}")}
    codes = sorted(folders, key=lambda code: (code != SOURCE, code))
    found = {code: read_language(folders[code]) for code in codes}
    for each in found.values():
        if each.fallback not in found or found[each.fallback].fallback != SOURCE:
            raise LanguageError(f"{each.folder / FILE}: fallback {each.fallback!r} leads nowhere")
    return found


def read_language(folder: Path) -> LanguageData:
    """The language of one folder. Raises LanguageError naming the file, the key and the fault.

    Whether its fallback exists is not asked here but by ``find_languages``.
    """
    known = _read_toml(folder / FILE)
    try:
        return _language(folder, known)
    except ValueError as error:
        raise LanguageError(f"{folder / FILE}: {error}") from error


def _language(folder: Path, known: Mapping[str, Any]) -> LanguageData:
    """The language that the table describes. Raises ValueError without the name of the file."""
    if not CODE.fullmatch(folder.name):
        raise ValueError("the folder's name must be a language code such as de")
    given = dict(known) | {"code": folder.name, "folder": folder}
    for key, kind in (("dates", DatePatterns), ("units", Units)):
        if key in given:
            given[key] = _filled(kind, given[key], f"{key}.")
    given["spellings"] = tuple(given.get("spellings", ()))
    found: LanguageData = _filled(LanguageData, given)
    if not ENGLISH_NAME.fullmatch(found.english_name):
        raise ValueError("english_name must be written in Latin letters")
    if found.units.width not in WIDTHS:
        raise ValueError(f"units.width must be one of {', '.join(WIDTHS)}")
    return found


def _filled(kind: Any, given: Mapping[str, Any], where: str = "") -> Any:
    """A dataclass from a table. Raises ValueError for a key too many, one missing, a wrong type.

    Only texts are checked for their type, and they may not be blank.
    """
    known = {each.name: each for each in fields(kind)}
    for key, value in given.items():
        if key not in known:
            raise ValueError(f"there is no key {where}{key}")
        if known[key].type in (str, "str") and not (isinstance(value, str) and value.strip()):
            raise ValueError(f"{where}{key} must be a text")
    for key, each in known.items():
        if key not in given and each.default is MISSING and each.default_factory is MISSING:
            raise ValueError(f"{where}{key} is missing")
    return kind(**given)


def read_data(code: str, name: str) -> Mapping[str, Any]:
    """A further TOML file of a language, such as ``tone.toml``; empty where it has none.

    Read anew at each call: callers keep what they make of it. Raises KeyError for a language that
    does not exist, LanguageError for a file that is no TOML.
    """
    path = find_languages()[code].folder / name
    return _read_toml(path) if path.is_file() else {}


def _read_toml(path: Path) -> Mapping[str, Any]:
    """The tables of a file. Raises LanguageError for what is no TOML, or no UTF-8."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LanguageError(f"{path}: {error}") from error


def _further() -> Path:
    """The directory of ``LANGUAGES_DIR``; the shipped one where it is not set.

    Raises LanguageError where it is set to what is no directory.
    """
    named = os.environ.get(SETTING)
    if not named:
        return SHIPPED
    folder = Path(named)
    if not folder.is_dir():
        raise LanguageError(f"{SETTING}: there is no directory {named}")
    return folder


def match_words(table: str, name: str) -> str:
    """The words of ``table`` in every ``reading.toml``, as alternatives of a regular expression.

    The longest first, so that none is hidden by a shorter one.
    """
    tables = (read_data(code, "reading.toml").get(table, {}) for code in find_languages())
    words = {word for each in tables for word in each.get(name, ())}
    return "|".join(re.escape(word) for word in sorted(words, key=lambda each: (-len(each), each)))
