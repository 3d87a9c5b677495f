"""An app that remembers what was asked of it and does nothing else."""

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from bot.customers.library import shipped_template
from bot.engine.actors import Actor, ReplyTo
from bot.engine.background import LatelySeen
from bot.engine.intent import Intent, named_colleagues
from bot.errors import UserError
from bot.intake.queries import SameSource
from bot.rules.compliance.access import AccessList
from bot.rules.facts import (
    AccountFacts,
    CaseFacts,
    CaseFilter,
    CasePageFacts,
    Composed,
    DigestFacts,
    DraftFacts,
    HomeFacts,
    PersonFacts,
    PromiseFacts,
    TemplateFacts,
    TimelineFacts,
)
from bot.rules.policy.model import Policy
from bot.rules.reports.periods import read_period
from bot.rules.reports.quarterly import QuarterlyReviewFacts
from bot.rules.tone.lint import Finding, Setting, lint_message
from bot.rules.words import Language, MessageKind, ResolutionType, Role, Severity, Standing
from bot.sla.explain import Told
from bot.slack.homes import OpenHomes
from messages.cases.answers import refusal_message
from messages.clients.shared_channels import SharedChannels
from messages.clients.slack_limits import Limits
from messages.clocks.explain import Explanation
from messages.customers.templates import unfilled_placeholders
from messages.kit.blocks import Message
from tests.bot.policies import defaults
from tests.messages.sample_cases import NOW, account, ask, case

GREEK = "U0GREEK"


@dataclass
class FakeClock:
    """A clock that stands still."""

    def now(self) -> datetime:
        """The time of the case."""
        return NOW

    def real(self) -> datetime:
        """The same."""
        return NOW


@dataclass
class FakeSlack:
    """Every call, and the answers or errors that are due."""

    user_id: str = "U0DESK"
    teams: frozenset[str] = frozenset()  # unknown, as before Slack has told
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    answers: dict[str, dict[str, Any] | Exception] = field(default_factory=dict)
    shared: SharedChannels = field(default_factory=SharedChannels)

    async def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        """Note the call; answer or raise as told."""
        self.calls.append((method, arguments))
        answer = self.answers.get(method, {})
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def identity(self) -> dict[str, Any]:
        """What ``auth.test`` is told to answer."""
        return await self.call("auth.test")

    def last(self, method: str) -> dict[str, Any]:
        """The arguments of the last call of this method."""
        return next(given for name, given in reversed(self.calls) if name == method)


