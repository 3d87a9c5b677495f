"""What handlers need of the app; ``bot/services.py`` provides it, tests provide a small fake.

Reads happen at once and may be as old as the moment; what changes something is only accepted here,
and carried out after the acknowledgement (``bot.engine.inbox``).
"""

from collections.abc import Coroutine, Mapping, Sequence, Set
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import Any, Protocol

from bot.clock import TimeSource
from bot.connect.queries import ConnectReading
from bot.engine.actors import Actor, ReplyTo
from bot.engine.intent import Intent
from bot.rules.facts import (
    AccountFacts,
    CandidateFacts,
    CandidatePageFacts,
    CaseFacts,
    CaseFilter,
    CasePageFacts,
    Composed,
    DigestFacts,
    DraftFacts,
    DutyFacts,
    HomeFacts,
    MailFacts,
    PersonFacts,
    PromiseFacts,
    TemplateFacts,
    TimelineFacts,
)
from bot.rules.policy.model import Policy
from bot.rules.problems.facts import BroadcastFacts, PointsFacts, ProblemFacts
from bot.rules.problems.known_issues import IssueFacts
from bot.rules.reviews.review import ReviewFacts
from bot.rules.tone.lint import Finding
from bot.rules.words import Language, MessageKind, ResolutionType, Role, Severity, Standing
from messages.clients.shared_channels import SharedChannels
from messages.clocks.explain import Explanation
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


class Reading(Protocol):
    """What may be read; every answer is what this viewer may see.

    A case that they may not see raises UserError ``no_such_case``, as one that does not exist.
    """

    async def case_in_channel(self, channel_id: str) -> int | None:
        """The number of the case that the channel belongs to; None for any other channel."""

    async def case(self, number: int, viewer: str) -> CaseFacts:
        """The case; raises UserError ``no_such_case``, also when it is not theirs to see."""

    async def require(self, what: str, viewer: str) -> None:
        """Raise UserError when the viewer may not read this; for what belongs to no case.

        ``what`` is a key of ``bot.rules.permissions.READING``; the refusal is ``not_your_role``.
        """

    async def cases(self, viewer: str, wanted: CaseFilter, limit: int = 20) -> Sequence[CaseFacts]:
        """Cases by severity, then by what is due next; at most ``limit``."""

    async def page(self, viewer: str, wanted: CaseFilter, page: int = 1) -> CasePageFacts:
        """One page of such cases, and how many there are; a page out of range is the nearest."""

    async def draft(self, number: int, viewer: str, draft: int) -> DraftFacts:
        """A message that waits for approval; raises UserError ``no_such_draft``."""

    async def mail(self, number: int, viewer: str, mail: int) -> MailFacts:
        """A mail of the customer, whole."""

    async def answered_there(self, number: int, viewer: str, reply: int) -> Mapping[str, Any]:
        """A colleague's answer in the ticket, as fields of the composer.

        ``text``, ``route``, ``link`` and ``sent_at``; empty when ``reply`` is no such answer.
        """

    async def templates(self) -> Sequence[TemplateFacts]:
        """Every version of the approved words, the newest first of each kind and language."""

    async def timeline(
        self, number: int, viewer: str, page: int = 1
    ) -> tuple[Sequence[TimelineFacts], int]:
        """One page of a case's record, oldest first, and how many pages there are.

        A page beyond the last is the last one.
        """

    async def corrected(
        self, number: int, viewer: str, entries: Sequence[int]
    ) -> Mapping[str, Sequence[str]]:
        """What parts of the case were before the corrections of these entries of its record."""

    async def agenda(self, number: int, viewer: str) -> tuple[Sequence[str], int]:
        """Who is invited to a case's postmortem, and how many entries its record has."""

    async def accounts(self, query: str, limit: int = 50) -> Sequence[AccountFacts]:
        """Customers with the query in their name, whatever its case and accents, by name."""

    async def account(self, key: str) -> AccountFacts | None:
        """One customer."""

    async def roles(self, user_id: str, number: int | None) -> Set[Role]:
        """What a person is: in the organisation, and on case ``number`` unless that is None."""

    async def home(self, viewer: str) -> HomeFacts:
        """What the viewer's App Home shows."""

    async def digest(self, viewer: str) -> DigestFacts:
        """What an executive's digest would say now; reading it does not count as having had it."""


