"""Faults to order: what goes wrong, where, how often."""

import itertools
import random
from dataclasses import asdict, dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Literal, get_args

Kind = Literal["latency", "429", "500", "reset", "applied_no_answer", "refused"]
KINDS: tuple[str, ...] = get_args(Kind)


@dataclass
class Fault:
    """One rule.

    ``method`` is a glob over Web API method names; ``upload`` names the door for bytes.
    ``seconds`` is how long latency lasts, the Retry-After of a 429, and the wait before an answer
    is withheld. ``times`` None means for ever. ``error`` is what Slack says when it refuses.
    """

    id: int
    kind: Kind
    method: str = "*"
    seconds: float = 1.0
    times: int | None = None
    probability: float = 1.0
    hits: int = 0
    error: str = "restricted_action"

    def as_json(self) -> dict[str, Any]:
        """The rule as the page shows it."""
        return asdict(self)


@dataclass
class FaultBoard:
    """All rules now in force. Its dice are seeded, so a run can be repeated."""

    rules: list[Fault] = field(default_factory=list)
    dice: random.Random = field(default_factory=lambda: random.Random(7))  # noqa: S311
    _ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def add(
        self,
        kind: Kind,
        method: str = "*",
        *,
        seconds: float = 1.0,
        times: int | None = None,
        probability: float = 1.0,
        error: str = "restricted_action",
    ) -> Fault:
        """Put a rule in force. Raises ValueError for values that make no sense."""
        if kind not in KINDS:
            raise ValueError(f"kind is one of {', '.join(KINDS)}")
        if seconds < 0 or not 0 <= probability <= 1 or (times is not None and times < 1):
            raise ValueError("seconds >= 0, 0 <= probability <= 1, times >= 1 or none")
        fault = Fault(next(self._ids), kind, method, seconds, times, probability, error=error)
        self.rules.append(fault)
        return fault

    def remove(self, fault_id: int) -> bool:
        """Lift one rule; whether there was one."""
        before = len(self.rules)
        self.rules = [rule for rule in self.rules if rule.id != fault_id]
        return len(self.rules) < before

    def clear(self) -> None:
        """Lift all rules."""
        self.rules.clear()

    def take(self, method: str) -> list[Fault]:
        """The rules that strike this call; each counts it, used-up ones disappear.

        Rules are asked in the order in which they were added; the dice are thrown for each that
        fits, so adding one changes what the next calls meet.
        """
        struck: list[Fault] = []
        for rule in list(self.rules):
            if not fnmatchcase(method, rule.method) or self.dice.random() >= rule.probability:
                continue
            struck.append(rule)
            rule.hits += 1
            if rule.times is not None and rule.hits >= rule.times:
                self.rules.remove(rule)
        return struck
