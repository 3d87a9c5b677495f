"""A look into a ticket: what is new there, for its case, or as a reason for one.

Of a ticket that is linked to a case what was written goes to that case, a rating too. Any other is
asked about by the policy's rules (``bot/rules/helpdesks``); where they hold, and whenever it gave
grounds before, ``TicketNoticed`` tells those above. A ticket that was merged goes on under the id
of the one that survives. A look writes nothing, so none leads to another.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.reactions import TicketNoticed, TicketRated, react
from bot.customers.channels import require_channels
from bot.customers.delivery import begin_work
from bot.engine.delivery import Delivery, EffectResult
from bot.engine.outbox_claims import Job
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.helpdesks.judging import Ground, Judgement, is_open_there, judge_ticket
from bot.rules.helpdesks.terms import HelpDeskTerms
from bot.rules.helpdesks.tickets import TicketState
from bot.rules.lifecycle import LIVE
from bot.rules.words import HelpDesk, Status
from bot.tickets import outcomes as ticket_outcomes
from bot.tickets.connectors import TOTAL_TIMEOUT
from bot.tickets.known import (
    find_known,
    join_words,
    new_grounds,
    new_words,
    remember_ticket,
    was_candidate,
)
from bot.tickets.link import case_of, queue_look
from bot.tickets.merged import follow_ticket
from messages.clients.helpdesks import Away, Connector, Entry, Refused
from storage.columns import LINKED
from storage.models import Case, KnownTicket

SAME_SECOND = timedelta(seconds=1)  # help desks tell times to the second
LATELY = timedelta(days=14)  # how far back a ticket's words are read when it becomes a candidate


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look found: the ticket, and what was publicly written in it."""

    state: TicketState
    entries: Sequence[Entry] = ()
    requester: str = ""


async def look_at_ticket(delivery: Delivery, job: Job) -> EffectResult:
    """Look at the ticket that the row names, as the case's where one is linked to it now.

    Nothing is read when the row's case was linked to another ticket since, or when no rule asks
    about a ticket of no case. A ticket that may not be read is told to the case's owner and ends
    the row. The row's result has ``read`` (the number of entries) and ``refused`` (the reason, else
    empty).
    """
    name, ticket = job.row.kind, str(job.row.payload.get("ticket") or "")
    async with delivery.services.database.read() as session:
        case = await _case_of_row(session, job, ticket)
        known = await find_known(session, name, ticket)
    terms = delivery.services.policy.helpdesk(name)
    merged = job.row.payload.get("merged")
    if case is None and (
        job.row.case_number or not (terms.candidates or was_candidate(known) or merged)
    ):
        return EffectResult()  # it was unlinked, or the rules were taken away meanwhile
    connector = require_channels(delivery.services).helpdesks.get(name)
    if connector is None:  # nobody can look there; when it is set up again, its webhook says so
        return EffectResult({"read": 0, "refused": f"{name} is not set up any more"})
    look = Look(delivery, job, terms, connector)
    return await (look.of_case(case, ticket) if case else look.of_no_case(known, ticket))


async def _case_of_row(session: AsyncSession, job: Job, ticket: str) -> Case | None:
    """The case for which to look; None where the row's own is linked to this ticket no more."""
    if job.row.case_number is None:
        return await case_of(session, job.row.kind, ticket)
    case = await session.get(Case, job.row.case_number)
    linked = case is not None and case.ticket_since is not None and case.ticket == ticket
    return case if linked else None


