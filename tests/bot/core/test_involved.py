"""Who is invited to a postmortem: the agenda says the same people that were told."""

from types import SimpleNamespace
from typing import Any

from bot.cases.queries import Reading
from bot.core.involved import list_involved
from bot.learning.postmortem_file import load_document
from storage.models import Outbox, Person
from tests.bot.stage import BILL, EMMA, TINA, Stage


async def involved(stage: Stage, number: int) -> list[str]:
    async with stage.database.read() as session:
        return await list_involved(session, await stage.case(number))


async def test_file_answer_and_invitations_name_the_same_people(stage: Stage) -> None:
    number = await stage.investigating()
    await stage.do(BILL, "customer_replied", number, summary="Thanks")  # in the record alone
    await stage.in_channel(number)
    await stage.resolve(number)
    await stage.do(TINA, "confirm", number, party="technical_lead", comfortable=True)
    said = [s for s in await stage.said(number) if s.kind == "dm"]
    told = {s.to for s in said if s.extra.get("invited") or s.text.endswith("_invitation")}
    people = await involved(stage, number)
    assert {BILL, EMMA} <= set(people) == told | {TINA}  # who did the last step is not told of it
    invited, entries = await reading(stage).agenda(number, EMMA)
    assert (invited, entries) == (people, len(await stage.timeline(number)))
    row = (await stage.rows(Outbox, case_number=number, kind="file"))[-1]
    facts = await reading(stage).case(number, EMMA)
    paper = await load_document(services(stage), row, facts)
    assert f"Invited: {', '.join(f'@{user}' for user in people)}" in paper.content.decode()


async def test_the_agenda_counts_the_whole_record(stage: Stage) -> None:
    number = await stage.investigating()
    for hour in range(20):
        await stage.do(BILL, "customer_replied", number, summary=f"Again {hour}")
    _, entries = await reading(stage).agenda(number, EMMA)
    assert entries == len(await stage.timeline(number)) > 20


async def test_whoever_has_left_is_not_invited(stage: Stage) -> None:
    number = await stage.opened()
    await stage.add(Person(user_id=TINA, name="Tina", standing="deactivated", fetched_at=stage.now))
    assert TINA not in await involved(stage, number)


def services(stage: Stage) -> Any:
    async def people(users: set[str]) -> dict[str, Any]:
        return {}

    return stage.process(SimpleNamespace(people=people))


def reading(stage: Stage) -> Reading:
    return Reading(services(stage))
