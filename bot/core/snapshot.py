"""From rows to facts: what may be said about a case, as of an instant.

Facts are frozen values that ``bot/rules`` and ``messages`` read without a session. ``now`` is part
of them. Nothing here hides a restricted case: who may read is the caller's question.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, and_, true
from sqlmodel import SQLModel, col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.access import read_pages, read_told
from bot.core.facts.executives import call_facts, contact_facts, flagging_facts
from bot.core.facts.focus import focus_facts
from bot.core.facts.rows import (
    action_facts,
    ask_facts,
    confirmation_facts,
    drift_facts,
    handover_facts,
    opinion_facts,
    sent_facts,
)
from bot.core.granted import concession_facts
from bot.people.sponsors import find_sponsor
from bot.rules.bugs.state import describe_bug
from bot.rules.facts import (
    AccountFacts,
    CaseFacts,
    ClockFacts,
    ContestFacts,
    HoldFacts,
    LetterFacts,
    SiblingFacts,
    StandingFacts,
    UnreachedFacts,
)
from bot.rules.lifecycle import LIVE
from bot.rules.membership import Unfilled
from bot.rules.states import HandoverState, MessageState
from bot.rules.tokens import LinkKind
from bot.rules.words import (
    ClosureCode,
    HelpDesk,
    HoldReason,
    Language,
    ResolutionType,
    Role,
    RootCause,
    Severity,
    Status,
    Trigger,
    Urgency,
)
from bot.sla import clock_history
from bot.sla.clock_facts import clock_facts, stored_clock_facts
from messages.kit.routes import BY_MAIL
from storage.in_hand import SPARSE, account_of, held_case, rows_about, tables_about
from storage.models import (
    Account,
    ActionItem,
    Ask,
    BreachTalk,
    Case,
    CaseRole,
    Clock,
    Concession,
    Confirmation,
    Contest,
    CustomerLink,
    ExecutiveContact,
    Fired,
    Flagging,
    Handover,
    SentMessage,
)

Row = TypeVar("Row", bound=SQLModel)

SIBLINGS_SHOWN = 3  # other open cases of a customer

# What may be known of a case beside itself and its people; of most cases only little is.
ABOUT: tuple[Any, ...] = tuple(model for model in SPARSE if model is not Fired)


async def load_case(session: AsyncSession, case: Case, now: datetime) -> CaseFacts:
    """Return everything that may be said about ``case`` at ``now``.

    Its clocks are computed from their events to the second. Sees what this session has changed;
    where such rows have no id yet, it flushes.
    """
    states = await clock_history.load_states(session, case.number, now)
    return await _facts(session, case, now, tuple(clock_facts(s, now) for s in states.values()))


async def load_row(session: AsyncSession, number: int, now: datetime) -> CaseFacts | None:
    """What the case's own row says, without its people and clocks; None without such a case."""
    case = await session.get(Case, number)
    return _base(case, now) if case else None


async def load_number(
    session: AsyncSession, number: int, now: datetime, seen: ColumnElement[bool] | None = None
) -> CaseFacts | None:
    """The facts of case ``number``, as ``load_shown`` has them; None when there is no such case."""
    case = await session.get(Case, number)
    return await load_shown(session, case, now, seen) if case else None


async def load_shown(
    session: AsyncSession, case: Case, now: datetime, seen: ColumnElement[bool] | None = None
) -> CaseFacts:
    """What ``load_case`` answers, with the customer's other open cases while this one is live.

    ``seen`` is the condition of those that may be named, beside that they are not restricted.
    """
    facts = await load_case(session, case, now)
    if case.status not in LIVE:
        return facts
    return replace(facts, siblings=await _siblings(session, case, true() if seen is None else seen))


async def _siblings(
    session: AsyncSession, case: Case, seen: ColumnElement[bool]
) -> tuple[SiblingFacts, ...]:
    """The other open, unrestricted cases of the customer: by account, else by the typed name."""
    same = (
        col(Case.account_key) == case.account_key
        if case.account_key
        else and_(col(Case.account_key).is_(None), col(Case.customer) == case.customer)
    )
    live = col(Case.status).in_([status.value for status in LIVE])
    query = select(Case).where(same, live, col(Case.sensitive).is_(False), seen)
    query = query.where(col(Case.number) != case.number).order_by(col(Case.number))
    found = (await session.exec(query.limit(SIBLINGS_SHOWN))).all()
    return tuple(
        SiblingFacts(each.number, Severity(each.severity), each.owner, each.channel_id)
        for each in found
    )


