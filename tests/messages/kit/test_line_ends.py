"""A tag takes the end of its line with it: a headline must keep its own."""

import re
from pathlib import Path

import pytest

from messages.kit.render import TEMPLATES

# A headline that ends with a tag, without the "+" that keeps the end, and no blank line after it.
STUCK = re.compile(r"^\{\{ title \}\}.*[^+]%\}\n(?!\n|\Z)", re.MULTILINE)
SAID = sorted(p for folder in ("notices", "reminders") for p in (TEMPLATES / folder).glob("*.j2"))


@pytest.mark.parametrize("path", SAID, ids=lambda path: path.name)
def test_a_headline_stands_on_its_own_line(path: Path) -> None:
    assert STUCK.findall(path.read_text(encoding="utf-8")) == []
