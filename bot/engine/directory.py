"""What work in the background asks of the directory, which stands above (``bot/people``)."""

from collections.abc import Iterable
from typing import Protocol

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.rules.facts import PersonFacts
from bot.rules.words import Standing


class Directory(Protocol):
    """What performers ask about people."""

    async def surely(self, user_id: str) -> PersonFacts:
        """A person; raises SlackUnknown when Slack has to tell and does not."""

    def left(self, user_id: str) -> Standing | None:
        """Return the status of a person who is known to be no active full member, else None."""

    async def people(self, user_ids: Iterable[str]) -> dict[str, PersonFacts]:
        """Several persons, by id."""

    def ask_again(self, user_id: str) -> None:
        """Forget a person, so that Slack is asked the next time."""

    async def known_standing(self, user_id: str) -> Standing | None:
        """What a person is, without asking Slack; None where that is not known."""

    async def standing(self, user_id: str) -> Standing | None:
        """What a person is; None where Slack does not tell."""

    def hides(self, user_id: str) -> bool:
        """Whether Slack refuses to tell of this person."""

    async def find_conversation(self, user_id: str) -> str | None:
        """The id of the app's own conversation with a person; None before the first message."""

    async def save_conversation(self, session: AsyncSession, user_id: str, channel: str) -> None:
        """Store the id of that conversation, unless it is known to be stored."""