async def load_many(session: AsyncSession, cases: Sequence[Case], now: datetime) -> list[CaseFacts]:
    """Return facts for a list: roles, accounts and stored clocks, in a fixed number of queries.

    In the order of ``cases``. Clocks are as they were last stored, so one that ran out since says
    so only after the next sweep; messages, actions and the like are left empty.
    """
    numbers = [c.number for c in cases]
    roles = await _grouped(session, CaseRole, col(CaseRole.case_number), numbers)
    stored = await _grouped(session, Clock, col(Clock.case_number), numbers)
    keys = {c.account_key for c in cases if c.account_key}
    found = (await session.exec(select(Account).where(col(Account.key).in_(keys)))).all()
    accounts = {a.key: account_facts(a) for a in found}
    return [
        _base(
            case,
            now,
            account=accounts.get(case.account_key or ""),
            roles={Role(r.role): r.user_id for r in roles.get(case.number, [])},
            clocks=tuple(stored_clock_facts(c, now) for c in stored.get(case.number, [])),
        )
        for case in cases
    ]


async def _grouped(
    session: AsyncSession, model: type[Row], column: Any, numbers: Sequence[int]
) -> dict[int, list[Row]]:
    groups: dict[int, list[Row]] = {}
    for row in (await session.exec(select(model).where(column.in_(numbers)))).all():
        groups.setdefault(row.case_number, []).append(row)  # type: ignore[attr-defined]
    return groups


async def _facts(
    session: AsyncSession, case: Case, now: datetime, computed: tuple[ClockFacts, ...]
) -> CaseFacts:
    """Gather the facts of one case; ``computed`` are those of its clocks.

    Rows that this transaction holds are used as they are. Of a case that it does not hold, only
    tables that have rows of it are asked. Rows without an id are flushed first, as facts name them
    by it.
    """
    known = held_case(session, case.number) is not None
    there = ABOUT if known else await tables_about(session, case.number, ABOUT)

    async def rows(model: type[Row]) -> Sequence[Row]:
        if model in ABOUT and model not in there:
            return ()
        found = await rows_about(session, model, case.number)
        if any(getattr(row, "id", 0) is None for row in found):
            await session.flush()
        return found

    account = await account_of(session, case)
    return _base(
        case,
        now,
        clocks=computed,
        account=account_facts(account) if account else None,
        roles={Role(r.role): r.user_id for r in sorted(await rows(CaseRole), key=_by_role)},
        sent=tuple(sent_facts(m) for m in await rows(SentMessage) if m.state is MessageState.SENT),
        confirmations=tuple(
            confirmation_facts(c) for c in sorted(await rows(Confirmation), key=_by_party)
        ),
        handovers=tuple(
            handover_facts(h) for h in await rows(Handover) if h.state == HandoverState.OFFERED
        ),
        actions=tuple(action_facts(a) for a in await rows(ActionItem)),
        asks=tuple(ask_facts(a) for a in await rows(Ask)),
        concessions=tuple(concession_facts(c) for c in await rows(Concession)),
        flagging=flagging_facts(await rows(Flagging)) if case.executive else None,
        call=call_facts(calls) if (calls := await rows(BreachTalk)) else None,
        contacts=tuple(contact_facts(c) for c in await rows(ExecutiveContact)),
        opinions=tuple(
            opinion_facts(x) for x in await rows(CustomerLink) if x.answered_at is not None
        ),
        contests=tuple(
            ContestFacts(c.id, c.words, c.by, c.at)
            for c in await rows(Contest)
            if c.answered_at is None
        ),
        focus=await focus_facts(session, case) if case.focus_of else None,
        shared=any(_opens(link, now) for link in await rows(CustomerLink)),
    )


def _opens(link: CustomerLink, now: datetime) -> bool:
    """Whether this is a status page that the customer can open now."""
    alive = link.revoked_at is None and link.expires_at > now
    return alive and link.kind == LinkKind.STATUS


def _by_role(row: CaseRole) -> str:
    return row.role


def _by_party(row: Confirmation) -> str:
    return row.party


