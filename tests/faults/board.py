"""What goes wrong at which Slack call: the workspace's fault board, written out beforehand.

A point is a call and what happens to it: ``chat.postMessage#3:crash_after``. Calls are counted
by method over a whole run, restarts included.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sandbox.faults import Fault, FaultBoard

CRASH_BEFORE, CRASH_AFTER = "crash_before", "crash_after"
LOST, RESET, LIMITED, BROKEN, HANGS = "lost_reply", "reset", "429", "500", "hang"
KINDS = (CRASH_BEFORE, CRASH_AFTER, LOST, RESET, LIMITED, BROKEN, HANGS)
HANG = 2.6  # seconds: longer than the child waits for an answer (CALL_TIMEOUT)


class Blow(Fault):
    """The caller dies when Slack has applied the call, before any answer leaves."""

    kill: Callable[[], None]

    @property
    def seconds(self) -> float:
        """Asked after the call was applied and before the line is cut."""
        self.kill()
        return 0.0

    @seconds.setter
    def seconds(self, value: float) -> None:
        """What a rule is made with does not matter."""


@dataclass
class Script(FaultBoard):
    """``plan`` maps calls (``method#n``) to what happens; ``kill`` ends the bot at once."""

    plan: Mapping[str, str] = field(default_factory=dict)
    kill: Callable[[], None] = lambda: None
    seen: list[str] = field(default_factory=list)
    tried: list[str] = field(default_factory=list)
    _counts: "Counter[str]" = field(default_factory=Counter)

    def take(self, method: str) -> list[Fault]:
        """What strikes this call."""
        self._counts[method] += 1
        call = f"{method}#{self._counts[method]}"
        self.seen.append(call)
        kind = self.plan.get(call)
        if kind is None:
            return super().take(method)
        self.tried.append(f"{call}:{kind}")
        return self._strike(kind)

    def _strike(self, kind: str) -> list[Fault]:
        match kind:
            case "crash_before":
                self.kill()
                return [Fault(0, "reset")]
            case "crash_after":
                blow = Blow(0, "applied_no_answer")
                blow.kill = self.kill
                return [blow]
            case "lost_reply":
                return [Fault(0, "applied_no_answer", seconds=0.0)]
            case "reset":
                return [Fault(0, "reset")]
            case "429":
                return [Fault(0, "429", seconds=1.0)]
            case "500":
                return [Fault(0, "500")]
            case "hang":
                return [Fault(0, "applied_no_answer", seconds=HANG)]
        raise ValueError(kind)
