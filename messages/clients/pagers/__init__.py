"""Pagers, as we talk to them: one protocol, one module for each provider.

A page is known there by its key, so it may be sent again: what is open already is not opened twice.
A call ends as calls to help desks do: well, or with Refused, Limited or Away
(``messages/clients/helpdesks``).
"""

from dataclasses import dataclass
from typing import Protocol

from bot.rules.duty.pagers import PagerName


@dataclass(frozen=True, slots=True)
class Page:
    """What leaves the house: ``title`` on one line, ``grade`` 1 to 4, ``link`` may be empty."""

    key: str
    title: str
    grade: int
    link: str = ""


class Pager(Protocol):
    """A service that wakes people. Each call may be repeated."""

    @property
    def name(self) -> PagerName:
        """Which pager."""

    async def trigger(self, page: Page) -> None:
        """Page whom the service's own schedule names. Raises Refused, Limited, Away."""

    async def acknowledge(self, key: str) -> None:
        """Somebody has it: the service pages no one further. Raises as ``trigger``."""

    async def resolve(self, key: str) -> None:
        """It is over. Raises as ``trigger``."""

    async def email_of(self, agent: str) -> str:
        """A person's email address there; empty where it is not told. Raises as ``trigger``."""

    async def close(self) -> None:
        """Close the HTTP session."""
