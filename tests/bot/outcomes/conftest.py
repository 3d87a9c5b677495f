"""A stage with closed cases, and what is asked about them."""

from datetime import timedelta

import pytest

from storage.models import Outbox, Outcome
from tests.bot.stage import EMMA, Stage
from tests.postmortems import REVIEWED

TEN = 8  # UTC, when it is ten in Athens in winter


class Business:
    """Closes cases on a stage and looks at the outcomes that are asked for."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.told = 0

    async def closed(self, **fields: object) -> int:
        """A case that ran its whole way; SEV2 unless said otherwise."""
        number = await self.stage.reviewed(**fields)
        code = {"code": "fixed", "root_cause": "capacity", "waived": "Agreed with the customer"}
        severity = (await self.stage.case(number)).severity
        if severity <= 2:
            await self.stage.do(EMMA, "postmortem_held", number, **REVIEWED)
            code["no_action"] = "Nothing to do"
        await self.stage.do(EMMA, "close", number, **code)
        return number

    async def rows(self) -> list[Outcome]:
        """The outcomes, oldest first."""
        return await self.stage.rows(Outcome)

    async def asked(self, **span: float) -> list[tuple[str, str]]:
        """Who is asked what once so much time has passed, since this was last called."""
        self.stage.now += timedelta(**span)
        await self.stage.sweep()
        found = [r for r in await self.stage.rows(Outbox) if r.id > self.told]
        self.told = max((r.id for r in found), default=self.told)
        said = [(r.payload.get("text", ""), r.payload.get("user", "")) for r in found]
        return [(t.removeprefix("outcome:"), u) for t, u in said if t.startswith("outcome:")]


@pytest.fixture
def business(stage: Stage) -> Business:
    """Outcomes on a stage."""
    return Business(stage)