class Problems(Protocol):
    """What may be read of problems that many customers have."""

    async def problem(self, number: int) -> ProblemFacts:
        """A problem with everything; raises UserError ``no_such_problem``."""

    async def in_channel(self, channel_id: str) -> int | None:
        """The number of the problem that the channel belongs to; None for any other channel."""

    async def open(self) -> Sequence[ProblemFacts]:
        """The open problems, the gravest and newest first, without their lists of customers."""

    async def broadcast(self, problem: int, number: int) -> BroadcastFacts:
        """A broadcast; raises UserError ``no_such_broadcast``."""

    async def points(self, problem: int | None = None) -> Sequence[PointsFacts]:
        """Talking points in force or waiting, of one problem or of all, the newest first."""

    async def account_named(self, typed: str) -> AccountFacts | None:
        """The account with this key or name."""

    async def judge(
        self, text: str, language: Language, viewer: str, *, promises: bool = True
    ) -> Sequence[Finding]:
        """What is found in a broadcast's words; ``promises``: they must say when one hears next."""

    async def composing(
        self,
        number: int,
        viewer: PersonFacts,
        letter: MessageKind,
        next_update_at: datetime | None = None,
        chosen: str = "all",
        expected_on: date | None = None,
    ) -> Mapping[str, Any]:
        """What the broadcast's form opens with, for the chosen audience.

        ``about``, ``audiences`` (name to number of customers), ``languages`` with
        ``text_<language>`` for each, ``next_update_at`` and ``approvers`` (user ids).
        """


class KnownIssues(Protocol):
    """What may be read of known issues."""

    async def issue(self, number: int) -> IssueFacts:
        """A known issue with everything; raises UserError ``no_such_issue``, also once it is a
        problem.
        """

    async def listed(self) -> Sequence[IssueFacts]:
        """Those that customers wait for, and those that ended lately, in the order of the list."""


class SameSource(Protocol):
    """The live case that came from the same place as a report."""

    @property
    def case(self) -> CaseFacts:
        """The case."""

    @property
    def way(self) -> str:
        """By what it is known again: ``message`` or ``ticket``."""


class Reviews(Protocol):
    """What may be read of public reviews, which all members may see on their sites."""

    async def waiting(self) -> tuple[Sequence[ReviewFacts], int]:
        """Those that wait for a reply, as many as are shown, and how many there are."""

    async def answered(self) -> Sequence[ReviewFacts]:
        """Those that were answered last, the newest first."""


class Intake(Protocol):
    """What may be read of the cases that a report may belong to."""

    @property
    def reviews(self) -> Reviews:
        """The queries about public reviews."""

    async def live_cases(self, viewer: str, account: str, name: str) -> Sequence[CaseFacts]:
        """The customer's live cases that the viewer may see, a few, the oldest first."""

    async def same_source(self, viewer: str, message: str, ticket_url: str) -> SameSource | None:
        """The live case of the same Slack message or ticket, if the viewer may see it."""

    async def triage(self, viewer: str, page: int = 1, *, mine: bool = False) -> CandidatePageFacts:
        """A page of what waits for a decision; with ``mine``, of what the viewer reported."""

    async def cases_of(self, viewer: str, number: int) -> list[CaseFacts]:
        """The live cases of a candidate's customer that the viewer may see."""

    async def candidate(self, viewer: str, number: int) -> CandidateFacts:
        """What arrived and waits for a decision; raises UserError ``no_such_candidate``."""


class Duty(Protocol):
    """The queries about the rota."""

    async def duty(self) -> DutyFacts:
        """Who is on duty, who is away, and when nobody will be there."""


class Explained(Protocol):
    """One clock and why it is due."""

    @property
    def clock(self) -> str:
        """The clock's name."""

    @property
    def explanation(self) -> Explanation:
        """The words."""


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
    def reading(self) -> Reading:
        """The queries."""

    @property
    def problems(self) -> Problems:
        """The queries about problems."""

    @property
    def known_issues(self) -> KnownIssues:
        """The queries about known issues."""

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

    async def deciders(self) -> Sequence[tuple[str, str]]:
        """The ids and names of those who may decide on money."""

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
