"""The workspace's time: real time plus an offset that people and tests can move forward."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

NextDue = Callable[[], Awaitable[datetime | None]]
Settle = Callable[[], Awaitable[None]]

MAX_REPEATS = 100  # visits to the same due instant in one move; more means it is never done


class WorkspaceClock:
    """Workspace time: what people see and what ``ts`` is made of.

    ``next_due`` (when does the app want to wake next?) and ``settle`` (let the app finish what is
    due) are set by whoever runs an app beside the workspace. Protocol lifetimes (trigger ids,
    response URLs, signatures, rate limits) never read this clock: they live in real time.
    ``next_due`` answers an aware instant of workspace time, or None when nothing waits. ``on_move``
    are called in their order with the new time after every move, and awaited one after the other.
    """

    def __init__(self, *, real_now: Callable[[], datetime] | None = None) -> None:
        """``real_now`` replaces the machine's clock; it must return an aware UTC datetime."""
        self._real_now = real_now or (lambda: datetime.now(UTC))
        self.offset = timedelta(0)
        self.next_due: NextDue | None = None
        self.settle: Settle | None = None
        self.on_move: list[Callable[[datetime], Awaitable[None] | None]] = []

    def now(self) -> datetime:
        """This instant in workspace time, aware UTC."""
        return self._real_now() + self.offset

    async def advance(self, by: timedelta) -> datetime:
        """Move forward, stopping at every due instant on the way. Returns the new time.

        Raises ValueError for a negative step: workspace time never goes back.
        """
        if by < timedelta(0):
            raise ValueError("workspace time only moves forward")
        return await self.advance_to(self.now() + by)

    async def advance_to(self, target: datetime) -> datetime:
        """Move forward to an instant (at once when it has passed), through each due instant.

        Where the app asks for the same instant again and again, ``MAX_REPEATS`` visits end the
        stops: the clock then goes on to ``target`` all the same.
        """
        last: datetime | None = None
        repeats = 0
        while repeats < MAX_REPEATS:
            due = await self.next_due() if self.next_due else None
            if due is None or due > target:
                break
            repeats = repeats + 1 if last is not None and due <= last else 0
            last = due
            await self._arrive(due)
        await self._arrive(target)
        return self.now()

    async def advance_to_next_due(self) -> datetime | None:
        """Move to the app's next due instant; None when nothing is due."""
        due = await self.next_due() if self.next_due else None
        if due is None:
            return None
        await self._arrive(due)
        return self.now()

    async def _arrive(self, instant: datetime) -> None:
        """Set the time (never back), let the app do its work, tell the listeners.

        Listeners hear of it before ``settle``, so a scheduled message is there when the app works.
        """
        self.offset = max(self.offset, instant - self._real_now())
        for listener in self.on_move:
            told = listener(self.now())
            if told is not None:
                await told
        if self.settle:
            await self.settle()
