"""Who a person is to a case, and whether they may do what they ask.

The roles of a person are those they hold on the case together with those the policy names them for.
Where the policy names no one as escalation manager, support lead or agent, everyone counts as one:
an organisation that has not said who they are is not locked out of its own cases. Where those whom
it names have left, or never were in Slack, no one has the role.

Roles are computed at each call and never cached, so a change of the policy counts at once. The
table itself is ``bot/rules/permissions.py``; this module only feeds it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import and_, col, or_, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.compliance.readership import Readership
from bot.rules.daily_times import next_morning
from bot.rules.facts import PageFacts, ToldFacts, UnreachedFacts
from bot.rules.learning.drills import refuse_verb
from bot.rules.membership import Unfilled
from bot.rules.permissions import (
    ANYONE,
    ENTRUSTED,
    EVERYBODY_UNLESS_NAMED,
    MANAGERS,
    OF_CASES,
    PERMISSIONS,
    READERS,
    Denial,
    denial_reason,
)
from bot.rules.policy.load import Policy
from bot.rules.states import HandoverState, PageAnswer, Turn
from bot.rules.words import Role, Severity, Status
from storage.in_hand import rows_about
from storage.models import ActionItem, Ask, Case, CaseRole, Handover, Helper, RoleCard

REMIND_AFTER = timedelta(days=1)  # who has not said that they understood the card of a role
REMIND_SOON = timedelta(minutes=30)  # in a SEV1
UNHURRIED = frozenset({Role.REPORTER, Role.FACILITATOR})  # reminded in a morning, whatever burns
# What those who play a drill are to it, whatever they are elsewhere.
PLAYED = frozenset({Role.AGENT, Role.ESCALATION_MANAGER, Role.TECHNICAL_LEAD})
# Who looks after the app: the first of these roles in which a person can be reached.
LOOKS_AFTER = (Role.ADMINISTRATOR, Role.SUPPORT_LEAD, Role.ESCALATION_MANAGER, Role.DIRECTOR,
               Role.EXECUTIVE_OWNER)  # fmt: skip


def named_for(policy: Policy, role: Role) -> Sequence[str]:
    """Return the user ids that the policy names for ``role``, the first choice first."""
    return policy.roles.get(role, ())


def administrators(policy: Policy) -> Sequence[str]:
    """Return who looks after the app: the first role of ``LOOKS_AFTER`` that has any people.

    Empty where the policy names no one who can be reached.
    """
    return next((policy.roles[role] for role in LOOKS_AFTER if policy.roles.get(role)), ())


async def role_holders(session: AsyncSession, case: Case) -> dict[Role, str]:
    """Return who holds which role on the case, by rows alone: owner and reporter are columns."""
    rows = await rows_about(session, CaseRole, case.number)
    return {Role(row.role): row.user_id for row in rows}


def named_roles(policy: Policy, user_id: str) -> set[Role]:
    """Return the roles for which the policy names ``user_id`` itself."""
    return {role for role in policy.roles if user_id in named_for(policy, role)}


def reads_cases(policy: Policy, user_id: str, verb: str = "show") -> bool:
    """Whether a person may know of cases that they are not on; what of them, the rows say.

    Only ``reading = "team"`` asks for a role for which the policy names them: one that reads, or
    one that may do ``verb``.
    """
    if policy.reading is not Readership.TEAM:
        return True
    wanted = READERS if PERMISSIONS[verb] is ANYONE else READERS | PERMISSIONS[verb]
    return bool(named_roles(policy, user_id) & wanted)


def reading_roles(policy: Policy, user_id: str) -> set[Role]:
    """Return the roles in the organisation that count for what a person has no part in.

    With ``reading = "team"`` a role without names is the team's, not everybody's.
    """
    if not reads_cases(policy, user_id):
        return named_roles(policy, user_id)
    return organisational_roles(policy, user_id)


def reads_row(policy: Policy, user_id: str, row: str) -> bool:
    """Whether a person may read what a row of the table governs, whatever they have a part in.

    With ``reading = "everybody"`` all may read what tells of cases that are not restricted.
    """
    if policy.reading is Readership.EVERYBODY and row in OF_CASES:
        return True
    wanted = PERMISSIONS[row]
    return wanted is ANYONE or bool(wanted & reading_roles(policy, user_id))


def organisational_roles(policy: Policy, user_id: str) -> set[Role]:
    """Return what ``user_id`` is in the organisation; an auditor is nothing else beside it."""
    found = named_roles(policy, user_id)
    if Role.AUDITOR in found:
        return {Role.AUDITOR}
    return found | {role for role in EVERYBODY_UNLESS_NAMED if not policy.names(role)}


async def entrusted_roles(
    session: AsyncSession, policy: Policy, user_id: str, case: Case | None = None
) -> set[Role]:
    """Return those of a person's roles that they did not take themselves.

    Having raised or claimed the case is nothing here: to write to the customer a person is named by
    the policy, or was given a role by another who answers for it.
    """
    found = organisational_roles(policy, user_id)
    if case is None or Role.AUDITOR in found:
        return found
    if plays(case, user_id):
        return found | PLAYED
    given = [
        Role(row.role)
        for row in await rows_about(session, CaseRole, case.number)
        if row.user_id == user_id and row.given_by is not None
    ]
    return found | {role for role in given if role is not Role.REPORTER}


async def role_giver(work: UnitOfWork, case: Case, role: Role, user: str, by: str) -> str | None:
    """Return who answers for ``role`` when ``by`` gives it to ``user``.

    None when they give it to themselves, or hold nothing that they did not take themselves.
    """
    if user == by:
        return None
    theirs = await entrusted_roles(work.session, work.policy, by, case)
    return by if theirs & (MANAGERS | {role}) else None


async def all_roles(
    session: AsyncSession, policy: Policy, user_id: str, case: Case | None = None
) -> set[Role]:
    """Return everything that ``user_id`` is in the organisation, and on the case if one is given.

    Its reporter counts as an agent, its owner as an escalation manager, as does who was paged to
    take it; only a reporter who owns it because no named manager can be reached does not.
    """
    found = organisational_roles(policy, user_id)
    if case is None or Role.AUDITOR in found:
        return found
    if plays(case, user_id):
        found |= PLAYED
    found |= {
        role for role, holder in (await role_holders(session, case)).items() if holder == user_id
    }
    if user_id == case.reporter:
        found |= {Role.REPORTER, Role.AGENT}
    leads = user_id == case.owner and not _owns_for_want_of_another(policy, case)
    if leads or is_called(case, user_id):
        found.add(Role.ESCALATION_MANAGER)
    return found


def plays(case: Case, user_id: str) -> bool:
    """True for those who play a case that is a drill."""
    return case.drill and user_id in case.drill_for


def _owns_for_want_of_another(policy: Policy, case: Case) -> bool:
    """Whether the reporter owns the case only since none of the managers can be reached."""
    return case.owner == case.reporter and policy.names(Role.ESCALATION_MANAGER)


def is_called(case: Case, user_id: str) -> bool:
    """True for a person who was paged to take the case, until it is taken or they say no."""
    row = (case.paged or {}).get(user_id)
    if row is None or case.status != Status.NEW:
        return False
    return bool(row["turn"] != Turn.KNOWS and row["answer"] != PageAnswer.CANNOT)


def read_pages(stored: Mapping[str, Any] | None) -> tuple[PageFacts, ...]:
    """The pages as ``Case.paged`` keeps them, in the order in which they were sent."""
    return tuple(
        PageFacts(
            user,
            Role(row["role"]),
            Turn(row["turn"]),
            datetime.fromisoformat(row["at"]),
            _instant_of(row["again_at"]),
            PageAnswer(row["answer"]),
            _instant_of(row["answered_at"]),
            row.get("loud", False),
        )
        for user, row in (stored or {}).items()
    )


def store_pages(pages: Iterable[PageFacts]) -> dict[str, Any]:
    """The pages as JSON, by user id: what ``read_pages`` reads."""
    return {
        page.user: {
            "role": page.role.value,
            "turn": page.turn.value,
            "at": page.at.isoformat(),
            "again_at": page.again_at.isoformat() if page.again_at else "",
            "answer": page.answer.value,
            "answered_at": page.answered_at.isoformat() if page.answered_at else "",
            "loud": page.loud,
        }
        for page in pages
    }


def read_told(stored: Mapping[str, Any] | None) -> tuple[ToldFacts, ...]:
    """The stakeholders as ``Case.told`` keeps them."""
    return tuple(
        ToldFacts(
            user,
            Role(row["role"]),
            datetime.fromisoformat(row["at"]),
            _instant_of(row["seen_at"]),
            row["then"],
            row.get("stands_in", False),
            tuple(
                UnreachedFacts(Role(row["role"]), each["who"], Unfilled(each["reason"]))
                for each in row["passed"]
            ),
        )
        for user, row in (stored or {}).items()
    )


def _instant_of(text: str) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def card_key(user: str, role: Role) -> str:
    """The key of a person's row for the card of a role."""
    return f"{user}:{role.value}"


