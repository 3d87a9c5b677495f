"""What the composer opens with: the approved words for the moment, and a promise to keep.

Everything here reads, each question in a session of its own; nothing is locked or stored. What the
form sends is checked anew by the use case (``updates``, ``bot/cases/resolve.py``).
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.customers import authority, library, money
from bot.customers import check as message_check
from bot.customers.channels import Customers
from bot.customers.clearance import find_case_reason, find_draft
from bot.customers.legal import weigh_liability
from bot.customers.outgoing import outgoing_message
from bot.customers.shared_place import find_shared_place, shared_place_of
from bot.engine.unit_of_work import WorkServices
from bot.people.directory import People
from bot.rules.facts import CaseFacts, Composed, PersonFacts, TemplateFacts
from bot.rules.learning.playbooks import Playbook, from_data, load_playbooks
from bot.rules.learning.warned import Warned, find_warned
from bot.rules.local_time import round_down_to_quarter
from bot.rules.money.concessions import Allowance, in_words
from bot.rules.money.matrix import EURO
from bot.rules.policy.load import Policy
from bot.rules.tone.lint import NO_MONEY, Finding, Rule, Weight, lint_message
from bot.rules.tone.suggestions import tone_suggestion
from bot.rules.words import ClockKind, Language, MessageKind, ResolutionType, Role
from messages.customers.holding_text import holding_text
from messages.customers.letter_facts import LetterSetting, Target
from messages.customers.template_sandbox import BadTemplateError
from messages.customers.templates import approved_text, text_to_many
from messages.kit.dates import format_letter_day, format_letter_moment
from messages.kit.render import MissingFactError
from storage.models import AppliedPlaybook, Case

TOLD = (ClockKind.NEXT_UPDATE, ClockKind.WORKAROUND, ClockKind.RESOLUTION)


class ComposerServices(WorkServices, Protocol):
    """What the composer needs of the process."""

    @property
    def customers(self) -> Customers:
        """The channels to customers."""

    @property
    def people(self) -> People:
        """The directory."""


async def prefill_composer(
    services: ComposerServices,
    kind: MessageKind,
    case: CaseFacts,
    viewer: PersonFacts,
    resolution: ResolutionType | None = None,
) -> Mapping[str, Any]:
    """Return what the composer opens with, by the names of its parts.

    ``resolution`` is what was chosen in the form that resolves, before it is stored.

    - ``text``: the approved words, empty when a fact they need is not known; of a legal case plain
      words that hold the line, whatever the kind.
    - ``words``: the version in force, or None; ``expired``: versions that would be used had they
      not expired.
    - ``next_update_at``: the suggested promise, an instant.
    - ``recipient``: the contact's name and address, with a comma.
    - ``mails``: the app itself can mail it; ``desk``: the help desk in which it can answer, or
      None; ``shared``: it can post it in the customer's channel.
    - ``approvers``: user ids of those who would be asked, empty where no second person is wanted.
    - ``may_offer``: the money in euro that the viewer's words may offer, in words; empty for none.
    """
    today = library.day_of(services.clock.now(), ZoneInfo(services.policy.timezone))
    async with services.database.read() as session:
        found = await library.list_versions(session, kind, case.language)
        account = case.account.key if case.account else None
        shared = await find_shared_place(session, case.number, account)
    plain = case.legal and kind is not MessageKind.LEGAL_HOLDING  # no words fit it
    words = None if plain else library.in_force(found, today)
    promise = suggested_promise(services.policy, case, services.clock.now())
    # Words that have expired are not offered.
    text = await fill_template(services, words, case, viewer, resolution) if words else ""
    return {
        "text": _holding(services, kind, case, viewer, promise) if plain else text,
        "words": words,
        "expired": () if plain else tuple(library.expired_versions(found, today)),
        "next_update_at": promise,
        "recipient": _recipient(case),
        "mails": services.customers.mails and bool(case.contact_email),
        "shared": shared is not None,
        "desk": case.helpdesk if case.helpdesk in services.customers.helpdesks else None,
        "approvers": await _approvers(services, case, viewer),
        "may_offer": await _may_offer(services, case, viewer),
    }


def _holding(
    services: ComposerServices,
    kind: MessageKind,
    case: CaseFacts,
    viewer: PersonFacts,
    promise: datetime,
) -> str:
    """What is known while the cause is not, in the customer's language and zone.

    ``promise`` is the next update that it names.
    """
    zone = services.policy.zone_of(case.account)
    return holding_text(kind, case, case.language, viewer=viewer, zone=zone, next_update_at=promise)


async def fill_template(
    services: ComposerServices,
    words: TemplateFacts,
    case: CaseFacts,
    viewer: PersonFacts,
    resolution: ResolutionType | None = None,
) -> str:
    """A version of the words with the case's facts; empty when a fact it needs is not known."""
    setting = await _setting(services, case, viewer, resolution)
    body = words.body if words.id is not None else ""
    try:
        return approved_text(words.kind, case, words.language, setting, body=body)
    except (MissingFactError, BadTemplateError):
        return ""


