"""An open form that answers to what was just chosen in it.

Only the block concerned changes: Slack keeps what was typed in blocks whose id stays the same,
and draws a block with a new id afresh.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from bot.errors import UserError
from bot.rules.severity_helper import suggest
from handlers.drafts import kind_for
from handlers.fields import read_form
from handlers.ports import Desk
from handlers.requests import Asked, Body, mapping
from messages.blocks import plain
from messages.slack import SlackRefused
from messages.texts import t

Change = Callable[[Desk, Asked, Body, Mapping[str, Any]], Awaitable[dict[str, Any]]]

KEPT = ("type", "callback_id", "title", "submit", "close", "private_metadata",
        "clear_on_close", "notify_on_close")  # fmt: skip
TOO_LATE = frozenset({"hash_conflict", "not_found"})  # a newer change won, or the form was closed


async def redraw(desk: Desk, asked: Asked, view: Body, name: str) -> None:
    """Show what a change of the input ``name`` changes elsewhere in the form."""
    place, change = CHANGES[name]
    given = read_form(view)
    blocks = [
        await change(desk, asked, block, given) if _field(block) == place else block
        for block in view.get("blocks") or ()
    ]
    changed = {key: view[key] for key in KEPT if view.get(key) is not None} | {"blocks": blocks}
    try:
        await desk.slack.call(
            "views.update", view_id=view.get("id"), hash=view.get("hash"), view=changed
        )
    except SlackRefused as refused:
        if refused.code not in TOO_LATE:
            raise


async def _suggestion(
    desk: Desk, asked: Asked, block: Body, given: Mapping[str, Any]
) -> dict[str, Any]:
    """The hint that says which severity the ticked signs speak for."""
    language = (await desk.person(asked.user)).language
    severity = suggest(given.get("signs") or ())
    rest = {key: value for key, value in block.items() if key != "hint"}
    if severity is None:
        return rest
    return {**rest, "hint": plain(t(language, "redraw.suggests", severity=severity.label))}


async def _approved_text(
    desk: Desk, asked: Asked, block: Body, given: Mapping[str, Any]
) -> dict[str, Any]:
    """The approved text of the kind that was chosen, under a new block id so that it shows."""
    if not isinstance(given.get("case"), int):
        raise UserError("stale")
    viewer = await desk.person(asked.user)
    case = await desk.reading.case(given["case"], asked.user)
    draft = await desk.draft(kind_for("update", case, given.get("kind")), case, viewer)
    name, _, turn = str(block.get("block_id")).partition("~")
    element = {**mapping(block.get("element")), "initial_value": str(draft.get("text", ""))}
    turns = int(turn) + 1 if turn.isdecimal() else 2
    return {**block, "block_id": f"{name}~{turns}", "element": element}


def _field(block: Body) -> str:
    return str(block.get("block_id", "")).partition("~")[0]


# The input whose change matters: the block that answers to it, and how.
CHANGES: Mapping[str, tuple[str, Change]] = {
    "signs": ("signs", _suggestion),
    "kind": ("text", _approved_text),
}
