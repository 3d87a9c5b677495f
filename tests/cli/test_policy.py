"""A policy is checked from the command line: mistakes, and what may not be meant."""

from pathlib import Path

import pytest

from cli import admin
from cli.policy import check_policy

HOLIDAYS = Path("tests/data/holidays")


def test_a_country_without_its_part_is_not_simply_in_order(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert check_policy(HOLIDAYS / "policy-gb.toml") == 0
    said = capsys.readouterr().out.splitlines()
    assert "calendars.business.country: only holidays that all of GB keeps count" in said[0]
    assert "NIR (Northern Ireland)" in said[0]
    assert "no mistakes, but read the lines above; version " in said[-1]


def test_a_policy_that_names_its_part_is_in_order(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (HOLIDAYS / "policy-gb.toml").read_text(encoding="utf-8")
    file = tmp_path / "policy.toml"
    file.write_text(text.replace('country = "GB"', 'country = "GB"\nsubdiv = "Scotland"'))
    assert check_policy(file) == 0
    assert capsys.readouterr().out.startswith(f"{file}: in order; version ")


async def test_the_check_of_everything_says_it_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("POLICY_FILE", str((HOLIDAYS / "policy-gb.toml").resolve()))
    monkeypatch.setenv("DATABASE_URL", f"sqlite+aiosqlite:///{tmp_path}/x.db")
    await admin.check()
    said = capsys.readouterr().out
    assert "calendars.business.country: only holidays that all of GB keeps count" in said
