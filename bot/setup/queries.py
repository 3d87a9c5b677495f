"""How the steps of the installation stand: read for administrators alone.

One statement for what was said of them; all else is in memory, but for the policy's channels, about
which Slack is asked. Its answers are kept for ``FRESH`` seconds, since App Home is drawn often.
Locks nothing.
"""

from typing import Protocol

from sqlmodel import col, select

from bot.clock import steady
from bot.core.access import check_permission, organisational_roles
from bot.customers.channels import customer_channels
from bot.engine.unit_of_work import WorkServices
from bot.errors import UserError
from bot.rules.permissions import PERMISSIONS
from bot.rules.setup import (
    Lack,
    MailTrial,
    SetupPage,
    SetupRow,
    SetupStep,
    StepState,
    TrialEnd,
    find_lacks,
)
from bot.rules.words import Role
from bot.setup.channels import find_channel_fault, list_channels
from messages.clients.slack import Slack, SlackError
from storage.models import SetupChoice

FRESH = 300.0  # seconds for which Slack's answer about a channel is kept
SETUP = "setup"  # the row of the permissions


class SetupServices(WorkServices, Protocol):
    """What is read needs of the process."""

    @property
    def slack(self) -> Slack:
        """The workspace."""


class SetupReading:
    """The steps for one process; it keeps what Slack said of channels, in memory.

    What is read is as old as the moment. Mail is done once a server took a test mail, which a
    later one that failed takes back; all else goes by what is lacking now.
    """

    def __init__(self, services: SetupServices) -> None:
        self._services = services
        self._faults: dict[str, tuple[float, str]] = {}

    async def home(self, viewer: str) -> SetupPage | None:
        """The steps for an administrator's App Home; None once nothing is open, and for others.

        Costs others nothing. For administrators one statement, and a call to Slack for each of the
        policy's channels whose answer is older than ``FRESH`` seconds.
        """
        if not organisational_roles(self._services.policy, viewer) & PERMISSIONS[SETUP]:
            return None
        found = await self._read()
        return found if found.is_open else None

    async def page(self, viewer: str) -> SetupPage:
        """All steps, with Slack asked anew about the channels.

        Raises UserError ``no_administrator`` with ``user`` while the policy names none, and
        ``not_your_role``.
        """
        policy = self._services.policy
        async with self._services.database.read() as session:
            try:
                await check_permission(session, policy, viewer, SETUP, None)
            except UserError:
                if not policy.roles.get(Role.ADMINISTRATOR):
                    raise UserError("no_administrator", user=viewer) from None
                raise
        self._faults.clear()
        return await self._read()

    async def _read(self) -> SetupPage:
        policy = self._services.policy
        channels = customer_channels(self._services)
        sends = channels is not None and channels.mailer is not None
        async with self._services.database.read() as session:
            rows = (await session.exec(select(SetupChoice).order_by(col(SetupChoice.step)))).all()
        said = {row.step: row for row in rows}
        faults = {channel: await self._fault(channel) for channel in list_channels(policy)}
        lacks = find_lacks(policy, self._services.clock.now(), faults, sends_mail=sends)
        return SetupPage(
            tuple(_row(step, found, said.get(step.value)) for step, found in lacks.items()), sends
        )

    async def _fault(self, channel: str) -> str:
        """Why a channel cannot be used, as Slack said lately; while Slack is away, nothing is."""
        kept = self._faults.get(channel)
        if kept is not None and kept[0] > steady():
            return kept[1]
        try:
            fault = await find_channel_fault(self._services.slack, channel)
        except SlackError:
            return ""
        self._faults[channel] = (steady() + FRESH, fault)
        return fault


def _row(step: SetupStep, lacks: list[Lack], said: SetupChoice | None) -> SetupRow:
    """A step from what it lacks and what was said of it; mail is done once a server took one."""
    trial = _trial(said)
    if step is SetupStep.MAIL and not lacks and (trial is None or trial.end is not TrialEnd.TAKEN):
        lacks = [Lack("untried")]
    skipped = said.skipped_by if said else ""
    state = StepState.OPEN if lacks else StepState.DONE
    if lacks and skipped:
        state = StepState.SKIPPED
    return SetupRow(step, state, tuple(lacks), skipped, trial)


def _trial(said: SetupChoice | None) -> MailTrial | None:
    if said is None or said.tried_at is None:
        return None
    return MailTrial(said.tried_by, said.tried_at, TrialEnd(said.trial_end), said.server_said)