@dataclass
class FakeReading:
    """One case in one channel, two accounts."""

    cases_by_number: dict[int, CaseFacts] = field(default_factory=lambda: {7: case()})
    filters: list[CaseFilter] = field(default_factory=list)
    pages: list[int] = field(default_factory=list)

    async def case_in_channel(self, channel_id: str) -> int | None:
        """The case in C0ESC7."""
        channels = {c.channel_id: n for n, c in self.cases_by_number.items()}
        return channels.get(channel_id)

    async def case(self, number: int, viewer: str) -> CaseFacts:
        """The case, if there is one."""
        if number not in self.cases_by_number:
            raise UserError("no_such_case")
        return self.cases_by_number[number]

    async def require(self, what: str, viewer: str) -> None:
        """Everybody reads everything."""

    async def cases(self, viewer: str, wanted: CaseFilter, limit: int = 20) -> Sequence[CaseFacts]:
        """All of them."""
        self.filters.append(wanted)
        return list(self.cases_by_number.values())

    async def page(self, viewer: str, wanted: CaseFilter, page: int = 1) -> CasePageFacts:
        """All of them on one page."""
        found = tuple(await self.cases(viewer, wanted))
        return CasePageFacts(found, len(found))

    async def timeline(
        self, number: int, viewer: str, page: int = 1
    ) -> tuple[Sequence[TimelineFacts], int]:
        """One entry, one page."""
        self.pages.append(page)
        return [TimelineFacts(1, NOW, viewer, "open_case")], 1

    async def draft(self, number: int, viewer: str, draft: int) -> DraftFacts:
        """An update that waits for approval."""
        fields = {"text": "Dear Eleni", "recipient": "Eleni", "kind": "apology"}
        return DraftFacts(
            draft, number, MessageKind.APOLOGY, "Dear Eleni", "Eleni", "0" * 64, "U0TOM",
            "returned", {**fields, "next_update_at": "2020-01-01T00:00:00+00:00"},
        )  # fmt: skip

    async def answered_there(self, number: int, viewer: str, reply: int) -> Mapping[str, Any]:
        """Nothing."""
        return {}

    async def templates(self) -> Sequence[TemplateFacts]:
        """What ships, and what people wrote."""
        stored = [
            TemplateFacts(MessageKind.UPDATE, Language.ENGLISH, 3, "Newer words", "proposed",
                          date(2030, 1, 1), id=3, proposed_by="U0TOM"),
            TemplateFacts(MessageKind.UPDATE, Language.ENGLISH, 2, "New words", "approved",
                          date(2030, 1, 1), id=2, proposed_by="U0TOM", approver="U0KATE"),
        ]  # fmt: skip
        return [*stored, *(shipped_template(k, s) for k in MessageKind for s in Language)]

    async def accounts(self, query: str, limit: int = 50) -> Sequence[AccountFacts]:
        """Accounts whose name holds the query."""
        every = [account(), account(key="globex", name="Globex")]
        return [a for a in every if query.casefold() in a.name.casefold()]

    async def account(self, key: str) -> AccountFacts | None:
        """Acme, by its key."""
        return account() if key == "acme" else None

    async def roles(self, user_id: str, number: int | None) -> set[Role]:
        """Every one there is."""
        return set(Role)

    async def agenda(self, number: int, viewer: str) -> tuple[list[str], int]:
        """One person, one entry."""
        return [viewer], 1

    async def home(self, viewer: str) -> HomeFacts:
        """One case of mine."""
        return HomeFacts((case(),), (), (ask(),), 1)

    async def digest(self, viewer: str) -> DigestFacts:
        """One thing asked."""
        return DigestFacts(viewer, date(2026, 2, 10), (ask(),))


@dataclass
class FakeIntake:
    """No customer has a live case, unless ``live`` says so; no source has one, unless ``same``."""

    live: list[CaseFacts] = field(default_factory=list)
    same: SameSource | None = None

    async def live_cases(self, viewer: str, account: str, name: str) -> Sequence[CaseFacts]:
        """The cases told."""
        return self.live

    async def same_source(self, viewer: str, message: str, ticket_url: str) -> SameSource | None:
        """The case told."""
        return self.same

    async def to_decide(self, viewer: str) -> None:
        """Nothing is theirs to decide."""


class FakeConnect:
    """No channel is shared with a customer."""

    async def concerns(self, channel: str, thread: str) -> bool:
        """None is linked."""
        return False


class FakeSetup:
    """An installation that lacks nothing, or a reader who does not look after it."""

    async def home(self, _viewer: str) -> None:
        """No steps."""


class FakeReports:
    """Figures that nobody may read, and a quarterly review in which nothing is written yet."""

    def may_read(self, _viewer: str) -> bool:
        """Nobody may."""
        return False

    def may_review_access(self, _viewer: str) -> bool:
        """Nobody may."""
        return False

    def may_sign_access(self, _viewer: str) -> bool:
        """Nobody may."""
        return False

    async def access(self, number: int | None = None) -> AccessList:
        """A list without a line."""
        period = read_period("2026-Q3", date(2026, 10, 5), "UTC")
        assert period is not None
        return AccessList(number or 1, period, (), False, "0" * 16)

    async def review(self, _typed: str = "", number: int | None = None) -> QuarterlyReviewFacts:
        """Nothing is written in it."""
        period = read_period("2026-Q3", date(2026, 10, 5), "UTC")
        assert period is not None
        return QuarterlyReviewFacts(number or 1, period, None, 60)