async def give_card(work: UnitOfWork, case: Case, role: Role, user: str) -> bool:
    """Whether this person is to get the card of the role now; it then counts as given.

    Call it only where the message goes out in this transaction: what was not sent would count as
    read by nobody. A rollback takes it back.
    """
    return user in await give_cards(work, case, {user: role})


def _some_morning(work: UnitOfWork) -> datetime:
    """The first morning that is ``REMIND_AFTER`` away or more, by the policy's zone."""
    policy = work.policy
    return next_morning(work.now + REMIND_AFTER, policy.timezone, policy.digest_hour)


async def give_cards(work: UnitOfWork, case: Case, people: Mapping[str, Role]) -> set[str]:
    """Who of these is to get the card of their role now; these count as given.

    ``people`` are roles by user id. Once in the policy's time for each person and role, and not
    while it counts that they understood it; one statement for all, which locks their rows until
    the transaction ends. Who reports, or leads a postmortem, is reminded in a morning by the
    policy's zone, a day later or more: they may have reported at night.
    """
    if not people or case.drill:  # what is only played gives nobody a card
        return set()
    soon = work.now + (REMIND_SOON if case.severity == Severity.SEV1 else REMIND_AFTER)
    rows = [
        {
            "key": card_key(user, role), "user_id": user, "role": role.value,
            "case_number": case.number, "told_at": work.now,
            "remind_at": _some_morning(work) if role in UNHURRIED else soon,
        }
        for user, role in sorted(people.items())
    ]  # fmt: skip
    dialect = postgresql if work.session.get_bind().dialect.name == "postgresql" else sqlite
    insert = dialect.insert(RoleCard).values(rows)
    terms, told, read = work.policy.readiness, col(RoleCard.told_at), col(RoleCard.read_at)
    again = insert.on_conflict_do_update(
        index_elements=["key"],
        set_={name: insert.excluded[name] for name in ("case_number", "told_at", "remind_at")},
        where=and_(
            or_(told.is_(None), told <= work.now - terms.card_again),
            or_(read.is_(None), read <= work.now - terms.refresh),
        ),
    )
    with work.session.no_autoflush:  # what waits to be written goes out together, later
        given = await work.session.exec(again.returning(col(RoleCard.user_id)))
    return set(given.scalars().all())


