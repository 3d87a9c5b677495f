"""Blocks stay inside Slack's limits, and what is cut is cut cleanly."""

import pytest

from messages.kit.blocks import (
    actions,
    button,
    context,
    fields,
    fit,
    header,
    menu_item,
    message,
    mrkdwn,
    option,
    overflow,
    pack_value,
    plain,
    section,
)
from messages.kit.mrkdwn import quote_text
from messages.kit.template_context import text_chunks
from tests.messages.limits import check_blocks


def test_a_text_is_never_cut_inside_an_entity_or_a_mention() -> None:
    assert fit("aaaa &amp; b", 8) == "aaaa…"
    assert fit("aaaa <@U0MAYA> b", 12) == "aaaa…"
    assert fit("aaaa <@U0MAYA> b", 16) == "aaaa <@U0MAYA> b"
    assert len(fit("&amp;" * 1000, 3000)) <= 3000


def test_a_text_of_nothing_becomes_something() -> None:
    assert plain("  ")["text"] == "-"
    assert mrkdwn("\n")["text"] == "-"


def test_a_message_has_at_most_fifty_blocks() -> None:
    long = message("x" * 9000, *(section(f"*{n}*" + "y" * 5000) for n in range(80)), None)
    assert len(long.blocks) == 50
    check_blocks(long.blocks)
    assert len(long.text) == 3000


def test_everything_is_cut_to_what_slack_takes() -> None:
    long = "w" * 5000
    row = actions(button("do:x", long, {"case": 1}), None, button("do:y", long))
    assert row is not None
    check_blocks([header(long), section(long), context(*[long[:1500]] * 20), fields(*[long] * 12),
                  row])  # fmt: skip


def test_nothing_to_press_is_no_row() -> None:
    assert actions(None) is None
    assert overflow(1, []) is None


def test_a_menu_holds_five_and_knows_what_each_does() -> None:
    items = [menu_item("ask:hold", f"Item {n}", {"case": n}) for n in range(5)]
    menu = overflow(2, items)
    assert menu is not None
    assert menu["action_id"] == "menu#2"
    assert [o["value"] for o in menu["options"]][:1] == ['ask:hold|{"case":0}']
    assert len(menu["options"]) == 5


def test_values_that_slack_would_refuse_are_an_error_of_ours() -> None:
    with pytest.raises(ValueError, match="at most 2000"):
        button("do:x", "x", {"note": "y" * 3000})
    with pytest.raises(ValueError, match="1 to 150"):
        option("v" * 151, "x")
    with pytest.raises(ValueError, match="at most"):
        menu_item("ask:hold", "x", {"note": "y" * 150})
    assert pack_value({"a": "λ"}, 20) == '{"a":"λ"}'


@pytest.mark.parametrize(
    "text",
    ["x" * 9000, "&" * 3000, "<" * 2999 + " y", "a " * 3000, "w" * 2999 + "&&&", ">" + "z" * 7000],
)
def test_nothing_of_a_long_text_is_lost_between_its_sections(text: str) -> None:
    found = text_chunks(quote_text(text))
    assert max(len(each) for each in found) <= 3000
    assert all(each.startswith(">") for each in found)
    shown = "".join(each.removeprefix(">") for each in found)
    assert shown.replace(" ", "") == quote_text(text).removeprefix(">").replace(" ", "")
    check_blocks([section(each) for each in found])
    assert [section(each)["text"]["text"] for each in found] == found


def test_a_long_word_is_not_cut_inside_a_mention() -> None:
    found = text_chunks("x" * 2995 + "<@U0MAYA>" + "y" * 10)
    assert found == ["x" * 2995, "<@U0MAYA>" + "y" * 10]
