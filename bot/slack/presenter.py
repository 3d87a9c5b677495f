"""How one kind of subject is presented in Slack: what its effects read, draw and learn.

The performers in ``channels``, ``cards`` and ``posts`` are the same for all subjects; each takes a
presenter, and the registry lists them under the kinds that rows of the subject are stored with.
Methods named ``load_`` read in a session of their own; those named ``save_`` run in the transaction
that ends the row, after Slack was called, and must not call it again.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

from sqlmodel.ext.asyncio.session import AsyncSession

from bot.engine.actors import SYSTEM, Actor
from bot.engine.delivery import Delivery, EffectResult
from bot.engine.outbox_claims import Job
from bot.engine.unit_of_work import UnitOfWork
from bot.people.channel_readers import require_insiders
from bot.rules.compliance.readership import Readership
from bot.rules.policy.model import Policy
from bot.rules.words import Language
from messages.clients.shared_channels import SHARED
from messages.clients.slack import SlackRefused
from messages.kit.blocks import Message
from storage.models import Outbox

NAME_ATTEMPTS = range(1, 10)  # channel names tried when another channel has ours


class Posted(NamedTuple):
    """A message's ts and conversation; ``fresh`` when it was posted now, not by an earlier try."""

    ts: str
    channel: str
    fresh: bool


class SubjectFacts(Protocol):
    """What the performers read of any subject."""

    @property
    def number(self) -> int:
        """Its number, which is also in its channel's name."""

    @property
    def channel_id(self) -> str | None:
        """Its channel; None while that is still to be created."""

    @property
    def card_ts(self) -> str | None:
        """The ts of its card; None while that is still to be posted."""

    @property
    def exposed(self) -> bool:
        """True where others than our own people are known to read its channel."""


F = TypeVar("F", bound=SubjectFacts)


class Presenter(ABC, Generic[F]):
    """What differs between subjects when their effects are performed; ``F`` are their facts."""

    @abstractmethod
    async def load_facts(self, delivery: Delivery, job: Job) -> F:
        """Return the subject that the row is about, as it is now; what it raises fails the try."""

    async def load_row_facts(self, delivery: Delivery, job: Job) -> F:
        """The subject for effects that show neither its people nor its clocks."""
        return await self.load_facts(delivery, job)

    @abstractmethod
    def channel_names(self, facts: F) -> Iterable[str]:
        """The names that its channel may have, the first free one is taken."""

    @abstractmethod
    async def save_channel(
        self, work: UnitOfWork, facts: F, row: Outbox, channel: str, name: str
    ) -> None:
        """Store the channel in the transaction that ends the row, and let out what waited."""

    @abstractmethod
    def draw_card(self, facts: F, language: Language) -> Message:
        """The card as things stand."""

    @abstractmethod
    async def save_card(self, session: AsyncSession, facts: F, row: Outbox, card: Posted) -> None:
        """Store the card's ts in the transaction that ends the row.

        ``facts`` are those that were drawn; they may be out of date by now.
        """

    @abstractmethod
    def compose_post(self, facts: F, payload: Mapping[str, Any], language: Language) -> Message:
        """The message for a row's ``text`` and ``extra``, said in the subject's own channel."""

    def is_private(self, facts: F, policy: Policy) -> bool:
        """Whether its channel is for invited people only: where not everybody may read."""
        return policy.reading is Readership.TEAM

    def is_card_deleted(self, facts: F) -> bool:
        """Whether the card was deleted in Slack, and is posted again only when asked for."""
        return False

    async def select_invitees(
        self, delivery: Delivery, facts: F, users: Sequence[str]
    ) -> Sequence[str]:
        """Those of the users in a row who may still be invited."""
        return users

    async def report_refused(
        self, delivery: Delivery, job: Job, facts: F, refusals: EffectResult
    ) -> EffectResult:
        """Say who could not be invited; ``refusals`` maps users to Slack's codes."""
        return refusals


def channel_of(facts: SubjectFacts, row: Outbox) -> str:
    """The subject's channel. Raises SlackRefused ``no_channel_yet``, ``externally_shared``."""
    if facts.channel_id is None:
        raise SlackRefused(row.kind, "no_channel_yet")
    if facts.exposed:
        raise SlackRefused(row.kind, SHARED)
    return facts.channel_id


async def inner_channel_of(delivery: Delivery, facts: SubjectFacts, row: Outbox) -> str:
    """The subject's channel, where it is known now that our own people alone read it.

    For all that shows something there. What is withheld of a case a look finds (``bot/drift``); of
    a problem it waits (``bot/problems/performers.py``). Raises what ``channel_of`` and
    ``require_insiders`` raise.
    """
    channel = channel_of(facts, row)
    await require_insiders(delivery, channel, row.kind)
    return channel


def team_language(delivery: Delivery) -> Language:
    """Return the language of what is read in channels: the first of the policy."""
    return delivery.services.policy.languages[0]


def begin_work(delivery: Delivery, session: AsyncSession, job: Job) -> UnitOfWork:
    """Join the transaction that records what became of a row, as the app itself."""
    actor = Actor(SYSTEM, "delivery")
    return UnitOfWork.join(session, delivery.services, actor, job.row.correlation)
