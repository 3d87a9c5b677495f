"""What one reader may know of an account's quarter, read from the store.

Cases are those that the reader finds elsewhere: all but the restricted ones that they are not on.
What hangs on a case (promises, answers, questions, commitments) is read by the same condition, so
that no figure tells of a case that the list leaves out. Who may know an account is not asked again
here: ``SponsorshipReading`` says it, as for every other answer about the programme.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Protocol

from sqlmodel import col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.case_selection import readable_by
from bot.engine.unit_of_work import WorkServices
from bot.errors import UserError
from bot.rules.business.outcomes import OutcomeResult
from bot.rules.facts import PersonFacts
from bot.rules.facts.sponsorship import SponsorshipFacts, TouchFacts
from bot.rules.local_time import local_day
from bot.rules.policy.model import Policy
from bot.rules.sla import ClockState, ClockType, State
from bot.rules.sponsorship.brief import (
    Brief,
    BriefCase,
    BrokenPromise,
    OpenAsk,
    OpenCommitment,
    Quarter,
    Renewal,
    build_quarter,
)
from bot.rules.words import ActionType, ClockKind, Severity, Status
from bot.sla.clock_history import load_snapshots
from bot.sponsorship.queries import SponsorshipReading, touch_facts
from bot.sponsorship.rows import list_touches, zone_of
from storage.models import ActionItem, Ask, Case, CustomerLink, Outcome

# What the customer waits for; the other clocks are between colleagues.
PROMISES = (
    ClockKind.FIRST_RESPONSE, ClockKind.NEXT_REPLY, ClockKind.NEXT_UPDATE, ClockKind.WORKAROUND,
    ClockKind.RESOLUTION,
)  # fmt: skip
PROMISED = (ActionType.COMMITMENT, ActionType.OWED)
NO_CASES = (Status.CANDIDATE, Status.DISMISSED, Status.MERGED)  # that went nowhere, or elsewhere
ENDED = (Status.CLOSED, Status.REVIEW, Status.RESOLVED)


class Names(Protocol):
    """Who people are."""

    async def people(self, user_ids: Iterable[str]) -> dict[str, PersonFacts]:
        """Several persons, by id."""


class BriefServices(WorkServices, Protocol):
    """What reading a brief needs of the process."""

    @property
    def people(self) -> Names:
        """The directory."""


Name = Callable[[str], str]  # a person's name, by user id


@dataclass(frozen=True, slots=True)
class _Stored:
    """What was read of one account, before people have names.

    Rows are those of the session that read them, and are only read from after it.
    """

    cases: Sequence[Case]
    restricted: int
    kept: int
    broken: Sequence[BrokenPromise]
    asks: Sequence[Ask]
    actions: Sequence[ActionItem]
    scores: Sequence[int]
    renewal: Outcome | None
    touches: Sequence[TouchFacts]


async def read_brief(services: BriefServices, membership: int, quarter: int, reader: str) -> Brief:
    """The brief of a quarter, by its number, for a reader. A few statements, however many cases.

    Raises UserError ``no_such_sponsorship`` for a membership that has not begun or is over, and for
    a reader who may not know why an account is in the programme.
    """
    found = await SponsorshipReading(services).one(membership, reader)
    if not found.whole or found.began_at is None:
        raise UserError("no_such_sponsorship")
    zone = zone_of(services.policy)
    span = build_quarter(found.began_at.astimezone(zone).date(), quarter, zone)
    now = services.clock.now()
    async with services.database.read() as session:
        stored = await _read(session, services.policy, found, span, now, reader)
    named = {each.asked_of for each in stored.asks} | {each.owner for each in stored.actions}
    people = await services.people.people(
        {user for user in (reader, found.sponsor, found.deputy, *named) if user}
        | {touch.sponsor for touch in stored.touches if touch.sponsor}
    )
    return _build(found, span, now, stored, people, reader)


async def _read(
    session: AsyncSession,
    policy: Policy,
    found: SponsorshipFacts,
    span: Quarter,
    now: datetime,
    reader: str,
) -> _Stored:
    """All that is stored of the account for this reader; a restricted case only adds to a count.

    Questions and commitments are those of all its cases, as they may outlive a quarter; answers and
    promises those of the quarter alone. About ten statements.
    """
    ours, readable = col(Case.account_key) == found.account_key, readable_by(policy, reader)
    lived = (
        ours, col(Case.received_at) < span.ends, col(Case.status).not_in(NO_CASES),
        or_(col(Case.closed_at).is_(None), col(Case.closed_at) >= span.begins),
    )  # fmt: skip
    order = (col(Case.severity), col(Case.number))
    cases = (await session.exec(select(Case).where(*lived, readable).order_by(*order))).all()
    hidden = select(Case.number).where(*lived, ~readable)
    kept, broken = await _promises(session, [case.number for case in cases], span, now)
    theirs = select(Case.number).where(ours, readable)  # whenever they were
    asks = select(Ask).where(col(Ask.case_number).in_(theirs), col(Ask.answer).is_(None))
    actions = select(ActionItem).where(
        col(ActionItem.case_number).in_(theirs), col(ActionItem.type).in_(PROMISED)
    )
    scores = select(CustomerLink.score).where(
        col(CustomerLink.case_number).in_(theirs), col(CustomerLink.score).is_not(None),
        col(CustomerLink.answered_at) >= span.begins, col(CustomerLink.answered_at) < span.ends,
    )  # fmt: skip
    renewal = select(Outcome).where(
        col(Outcome.account_key) == found.account_key, col(Outcome.renewal).is_not(None),
        col(Outcome.recorded_at).is_not(None),
    ).order_by(col(Outcome.recorded_at).desc())  # fmt: skip
    touches = await list_touches(session, found.id)
    answers = (await session.exec(scores.order_by(col(CustomerLink.answered_at)))).all()
    return _Stored(
        cases,
        len((await session.exec(hidden)).all()),
        kept,
        broken,
        (await session.exec(asks.order_by(col(Ask.id)))).all(),
        (await session.exec(actions.order_by(col(ActionItem.due)))).all(),
        [int(score) for score in answers if score is not None],
        (await session.exec(renewal.limit(1))).first(),
        [touch_facts(each, now) for each in touches],
    )


async def _promises(
    session: AsyncSession, cases: Sequence[int], span: Quarter, now: datetime
) -> tuple[int, list[BrokenPromise]]:
    """How many promises that fell due in the quarter were kept, and those that were not.

    One that is still owed is broken once it is late.
    """
    kept, broken = 0, list[BrokenPromise]()
    for number, snapshot in (await load_snapshots(session, cases)).items() if cases else ():
        for name, state in snapshot.states(now).items():
            kind = name.partition(":")[0]
            for due, at in _promised(state, now) if kind in PROMISES else ():
                if not span.holds(due):
                    continue
                if at is not None and at <= due:
                    kept += 1
                else:
                    broken.append(BrokenPromise(f"ESC-{number}", ClockKind(kind), due, at))
    return kept, sorted(broken, key=lambda each: each.due)


def _promised(state: ClockState, now: datetime) -> Iterator[tuple[datetime, datetime | None]]:
    """When each promise of a clock was due, and when it was kept; one that is not due yet is none.

    An update that was cut short before it was due promised nothing more.
    """
    yield from ((each.due, each.fulfilled_at) for each in state.cycles if each.due is not None)
    if state.due is None or state.cycle <= len(state.cycles):
        return  # the last one is among them
    late = state.state is State.BREACHED or (state.open and state.due < now)
    if late or (state.state is State.MET and state.kind is ClockType.BUDGET):
        yield state.due, state.stopped_at


def _build(
    found: SponsorshipFacts,
    span: Quarter,
    now: datetime,
    stored: _Stored,
    people: Mapping[str, PersonFacts],
    reader: str,
) -> Brief:
    """The brief, with people by their names.

    A person of whom the directory knows nothing is named by their id.
    """

    def name(user: str) -> str:
        return people[user].name if user in people else user

    zone = str(span.begins.tzinfo)
    return Brief(
        found.customer,
        span,
        now,
        name(reader),
        found.state,
        sponsor=name(found.sponsor),
        deputy=name(found.deputy),
        began_on=local_day(found.began_at or now, zone),
        review_on=found.review_on,
        ends_on=found.ends_on,
        cases=tuple(_case(each) for each in stored.cases),
        restricted=stored.restricted,
        kept=stored.kept,
        broken=tuple(stored.broken),
        commitments_kept=sum(_is_kept(each, span, zone) for each in stored.actions),
        commitments=_owed(stored.actions, local_day(now, zone), name),
        scores=tuple(stored.scores),
        arr=found.arr,
        currency=found.currency,
        money=found.money,
        renewal=_renewal(found, stored.renewal, zone),
        asks=tuple(_ask(each, name, reader) for each in stored.asks),
        touches=tuple(
            replace(each, sponsor=name(each.sponsor))
            for each in stored.touches
            if span.holds(each.done_at)
        ),
        missed=tuple(each for each in stored.touches if _is_missed(each, span, now)),
        owed=found.owed,
        adherence=found.adherence,
        unread=found.mine and not found.read,
        end_proposed=found.ground is not None,
        for_sponsor=reader in (found.sponsor, found.deputy),
    )


def _case(row: Case) -> BriefCase:
    """A case as a brief lists it."""
    return BriefCase(
        f"ESC-{row.number}", row.stake, Severity(row.severity), Status(row.status), row.executive,
        row.received_at, row.status in ENDED,
    )  # fmt: skip


def _ask(row: Ask, name: Name, reader: str) -> OpenAsk:
    """A question that waits, with who was asked.

    It is the reader's own also where they are the deputy of who was asked.
    """
    mine = reader in (row.asked_of, row.deputy)
    asked_of = name(row.asked_of)
    return OpenAsk(f"ESC-{row.case_number}", row.question, asked_of, row.answer_by, mine)


def _is_kept(row: ActionItem, span: Quarter, zone: str) -> bool:
    """Whether a commitment was done in the quarter, by its day.

    What counts is when it was said to be done, not when another looked. One that was dropped was
    not done.
    """
    if row.done_at is None or row.dropped_why:
        return False
    done = row.reported_at or row.done_at
    return span.holds(done) and local_day(done, zone) <= row.due


def _owed(rows: Sequence[ActionItem], today: date, name: Name) -> tuple[OpenCommitment, ...]:
    """The commitments that are not done, by their days.

    One that is due today is not late yet. ``rows`` come in that order.
    """
    return tuple(
        OpenCommitment(
            f"ESC-{row.case_number}", row.title, name(row.owner), row.due, row.due < today
        )
        for row in rows
        if row.done_at is None
    )


def _renewal(found: SponsorshipFacts, row: Outcome | None, zone: str) -> Renewal:
    """The next renewal, and what became of the last."""
    if row is None or row.recorded_at is None:
        return Renewal(found.renewal)
    return Renewal(found.renewal, OutcomeResult(row.result), local_day(row.recorded_at, zone))


def _is_missed(touch: TouchFacts, span: Quarter, now: datetime) -> bool:
    """Whether the contact of the quarter was not made in time; it is due as the quarter ends."""
    due, done = touch.due_at, touch.done_at
    if due is None or not span.begins < due <= span.ends or due > now:
        return False
    return done is None or done > due
