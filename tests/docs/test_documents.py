"""What the documents say is so: commands, settings, links, examples, the lifecycle."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner, Result

from app import app
from bot.people.accounts_csv import COLUMNS
from bot.rules.lifecycle import TABLE as LIFECYCLE
from bot.rules.policy.load import load_policy
from bot.rules.words import (
    ActionType,
    ClosureCode,
    HoldReason,
    Language,
    Role,
    RootCause,
    Severity,
    Status,
    Trigger,
)
from bot.secret_files import is_secret
from bot.settings import Settings
from docs.generate import COLUMN_NOTES, PARTS, ROOT, generated, pages
from handlers.commands import ALIASES, TABLE
from handlers.commands.vocabulary import fold_word
from messages.kit.texts import label

PAGES = pages()
NAMES = [str(page.relative_to(ROOT)) for page in PAGES]
COMMAND_LINE: Any = get_command(app)
GROUPS: dict[str, set[str]] = {
    name: set(command.commands)
    for name, command in COMMAND_LINE.commands.items()
    if hasattr(command, "commands")
}
PLACED = ("bot", "handlers", "messages", "tests")  # whose folders the architecture describes
PLACES = (
    *(f"{place}/" for place in PLACED),
    "benchmarks/",
    "cli/",
    "docs/",
    "sandbox/",
    "storage/",
)
PICTURE_MAX = 300_000  # bytes; a page that people open over a telephone


def everything() -> str:
    """All documents in one text."""
    return "\n".join(page.read_text(encoding="utf-8") for page in PAGES)


def section(page: str, part: str) -> str:
    """One generated part as it stands in a page."""
    text = (ROOT / page).read_text(encoding="utf-8")
    found = re.search(rf"<!-- generated: {part} -->\n(.*?)<!-- end -->", text, re.DOTALL)
    assert found, f"{page} has no part {part}"
    return found[1]


def helped(line: str) -> Result:
    """What ``python app.py <line> --help`` answers."""
    return CliRunner().invoke(app, [*line.split(), "--help"])


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_generated_parts_are_what_the_code_says(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert generated(text) == text, "run `make docs`"


def test_every_part_that_can_be_generated_stands_in_some_page() -> None:
    assert set(re.findall(r"<!-- generated: (\S+) -->", everything())) == set(PARTS)


def test_every_column_of_the_accounts_file_is_explained() -> None:
    assert set(COLUMN_NOTES) == set(COLUMNS), "write a note in docs/generate.py"


def test_every_subcommand_stands_in_the_readme() -> None:
    typed = re.findall(r"^\| `/escalate ([\w-]+)", section("README.md", "commands"), re.MULTILINE)
    assert typed == [row.name for row in TABLE]


def test_every_subcommand_that_a_page_shows_exists() -> None:
    shown = set(re.findall(r"`/escalate (\S+?)[` ]", everything()))
    assert shown
    cases = {word for word in shown if re.fullmatch(r"ESC-\d+", word)}  # shows the case
    assert {word for word in shown - cases if fold_word(word) not in ALIASES} == set()


def test_every_setting_stands_in_the_readme() -> None:
    named = re.findall(r"^\| `([A-Z_]+)`", section("README.md", "settings"), re.MULTILINE)
    assert named == [name.upper() for name in Settings.model_fields]


def test_every_setting_says_what_it_is_for() -> None:
    assert [n for n, f in Settings.model_fields.items() if not f.description] == []


def test_every_variable_that_a_page_shows_is_a_setting() -> None:
    shown = set(re.findall(r"(?:^|`|\s)([A-Z]+(?:_[A-Z]+)+)(?:=|`)", everything()))
    fields = Settings.model_fields
    files = {f"{name}_file" for name in fields if is_secret(name, fields)}
    known = {name.upper() for name in {*fields, *files}} | {"HYPOTHESIS_PROFILE"}
    assert shown
    assert shown <= known


def test_every_command_line_that_a_page_shows_answers_help() -> None:
    shown = {" ".join(words) for words in shown_commands()}
    assert shown
    assert {line for line in shown if helped(line).exit_code != 0} == set()


def shown_commands() -> Iterator[list[str]]:
    """What follows ``app.py`` on the pages: a command, or a group and its command."""
    for first, second in re.findall(r"app\.py ([a-z]+(?:-[a-z]+)*) ?([a-z]*)", everything()):
        yield [first, second] if first in GROUPS else [first]


def test_no_command_that_a_page_shows_has_a_secret_in_its_arguments() -> None:
    """All users of a machine can read them; an address may have a password in it."""
    line = r"^ *(?:\w+=\S+ )*((?:python|pg_\w+|psql|curl)\b.*)$"
    shown = re.findall(line, everything(), re.M)
    assert any(line.startswith("pg_dump") for line in shown)
    secret = re.compile(
        r"://[^\s/:]*:[^\s/]+@|(?:secret|token|password|key)[= ](?!rotate|list|forget)\S", re.I
    )
    assert [line for line in shown if secret.search(line)] == []
    assert secret.search("pg_dump postgresql://desk:pass@db/desk")
    assert secret.search("curl --token abc")


def test_every_command_of_the_command_line_stands_in_a_page() -> None:
    shown = {" ".join(words) for words in shown_commands()}
    shown |= set(re.findall(r"(?:`|^)make ([a-z]+)", everything(), re.MULTILINE))
    groups = {f"{group} {name}" for group, names in GROUPS.items() for name in names}
    single = set(COMMAND_LINE.commands) - set(GROUPS)
    assert groups | single <= shown


def test_every_make_target_that_a_page_shows_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    shown = set(re.findall(r"(?:`|^)make ([a-z]+)", everything(), re.MULTILINE))
    assert {"demo", "test"} <= shown <= targets


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_link_leads_somewhere(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith("https://"):
            continue
        path, _, anchor = target.partition("#")
        aim = (page.parent / path).resolve() if path else page
        assert aim.exists(), f"{target} does not exist"
        if anchor:
            assert anchor in anchors(aim), f"{target} has no such heading"


@pytest.mark.parametrize("page", PAGES, ids=NAMES)
def test_every_path_that_a_page_names_exists(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    named = {path for path in re.findall(r"`([\w.<>*/-]+)`", text) if path.startswith(PLACES)}
    assert {path for path in named if not any(ROOT.glob(_pattern(path)))} == set()


def _pattern(path: str) -> str:
    """A path with a part such as ``<language>`` as a glob."""
    return re.sub(r"<[^>]*>", "*", path).rstrip("/")


def test_every_decision_is_listed_under_its_title() -> None:
    records = sorted((ROOT / "docs/decisions").glob("0*.md"))
    titles = [path.read_text(encoding="utf-8").partition("\n")[0][2:] for path in records]
    lines = [
        f"{t.replace('. ', '. [', 1)}]({p.name})" for t, p in zip(titles, records, strict=True)
    ]
    listed = (ROOT / "docs/decisions/README.md").read_text(encoding="utf-8").splitlines()
    assert [line for line in listed if line[:1].isdigit()] == lines


def test_the_architecture_has_a_line_for_every_folder() -> None:
    page = (ROOT / "docs/architecture.md").read_text(encoding="utf-8")
    folders = {path.parent for place in PLACED for path in (ROOT / place).glob("*/*.*")}
    described = {folder for folder in folders if folder.name[0] != "_" and not mirrors(folder)}
    named = {f"`{folder.relative_to(ROOT).as_posix()}/`" for folder in described}
    assert {name for name in named if name not in page} == set()


def mirrors(folder: Path) -> bool:
    """True for a folder of tests with the name of a folder of the source."""
    return folder.parent.name == "tests" and (ROOT / folder.name).is_dir()


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}


def test_the_lifecycle_diagram_has_every_transition_and_no_other() -> None:
    drawn = re.findall(
        r"^ {4}(\w+) --> (\w+): ([\w ]+?)(?: \[|$)",
        section("docs/lifecycle.md", "lifecycle"),
        re.MULTILINE,
    )
    table = [(s.value, t.to.value, verb.replace("_", " ")) for (s, verb), t in LIFECYCLE.items()]
    assert sorted(drawn) == sorted(table)


@pytest.mark.parametrize(
    "words", [ActionType, ClosureCode, HoldReason, Role, RootCause, Status, Trigger]
)
def test_the_glossary_has_all_words(words: type[Status]) -> None:
    glossary = (ROOT / "docs/glossary.md").read_text(encoding="utf-8").lower()
    said = [label(Language.ENGLISH, word).lower() for word in words]
    assert [word for word in said if word not in glossary] == []


def test_the_example_policy_is_valid_and_takes_effect(tmp_path: Path) -> None:
    text = (ROOT / "docs/policy.md").read_text(encoding="utf-8")
    example = re.search(r"```toml\n(.*?)```", text, re.DOTALL)
    assert example
    file = tmp_path / "policy.toml"
    file.write_text(example[1], encoding="utf-8")

    policy = load_policy(file)

    assert policy.roles[Role.SUPPORT_LEAD] == ("kate@example.com",)
    assert policy.severity(Severity.SEV2) != load_policy(None).severity(Severity.SEV2)


def test_the_changelog_begins_with_this_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.search(r"^## (\d\S*)", changelog, re.MULTILINE)  # before it: what is to come
    assert newest
    assert newest[1] == project["version"]


def test_pictures_are_small() -> None:
    pictures = list((ROOT / "docs").rglob("*.png"))
    assert pictures
    assert [p.name for p in pictures if p.stat().st_size > PICTURE_MAX] == []