async def on_case(session: AsyncSession, case: Case, user_id: str) -> bool:
    """True for those on the case: a role, or something that waits for them.

    An offer, a page, a question and an action item open the case only until they are answered or
    done.
    """
    if user_id in {case.reporter, case.owner} or is_called(case, user_id) or plays(case, user_id):
        return True
    number = case.number
    holders = await rows_about(session, CaseRole, number)
    if any(row.user_id == user_id for row in holders):
        return True
    offers = await rows_about(session, Handover, number)
    if any(row.offered_to == user_id and row.state == HandoverState.OFFERED for row in offers):
        return True
    asked = await rows_about(session, Ask, number)
    if any(row.asked_of == user_id and row.answered_at is None for row in asked):
        return True
    items = await rows_about(session, ActionItem, number)
    return any(user_id in (row.owner, row.offered_to) and row.done_at is None for row in items)


async def has_part(session: AsyncSession, policy: Policy, case: Case, user_id: str) -> bool:
    """True for those on the case, and with ``reading = "team"`` for those who were asked else.

    Those are who is asked to help by skill, until the help ends, and the deputy for an executive's
    answer; not of a restricted case, on which no one is asked so.
    """
    if await on_case(session, case, user_id):
        return True
    if case.sensitive or policy.reading is not Readership.TEAM:
        return False
    query = select(Helper.id).where(
        Helper.case_number == case.number, Helper.user_id == user_id, col(Helper.ended_at).is_(None)
    )
    if (await session.exec(query)).first() is not None:
        return True
    asked = await rows_about(session, Ask, case.number)
    return any(row.deputy == user_id and row.answered_at is None for row in asked)


