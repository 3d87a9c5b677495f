"""What is joined above the engine and handed to every unit of work: reactions and couriers."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot.engine.unit_of_work import UnitOfWork

Reactions = Mapping[type[Any], tuple[Callable[["UnitOfWork", Any], Awaitable[None]], ...]]


@dataclass(frozen=True, slots=True)
class Wiring:
    """``reactions`` are the functions that an event calls, by its class, in order.

    An event whose class is no key raises KeyError, so a unit of work without wiring refuses
    loudly what it could only do in part.
    """

    reactions: Reactions = field(default_factory=dict)
