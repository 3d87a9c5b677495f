"""Reopening: who hears of it, and what is due next."""

from bot.core import snapshot
from bot.rules.words import Language
from messages.compose import compose_message
from storage.models import Outbox
from tests.bot.stage import ANNA, EMMA, Stage


async def test_who_writes_to_the_customer_hears_that_the_case_is_open_again(stage: Stage) -> None:
    number = await stage.resolved()
    await stage.said(number)
    await stage.do(EMMA, "reopen", number, reason="Still down")
    assert "reopened" in (await stage.heard(number))[ANNA]


async def test_the_notice_names_what_is_due_first(stage: Stage) -> None:
    number = await stage.resolved()
    await stage.do(ANNA, "reopen", number, reason="Still down")
    rows = await stage.rows(Outbox, case_number=number, kind="dm")
    row = next(r for r in rows if r.payload["text"] == "notice:reopened")
    async with stage.database.read() as session:
        facts = await snapshot.load_number(session, number, stage.now)
    text = compose_message(row.payload["text"], row.payload["extra"], facts, Language.ENGLISH).text
    reply, update = (
        await stage.clock(number, "next_reply"),
        await stage.clock(number, "next_update"),
    )
    assert reply is not None
    assert update is not None
    assert reply.due is not None
    assert update.due is not None
    assert reply.due < update.due
    assert str(int(reply.due.timestamp())) in text
