"""``app.py check`` asks the help desks who we are, and names what is missing."""

from pathlib import Path

import pytest

from cli import admin
from tests.helpdesk.conftest import Desk


def told(monkeypatch: pytest.MonkeyPatch, folder: Path, settings: dict[str, object]) -> None:
    """The environment as the administrator set it."""
    monkeypatch.chdir(folder)  # no .env of ours
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{folder}/desk.db")
    for name, value in settings.items():
        monkeypatch.setenv(name.upper(), str(value))


async def test_check_says_as_whom_we_answer(
    double: Desk,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with double.running() as url:
        told(monkeypatch, tmp_path, double.settings(url))
        await admin.check()
    said = capsys.readouterr()
    assert f"{double.name:<9} as The Desk" in said.out
    assert double.name not in said.err
    assert "token of the tests" not in said.out + said.err


async def test_check_names_wrong_credentials_and_a_missing_secret(
    double: Desk,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with double.running() as url:
        settings = double.settings(url)
        hook = next(name for name in settings if name.endswith("webhook_secret"))
        secret = next(name for name in settings if name.endswith(("api_token", "app_secret")))
        told(monkeypatch, tmp_path, settings | {hook: "", secret: "a wrong one"})
        assert await admin.check() == 1
    said = capsys.readouterr().err
    assert f"{double.name}: " in said
    assert "401" in said
    assert f"{hook.upper()} is missing" in said
    assert "a wrong one" not in said


@pytest.mark.parametrize("named", ["", "mx.northwind.example"])
async def test_check_names_mail_that_nobody_vouches_for(
    named: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings = {"mail_inbound_secret": "x" * 20, "mail_authserv_id": named}
    told(monkeypatch, tmp_path, dict(settings))
    await admin.check()
    assert ("MAIL_AUTHSERV_ID is missing" in capsys.readouterr().err) == (not named)
