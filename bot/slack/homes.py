"""App Homes that people have open: drawn when opened, and again when what they show changes.

Slack tells when a Home is opened, and not when it is closed. So the ``OPEN_MAX`` that were opened
last count as open, in the memory of this process, until ``OPEN_FOR`` is over or the person goes on
to their messages with the app. A change of a case is heard by every replica after its commit
(``storage/wakeups.py``). It concerns those who are on the case by now, and those to whom it was
shown; nothing is asked of the store while no Home is open.

What changes within a moment is drawn together, one Home after the other, within Slack's limits and
with a pause between two rounds. A Home that looks as it did is not sent again. All of it is best
effort: a Home that could not be drawn is drawn when it is opened the next time.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

import structlog

from bot.clock import steady
from bot.core.case_selection import select_people_on
from bot.engine.access_log import AccessLog
from bot.engine.actors import ReplyTo
from bot.errors import UserError
from bot.rules.facts import CandidatePageFacts, HomeFacts, PersonFacts
from messages.cases.home import closed_home, home_view
from messages.clients.slack import Slack, SlackError, SlackRateLimited
from messages.clients.slack_limits import Limits
from messages.kit.blocks import Block
from storage import wakeups
from storage.database import Database

OPEN_MAX = 200  # Homes that count as open; each redraw costs a few statements
OPEN_FOR = 12 * 3600.0  # seconds after a Home was opened
GATHER = 0.2  # seconds in which changes come together before a round
REST = 2.0  # seconds after a round before the next
TRIES = 3  # of one Home, when Slack limits us
PUBLISH = "views.publish"

log = structlog.get_logger()


class HomeServices(Protocol):
    """What Homes need of the process."""

    @property
    def database(self) -> Database:
        """The store."""

    @property
    def slack(self) -> Slack:
        """The workspace."""

    @property
    def access(self) -> AccessLog:
        """The record of who is refused."""

    @property
    def reading(self) -> Any:
        """The queries."""

    @property
    def sponsorship(self) -> Any:
        """The queries about the sponsorship programme."""

    @property
    def intake(self) -> Any:
        """The queries about what arrived."""

    @property
    def concessions(self) -> Any:
        """The queries about concessions."""

    @property
    def outcomes(self) -> Any:
        """The queries about outcomes."""

    @property
    def executives(self) -> Any:
        """The queries about what executives owe."""

    @property
    def learning(self) -> Any:
        """The queries about action items."""

    @property
    def reports(self) -> Any:
        """The reports, and who may read them."""

    @property
    def setup(self) -> Any:
        """The steps of the installation."""

    @property
    def known_issues(self) -> Any:
        """The queries about known issues."""

    async def person(self, user_id: str) -> PersonFacts:
        """A person in the workspace."""

    async def require_member(self, user_id: str) -> None:
        """Raise UserError unless a person is a member."""

    def background(
        self, work: Coroutine[Any, Any, None], name: str, reply: ReplyTo | None = None
    ) -> None:
        """Do ``work`` after the acknowledgement."""


@dataclass(slots=True)
class Shown:
    """What a person's Home showed last; ``lock`` keeps two drawings of it apart.

    ``decides``: it shows what waits for a decision.
    """

    opened: float
    view: Block | None = None
    cases: frozenset[int] = frozenset()
    decides: bool = False
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)


class OpenHomes:
    """The Homes of one process that count as open. ``limits`` are those that delivery goes by."""

    def __init__(
        self,
        services: HomeServices,
        limits: Callable[[], Limits],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """Redraw the Home tabs that are open now; none is known yet.

        ``limits`` is asked anew each time, and ``sleep`` waits for them, in seconds.
        """
        self._services, self._limits, self._sleep = services, limits, sleep
        self._open: OrderedDict[str, Shown] = OrderedDict()
        self._cases: set[int] = set()
        self._people: set[str] = set()
        self._drawing = False

    def listen_to(self, database: Database) -> "OpenHomes":
        """Hear of what is committed by the one process of a SQLite database; return itself."""
        database.heard = self.hear_topic
        return self

    # -- what happens

    def open_home(self, user: str) -> None:
        """A person opened their Home: draw it now, and keep it up to date from here on."""
        kept = self._open.pop(user, None)
        self._open[user] = kept or Shown(steady())
        self._open[user].opened = steady()
        while len(self._open) > OPEN_MAX:
            self._open.popitem(last=False)
        self._services.background(self._draw_home(user, again=True), "publish_home", None)

    def leave_home(self, user: str) -> None:
        """A person went on to their messages with the app."""
        self._open.pop(user, None)

    def note_case(self, number: int) -> None:
        """A case changed, for whatever reason, in this process or another."""
        self._note(self._cases, number)

    def note_person(self, user: str) -> None:
        """What a person reads changed by itself, as their language does."""
        if user in self._open:
            self._note(self._people, user)

    def hear_topic(self, topic: str) -> None:
        """Something was committed, here or by another replica; ``topic`` is one of ``wakeups``."""
        if topic.startswith(wakeups.CHANGED):
            self.note_case(int(topic.removeprefix(wakeups.CHANGED)))
        elif topic == wakeups.TRIAGE:
            for user in [each for each, home in self._open.items() if home.decides]:
                self._note(self._people, user)
        elif topic == wakeups.LANGUAGES:  # of whom, is not said
            for user in self._open:
                self._note(self._people, user)

    def _note(self, noted: set[Any], what: int | str) -> None:
        if not self._open:
            return
        noted.add(what)
        if not self._drawing:
            self._drawing = True
            self._services.background(self._draw_changed(), "homes", None)

    # -- drawing

    async def _draw_changed(self) -> None:
        """Draw what was noted, round after round, until nothing more is."""
        try:
            while self._cases or self._people:
                await self._sleep(GATHER)
                people, cases = set(self._people), set(self._cases)
                self._people.clear()
                self._cases.clear()
                for user in people | await self._concerned(cases):
                    await self._draw_home(user)
                if self._cases or self._people:
                    await self._sleep(REST)
        finally:
            self._drawing = False

    async def _concerned(self, cases: set[int]) -> set[str]:
        """Return those with an open Home who see one of the cases there, or should from now on."""
        self._forget_old()
        shown = {user for user, home in self._open.items() if home.cases & cases}
        left = self._open.keys() - shown
        if not cases or not left:
            return shown
        async with self._services.database.read() as session:
            found = (await session.exec(select_people_on(cases, left))).all()
        return shown | {user for (user,) in found}

    def _forget_old(self) -> None:
        first = steady() - OPEN_FOR
        for user in [u for u, home in self._open.items() if home.opened < first]:
            del self._open[user]

    async def _draw_home(self, user: str, *, again: bool = False) -> None:
        """Draw a Home as things stand now; where it looks as before, only ``again``."""
        if (home := self._open.get(user)) is None:
            return
        async with home.lock:
            view, cases, home.decides = await self._view(user)
            if (view != home.view or again) and await self._publish(user, view):
                home.view = view
            home.cases = cases

    async def _view(self, user: str) -> tuple[Block, frozenset[int], bool]:
        """Return what a person's Home shows, the cases in it, and whether they decide on what
        arrives; a plain one for no members.
        """
        try:
            await self._services.require_member(user)
        except UserError as refused:
            self._services.access.refused(user, "home", refused)
            language = (await self._services.person(user)).language
            return closed_home(refused.key, language), frozenset(), False
        viewer = await self._services.person(user)
        facts: HomeFacts = await self._services.reading.home(user)
        decide: CandidatePageFacts | None = await self._services.intake.to_decide(user)
        owed = await self._services.executives.owed_by(user) if facts.owed else ()
        tasks = await self._services.learning.waiting_actions(user) if facts.actions else None
        view = home_view(
            viewer,
            facts.mine,
            facts.breaching,
            facts.asks,
            facts.open_count,
            viewer.language,
            totals=(facts.mine_count, facts.breaching_count),
            decide=decide,
            issues=await self._services.known_issues.owned_by(user) if facts.issues else (),
            owed=owed,
            money=await self._services.concessions.waiting_for(user) if facts.money else (),
            outcomes=await self._services.outcomes.waiting_for(user) if facts.outcomes else (),
            away=facts.away,
            tasks=tasks,
            tasks_count=facts.actions,
            cards_count=facts.cards,
            tips_off=(bool(facts.forms_off), bool(facts.weekly_off), facts.courtesy_off),
            accounts=await self._services.sponsorship.mine(user) if facts.sponsored else (),
            figures=self._services.reports.may_read(user),
            access=self._services.reports.may_review_access(user),
            setup=await self._services.setup.home(user),
        )
        lines = tasks.lines if tasks else ()
        numbers = _numbers(facts) | {each.case_number for each in (*owed, *lines)}
        return view, numbers, decide is not None

    async def _publish(self, user: str, view: Block) -> bool:
        """Show a view within Slack's limits; return whether Slack took it."""
        limits = self._limits()
        for _ in range(TRIES):
            while (wait := limits.take(PUBLISH)) > 0:
                await limits.sleep(wait)
            try:
                await self._services.slack.call(PUBLISH, user_id=user, view=view)
            except SlackRateLimited as limited:
                limits.close(PUBLISH, "", limited.retry_after)
            except SlackError as error:
                log.warning("home_not_drawn", error=str(error))
                return False
            else:
                return True
        return False


def _numbers(facts: HomeFacts) -> frozenset[int]:
    cases: Iterable[int] = (case.number for case in (*facts.mine, *facts.breaching))
    return frozenset({*cases, *(ask.case_number for ask in facts.asks)})
