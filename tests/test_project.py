"""The project itself: what it ships, what it is pinned to, what its core may know."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LOCKS = [ROOT / "requirements" / name for name in ("run.txt", "dev.txt")]
SHIPPED = (
    ".ci", "bot", "cli", "docs", "handlers", "messages", "requirements", "sandbox", "storage",
    "tests", "app.py", "CHANGELOG.md", "LICENSE", "Makefile", "pyproject.toml", "README.md",
)  # fmt: skip
TEXT = frozenset(
    {"", ".css", ".csv", ".html", ".ini", ".j2", ".js", ".json", ".mako", ".md", ".py", ".svg",
     ".toml", ".txt", ".yaml", ".yml"}
)  # fmt: skip
# Where packages come from, and places on somebody's machine. Split so as not to find themselves.
FOREIGN = ("pypi" + ".org", "python" + "hosted", "index" + "-url", "npmjs" + ".", "/ro" + "ot/",
           "/ho" + "me/", "/Us" + "ers/", "/wo" + "rk/")  # fmt: skip
MAY_MENTION = {"Makefile": {"index" + "-url"}}  # the flag that keeps addresses out of the locks


def texts() -> Iterator[Path]:
    """Every text file that the repository ships."""
    for name in SHIPPED:
        path = ROOT / name
        files = [path] if path.is_file() else path.rglob("*")
        for file in files:
            if file.is_file() and file.suffix in TEXT and "__pycache__" not in file.parts:
                yield file


def requirements(lock: Path) -> dict[str, str]:
    """The pinned packages of a lock file, each with all that stands under it."""
    text = lock.read_text(encoding="utf-8").replace("\\\n", " ")
    return {
        match[1]: line
        for line in text.splitlines()
        if (match := re.match(r"([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==", line))
    }


def declared() -> dict[str, set[str]]:
    """What pyproject.toml asks for, by lock file."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    run, dev = project["project"]["dependencies"], project["dependency-groups"]["dev"]
    names = {"run.txt": run, "dev.txt": [*run, *dev]}
    return {
        lock: {re.split(r"[^A-Za-z0-9._-]", wanted)[0] for wanted in list_}
        for lock, list_ in names.items()
    }


def test_nothing_shipped_names_a_registry_or_a_place_on_somebodys_machine() -> None:
    found = [
        f"{file.relative_to(ROOT)}: {word}"
        for file in texts()
        for word in FOREIGN
        if word in file.read_text(encoding="utf-8")
        and word not in MAY_MENTION.get(file.name, set())
    ]
    assert found == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: str(lock.name))
def test_every_pinned_package_carries_its_hash(lock: Path) -> None:
    pinned = requirements(lock)
    assert pinned
    assert [name for name, line in pinned.items() if "--hash=sha256:" not in line] == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: str(lock.name))
def test_a_lock_file_has_no_address(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    assert "://" not in text
    assert " @ " not in text
    assert not re.search(r"^-", text, re.MULTILINE)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: str(lock.name))
def test_a_lock_file_pins_all_that_is_asked_for(lock: Path) -> None:
    assert declared()[lock.name] - set(requirements(lock)) == set()


def test_the_two_locks_pin_the_same_versions() -> None:
    run, dev = (
        {name: line.split()[0] for name, line in requirements(lock).items()} for lock in LOCKS
    )
    assert run.items() <= dev.items()


def test_the_rules_import_only_each_other_the_language_holidays_and_lxml() -> None:
    allowed = sys.stdlib_module_names | {"holidays", "lxml"}  # both pure: days, and words of HTML
    strangers = {
        f"{file.name}: {module}"
        for file in (ROOT / "bot" / "rules").rglob("*.py")
        for module in imported(file)
        if module.split(".")[0] not in allowed and not module.startswith("bot.rules")
    }
    assert strangers == set()


def imported(file: Path) -> set[str]:
    """The modules that a file imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or ".")
    return found


def test_no_test_is_skipped_or_sleeps() -> None:
    words = ("pytest.mark." + "skip", "pytest." + "skip(", "x" + "fail", "time." + "sleep(")
    found = [
        f"{file.relative_to(ROOT)}: {word}"
        for file in (ROOT / "tests").rglob("*.py")
        for word in words
        if word in file.read_text(encoding="utf-8")
    ]
    assert found == []


def test_the_script_for_the_machine_that_judges_can_be_run() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    checked = subprocess.run(["bash", "-n", str(script)], capture_output=True, check=False)
    assert checked.returncode == 0, checked.stderr.decode()
