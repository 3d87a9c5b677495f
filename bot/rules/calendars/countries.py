"""Countries that the ``holidays`` library knows, and their parts that have days of their own.

A country without its part is open on days that only its parts keep, so whoever names one is told
that there are parts. Names are those of the library, in the country's own language or in English.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

import holidays

SHORT = 3  # letters of a word that is a code, and is not guessed at by its letters


def country_parts(country: str) -> dict[str, str]:
    """The parts of a country by code, each with its name, or "" where the library has none.

    Empty for a country without parts, and for one that the library does not know.
    """
    law = _law(country)
    if law is None:
        return {}
    names: Mapping[str, list[str]] = law.get_subdivision_aliases()
    return {code: next(iter(names.get(code) or ()), "") for code in law.subdivisions}


def list_parts(country: str) -> str:
    """The parts of a country in one line: ``ENG (England), NIR (Northern Ireland)``."""
    parts = country_parts(country).items()
    return ", ".join(f"{code} ({name})" if name else code for code, name in parts)


def country_problem(country: object) -> str:
    """What is wrong with a country's code, and what was probably meant; "" for a known one."""
    if isinstance(country, str) and _law(country) is not None:
        return ""
    told = f"no country {country!r} is known; write its code (ISO 3166), such as GR"
    word = str(country).strip().casefold()
    if code := _codes().get(word):
        return f"{told}; did you mean {code!r}?"
    if found := _named_parts().get(word):
        code, part = found
        return f'{told}; did you mean country = "{code}", subdiv = "{part}"?'
    names = [name for name in _codes() if len(name) > SHORT]
    near = get_close_matches(word, names, n=1, cutoff=0.8)
    return f"{told}; did you mean {_codes()[near[0]]!r}?" if near else told


def part_problem(country: str, part: object) -> str:
    """What is wrong with a part of a known country, with the parts that there are; "" if nothing.

    A part is named by its code or by a name that the library knows.
    """
    law = _law(country)
    if law is None or (isinstance(part, str) and part in _accepted(law)):
        return ""
    parts = country_parts(country)
    if not parts:
        return f"{country} has no parts with holidays of their own; leave subdiv out"
    words = {name.casefold(): code for code, name in parts.items() if name}
    words |= {code.casefold(): code for code in parts}
    near = get_close_matches(str(part).strip().casefold(), words, n=1, cutoff=0.6)
    meant = f"; did you mean {words[near[0]]!r}?" if near else ""
    return f"{country} has no part {part!r}; allowed: {list_parts(country)}{meant}"


@lru_cache(maxsize=512)
def _law(country: str) -> Any:
    """The library's object for a country, or for a market that has its own days; None for neither.

    The library would take any name of its own module for a country, such as ``HolidaySum``.
    """
    try:
        found = holidays.country_holidays(country)
    except (NotImplementedError, TypeError, ValueError):
        return None
    named = getattr(found, "country", None) or getattr(found, "market", None)
    return found if isinstance(found, holidays.HolidayBase) and isinstance(named, str) else None


def _accepted(law: Any) -> set[str]:
    """Every word by which the library takes a part of this country."""
    deprecated = getattr(law, "_deprecated_subdivisions", ())
    return {*law.subdivisions, *getattr(law, "subdivisions_aliases", {}), *deprecated}


@lru_cache(maxsize=1)
def _codes() -> dict[str, str]:
    """The code of each country by its code and its English name, both folded."""
    found: dict[str, str] = {}
    for code in holidays.list_supported_countries(include_aliases=False):
        name = next(kind.__name__ for kind in type(_law(code)).__mro__[1:])
        found |= {code.casefold(): code, _spaced(name).casefold(): code, name.casefold(): code}
    return found


def _spaced(name: str) -> str:
    return "".join(f" {letter}" if letter.isupper() else letter for letter in name).strip()


@lru_cache(maxsize=1)
def _named_parts() -> dict[str, tuple[str, str]]:
    """Country and part by the part's folded name; of a name that two countries have, the first."""
    found: dict[str, tuple[str, str]] = {}
    for code, parts in holidays.list_supported_countries(include_aliases=False).items():
        names = getattr(_law(code), "subdivisions_aliases", {})
        for name, part in {**names, **{part: part for part in parts if len(part) >= SHORT}}.items():
            found.setdefault(name.casefold(), (code, part))
    return found
