"""What follows from a case that ends: its customer may be nominated for the programme."""

from bot import effects
from bot.core.reactions import CaseClosed
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.words import ClosureCode, Role
from bot.sponsorship.offers import programme_leads
from bot.sponsorship.rows import find_membership, load_programme
from bot.sponsorship.score import suggest_score
from storage.in_hand import account_of, rows_about
from storage.models import Case, CaseRole


async def offer_nomination(work: UnitOfWork, event: CaseClosed) -> None:
    """Offer the owner of an executive case to nominate its customer, by one press.

    The leads are offered it where the case has no owner. Not of a restricted case, nor of a
    duplicate; not while the programme is inactive, nor for an account that is in it. The extra of
    ``sponsorship:nominate``: ``case``, ``customer`` (name), ``account`` (key), ``sponsor`` (empty
    where none is known), the suggested ``score``, and ``reason``, of 200 characters at most.
    """
    case = event.case
    if not case.executive or case.sensitive or case.closure_code == ClosureCode.DUPLICATE:
        return
    account = await account_of(work.session, case)
    if account is None or await find_membership(work.session, account.key) is not None:
        return
    if not (await load_programme(work.session)).active:
        return
    sponsor = account.sponsor or await _executive_of(work, case)
    said = {
        "case": case.number, "customer": account.name, "account": account.key,
        "sponsor": sponsor or "", "score": await suggest_score(work.session, account, work.now),
        "reason": case.executive_reason[:200],
    }  # fmt: skip
    for user in [case.owner] if case.owner else programme_leads(work):
        await effects.queue_dm(work, user, "sponsorship:nominate", None, said)


async def _executive_of(work: UnitOfWork, case: Case) -> str | None:
    """The executive owner by the roles of the case; None where no one has that role."""
    roles = await rows_about(work.session, CaseRole, case.number)
    return next((row.user_id for row in roles if row.role == Role.EXECUTIVE_OWNER), None)
