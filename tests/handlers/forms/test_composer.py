"""The composer's second look: stops at the field, advice once, and a preview that keeps words."""

from typing import Any

import pytest

from bot.customers.updates import Update
from bot.rules.tone.lint import Setting, lint_message
from bot.rules.words import Language
from handlers.forms.composer import finding_mark, next_turn
from messages.cases.answers import field_problem
from tests.handlers.fakes import NOW, FakeDesk
from tests.handlers.requests_from_slack import (
    Workspace,
    pressed,
    select,
    submission,
    text,
    ticked,
    view,
)

GOOD = "Dear Eleni, I will write to you again at 14:00."
SOFT = "Dear Eleni, we are looking into it. I will write to you again at 14:00."


def state(words: str, **more: Any) -> dict[str, Any]:
    """The composer as somebody filled it in."""
    filled = {
        "kind": select("update"),
        "text": text(words),
        "recipient": text("Eleni"),
        "route": select("email"),
        "next_update_at": {
            "type": "datetimepicker",
            "selected_date_time": int(NOW.timestamp()) + 3600,
        },
    }
    return {**filled, **more}


async def sent(slack: Workspace, words: str) -> dict[str, Any]:
    """Slack's answer to the composer with these words; empty when the form closes."""
    response = await slack.interact(submission(view("update", state(words))))
    return dict(response.json()) if response.content else {}


def shown(answer: dict[str, Any]) -> str:
    """All that the answered form says."""
    return str(answer["view"]["blocks"])


async def test_good_words_are_taken_at_once(slack: Workspace, desk: FakeDesk) -> None:
    assert await sent(slack, GOOD) == {}
    assert isinstance(desk.accepted[0][0], Update)


async def test_a_line_in_brackets_is_answered_at_the_text(slack: Workspace, desk: FakeDesk) -> None:
    line = "[the effect on the customer at this moment]"
    answer = await sent(slack, f"{line}\n{GOOD}")
    assert answer["errors"] == {"text": field_problem("brackets", Language.ENGLISH, found=line)}
    assert desk.accepted == []


@pytest.mark.parametrize(
    ("words", "quoted"),
    [
        ("Dear Eleni, thank you.", "write to you again"),
        (f"{GOOD} The password is Ferry2026!", "Ferry2026!"),
    ],
)
async def test_what_must_not_be_sent_is_answered_with_the_reason(
    slack: Workspace, desk: FakeDesk, words: str, quoted: str
) -> None:
    answer = await sent(slack, words)
    assert list(answer["errors"]) == ["text"]
    assert quoted in answer["errors"]["text"]
    assert desk.accepted == []


async def test_what_has_gone_out_already_is_taken_whatever_is_wrong_in_it(
    slack: Workspace, desk: FakeDesk
) -> None:
    gone = state("We refund you €500.", already_sent=ticked("true"))
    assert (await slack.interact(submission(view("update", gone)))).content == b""
    intent = desk.accepted[0][0]
    assert isinstance(intent, Update)
    assert intent.already_sent


async def test_money_that_is_not_approved_is_told_beside_a_button_that_asks_for_it(
    slack: Workspace, desk: FakeDesk
) -> None:
    for _ in range(2):  # it does not pass by being sent again
        answer = await sent(slack, f"{GOOD} We will refund you €500.")
        said = shown(answer)
        assert "It was not sent: 1 thing has to change." in said
        assert "€500 is not approved for this case." in said
        assert "send it as it is" not in said
        assert "Ask for approval of €500" in said
        assert answer["view"]["submit"]["text"] != "Record anyway"
    assert desk.accepted == []


async def test_every_reason_is_told_at_once(slack: Workspace) -> None:
    answer = await sent(slack, "The password is Ferry2026! We refund you €500.")
    assert "It was not sent: 3 things to look at." in shown(answer)
    for reason in ("Secret or personal number", "Money", "Next update missing"):
        assert reason in shown(answer), reason


