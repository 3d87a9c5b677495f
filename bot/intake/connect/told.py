"""Telling a thread in the customer's channel what became of it, once it was decided."""

from sqlmodel import col, select

from bot import effects
from bot.connect.links import channel_lane, find_thread
from bot.core.reactions import CandidateDecided, DecisionUndone
from bot.engine.unit_of_work import UnitOfWork
from bot.intake.connect.events import queue_thread_look
from bot.intake.connect.threads import SAY, SOURCE
from bot.rules.states import CandidateState
from storage.models import Candidate, ConnectThread, Signal

TO_A_CASE = frozenset({CandidateState.ESCALATED, CandidateState.ADDED})


async def tell_threads(work: UnitOfWork, event: CandidateDecided) -> None:
    """Say in each thread of the candidate what its sources are told; a case goes on hearing there.

    With a case and no words of the person who decided, it is said that a person works on it. What
    was dismissed without words is not spoken of. The threads are locked after the candidate and its
    case; one that is not read is passed over. Each is looked into once more, since something may
    have been written there meanwhile. Reacts to CandidateDecided, in its transaction.
    """
    candidate = event.candidate
    for thread in await _lock_threads(work, candidate):
        if candidate.state in TO_A_CASE:
            thread.case_number = candidate.case_number
            work.session.add(thread)
        told = candidate.told
        text = "connect.escalated" if candidate.state in TO_A_CASE and not told else ""
        _tell(work, thread, text, told)
        await work.session.flush()
        await queue_thread_look(work, thread.channel_id, thread.ts)


async def tell_threads_again(work: UnitOfWork, event: DecisionUndone) -> None:
    """Say in each thread that it is looked at again, where something was said of the decision.

    Reacts to DecisionUndone, in its transaction.
    """
    if event.candidate.undone["told"]:
        for thread in await _lock_threads(work, event.candidate):
            _tell(work, thread, "connect.again", "")


async def _lock_threads(work: UnitOfWork, candidate: Candidate) -> list[ConnectThread]:
    """The threads of the candidate that are read, locked in the order of their names."""
    query = select(Signal.thread).where(
        col(Signal.candidate) == candidate.id, col(Signal.source) == SOURCE
    )
    found = []
    for named in sorted(set((await work.session.exec(query)).all())):
        channel, _, ts = named.rpartition(":")
        thread = await find_thread(work, channel, ts)
        found += [thread] if thread is not None else []
    return found


def _tell(work: UnitOfWork, thread: ConnectThread, text: str, told: str) -> None:
    """Queue what is said in one thread, if anything is.

    The effect ``SAY`` has ``channel``, ``thread``, ``account``, ``text`` (a key, empty where there
    are words) and ``words`` (in the customer's language, empty where there is a key).
    """
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
