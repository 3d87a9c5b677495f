"""The desk: everything one process needs, joined together, started and stopped."""

import asyncio
from collections.abc import Awaitable, Coroutine, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from datetime import timedelta
from functools import partial
from typing import Any

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.cases.queries import Reading
from bot.clock import TimeSource
from bot.core import no_channel, snapshot
from bot.core.allowances import must_have
from bot.core.steps import permitted
from bot.customers import composer, money, signing_key
from bot.customers.channels import Customers, Outside
from bot.drift import detect as drift
from bot.drift import reconcile
from bot.due_table import DUE
from bot.engine.actors import SYSTEM, Actor, ReplyTo
from bot.engine.delivery import Delivery
from bot.engine.due import find_next_due, sweep_due
from bot.engine.inbox import Answer, InboxWorker
from bot.engine.intent import Intent, colleagues
from bot.engine.request_gate import RequestGate
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError, is_away, new_reference, say_broken
from bot.feedback.edited_posts import edited_post
from bot.operations import alerts, policy_versions
from bot.operations.roster import Roster
from bot.operations.time_watch import TimeWatch
from bot.people.directory import People
from bot.problems import no_channel as problem_channel
from bot.problems.queries import ProblemReading
from bot.registry import INTENTS, PERFORMERS, USE_CASES, form_permission
from bot.rules import daily_times
from bot.rules.facts import CaseFacts, Composed, PersonFacts, PromiseFacts, TemplateFacts
from bot.rules.policy.load import Policy
from bot.rules.tone.lint import Finding
from bot.rules.words import MessageKind, Role, Standing
from bot.sla import explain as clock_explanations
from bot.wiring import WIRING
from messages.cases.answers import refusal, store_away, trouble
from messages.clients.slack import Slack, SlackError, SlackRateLimited, SlackUnknown
from messages.compose import compose
from messages.kit.blocks import Message
from storage import wakeups
from storage.database import Database
from storage.models import Digest, Outbox
from storage.upsert import put

SAID_INSIDE = frozenset({"notice:claimed"})  # answers that the case's own channel reads anyhow

SWEEP_EVERY = 30  # seconds; the net beneath the timer that is set to the next due instant
LOOK_AFTER_START = timedelta(seconds=60)  # what was left over comes first
INBOX_POLL = 5.0  # seconds; the net beneath the wake-up
TELL_TRIES = 5  # of a private answer that Slack limits
TELL_PAUSE = 0.3  # seconds in which it turns out who else must wait
STORE_PAUSE = 1.0  # seconds before the next try when the store cannot be reached
WATCH_EVERY = 5.0  # seconds between looks at the clocks
ENDLESS = frozenset({"listening", "clocks"})  # work without an end of its own
EXECUTIVES = (Role.EXECUTIVE_OWNER, Role.DIRECTOR, Role.SPONSOR)

log = structlog.get_logger()

# What follows when Slack does not let us make a channel, by kind of effect.
REFUSED = {no_channel.MAKES: no_channel.refused, problem_channel.MAKES: problem_channel.refused}
PERFORMED = {**PERFORMERS, "edited_post": edited_post}  # by kind of effect


