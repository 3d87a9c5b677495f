"""What one process needs, joined together, started and stopped.

The only module that knows every floor of ``bot``. It decides nothing itself: each method hands on
to where the work is done. Handlers and the command line hold one ``Services``.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, timedelta
from typing import Any

import structlog
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.cases import action_items
from bot.cases.choose_language import CHOSEN
from bot.cases.queries import Reading
from bot.clock import TimeSource, steady
from bot.concessions.queries import ConcessionReading
from bot.connect.queries import ConnectReading
from bot.core import no_channel
from bot.core.allowances import must_have, spend_allowance
from bot.core.steps import require_permitted
from bot.customers import composer
from bot.customers.channels import Customers, Outside, join_channels
from bot.drift import detect as drift
from bot.drift import reconcile
from bot.due_table import DUE
from bot.duty.queries import DutyReading
from bot.engine.access_log import AccessLog
from bot.engine.actors import SYSTEM, Actor, ReplyTo
from bot.engine.background import BackgroundTasks, SeenRequests
from bot.engine.delivery import Delivery
from bot.engine.due import find_next_due, sweep_due
from bot.engine.inbox import Answer, InboxWorker
from bot.engine.inbox_loop import InboxLoop
from bot.engine.intent import Intent, named_colleagues
from bot.engine.request_gate import RequestGate
from bot.engine.scheduler import Scheduler
from bot.engine.unit_of_work import UnitOfWork
from bot.executives.queries import ExecutiveReading
from bot.feedback.edited_posts import edited_post
from bot.intake.queries import IntakeReading
from bot.intake.workflow.steps import note_step
from bot.known_issues.queries import KnownIssueReading
from bot.learning.queries import LearningReading
from bot.operations import alerts, policy_versions, signing_key
from bot.operations.mornings import Mornings
from bot.operations.readiness import Readiness
from bot.operations.regular_work import regular_work
from bot.operations.roster import Roster
from bot.operations.standing_watch import keep_watch
from bot.outcomes.queries import OutcomeReading
from bot.people.directory import People
from bot.performers import PERFORMERS
from bot.playbooks.own_files import refresh_playbooks
from bot.problems import no_channel as problem_channel
from bot.problems.queries import ProblemReading
from bot.registry import INTENTS, USE_CASES, form_permission
from bot.reports.queries import ReportReading
from bot.rules.facts import CaseFacts, Composed, PersonFacts, PromiseFacts, TemplateFacts
from bot.rules.policy.load import Policy
from bot.rules.policy.model import own_meanings
from bot.rules.tone.lint import Finding, load_phrases
from bot.rules.words import MessageKind, ResolutionType, Severity
from bot.setup.queries import SetupReading
from bot.sla import explain as clock_explanations
from bot.slack import refused_invitations as refused_people
from bot.slack.closing import close_message
from bot.slack.homes import OpenHomes
from bot.slack.private_replies import PrivateReplies, try_slack
from bot.sponsorship.queries import SponsorshipReading
from bot.wiring import WIRING
from messages.clients.slack import Slack
from messages.kit.texts import say_instead
from storage import wakeups
from storage.database import Database
from storage.models import Outbox

LOOK_AFTER_START = timedelta(seconds=60)  # what was left over comes first
KEEP_DONE = timedelta(days=30)  # for which done requests and effects are kept
TELL_PAUSE = 0.3  # seconds in which it turns out who else must wait
ENDLESS = frozenset({"listening", "clocks"})  # work without an end of its own

log = structlog.get_logger()

# What follows when Slack refuses for good, by kind of effect; else the channel is looked at.
REFUSED = {
    no_channel.MAKES: no_channel.case_channel_refused,
    problem_channel.MAKES: problem_channel.problem_channel_refused,
    "dm": refused_people.direct_message_refused,
}
PERFORMED = {**PERFORMERS, "edited_post": edited_post}  # by kind of effect


class Services:
    """What handlers talk to. ``start`` begins the work in the background, ``stop`` ends it.

    ``policy`` is replaced by the roster when people come or leave, so read it anew each time.
    ``ready`` is True between the end of ``start`` and the begin of ``stop``.
    """

    def __init__(
        self,
        database: Database,
        clock: TimeSource,
        policy: Policy,
        slack: Slack,
        outside: Outside | None = None,
        keep_done: timedelta = KEEP_DONE,
    ) -> None:
        self.database, self.clock = database, clock
        self.policy, self.slack = policy, slack
        slack.time.ours = clock.now
        self.outside, self.wiring = outside or Outside(), WIRING
        self._customers: Customers | None = None
        self.gate, self.ready = RequestGate(), False
        self.people = People(database, clock, slack, lambda: self.policy.languages[0])
        self.access, self.roster, self._mornings = AccessLog(self), Roster(self), Mornings(self)
        self.reading, self.executives = Reading(self), ExecutiveReading(self)
        self.problems, self.known_issues = ProblemReading(self), KnownIssueReading(self)
        self.intake, self.readiness = IntakeReading(self), Readiness(self)
        self.concessions, self.sponsorship = ConcessionReading(self), SponsorshipReading(self)
        self.learning = LearningReading(self, self.reading)
        self.reports, self.setup = ReportReading(self), SetupReading(self)
        self.duty, self.connect = DutyReading(self), ConnectReading(self)
        self.outcomes, self.delivery = OutcomeReading(self), Delivery(self, PERFORMED)
        self.replies = PrivateReplies(self, lambda: self.delivery.limits)
        seen = SeenRequests(database, clock).first_time
        self.tasks = BackgroundTasks(self.gate, self.replies, seen, self.access.refused)
        self.homes = OpenHomes(self, lambda: self.delivery.limits).listen_to(database)
        self._inbox = InboxWorker(
            self, USE_CASES, INTENTS, self._tell_answer, spend_allowance, self._close_message,
            self.access.refused,
        )  # fmt: skip
        self._inbox_loop = InboxLoop(self._inbox, self._set_timer)
        self._sweeping = asyncio.Lock()
        once = {"reconcile_start": (LOOK_AFTER_START, self.reconcile)}
        self._scheduler = Scheduler(clock, self.tick, regular_work(self, keep_done), once)
        self._loops: list[asyncio.Task[None]] = []
        self._telling = False  # those who wait for a channel will be told soon
        say_instead(own_meanings(policy))
        self.accept = self._inbox_loop.accept  # what handlers call, where it is done
        self.answering = self.gate.answering
        self.background = self.tasks.start_task
        self.tell = self.replies.tell
        self.person = self.people.person
        self.known_standing = self.people.known_standing
        self.require_member = self.people.require_member

    # -- life

    async def start(self) -> None:
        """Carry on where the last process ended, and keep going.

        On SQLite, where no other process can hold a lease, all are ended first. Then the people of
        the policy are looked up, which may wait for Slack; then requests and effects are taken up.
        """
        await self.prepare()
        if self.database.is_sqlite:  # the file is ours alone
            await self._inbox.release(all_of_them=True)
            await self.delivery.claims.release_all()
        await self.delivery.claims.mark_stale_rows_as_attempted()
        await self.roster.begin()
        await policy_versions.remember_policy(self.database, self.policy, self.clock.now())
        await refresh_playbooks(self)
        self._loops = [
            asyncio.create_task(self.delivery.run(), name="delivery"),
            asyncio.create_task(self._inbox_loop.run(), name="inbox"),
            asyncio.create_task(keep_watch(self, self._scheduler.plan_all), name="clocks"),
        ]
        if not self.database.is_sqlite:
            listening = wakeups.listen_for_wakeups(self.database.url, self._heard)
            self._loops.append(asyncio.create_task(listening, name="listening"))
        self._scheduler.start()
        self.background(self._learn_who_we_are(), "identity")
        self.background(asyncio.to_thread(load_phrases), "phrases")
        await self.tick()
        self.ready = True
        log.info("desk_started", policy=self.policy.version)

    async def stop(self, grace: float = 10.0) -> None:
        """Take nothing more, finish what is in hand within ``grace`` seconds, release the rest.

        What is cut short stays in the store: its lease is given back, or ends by itself.
        """
        self.ready = False
        self._scheduler.stop()
        self._inbox_loop.stop()
        in_hand = [t for t in (*self._loops, *self.tasks.running) if t.get_name() not in ENDLESS]
        working = asyncio.wait(in_hand, timeout=grace) if in_hand else asyncio.sleep(0)
        await asyncio.gather(self.delivery.stop(grace), working)
        for task in (*self._loops, *self.tasks.running):
            task.cancel()
        await asyncio.gather(*self._loops, *self.tasks.running, return_exceptions=True)
        if self._inbox.in_hand is not None:
            with suppress(Exception):  # else the lease ends by itself
                await self._inbox.release()
        await self.close()
        log.info("desk_stopped")

    async def close(self) -> None:
        """Close every connection and helper process; for one that was not started too."""
        await self.slack.close()
        for connector in self.outside.connections:
            await connector.close()
        await self.outside.parsers.close()
        await self.database.close()

    async def prepare(self) -> None:
        """Read the keys with which customers' links are signed, of which the store may keep one."""
        signer = await signing_key.load_signer(self.database, self.outside.signing_keys)
        self._customers = join_channels(signer, self.outside)

    @property
    def customers(self) -> Customers:
        """How customers are reached outside Slack. Raises RuntimeError before ``prepare``."""
        if self._customers is None:
            raise RuntimeError("the app is not prepared")
        return self._customers

    async def _learn_who_we_are(self) -> None:
        """Ask Slack for our identity now, so that the first case does not wait for the answer."""
        await try_slack(self.slack.identity())

    def _heard(self, topic: str) -> None:
        """React to a commit of any replica; ``topic`` is one of those of ``wakeups``."""
        self.homes.hear_topic(topic)
        if topic == wakeups.OUTBOX:
            self.wake()
        elif topic == wakeups.INBOX:
            self._inbox_loop.wake()
        elif topic == wakeups.LANGUAGES:
            self.people.forget()
        elif topic == wakeups.PEOPLE:
            self.people.forget()
            self.background(self.roster.refresh(), "roster")
        elif topic == wakeups.CLOCK and not self._sweeping.locked():  # else the sweep sets it
            self.background(self._set_timer(), "timer")

    async def troubled(self, row: Outbox) -> None:
        """Alert the administrators that a lane keeps failing, unless they were told lately."""
        if await alerts.alert_administrators(self):
            log.error("administrator_alerted", outbox=row.id, error=row.error)
            self.wake()

    def delayed(self, row: Outbox, seconds: float) -> None:
        """Note that Slack's limits make a row wait ``seconds``; tell those who wait for it."""
        if row.kind == "create_channel" and seconds > 0 and not self._telling:
            self._telling = True
            self.background(self._tell_waiting(), "channel_waits")

    async def _tell_waiting(self) -> None:
        await asyncio.sleep(TELL_PAUSE)
        self._telling = False
        await alerts.tell_waiting(self)

    async def doubt(self, session: AsyncSession, row: Outbox, code: str) -> None:
        """React to Slack's refusal (``code``) for good, in the transaction that records it."""
        work = UnitOfWork.join(session, self, Actor(SYSTEM, "delivery"), row.correlation)
        await REFUSED.get(row.kind, drift.doubt_channel)(work, row, code)

    def wake(self) -> None:
        """Something was committed: deliver it now."""
        self.delivery.wake()

    async def note_step(self, execution: str, given: Mapping[str, object]) -> None:
        """Store that a step of Workflow Builder runs, and look at once who asks."""
        await note_step(self, execution, given)

    async def happened(self) -> None:
        """Something was committed from outside Slack: show it, and look at the clocks again."""
        self.wake()
        self._inbox_loop.wake()
        await self._set_timer()

    async def settle(self, patience: float = 30.0) -> bool:
        """Wait until all that was accepted is carried out and shown; False when it takes longer.

        ``patience`` is in seconds, for all of it together.
        """
        ends = steady() + patience
        while (left := ends - steady()) > 0:
            await self.tasks.wait_all(left)
            quiet = await self._inbox_loop.wait_until_quiet(ends - steady())
            if not quiet or not await self.delivery.idle(ends - steady()):
                return False
            if not self.tasks.running and not self._inbox_loop.is_woken:
                return True
        return False

    # -- time

    async def tick(self) -> None:
        """Do what is due, and set the timer to what is due next; two ticks never sweep at once."""
        async with self._sweeping:
            moved = await sweep_due(self, DUE)
        if moved:
            self.wake()
        await self._mornings.plan()  # asks Slack, for which no reminder should wait
        await self._set_timer()

    async def _set_timer(self) -> None:
        """Wake the sweep at the next due instant: what happened may have moved a clock."""
        self._scheduler.plan_tick(await find_next_due(self, DUE))

    async def reconcile(self, unseen_for: timedelta = reconcile.HOUR) -> None:
        """Compare Slack with the store for the cases that were not compared for ``unseen_for``."""
        await reconcile.reconcile_cases(self, self.delivery.call, unseen_for)

    async def after_gap(self, seconds: float) -> None:
        """Look for what was missed while Slack was out of reach, or silent, for ``seconds``."""
        self.background(self.reconcile(timedelta(seconds=seconds)), "reconcile")
        self.background(self.roster.refresh(), "roster")

    async def _tell_answer(self, reply: ReplyTo, answer: Answer) -> None:
        if answer["text"] == CHOSEN:  # committed by now; other replicas are woken
            self.people.forget_person(reply.user_id)
            self.homes.note_person(reply.user_id)
        self.background(self.replies.tell_answer(reply, answer), "answer", reply)

    async def _close_message(
        self, reply: ReplyTo, verb: str, fields: Mapping[str, Any], answer: Answer | None
    ) -> None:
        self.background(close_message(self.replies, reply, verb, fields, answer), "answer", reply)

    # -- what people want

    async def check(self, verb: str, user_id: str, number: int | None) -> None:
        """Refuse a form where the use case would refuse ``verb`` to this person anyway.

        Raises UserError as ``require_permitted`` and ``must_have`` do.
        """
        async with self.database.read() as session:
            await require_permitted(session, self.policy, form_permission(verb), user_id, number)
            counted = INTENTS[verb].allowance if verb in INTENTS else None
            await must_have(session, self.policy, counted, user_id, self.clock.now())

    async def unfit(self, intent: Intent) -> Mapping[str, str]:
        """Return a refusal key (``guest_named``) by each field that names a person unfit for it."""
        found = {n: await self.people.refused(u) for n, u in named_colleagues(intent).items()}
        return {name: key for name, key in found.items() if key}

    async def draft(
        self, kind: MessageKind, case: CaseFacts, viewer: PersonFacts,
        resolution: ResolutionType | None = None,
    ) -> Mapping[str, Any]:  # fmt: skip
        """Return what the composer opens with; the keys stand at ``prefill_composer``."""
        return await composer.prefill_composer(self, kind, case, viewer, resolution)

    async def preview(self, shown: TemplateFacts, case: CaseFacts, viewer: PersonFacts) -> str:
        """Return words with a case's facts; as they are written where a fact is missing."""
        return await composer.fill_template(self, shown, case, viewer) or shown.body

    def action_due(self, severity: Severity) -> date:
        """The day by which an action item is due unless another is chosen, by the policy."""
        return action_items.action_due(self.policy, severity, self.clock.now())

    async def left_open(self, message: Composed) -> Sequence[str]:
        """Return the lines in brackets that were left as the template has them."""
        return await composer.unfilled_lines(self, message)

    async def judge(
        self, message: Composed, case: CaseFacts, viewer: PersonFacts
    ) -> Sequence[Finding]:
        """What is found in a message before it goes out."""
        return await composer.judge_message(self, message, case, viewer)

    async def why(
        self, number: int, viewer: PersonFacts, clock: str | None
    ) -> list[clock_explanations.Told]:
        """Why the clocks of a case are due when they are."""
        return await clock_explanations.explain_clocks(self, number, viewer, clock)

    async def send_clock_picture(self, number: int, viewer: PersonFacts, clock: str) -> None:
        """Put the picture of a clock's life into the viewer's conversation with the app."""
        await clock_explanations.send_picture(self, number, viewer, clock)

    async def promises(
        self, number: int, viewer: PersonFacts
    ) -> tuple[CaseFacts, tuple[PromiseFacts, ...]]:
        """The case and its ledger of promises."""
        return await clock_explanations.case_promises(self, number, viewer)

    async def person_changed(self, user: Mapping[str, Any]) -> None:
        """Take in Slack's ``user`` object of a person who changed or joined.

        A person who has left has no role from this moment; the policy is resolved anew afterwards.
        """
        if await self.people.changed(user):
            self.roster.drop()
        elif not self.roster.is_about(user):
            return
        self.background(self.roster.refresh(), "roster")

    async def group_changed(self, group: str) -> None:
        """Take in that a user group changed; one that the policy does not name is ignored."""
        if self.roster.names_group(group):
            self.background(self.roster.refresh(), "roster")
