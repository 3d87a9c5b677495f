"""Opening a case: its row, its people, its clocks, its channel, and who hears of it.

Severity, flags and executives call for further people later as well, by ``bring_in``. Nothing waits
for Slack: the channel is made by delivery, and what is to be said in it waits for that row.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import ClassVar

from bot import effects
from bot.cases.routing.component import require_component
from bot.cases.routing.offer import find_team_lead, offer_to_team
from bot.cases.stakeholders.missing import say_missing
from bot.core import notify, unreachable
from bot.core.access import named_for, require_permission, role_holders
from bot.core.reactions import CaseOpened, react
from bot.core.steps import (
    PLAYBOOKS_AFTER,
    give_role,
    keep_pages,
    read_past,
    require_account,
    severity_of,
    tell_pagers,
)
from bot.customers.legal import mark_legal
from bot.duty.on_duty import first_there, on_duty
from bot.duty.pages import first_page
from bot.engine.actors import SYSTEM
from bot.engine.intent import (
    AllowanceKind,
    ChosenSeverity,
    Email,
    Hidden,
    Intent,
    Line,
    OptionalLine,
    Past,
    Record,
    Text,
    Url,
)
from bot.engine.unit_of_work import UnitOfWork
from bot.people.sponsors import find_sponsor
from bot.rules.duty.stakeholders import COMMERCIAL
from bot.rules.facts import UnreachedFacts
from bot.rules.policy.model import MatrixEvent
from bot.rules.words import EXECUTIVE_TRIGGERS, Language, Notice, Role, Severity, Status, Trigger
from bot.sla import clocks
from storage.in_hand import hold_case
from storage.models import Account, Case

GRAVE = frozenset({Severity.SEV1, Severity.SEV2})  # severities that need a technical lead at once
LOOK_AFTER = timedelta(minutes=2)  # when it is looked what worked in cases like a new one


class OpenCase(Intent):
    """Escalate.

    ``account`` is an account's key, or empty with ``customer`` a name that no account has; with an
    account its own name counts. ``stake_quoted``: the stake is in the customer's own words, so it
    may be quoted to them. ``reported_at`` is when their report came. ``severity`` and ``trigger``
    are the reporter's judgement.
    ``same_as`` is the number of the customer's case that this is another report of, None where it
    is something else, ``call_back`` the number at which they are called back, ``candidate`` the id
    of what arrived and becomes this case; ``bot.intake.reports`` reads these. ``language`` is the
    customer's.
    ``source_link`` is the message on which the shortcut was used, ``from_channel`` the channel to
    which a private answer belongs, ``answer_url`` Slack's address for one.
    """

    verb: ClassVar[str] = "open_case"
    allowance: ClassVar[AllowanceKind | None] = AllowanceKind.OPENINGS
    record: ClassVar[Record] = Record.CASE
    account: OptionalLine = ""
    customer: Line
    stake: Text
    stake_quoted: bool = False
    trigger: Trigger
    severity: ChosenSeverity
    ticket_url: Url = ""
    contact_name: OptionalLine = ""
    contact_email: Email = ""
    language: Language | None = None  # the account's, else the team's
    component: OptionalLine = ""
    sensitive: bool = False
    reported_at: Past[datetime | None] = None
    same_as: int | None = None
    candidate: Hidden[int | None] = None
    call_back: Hidden[OptionalLine] = ""
    source_link: Hidden[Url] = ""
    from_channel: Hidden[str] = ""
    answer_url: Hidden[str] = ""


async def open_case(
    work: UnitOfWork, intent: OpenCase, received_at: datetime | None = None
) -> Case:
    """Open the case and queue its channel and its first messages; answers its row.

    The case is raised by the actor, who is its reporter and agent. The order matters: the reactions
    to CaseOpened may link a ticket, and run before anyone is told. What the reporter is told waits
    for the channel, so that it can link to it: a DM, and the same where the form was asked for.
    Clocks run from ``received_at``, when it reached us; None for what is raised now. Raises
    UserError ``not_your_role``, ``no_such_account``, ``not_yet_happened``.
    """
    await require_permission(work, None, "open_case")
    account = await require_account(work, intent.account)
    route = require_component(work, intent.component) if intent.component else None
    lead = await find_team_lead(work, intent.component)
    leader = await on_duty(work)
    case = await _insert(work, intent, account, received_at or work.now, leader)
    await give_role(work, case, Role.REPORTER, case.reporter)
    await give_role(work, case, Role.AGENT, case.reporter)
    missed = await _commercial_roles(work, case, account)
    case.component = route.component if route else ""
    await bring_in(work, case, legal=case.legal_told, tell=False, offered=bool(lead))
    await _note(work, case)
    await clocks.start_clocks(work, case)
    await effects.open_channel(work, case, await notify.channel_invitees(work, case))
    await unreachable.keep_unreachable(
        work, case, [*unreachable.passed_over(work, _wanted(work, case)), *missed]
    )
    await say_missing(work, case)
    await offer_to_team(work, case)
    await react(work, CaseOpened(case))
    tell_pagers(work, case, "trigger")
    await _tell(work, case, {"channel": intent.from_channel, "url": intent.answer_url})
    if leader is None and work.policy.names(Role.ESCALATION_MANAGER):
        await effects.queue_post(work, case, "notice:nobody_left", {"silent": [], "declined": []})
    return case


async def _insert(
    work: UnitOfWork,
    intent: OpenCase,
    account: Account | None,
    received_at: datetime,
    leader: str | None,
) -> Case:
    """Store the case, in hand from then on (``storage.in_hand``): its tables are known to be empty.

    A legal threat makes it legal, restricted and executive. The contact is what was typed, else the
    account's, name and address each by itself.
    """
    executive = intent.trigger in EXECUTIVE_TRIGGERS
    case = Case(
        account_key=account.key if account else None,
        customer=account.name if account else intent.customer,
        stake=intent.stake,
        stake_quoted=intent.stake_quoted,
        trigger=intent.trigger.value,
        severity=intent.severity.value,
        status=Status.NEW.value,
        sensitive=intent.sensitive or intent.trigger is Trigger.LEGAL,
        executive=executive,
        ticket_url=intent.ticket_url,
        source_link=intent.source_link,
        contact_name=intent.contact_name or (account.contact_name if account else ""),
        contact_email=intent.contact_email or (account.contact_email if account else ""),
        language=_language(work, intent, account),
        reporter=work.actor.user_id,
        owner=leader or work.actor.user_id,
        policy_version=work.policy.version,
        received_at=received_at,
        reported_at=read_past(work, intent.reported_at) if intent.reported_at else None,
        opened_at=work.now,
        changed_at=work.now,
        similar_at=work.now + LOOK_AFTER,
        playbooks_at=work.now + PLAYBOOKS_AFTER,
    )
    if intent.trigger is Trigger.LEGAL:
        mark_legal(work, case)
    keep_pages(case, first_page(work, intent.severity, leader))
    notify.wait_for_stakeholders(work, case)
    work.session.add(case)
    await work.session.flush()
    hold_case(work.session, case, new=True)
    return case


def _language(work: UnitOfWork, intent: OpenCase, account: Account | None) -> str:
    """The language typed, else the account's, else the first of the policy's.

    Messages to the customer are written in it, and judged by its rules of tone.
    """
    if intent.language is not None:
        return intent.language.value
    return account.language if account else work.policy.languages[0].value


async def _commercial_roles(
    work: UnitOfWork, case: Case, account: Account | None
) -> list[UnreachedFacts]:
    """Give the account's people their roles; answers who of them cannot be reached.

    A restricted case gets none of them: they are brought in by name.
    """
    if account is None or case.sensitive:
        return []
    people = {
        Role.CSM: account.csm,
        Role.ACCOUNT_EXECUTIVE: account.account_executive,
        Role.SPONSOR: find_sponsor(account),
    }
    unfit = await unreachable.list_partless(work, filter(None, people.values()))
    for role, user in people.items():
        if user and user not in unfit:
            await give_role(work, case, role, user, given_by=SYSTEM)
    return [UnreachedFacts(r, u, unfit[u]) for r, u in people.items() if u and u in unfit]


async def bring_in(
    work: UnitOfWork, case: Case, *, legal: bool = False, tell: bool = True, offered: bool = False
) -> dict[Role, str]:
    """Give the roles that the case's severity and flags call for and no one holds yet.

    SEV1 and SEV2 call for a technical lead, SEV1 and the executive flag for an executive owner,
    ``legal`` for Legal; the first whom the policy names and who is there gets the role, their
    deputy in their place, else the first. ``offered``: the technical lead is offered to a team, and
    given to no one. Answers what was given. With ``tell``, those who are
    named and cannot be reached are put on the card and named to the owner; without it the caller
    does so. Inviting those brought in is left to the caller.
    """
    present = await role_holders(work.session, case)
    given: dict[Role, str] = {}
    for role in _called_for(case, legal=legal):
        if offered and role is Role.TECHNICAL_LEAD:
            continue
        person = "" if role in present else await first_there(work, named_for(work.policy, role))
        if person:
            await give_role(work, case, role, person, given_by=SYSTEM)
            given[role] = person
    if tell:
        called = [role for role in _called_for(case, legal=legal) if role not in present]
        await unreachable.keep_unreachable(work, case, unreachable.passed_over(work, called))
    return given


def _called_for(case: Case, *, legal: bool) -> list[Role]:
    """The roles that this severity and these flags call for, held or not."""
    severity = severity_of(case)
    wanted = [Role.TECHNICAL_LEAD] if severity in GRAVE else []
    if severity is Severity.SEV1 or case.executive:
        wanted.append(Role.EXECUTIVE_OWNER)
    return [*wanted, Role.LEGAL] if legal else wanted


def _wanted(work: UnitOfWork, case: Case) -> set[Role]:
    """The roles for which a person would be brought into the case, by itself or by the policy.

    Of a restricted case only those that may know of it.
    """
    called = {Role.ESCALATION_MANAGER, *_called_for(case, legal=case.legal_told)}
    if case.sensitive:
        return called & notify.RESTRICTED
    return called | {r for r in work.policy.invite(severity_of(case)) if r in notify.ORGANISATION}


async def _note(work: UnitOfWork, case: Case) -> None:
    """Timeline ``open_case``; the stake is the why.

    After: ``status``, ``severity`` (1 to 4), ``trigger``, ``customer``, ``owner``, ``sensitive``,
    ``executive``, ``roles`` (role to user id), ``missing`` (commercial roles without a holder; of a
    restricted case none).
    """
    present = await role_holders(work.session, case)
    missing = [] if case.sensitive else [r.value for r in COMMERCIAL if r not in present]
    work.note(
        case,
        "open_case",
        after={
            "status": case.status,
            "severity": case.severity,
            "trigger": case.trigger,
            "customer": case.customer,
            "owner": case.owner,
            "sensitive": case.sensitive,
            "executive": case.executive,
            "roles": {role.value: user for role, user in present.items()},
            "missing": missing,
        },
        why=case.stake,
    )


async def _tell(work: UnitOfWork, case: Case, asked_in: Mapping[str, str]) -> None:
    """Queue the first messages, the reporter's included, one to a person.

    The reporter's has the card of their role, where they did not get it lately: they are at work on
    it just then, and no message more is sent. The owner gets one unless they raised the case, also
    where the policy's matrix would let them
    find it in a queue.
    """
    events = [MatrixEvent.OPEN]
    if case.executive:
        events.append(MatrixEvent.EXECUTIVE_FLAG)
    if case.trigger == Trigger.LEGAL:
        events.append(MatrixEvent.LEGAL_FLAG)
    people = await notify.find_audience(work, case, *events)
    if case.owner != work.actor.user_id:  # whom the policy would leave to find it in a queue
        notify.add_hearer(people, case.owner, notify.Hears(Role.ESCALATION_MANAGER, Notice.DM))
    cards = await notify.choose_cards(work, case, people, {case.reporter: Role.REPORTER})
    await effects.queue_dm(
        work, case.reporter, "notice:opened_reporter", case,
        {"card": True} if case.reporter in cards else {},
        with_channel=True, priority=effects.OPENING + case.severity, asked_in=asked_in,
    )  # fmt: skip
    await notify.introduce_case(work, case, people, first=True, cards=cards)
