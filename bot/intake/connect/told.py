"""Telling a thread in the customer's channel what became of it, once it was decided."""

from sqlmodel import col, select

from bot import effects
from bot.connect.links import channel_lane
from bot.core.reactions import CandidateDecided
from bot.engine.unit_of_work import UnitOfWork
from bot.intake.connect.events import queue_thread_look
from bot.intake.connect.threads import SAY, SOURCE
from bot.rules.states import CandidateState
from storage.models import ConnectThread, Signal

TO_A_CASE = frozenset({CandidateState.ESCALATED, CandidateState.ADDED})


async def tell_threads(work: UnitOfWork, event: CandidateDecided) -> None:
    """Say in each thread of the candidate what its sources are told; a case goes on hearing there.

    With a case and no words of the person who decided, it is said that a person works on it. What
    was dismissed without words is not spoken of. The rows of the threads are locked one after the
    other, in the order of their names; a thread that is not read is passed over. Each is looked
    into once more, since something may have been written there meanwhile. Reacts to
    CandidateDecided, in its transaction.
    """
    candidate = event.candidate
    query = select(Signal.thread).where(
        col(Signal.candidate) == candidate.id, col(Signal.source) == SOURCE
    )
    for named in sorted(set((await work.session.exec(query)).all())):
        channel, _, ts = named.rpartition(":")
        rows = select(ConnectThread).where(
            col(ConnectThread.channel_id) == channel, col(ConnectThread.ts) == ts
        )
        thread = (await work.session.exec(rows.with_for_update())).first()
        if thread is None:
            continue
        if candidate.state in TO_A_CASE:
            thread.case_number = candidate.case_number
            work.session.add(thread)
        _tell(work, thread, candidate.state, candidate.told)
        await work.session.flush()
        await queue_thread_look(work, channel, ts)


def _tell(work: UnitOfWork, thread: ConnectThread, state: CandidateState, told: str) -> None:
    """Queue what is said in one thread, if anything is.

    The effect ``SAY`` has ``channel``, ``thread``, ``account``, ``text`` (a key, empty where there
    are words) and ``words`` (in the customer's language, empty where there is a key).
    """
    text = "connect.escalated" if state in TO_A_CASE and not told else ""
    if not told and not text:
        return
    payload = {
        "channel": thread.channel_id,
        "thread": thread.ts,
        "account": thread.account_key,
        "text": text,
        "words": told,
    }
    lane = channel_lane(thread.channel_id)
    work.leave(SAY, lane, payload, priority=effects.INTERACTIVE)