class FakeLearning:
    """Nothing was learned from other cases; ``channels_asked`` are those that were looked up."""

    def __init__(self) -> None:
        self.channels_asked: list[str] = []

    async def count_actions(self, number: int, viewer: str) -> int:
        """No case may be read."""
        raise UserError("no_such_case")

    async def check_uninvolved(self, number: int, viewer: str, user: str) -> None:
        """No case may be read."""
        raise UserError("no_such_case")

    def check_bug(self, _typed: str) -> None:
        """No tracker is set up, so a link is kept as it was typed."""

    async def wants_tip(self, _viewer: str, _form: str) -> bool:
        """Nobody is given tips."""
        return False

    async def is_talked_in(self, channel: str) -> bool:
        """C0ESC7 is the channel of a case that is no drill."""
        self.channels_asked.append(channel)
        return channel == "C0ESC7"

    async def tried(self, number: int) -> str:
        """Nothing of another case is tried."""
        return ""


@dataclass
class FakeAccess:
    """What would be put on record, by who, what and at which door."""

    noted: list[tuple[str, str, str]] = field(default_factory=list)

    def answered(self, who: str, door: str, given: Mapping[str, Any]) -> None:
        """Note it, of all people."""
        self.noted.append((who, "read", door))

    def refused(self, who: str, door: str, refusal: UserError, case: int | None = None) -> None:
        """Note it, whatever the reason."""
        self.noted.append((who, refusal.key, door))