async def exists_for(
    session: AsyncSession, policy: Policy, case: Case, user_id: str, verb: str = "show"
) -> bool:
    """Whether there is such a case for a person; others are answered as if there were none.

    All are there for auditors, a restricted one for those on it, others for ``reads_cases`` too.
    """
    if policy.audits(user_id) and not case.drill:
        return True
    if not case.sensitive and reads_cases(policy, user_id, verb):
        return True
    return await has_part(session, policy, case, user_id)


async def check_permission(
    session: AsyncSession, policy: Policy, user_id: str, verb: str, case: Case | None
) -> set[Role]:
    """Return the person's roles by which they may do ``verb``.

    Raises UserError ``auditor_only_reads``, ``not_in_a_drill`` or ``drill_is_over`` for what such
    has not, ``not_your_role`` (with ``verb``), ``not_entrusted`` where only roles count that they
    did not take themselves, or ``no_such_case`` for a case that is not there (``exists_for``).
    ``case`` None asks for the organisation's roles alone.
    """
    if policy.keeps_from(user_id, verb):
        raise UserError("auditor_only_reads").of_case(case.number if case else None)
    if case is None:
        mine = given = reading_roles(policy, user_id)
    else:
        mine = await all_roles(session, policy, user_id, case)
        given = await entrusted_roles(session, policy, user_id, case) if verb in ENTRUSTED else mine
    number = case.number if case else None
    present = case is None or await exists_for(session, policy, case, user_id, verb)
    match denial_reason(verb, mine, given, sensitive=not present, on_case=present):
        case Denial.SENSITIVE:
            raise UserError("no_such_case").of_case(number)
        case Denial.NOT_YOUR_ROLE if not reads_row(policy, user_id, verb):
            raise UserError("not_your_role", verb=verb).of_case(number)
        case Denial.NOT_ENTRUSTED:
            raise UserError("not_entrusted").of_case(number)
    if case is not None and case.drill and (why := refuse_verb(case.status, verb)):
        raise UserError(why)
    return given


async def roles_of(work: UnitOfWork, case: Case | None) -> set[Role]:
    """Return what the actor is to the case."""
    return await all_roles(work.session, work.policy, work.actor.user_id, case)


async def require_permission(work: UnitOfWork, case: Case | None, verb: str) -> set[Role]:
    """Return the actor's roles, when these allow ``verb``; raises as ``check_permission`` does."""
    return await check_permission(work.session, work.policy, work.actor.user_id, verb, case)
