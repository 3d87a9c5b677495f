"""Where a request stands, as far as its sender may know.

Read anew each time the page is opened, without locks. The sender sees a stage, approved words and
a reference, but no reason for a decision, no person and no other report of the same candidate.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.steps import follow_merged
from bot.intake.form.requests import SOURCE, FormServices, NoFormError, read_claim
from bot.intake.signals import find_standing
from bot.rules.states import CandidateState
from bot.rules.tokens import LinkKind
from bot.rules.words import Language, Status
from storage.models import Case, CustomerLink, FormRequest

# What the sender is told of each decision; the texts are under ``page.request_``.
STAGES = {
    CandidateState.WAITING: "waiting",
    CandidateState.ESCALATED: "taken_on",
    CandidateState.ADDED: "taken_on",
    CandidateState.LOGGED: "logged",
    CandidateState.DISMISSED: "not_taken_on",
}
OVER = frozenset({Status.CLOSED, Status.DISMISSED})


@dataclass(frozen=True, slots=True)
class RequestStanding:
    """What a sender may know: ``stage`` is one of ``STAGES`` or ``over``, ``told`` approved words.

    ``reference`` is by what colleagues find it, ``page`` the address of the case's own page, ""
    where it is not shared.
    """

    reference: str
    language: Language
    stage: str
    received_at: datetime
    told: str
    page: str


async def open_standing(services: FormServices, token: str) -> RequestStanding:
    """Where the request behind a token stands now.

    The stage is ``over`` once the case is closed or dismissed; of a merged case the one in which it
    goes on counts. Raises NoFormError for a token that does not hold or is of another kind, and
    where there is no signal of the request, as before it is confirmed.
    """
    claim = read_claim(services, token)
    if claim.kind is not LinkKind.REQUEST:
        raise NoFormError
    async with services.database.read() as session:
        row = await session.get(FormRequest, claim.id)
        found = await find_standing(session, SOURCE, row.key) if row else None
        if row is None or found is None:
            raise NoFormError
        case = await _case_of(session, found.case)
        link = await _shared_page(session, case, services.clock.now()) if case else None
    over = case is not None and Status(case.status) in OVER
    number = f"CAN-{found.candidate}" if found.candidate else f"ESC-{found.case}"
    return RequestStanding(
        reference=number,
        language=Language(row.language),
        stage="over" if over else STAGES[found.state],
        received_at=found.received_at,
        told=found.told,
        page=services.customers.url(link.kind, link.id, link.expires_at) if link else "",
    )


async def _case_of(session: AsyncSession, number: int | None) -> Case | None:
    """The case of this number, or the one in which it goes on; None without a number."""
    case = await session.get(Case, number) if number is not None else None
    return await follow_merged(session, case) if case is not None else None


async def _shared_page(session: AsyncSession, case: Case, now: datetime) -> CustomerLink | None:
    """The newest status page of the case that can be opened now, and that may show it.

    Of a restricted case the page must be ``allowed``. None as well where only an older page would
    do: no other than the newest is looked at.
    """
    query = select(CustomerLink).where(
        col(CustomerLink.case_number) == case.number,
        col(CustomerLink.kind) == LinkKind.STATUS.value,
        col(CustomerLink.revoked_at).is_(None),
        col(CustomerLink.expires_at) > now,
    )
    link = (await session.exec(query.order_by(col(CustomerLink.id).desc()))).first()
    return link if link is not None and (link.allowed or not case.sensitive) else None
