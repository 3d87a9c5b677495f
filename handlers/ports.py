"""What handlers need of the app; ``bot/services.py`` provides it, tests provide a small fake.

Reads happen at once and may be as old as the moment; what changes something is only accepted here,
and carried out after the acknowledgement (``bot.engine.inbox``).
"""

from collections.abc import Coroutine, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date
from typing import Any, Protocol

from bot.clock import TimeSource
from bot.connect.queries import ConnectReading
from bot.engine.access_log import AccessLog
from bot.engine.actors import Actor, ReplyTo
from bot.engine.intent import Intent
from bot.rules.facts import (
    CaseFacts,
    Composed,
    PersonFacts,
    PromiseFacts,
    TemplateFacts,
)
from bot.rules.policy.model import Policy
from bot.rules.tone.lint import Finding
from bot.rules.words import MessageKind, ResolutionType, Severity, Standing
from bot.setup.queries import SetupReading
from bot.sponsorship.queries import SponsorshipReading
from handlers.reading_ports import (
    Concessions,
    Duty,
    Explained,
    Intake,
    KnownIssues,
    Learning,
    Outcomes,
    Problems,
    Reading,
    Reports,
)
from messages.clients.shared_channels import SharedChannels
from messages.kit.blocks import Message


class Slack(Protocol):
    """The one way to talk to Slack."""

    @property
    def teams(self) -> frozenset[str]:
        """The ids of our own workspace, where they tell; empty until Slack has told."""

    @property
    def user_id(self) -> str:
        """Who we are in the workspace; empty until Slack has told."""

    @property
    def shared(self) -> SharedChannels:
        """The channels that another organisation reads."""

    async def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        """Slack's answer; raises SlackRefused, SlackRateLimited or SlackUnknown.

        ``method`` is Slack's name (``views.open``); arguments that are None are left out.
        """


class Homes(Protocol):
    """What handlers tell of App Homes; each is drawn in the background."""

    def open_home(self, user: str) -> None:
        """A person opened theirs."""

    def leave_home(self, user: str) -> None:
        """A person went on to their messages with the app."""


class Services(Protocol):
    """The use cases, behind one door."""

    @property
    def slack(self) -> Slack:
        """The workspace."""

    @property
    def access(self) -> AccessLog:
        """The record of who looks and who is refused."""

    @property
    def reading(self) -> Reading:
        """The queries."""

    @property
    def problems(self) -> Problems:
        """The queries about problems."""

    @property
    def known_issues(self) -> KnownIssues:
        """The queries about known issues."""

    @property
    def reports(self) -> Reports:
        """Figures over many cases."""

    @property
    def setup(self) -> SetupReading:
        """The steps of the installation."""

    @property
    def learning(self) -> Learning:
        """The queries about decisions and action items."""

    @property
    def concessions(self) -> Concessions:
        """The queries about concessions."""

    @property
    def outcomes(self) -> Outcomes:
        """The queries about outcomes."""

    @property
    def sponsorship(self) -> SponsorshipReading:
        """The queries about the sponsorship programme."""

    @property
    def connect(self) -> ConnectReading:
        """The queries about customers' channels."""

    @property
    def intake(self) -> Intake:
        """The queries about what was reported already."""

    @property
    def duty(self) -> Duty:
        """The queries about the rota."""

    @property
    def clock(self) -> TimeSource:
        """The time."""

    @property
    def policy(self) -> Policy:
        """What the organisation has decided; replaced while the app runs."""

    @property
    def homes(self) -> Homes:
        """The App Homes that people have open."""

    def answering(self) -> AbstractContextManager[None]:
        """A request is in hand while the block runs: background work lets it by."""

    async def accept(self, intent: Intent, actor: Actor, key: str, reply: ReplyTo) -> bool:
        """Store what a person wants under ``key``; False when that key was accepted before.

        Durable on return; the use case follows by itself, and what it says goes to ``reply``. No
        rule is asked here: only the fault of a store that is away is raised.
        """

    async def note_step(self, execution: str, given: Mapping[str, object]) -> None:
        """Store that a step of Workflow Builder runs; it is known by Slack's id ``execution``."""

    async def person(self, user_id: str) -> PersonFacts:
        """A person in the workspace; English and UTC when Slack does not say."""

    async def known_standing(self, user_id: str) -> Standing | None:
        """What a person is to the workspace, without asking Slack; None when we do not know."""

    async def require_member(self, user_id: str) -> None:
        """Raise UserError under the name of a person's standing unless they are a member.

        ``unchecked`` while neither the store nor Slack can tell. May wait for Slack.
        """

    async def person_changed(self, user: Mapping[str, Any]) -> None:
        """Slack says that a person changed or joined; ``user`` is as Slack describes them."""

    async def group_changed(self, group: str) -> None:
        """Slack says that a user group is not what it was."""

    async def check(self, verb: str, user_id: str, case: int | None) -> None:
        """Raise UserError when this person may not do this, or has done it too often this hour."""

    async def unfit(self, intent: Intent) -> Mapping[str, str]:
        """The fields that name a person who cannot have a part in a case, each with its refusal.

        Empty when all may. Asks Slack about people whom the directory does not know.
        """

    async def preview(self, shown: TemplateFacts, case: CaseFacts, viewer: PersonFacts) -> str:
        """Words with a case's facts; as they are written where a fact is missing."""

    async def draft(
        self,
        kind: MessageKind,
        case: CaseFacts,
        viewer: PersonFacts,
        resolution: ResolutionType | None = None,
    ) -> Mapping[str, Any]:
        """What the composer opens with: ``text``, the approved one, ``next_update_at``, …

        All of them: ``text``, ``words`` (the template used, or None), ``expired`` (templates that
        ended), ``next_update_at``, ``recipient``, ``mails`` and ``desk`` (the ways in which the app
        sends), ``approvers`` (user ids; empty where no second person is needed) and ``may_offer``.
        ``resolution`` is what was chosen in the form that resolves.
        """

    def action_due(self, severity: Severity) -> date:
        """The day by which an action item is due unless another is chosen."""

    async def left_open(self, message: Composed) -> Sequence[str]:
        """The lines in brackets that the writer has left as they are in the template."""

    async def judge(
        self, message: Composed, case: CaseFacts, viewer: PersonFacts
    ) -> Sequence[Finding]:
        """What is found in a message before it goes out; of an approved one only what stops it."""

    async def why(self, number: int, viewer: PersonFacts, clock: str | None) -> Sequence[Explained]:
        """Why the clocks of a case are due when they are; raises UserError ``no_such_clock``.

        ``clock`` is a kind; None: all that are open.
        """

    async def send_clock_picture(self, number: int, viewer: PersonFacts, clock: str) -> None:
        """Put the picture of a clock's life into the viewer's conversation with the app.

        Calls Slack at once and is not tried again; raises SlackError.
        """

    async def promises(
        self, number: int, viewer: PersonFacts
    ) -> tuple[CaseFacts, Sequence[PromiseFacts]]:
        """The case and its ledger of promises."""

    async def tell(self, reply: ReplyTo, message: Message) -> None:
        """Answer privately, as well as Slack lets us."""

    def background(
        self,
        work: Coroutine[Any, Any, None],
        name: str,
        reply: ReplyTo | None = None,
        once: str = "",
        *,
        by_trigger: bool = False,
    ) -> None:
        """Do this after the acknowledgement; a failure is logged and the person told through
        ``reply``.

        Nothing of it survives a restart: what must is accepted instead. Work of this name is done
        a single time for each key given as ``once``, by whichever process; a form (``by_trigger``)
        is opened at once, and remembered afterwards.
        """
