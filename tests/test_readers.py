"""Nothing is kept that no code reads: settings, values of the policy, notices, reminders."""

import dataclasses
import re
from collections.abc import Iterator
from functools import cache

import pytest

from bot.rules.policy import model
from bot.settings import RunSettings, Settings
from bot.sla.reminders import REMINDERS
from messages.cases.notice_table import NOTICES
from messages.cases.reminders import PRESSES
from messages.problems.notice_table import PROBLEM_NOTICES
from tests import readers

READING = tuple(f"bot/rules/policy/{name}.py" for name in ("model", "load", "clock_terms"))
TEMPLATES = readers.ROOT / "messages" / "templates"


def fields_of_the_policy() -> Iterator[tuple[str, str]]:
    """Every value that a policy carries, by its class."""
    for value in vars(model).values():
        if dataclasses.is_dataclass(value) and value.__module__ == model.__name__:
            yield from ((value.__name__, each.name) for each in dataclasses.fields(value))


@pytest.mark.parametrize(("kind", "name"), fields_of_the_policy())
def test_every_value_of_the_policy_is_read(kind: str, name: str) -> None:
    assert readers.names_attribute(name, but=READING[1:]), f"{kind}.{name}"


@pytest.mark.parametrize("name", sorted({*Settings.model_fields, *RunSettings.model_fields}))
def test_every_setting_is_read(name: str) -> None:
    elsewhere = readers.names_attribute(name, but=("bot/settings.py",))
    # The folder of further languages is found before there are settings.
    assert elsewhere or name == "languages_dir"


@pytest.mark.parametrize("event", model.MatrixEvent)
def test_every_row_of_the_matrix_has_its_occasion(event: model.MatrixEvent) -> None:
    named = {row.matrix for row in REMINDERS}
    raised = {
        code.path for code in readers.product()
        if event.name in code.attributes and code.path not in READING
    }  # fmt: skip
    assert raised or event.value in named


@cache
def word_patterns() -> tuple[str, ...]:
    """Patterns of the code that make one word of others: ``{medium}_failed``."""
    found = {p.removeprefix("notice:") for code in readers.product() for p in code.patterns}
    return tuple(p for p in found if re.search(r"[a-z]{3}_|_[a-z]{3}", p))


# -- notices and reminders


@pytest.mark.parametrize("name", sorted({*NOTICES, *PROBLEM_NOTICES}))
def test_every_notice_is_sent(name: str) -> None:
    sent = {
        constant
        for code in readers.product()
        if code.path.startswith(("bot/", "handlers/"))
        for constant in code.constants
    }
    made = any(re.fullmatch(pattern, name) for pattern in word_patterns())
    assert made or {name, f"notice:{name}", f"problem:{name}"} & sent


@pytest.mark.parametrize("file", sorted(f.name for f in (TEMPLATES / "reminders").glob("*.j2")))
def test_a_reminder_has_words_for_the_thresholds_at_which_it_is_said(file: str) -> None:
    clock, text = file.partition(".")[0], (TEMPLATES / "reminders" / file).read_text("utf-8")
    rows = [row for row in REMINDERS if clock in {each.value for each in row.clocks}]
    if clock in ("legal", "overdue"):  # in place of the clock's own words
        rows = list(REMINDERS)
    assert rows, f"no clock is spoken of in these words: {file}"
    written = set(re.findall(r'threshold == "(\w+)"', text))
    assert written <= {row.threshold for row in rows}


def test_a_clock_has_buttons_exactly_where_it_is_spoken_of() -> None:
    assert set(PRESSES) == {clock for row in REMINDERS for clock in row.clocks}
