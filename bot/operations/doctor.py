"""Does Slack show what the store says? Asked as a whole, after a restore or when in doubt.

What was said and opened between a backup and the moment it was restored is in Slack and not in the
store. It cannot be brought back, but it can be named, and what follows from it can be kept from
going wrong: two cases with one number, a channel without a known case.
"""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from sqlalchemy import text, update
from sqlmodel import col, select

from bot import effects
from bot.core import no_channel
from bot.core.access import administrators
from bot.drift import detect as drift
from bot.drift.look import look_at_channel
from bot.drift.reconcile import list_channels
from bot.drift.repair import RepairChannel, repair_channel
from bot.engine.actors import SYSTEM, Actor
from bot.engine.delivery import Delivery, Later
from bot.engine.unit_of_work import UnitOfWork, WorkServices
from bot.people.channel_readers import Call
from bot.rules.drift import EXPOSED, Seen
from bot.rules.lifecycle import LIVE
from bot.rules.states import ChannelState, OutboxState
from bot.rules.words import Drift, Severity, Status, Trigger
from bot.slack import find_earlier
from messages.clients.slack import Slack, SlackRateLimited, SlackRefused
from storage.models import Case, LegalRoom, Outbox, TimelineEvent

OURS = re.compile(r"^esc-([0-9]+)(?:-(.*))?$")  # the names that naming.py gives
TO_ONE = frozenset({"dm", "digest", "alert", "clock_alert", "roster"})  # said to one person
SAID = TO_ONE | {"post", "card"}  # what carries our mark in Slack
NUMBER_MAX = 2**31 - 1  # a channel that somebody called esc-99999999999 is none of ours


NEXT_NUMBER = text(
    "SELECT setval(pg_get_serial_sequence('escalation', 'number'),"
    " (SELECT max(number) FROM escalation))"
)
# What is found, and what to do about it where a person has to.
DIFFERENCES: Mapping[Drift, str] = {
    Drift.NO_CHANNEL: "Slack does not let the app make its channel: {seen}",
    Drift.ARCHIVED: "its channel is archived",
    Drift.DELETED: "its channel is gone from Slack",
    Drift.REMOVED: "the app is not in its channel",
    Drift.UNSEEN: "its private channel cannot be seen: archived, deleted, or without the app",
    Drift.SHARED: "its channel is shared with another organisation; nothing is said there",
    Drift.GUEST: "guests are in its channel, and nothing is said there: {seen}",
    Drift.RENAMED: "its channel is called #{seen}",
    Drift.TOPIC: "its channel's topic is “{seen}”",
    Drift.CARD: "its card was deleted",
    Drift.PIN: "its card is not pinned",
    Drift.MEMBER: "not in its channel: {seen}",
}
OPEN_AGAIN = "open it again in Slack (the app comes back), or press “Open a new channel”"
INVITE = "somebody in it: /invite @Escalation Desk; or press “Open a new channel”"
ALONE = "end the sharing, take the guests out, or press “Move to a private channel”"
SECOND = "a channel of ours that no case uses; the case of that number has another"
DO_SECOND = "read what is in it, tell the people in it, archive it"
LOST_CASE = "a channel of ours whose case the store does not have"
DO_LOST = "what was opened after the backup has to be escalated again, if it still matters"
WAITING_MAIL = "a mail to a customer waits; it may have been sent after the backup was made"
DO_MAIL = "if the customer has it: python app.py outbox drop {row}, before the app runs"
DO_SAID = "it will be recognised and not said twice"
DO_WAITING = "the app says them when it runs"


class DoctorServices(WorkServices, Protocol):
    """What an examination needs of the process."""

    @property
    def slack(self) -> Slack:
        """The workspace."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A difference: ``where`` it is, ``what`` it is, what ``do`` a person must do, if anything.

    ``mends``: the app can put it right. ``note``: it is harmless, and only said. ``case`` is the
    case's number, None for channels without a case and for the outbox.
    """

    where: str
    what: str
    do: str = ""
    mends: bool = False
    note: bool = False
    case: int | None = None

    def as_json(self) -> dict[str, Any]:
        """The finding for a program that reads it: the fields by their names."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Orphan:
    """A channel that we made for a case that the store does not have.

    ``number`` is read from the channel's name; ``created`` is in Unix seconds, 0 for unknown.
    """

    number: int
    id: str
    name: str
    created: int
    private: bool


def patient(delivery: Delivery) -> Call:
    """Calls that wait as long as Slack's limits say."""

    async def call(method: str, **arguments: Any) -> dict[str, Any]:
        while True:
            try:
                return await delivery.call(method, **arguments)
            except Later as later:
                await asyncio.sleep(later.seconds)
            except SlackRateLimited as limited:
                await asyncio.sleep(limited.retry_after)

    return call


