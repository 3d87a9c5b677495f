"""The table of all columns is the schema's: nothing is missing, nothing is there twice."""

from collections.abc import Iterator

import pytest
from sqlalchemy import JSON, Boolean, Column, Date, Integer, Text
from sqlmodel import SQLModel

import storage.models  # noqa: F401 - defines the tables
from bot.rules.compliance.columns import HOLDINGS, INSIDE, Holding, Holds, _read_holding
from storage.types import EnumText, Instant

TABLES = SQLModel.metadata.tables
GONE = (Holds.CONTACT, Holds.WORDS, Holds.LINKS, Holds.FILES, Holds.SURVEY)


def columns(kind: type) -> Iterator[tuple[str, str]]:
    for table in TABLES.values():
        for column in table.columns:
            if isinstance(column.type, kind):
                yield table.name, column.name


def test_every_column_of_every_table_is_classified_and_no_other() -> None:
    assert set(HOLDINGS) == set(TABLES)
    for name, table in TABLES.items():
        told = {column for column in HOLDINGS[name].columns if INSIDE not in column}
        assert told == {column.name for column in table.columns}, name


def test_a_key_inside_of_a_column_is_of_a_column_of_json() -> None:
    inside = [(h, c.partition(INSIDE)[0]) for h in HOLDINGS.values() for c in h.columns
              if INSIDE in c]  # fmt: skip
    assert inside
    for holding, column in inside:
        assert isinstance(TABLES[holding.name].c[column].type, JSON)


def test_a_column_of_long_text_is_no_fact() -> None:
    """What people write stands in columns of ``Text``: it goes, or is kept for a reason."""
    found = [
        (table, column) for table, column in columns(Text)
        if HOLDINGS[table].columns[column] not in (*GONE, Holds.KEPT)
    ]  # fmt: skip
    assert found == []


def test_numbers_instants_and_closed_words_stay() -> None:
    for kind in (Integer, Boolean, Date, Instant, EnumText):
        for table, column in columns(kind):
            assert HOLDINGS[table].columns[column] not in GONE, (table, column)


def test_what_is_kept_is_kept_for_a_reason() -> None:
    for holding in HOLDINGS.values():
        kept = holding.holding([Holds.KEPT])
        assert bool(kept) == bool(holding.because), holding.name


def test_what_goes_has_a_case_a_problem_or_an_age_to_go_by() -> None:
    for holding in HOLDINGS.values():
        if holding.holding(GONE):
            assert holding.case or holding.problem or holding.age, holding.name
        if holding.age:
            assert isinstance(TABLES[holding.name].c[holding.age].type, Instant)
        for path in (*holding.case, *holding.problem):
            column, _, theirs = path.partition(".")
            own: Column[object] = TABLES[holding.name].c[column]
            if theirs:
                assert theirs in next(iter(own.foreign_keys)).column.table.c


def test_every_table_with_a_case_goes_by_it_or_says_nothing() -> None:
    """``case_number`` in a table, and its texts would stay: that would be forgotten to forget."""
    for name, table in TABLES.items():
        holding: Holding = HOLDINGS[name]
        if "case_number" in table.c and holding.holding((*GONE,)):
            assert "case_number" in holding.case, name


def test_a_column_that_stands_there_twice_is_refused() -> None:
    with pytest.raises(ValueError, match=r"mail\.text is classified twice"):
        _read_holding("mail", {"fact": "id", "words": "text", "links": "text"})
