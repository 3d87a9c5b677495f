"""The message about a candidate: posted once, then kept as the candidate is.

The effect's payload is ``candidate``, its id; all else is read when it is performed. It stands in
the triage channel, or in the direct messages of the person who is to decide.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.core.case_selection import is_public_case
from bot.core.facts.amounts import account_for, withhold
from bot.core.snapshot import account_facts
from bot.engine.delivery import Delivery, EffectResult
from bot.engine.outbox_claims import Job
from bot.intake.candidates import find_place, may_undo
from bot.intake.sources import find_live_cases
from bot.rules.facts import CandidateFacts, SignalFacts, UndoneFacts
from bot.rules.intake import Reason
from bot.rules.states import CandidateState
from bot.rules.words import Language, Severity, Trigger
from bot.slack.posts import edit_message, post_to_person, posted, save_place
from bot.slack.presenter import team_language
from messages.clients.slack import SlackRefused
from messages.intake.candidate import candidate_message, withdrawn_message
from messages.kit.blocks import Message
from storage.models import Account, Candidate, Signal

SHOWN = 3  # signals in one message, the newest
LIVE_SHOWN = 3  # cases to which it may be added
CLOSED = frozenset({"channel_not_found", "is_archived", "not_in_channel", "restricted_action"})
DIRECT = "D"  # with which the id of a conversation with one person begins
GONE = frozenset({"message_not_found", "cant_update_message"}) | CLOSED


async def perform_candidate(delivery: Delivery, job: Job) -> EffectResult:
    """Post it the first time, then keep it true; one that was deleted is posted anew.

    Where the channel takes no posts of ours it goes to the candidate's owner. In a direct message
    it is in that person's language, in the channel in the team's. One that was restricted after it
    was posted in the triage channel is withdrawn there and posted to its owner. The result has
    ``channel`` and ``ts`` of a new message, ``ts`` of one that was edited, and is empty where there
    is no place.

    No transaction is open while Slack is asked. Raises what ``Delivery.call`` raises, but for
    refusals that mean that the message or the channel is gone.
    """
    async with delivery.services.database.read() as session:
        candidate = await session.get_one(Candidate, job.row.payload["candidate"])
        facts = await load_candidate(session, candidate, delivery.services.clock.now())
    place, personal = find_place(delivery.services.policy, candidate)
    if not place:
        return EffectResult()  # App Home and /escalate triage have it
    language = team_language(delivery)
    if personal:
        language = (await delivery.services.people.surely(place)).language
    account = withhold(facts.account)
    if personal:
        account = account_for(delivery.services.policy, place, facts.account)
    message = candidate_message(replace(facts, account=account), language)
    if candidate.ts and personal and not candidate.channel.startswith(DIRECT):
        hidden = withdrawn_message(facts, team_language(delivery))  # it was restricted since
        await _edit(delivery, candidate, hidden)
    elif candidate.ts and await _edit(delivery, candidate, message):
        return EffectResult({"ts": candidate.ts})
    if not personal:
        try:
            sent = await posted(delivery, job, place, message)
        except SlackRefused as refused:
            if refused.code not in CLOSED or candidate.owner is None:
                raise
            place = candidate.owner  # better in one person's messages than nowhere
        else:
            result = EffectResult({"channel": sent.channel, "ts": sent.ts})
            return EffectResult(result.result, save_place(Candidate, candidate.id, result))
    told = await post_to_person(delivery, job, place, message)
    return EffectResult(told.result, save_place(Candidate, candidate.id, told))


async def _edit(delivery: Delivery, candidate: Candidate, message: Message) -> bool:
    """Edit the message where it stands; False where it is there no more."""
    try:
        await edit_message(delivery, candidate.channel, candidate.ts, message)
    except SlackRefused as refused:
        if refused.code not in GONE:
            raise
        return False
    return True


async def load_candidate(session: AsyncSession, row: Candidate, now: datetime) -> CandidateFacts:
    """What is known of the candidate, for a reader who may know of it. Locks nothing.

    The caller has checked that. The account is None where the candidate has none or it is gone. Of
    the signals the ``SHOWN`` newest are there, the newest first; of the customer's live cases the
    numbers of up to ``LIVE_SHOWN`` that are not restricted. ``now`` decides whether the decision
    can still be taken back.
    """
    key = row.account_key
    account = await session.get(Account, key) if key else None
    query = select(Signal).where(col(Signal.candidate) == row.id)
    newest = (await session.exec(query.order_by(col(Signal.id).desc()).limit(SHOWN))).all()
    live = await find_live_cases(session, key or "", row.customer, is_public_case(), LIVE_SHOWN)
    return CandidateFacts(
        id=row.id,
        customer=row.customer,
        account=account_facts(account) if account else None,
        contact_name=row.contact_name,
        contact_email=row.contact_email,
        contact_phone=row.contact_phone,
        language=Language(row.language),
        stake=row.stake,
        severity=Severity(row.severity),
        trigger=Trigger(row.trigger),
        reasons=tuple(Reason(each) for each in row.reasons.get("found", ())),
        sensitive=row.sensitive,
        state=row.state,
        count=row.signals,
        signals=_signals(newest),
        happened_at=row.happened_at,
        received_at=row.received_at,
        owner=row.owner,
        live=tuple(case.number for case in live) if row.customer or key else (),
        decided_by=row.decided_by,
        decided_at=row.decided_at,
        why=row.why,
        told=row.told,
        case_number=row.case_number,
        issue=row.issue,
        undone=_undone(row),
        may_undo=may_undo(row, now),
    )


def _undone(row: Candidate) -> UndoneFacts | None:
    """The decision that was taken back last, from ``Candidate.undone``; None where none was."""
    kept = row.undone
    if not kept:
        return None
    return UndoneFacts(
        CandidateState(kept["state"]),
        kept["by"],
        datetime.fromisoformat(kept["at"]),
        kept["undone_by"],
        datetime.fromisoformat(kept["undone_at"]),
        kept["told"],
    )


def _signals(rows: Sequence[Signal]) -> tuple[SignalFacts, ...]:
    return tuple(
        SignalFacts(
            source=row.source,
            text=row.text,
            happened_at=row.happened_at,
            received_at=row.received_at,
            link=row.link,
            rating=row.rating,
            reported_by=row.reported_by,
            contact_name=row.contact_name,
            contact_email=row.contact_email,
            contact_phone=row.contact_phone,
            details=row.details,
        )
        for row in rows
    )
