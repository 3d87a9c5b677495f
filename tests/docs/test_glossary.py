"""Texts and documents use the word that the glossary decides, and not those that it does not.

So do hints on a draft, and what the command line prints: there a sentence is a string of the code.
"""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

from bot.rules.learning.playbooks import load_playbooks
from bot.rules.words import Language
from messages.kit import texts

ROOT = Path(__file__).parents[2]
GLOSSARY = "docs/glossary.md"
# Where a word stays although it is not used otherwise, each with its reason.
KEPT = {
    ("docs/architecture.md", "mend"),  # the stored name of a verb
    ("CHANGELOG.md", "mend"),  # an option's name in 0.1
    ("docs/lifecycle.md", "comfortable"),  # the name of a guard
    ("docs/lifecycle.md", "uncomfortable"),  # the same
    ("app.py", "mend"),  # the same option, hidden
    ("sandbox/web/emoji.py", "e-mail"),  # Slack's name of an emoji
}
# What a template asks for, which nobody reads.
CODE = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
# Where a word that is not used otherwise has its idiom.
IDIOMS = re.compile(r"με τα (?:δικά του )?λόγια(?: του πελάτη)?|με απλά λόγια", re.IGNORECASE)


def rows() -> list[list[str]]:
    """The table's rows: term, Greek term, meaning, words not used."""
    table = (ROOT / GLOSSARY).read_text(encoding="utf-8").partition("## One word for one thing")[2]
    lines = [line for line in table.splitlines() if line.startswith("|")][2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def unused() -> list[str]:
    """The words that the glossary does not use."""
    return [word.strip() for row in rows() for word in row[3].split(",")]


def people_read() -> Iterator[tuple[str, str]]:
    """Every text with the place where it stands."""
    for language in Language:
        for key, text in texts.own_texts(language).items():
            yield f"{language.value} {key}", text
        for key, playbook in load_playbooks().items():
            said = playbook.wording(language)  # beside what customers say, who know no glossary
            words = (said.title, *said.steps, *said.say, *said.never, said.exit)
            yield f"{language.value} playbook {key}", "\n".join(words)
    folder = ROOT / "messages" / "templates"
    for path in [*folder.rglob("*.j2"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("*.md")]:
        place = str(path.relative_to(ROOT))
        text = path.read_text(encoding="utf-8")
        if place != GLOSSARY:
            yield place, CODE.sub("", text) if path.suffix == ".j2" else text


def hints() -> Iterator[tuple[str, str]]:
    """What is said about a draft, with the language and the rule."""
    for language in Language:
        path = language.data.folder / "tone.toml"
        for rule, said in tomllib.loads(path.read_text(encoding="utf-8")).items():
            for name in ("better", "example"):
                if isinstance(said, dict) and name in said:
                    yield f"{language.value} tone {rule}.{name}", said[name]


def sentences() -> Iterator[tuple[str, str]]:
    """Strings of more than a word in the code, with the module: what commands and Slack print.

    Of ``app.py`` and ``cli/commands/`` the docstrings count too, for they are help.
    """
    for folder in ("bot", "cli", "handlers", "messages", "sandbox", "storage"):
        for path in (ROOT / folder).rglob("*.py"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            yield from ((str(path.relative_to(ROOT)), text) for text in _strings(tree))
    for path in (ROOT / "app.py", *(ROOT / "cli" / "commands").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield str(path.relative_to(ROOT)), node.value


def _strings(tree: ast.Module) -> Iterator[str]:
    """Every string with a space that stands in an expression, so no docstring."""
    alone = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        said = node.value if isinstance(node, ast.Constant) and id(node) not in alone else ""
        if isinstance(said, str) and " " in said.strip():
            yield said


def docstrings() -> Iterator[tuple[str, str]]:
    """Every docstring of the product with its module."""
    for folder in ("bot", "handlers", "messages", "storage", "cli"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(
                    node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
                ):
                    yield str(path.relative_to(ROOT)), ast.get_docstring(node) or ""


def misused(text: str) -> list[str]:
    """The words in a text that the glossary does not use."""
    text = IDIOMS.sub("", text)
    return [word for word in unused() if re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.I)]


def test_no_text_uses_a_word_that_the_glossary_does_not() -> None:
    found = [(place, word) for place, text in people_read() for word in misused(text)]
    assert [each for each in found if each not in KEPT] == []


def test_every_exception_is_still_needed() -> None:
    texts_of_all = [*people_read(), *hints(), *sentences()]
    assert {(place, word) for place, text in texts_of_all for word in misused(text)} >= KEPT


def test_no_hint_and_nothing_that_is_printed_uses_a_word_that_the_glossary_does_not() -> None:
    said = [*hints(), *sentences()]
    assert {"en tone blame.better", "app.py", "cli/admin.py"} <= {place for place, _ in said}
    found = [(place, word) for place, text in said for word in misused(text)]
    assert [each for each in found if each not in KEPT] == []


def test_no_docstring_calls_the_app_a_desk_or_a_threshold_a_rung() -> None:
    held = {"the desk", "a desk", "rung", "rungs"}
    assert [(place, text) for place, text in docstrings() if held & set(misused(text))] == []


def test_every_row_names_its_term_in_both_languages_and_what_is_not_used() -> None:
    assert rows()
    assert all(len(row) == 4 and all(row) for row in rows())


def test_a_word_that_is_put_back_is_noticed() -> None:
    assert misused("Mend the address, then tell the desk.") == ["the desk", "mend"]


def test_no_name_in_the_code_calls_a_call_a_talk() -> None:
    """Names that are stored stay: the table's, and the field of payloads and buttons."""
    stored = {"talk", "BreachTalk", "TalkingPoints"}
    names = {
        name
        for folder in ("bot", "handlers", "messages", "storage", "cli")
        for path in (ROOT / folder).rglob("*.py")
        if "migrations" not in path.parts
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for name in (_named(node),)
    }
    assert {name for name in names if re.search(r"(?:^|_)talks?(?:_|$)|Talk", name)} == stored


def _named(node: ast.AST) -> str:
    """What a definition, an argument or an assignment is called; "" for anything else."""
    if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
        return node.name
    if isinstance(node, ast.arg):
        return node.arg
    assigned = isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    return node.id if assigned else ""
