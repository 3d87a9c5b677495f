"""Nothing is kept that no code reads: settings, keys of the policy, words, texts, templates."""

import dataclasses
import re
from collections.abc import Iterator
from functools import cache

import pytest

from bot.rules.policy import model
from bot.rules.words import Language
from bot.settings import RunSettings, Settings
from bot.sla.reminders import REMINDERS
from messages.cases.notice_table import NOTICES
from messages.cases.postmortem import PRESSES as AGENDA
from messages.cases.reminders import PRESSES
from messages.kit.texts import FAMILIES, own_texts
from messages.problems.notice_table import PROBLEM_NOTICES
from tests import readers

READING = tuple(f"bot/rules/policy/{name}.py" for name in ("model", "load", "clock_terms"))
TEMPLATES = readers.ROOT / "messages" / "templates"
EN = Language.ENGLISH


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


# -- texts


@cache
def keys() -> tuple[str, ...]:
    """Every key of a text, without its plural form."""
    found = set()
    for key in own_texts(EN):
        stem, _, form = key.rpartition(".")
        found.add(stem if form in ("zero", "one", "two", "few", "many", "other") else key)
    return tuple(sorted(found))


@cache
def said_in_templates() -> str:
    """All templates, those among the texts too."""
    pages = readers.ROOT / "messages" / "customers" / "html"
    found = [*TEMPLATES.rglob("*.j2"), *pages.rglob("*.html")]
    files = [file.read_text(encoding="utf-8") for file in found]
    files += [text for key, text in own_texts(EN).items() if key.startswith("template.")]
    return "\n".join(files)


def is_reached(key: str) -> bool:
    """Whether the code names the key: whole, or in a pattern that it fills with words it knows."""
    words = readers.all_constants()
    if key in words or f'"{key}"' in said_in_templates():
        return True
    family, _, name = key.partition(".")
    if family in set(FAMILIES.values()):
        return name in words
    if family == "press":
        return name in pressed()
    if key.startswith("template.notices."):
        return key.rpartition(".")[2] in NOTICES
    for pattern in patterns():
        if (match := re.fullmatch(pattern, key)) and all(map(known, match.groups())):
            return True
    return False


@cache
def pressed() -> frozenset[str]:
    """What stands on the buttons of notices, reminders, agendas, digests and Home."""
    rows = [*NOTICES.values(), *PROBLEM_NOTICES.values()]
    specs = [press for row in rows for press in row.presses]
    specs += [press for row in PRESSES.values() for press in row] + list(AGENDA)
    named = {c.partition(".")[2] for c in readers.all_constants() if c.startswith("press.")}
    return frozenset({spec.text for spec in specs if spec.family == "press"} | named)


def known(filled: str) -> bool:
    """Whether what a pattern was filled with is made of words that stand in the code."""
    words = readers.all_constants() | quoted_in_templates()
    parts = filled.split(".")
    return filled in words or all(part in words or is_made(part) for part in parts)


def is_made(part: str) -> bool:
    """Whether it is a known word with a known ending: ``reason_hint``, ``close_now``."""
    words = readers.all_constants()
    pieces = [(part[:at], part[at + 1 :]) for at, sign in enumerate(part) if sign == "_"]
    if any(head in words and tail in words | ENDINGS for head, tail in pieces):
        return True
    filled = (re.fullmatch(pattern, part) for pattern in word_patterns())
    return part.isdigit() or any(match and set(match.groups()) <= words for match in filled)


@cache
def word_patterns() -> tuple[str, ...]:
    """Patterns of the code that make one word of others: ``no_such_{kind}``."""
    found = {p.removeprefix("notice:") for code in readers.product() for p in code.patterns}
    # A whole key has a dot of its own, beside those that stand for what is filled in.
    return tuple(p for p in found if re.search(r"[a-z]{3}_|_[a-z]{3}", p) and
                 r"\." not in p.replace(r"(?:\.", ""))  # fmt: skip


ENDINGS = {"hint", "placeholder", "label", "now", "by_hand", "yes", "no", "by_itself", "true",
           "false"}  # fmt: skip


@cache
def quoted_in_templates() -> frozenset[str]:
    """Every word that stands in quotation marks in a template."""
    return frozenset(re.findall(r'"(\w+)"', said_in_templates()))


@cache
def patterns() -> tuple[str, ...]:
    """The patterns of the code that name a family of texts, and fill in the rest."""
    found = {p for code in readers.product() for p in code.patterns}
    called = re.findall(r'text\(\s*"([\w.]+)" ~', said_in_templates())
    found |= {re.escape(start) + r"([\w.-]+)" for start in called}
    named = (r"[a-z_]+\\\.", r"\(.*\)\\\.[a-z]{3}")  # a family, or what is said of one of several
    return tuple(p for p in found if any(re.match(start, p) for start in named))


@pytest.mark.parametrize("key", keys())
def test_every_text_is_said_somewhere(key: str) -> None:
    assert is_reached(key)


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
