"""The recipes of docs/extending.md are followed in a copy of the program, and hold."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.recipes import (
    PAGE,
    ROOT,
    Refusal,
    apply_all,
    captions,
    copy_program,
    read_page,
    restore,
)

CHANGES, REFUSALS = read_page(PAGE.read_text(encoding="utf-8"))
STORY = Path("tests", "docs", "extended_story.py")
FILES_MAX = 9  # that a verb with a form and a notice may need
NOTICES = Path("tests", "messages", "cases", "test_notices.py")
OURS = ("tests/__init__.py", "tests/docs/__init__.py", "tests/e2e/__init__.py",
        "tests/e2e/office.py", "tests/first_words.py", "tests/postmortems.py", "tests/messages",
        str(STORY))  # fmt: skip
START = "import handlers.slack.app"
MIGRATED = """
import asyncio
from storage.database import Database
from storage.schema import schema_differences, upgrade_schema

async def compare():
    database = Database("sqlite:///compared.db")
    await upgrade_schema(database)
    print(await schema_differences(database))
    await database.close()

asyncio.run(compare())
"""


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program as it is, in a folder of its own."""
    folder = tmp_path_factory.mktemp("program")
    copy_program(folder)
    return folder


@pytest.fixture
def program(copied: Path) -> "Path":
    """The same, before any recipe."""
    restore(CHANGES, copied)
    return copied


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Python in the copied program."""
    return subprocess.run(
        [sys.executable, *arguments], cwd=folder, capture_output=True, text=True, check=False
    )


def test_a_verb_with_a_form_and_a_notice_is_written_in_few_files() -> None:
    files = {change.file for change in CHANGES if change.recipe == 1}
    assert len(files) <= FILES_MAX
    assert sum(file.startswith("bot/cases/") for file in files) == 1


def test_the_line_above_each_block_says_where_it_belongs() -> None:
    """The titles themselves are not seen where the page is rendered."""
    for shown, wanted in captions(PAGE.read_text(encoding="utf-8")):
        assert shown == wanted


def test_each_recipe_that_changes_something_says_what_refuses() -> None:
    assert {change.recipe for change in CHANGES} == {refusal.recipe for refusal in REFUSALS}


def test_what_the_recipes_add_is_used(program: Path) -> None:
    """The story runs in a process of its own: the tables are read when a program starts.

    With it run the tests that read a table, of which the page says that they need nothing more.
    """
    apply_all(CHANGES, program)
    for name in OURS:
        _copy(ROOT / name, program / name)
    chosen = (str(STORY), str(NOTICES), "-k", "extended_story or wave")
    ended = run(program, "-m", "pytest", "-q", "-p", "no:cacheprovider", *chosen)
    assert ended.returncode == 0, ended.stdout[-6000:] + ended.stderr[-2000:]


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copyfile(source, target)


@pytest.mark.parametrize("refusal", REFUSALS, ids=[each.without for each in REFUSALS])
def test_a_step_that_is_forgotten_is_refused_in_the_words_of_the_page(
    program: Path, refusal: Refusal
) -> None:
    wanted = [change for change in CHANGES if change.recipe <= refusal.recipe]
    assert any(refusal.leaves_out(change) for change in wanted)
    apply_all([change for change in wanted if not refusal.leaves_out(change)], program)
    ended = run(program, "-c", START)
    assert ended.returncode == 1
    assert refusal.said in ended.stderr


def test_a_table_without_its_migration_is_a_difference(program: Path) -> None:
    wanted = [each for each in CHANGES if each.recipe <= 2 and "/versions/" not in each.file]
    apply_all(wanted, program)
    ended = run(program, "-c", MIGRATED)
    assert "add_table" in ended.stdout, ended.stderr
    assert "Table('wave'" in ended.stdout
