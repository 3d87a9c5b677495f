"""A ticket of a case that was merged: what is written there, and what is answered there."""

from sqlmodel import select

from storage.models import TimelineEvent
from tests.helpdesk.conftest import HEARD, Desk
from tests.mail.conftest import ELENI, World

LATER = "Τώρα δουλεύει."


async def entries(world: World, verb: str) -> list[tuple[int, str]]:
    """Where the record has such an entry, with what was written."""
    async with world.here.services.database.read() as session:
        query = select(TimelineEvent).where(TimelineEvent.verb == verb).order_by(TimelineEvent.id)  # type: ignore[arg-type]
        return [(row.case_number, row.why) for row in (await session.exec(query)).all()]


async def test_a_merged_case_is_heard_and_answered_in_its_ticket_by_the_other_until_it_is_undone(
    world: World, double: Desk
) -> None:
    await world.opened()
    await world.do(ELENI, "claim", case=2)
    await world.do(ELENI, "merge", case=1, into=2)
    await double.customer_writes(HEARD)
    await world.here.settle()
    assert await entries(world, "customer_replied") == [(2, HEARD)]

    await world.do(ELENI, "link_ticket", case=2, url=double.url())
    await world.write(case=2, route=double.name)
    assert len(double.replies()) == 1
    assert await entries(world, "colleague_replied") == []  # the echo is ours
    case = await world.here.services.reading.case(2, ELENI)
    reply = case.clock("next_reply")
    assert reply is not None
    assert reply.ended

    await world.do(ELENI, "unmerge", case=1)
    await double.customer_writes(LATER)
    await world.here.settle()
    assert await entries(world, "customer_replied") == [(2, HEARD), (1, LATER)]
    tickets = [(await world.here.services.reading.case(n, ELENI)).helpdesk for n in (1, 2)]
    assert tickets == [double.name, None]
