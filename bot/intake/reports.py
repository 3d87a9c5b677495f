"""A report taken in: it opens a case, or is added to the live case that it is about already.

The same message and the same ticket always lead to the same live case. That the customer has a case
already is only offered: the person who reports says whether it is the same. What was typed is never
lost: where the case has ended meanwhile, the report opens one of its own.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from bot import effects
from bot.cases.open import OpenCase, open_case
from bot.core.access import exists_for, require_permission, role_holders
from bot.core.case_selection import shown_to
from bot.core.reactions import CaseResolved
from bot.core.steps import (
    authorize_case,
    case_answer,
    refresh_card,
    severity_of,
    tell_lead_in_focus,
)
from bot.engine.actors import SYSTEM
from bot.engine.inbox import Answer
from bot.engine.unit_of_work import UnitOfWork
from bot.intake.candidates import lock_candidate, settle_candidate
from bot.intake.sources import find_same_source, read_source
from bot.rules.lifecycle import fits_status
from bot.rules.states import CandidateState
from bot.rules.words import Status, Trigger
from storage.models import Candidate, Case, CaseReport, Signal
from storage.upsert import take_turns

ADDS = "add_report"  # the row of the permission table, and the entry of the timeline
BY_WORD = "/escalate"  # where a report came from that names no message and no ticket


@dataclass(frozen=True, slots=True)
class Report:
    """What was said once more: by whom, from where (an address, or the name of a source).

    ``by`` is a Slack user id, or ``SYSTEM`` where no colleague reported it. ``link`` is empty for a
    report that names no source. ``count`` is how many reports it stands for: a candidate's signals
    are added at once.
    """

    stake: str
    by: str
    link: str
    count: int = 1


async def take_in_report(work: UnitOfWork, intent: OpenCase) -> Answer | None:
    """Open a case, or add the report to the one that it is about already.

    That is the live case of the same message or ticket, else the one that was chosen, as far as the
    reporter may read it. Two reports of one source at the same moment make one case. A report that
    is to be restricted is added to no case that everybody reads: it opens one of its own, as does
    one that belongs to a case which ended before it was locked; either is at least as severe as
    that case. With ``candidate`` the source is not looked for.

    The answer is ``notice:report_taken`` with ``count`` (the reports of the case) and ``way``
    (``message``, ``ticket``, or empty for a chosen case); None where a case was opened. Raises as
    ``open_case`` does, and as ``lock_candidate`` for a candidate.
    """
    await require_permission(work, None, "open_case")
    if intent.candidate is not None:
        return await _escalate_candidate(work, intent, intent.candidate)
    number, way = await _find_known(work, intent)
    if number is None:
        case = await open_case(work, intent)
        await _say_call_back(work, case, intent.contact_name, intent.call_back)
        return None
    case = await authorize_case(work, number, ADDS)
    ended = not fits_status(Status(case.status), ADDS)  # between the look and the lock
    secret = intent.sensitive or intent.trigger is Trigger.LEGAL
    if ended or (secret and not case.sensitive):
        case = await open_case(work, _as_severe(intent, case))
        await _say_call_back(work, case, intent.contact_name, intent.call_back)
        return None
    link = intent.source_link or intent.ticket_url
    await _add_report(work, case, intent, link=link)
    await _say_call_back(work, case, intent.contact_name, intent.call_back)
    return case_answer(case, "notice:report_taken", count=case.reports, way=way)


async def _escalate_candidate(work: UnitOfWork, intent: OpenCase, number: int) -> Answer | None:
    """Open a case of what arrived, or add it to the live one that was chosen instead.

    The chosen one is taken only where it is live, and restricted if the candidate is or the intent
    wants it; else a case is opened. The case's clocks run from when it reached us. It is restricted
    if either the intent or the candidate is, and counts each signal as a report. The candidate is
    locked before the case. Raises as ``lock_candidate`` and ``open_case`` do, and ``no_such_case``
    for a restricted case that the actor is not on.
    """
    candidate = await lock_candidate(work, number, "open_case")
    if intent.same_as is not None:
        case = await authorize_case(work, intent.same_as, ADDS)
        secret = intent.sensitive or candidate.sensitive or intent.trigger is Trigger.LEGAL
        if fits_status(Status(case.status), ADDS) and (case.sensitive or not secret):
            await add_candidate_to_case(work, case, candidate)
            return case_answer(case, "notice:report_taken", count=case.reports, way="")
    asked = {
        "sensitive": intent.sensitive or candidate.sensitive,
        "reported_at": intent.reported_at or _said_before(candidate),
    }
    case = await open_case(work, intent.model_copy(update=asked), candidate.received_at)
    case.reports = candidate.signals
    name, phone = candidate.contact_name, candidate.contact_phone
    await _say_call_back(work, case, intent.contact_name or name, phone)
    await settle_candidate(work, candidate, CandidateState.ESCALATED, case=case.number)
    return None


async def _say_call_back(work: UnitOfWork, case: Case, name: str, phone: str) -> None:
    """Say in the case's channel at which number the customer is called back, if there is one.

    The post ``notice:call_back`` has ``caller``, which may be empty, and ``phone``.
    """
    if phone:
        said = {"caller": name, "phone": phone}
        await effects.queue_post(work, case, "notice:call_back", said)


def _said_before(candidate: Candidate) -> datetime | None:
    """When the customer said it, where that was before it reached us."""
    earlier = candidate.happened_at < candidate.received_at
    return candidate.happened_at if earlier else None


async def add_candidate_to_case(work: UnitOfWork, case: Case, candidate: Candidate) -> None:
    """Count what arrived as further reports of the case, and settle the candidate.

    All signals count, but there is one post and one row of ``CaseReport``, in the words of the
    first signal, with the address of the newest. The actor is who reported it. Both are locked by
    the caller, who has checked that no more people may read the case than the candidate.
    """
    link = await _newest_link(work, candidate)
    said = Report(candidate.stake, work.actor.user_id, link, candidate.signals)
    await _add_reports(work, case, said)
    await _say_call_back(work, case, candidate.contact_name, candidate.contact_phone)
    await settle_candidate(work, candidate, CandidateState.ADDED, case=case.number)


async def _newest_link(work: UnitOfWork, candidate: Candidate) -> str:
    """The address of the candidate's newest signal, else the name of its source."""
    query = select(Signal.link, Signal.source).where(col(Signal.candidate) == candidate.id)
    link, source = (await work.session.exec(query.order_by(col(Signal.id).desc()))).first() or (
        "",
        "",
    )
    return link or source


