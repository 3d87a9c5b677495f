"""Why a clock is due when it is, in words and as a picture; and the ledger of promises.

Reads only, and always first through ``CaseReader.case``, so a viewer who may not see a case learns
nothing of its clocks. The wording is in messages/clocks/explain.py, the drawing in picture.py.
"""

import asyncio
from dataclasses import dataclass
from typing import Protocol

from bot.clock import TimeSource
from bot.errors import UserError
from bot.rules.facts import CaseFacts, PersonFacts, PromiseFacts
from bot.rules.sla import ClockState
from bot.rules.words import ClockKind
from bot.sla import clock_history
from messages.clients.own_files import OwnFile, send_own_files
from messages.clients.slack import Slack
from messages.clocks.explain import Explanation, explain_clock
from messages.clocks.life import life_of
from messages.clocks.picture import draw_clock
from storage.database import Database
from storage.models import Case


class CaseReader(Protocol):
    """The query by which a case is read."""

    async def case(self, number: int, viewer: str) -> CaseFacts:
        """The case as its viewer may see it.

        Raises UserError ``no_such_case``, also for a case that the viewer may not see.
        """


class ExplainServices(Protocol):
    """What explaining a clock needs of the process."""

    @property
    def database(self) -> Database:
        """The store."""

    @property
    def clock(self) -> TimeSource:
        """The time."""

    @property
    def slack(self) -> Slack:
        """The workspace."""

    @property
    def reading(self) -> CaseReader:
        """The queries."""


@dataclass(frozen=True, slots=True)
class Told:
    """One clock explained; ``clock`` is its name, with its number if it has one: ``handoff:12``."""

    clock: str
    explanation: Explanation


async def explain_clocks(
    services: ExplainServices, number: int, viewer: PersonFacts, clock: str | None
) -> list[Told]:
    """The clocks of a case explained to ``viewer``: those of one kind, or all that are still open.

    ``clock`` is a kind (``resolution``), None means all open ones, of which there may be none.
    Instants are told in the viewer's zone, the text in the viewer's language. A clock of a kind
    asked for is explained even after it ended.

    Raises UserError ``no_such_case``, ``no_such_clock``.
    """
    history, wanted = await _clocks(services, number, viewer, clock)
    async with services.database.read() as session:
        case = await session.get(Case, number)
    version = case.policy_version if case else ""
    return [
        Told(
            state.clock,
            explain_clock(
                state,
                history.events,
                history.calendars,
                version,
                viewer.language,
                viewer.timezone,
            ),
        )
        for state in wanted
    ]


async def clock_picture(
    services: ExplainServices, number: int, viewer: PersonFacts, clock: str
) -> bytes:
    """The life of one clock as a PNG: open time, pauses, warnings, due.

    ``clock`` is a kind; of several clocks of that kind the first is drawn. Labels are in the
    viewer's language and zone.

    Raises UserError ``no_such_case``; ``no_such_clock`` also where there is nothing to draw.
    """
    history, wanted = await _clocks(services, number, viewer, clock)
    now = services.clock.now()
    life = life_of(wanted[0], history.calendars, now, viewer.language, viewer.timezone)
    if life is None:
        raise UserError("no_such_clock", clock=clock)
    return await asyncio.to_thread(draw_clock, life)  # takes longer than a request may wait


async def _clocks(
    services: ExplainServices, number: int, viewer: PersonFacts, clock: str | None
) -> tuple[clock_history.History, list[ClockState]]:
    """The case's history and the clocks that are asked for: of a kind, else all that are open.

    Raises UserError ``no_such_case``, ``no_such_clock``.
    """
    await services.reading.case(number, viewer.user_id)  # may they see it at all?
    async with services.database.read() as session:
        history = await clock_history.load_history(session, number)
    known = history.states(services.clock.now()).values()
    wanted = [s for s in known if (s.clock.partition(":")[0] == clock if clock else s.open)]
    if clock and not wanted:
        raise UserError("no_such_clock", clock=clock)
    return history, wanted


async def send_picture(
    services: ExplainServices, number: int, viewer: PersonFacts, clock: str
) -> None:
    """Put the picture of a clock into the viewer's own conversation with the app.

    Calls Slack at once, outside any transaction and not through the outbox, so nothing tries it
    again. Where Slack's answer is lost, the picture is looked for before that counts as a failure.

    Raises UserError as ``clock_picture``, SlackError where Slack does not take the file.
    """
    content = await clock_picture(services, number, viewer, clock)
    name = f"esc-{number}-{clock.replace('_', '-')}.png"
    await send_own_files(services.slack, viewer.user_id, [OwnFile(name, name, content)])


def promise_ledger(state: ClockState | None) -> tuple[PromiseFacts, ...]:
    """Every promise of a next update, oldest first: kept, missed, or still to keep.

    ``state`` is that of the clock ``next_update``; None, for a case that never had it, gives none.
    A cycle that ended while paused promised nothing and is left out.
    """
    if state is None:
        return ()
    ended = [PromiseFacts(c.due, c.fulfilled_at) for c in state.cycles if c.due is not None]
    if state.open and state.due is not None:
        ended.append(PromiseFacts(state.due, None))
    return tuple(ended)


async def case_promises(
    services: ExplainServices, number: int, viewer: PersonFacts
) -> tuple[CaseFacts, tuple[PromiseFacts, ...]]:
    """A case and its promise ledger, for a viewer who may see it.

    Raises UserError ``no_such_case``.
    """
    case = await services.reading.case(number, viewer.user_id)
    async with services.database.read() as session:
        known = await clock_history.load_states(session, number, services.clock.now())
    return case, promise_ledger(known.get(ClockKind.NEXT_UPDATE))
