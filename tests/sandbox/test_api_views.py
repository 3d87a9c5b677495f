"""Modals and Home tabs by the Web API: triggers, stack, hashes."""

from typing import Any

from slack_sdk.errors import SlackApiError

from tests.sandbox.api_world import Desk, code, refused


def modal(**more: Any) -> dict[str, Any]:
    """A small modal with one input."""
    return {
        "type": "modal",
        "title": {"type": "plain_text", "text": "Escalate"},
        "submit": {"type": "plain_text", "text": "Open"},
        "callback_id": "escalate",
        "private_metadata": "case 7",
        "blocks": [
            {
                "type": "input",
                "block_id": "stake",
                "label": {"type": "plain_text", "text": "Business impact"},
                "element": {"type": "plain_text_input", "action_id": "text"},
            }
        ],
    } | more


HOME = {"type": "home", "blocks": [{"type": "divider"}]}


def trigger(desk: Desk, view_id: str | None = None) -> str:
    return desk.ws.lifetimes.mint_trigger(desk.app.app_id, "U0MAYA", view_id)


async def test_a_trigger_opens_a_modal_for_its_person(desk: Desk) -> None:
    view = (await desk.client.views_open(trigger_id=trigger(desk), view=modal()))["view"]
    assert view["id"].startswith("V")
    assert view["root_view_id"] == view["id"]
    assert view["previous_view_id"] is None
    assert (view["callback_id"], view["private_metadata"]) == ("escalate", "case 7")
    assert (view["app_id"], view["bot_id"]) == (desk.app.app_id, desk.app.bot_id)
    assert view["state"] == {"values": {}}
    assert desk.ws.modals["U0MAYA"] == [view["id"]]


async def test_a_trigger_works_once_for_three_seconds_and_for_its_own_app(desk: Desk) -> None:
    used = trigger(desk)
    await desk.client.views_open(trigger_id=used, view=modal())
    again = desk.client.views_open(trigger_id=used, view=modal())
    assert await code(again) == "exchanged_trigger_id"
    late = trigger(desk)
    desk.real.now += 3.1
    assert await code(desk.client.views_open(trigger_id=late, view=modal())) == "expired_trigger_id"
    made_up = desk.client.views_open(trigger_id="1.2.3", view=modal())
    assert await code(made_up) == "invalid_trigger_id"
    foreign = desk.ws.lifetimes.mint_trigger("A0OTHER", "U0MAYA")
    other = desk.client.views_open(trigger_id=foreign, view=modal())
    assert await code(other) == "invalid_trigger_id"


async def test_a_wrong_view_is_pointed_at_and_leaves_the_trigger_whole(desk: Desk) -> None:
    good = trigger(desk)
    wrong = modal(title={"type": "plain_text", "text": "t" * 25})
    body = await refused(desk.client.views_open(trigger_id=good, view=wrong))
    assert body["error"] == "invalid_arguments"
    assert "[json-pointer:/view/title" in body["response_metadata"]["messages"][0]
    await desk.client.views_open(trigger_id=good, view=modal())


async def test_a_home_view_is_no_modal(desk: Desk) -> None:
    body = await refused(desk.client.views_open(trigger_id=trigger(desk), view=HOME))
    assert body["error"] == "invalid_arguments"


async def test_a_stack_has_three_modals(desk: Desk) -> None:
    top = (await desk.client.views_open(trigger_id=trigger(desk), view=modal()))["view"]
    root = top["id"]
    for _ in range(2):
        pushed = await desk.client.views_push(trigger_id=trigger(desk, top["id"]), view=modal())
        assert pushed["view"]["previous_view_id"] == top["id"]
        assert pushed["view"]["root_view_id"] == root
        top = pushed["view"]
    full = desk.client.views_push(trigger_id=trigger(desk, top["id"]), view=modal())
    assert await code(full) == "push_limit_reached"
    nowhere = desk.client.views_push(trigger_id=trigger(desk), view=modal())
    assert await code(nowhere) == "not_found"


async def test_only_the_newest_hash_may_change_a_view(desk: Desk) -> None:
    old = (await desk.client.views_open(trigger_id=trigger(desk), view=modal()))["view"]
    update = desk.client.views_update
    new = (await update(view_id=old["id"], view=modal(), hash=old["hash"]))["view"]
    assert new["hash"] != old["hash"]
    stale = update(view_id=old["id"], view=modal(), hash=old["hash"])
    assert await code(stale) == "hash_conflict"
    await update(view_id=old["id"], view=modal(callback_id="other"))
    assert desk.ws.views[old["id"]].callback_id == "other"
    assert await code(update(view_id="V0NONE", view=modal())) == "not_found"


async def test_an_update_keeps_what_was_typed_into_blocks_that_stay(desk: Desk) -> None:
    opened = (await desk.client.views_open(trigger_id=trigger(desk), view=modal()))["view"]
    typed = {"text": {"type": "plain_text_input", "value": "Their launch"}}
    desk.ws.views[opened["id"]].state = {"stake": typed, "gone": typed}
    answer = await desk.client.views_update(view_id=opened["id"], view=modal())
    assert answer["view"]["state"]["values"] == {"stake": typed}


async def test_an_external_id_finds_its_view_and_is_used_once(desk: Desk) -> None:
    named = modal(external_id="case-7")
    await desk.client.views_open(trigger_id=trigger(desk), view=named)
    answer = await desk.client.views_update(external_id="case-7", view=named)
    assert answer["view"]["external_id"] == "case-7"
    double = desk.client.views_open(trigger_id=trigger(desk), view=named)
    assert await code(double) == "duplicate_external_id"


async def test_a_huge_view_is_too_large(desk: Desk) -> None:
    text = {"type": "mrkdwn", "text": "x" * 3000}
    huge = modal(blocks=[{"type": "section", "text": text}] * 100)
    call = desk.client.views_open(trigger_id=trigger(desk), view=huge)
    assert await code(call) == "view_too_large"


async def test_the_home_tab_is_published_and_replaced(desk: Desk) -> None:
    first = (await desk.client.views_publish(user_id="U0MAYA", view=HOME))["view"]
    second = await desk.client.views_publish(user_id="U0MAYA", view=HOME, hash=first["hash"])
    assert second["view"]["id"] == first["id"]
    stale = desk.client.views_publish(user_id="U0MAYA", view=HOME, hash=first["hash"])
    assert await code(stale) == "hash_conflict"
    body = await refused(desk.client.views_publish(user_id="U0NOBODY", view=HOME))
    assert body["response_metadata"]["messages"] == ["[ERROR] invalid `user_id`"]


async def test_without_a_home_tab_nothing_is_published(desk: Desk) -> None:
    desk.app.manifest["features"]["app_home"]["home_tab_enabled"] = False
    call = desk.client.views_publish(user_id="U0MAYA", view=HOME)
    assert await code(call) == "not_enabled"


async def test_blocks_are_validated_without_a_token(desk: Desk) -> None:
    validate = desk.client.api_call
    assert (await validate("blocks.validate", json={"view": modal()}))["ok"] is True
    try:
        await validate("blocks.validate", json={"blocks": [{"type": "nonsense"}]})
    except SlackApiError as error:
        body = error.response.data
    assert body["error"] == "invalid_blocks"
    assert body["errors"][0]["pointer"].startswith("/0")
    both = validate("blocks.validate", json={"blocks": [], "view": modal()})
    assert await code(both) == "invalid_arguments"
