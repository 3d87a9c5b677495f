"""A message that is sent late says what happened, not what is the case by then."""

from bot.core import snapshot
from bot.rules.words import Language
from bot.slack.as_said import recall_facts
from messages.compose import compose_message
from storage.models import Outbox
from tests.bot.stage import ANNA, EMMA, TINA, Stage


async def said_late(stage: Stage, number: int, name: str) -> str:
    """The first post of that name, composed with what is known now."""
    rows = await stage.rows(Outbox, case_number=number, kind="post")
    row = next(r for r in rows if r.payload["text"] == f"notice:{name}")
    async with stage.database.read() as session:
        facts = await snapshot.load_number(session, number, stage.now)
    assert facts is not None
    then = recall_facts(facts, row.payload)
    message = compose_message(
        row.payload["text"], row.payload["extra"], then, Language.ENGLISH, inside=True
    )
    return message.text


async def test_a_change_of_severity_names_the_severity_that_it_led_to(stage: Stage) -> None:
    number = await stage.claimed(severity=1)
    await stage.do(EMMA, "severity", number, severity=2, reason="Only half of it")
    await stage.do(EMMA, "severity", number, severity=1, reason="All of it")
    said = await said_late(stage, number, "severity_changed")
    assert "owered from SEV1 Critical to SEV2 " in said


async def test_a_resolution_says_what_it_was_also_after_the_case_is_open_again(
    stage: Stage,
) -> None:
    number = await stage.investigating()
    await stage.resolve(number)
    await stage.do(TINA, "confirm", number, party="technical_lead", comfortable=True)
    await stage.do(ANNA, "reopen", number, reason="Still down")
    said = await said_late(stage, number, "resolved")
    assert "(fix)" in said
    assert "Rolled back" in said


async def test_a_row_of_an_earlier_version_is_composed_with_the_present(stage: Stage) -> None:
    number = await stage.claimed()
    async with stage.database.read() as session:
        facts = await snapshot.load_number(session, number, stage.now)
    assert facts is not None
    assert recall_facts(facts, {"text": "notice:claimed", "extra": {}}) == facts
