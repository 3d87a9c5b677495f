"""Who hears of what: the policy's matrix applied to the people of a case.

One person gets one message, for the loudest of their roles, and no one is told what they did
themselves. ``page`` and ``dm`` are said at once, ``digest`` in the person's next morning: what the
morning summary of executives has anyway is not said twice. For ``none`` nothing is queued. The
matrix is ``Policy.notices``; ``bot/effects.py`` queues what is said.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlmodel import col, select

from bot import effects
from bot.core.access import give_cards, named_for, on_case, read_told, role_holders
from bot.core.steps import severity_of
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.duty.stakeholders import STAKEHOLDERS
from bot.rules.facts import ToldFacts
from bot.rules.policy.model import MatrixEvent
from bot.rules.words import Notice, Role, Severity
from bot.subjects import build_lane
from storage.models import Case, MorningNotice, Outbox

EXECUTIVES = frozenset({Role.EXECUTIVE_OWNER, Role.SPONSOR, Role.DIRECTOR})
ORGANISATION = frozenset({Role.SUPPORT_LEAD, Role.DIRECTOR, Role.EXECUTIVE_OWNER})
RESTRICTED = frozenset(
    {Role.REPORTER, Role.AGENT, Role.ESCALATION_MANAGER, Role.TECHNICAL_LEAD, Role.LEGAL,
     Role.EXECUTIVE_OWNER}
)  # fmt: skip  # who is brought into a sensitive case by itself; others by invitation
LOUDNESS = {Notice.PAGE: 3, Notice.DM: 2, Notice.DIGEST: 1}  # the last waits for a morning
FIRST_NAMED = frozenset({Role.TECHNICAL_LEAD})
FIRST_WORDS = frozenset(
    {"notice:opened", "notice:executive_alert", "notice:paged", "notice:told_instead"}
)


@dataclass(frozen=True, slots=True)
class Hears:
    """The role by which a person hears of an event, and how loudly."""

    role: Role
    notice: Notice

    @property
    def loudness(self) -> int:
        """0 for what is not said at all."""
        return LOUDNESS.get(self.notice, 0)


Audience = dict[str, Hears]


async def find_audience(work: UnitOfWork, case: Case, *events: MatrixEvent) -> Audience:
    """Return who must hear of these events of the case, and how loudly, by user id.

    Without the actor; of a restricted case only those on it. Nothing is queued yet: hand the result
    to ``tell_audience`` or ``introduce_case``.
    """
    people: Audience = {}
    holders = await role_holders(work.session, case)
    for event in events:
        for role, notice in _row(work, case, event).items():
            opened = event is MatrixEvent.OPEN
            for user in _people_as(work, case, role, holders, opened=opened):
                add_hearer(people, user, Hears(role, notice))
    people.pop(work.actor.user_id, None)
    if case.sensitive:
        return {u: h for u, h in people.items() if await on_case(work.session, case, u)}
    return people


def add_hearer(people: Audience, user: str, hears: Hears) -> None:
    """Let ``user`` hear it, unless they already hear it as loudly.

    A role that the policy gives no notice adds no one; of two equally loud ones the first stays.
    """
    known = people.get(user)
    if hears.loudness > (known.loudness if known else 0):
        people[user] = hears


def _row(work: UnitOfWork, case: Case, event: MatrixEvent) -> Mapping[Role, Notice]:
    """Return the notice of each role for this event at the case's severity.

    A sponsor without an entry of their own hears of a new case at once, whatever its severity; of
    what becomes of it as the executive owner does, but not of a change of severity.
    """
    row = work.policy.notices(event, severity_of(case))
    executive = row.get(Role.EXECUTIVE_OWNER, Notice.NONE)
    sponsor = {MatrixEvent.OPEN: Notice.DM, MatrixEvent.SEVERITY_CHANGE: Notice.NONE}
    return {Role.SPONSOR: sponsor.get(event, executive), **row}


def _people_as(
    work: UnitOfWork, case: Case, role: Role, holders: Mapping[Role, str], *, opened: bool
) -> list[str]:
    """Return who is ``role`` to the case: its holder there, and those of the organisation.

    Of a new case the first named technical lead hears too, where it has none: at SEV3 and SEV4
    nobody has the role yet, and the policy says that one is to know.
    """
    if role is Role.ESCALATION_MANAGER:
        return [case.owner]
    holder = holders.get(role)
    found = [holder] if holder else []
    if opened and not holder and role in FIRST_NAMED:
        found += named_for(work.policy, role)[:1]
    if role in ORGANISATION:
        found += [u for u in named_for(work.policy, role) if u != holder]
    return found


async def tell_audience(
    work: UnitOfWork,
    case: Case,
    name: str,
    people: Audience,
    extra: Mapping[str, Any] | None = None,
) -> None:
    """Say ``notice:<name>`` to everyone in the audience, each in a DM.

    ``extra`` must be JSON; ``role`` and ``notice``, by which the person hears it, are added.
    """
    for user, hears in people.items():
        await _say(work, case, user, f"notice:{name}", hears, extra or {})


async def introduce_case(
    work: UnitOfWork,
    case: Case,
    people: Audience,
    *,
    first: bool = False,
    cards: Collection[str] | None = None,
) -> set[str]:
    """Tell people of a case that they have not heard of, or not so loudly.

    Answers the ids of those who hear it at once.

    ``first``: it is known that none of them has heard of the case yet. What they have heard is read
    from the outbox, sent or not, so calling this twice tells no one twice. Who has the role on the
    case gets its card with it (``card``), where they did not get it lately. ``cards``: who gets it,
    where the caller has asked that already.
    """
    heard = {} if first else await heard_of_case(work, case)
    new = {u: hears for u, hears in people.items() if hears.loudness > heard.get(u, 0)}
    given = await choose_cards(work, case, new) if cards is None else cards
    for user, hears in new.items():
        name = "executive_alert" if hears.role in EXECUTIVES else "opened"
        if hears.role in STAKEHOLDERS and hears.notice is not Notice.DIGEST:
            wait_for_stakeholders(work, case)
        said = {"reader": user, **({"card": True} if user in given else {})}
        await _say(work, case, user, f"notice:{name}", hears, said)
    return {user for user, hears in new.items() if hears.notice is not Notice.DIGEST}


async def choose_cards(
    work: UnitOfWork, case: Case, people: Audience, also: Mapping[str, Role] | None = None
) -> set[str]:
    """Who of those told at once has the role on the case, and is to get its card with it.

    ``also`` are those who are told by other words, with their role. All in one statement; what is
    answered counts as given (``give_cards``).
    """
    holders = await role_holders(work.session, case)
    told = {
        user: hears.role
        for user, hears in people.items()
        if holders.get(hears.role) == user and hears.notice is not Notice.DIGEST
    }
    return await give_cards(work, case, {**(also or {}), **told})


async def _say(
    work: UnitOfWork, case: Case, user: str, text: str, hears: Hears, extra: Mapping[str, Any]
) -> None:
    """Say one notice to one person, at once or in their morning.

    ``extra`` of the DM: ``role`` and ``notice`` (values of Role and Notice), then what is given,
    which goes before them. A page goes out with the priority of an opening at the case's severity.
    A DM waits until the channel can be linked. What waits for a morning is left out where the
    morning summary of that role has the case anyway.
    """
    loud = hears.notice is Notice.PAGE
    said = {"role": hears.role.value, "notice": hears.notice.value, **extra}
    if hears.notice is Notice.DIGEST:
        if not _in_summary(case, hears.role):
            await effects.keep_for_morning(work, user, text, case, said)
        return
    await effects.queue_dm(
        work,
        user,
        text,
        case,
        said,
        priority=effects.OPENING + case.severity if loud else effects.INTERACTIVE,
        with_channel=True,
    )


def _in_summary(case: Case, role: Role) -> bool:
    """Whether the morning summary of that role has the case by itself."""
    return role in EXECUTIVES and (case.severity <= Severity.SEV2 or case.executive)


async def heard_of_case(work: UnitOfWork, case: Case) -> dict[str, int]:
    """Return how loudly each person was told that the case exists, by user id.

    What waits for the morning counts as told.
    """
    query = select(Outbox.payload).where(
        col(Outbox.case_number) == case.number, col(Outbox.kind) == "dm"
    )
    mornings = select(MorningNotice.user_id, MorningNotice.text).where(
        col(MorningNotice.case_number) == case.number
    )
    heard = {u: 1 for u, text in (await work.session.exec(mornings)).all() if text in FIRST_WORDS}
    for payload in (await work.session.exec(query)).all():
        if payload["text"] in FIRST_WORDS:
            loudness = LOUDNESS.get(Notice(payload["extra"]["notice"]), 0)
            heard[payload["user"]] = max(loudness, heard.get(payload["user"], 0))
    return heard


async def channel_invitees(work: UnitOfWork, case: Case) -> set[str]:
    """Return who belongs in the channel: reporter, owner, and the roles the policy invites.

    Legal is always invited where it is on the case. Of a restricted case only holders of the roles
    in ``RESTRICTED``; the organisation's other people come by invitation.
    """
    everybody = {case.reporter, case.owner}
    present = await role_holders(work.session, case)
    if case.sensitive:
        return everybody | {user for role, user in present.items() if role in RESTRICTED}
    wanted = {*work.policy.invite(severity_of(case)), Role.LEGAL} - {Role.ESCALATION_MANAGER}
    for role in wanted:
        if role in present:
            everybody.add(present[role])
        elif role in ORGANISATION:
            everybody.update(named_for(work.policy, role))
    return everybody


def keep_told(case: Case, told: Iterable[ToldFacts]) -> None:
    """Keep which stakeholders were told, and who of them has seen the case."""
    case.told = {
        each.user: {
            "role": each.role.value,
            "at": each.at.isoformat(),
            "seen_at": each.seen_at.isoformat() if each.seen_at else "",
            "then": each.then,
            "stands_in": each.stands_in,
            "passed": [{"who": p.who, "reason": p.reason.value} for p in each.passed],
        }
        for each in told
    }


def wait_for_stakeholders(work: UnitOfWork, case: Case) -> None:
    """Wait from now, unless it is waited for already, for stakeholders to see a SEV1."""
    if case.severity == Severity.SEV1 and case.told_at is None:
        case.told_at = work.now + work.policy.paging.unseen_after


async def load_told(work: UnitOfWork, case: Case) -> list[ToldFacts]:
    """The stakeholders who were told of the case, with what is kept of them.

    Who was told is read from the outbox: what first told them names its ``reader``.
    """
    known = {each.user: each for each in read_told(case.told)}
    query = select(Outbox.payload, Outbox.queued_at).where(
        col(Outbox.case_number) == case.number, col(Outbox.kind) == "dm"
    )
    for payload, at in (await work.session.exec(query.order_by(col(Outbox.id)))).all():
        said = payload["extra"]
        if payload["text"] in FIRST_WORDS and said.get("reader") and said["role"] in STAKEHOLDERS:
            known.setdefault(said["reader"], ToldFacts(said["reader"], Role(said["role"]), at))
    return list(known.values())


def queue_redraw(
    work: UnitOfWork, case: Case, text: str, about: Mapping[str, Any], said: Mapping[str, Any]
) -> None:
    """Draw direct messages of this name anew, with what is ``said`` by now.

    Only those whose ``extra`` has all of ``about``.
    """
    lane = build_lane(case, "pages")
    work.leave("pages", lane, {"texts": [text], "about": dict(about), **said}, case=case)
