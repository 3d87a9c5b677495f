"""Who reads the steps, what is said of one, and when mail counts as set up."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from bot.errors import UserError
from bot.rules.setup import SetupPage, StepState
from bot.rules.words import Role
from bot.setup.queries import SetupReading
from messages.clients.slack import SlackRefused, SlackUnknown
from storage.models import Outbox, SetupChoice
from tests.bot.stage import EMMA, LEAH, TOM, Stage


class Channels:
    """Slack as far as it is asked about channels; counts how often."""

    def __init__(self, **faults: str) -> None:
        self.faults, self.asked = faults, 0

    async def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        """A channel that is there, or the refusal."""
        assert method == "conversations.info"
        self.asked += 1
        fault = self.faults.get(arguments["channel"], "")
        if fault == "away":
            raise SlackUnknown(method, "timeout")
        if fault == "archived":
            return {"channel": {"is_archived": True, "is_member": True}}
        if fault and fault != "outside":
            raise SlackRefused(method, fault)
        return {"channel": {"is_member": fault != "outside"}}


def reading(stage: Stage, slack: object = None, mailer: object = None) -> SetupReading:
    """What is read of the steps, with LEAH as the administrator."""
    roles = {**stage.policy.roles, Role.ADMINISTRATOR: (LEAH,)}
    stage.policy = replace(stage.policy, roles=roles)
    process = stage.process()
    process.slack = slack or Channels()
    process.customers = SimpleNamespace(mailer=mailer)
    return SetupReading(process)


def states(found: SetupPage) -> dict[str, str]:
    """How each step stands."""
    return {row.step.value: row.state.value for row in found.rows}


async def test_only_administrators_are_shown_the_steps(stage: Stage) -> None:
    found = reading(stage)
    assert (await found.home(LEAH)) is not None
    for other in (EMMA, TOM):
        assert await found.home(other) is None
        with pytest.raises(UserError) as refused:
            await found.page(other)
        assert refused.value.key == "not_your_role"


async def test_while_there_is_no_administrator_it_is_said_how_to_name_one(stage: Stage) -> None:
    found = reading(stage)
    stage.policy = replace(stage.policy, roles={**stage.policy.roles, Role.ADMINISTRATOR: ()})
    found = SetupReading(_process(stage))
    with pytest.raises(UserError) as refused:
        await found.page(EMMA)
    assert (refused.value.key, refused.value.facts) == ("no_administrator", {"user": EMMA})


def _process(stage: Stage) -> Any:
    process = stage.process()
    process.slack, process.customers = Channels(), None
    return process


async def test_a_step_that_is_not_needed_is_kept_out_until_it_is_needed_again(
    stage: Stage,
) -> None:
    found = reading(stage)
    assert states(await found.page(LEAH))["mail"] == "open"
    await stage.do(LEAH, "choose_setup", step="mail", needed=False)
    (row,) = [r for r in (await found.page(LEAH)).rows if r.step.value == "mail"]
    assert (row.state, row.skipped_by) == (StepState.SKIPPED, LEAH)
    await stage.do(LEAH, "choose_setup", step="mail", needed=True)
    assert states(await found.page(LEAH))["mail"] == "open"


async def test_home_shows_nothing_once_no_step_is_open(stage: Stage) -> None:
    found = reading(stage)
    for step in states(await found.page(LEAH)):
        await stage.do(LEAH, "choose_setup", step=step, needed=False)
    assert await found.home(LEAH) is None
    assert not (await found.page(LEAH)).is_open


async def test_who_is_no_administrator_changes_nothing(stage: Stage) -> None:
    reading(stage)
    for verb, fields in (("choose_setup", {"step": "mail", "needed": False}), ("test_mail", {})):
        with pytest.raises(UserError) as refused:
            await stage.do(EMMA, verb, **fields)
        assert refused.value.key == "not_your_role"
    assert await stage.rows(SetupChoice) == []


async def test_slack_is_asked_about_a_channel_once_in_a_while(stage: Stage) -> None:
    stage.policy = replace(stage.policy, agent_channels=("C1", "C2", "C3", "C4"))
    slack = Channels(C1="outside", C2="archived", C3="channel_not_found", C4="away")
    found = reading(stage, slack)
    page = await found.page(LEAH)
    (row,) = [r for r in page.rows if r.step.value == "channels"]
    faults = {x.about["channel"]: x.about["fault"] for x in row.lacks if x.what == "channel"}
    assert faults == {"C1": "not_in_channel", "C2": "archived", "C3": "channel_not_found"}
    await found.home(LEAH)
    assert slack.asked == 5  # of C4 there is no answer yet
    await found.page(LEAH)
    assert slack.asked == 9


async def test_a_test_mail_needs_a_server_and_an_address(stage: Stage) -> None:
    reading(stage)
    with pytest.raises(UserError) as refused:
        await stage.do(LEAH, "test_mail")
    assert refused.value.key == "no_mail"
    stage.customers = SimpleNamespace(mailer=object())
    with pytest.raises(UserError) as refused:
        await stage.do(LEAH, "test_mail")
    assert refused.value.key == "no_own_address"
    assert await stage.rows(Outbox, kind="test_mail") == []
    assert await stage.rows(SetupChoice) == []


async def test_mail_is_open_until_a_server_took_a_test_mail(stage: Stage) -> None:
    found = reading(stage, mailer=object())
    for end, state in (("failed", "open"), ("waits", "open"), ("taken", "done")):
        row = SetupChoice(step="mail", tried_by=LEAH, tried_at=stage.now, trial_end=end)
        async with stage.database.write() as session:
            await session.merge(row)
        assert states(await found.page(LEAH))["mail"] == state