def _base(case: Case, now: datetime, **more: Any) -> CaseFacts:
    return CaseFacts(
        number=case.number,
        customer=case.customer,
        stake=case.stake,
        trigger=Trigger(case.trigger),
        severity=Severity(case.severity),
        status=Status(case.status),
        now=now,
        received_at=case.received_at,
        reported_at=case.reported_at,
        stake_quoted=case.stake_quoted,
        phrases=tuple(case.phrases),
        reporter=case.reporter,
        owner=case.owner,
        language=Language(case.language),
        urgency=Urgency(case.urgency) if case.urgency else None,
        deadline=case.deadline,
        sensitive=case.sensitive,
        drill=case.drill,
        executive=case.executive,
        executive_reason=case.executive_reason,
        ticket_url=case.ticket_url,
        helpdesk=HelpDesk(case.helpdesk) if case.helpdesk else None,
        source_link=case.source_link,
        bug=describe_bug(case.bug, case.bug_key, case.bug_seen) if case.bug else None,
        **_plain(case),
        channel_id=case.channel_id,
        channel_name=case.channel_name,
        problem=case.problem,
        card_ts=case.card_ts,
        hold=hold_facts(case),
        standing=standing_facts(case),
        letter=letter_facts(case),
        private_channel=case.sensitive or case.private_channel,
        drift=tuple(drift_facts(what, found) for what, found in (case.drift or {}).items()),
        unreached=unreached_facts(case),
        pages=read_pages(case.paged),
        told=read_told(case.told),
        resolution_type=ResolutionType(case.resolution_type) if case.resolution_type else None,
        resolution_note=case.resolution_note,
        workaround_note=case.workaround_note,
        closure_code=ClosureCode(case.closure_code) if case.closure_code else None,
        root_cause=RootCause(case.root_cause) if case.root_cause else None,
        resolved_at=case.resolved_at,
        closed_at=case.closed_at,
        postmortem_at=case.postmortem_at,
        version=case.version,
        **more,
    )


def _plain(case: Case) -> dict[str, Any]:
    """The columns that are facts as they stand: contacts, reports, other cases."""
    names = ("component", "contact_name", "contact_email", "second_name", "second_email",
             "duplicate_of", "merged_into", "reports", "last_report_at", "legal",
             "legal_told", "legal_filed", "legal_hold_at", "forgotten_at",
             "helpers")  # fmt: skip
    return {name: getattr(case, name) for name in names}


def account_facts(row: Account) -> AccountFacts:
    """An account as it may be said."""
    return AccountFacts(
        key=row.key, name=row.name, tier=row.tier, arr=row.arr, currency=row.currency,
        renewal=row.renewal, csm=row.csm, account_executive=row.account_executive,
        sponsor=find_sponsor(row), language=Language(row.language),
        contact_name=row.contact_name, contact_email=row.contact_email, greeting=row.greeting,
        timezone=row.timezone, valued=row.valued,
    )  # fmt: skip


def standing_facts(case: Case) -> StandingFacts | None:
    """What stands in the way, as it was last reported; None before the first report."""
    if not case.standing:
        return None
    expected = case.standing.get("expected")
    return StandingFacts(
        standing=case.standing["standing"],
        by=case.standing["by"],
        at=datetime.fromisoformat(case.standing["at"]),
        remark=case.standing["remark"],
        expected=date.fromisoformat(expected) if expected else None,
    )


def letter_facts(case: Case) -> LetterFacts | None:
    """The letter about the resolution that waits for a yes; None where none does.

    ``fields`` are those of the form by which it was written, and by which it can be sent by hand.
    """
    if not case.letter:
        return None
    fields = case.letter["fields"]
    return LetterFacts(
        by=case.letter["by"],
        at=datetime.fromisoformat(case.letter["at"]),
        text=fields["text"],
        recipient=fields["recipient"],
        sent_by_us=fields["route"] in (BY_MAIL, "slack", *HelpDesk),
        free=bool(case.letter.get("anyway")),
        fields=fields,
    )


def unreached_facts(case: Case) -> tuple[UnreachedFacts, ...]:
    """Whom the case called for in vain, as what, and why; a role may have several.

    The order is that in which they were called for. Who stands in for them is not kept.
    """
    return tuple(
        UnreachedFacts(Role(role), row["who"], Unfilled(row["reason"]))
        for role, rows in (case.unreached or {}).items()
        for row in rows
    )


def hold_facts(case: Case) -> HoldFacts | None:
    """Why the case waits, until when, and who said so; None where it does not wait.

    A hold from before there was a date counts as none: it would never end.
    """
    if not case.hold_reason or case.hold_until is None:
        return None
    return HoldFacts(
        HoldReason(case.hold_reason),
        case.hold_until,
        case.hold_note,
        case.hold_since,
        case.hold_by,
    )
