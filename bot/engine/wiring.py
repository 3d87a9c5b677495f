"""What is joined above the engine and handed to every unit of work: reactions and couriers."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

# By the class of the event; each is called with the unit of work and the event.
Reactions = Mapping[type[Any], tuple[Callable[[Any, Any], Awaitable[None]], ...]]


@dataclass(frozen=True, slots=True)
class Wiring:
    """``reactions`` are the functions that an event calls, by its class, in order.

    ``couriers`` is what sends a customer message, by its route; a route that is no key is one by
    which a person sends. The engine only hands them on: ``bot.core.reactions.react`` and
    ``bot.customers.channels.find_courier`` read them. An event with a class that is no key raises
    KeyError, so a unit of work without wiring refuses loudly what it could only do in part.
    """

    reactions: Reactions = field(default_factory=dict)
    couriers: Mapping[str, Any] = field(default_factory=dict)
