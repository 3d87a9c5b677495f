"""A channel that could not be made, in the store: who hears of it, and what goes out in the end."""

from sqlmodel import col, select, update

from bot.core import no_channel
from bot.problems import no_channel as problem_channel
from storage.models import Outbox
from tests.bot.stage import ANNA, EMMA, LEAH, Stage

LACKING = "post: no_channel_yet"


async def refuse(stage: Stage, kind: str, code: str = "restricted_action") -> Outbox:
    """Slack does not let the app make the channel, and nothing that waits for it can be said."""
    async with stage.database.write() as session:
        row = (await session.exec(select(Outbox).where(col(Outbox.kind) == kind))).one()
        row.state = "refused"
        refused = {
            no_channel.MAKES: no_channel.case_channel_refused,
            problem_channel.MAKES: problem_channel.problem_channel_refused,
        }
        await refused[kind](stage.work(session), row, code)
        silent = update(Outbox).where(col(Outbox.state) == "pending", col(Outbox.kind) != "dm")
        await session.exec(silent.values(state="refused", error=LACKING))
    return row


async def again(stage: Stage) -> list[int]:
    """The next hour's try: the cases tried, then one 0 a problem."""
    async with stage.database.write() as session:
        work = stage.work(session)
        cases = await no_channel.cases_without_channel(work, 10)
        for case in cases:
            await no_channel.make_channel_again(work, case)
        return [c.number for c in cases] + [0] * await problem_channel.make_problem_channels_again(
            work, 10
        )


async def waiting(stage: Stage) -> list[str]:
    """What is still to be shown in channels."""
    rows = await stage.rows(Outbox, state="pending")
    return [row.kind for row in rows if row.kind != "dm"]


async def test_what_a_case_could_not_say_waits_again_once_its_channel_is_made(
    stage: Stage,
) -> None:
    number = await stage.claimed()
    await stage.said(number)
    await refuse(stage, "create_channel")
    await stage.do(ANNA, "customer_replied", number, summary="Still down")
    heard = await stage.heard(number)
    assert {who for who, names in heard.items() if "no_channel" in names} == {EMMA, ANNA, LEAH}
    await refuse(stage, "create_channel", "no_permission")
    assert "no_channel" not in str(await stage.heard(number)), "nobody hears of it twice"
    assert (await stage.case(number)).drift[no_channel.MISSING]["seen"] == "no_permission"

    assert await again(stage) == [number]
    assert await again(stage) == [], "it is being sent"
    assert await waiting(stage) == ["create_channel"]
    async with stage.database.write() as session:
        await no_channel.case_channel_made(stage.work(session), number, "C1", "esc-1-acme")
    kinds = await waiting(stage)
    assert kinds[:2] == ["create_channel", "card"]
    assert (kinds.count("card"), kinds.count("topic")) == (1, 1)
    assert {"invite", "pin", "post"} <= set(kinds)
    case = await stage.case(number)
    assert (case.channel_id, case.drift) == ("C1", {})
    assert (await stage.heard(number))[EMMA] == ["channel_made"]


async def test_what_a_problem_could_not_say_waits_again_once_its_channel_is_made(
    stage: Stage,
) -> None:
    number = await stage.claimed()
    given = {"title": "Exports fail", "known": "Since nine", "severity": 2}
    await stage.do(EMMA, "open_problem", number, **given)
    await refuse(stage, "problem_channel")
    await refuse(stage, "problem_channel")
    told = [r for r in await stage.rows(Outbox, kind="dm") if "problem:no_c" in str(r.payload)]
    assert [r.payload["user"] for r in told] == [EMMA, LEAH]
    assert 0 in await again(stage)
    async with stage.database.write() as session:
        query = select(Outbox).where(col(Outbox.kind) == "problem_channel")
        row = (await session.exec(query)).one()
        await problem_channel.problem_channel_made(stage.work(session), row, "C2", "prob-1-exports")
    assert {"problem_card", "problem_pin", "problem_invite"} <= set(await waiting(stage))
    made = [r for r in await stage.rows(Outbox, kind="dm") if "channel_made" in str(r.payload)]
    assert [r.payload["user"] for r in made] == [EMMA, LEAH]