def _difference(where: str, case: Case, what: Drift, seen: str) -> Finding:
    """A difference as a finding: what is seen, and what a person must do where the app cannot."""
    do = ""
    if what is Drift.ARCHIVED:
        do = OPEN_AGAIN
    elif what is Drift.UNSEEN or (
        what is Drift.REMOVED and (case.sensitive or case.private_channel)
    ):
        do = INVITE
    elif what in EXPOSED:
        do = ALONE
    said = DIFFERENCES[what].format(seen=seen)
    return Finding(where, said, do, mends=not do, case=case.number)


class Doctor:
    """One examination, and the treatment of what it found.

    ``repair`` acts on what ``examine`` of the same object remembered; without it, it only marks the
    waiting effects as attempted.
    """

    def __init__(self, services: DoctorServices, delivery: Delivery) -> None:
        self._services = services
        self._delivery = delivery
        self._call = patient(delivery)
        self._orphans: list[Orphan] = []
        self._seen: dict[int, tuple[Seen, datetime]] = {}
        self._homeless: list[int] = []

    # -- examination

    async def examine(self) -> list[Finding]:
        """Everything that differs, case by case, then channels, then what waits."""
        found: list[Finding] = []
        for case in await self._cases():
            found += await self._case(case)
        found += await self._channels()
        return [*found, *await self._waiting()]

    async def _cases(self) -> Sequence[Case]:
        query = select(Case).where(col(Case.status).in_([s.value for s in LIVE]))
        async with self._services.database.read() as session:
            return (await session.exec(query.order_by(col(Case.number)))).all()

    async def _case(self, case: Case) -> list[Finding]:
        """What differs in one case's channel; remembers what ``repair`` needs.

        A case without a channel is a finding unless a waiting effect will make one.
        """
        where = f"ESC-{case.number}"
        if case.channel_id is None:
            if await self._is_coming(case):
                return []
            self._homeless.append(case.number)
            refused = case.drift.get(no_channel.MISSING)
            said = "has no channel, and none is on its way"
            if refused is not None:
                said = DIFFERENCES[Drift.NO_CHANNEL].format(seen=refused["seen"])
            return [Finding(where, said, mends=True, case=case.number)]
        since = self._services.clock.now()
        async with self._services.database.read() as session:
            work = self._work(session)
            people = await drift.channel_members_needed(work, case)
        seen = await look_at_channel(self._call, case, people)
        async with self._services.database.read() as session:
            differs = await drift.compare_channel(self._work(session), case, seen, since)
        if differs or case.drift:
            self._seen[case.number] = (seen, since)
        name = f"{where} #{case.channel_name}"
        return [_difference(name, case, Drift(d), f["seen"]) for d, f in differs.items()]

    async def _is_coming(self, case: Case) -> bool:
        """Whether a channel for the case is still to be made by a waiting effect."""
        query = select(Outbox.id).where(
            col(Outbox.case_number) == case.number,
            col(Outbox.kind) == "create_channel",
            col(Outbox.state) == OutboxState.PENDING,
        )
        async with self._services.database.read() as session:
            return (await session.exec(query)).first() is not None

    async def _channels(self) -> list[Finding]:
        """Channels of ours that no case uses, and what their numbers mean for the next case."""
        ours = await self._ours()
        async with self._services.database.read() as session:
            used = set((await session.exec(select(Case.channel_id))).all())
            used |= set((await session.exec(select(LegalRoom.channel_id))).all())
            numbers = set((await session.exec(select(Case.number))).all())
            moved = select(TimelineEvent.after).where(col(TimelineEvent.verb) == "moved")
            left = {after.get("old") for after in (await session.exec(moved)).all()}
            making = select(Outbox.case_number).where(
                col(Outbox.kind) == "create_channel", col(Outbox.state) == OutboxState.PENDING
            )
            coming = set((await session.exec(making)).all())
        found: list[Finding] = []
        for orphan in ours:
            if orphan.id in used | left or orphan.number in coming:
                continue
            if orphan.number in numbers:
                found.append(Finding(f"#{orphan.name}", SECOND, DO_SECOND))
                continue
            self._orphans.append(orphan)
            found.append(Finding(f"#{orphan.name}", LOST_CASE, DO_LOST, mends=True))
        return found

    async def _ours(self) -> list[Orphan]:
        """The channels that have a name of ours and were made by the app, by number and name.

        Empty where Slack does not offer the listing.
        """
        me = (await self._services.slack.identity()).get("user_id")
        try:
            listed = await list_channels(self._call, "conversations.list")
        except SlackRefused as refused:
            if refused.code not in find_earlier.UNKNOWN_METHOD:
                raise
            return []
        found = []
        for channel in listed.values():
            named = OURS.match(str(channel.get("name") or ""))
            if named and channel.get("creator", me) == me and int(named[1]) <= NUMBER_MAX:
                found.append(
                    Orphan(
                        int(named[1]),
                        str(channel["id"]),
                        str(channel["name"]),
                        int(channel.get("created") or 0),
                        bool(channel.get("is_private")),
                    )
                )
        return sorted(found, key=lambda each: (each.number, each.name))

    async def _waiting(self) -> list[Finding]:
        """The waiting effects that need attention, then their number as a note.

        A mail is a finding for a person, since it may have been sent after the backup; messages
        that Slack has already are notes.
        """
        query = (
            select(Outbox).where(col(Outbox.state) == OutboxState.PENDING).order_by(col(Outbox.id))
        )
        async with self._services.database.read() as session:
            rows = (await session.exec(query)).all()
        found = []
        for row in rows:
            where = f"outbox {row.id}"
            if row.kind == "mail":
                found.append(Finding(where, WAITING_MAIL, DO_MAIL.format(row=row.id)))
            elif await self._said(row):
                found.append(Finding(where, f"{row.kind}: Slack has it already", DO_SAID,
                                     note=True))  # fmt: skip
        if rows:
            found.append(Finding("outbox", f"{len(rows)} effects wait", DO_WAITING, note=True))
        return found

    async def _said(self, row: Outbox) -> bool:
        """Whether Slack has what the store thinks is still to be said."""
        channel = await self._place(row) if row.kind in SAID else None
        if channel is None:
            return False
        try:
            return await find_earlier.our_message(self._call, channel, row) is not None
        except SlackRefused:
            return False

    async def _place(self, row: Outbox) -> str | None:
        """The channel of a row's message: a direct one for ``TO_ONE``, else the case's.

        None while the case has none, and for a row that is about no case.
        """
        if row.kind in TO_ONE:
            answer = await self._call("conversations.open", users=row.payload["user"])
            return str(answer["channel"]["id"])
        if row.case_number is None:
            return None
        async with self._services.database.read() as session:
            case = await session.get(Case, row.case_number)
        return case.channel_id if case else None

    # -- treatment

    async def repair(self) -> None:
        """Queue what puts right everything that ``examine`` found and the app can repair.

        Every waiting effect is first marked as attempted, so that its performer looks in Slack
        before it repeats it. Each case then has a transaction of its own: a fault leaves the
        earlier ones done.
        """
        async with self._services.database.write() as session:
            await session.exec(
                update(Outbox)
                .where(col(Outbox.state) == OutboxState.PENDING, col(Outbox.attempted_at).is_(None))
                .values(attempted_at=Outbox.queued_at)
            )
        for number, (seen, since) in self._seen.items():
            async with self._services.database.write() as session:
                work = self._work(session)
                by_us = seen.lost in {None, Drift.DELETED, Drift.REMOVED}
                await drift.store_findings(work, number, seen, since, quiet=by_us)
                if (await work.case(number)).drift:
                    await repair_channel(work, RepairChannel(case=number))
        for number in self._homeless:
            async with self._services.database.write() as session:
                work = self._work(session)
                case = await work.case(number)
                await no_channel.make_channel_again(work, case)
        for orphan in self._orphans:
            await self._adopt(orphan)

    async def _adopt(self, orphan: Orphan) -> None:
        """Put a number that Slack knows out of use, and say in its channel what happened.

        A dismissed case takes the number, with SEV4 and the customer as in the channel's name
        (``?`` for none); its reporter and owner are the first administrator, else a member. On
        PostgreSQL the sequence of case numbers is set to the highest number.
        """
        people = administrators(self._services.policy) or await self._members(orphan)
        now = self._services.clock.now()
        made = datetime.fromtimestamp(orphan.created, UTC) if orphan.created else now
        named = OURS.match(orphan.name)
        async with self._services.database.write() as session:
            work = self._work(session)
            case = Case(
                number=orphan.number,
                customer=(named[2] if named else "") or "?",
                trigger=Trigger.TECHNICAL.value,
                severity=Severity.SEV4.value,
                status=Status.DISMISSED.value,
                sensitive=orphan.private,
                reporter=people[0],
                owner=people[0],
                channel_id=orphan.id,
                channel_name=orphan.name,
                channel_state=ChannelState.OPEN,
                policy_version=work.policy.version,
                received_at=made,
                opened_at=made,
                changed_at=now,
            )
            session.add(case)
            await session.flush()
            work.note(case, "record_lost")
            await effects.queue_post(work, case, "notice:record_lost")
            if not self._services.database.is_sqlite:
                await session.exec(NEXT_NUMBER)  # type: ignore[call-overload]  # plain SQL

    async def _members(self, orphan: Orphan) -> list[str]:
        """The users whom the lost case had in its channel.

        The app's own user where there are no others or Slack refuses to tell.
        """
        me = str((await self._services.slack.identity()).get("user_id"))
        try:
            answer = await self._call("conversations.members", channel=orphan.id)
        except SlackRefused:
            return [me]
        return [u for u in answer.get("members") or () if u != me] or [me]

    def _work(self, session: Any) -> UnitOfWork:
        return UnitOfWork.join(session, self._services, Actor(SYSTEM, "doctor"))