async def test_advice_is_shown_once_beside_the_words(slack: Workspace, desk: FakeDesk) -> None:
    answer = await sent(slack, SOFT)
    assert answer["response_action"] == "update"
    assert "we are looking into it" in shown(answer)
    assert "Name who does what" in shown(answer)
    assert answer["view"]["submit"]["text"] == "Record anyway"
    blocks = {b.get("block_id"): b for b in answer["view"]["blocks"]}
    assert blocks["text"]["element"]["initial_value"] == SOFT
    assert desk.accepted == []
    hidden = answer["view"]["private_metadata"]
    again = view("update", state(SOFT)) | {"private_metadata": hidden}
    assert (await slack.interact(submission(again))).content == b""
    assert len(desk.accepted) == 1


async def test_new_words_bring_new_advice(slack: Workspace, desk: FakeDesk) -> None:
    answer = await sent(slack, SOFT)
    hidden = answer["view"]["private_metadata"]
    changed = SOFT.replace("looking into it", "on it ASAP")
    again = view("update", state(changed)) | {"private_metadata": hidden}
    second = (await slack.interact(submission(again))).json()
    assert "ASAP" in str(second["view"]["blocks"])
    assert desk.accepted == []


async def test_mended_words_are_taken(slack: Workspace, desk: FakeDesk) -> None:
    answer = await sent(slack, SOFT)
    hidden = answer["view"]["private_metadata"]
    again = view("update", state(GOOD)) | {"private_metadata": hidden}
    assert (await slack.interact(submission(again))).content == b""
    assert isinstance(desk.accepted[0][0], Update)
    assert desk.accepted[0][0].text == GOOD


async def test_the_preview_shows_the_message_and_keeps_what_was_typed(
    slack: Workspace, desk: FakeDesk
) -> None:
    await slack.interact(pressed("check", None, view=view("update", state(SOFT))))
    await desk.settle()
    called = desk.slack.last("views.update")
    drawn = called["view"]
    blocks = {b.get("block_id"): b for b in drawn["blocks"]}
    assert blocks["text"]["element"]["initial_value"] == SOFT
    assert blocks["route"]["element"]["initial_option"]["value"] == "email"
    assert "As the customer will see it" in str(drawn["blocks"])
    assert "&gt;" not in str(drawn["blocks"][-1])
    assert "looking into it" in str(drawn["blocks"][-1])


async def test_a_returned_message_opens_as_it_was(slack: Workspace, desk: FakeDesk) -> None:
    await slack.interact(pressed("ask:update", {"case": 7, "draft": 9}))
    await desk.settle()
    called = desk.slack.last("views.open")
    blocks = {b.get("block_id"): b for b in called["view"]["blocks"]}
    assert blocks["text"]["element"]["initial_value"] == "Dear Eleni"
    assert blocks["kind"]["element"]["initial_option"]["value"] == "apology"
    promised = blocks["next_update_at"]["element"]["initial_date_time"]
    assert promised == int(NOW.timestamp())  # the old promise has passed


def test_a_findings_mark_and_the_texts_turn_are_read_back() -> None:
    first, second = lint_message("ASAP, soon", Setting(Language.ENGLISH, letter=False))
    assert finding_mark(first) != finding_mark(second)
    assert next_turn({"blocks": [{"block_id": "text~3"}]}) == 3
    assert next_turn({"blocks": [{"block_id": "text"}]}) == 0


async def test_a_workaround_sent_before_its_field_was_drawn_is_asked_for(
    slack: Workspace, desk: FakeDesk
) -> None:
    given = state(GOOD, kind=select("workaround"))
    answer = (await slack.interact(submission(view("update", given)))).json()
    asked = [block for block in answer["view"]["blocks"] if block.get("block_id") == "workaround"]
    assert [bool(block.get("optional")) for block in asked] == [False]
    assert desk.accepted == []
    gone = state(GOOD, kind=select("workaround"), already_sent=ticked("true"))
    answer = (await slack.interact(submission(view("update", gone)))).json()
    assert "workaround" in [block.get("block_id") for block in answer["view"]["blocks"]]
    full = state(GOOD, kind=select("workaround"), workaround=text("Use the old page"))
    await slack.interact(submission(view("update", full)))
    assert [intent.workaround for intent, *_ in desk.accepted] == ["Use the old page"]
