"""What the parts of the desk need of it; ``bot.services.Services`` is the one that has it all."""

from typing import TYPE_CHECKING, Protocol

from bot.clock import TimeSource
from bot.engine.request_gate import RequestGate
from bot.engine.wiring import Wiring
from bot.rules.policy.load import Policy
from messages.clients.slack import Slack
from storage.database import Database

if TYPE_CHECKING:  # these parts need the desk in turn
    from bot.cases.queries import Reading
    from bot.customers.channels import Customers, Outside
    from bot.people.directory import People


class Services(Protocol):
    """The desk as its parts see it."""

    @property
    def database(self) -> Database:
        """The store."""

    @property
    def clock(self) -> TimeSource:
        """The time."""

    @property
    def policy(self) -> Policy:
        """What the organisation decided."""

    @property
    def slack(self) -> Slack:
        """The workspace."""

    @property
    def people(self) -> "People":
        """Who is who."""

    @property
    def reading(self) -> "Reading":
        """Questions to the store."""

    @property
    def outside(self) -> "Outside":
        """What the administrator set for mail and pages."""

    @property
    def customers(self) -> "Customers":
        """How customers are reached outside Slack."""

    @property
    def wiring(self) -> Wiring:
        """What reacts to what happens."""

    @property
    def gate(self) -> RequestGate:
        """Whoever waits for an acknowledgement."""

    async def happened(self) -> None:
        """Something was committed from outside Slack."""

    def wake(self) -> None:
        """Something was committed: deliver it now."""
