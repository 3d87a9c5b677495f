"""A further language is a folder of files: nothing of the code knows that there is German."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bot.rules import languages
from bot.rules.languages import LanguageError, read_language
from bot.rules.words import Language
from messages.customers.outward_texts import OUTWARD
from messages.kit.texts import own_texts

HERE = Path(__file__).parent
GERMAN = HERE / "languages" / "de"
ROOT = HERE.parents[1]


def run(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """A program of ours that finds further languages in ``folder``."""
    given = os.environ | {"LANGUAGES_DIR": str(folder)}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=given,
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_case_runs_in_a_language_that_is_files_only() -> None:
    story = str(HERE / "german_story.py")
    ended = run("-m", "pytest", "-q", "-p", "no:cacheprovider", story, folder=GERMAN.parent)
    assert ended.returncode == 0, ended.stdout[-4000:]


def test_the_check_names_the_languages_and_what_is_said_in_another() -> None:
    ended = run("app.py", "check", folder=GERMAN.parent)
    assert "languages en, de, el" in ended.stdout
    assert "de: " in ended.stdout


def test_the_check_names_what_customers_would_read_in_another_language(tmp_path: Path) -> None:
    shutil.copytree(GERMAN, tmp_path / "de")
    lacking = run("app.py", "check", folder=tmp_path)
    assert "de: customers would read en; translate ask.pulse_question" in lacking.stderr
    assert lacking.returncode == 1

    outward = {k: v for k, v in own_texts(Language.ENGLISH).items() if k.startswith(OUTWARD)}
    lines = [f"{k} = {json.dumps(v)}" for k, v in outward.items() if not k.startswith("date.")]
    (tmp_path / "de" / "outward.toml").write_text("\n".join(lines), encoding="utf-8")
    assert "customers would read" not in run("app.py", "check", folder=tmp_path).stderr


def test_a_faulty_folder_stops_the_program_with_its_name_and_the_fault(tmp_path: Path) -> None:
    (tmp_path / "de").mkdir()
    (tmp_path / "de" / "language.toml").write_text('name = "Deutsch"\n', encoding="utf-8")
    ended = run("app.py", "check", folder=tmp_path)
    assert ended.returncode == 2
    assert "de/language.toml: english_name is missing" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_word_that_two_commands_claim_is_named_by_the_check(tmp_path: Path) -> None:
    folder = tmp_path / "de"
    folder.mkdir()
    (folder / "language.toml").write_bytes((GERMAN / "language.toml").read_bytes())
    (folder / "commands.toml").write_text('[command]\nclose = ["Claim"]\n', encoding="utf-8")
    ended = run("app.py", "check", folder=tmp_path)
    assert ended.returncode == 1
    assert "[command] close: 'Claim' already means 'claim'" in ended.stderr


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        (("lower_labels", "lower_label"), "there is no key lower_label"),
        (('english_name = "German"', 'english_name = "Ελλ"'), "english_name must be written in"),
        (('width = "long"', 'width = "wide"'), "units.width must be one of long, short, narrow"),
        (('short = "EEE d. MMM"\n', ""), "dates.short is missing"),
    ],
)
def test_a_mistake_in_language_toml_is_named(
    tmp_path: Path, changed: tuple[str, str], fault: str
) -> None:
    folder = tmp_path / "de"
    folder.mkdir()
    text = (GERMAN / languages.FILE).read_text(encoding="utf-8").replace(*changed)
    (folder / languages.FILE).write_text(text, encoding="utf-8")
    with pytest.raises(LanguageError, match=fault):
        read_language(folder)
