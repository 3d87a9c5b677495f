"""The emergency file asks Slack for people's telephone numbers, while Slack works."""

from pathlib import Path

import pytest

from bot.settings import Settings
from cli.files.emergency import write_emergency
from tests.e2e.office import ELENI, Office

pytestmark = pytest.mark.asyncio(loop_scope="module")
PHONE = "+30 210 555 0123"


async def test_telephone_numbers_come_from_slack_and_the_file_does_not_need_them(
    desk: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    number = await desk.stage("investigating")
    await desk.here.people.change_user(ELENI, phone=PHONE)
    settings = Settings.model_construct(
        slack_bot_token=next(iter(desk.ws.apps.values())).bot_token,
        slack_api_url=f"{desk.here.url}/api/",
        database_url=str(desk.here.services.database.url.render_as_string(hide_password=False)),
    )
    file = tmp_path / "emergency.html"
    assert await write_emergency(settings, file, "en") == 0
    page = file.read_text("utf-8")
    assert PHONE in page
    assert f"ESC-{number} " in page
    assert capsys.readouterr().out.endswith("1 telephone number\n")
    desk.ws.faults.add("refused", "users.info", error="internal_error", times=1)
    assert await write_emergency(settings, file, "en") == 0
    assert "Slack did not tell all telephone numbers" in capsys.readouterr().err
    assert f"ESC-{number} " in file.read_text("utf-8")
