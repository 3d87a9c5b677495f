"""A link to a customer's page is mailed by itself only to an address that is the customer's."""

from types import SimpleNamespace
from typing import Any

import pytest

from bot.customers.channels import Customers
from bot.due_table import DUE
from bot.engine.actors import SYSTEM, Actor
from bot.engine.unit_of_work import UnitOfWork
from bot.feedback.questions import ask_due
from bot.rules.tokens import Signer
from storage.models import Asking, Mail
from tests.bot.stage import ANNA, EMMA, Stage


async def asked(stage: Stage, number: int) -> tuple[list[str], list[str]]:
    """Where the question of a case went: addresses, and people who have to pass it on."""
    mailer: Any = SimpleNamespace(domain="desk.example")
    ways = Customers(Signer(b"k" * 32), mailer, "https://desk.example")
    says = next(row.says for row in DUE if row.do is ask_due)
    await stage.add(Asking(case_number=number, pulse_at=stage.now))
    async with stage.database.write() as session:
        actor = Actor(SYSTEM, "clock")
        work = UnitOfWork.join(session, stage.services(ways), actor, "c0ffee")
        await ask_due(work, await work.case(number), says)
    mails = [row.recipient for row in await stage.rows(Mail)]
    return mails, [s.to for s in await stage.said(number) if s.text == "notice:ask_yourself"]


@pytest.mark.parametrize(
    ("fields", "mailed"),
    [
        ({}, ["maria@acme.example"]),
        ({"contact_email": "it@acme.example"}, ["it@acme.example"]),
        ({"contact_email": "maria@acme.example.net"}, []),
        ({"contact_email": "someone@gmail.com"}, []),
        ({"account": "", "customer": "Zephyr", "contact_email": "z@zephyr.example"},
         ["z@zephyr.example"]),
    ],
)  # fmt: skip
async def test_a_question_goes_by_hand_where_the_contact_is_outside_the_account(
    stage: Stage, fields: dict[str, str], mailed: list[str]
) -> None:
    number = await stage.claimed(EMMA, **fields)
    assert await asked(stage, number) == (mailed, [] if mailed else [EMMA])
    assert (await stage.case(number)).reporter == ANNA