async def add_signal(work: UnitOfWork, case: Case, signal: Signal) -> None:
    """Count something that arrived in the thread of a case as a further report of it.

    The case is locked by the caller. The reporter is the colleague who reported the signal, else
    the app; the words are those of the row, without secrets.
    """
    by = signal.reported_by or SYSTEM
    await _add_reports(work, case, Report(signal.text, by, signal.link or signal.source))


async def _find_known(work: UnitOfWork, intent: OpenCase) -> tuple[int | None, str]:
    """The number of the case that the report belongs to, and by what it is known.

    That is ``message``, ``ticket``, or empty for one that was chosen, whatever its status. No
    number for a case that the reporter may not read, as for none. Reports of the same message or
    ticket take turns from here to the end of the transaction, the message first; no case is locked.
    """
    shown = shown_to(work.policy, work.actor.user_id, "list")
    source = read_source(work, intent.source_link, intent.ticket_url)
    for name in source.names:
        await take_turns(work.session, name)
    found = await find_same_source(work.session, source, shown)
    if found is not None:
        return found[0].number, found[1]
    if intent.same_as is None:
        return None, ""
    chosen = select(Case.number).where(col(Case.number) == intent.same_as, shown)
    return (await work.session.exec(chosen)).first(), ""


def _as_severe(intent: OpenCase, ended: Case) -> OpenCase:
    """The intent, at least as severe as the case to which it was to be added."""
    graver = min(intent.severity, severity_of(ended))
    return intent.model_copy(update={"severity": graver})


async def _add_report(work: UnitOfWork, case: Case, intent: OpenCase, *, link: str) -> None:
    """Add what was typed, with a row that keeps message and ticket apart."""
    row = CaseReport(
        case_number=case.number,
        reporter=work.actor.user_id,
        stake=intent.stake,
        source_link=intent.source_link,
        ticket_url=intent.ticket_url,
        at=work.now,
    )
    await _add_reports(work, case, Report(intent.stake, work.actor.user_id, link), row)


async def _add_reports(
    work: UnitOfWork, case: Case, report: Report, row: CaseReport | None = None
) -> None:
    """Count the report and show it: one post, one entry, one direct message to the owner.

    No clock moves: the customer waits since the first report. Timeline ``add_report``: ``count``,
    and ``link``, the message, ticket or source that it came from, else ``/escalate``; the stake is
    the why.
    """
    address = report.link if report.link.startswith("https:") else ""  # message or ticket, or both
    case.reports += report.count
    case.last_report_at = work.now
    work.session.add(
        row
        or CaseReport(
            case_number=case.number,
            reporter=report.by,
            stake=report.stake,
            source_link=address,
            ticket_url=address,
            at=work.now,
        )
    )
    kept = {"count": case.reports, "link": report.link or BY_WORD}
    work.note(case, ADDS, after=kept, why=report.stake)
    said = {
        "by": report.by, "summary": report.stake, "link": report.link, "count": case.reports,
    }  # fmt: skip
    await effects.queue_post(work, case, "notice:report_added", said)
    if case.owner != work.actor.user_id:
        await effects.queue_dm(work, case.owner, "notice:report_added", case, said)
    await tell_lead_in_focus(work, case, "notice:report_added", said)
    await refresh_card(work, case)


async def tell_reporters(work: UnitOfWork, event: CaseResolved) -> None:
    """Tell those who added a report that the case is resolved, each once.

    Not those who have a part in it anyway: they hear it as the policy says. Those for
    whom the case exists no more hear nothing. The app, which adds what arrives in a thread, is no
    reporter. A case with one report is not looked at. Reacts to CaseResolved, in its transaction.
    """
    case = event.case
    if case.reports == 1:
        return
    rows = select(CaseReport.reporter).where(col(CaseReport.case_number) == case.number)
    told = {work.actor.user_id, case.reporter, case.owner, SYSTEM}
    told |= set((await role_holders(work.session, case)).values())
    for user in sorted(set((await work.session.exec(rows)).all()) - told):
        if await exists_for(work.session, work.policy, case, user):
            await effects.queue_dm(work, user, "notice:report_resolved", case)
