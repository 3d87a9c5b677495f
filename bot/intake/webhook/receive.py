"""A signed report taken in: its nonce is used up and its signal stored in one transaction.

So a report whose answer was lost is answered as before when its sender signs it anew, and one that
was recorded by a stranger on its way is refused. The route is in ``handlers/http/intake.py``, which
has checked signature and shape.
"""

from typing import Protocol

import structlog
from prometheus_client import Counter
from sqlalchemy.exc import IntegrityError
from sqlmodel import select

from bot.customers.channels import Outside
from bot.engine.actors import SYSTEM, Actor
from bot.engine.unit_of_work import UnitOfWork, WorkServices
from bot.errors import new_reference
from bot.intake.signals import SignalStanding, find_standing, take_in_signal
from bot.intake.webhook.answers import ReportAnswer
from bot.intake.webhook.arrivals import read_arrival
from bot.intake.webhook.report import Report
from bot.rules.states import InboxState
from storage.models import Inbox

REPORTS = Counter(
    "desk_intake_reports_total",
    "Requests to the signed webhook, by source and what became of them",
    ["source", "outcome"],
)
NONCE = "intake_nonce"  # the verb of the inbox's rows that remember nonces

log = structlog.get_logger()


class Replayed(Exception):
    """The nonce was here before; nothing was stored."""


class ReportServices(WorkServices, Protocol):
    """What the webhook needs of the process."""

    @property
    def outside(self) -> Outside:
        """What the administrator set: the sources and their secrets."""

    async def happened(self) -> None:
        """Show what was committed outside Slack, and look at the clocks again."""


def count_report(source: str, outcome: str) -> None:
    """Count a request in ``desk_intake_reports_total``, and log it.

    ``outcome`` is ``new``, ``repeated``, ``asked``, or the code of a refusal. ``source`` must be
    one that is set up, or ``unknown``, so that strangers make no series. What may be an attack,
    ``unsigned`` and ``replayed``, is logged as a warning.
    """
    REPORTS.labels(source, outcome).inc()
    level = log.warning if outcome in ("unsigned", "replayed") else log.info
    level("report_heard", source=source, outcome=outcome)


async def receive_report(
    services: ReportServices, source: str, nonce: str, report: Report
) -> tuple[ReportAnswer, bool]:
    """Take in a report; answers what became of it, and whether it is new.

    The caller has checked the signature, which covers ``nonce``, and that ``source`` is set up. The
    nonce and the signal commit together; a repetition uses up its nonce and changes nothing else.
    The answer is what stands in the store at that moment. Raises Replayed, then nothing is stored.
    """
    async with UnitOfWork.begin(services, Actor(SYSTEM, source), new_reference()) as work:
        await _use_up(work, source, nonce)
        arrival, remarks = await read_arrival(work, source, report)
        taken = await take_in_signal(work, arrival)
        await work.session.flush()
        standing = await find_standing(work.session, source, report.key)
        assert standing is not None  # it was stored just now, or before
        answer = _answer(source, report.key, standing, remarks)
    await services.happened()
    return answer, taken.outcome != "repeated"


async def find_answer(
    services: ReportServices, source: str, nonce: str, key: str
) -> ReportAnswer | None:
    """What became of a report; None where the source has none of this key. Raises Replayed.

    The nonce is used up also where there is none. The answer has no remarks.
    """
    async with UnitOfWork.begin(services, Actor(SYSTEM, source), new_reference()) as work:
        await _use_up(work, source, nonce)
        standing = await find_standing(work.session, source, key)
    return None if standing is None else _answer(source, key, standing, [])


async def _use_up(work: UnitOfWork, source: str, nonce: str) -> None:
    """Remember a nonce as a row of the inbox that is done already. Raises Replayed.

    Nonces are each source's own. Where two requests with one nonce come at the same moment, the
    unique key of the inbox refuses the second, and its transaction must end. Such rows are kept for
    longer than a signature is good (``bot/operations/pruning.py``).
    """
    key = f"intake:{source}:{nonce}"
    known = await work.session.exec(select(Inbox.id).where(Inbox.key == key))
    if known.first() is not None:
        raise Replayed
    work.session.add(
        Inbox(
            key=key,
            verb=NONCE,
            actor=SYSTEM,
            source=source,
            state=InboxState.DONE,
            correlation=work.correlation,
            received_at=work.now,
        )
    )
    try:
        await work.session.flush()
    except IntegrityError:  # the same request came twice at this moment
        raise Replayed from None


def _answer(source: str, key: str, standing: SignalStanding, remarks: list[str]) -> ReportAnswer:
    """The answer's ``reference`` is the candidate's where there is one, else the case's."""
    case = f"ESC-{standing.case}" if standing.case else ""
    given = {
        "reference": f"CAN-{standing.candidate}" if standing.candidate else case,
        "source": source,
        "key": key,
        "state": standing.state.value,
        "case": case,
        "told": standing.told,
        "decided_at": standing.decided_at,
        "remarks": remarks,
    }
    return ReportAnswer.model_validate(given)
