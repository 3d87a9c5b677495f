"""A stage with people who may approve money, and what tests of concessions say."""

from dataclasses import replace
from typing import Any

import pytest

from bot.concessions.rows import digest_concession
from bot.errors import UserError
from bot.rules.words import Role
from storage.models import Concession
from tests.bot.stage import ANNA, ROLES, Stage

FINN, FAY = "UFINN", "UFAY"  # finance approvers


@pytest.fixture
def paying(stage: Stage) -> Stage:
    """A stage with finance approvers."""
    stage.policy = replace(stage.policy, roles={**ROLES, Role.FINANCE_APPROVER: (FINN, FAY)})
    return stage


class Granting:
    """Asks for concessions on a stage, and decides on them."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage

    async def ask(
        self, number: int, amount: str = "500 EUR", who: str = ANNA, **fields: Any
    ) -> Concession:
        """Ask for one; answers its row."""
        given = {"amount": amount, "reason": "missed_promise", "why": "We were late"}
        await self.stage.do(who, "request_concession", number, **{**given, **fields})
        return (await self.stage.rows(Concession))[-1]

    async def answer(
        self, row: Concession, who: str, *, approve: bool = True, remark: str = "", digest: str = ""
    ) -> Concession:
        """Decide on one; answers its row afterwards."""
        await self.stage.do(
            who, "answer_concession", row.case_number, concession=row.id, approve=approve,
            remark=remark, digest=digest or digest_concession(row),
        )  # fmt: skip
        return await self.row(row.id)

    async def row(self, number: int) -> Concession:
        """The row as it is stored."""
        return (await self.stage.rows(Concession, id=number))[0]

    async def refused(self, awaited: Any) -> UserError:
        """What something is refused with."""
        with pytest.raises(UserError) as caught:
            await awaited
        return caught.value

    async def offer(self, number: int, text: str, who: str = ANNA, **fields: Any) -> str:
        """Why a message is refused; empty when it went out."""
        try:
            await self.stage.update(number, who, text=f"{text} I write again at 14:00.", **fields)
        except UserError as refused:
            return str(refused.facts.get("gap", refused.key))
        return ""


@pytest.fixture
def granting(paying: Stage) -> Granting:
    """Concessions on a stage with finance approvers."""
    return Granting(paying)