async def write_to_many(
    services: WorkServices,
    kind: MessageKind,
    language: Language,
    sender: str,
    next_update_at: datetime,
    expected_on: date | None = None,
) -> str:
    """Return the words in force for a letter to many; empty where there are none.

    The promised time is told in the organisation's zone, which the text names. ``expected_on`` is
    when a known issue is expected to be fixed.
    """
    now, zone = services.clock.now(), services.policy.timezone
    today = library.day_of(now, ZoneInfo(zone))
    async with services.database.read() as session:
        words = library.in_force(await library.list_versions(session, kind, language), today)
    if words is None:
        return ""
    said = format_letter_moment(next_update_at, language, zone, now, zoned=True)
    body = words.body if words.id is not None else ""
    day = format_letter_day(expected_on, language, today) if expected_on else ""
    try:
        return text_to_many(
            kind, language, sender=sender, next_update=said, expected_on=day, body=body
        )
    except (MissingFactError, BadTemplateError):
        return ""


async def _setting(
    services: ComposerServices,
    case: CaseFacts,
    viewer: PersonFacts,
    resolution: ResolutionType | None,
) -> LetterSetting:
    """Who signs, who is named, which times are told: what a letter needs besides the case.

    The executive is the case's executive owner, else its sponsor.
    """
    policy, now = services.policy, services.clock.now()
    executive = case.roles.get(Role.EXECUTIVE_OWNER) or case.roles.get(Role.SPONSOR)
    return LetterSetting(
        viewer,
        manager=await services.people.person(case.owner),
        executive=await services.people.person(executive) if executive else None,
        zone=policy.zone_of(case.account),
        phone=policy.customer_phone,
        next_update_at=suggested_promise(policy, case, now),
        confirm_by=policy.due_by(case.severity, ClockKind.CUSTOMER_CONFIRMATION, now),
        targets=_targets(policy, case),
        resolution=resolution,
    )


def _recipient(case: CaseFacts) -> str:
    return ", ".join(part for part in (case.contact_name, case.contact_email) if part)


async def _approvers(
    services: ComposerServices, case: CaseFacts, viewer: PersonFacts
) -> Sequence[str]:
    """Who could approve the viewer's message, where the case asks for it whatever it says.

    Nobody, where it does not, or where there is no such case.
    """
    async with services.database.read() as session:
        row = await session.get(Case, case.number)
        if row is None:
            return ()
        if not await find_case_reason(session, services.policy, row, viewer.user_id):
            return ()
        return await authority.message_approvers(session, services.policy, viewer.user_id, row)


async def _may_offer(services: ComposerServices, case: CaseFacts, viewer: PersonFacts) -> str:
    """What the viewer may still offer on the case, as they read it; empty for nothing."""
    async with services.database.read() as session:
        allowed = await _allowance(services, session, case, viewer)
    return in_words(allowed.own, EURO) if allowed.own else ""


async def _allowance(
    services: ComposerServices, session: AsyncSession, case: CaseFacts, viewer: PersonFacts
) -> Allowance:
    row = await session.get(Case, case.number)
    if row is None:
        return NO_MONEY
    now = services.clock.now()
    return await money.money_allowance(session, services.policy, row, viewer.user_id, now)