@dataclass(frozen=True, slots=True)
class Look:
    """One look: who performs it, and by which terms."""

    delivery: Delivery
    job: Job
    terms: HelpDeskTerms
    connector: Connector

    @property
    def name(self) -> str:
        """The help desk."""
        return self.job.row.kind

    async def of_case(self, case: Case, ticket: str) -> EffectResult:
        """Take in what was written since the case was linked.

        The requester is asked for until one is known, and kept on the case. All requests together
        may take ``TOTAL_TIMEOUT``; Away is raised after that, and the row is tried again. What was
        read is stored in the transaction that ends the row, with the case locked; a case that was
        linked to another ticket meanwhile still gets the words, but not the requester.
        """
        since, number, refusal = self._since(case), case.number, ""
        seen: Seen | None = None
        try:
            async with asyncio.timeout(TOTAL_TIMEOUT):
                state = await self._state(ticket)
                requester = case.ticket_requester or await self.connector.requester(state.ticket)
                seen = Seen(state, await self.connector.entries(state.ticket, since), requester)
        except TimeoutError as slow:
            raise Away("no answer in time") from slow
        except Refused as refused:
            refusal = refused.reason

        async def save(session: AsyncSession) -> None:
            work = begin_work(self.delivery, session, self.job)
            locked = await work.case(number)
            if seen is None:
                await ticket_outcomes.ticket_unreadable(work, locked, refusal)
            else:
                await self._take_in(work, locked, ticket, seen)

        return EffectResult({"read": len(seen.entries) if seen else 0, "refused": refusal}, save)

    def _since(self, case: Case) -> datetime:
        """When the case was linked by our clock, as the help desk's has it: that is Slack's.

        How far our clock is ahead is taken away only where it is known to be apart from Slack's,
        and one second more, since help desks tell times to the second. Aware UTC.
        """
        slack = self.delivery.services.slack.time
        ahead = slack.ahead if slack.ahead and slack.apart else timedelta(0)
        assert case.ticket_since is not None  # it is linked
        return case.ticket_since - ahead - SAME_SECOND

    async def _state(self, ticket: str) -> TicketState:
        """Ask for the ticket; of the webhook that asked for the look ``rating`` and ``into`` go
        along.

        Both are ids, empty where the webhook told none. The state's ``ticket`` is the surviving one
        where the ticket was merged.
        """
        told = self.job.row.payload
        return await self.connector.state(
            ticket, rating=str(told.get("rating") or ""), into=str(told.get("into") or "")
        )

    async def _take_in(self, work: UnitOfWork, case: Case, ticket: str, seen: Seen) -> None:
        """Store what was seen of the case's ticket. The case must be locked.

        In this order: what was written, the requester, the ticket's status and tags, a merge, a
        rating, and, of a case that is over and not merged, that there is something new in it
        (``_after_end``). The newest words are remembered last, so that a later judgement of the
        ticket does not count them as new.
        """
        heard = await ticket_outcomes.take_in_ticket(work, case, seen.entries)
        if case.ticket == ticket:  # else it was linked to another one meanwhile
            case.ticket_requester = seen.requester
            work.session.add(case)
        before = await find_known(work.session, self.name, seen.state.ticket)
        was = before.status if before else ""
        row = await remember_ticket(work, self.name, seen.state)
        await follow_ticket(work, self.name, ticket, seen.state, case)
        if self.job.row.payload.get("merged"):
            await self._look_at_merged(work, seen.state)
        await self._take_in_rating(work, case, row, seen.state)
        if Status(case.status) not in LIVE and case.merged_into is None:
            await self._after_end(work, case, was, seen.state, join_words(heard))
        _mark_heard(row, seen.entries)

    async def _take_in_rating(
        self, work: UnitOfWork, case: Case, row: KnownTicket, state: TicketState
    ) -> None:
        """Hand on a rating that is new, or that the customer changed."""
        rating = state.rating
        told = f"{rating.key}:{rating.score}:{_mark(rating.comment)}" if rating else ""
        if rating is not None and row.rating != told:
            row.rating = told
            await react(work, TicketRated(case, self.name, rating))

    async def _after_end(
        self, work: UnitOfWork, case: Case, was: str, state: TicketState, words: Entry | None
    ) -> None:
        """A ticket of a case that is over was opened again, or its customer wrote once more.

        ``was`` is its status at the look before, empty where there was none.
        """
        desk = HelpDesk(self.name)
        opened = was and not is_open_there(desk, was)
        if is_open_there(desk, state.status) and (words is not None or opened):
            when = words.id if words else work.now.isoformat()
            key = f"{state.ticket}:{Ground.REOPENED}:{when}"
            await self._notice(work, state, key, Judgement((Ground.REOPENED,)), words, ended=case)

    async def of_no_case(self, known: KnownTicket | None, ticket: str) -> EffectResult:
        """Ask the rules about a ticket of no case; where they hold, read what was written.

        Words are read from the newest that is known on, else for ``LATELY``; a ticket that gives no
        grounds and never did is not read at all. A refusal is kept in the row's result alone, since
        there is no case to tell. Raises Away as ``of_case`` does.
        """
        seen, refusal = None, ""
        now = self.delivery.services.clock.now()
        try:
            async with asyncio.timeout(TOTAL_TIMEOUT):
                state = await self._state(ticket)
                interesting = was_candidate(known) or judge_ticket(state, self.terms, now).grounds
                since = (known.heard_at if known else None) or now - LATELY
                seen = Seen(
                    state,
                    await self.connector.entries(state.ticket, since - SAME_SECOND)
                    if interesting
                    else (),
                )
        except TimeoutError as slow:
            raise Away("no answer in time") from slow
        except Refused as refused:
            refusal = refused.reason

        async def save(session: AsyncSession) -> None:
            work = begin_work(self.delivery, session, self.job)
            if seen is not None:
                await self._judge(work, ticket, seen)

        return EffectResult({"read": len(seen.entries) if seen else 0, "refused": refusal}, save)

    async def _judge(self, work: UnitOfWork, ticket: str, seen: Seen) -> None:
        """Tell of new grounds, or of new words of a ticket with grounds; a look that finds neither
        is silent.

        Nothing is stored of a ticket that was never seen and gives no grounds, and nothing is told
        of one that has a live case by now. ``found`` keeps the names of all grounds so far
        (``new_grounds``), ``look_at`` when a target comes near.
        """
        state = seen.state
        if self.job.row.payload.get("merged") or state.ticket != ticket:
            await self._look_at_merged(work, state)
            await follow_ticket(work, self.name, ticket, state)
        found = judge_ticket(state, self.terms, work.now)
        known = await find_known(work.session, self.name, state.ticket)
        if (known is None and not found.grounds) or await self._has_live_case(work, state):
            return
        row = await remember_ticket(work, self.name, state)
        new, all_names = new_grounds(row, state, found.grounds)
        words = new_words(row, seen.entries)
        if new or (words is not None and all_names):
            named = "+".join(new) or "words"
            key = f"{state.ticket}:{named}:{words.id if words else row.heard}:{len(all_names)}"
            await self._notice(work, state, key, Judgement(new, found.severity), words)
        row.found = {**row.found, "grounds": all_names}
        row.look_at = self._look_again(state, work.now)
        _mark_heard(row, seen.entries)

    async def _has_live_case(self, work: UnitOfWork, state: TicketState) -> bool:
        case = await case_of(work.session, self.name, state.ticket)
        return case is not None and Status(case.status) in LIVE

    def _look_again(self, state: TicketState, now: datetime) -> datetime | None:
        """When a target of the help desk is near enough to be a ground; None: it is, or never."""
        if state.breach_at is None or self.terms.breach_within is None:
            return None
        near = state.breach_at - self.terms.breach_within
        return near if near > now else None

    async def _look_at_merged(self, work: UnitOfWork, state: TicketState) -> None:
        """Look at the other tickets of this customer that are linked to a case: one may be merged
        here.

        A webhook of a merge may name only the ticket that survives. The customer is known by the
        requester's address; of a ticket without one nothing is looked at.
        """
        if not state.email:
            return
        query = select(Case).where(
            col(Case.helpdesk) == self.name,
            col(Case.ticket_requester) == state.email,
            col(Case.ticket) != state.ticket,
            LINKED,
        )
        for case in (await work.session.exec(query)).all():
            await queue_look(work, self.name, case.ticket, case)

    async def _notice(
        self,
        work: UnitOfWork,
        state: TicketState,
        key: str,
        found: Judgement,
        words: Entry | None,
        ended: Case | None = None,
    ) -> None:
        """Raise ``TicketNoticed`` in this transaction.

        ``key`` names what is new in the ticket, so that it is taken in once. ``words`` None: the
        customer wrote nothing new, and ``said_at`` is now; their time never lies after now.
        ``ended`` is the case of the ticket that is over.
        """
        event = TicketNoticed(
            helpdesk=self.name,
            state=state,
            key=key,
            grounds=found.grounds,
            severity=found.severity,
            words=words.text if words else "",
            said_at=min(words.at, work.now) if words else work.now,
            ended=ended,
        )
        await react(work, event)


def _mark_heard(row: KnownTicket, entries: Sequence[Entry]) -> None:
    """Remember the newest words of the customer as taken in."""
    theirs = [entry for entry in entries if entry.customer]
    if theirs:
        row.heard, row.heard_at = theirs[-1].id, theirs[-1].at


def _mark(text: str) -> str:
    """A short mark of a text, by which a change of it is noticed wherever it is."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]
