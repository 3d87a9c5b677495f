"""What handlers may read, a protocol for each subject; ``bot/services.py`` provides them.

Every answer is what its viewer may see, and as old as the moment.
"""

from collections.abc import Mapping, Sequence, Set
from datetime import date, datetime
from typing import Any, Protocol

from bot.learning.outreach.queries import OutreachReading
from bot.rules.business.outcomes import OutcomePage, OutcomeView
from bot.rules.compliance.access import AccessList
from bot.rules.facts import (
    AccountFacts,
    ActionPage,
    CandidateFacts,
    CandidatePageFacts,
    CaseFacts,
    CaseFilter,
    CasePageFacts,
    ConcessionPage,
    ConcessionView,
    DecisionFacts,
    DigestFacts,
    DraftFacts,
    DutyDaysFacts,
    DutyFacts,
    HomeFacts,
    LeavingFacts,
    MailFacts,
    PersonFacts,
    TemplateFacts,
    TimelineFacts,
)
from bot.rules.facts.learning import PostmortemFacts
from bot.rules.learning.causes import Causes
from bot.rules.learning.readiness import ReadinessPage
from bot.rules.learning.similar import SimilarCase
from bot.rules.problems.facts import BroadcastFacts, PointsFacts, ProblemFacts
from bot.rules.problems.known_issues import IssueFacts
from bot.rules.reports.figures import Report
from bot.rules.reports.quarterly import QuarterlyReviewFacts
from bot.rules.reviews.review import ReviewFacts
from bot.rules.tone.lint import Finding
from bot.rules.words import Language, MessageKind, Role
from messages.clients.own_files import OwnFile
from messages.clocks.explain import Explanation


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

    async def days(self, zone: str) -> DutyDaysFacts:
        """The shifts of the next days by the calendar of a zone."""

    async def leaving(self, user: str) -> LeavingFacts:
        """What a person can hand over, and who is on duty next."""


class Explained(Protocol):
    """One clock and why it is due."""

    @property
    def clock(self) -> str:
        """The clock's name."""

    @property
    def explanation(self) -> Explanation:
        """The words."""


class Learning(Protocol):
    """What is read of the decision log, by those who may read the case and by who decided.

    And of action items, and of solved cases that are like another.
    """

    @property
    def outreach(self) -> OutreachReading:
        """Customers who may meet the same as others."""

    async def listed(self, number: int, viewer: str) -> tuple[CaseFacts, Sequence[DecisionFacts]]:
        """A case with its decisions, oldest first. Raises UserError ``no_such_case``."""

    async def one(self, number: int, viewer: str, decision: int) -> DecisionFacts:
        """A decision. Raises UserError ``no_such_decision``, ``no_such_case``."""

    async def question(self, number: int, viewer: str, query: int) -> str:
        """What was asked of the technical lead, by its id; empty where there is no such question.

        Raises UserError ``no_such_case``.
        """

    async def postmortem(self, number: int, viewer: str) -> PostmortemFacts:
        """What was saved of a postmortem. Raises UserError ``no_such_case``."""

    async def count_actions(self, number: int, viewer: str) -> int:
        """How many action items a case has that were not dropped.

        Raises UserError ``no_such_case``.
        """

    async def check_uninvolved(self, number: int, viewer: str, user: str) -> None:
        """Whether a person may lead a case's postmortem.

        Raises UserError ``no_such_case``, ``facilitator_on_case``, ``facilitator_acted``, both with
        names of ``people`` who could, ``facilitator_nobody``.
        """

    async def actions(
        self, viewer: str, which: str, page: int = 1, number: int | None = None
    ) -> ActionPage:
        """Action items: mine, led, overdue, or of a case. Raises UserError ``no_such_case``."""

    def check_bug(self, typed: str) -> None:
        """Whether an action item can be linked to this, a key or an address; empty: to none.

        Raises UserError ``bug_elsewhere``, ``no_bug_key``.
        """

    async def causes(self, typed: str) -> Causes:
        """Root causes of the milder cases of a period. Raises UserError ``odd_period``."""

    async def similar(
        self, viewer: str, number: int | None, words: str
    ) -> tuple[CaseFacts | None, Sequence[SimilarCase]]:
        """The solved cases most like the words, else like the case, with that case.

        Raises UserError ``no_such_case``, ``what_to_look_for``.
        """

    async def readiness(self, viewer: str, user: str, role: Role | None) -> ReadinessPage:
        """How people stand in their roles, the viewer alone where they do not lead.

        Raises UserError ``not_your_role`` where another's is asked for then.
        """

    async def wants_tip(self, viewer: str, form: str) -> bool:
        """Whether a form is to open with its tip: the first times, unless they turned it off."""

    async def is_talked_in(self, channel: str) -> bool:
        """Whether this is the channel of a case that is no drill."""

    async def tried(self, number: int) -> str:
        """What worked in the case that is tried in this one; empty for none."""


class Reports(Protocol):
    """Figures over many cases, for those whom ``figures`` of ``READING`` names."""

    def may_read(self, viewer: str) -> bool:
        """Whether figures are for this person."""

    async def report(self, viewer: str, typed: str = "", customer: str = "") -> tuple[Report, str]:
        """A report and its link, empty without pages.

        Raises UserError ``odd_period``, ``no_such_customer``, ``which_customer``.
        """

    def may_write(self, viewer: str) -> bool:
        """Whether this person leads quarterly reviews."""

    async def review(self, typed: str = "", number: int | None = None) -> QuarterlyReviewFacts:
        """A quarterly review. Raises UserError ``odd_quarter``, ``no_such_quarter``."""

    def may_review_access(self, viewer: str) -> bool:
        """Whether the list of who may know what is for this person."""

    def may_sign_access(self, viewer: str) -> bool:
        """Whether this person may sign that list."""

    async def access(self, number: int | None = None) -> AccessList:
        """Who may know what. Raises UserError ``no_such_access_review``."""

    async def send(self, user: str, files: Sequence[OwnFile]) -> None:
        """Put files into a person's own conversation with the app; raises SlackError."""


class Concessions(Protocol):
    """What is read of concessions; figures only for those who need to know them."""

    async def one(self, number: int, viewer: str, concession: int) -> ConcessionView:
        """A concession of a case. Raises UserError ``no_such_concession``."""

    async def listed(self, viewer: str, customer: str = "") -> ConcessionPage:
        """Those that the viewer may see, of one customer where it is named."""


class Outcomes(Protocol):
    """What is read of outcomes; amounts only for those who may read revenue."""

    async def one(self, viewer: str, outcome: int) -> OutcomeView:
        """One that the viewer may record; raises UserError ``no_such_outcome``."""

    async def listed(self, viewer: str, customer: str = "") -> OutcomePage:
        """Those that the viewer may see, of one customer where it is named; the open ones first."""