async def unfilled_lines(services: ComposerServices, message: Composed) -> Sequence[str]:
    """Return the lines in brackets that were not replaced."""
    async with services.database.read() as session:
        return await message_check.open_placeholders(session, message.kind, message.text)


async def judge_message(
    services: ComposerServices, message: Composed, case: CaseFacts, viewer: PersonFacts
) -> Sequence[Finding]:
    """Return what is found in a message before it is sent.

    One that a second person approved is only held to the rules: advice on its style comes too late.
    """
    words = await prefill_composer(services, message.kind, case, viewer, message.resolution)
    manager = await services.people.person(case.owner)
    zone, now = services.policy.zone_of(case.account), services.clock.now()
    async with services.database.read() as session:
        known = await message_check.tone_setting(
            session,
            services.policy,
            case,
            message.kind,
            viewer=viewer.user_id,
            owner=manager.name,
            time=message_check.clock_time(message.next_update_at, now, zone),
            approved=words["text"],
            reader=viewer.language,
            letter=not message.spoken,
            allowance=await _allowance(services, session, case, viewer),
            liability=weigh_liability(services.policy, case, viewer.user_id),
        )
        approved = await _approved(services, session, message, case)
        playbooks = await _playbooks_of(session, case)
    found = lint_message(message.text, known)
    if approved:
        return message_check.only_stops(found)
    warned = find_warned(playbooks, message.text)
    return (*found, *(_as_finding(each, message.text, viewer.language) for each in warned))


async def _playbooks_of(session: AsyncSession, case: CaseFacts) -> list[Playbook]:
    """The playbooks by which the case is worked on, and those that fit it.

    One that was taken back warns only where it fits all the same.
    """
    query = select(AppliedPlaybook).where(
        col(AppliedPlaybook.case_number) == case.number, col(AppliedPlaybook.ended_at).is_(None)
    )
    rows = (await session.exec(query)).all()
    begun = {row.playbook: from_data(row.playbook, row.content) for row in rows}
    fit = {key: each for key, each in load_playbooks().items() if each.fits(case)}
    return [each for each in {**fit, **begun}.values() if each is not None]


def _as_finding(warned: Warned, text: str, reader: Language) -> Finding:
    """A warning with all that the playbook says never to do; it stops nothing.

    What it quotes is the writer's own text, at the place where it stands.
    """
    words = warned.playbook.wording(reader)
    never = f"{words.title}. {' '.join(words.never)}"
    better = tone_suggestion(Rule.PLAYBOOK.value, reader, reader, missing=never)
    start, end = warned.span
    return Finding(Rule.PLAYBOOK, start, end, text[start:end], better, Weight.WARN)


async def _approved(
    services: ComposerServices, session: AsyncSession, message: Composed, case: CaseFacts
) -> bool:
    """True when exactly this message was approved, be it for another author or too long ago."""
    row = await session.get(Case, case.number)
    if row is None:
        return False
    going = outgoing_message(
        services.customers,
        row,
        kind=message.kind,
        words=message.text,
        recipient=message.recipient,
        route=message.route,
        promised=message.next_update_at,
        shared=await shared_place_of(session, row, message.route),
    )
    return await find_draft(session, case.number, going.digest) is not None


def suggested_promise(policy: Policy, case: CaseFacts, now: datetime) -> datetime:
    """Return the latest quarter of an hour at which the next update keeps the policy's interval.

    Where the policy has no such interval, a day from now.
    """
    due = policy.due_by(case.severity, ClockKind.NEXT_UPDATE, now) or now + timedelta(days=1)
    return round_down_to_quarter(due, now)


def _targets(policy: Policy, case: CaseFacts) -> list[Target]:
    """The targets that customers are told, as far as the policy sets them in minutes."""
    clocks = policy.severity(case.severity).clocks
    found = []
    for kind in TOLD:
        clock = clocks.get(kind)
        if clock is not None and clock.target is not None and clock.target.minutes:
            within = timedelta(minutes=clock.target.minutes)
            hours = not policy.calendars[clock.calendar].never_closes
            found.append(Target(kind, within, working_time=hours))
    return found