@dataclass
class FakeDesk:
    """The app, remembering; ``fault`` is raised instead of accepting."""

    slack: FakeSlack = field(default_factory=FakeSlack)
    reading: FakeReading = field(default_factory=FakeReading)
    access: FakeAccess = field(default_factory=FakeAccess)
    intake: FakeIntake = field(default_factory=FakeIntake)
    connect: FakeConnect = field(default_factory=FakeConnect)
    learning: FakeLearning = field(default_factory=FakeLearning)
    reports: FakeReports = field(default_factory=FakeReports)
    setup: FakeSetup = field(default_factory=FakeSetup)
    problems: object = None  # who asks is not known yet, so nothing may be read
    clock: FakeClock = field(default_factory=FakeClock)
    policy: Policy = field(default_factory=defaults)
    accepted: list[tuple[Intent, Actor, str, ReplyTo]] = field(default_factory=list)
    told: list[tuple[ReplyTo, Message]] = field(default_factory=list)
    troubles: list[Exception] = field(default_factory=list)
    pictures: list[tuple[int, str, str]] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    strangers: dict[str, str] = field(default_factory=dict)
    learned: list[str] = field(default_factory=list)
    fault: Exception | None = None
    known: dict[str, Standing | None] = field(default_factory=dict)
    slack_says: dict[str, Standing] = field(default_factory=dict)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)
    begun: LatelySeen = field(default_factory=LatelySeen)
    homes: OpenHomes = field(init=False)

    def __post_init__(self) -> None:
        self.homes = OpenHomes(self, Limits)  # type: ignore[arg-type]

    def answering(self) -> AbstractContextManager[None]:
        """Nothing else is done here that could stand in the way."""
        return nullcontext()

    async def accept(self, intent: Intent, actor: Actor, key: str, reply: ReplyTo) -> bool:
        """Note it, once a key."""
        if self.fault is not None:
            raise self.fault
        if any(key == known for _, _, known, _ in self.accepted):
            return False
        self.accepted.append((intent, actor, key, reply))
        return True

    async def person(self, user_id: str) -> PersonFacts:
        """English and in Athens, unless Greek."""
        language = Language.GREEK if user_id == GREEK else Language.ENGLISH
        return PersonFacts(user_id, user_id.title(), language, "Europe/Athens")

    async def known_standing(self, user_id: str) -> Standing | None:
        """What the test says; a member otherwise."""
        return self.known.get(user_id, Standing.MEMBER)

    async def require_member(self, user_id: str) -> None:
        """What Slack would tell: what the test says, a member otherwise."""
        standing = self.slack_says.get(user_id) or self.known.get(user_id) or Standing.MEMBER
        self.known[user_id] = standing
        if standing is not Standing.MEMBER:
            raise UserError(standing.value)

    async def person_changed(self, user: Mapping[str, Any]) -> None:
        """Note it."""
        self.learned.append(str(user["id"]))

    async def group_changed(self, group: str) -> None:
        """Note it."""
        self.learned.append(group)

    async def check(self, verb: str, user_id: str, case: int | None) -> None:
        """Refuse what the test refuses."""
        if verb in self.refused:
            raise UserError(self.refused[verb])

    async def unfit(self, intent: Intent) -> Mapping[str, str]:
        """As the test says of people."""
        found = {name: self.strangers.get(user) for name, user in named_colleagues(intent).items()}
        return {name: key for name, key in found.items() if key}

    async def draft(
        self,
        kind: MessageKind,
        case: CaseFacts,
        viewer: PersonFacts,
        resolution: ResolutionType | None = None,
    ) -> Mapping[str, Any]:
        """The kind's name, as a text."""
        return {"text": f"approved {kind.value}", "next_update_at": NOW}

    async def preview(self, shown: TemplateFacts, case: CaseFacts, viewer: PersonFacts) -> str:
        """The words, for the case."""
        return f"{case.reference}: {shown.body}"

    def action_due(self, severity: Severity) -> date:
        """In two weeks."""
        return (NOW + timedelta(days=14)).date()

    async def deciders(self) -> Sequence[tuple[str, str]]:
        """Nobody is named."""
        return ()

    async def left_open(self, message: Composed) -> Sequence[str]:
        """What still stands in brackets."""
        return unfilled_placeholders(message.text)

    async def judge(
        self, message: Composed, case: CaseFacts, viewer: PersonFacts
    ) -> Sequence[Finding]:
        """What the tone rules find in the words alone."""
        setting = Setting(case.language, promises=message.kind is MessageKind.UPDATE, letter=False)
        return lint_message(message.text, setting)

    async def why(self, number: int, viewer: PersonFacts, clock: str | None) -> Sequence[Told]:
        """The resolution clock, explained."""
        return [Told("resolution", Explanation("Due at noon.", ("8 h allowed.",)))]

    async def send_clock_picture(self, number: int, viewer: PersonFacts, clock: str) -> None:
        """Note it."""
        self.pictures.append((number, viewer.user_id, clock))

    async def promises(
        self, number: int, viewer: PersonFacts
    ) -> tuple[CaseFacts, Sequence[PromiseFacts]]:
        """One promise, kept."""
        return case(), (PromiseFacts(NOW, NOW),)

    async def tell(self, reply: ReplyTo, message: Message) -> None:
        """Note it."""
        self.told.append((reply, message))

    def background(
        self,
        work: Coroutine[Any, Any, None],
        name: str,
        reply: ReplyTo | None = None,
        once: str = "",
        *,
        by_trigger: bool = False,
    ) -> None:
        """Run it; ``settle`` waits for it."""
        if once and self.begun.before(f"{name}:{once}"):
            work.close()
            return
        task = asyncio.create_task(self._guarded(work, reply))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _guarded(self, work: Coroutine[Any, Any, None], reply: ReplyTo | None) -> None:
        try:
            await work
        except UserError as error:
            assert reply is not None
            language = (await self.person(reply.user_id)).language
            await self.tell(reply, refusal_message(error.key, language, **error.facts))
        except Exception as error:  # noqa: BLE001 - as the app does, so that a test can see it
            self.troubles.append(error)

    async def settle(self) -> None:
        """Wait until nothing runs in the background."""
        while self.tasks:
            await asyncio.gather(*self.tasks)
