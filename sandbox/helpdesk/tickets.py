"""The conversations of an account, and the customers who write in them."""

from dataclasses import dataclass, field

from sandbox.helpdesk.base import Json

CUSTOMER = 456  # the id of the customer, where there is one alone


@dataclass(frozen=True)
class Customer:
    """Who writes in a conversation; without an address and a company those of the account."""

    id: int = CUSTOMER
    first: str = "Katerina"
    last: str = "Dimou"
    email: str = ""
    company: str = ""

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first} {self.last}"


@dataclass
class Conversation:
    """A conversation: its threads, oldest first."""

    state: str = "published"
    threads: list[Json] = field(default_factory=list)
    status: str = "active"
    tags: list[str] = field(default_factory=list)
    mailbox: int = 85
    subject: str = "Tickets fail"
    merged_into: int | None = None
    customer: Customer = Customer()
    number: int = 349  # as people see it
