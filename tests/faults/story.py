"""A case from its opening to its close and the morning after, told with People's hands."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

from sqlmodel import select

from sandbox.finding import Refused
from sandbox.state import Channel, Message
from storage.models import ActionItem, Ask, Case, Confirmation, Digest, SentMessage
from tests.faults.world import World

MAYA, ELENI, TOMAS, SOFIA, KATE = "U0MAYA", "U0ELENI", "U0TOMAS", "U0SOFIA", "U0KATE"
SUPPORT = "C0SUPPORT"
STAKE = "Δεν μπορούμε να πουλήσουμε εισιτήρια."
WORDS = ("σας γράφω", "Δήμου", "Ευχαριστούμε", "certificate", "write next")  # nobody logs them


async def tell(world: World) -> None:
    """The whole story; raises AssertionError when it cannot go on."""
    await _open(world)
    await _claim(world)
    await _update(world, "acknowledgement", 1)
    await world.wait(timedelta(minutes=80))  # a nudge, then a breach and its ladder
    await _update(world, "apology", 2)
    await _ask(world)
    await _resolve(world)
    await _customer_agrees(world)
    await _learn(world)
    await _close(world)
    await world.wait(timedelta(hours=25))  # the executive's morning, the action item's day


async def _form(
    world: World,
    who: str,
    channel: str,
    line: str,
    values: dict[str, Any],
    done: Callable[[], Awaitable[bool]],
) -> None:
    """Ask for a form and send it; one that went away or was replaced is filled in anew."""

    async def forward() -> object:
        views = world.people.views(who)
        if not views:
            await world.people.command(who, channel, line)
            return None
        if "customer" in values and "customer" not in views[-1].state:
            await world.people.suggest(who, "customer", "aegean", view_id=views[-1].id)
        return await world.people.submit(who, views[-1].id, values)

    async def moved() -> bool:
        return bool(world.people.views(who)) or await done()

    await world.act(forward, moved, line)
    await world.act(forward, done, f"send {line}")
    for view in reversed(world.people.views(who)):
        with suppress(Refused):
            await world.people.close(who, view.id)


async def _open(world: World) -> None:
    values = {
        "customer": "account:aegean-ferries",
        "trigger": "technical",
        "severity": "1",
        "ticket_url": "https://tickets.example/5001",
    }

    async def opened() -> bool:
        return bool(await world.get(select(Case.number)))

    await _form(world, MAYA, SUPPORT, f"/escalate {STAKE}", values, opened)
    assert case_channel(world).name.endswith("-aegean-ferries")


def case_channel(world: World) -> Channel:
    """The case's channel."""
    found = [c for c in world.workspace.channels.values() if c.name.startswith("esc-")]
    assert len(found) == 1, [c.name for c in found]
    return found[0]


async def _status(world: World) -> str:
    return str((await world.get(select(Case.status)))[0])


async def _claim(world: World) -> None:
    channel = case_channel(world)

    async def claimed() -> bool:
        return await _status(world) != "new"

    async def press() -> None:
        ts = next(iter(channel.pins))
        await world.people.click(ELENI, channel_id=channel.id, ts=ts, action_id="do:claim")

    await world.act(press, claimed, "claim")


async def _update(world: World, kind: str, count: int) -> None:
    async def sent() -> bool:
        return len(await world.get(select(SentMessage.id))) >= count

    line = f"/escalate update {kind}"
    values = {"text": f"Κυρία Δήμου, σας γράφω ξανά στις 11:00 ({kind})."}
    await _form(world, MAYA, case_channel(world).id, line, values, sent)


async def _ask(world: World) -> None:
    async def asked() -> bool:
        return bool(await world.get(select(Ask.id)))

    channel = case_channel(world)
    line = "/escalate ask @sofia.papadaki May we call them today?"
    await world.act(lambda: world.people.command(ELENI, channel.id, line), asked, line)


async def _resolve(world: World) -> None:
    async def described() -> bool:
        return (await world.get(select(Case.resolution_type)))[0] is not None

    values = {
        "type": "fix",
        "note": "A certificate had expired.",
        "text": "Κυρία Δήμου, οι πωλήσεις λειτουργούν από τις 11:20.",
        "already_sent": ["true"],
    }
    await _form(world, ELENI, case_channel(world).id, "/escalate resolve", values, described)

    async def comfortable() -> bool:
        return len(await world.get(select(Confirmation.party))) >= 2

    async def press() -> None:
        dm, message = _asked(world, TOMAS)
        await world.people.click(TOMAS, channel_id=dm.id, ts=message.ts, action_id="do:confirm")

    await world.act(press, comfortable, "confirm")
    assert await _status(world) == "resolved"
    assert await world.get(select(Digest.user_id))


async def _customer_agrees(world: World) -> None:
    async def agreed() -> bool:
        return await _status(world) == "review"

    values = {"comfortable": "true", "remark": "Ευχαριστούμε, πουλάμε ξανά."}
    await _form(world, MAYA, case_channel(world).id, "/escalate confirm", values, agreed)


async def _learn(world: World) -> None:
    async def promised() -> bool:
        return bool(await world.get(select(ActionItem.id)))

    async def held() -> bool:
        return (await world.get(select(Case.postmortem_at)))[0] is not None

    here = case_channel(world).id
    due = (world.workspace.clock.now() + timedelta(days=1)).date().isoformat()
    item = {"title": "Watch every certificate", "type": "process", "owner": TOMAS, "due": due}
    await _form(world, ELENI, here, "/escalate action", item, promised)
    found = {
        "root_cause": "A certificate nobody watched.",
        "better": "Say when we write next.",
        "prevention": "process",
    }
    await _form(world, ELENI, here, "/escalate reviewed", found, held)


async def _close(world: World) -> None:
    async def closed() -> bool:
        return await _status(world) == "closed"

    values = {"code": "fixed", "root_cause": "configuration"}
    await _form(world, KATE, case_channel(world).id, "/escalate close", values, closed)
    (number,) = await world.get(select(ActionItem.id))

    async def done() -> bool:
        return (await world.get(select(ActionItem.reported_at)))[0] is not None

    line = f"/escalate done {number} Every one of them alarms a month ahead."
    await world.act(lambda: world.people.command(TOMAS, case_channel(world).id, line), done, line)


def _asked(world: World, who: str) -> tuple[Channel, Message]:
    for channel in world.workspace.channels.values():
        if channel.is_im and who in channel.members:
            for message in reversed(channel.messages.values()):
                if "do:confirm" in str(message.blocks):
                    return channel, message
    raise AssertionError("nobody was asked")
