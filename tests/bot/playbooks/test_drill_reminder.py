"""Administrators are asked for the drill: after the policy's days, once a week at most."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.playbooks.drill_reminder import remind_of_drill
from bot.playbooks.drills import DRILLED, read_last_drill
from bot.rules.policy.load import PolicyError, load_policy, policy_from_spec
from bot.rules.words import Language, Role
from bot.settings import Settings
from cli.checking.drill import print_drill
from messages.compose import compose_message
from storage.models import Outbox, PolicyVersion, TerminalAction
from tests.bot.stage import Stage
from tests.messages.limits import check_blocks, check_harmless

ADMIN = "UADMIN"


async def asked(stage: Stage) -> int:
    """How often the administrator was asked up to now, once it was looked again."""
    stage.policy = replace(stage.policy, roles={**stage.policy.roles, Role.ADMINISTRATOR: (ADMIN,)})
    await remind_of_drill(stage.services())
    rows = await stage.rows(Outbox)
    return sum(row.payload.get("text") == "operations:drill_due" for row in rows)


async def first_started(stage: Stage) -> None:
    """The app starts here for the first time."""
    await stage.add(PolicyVersion(version="first", spec={}, since=stage.now))


async def test_it_is_asked_after_ninety_days_and_once_a_week(stage: Stage) -> None:
    assert await asked(stage) == 0, "before it ever started"
    await first_started(stage)
    stage.later(days=90)
    assert await asked(stage) == 0
    stage.later(minutes=1)
    assert await asked(stage) == 1
    stage.later(days=6)
    assert await asked(stage) == 1
    stage.later(days=1, minutes=1)
    assert await asked(stage) == 2
    rows = [row.payload for row in await stage.rows(Outbox)]
    assert (rows[-1]["user"], rows[-1]["extra"]["last"]) == (ADMIN, "")


async def test_a_signed_drill_ends_it_until_the_policys_days_have_passed(stage: Stage) -> None:
    await first_started(stage)
    stage.later(days=100)
    await stage.add(
        TerminalAction(at=stage.now, by="ada@desk-1", command=DRILLED, about={"signed": "Kate"})
    )
    stage.policy = replace(stage.policy, playbooks=replace(stage.policy.playbooks, drill_days=30))
    assert await asked(stage) == 0
    stage.later(days=31)
    assert await asked(stage) == 1
    async with stage.database.read() as session:
        found = await read_last_drill(session)
    assert found.signed == "Kate"


async def test_check_says_when_it_was_last_done_and_that_it_is_time(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = Settings(_env_file=None)
    await first_started(stage)
    await print_drill(settings, stage.database, stage.now)
    assert capsys.readouterr().out == "drill     never\n"
    await stage.add(
        TerminalAction(at=stage.now, by="ada@desk-1", command=DRILLED, about={"signed": "Kate"})
    )
    day = f"{stage.now:%Y-%m-%d}"
    await print_drill(settings, stage.database, stage.now + timedelta(days=91))
    said = capsys.readouterr().out
    assert said.startswith(f"drill     last on {day}, signed by Kate; it is time (90 days): ")


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("last", ["", "2026-02-10T09:00:00+00:00"])
def test_the_question_says_when_it_was_and_what_to_do(language: Language, last: str) -> None:
    said = compose_message("operations:drill_due", {"last": last, "days": 90}, None, language)
    check_blocks(said.blocks)
    check_harmless(said.text)
    assert "app.py emergency FILE --drill" in said.text
    assert ("90" in said.text) == bool(last)


def test_the_policy_says_how_often() -> None:
    spec = load_policy().spec
    assert policy_from_spec(spec).playbooks.drill_days == 90
    assert policy_from_spec({**spec, "playbooks": {}}).playbooks.drill_days == 90
    with pytest.raises(PolicyError, match=r"playbooks\.drill_days"):
        policy_from_spec({**spec, "playbooks": {"drill_days": 0}})
