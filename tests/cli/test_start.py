"""A command imports what it uses: what everybody types first does not wait for the rest."""

import subprocess
import sys
from pathlib import Path

import pytest

APP = Path(__file__).parents[2] / "app.py"
LISTED = f"""
import runpy, sys
try:
    runpy.run_path({str(APP)!r}, run_name="__main__")
except SystemExit:
    print("LOADED", *sys.modules)
"""
# What the bot itself needs and a command that only looks does not.
NEVER = {
    "aiohttp", "apscheduler", "jinja2", "PIL", "prometheus_client", "sandbox", "slack_bolt",
    "slack_sdk", "starlette", "uvicorn", "websockets",
}  # fmt: skip


def loaded(folder: Path, *line: str) -> set[str]:
    """The packages that are loaded when ``python app.py <line>`` ends."""
    run = subprocess.run(
        [sys.executable, "-c", LISTED, *line],
        env={"PYTHONPATH": str(APP.parent), "DATABASE_URL": f"sqlite:///{folder}/desk.db"},
        cwd=folder, capture_output=True, text=True, check=True,
    )  # fmt: skip
    listed = run.stdout.rpartition("LOADED ")[2].split()
    assert "typer" in listed
    return {name.partition(".")[0] for name in listed}


@pytest.mark.parametrize(
    "line", [("--help",), ("run", "--help"), ("doctor", "--help"), ("policy", "--help")], ids=str
)
def test_help_loads_no_library_of_the_bot(line: tuple[str, ...], tmp_path: Path) -> None:
    heavy = NEVER | {"alembic", "bot", "holidays", "messages", "sqlalchemy", "storage"}
    assert loaded(tmp_path, *line) & heavy == set()


def test_check_loads_nothing_of_what_it_does_not_ask(tmp_path: Path) -> None:
    assert loaded(tmp_path, "check") & NEVER == set()


FIRST = """
import importlib, os, sys
import apscheduler, slack_bolt.async_app, sqlmodel
for name in sys.argv[1:]:
    if child := os.fork():
        if os.waitpid(child, 0)[1]:
            sys.exit(1)
    else:
        importlib.import_module(name)
        sys.exit()
"""


def test_every_command_can_be_what_a_process_imports_first(tmp_path: Path) -> None:
    """Modules that need each other may load in one order and fail in another."""
    named = [f"cli.{each}" for each in ("admin", "doctor", "outbox", "policy", "running")]
    run = subprocess.run(
        [sys.executable, "-c", FIRST, *named],
        env={"PYTHONPATH": str(APP.parent)},
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
