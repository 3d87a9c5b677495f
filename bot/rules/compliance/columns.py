"""What each column of each table holds: one table of all, in ``columns.toml``. Pure.

Retention takes from it what goes and when; erasure and exports may take from it what is about a
person. ``tests/bot/rules/compliance/test_columns.py`` holds it to the schema: a column that does
not stand there, or stands there twice, fails.
"""

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

INSIDE = "/"  # between a column of JSON and a key inside of it: ``reading/files``


class Holds(StrEnum):
    """What a column holds. The first four stay; the others go when their period is over.

    FACT: numbers, instants, closed words, ids. MEMBER: a colleague. CUSTOMER: which company. KEPT:
    text that stays for the reason that the table gives. CONTACT: a name or an address of a person
    at the customer's. WORDS: free text. LINKS: an address elsewhere, or a digest of words. FILES:
    names of attachments. SURVEY: what was said in a survey.
    """

    FACT = "fact"
    MEMBER = "member"
    CUSTOMER = "customer"
    KEPT = "kept"
    CONTACT = "contact"
    WORDS = "words"
    LINKS = "links"
    FILES = "files"
    SURVEY = "survey"


@dataclass(frozen=True, slots=True)
class Holding:
    """What one table holds.

    Attributes:
        case: Columns that name the case to which a row belongs, any of them;
            ``candidate.case_number`` where the row that ``candidate`` names has the column. Empty:
            of no case.
        problem: Likewise the problem.
        age: The instant from which a row that is of neither goes by itself; empty: it stays.
        goes: The whole row goes.
        columns: What each column holds; with ``INSIDE``, a key inside of one.
        because: Why its text is kept; empty where it keeps none.

    """

    name: str
    case: tuple[str, ...] = ()
    problem: tuple[str, ...] = ()
    age: str = ""
    goes: bool = False
    columns: Mapping[str, Holds] = field(default_factory=dict)
    because: str = ""

    def holding(self, what: Collection[Holds]) -> list[str]:
        """The columns that hold one of these, and keys inside of columns, in their order."""
        return [name for name, holds in self.columns.items() if holds in what]


def _read_holding(name: str, said: Mapping[str, object]) -> Holding:
    """One table of the file. Raises ValueError for a column that stands there twice."""
    columns: dict[str, Holds] = {}
    for holds in Holds:
        for column in str(said.get(holds.value, "")).split():
            if column in columns:
                raise ValueError(f"{name}.{column} is classified twice")
            columns[column] = holds
    return Holding(
        name,
        tuple(str(said.get("case", "")).split()),
        tuple(str(said.get("problem", "")).split()),
        str(said.get("age", "")),
        bool(said.get("goes", False)),
        columns,
        str(said.get("because", "")),
    )


def _read_all() -> Mapping[str, Holding]:
    """What each table of the schema holds, by the table's name in the database."""
    text = Path(__file__).with_name("columns.toml").read_text(encoding="utf-8")
    return {name: _read_holding(name, said) for name, said in tomllib.loads(text).items()}


HOLDINGS: Mapping[str, Holding] = _read_all()
