"""What is sent by the form: stored once under the form's ticket, confirmed where it must be.

By an account's link it is a signal at once, since the link says whose it is. By the public form it
is kept until a link in a mail to the typed address was opened and its button pressed; a program
that only opens links confirms nothing. To an address that was merely typed nothing else is sent.

There are no users here: all work is done as the system, and the token alone says what may be seen.
The web routes are in ``handlers/http/forms.py``, which also limits requests from one network
address and refuses what programs fill in.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Protocol

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import effects
from bot.customers.channels import Customers, Outside, require_channels
from bot.engine.actors import SYSTEM, Actor
from bot.engine.unit_of_work import UnitOfWork, WorkServices
from bot.errors import new_reference
from bot.intake.signals import take_in_signal
from bot.mail.requests import CONFIRM
from bot.people.account_domains import find_accounts_of
from bot.rules.intake import Arrival, Contact, Reason, redact_secrets
from bot.rules.intake.request_form import SEVERITIES, Given, Impact, find_mistakes, read_given
from bot.rules.prose.writing import written_language
from bot.rules.states import MessageState
from bot.rules.tokens import BadTokenError, LinkClaim, LinkKind
from bot.rules.words import Language
from messages.customers.request_pages import confirm_text
from messages.intake.writers import form_details
from storage.models import Account, FormLink, FormRequest, Mail
from storage.upsert import count_more, take_turns

SOURCE = "form"
PUBLIC = "public"  # which form it is, where it is of no account
OPEN_FOR = timedelta(hours=12)  # after which a form that was shown must be shown afresh
CONFIRM_WITHIN = timedelta(hours=24)
FOLLOWED_FOR = timedelta(days=180)  # for which a sender can see where it stands
HOUR = timedelta(hours=1)
PER_LINK, PER_ADDRESS, PUBLIC_IN_ALL = 60, 3, 60  # sent within an hour


class FormServices(WorkServices, Protocol):
    """What the form needs of the process."""

    @property
    def customers(self) -> Customers:
        """The channels to customers."""

    @property
    def outside(self) -> Outside:
        """What the administrator set for mail and pages."""

    async def happened(self) -> None:
        """Show what was committed outside Slack, and look at the clocks again."""


class NoFormError(Exception):
    """There is no such form or request; the reason is never told.

    Raised alike for a token that is altered, expired or of another kind, a link that was revoked,
    an account that is gone, a public form that is switched off, and a request that was forgotten.
    """


class RefusedError(Exception):
    """Nothing was stored: ``problems`` are fields with what is wrong, or ``reason`` says why.

    ``reason`` is ``stale`` for a form that was open too long, ``busy`` for too many at once. The
    values of ``problems`` are those of ``find_mistakes``; ``given`` is what was typed, to be shown
    again.
    """

    def __init__(
        self, given: Given, problems: Mapping[str, str] | None = None, reason: str = ""
    ) -> None:
        super().__init__(reason)
        self.given, self.problems, self.reason = given, dict(problems or {}), reason


class Form:
    """A form as it is shown: of one account (``account``), or the public one (None).

    ``name`` is ``form:<id of the FormLink>`` or ``public``. Tickets are signed for it, so that one
    of a form is worth nothing for another.
    """

    def __init__(self, link: FormLink | None, account: Account | None) -> None:
        self.link, self.account = link, account
        self.name = f"{LinkKind.FORM}:{link.id}" if link else PUBLIC


async def open_request_form(services: FormServices, token: str) -> Form:
    """The form behind a token, empty for the public one. Raises NoFormError."""
    if not token:
        if not services.outside.public_form:
            raise NoFormError
        return Form(None, None)
    claim = read_claim(services, token)
    if claim.kind is not LinkKind.FORM:
        raise NoFormError
    async with services.database.read() as session:
        return await _load_form(session, claim, services.clock.now())


async def _load_form(session: AsyncSession, claim: LinkClaim, now: datetime) -> Form:
    """The form of a claim that holds. Raises NoFormError where its row or account says otherwise.

    The row's own ``expires_at`` counts besides the token's.
    """
    link = await session.get(FormLink, claim.id)
    if link is None or link.revoked_at is not None or link.expires_at <= now:
        raise NoFormError
    account = await session.get(Account, link.account_key)
    if account is None:
        raise NoFormError
    return Form(link, account)


def read_claim(services: FormServices, token: str) -> LinkClaim:
    """What a token of these pages says. Raises NoFormError for one that does not hold.

    Only the signature and the time are looked at; no row is read, and ``kind`` may be any.
    """
    try:
        claim = services.customers.signer.read_link(token)
    except BadTokenError:
        raise NoFormError from None
    if claim.expires_at <= services.clock.now():
        raise NoFormError
    return claim


def new_ticket(services: FormServices, form: Form) -> str:
    """What the form carries, so that sending it twice is one request; good for ``OPEN_FOR``."""
    return services.customers.signer.form_ticket(form.name, services.clock.now())


async def send_form(
    services: FormServices, token: str, fields: Mapping[str, str], language: Language
) -> str:
    """Take what was sent; answers the token of where it stands, "" while it must be confirmed.

    The same form sent again changes nothing and answers the same. Raises NoFormError, RefusedError.

    ``fields`` are those of ``LIMITS`` with ``impact`` and ``ticket``; others are left out. The
    ticket is looked at before what was typed. ``language`` is that of the page, in which the person
    is answered. One transaction stores the request and its signal, or the request and its mail.
    """
    form = await open_request_form(services, token)
    given = read_given(fields)
    ticket = services.customers.signer.read_form_ticket(form.name, fields.get("ticket", ""))
    if ticket is None or services.clock.now() - ticket[1] > OPEN_FOR:
        raise RefusedError(given, reason="stale")
    if problems := find_mistakes(given, public=form.link is None):
        raise RefusedError(given, problems)
    key = f"{form.name}:{ticket[0]}"
    async with UnitOfWork.begin(services, Actor(SYSTEM, SOURCE), new_reference()) as work:
        row = await _store_once(work, form, key, given, language)
    await services.happened()
    return standing_token(services, row) if form.link else ""


async def _store_once(
    work: UnitOfWork, form: Form, key: str, given: Given, language: Language
) -> FormRequest:
    """The row of this ticket, made and acted on where there is none.

    Those that send the same ticket take turns until their transactions end. A row that is there is
    answered as it is, even where other words were sent with the ticket, and is not counted again.
    """
    await take_turns(work.session, key)
    known = select(FormRequest).where(col(FormRequest.key) == key)
    if (row := (await work.session.exec(known)).first()) is not None:
        return row
    await _count(work, form, given)
    account = form.account
    row = FormRequest(
        key=key,
        link=form.link.id if form.link else None,
        account_key=account.key if account else "",
        language=language.value,
        company=given.company,
        name=given.name,
        email=given.email,
        phone=given.phone,
        text=redact_secrets(given.text, language),
        impact=given.impact,
        made_at=work.now,
    )
    work.session.add(row)
    await work.session.flush()
    if account is not None:
        await _make_signal(work, row, account)
    else:
        row.expires_at = work.now + CONFIRM_WITHIN
        await _ask_confirmation(work, row)
    return row


async def _count(work: UnitOfWork, form: Form, given: Given) -> None:
    """Refuse what is too much within an hour; a refusal takes the counts back with it.

    An account's link has ``PER_LINK``. The public form has ``PER_ADDRESS`` for a typed address,
    in any case of letters, and ``PUBLIC_IN_ALL`` for everyone together. Counts lock their rows, so
    those that send by the public form wait for one another. Raises RefusedError ``busy``.
    """
    if form.link:
        counted = [(f"form:{form.link.id}", PER_LINK)]
    else:
        counted = [(f"form:{given.email.lower()}", PER_ADDRESS), ("form:public", PUBLIC_IN_ALL)]
    for who, most in counted:
        used, _ = await count_more(work.session, who, SOURCE, work.now, HOUR)
        if used > most:
            raise RefusedError(given, reason="busy")


async def _make_signal(work: UnitOfWork, row: FormRequest, account: Account | None) -> None:
    """Make the request a signal; what the person wrote is then no more in its own row.

    Without an account the customer is named by company and address together, so that it is never
    taken for an account of that name, and ``severity`` is left to the reasons, whatever impact was
    chosen. The signal's key is the row's own. The row keeps its language and impact, is confirmed
    from now on, and does not expire any more. The caller has locked it, or has just made it.
    """
    expected = Language(row.language)
    impact = Impact(row.impact)
    team = work.policy.languages[0]
    await take_in_signal(
        work,
        Arrival(
            source=SOURCE,
            key=row.key,
            text=row.text,
            happened_at=row.made_at,
            account=account.key if account else "",
            customer=account.name if account else f"{row.company} ({row.email})",
            contact=Contact(row.name, row.email, row.phone),
            language=written_language(row.text, expected),
            severity=SEVERITIES[impact] if account else None,
            reasons=(Reason.ASKED,),
            details=form_details(row.impact, row.company, team),
        ),
    )
    row.confirmed_at, row.expires_at = work.now, None
    row.company = row.name = row.email = row.phone = row.text = ""
    work.session.add(row)


async def _ask_confirmation(work: UnitOfWork, row: FormRequest) -> None:
    """Queue the mail with the link by which the address is confirmed.

    The ``mail`` row's ``reading`` is JSON: ``language`` (a code), ``name`` and ``reference``, both
    "", and ``url`` of the confirmation, which ends when the row does. The caller has set
    ``expires_at`` and flushed the row.
    """
    channels = require_channels(work)
    assert channels.mailer is not None  # the settings demand it of the public form
    assert row.expires_at is not None
    language = Language(row.language)
    subject, text = confirm_text(row.expires_at, work.policy.customer_company, language)
    queued = await work.queue("mail", f"mailbox:{row.email.lower()}", priority=effects.INTERACTIVE)
    work.session.add(
        Mail(
            direction="out",
            kind=CONFIRM,
            message_id=channels.signer.message_id(queued, channels.mailer.domain),
            subject=subject,
            recipient=row.email,
            text=text,
            outbox_id=queued,
            state=MessageState.QUEUED,
            reading={
                "language": language.value, "name": "", "reference": "",
                "url": channels.form_url(LinkKind.CONFIRM, row.id, row.expires_at),
            },
            at=work.now,
        )
    )  # fmt: skip


async def open_confirmation(services: FormServices, token: str) -> FormRequest:
    """The request that a confirmation link is about; opening it changes nothing.

    One that is confirmed already is answered too, without the words. Raises NoFormError, also for
    one that was forgotten, since it was not confirmed in time.
    """
    claim = read_claim(services, token)
    async with services.database.read() as session:
        row = await session.get(FormRequest, claim.id)
    if claim.kind is not LinkKind.CONFIRM or row is None or row.link is not None:
        raise NoFormError
    return row


async def confirm_request(services: FormServices, token: str) -> str:
    """Make the request a signal, once; answers the token of where it stands.

    An address of one account's own domain makes the request that account's, as with a verified
    mail; where several accounts have it, the request is of none. Locks the row, so that a button
    pressed twice makes one signal and answers the same. Raises NoFormError.
    """
    number = (await open_confirmation(services, token)).id
    async with UnitOfWork.begin(services, Actor(SYSTEM, SOURCE), new_reference()) as work:
        query = select(FormRequest).where(col(FormRequest.id) == number).with_for_update()
        row = (await work.session.exec(query)).one_or_none()
        if row is None:
            raise NoFormError
        if row.confirmed_at is None:
            found = await find_accounts_of(work.session, row.email)
            await _make_signal(work, row, found[0] if len(found) == 1 else None)
    await services.happened()
    return standing_token(services, row)


def standing_token(services: FormServices, row: FormRequest) -> str:
    """The token of the page that says where a request stands.

    It is the same each time for one row, and ends ``FOLLOWED_FOR`` after the form was sent.
    """
    until = row.made_at + FOLLOWED_FOR
    return services.customers.signer.link(LinkClaim(LinkKind.REQUEST, row.id, until))
