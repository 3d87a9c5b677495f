"""The way into the programme: an account is nominated, and offered to its sponsor."""

from datetime import date
from typing import ClassVar

from bot.core.access import require_permission
from bot.engine.inbox import Answer
from bot.engine.intent import (
    AllowanceKind,
    Hidden,
    Intent,
    LocalDate,
    OptionalLine,
    OptionalText,
    Past,
    SlackUser,
)
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.states import SponsorshipState
from bot.sponsorship.offers import offer_or_wait
from bot.sponsorship.programme import require_active
from bot.sponsorship.rows import (
    describe_membership,
    find_membership,
    lock_account,
    today_of,
)
from storage.models import Account, Case, Sponsorship

SCORE_MAX = 100


class NominateSponsorship(Intent):
    """Propose an account for the programme.

    ``account`` is its key, ``customer`` its name, which is only for the eye. ``case`` is the case
    that gave rise to it, whose executive reason stands where no ``reason`` is given. ``consent_by``
    is the customer's contact who consented; it may be known later, but nothing begins without it.
    """

    verb: ClassVar[str] = "nominate_sponsorship"
    allowance: ClassVar[AllowanceKind | None] = AllowanceKind.REQUESTS
    account: OptionalLine = ""
    customer: OptionalLine = ""
    sponsor: SlackUser
    deputy: SlackUser | None = None
    reason: OptionalText = ""
    score: int
    consent_by: OptionalLine = ""
    consent_on: Past[LocalDate | None] = None
    case: Hidden[int | None] = None


async def nominate_sponsorship(work: UnitOfWork, intent: NominateSponsorship) -> Answer | None:
    """Nominate an account: its sponsor is asked where they have a place, else it waits for one.

    Raises UserError ``programme_inactive``, ``programme_unsigned``, ``no_such_account``,
    ``already_sponsored`` (``sponsorship_state``), ``case_of_another_customer``, ``odd_score``
    (``most``), ``deputy_is_sponsor``, ``reason_needed``.
    """
    case = await work.case(intent.case) if intent.case is not None else None
    await require_permission(work, case, "nominate_sponsorship")
    await require_active(work)
    account = await lock_account(work, intent.account)
    reason = _check(intent, case, account)
    known = await find_membership(work.session, account.key)
    if known is not None:
        raise UserError(
            "already_sponsored", customer=account.name, sponsorship_state=known.state.value
        )
    row = _build_row(work, intent, account, reason)
    work.session.add(row)
    await work.session.flush()
    place = await offer_or_wait(work, row, intent.sponsor)
    said = {**describe_membership(row), "place": place, "most": work.policy.accounts_per_sponsor}
    return Answer(text="sponsorship:nominated", extra=said)


def _check(intent: NominateSponsorship, case: Case | None, account: Account) -> str:
    """The reason that counts, once all else is in order."""
    if case is not None and case.account_key != account.key:
        raise UserError("case_of_another_customer")
    if not 0 <= intent.score <= SCORE_MAX:
        raise UserError("odd_score", most=SCORE_MAX)
    if intent.deputy == intent.sponsor:
        raise UserError("deputy_is_sponsor")
    reason = intent.reason or (case.executive_reason if case and not case.sensitive else "")
    if not reason:
        raise UserError("reason_needed")
    return reason


def _build_row(
    work: UnitOfWork, intent: NominateSponsorship, account: Account, reason: str
) -> Sponsorship:
    """A membership that waits for a sponsor. Raises UserError as ``consent_day`` does."""
    return Sponsorship(
        account_key=account.key,
        live_key=account.key,
        customer=account.name,
        state=SponsorshipState.WAITING,
        sponsor=intent.sponsor,
        deputy=intent.deputy,
        reason=reason,
        score=intent.score,
        case_number=intent.case,
        nominated_by=work.actor.user_id,
        nominated_at=work.now,
        consent_by=intent.consent_by,
        consent_on=consent_day(work, intent.consent_by, intent.consent_on),
    )


def consent_day(work: UnitOfWork, by: str, day: date | None) -> date | None:
    """The day of a consent: today where only who gave it is said; None without one."""
    return (day or today_of(work)) if by else None
