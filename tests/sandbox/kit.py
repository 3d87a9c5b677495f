"""Block Kit in few words, and a Bolt app connected to a small world."""

from typing import Any

from slack_bolt.async_app import AsyncApp

from tests.sandbox.world import MAYA, World

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def button(action_id: str = "go", **more: Any) -> Json:
    return {"type": "button", "action_id": action_id, "text": plain("Go"), **more}


def buttons(*elements: Json, block_id: str = "b") -> list[Json]:
    return [{"type": "actions", "block_id": block_id, "elements": list(elements)}]


def asked(block_id: str, element: Json, **more: Any) -> Json:
    return {
        "type": "input",
        "block_id": block_id,
        "label": plain(block_id),
        "element": {"action_id": f"{block_id}_value"} | element,
    } | more


def modal(*blocks: Json, **more: Any) -> Json:
    base = {"type": "modal", "callback_id": "form", "title": plain("Form"), "submit": plain("Go")}
    return base | {"blocks": list(blocks)} | more


TEXT = {"type": "plain_text_input"}
OPTIONS = [{"text": plain(name), "value": name.lower()} for name in ("One", "Two")]


async def opened(world: World, bolt: AsyncApp, view: Json) -> str:
    """Maya opens this view by a command; returns its id."""

    async def open_it(ack: Any, body: Json, client: Any) -> None:
        await ack()
        await client.views_open(trigger_id=body["trigger_id"], view=view)

    bolt.command("/desk")(open_it)
    await world.people.command(MAYA, world.public.id, "/desk")
    await world.people.until(lambda: world.people.views(MAYA))
    return world.people.views(MAYA)[-1].id