class Services:
    """What handlers talk to. ``start`` begins the work in the background, ``stop`` ends it."""

    def __init__(
        self,
        database: Database,
        clock: TimeSource,
        policy: Policy,
        slack: Slack,
        outside: Outside | None = None,
    ) -> None:
        self.database = database
        self.clock = clock
        self.policy = policy
        self.slack = slack
        slack.time.ours = clock.now
        self.outside = outside or Outside()
        self.wiring = WIRING
        self._customers: Customers | None = None
        self.gate = RequestGate()
        self.people = People(database, clock, slack)
        self.roster = Roster(self)
        self.reading = Reading(self)
        self.problems = ProblemReading(self)
        self.delivery = Delivery(self, PERFORMED)
        self._inbox = InboxWorker(self, USE_CASES, INTENTS, self._tell_answer)
        self._inbox_wake = asyncio.Event()
        self._inbox_quiet = asyncio.Event()
        self._sweeping = asyncio.Lock()
        self._scheduler = AsyncIOScheduler(timezone="UTC")
        self._loops: list[asyncio.Task[None]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._planned: set[str] = set()  # executives whose mornings are in the store
        self._telling = False  # whoever waits for a channel will be told soon
        self._stopping = False
        self.ready = False

    # -- life

    async def start(self) -> None:
        """Carry on where the last process ended, and keep going."""
        await self.prepare()
        if self.database.is_sqlite:  # the file is ours alone
            await self._inbox.release(all_of_them=True)
            await self.delivery.claims.release_all()
        await self.delivery.claims.mark_stale_rows_as_attempted()
        await self.roster.begin()
        await policy_versions.remember(self.database, self.policy, self.clock.now())
        self._loops = [
            asyncio.create_task(self.delivery.run(), name="delivery"),
            asyncio.create_task(self._run_inbox(), name="inbox"),
            asyncio.create_task(self._watch_time(), name="clocks"),
        ]
        if not self.database.is_sqlite:
            listening = wakeups.listen(self.database.url, self._heard)
            self._loops.append(asyncio.create_task(listening, name="listening"))
        self._schedule()
        self._scheduler.start()
        self.background(self._learn_who_we_are(), "identity")
        await self.tick()
        self.ready = True
        log.info("desk_started", policy=self.policy.version)

    def _schedule(self) -> None:
        """Plan what comes round; anew when the clock was set, by which the scheduler goes."""
        for work, trigger, name in (
            (self.tick, IntervalTrigger(seconds=SWEEP_EVERY), "net"),
            (self.reconcile, IntervalTrigger(hours=1), "reconcile"),
            (self.reconcile, DateTrigger(self.clock.real() + LOOK_AFTER_START), "reconcile_start"),
            (self.roster.refresh, IntervalTrigger(hours=1), "roster"),
        ):
            self._scheduler.add_job(work, trigger, id=name, max_instances=1, replace_existing=True)

    async def _watch_time(self) -> None:
        """Notice clocks that are wrong before anything waits for them to come round."""
        watch = TimeWatch(self)
        while True:
            try:
                if await watch.look():
                    self._schedule()
            except Exception as fault:  # noqa: BLE001 - logged there, and looked at again
                say_broken(fault, "clocks")
            await asyncio.sleep(WATCH_EVERY)

    async def stop(self, grace: float = 10.0) -> None:
        """Take nothing more, finish what is in hand within ``grace`` seconds, release the rest."""
        self.ready, self._stopping = False, True
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        self._inbox_wake.set()
        in_hand = [t for t in (*self._loops, *self._tasks) if t.get_name() not in ENDLESS]
        await asyncio.gather(
            self.delivery.stop(grace), asyncio.wait(in_hand, timeout=grace) if in_hand else _none()
        )
        for task in (*self._loops, *self._tasks):
            task.cancel()
        await asyncio.gather(*self._loops, *self._tasks, return_exceptions=True)
        if self._inbox.in_hand is not None:
            with suppress(Exception):  # else the lease ends by itself
                await self._inbox.release()
        await self.slack.close()
        for connector in self.outside.helpdesks:
            await connector.close()
        await self.outside.parsers.close()
        await self.database.close()
        log.info("desk_stopped")

    async def prepare(self) -> None:
        """Read what the store keeps of our own: the key with which customers' links are signed."""
        signer = await signing_key.signer(self.database, self.outside.secret_key)
        self._customers = Customers(
            signer,
            self.outside.mailer,
            self.outside.public_url,
            {each.name.value: each for each in self.outside.helpdesks},
            self.outside.authserv_id,
        )

    @property
    def customers(self) -> Customers:
        """How customers are reached outside Slack; known once the desk is prepared."""
        if self._customers is None:
            raise RuntimeError("the desk is not prepared")
        return self._customers

    async def _learn_who_we_are(self) -> None:
        """Asked now, so that nobody waits for it when the first case opens."""
        await self._try(self.slack.identity())

    def _heard(self, topic: str) -> None:
        """A replica, perhaps this one, committed something."""
        if topic == wakeups.OUTBOX:
            self.wake()
        elif topic == wakeups.INBOX:
            self._inbox_wake.set()
        elif topic == wakeups.PEOPLE:
            self.people.forget()
            self.background(self.roster.refresh(), "roster")
        elif not self._sweeping.locked():  # whoever sweeps sets it afterwards
            self.background(self._set_timer(), "timer")

    async def troubled(self, row: Outbox) -> None:
        """A lane keeps failing: an administrator hears of it, once."""
        if await alerts.alert(self):
            log.error("administrator_alerted", outbox=row.id, error=row.error)
            self.wake()

    def delayed(self, row: Outbox, seconds: float) -> None:
        """Slack's limits make a row wait; whoever waits for a channel is told where they stand."""
        if row.kind == "create_channel" and seconds > 0 and not self._telling:
            self._telling = True
            self.background(self._tell_waiting(), "channel_waits")

    async def _tell_waiting(self) -> None:
        await asyncio.sleep(TELL_PAUSE)
        self._telling = False
        await alerts.tell_waiting(self)

    async def doubt(self, session: AsyncSession, row: Outbox, code: str) -> None:
        """Slack refused a row: there is no channel, or perhaps it is not what we think."""
        actor = Actor(SYSTEM, "delivery")
        work = UnitOfWork.join(session, self, actor, row.correlation)
        refused = REFUSED.get(row.kind, drift.doubt)
        await refused(work, row, code)

    def wake(self) -> None:
        """Something was committed: deliver it now."""
        self.delivery.wake()

    async def happened(self) -> None:
        """Something was committed from outside Slack: show it, and look at the clocks again."""
        self.wake()
        self._inbox_wake.set()
        await self._set_timer()

    async def settle(self, patience: float = 30.0) -> bool:
        """Wait until all that was accepted is carried out and shown; False if that takes long."""
        deadline = asyncio.get_running_loop().time() + patience
        while True:
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0:
                return False
            while self._tasks:
                await asyncio.wait(set(self._tasks), timeout=left)
            self._inbox_quiet.clear()
            self._inbox_wake.set()
            await asyncio.wait_for(self._inbox_quiet.wait(), left)
            if not await self.delivery.idle(left):
                return False
            if not self._tasks and not self._inbox_wake.is_set():
                return True

    # -- time

    async def tick(self) -> None:
        """Do what is due, and set the timer to what is due next."""
        async with self._sweeping:
            moved = await sweep_due(self, DUE)
        if moved:
            self.wake()
        await self._plan_mornings()  # asks Slack, for which no reminder should wait
        await self._set_timer()

    async def _set_timer(self) -> None:
        """Wake the sweep at the next due instant: what happened may have moved a clock."""
        upcoming = await find_next_due(self, DUE)
        if upcoming is not None and self._scheduler.running:
            ahead = max(upcoming - self.clock.now(), timedelta(0))
            self._scheduler.add_job(
                self.tick,
                DateTrigger(self.clock.real() + ahead),
                id="next",
                replace_existing=True,
                max_instances=2,  # one may wait for another that is at work
                misfire_grace_time=None,
            )

    async def _plan_mornings(self) -> None:
        wanted = {u for role in EXECUTIVES for u in self.policy.roles.get(role, ())}
        await asyncio.gather(*(self._plan_morning(u) for u in sorted(wanted - self._planned)))

    async def _plan_morning(self, user: str) -> None:
        try:
            person = await self.people.surely(user)
        except SlackUnknown:
            return  # their zone decides when it is morning: the next tick asks again
        self._planned.add(user)
        at = daily_times.next_morning(self.clock.now(), person.timezone, self.policy.digest_hour)
        async with self.database.write() as session:
            await put(session, Digest(user_id=user, next_at=at))

    async def reconcile(self, unseen_for: timedelta = reconcile.HOUR) -> None:
        """Look whether Slack still shows what the store says, at what was not seen for so long."""
        await reconcile.reconcile(self, self.delivery.call, unseen_for)

    async def after_gap(self, seconds: float) -> None:
        """Slack could not reach us for so long, or had nothing to say: look at what we missed."""
        self.background(self.reconcile(timedelta(seconds=seconds)), "reconcile")
        self.background(self.roster.refresh(), "roster")

    # -- what people want

    async def accept(self, intent: Intent, actor: Actor, key: str, reply: ReplyTo) -> bool:
        """Store an intent durably under ``key``; False when that key was accepted before."""
        fresh = await self._inbox.accept(intent, actor, key, reply)
        if fresh:
            self._inbox_quiet.clear()
            self._inbox_wake.set()
        return fresh

    def answering(self) -> AbstractContextManager[None]:
        """A request is in hand: what is done behind acknowledgements lets it by."""
        return self.gate.answering()

    async def known_standing(self, user_id: str) -> Standing | None:
        """What somebody is to the workspace, without asking Slack; None when we do not know."""
        return await self.people.known_standing(user_id)

    async def require_member(self, user_id: str) -> None:
        """Raise UserError under the name of somebody's standing unless they are a member."""
        await self.people.require_member(user_id)

    async def check(self, verb: str, user_id: str, number: int | None) -> None:
        """Raise UserError when the permission table refuses ``verb`` to this person."""
        async with self.database.read() as session:
            await permitted(session, self.policy, form_permission(verb), user_id, number)
            counted = INTENTS[verb].allowance if verb in INTENTS else None
            await must_have(session, self.policy, counted, user_id, self.clock.now())

    async def unfit(self, intent: Intent) -> Mapping[str, str]:
        """The fields of an intent whose person cannot have a part in a case, and why."""
        found = {n: await self.people.refused(u) for n, u in colleagues(intent).items()}
        return {name: key for name, key in found.items() if key}

    async def draft(
        self, kind: MessageKind, case: CaseFacts, viewer: PersonFacts
    ) -> Mapping[str, Any]:
        """What the composer opens with: ``text``, the approved one, ``next_update_at``, …"""
        return await composer.draft(self, kind, case, viewer)

    async def preview(self, shown: TemplateFacts, case: CaseFacts, viewer: PersonFacts) -> str:
        """Words with a case's facts; as they are written where a fact is missing."""
        return await composer.written(self, shown, case, viewer) or shown.body

    async def deciders(self) -> Sequence[tuple[str, str]]:
        """The ids and names of those who may decide on money."""
        people = [await self.people.person(user) for user in money.deciders(self.policy)]
        return [(person.user_id, person.name) for person in people]

    async def left_open(self, message: Composed) -> Sequence[str]:
        """The lines in brackets that nobody replaced."""
        return await composer.left_open(self, message)

    async def judge(
        self, message: Composed, case: CaseFacts, viewer: PersonFacts
    ) -> Sequence[Finding]:
        """What is found in a message before it goes out."""
        return await composer.judge(self, message, case, viewer)

    async def why(
        self, number: int, viewer: PersonFacts, clock: str | None
    ) -> list[clock_explanations.Told]:
        """Why the clocks of a case are due when they are."""
        return await clock_explanations.explanations(self, number, viewer, clock)

    async def send_clock_picture(self, number: int, viewer: PersonFacts, clock: str) -> None:
        """Put the picture of a clock's life into the viewer's conversation with the desk."""
        await clock_explanations.send_picture(self, number, viewer, clock)

    async def promises(
        self, number: int, viewer: PersonFacts
    ) -> tuple[CaseFacts, tuple[PromiseFacts, ...]]:
        """The case and its ledger of promises."""
        return await clock_explanations.promises(self, number, viewer)

    async def person(self, user_id: str) -> PersonFacts:
        """Somebody, with their language and zone."""
        return await self.people.person(user_id)

    async def person_changed(self, user: Mapping[str, Any]) -> None:
        """Slack says that somebody changed or joined: whoever left has no role from now on."""
        if await self.people.changed(user):
            self.roster.drop()
        elif not self.roster.is_about(user):
            return
        self.background(self.roster.refresh(), "roster")

    async def group_changed(self, group: str) -> None:
        """Slack says that a user group is not what it was."""
        if self.roster.names_group(group):
            self.background(self.roster.refresh(), "roster")

    async def _run_inbox(self) -> None:
        while not self._stopping:
            self._inbox_wake.clear()
            try:
                if await self._inbox.drain(lambda: self._stopping):
                    await self._set_timer()
            except Exception as fault:  # noqa: BLE001 - what was accepted is never left for good
                say_broken(fault, "inbox")
                await asyncio.sleep(STORE_PAUSE)
                continue
            if not self._inbox_wake.is_set():
                self._inbox_quiet.set()
            try:
                await asyncio.wait_for(self._inbox_wake.wait(), INBOX_POLL)
            except TimeoutError:
                continue

    # -- private answers

    async def _tell_answer(self, reply: ReplyTo, answer: Answer) -> None:
        self.background(self._answer(reply, answer), "answer", reply)

    async def _answer(self, reply: ReplyTo, answer: Answer) -> None:
        person = await self.person(reply.user_id)
        text, extra = str(answer["text"]), answer.get("extra") or {}
        family, _, name = text.partition(":")
        if family == "refusal":
            message = refusal(name, person.language, **extra)
        elif family == "trouble":
            message = trouble(str(extra["reference"]), person.language)
        else:
            case = await self._case_of(answer)
            here = case.channel_id if case is not None else extra.get("channel")
            inside = bool(here) and reply.channel_id == here
            if inside and text in SAID_INSIDE:
                return
            message = compose(text, extra, case, person.language, inside=inside)
        await self.tell(reply, message)

    async def _case_of(self, answer: Answer) -> CaseFacts | None:
        if (number := answer.get("case")) is None:
            return None
        async with self.database.read() as session:
            return await snapshot.load_number(session, number, self.clock.now())

    async def tell(self, reply: ReplyTo, message: Message) -> None:
        """A private answer, by the first way that works; lost only if none does."""
        if reply.response_url and await self._try(
            self.slack.respond(
                reply.response_url,
                {
                    "response_type": "ephemeral",
                    "replace_original": False,
                    "text": message.text,
                    "blocks": message.blocks,
                },
            )
        ):
            return
        said = {"text": message.text, "blocks": message.blocks}
        here, who = reply.channel_id, reply.user_id
        if here and await self._say("chat.postEphemeral", channel=here, user=who, **said):
            return
        if not await self._say("chat.postMessage", channel=who, **said):
            await self._try(self._say_in_dm(who, said))

    async def _say_in_dm(self, user_id: str, said: Mapping[str, Any]) -> None:
        """For a Slack that takes no user id for the conversation with them."""
        opened = await self.slack.call("conversations.open", users=user_id)
        channel = str((opened.get("channel") or {}).get("id") or user_id)
        await self.slack.call("chat.postMessage", channel=channel, **said)

    async def _say(self, method: str, *, channel: str, **said: Any) -> bool:
        """Say something in private within Slack's limits; whether it was said."""
        limits = self.delivery.limits
        for _ in range(TELL_TRIES):
            while (wait := limits.take(method, channel)) > 0:
                await limits.sleep(wait)
            try:
                await self.slack.call(method, channel=channel, **said)
            except SlackRateLimited as limited:
                limits.close(method, channel, limited.retry_after)
            except SlackError as error:
                log.warning("answer_not_told", error=str(error))
                return False
            else:
                return True
        return False

    async def _try(self, call: Awaitable[Any]) -> bool:
        try:
            await call
        except SlackError as error:
            log.warning("answer_not_told", error=str(error))
            return False
        return True

    def background(
        self, work: Coroutine[Any, Any, None], name: str, reply: ReplyTo | None = None
    ) -> None:
        """Do ``work`` after the acknowledgement; a refusal or a fault is told through ``reply``."""
        task = asyncio.create_task(self._guarded(work, reply), name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guarded(self, work: Coroutine[Any, Any, None], reply: ReplyTo | None) -> None:
        try:
            await self.gate.wait_until_idle()
            await work
        except UserError as refused:
            if reply is not None:
                person = await self.person(reply.user_id)
                await self.tell(reply, refusal(refused.key, person.language, **refused.facts))
        except Exception as fault:  # noqa: BLE001 - logged there
            await self._apologize(fault, reply)
        finally:
            work.close()  # one that was cancelled before it began

    async def _apologize(self, fault: Exception, reply: ReplyTo | None) -> None:
        reference = new_reference()
        log.error("background_failed", reference=reference, exc_info=fault)
        if reply is not None:
            person = await self.person(reply.user_id)
            apology = store_away if is_away(fault) else partial(trouble, reference)
            await self.tell(reply, apology(person.language))


async def _none() -> None:
    """Nothing to wait for."""
