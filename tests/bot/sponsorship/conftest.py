"""A stage with a programme that is active, and what tests of sponsorship say."""

from typing import Any

import pytest

from bot.engine.inbox import Answer
from bot.errors import UserError
from bot.rules.sponsorship.programme import Programme
from bot.rules.sponsorship.words import SponsorshipTopic
from bot.sponsorship.queries import SponsorshipReading
from bot.sponsorship.rows import load_programme
from storage.models import Account, Outbox, Sponsorship, SponsorTouch
from tests.bot.stage import CARL, EXEC, LEAH, SPON, Stage, acme

HELEN = "UHELEN"  # a deputy


class Sponsoring:
    """Plays the programme on a stage."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    async def programme(self) -> Programme:
        """The programme as it stands."""
        async with self.stage.database.read() as session:
            return await load_programme(session)

    async def write(self, topic: SponsorshipTopic, body: str = "So be it", who: str = LEAH) -> Any:
        """Write one of the six texts; answers what the writer is told."""
        months = 12 if topic is SponsorshipTopic.EXIT else None
        return await self.stage.do(
            who, "edit_sponsorship_text", topic=topic.value, body=body, months=months
        )

    async def begin(self) -> None:
        """Write all six texts, and have them signed."""
        for topic in SponsorshipTopic:
            await self.write(topic)
        await self.sign()

    async def sign(self, who: str = EXEC) -> Answer | None:
        """Sign the texts as they stand."""
        digest = (await self.programme()).digest
        return await self.stage.do(who, "sign_sponsorship", digest=digest)

    async def nominate(self, account: str = "acme", who: str = LEAH, **fields: Any) -> Sponsorship:
        """Nominate an account; answers its row."""
        given = {"sponsor": SPON, "reason": "They grow", "score": 60, "consent_by": "Ms Berg"}
        await self.stage.do(who, "nominate_sponsorship", account=account, **{**given, **fields})
        return (await self.stage.rows(Sponsorship))[-1]

    async def accepted(self, account: str = "acme", **fields: Any) -> Sponsorship:
        """Nominate an account, and have it accepted."""
        row = await self.nominate(account, **fields)
        await self.answer(row, str(row.offered_to))
        return await self.row(row.id)

    async def answer(self, row: Sponsorship, who: str, *, approve: bool = True, **f: Any) -> None:
        """Answer an offer."""
        given = {"membership": row.id, "approve": approve}
        await self.stage.do(who, "answer_sponsorship", **given, **f)

    async def touch(self, row: Sponsorship, who: str = SPON, **fields: Any) -> Answer | None:
        """Record a contact."""
        given = {"membership": row.id, "how": "call", "note": "All is well"}
        return await self.stage.do(who, "log_touch", **{**given, **fields})

    async def end(self, row: Sponsorship, who: str = LEAH, **fields: Any) -> Answer | None:
        """End a membership."""
        given = {"membership": row.id, "exit_reason": "goals_met", "why": "All is well"}
        return await self.stage.do(who, "end_sponsorship", **{**given, **fields})

    async def row(self, number: int) -> Sponsorship:
        """The row as it is stored."""
        return (await self.stage.rows(Sponsorship, id=number))[0]

    async def touches(self, row: Sponsorship) -> list[SponsorTouch]:
        """The touches of a membership."""
        return await self.stage.rows(SponsorTouch, sponsorship=row.id)

    async def told(self) -> list[tuple[str, str]]:
        """Who was told what since the last look, without its family."""
        return [(to, text.removeprefix("sponsorship:")) for to, text in await self.heard()]

    async def heard(self) -> list[tuple[str, str]]:
        """Who was told what about the programme since the last look."""
        rows = [r for r in await self.stage.rows(Outbox) if r.id > self.stage.told]
        self.stage.told = max([self.stage.told, *(row.id for row in rows)])
        return [
            (row.payload["user"], row.payload["text"])
            for row in rows
            if str(row.payload.get("text", "")).startswith("sponsorship:")
        ]

    def reading(self) -> SponsorshipReading:
        """The queries."""
        return SponsorshipReading(self.stage.services())

    async def refused(self, awaited: Any) -> UserError:
        """What something is refused with."""
        with pytest.raises(UserError) as caught:
            await awaited
        return caught.value


@pytest.fixture
async def sponsoring(stage: Stage) -> Sponsoring:
    """A stage on which nothing is written yet, with four more accounts."""
    for key in ("beta", "gamma", "delta", "omega", "sigma"):
        account = acme()
        await stage.add(
            Account(key=key, name=key.title(), folded=key, sponsor=SPON, csm=CARL,
                    renewal=account.renewal, arr=100_000)
        )  # fmt: skip
    return Sponsoring(stage)


@pytest.fixture
async def active(sponsoring: Sponsoring) -> Sponsoring:
    """A programme that is signed."""
    await sponsoring.begin()
    await sponsoring.told()
    return sponsoring
