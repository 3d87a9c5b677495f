"""A case that was raised twice is closed in favour of the other, from wherever it stands."""

import pytest

from bot.errors import UserError
from storage.models import Outbox
from tests.bot.stage import ANNA, BILL, EMMA, LEAH, STRANGER, Stage

MERGED = {"code": "duplicate"}
WAYS = {
    "new": Stage.opened,
    "acknowledged": Stage.claimed,
    "investigating": Stage.investigating,
    "resolved": Stage.resolved,
    "review": Stage.reviewed,
}


async def close(stage: Stage, number: int, other: object, who: str = EMMA) -> None:
    await stage.do(who, "close", number, **MERGED, duplicate_of=other)


@pytest.mark.parametrize("severity", [1, 3])
@pytest.mark.parametrize("status", WAYS)
async def test_a_duplicate_is_closed_from_every_live_status(
    stage: Stage, status: str, severity: int
) -> None:
    original = await stage.opened()
    number = await WAYS[status](stage, severity=severity)
    assert (await stage.case(number)).status == status
    await close(stage, number, f"ESC-{original}", LEAH)
    case = await stage.case(number)
    assert (case.status, case.closure_code, case.duplicate_of) == ("closed", "duplicate", original)
    assert await stage.running(number) == set()
    entry = await stage.last(number)
    assert entry.after["original"] == f"ESC-{original}"


async def test_the_other_case_hears_of_it_and_takes_the_people_in(stage: Stage) -> None:
    original, number = await stage.opened(BILL), await stage.opened(ANNA)
    for each, channel in ((original, "C1"), (number, "C2")):
        await stage.in_channel(each, channel)
    await close(stage, number, original)
    assert (await stage.heard(original))["post"] == ["duplicate"]
    assert (await stage.last(original)).after == {"duplicate": f"ESC-{number}"}
    invited = await stage.rows(Outbox, case_number=original, kind="invite")
    assert invited[-1].payload["users"] == [ANNA]
    told = [r.payload["text"] for r in await stage.rows(Outbox, lane=f"dm:{ANNA}")]
    assert told[-1] == "notice:closed"


async def test_a_duplicate_reopened_stands_for_itself_again(stage: Stage) -> None:
    original, number = await stage.opened(), await stage.opened()
    await close(stage, number, original)
    await stage.do(ANNA, "reopen", number, reason="It is another thing")
    case = await stage.case(number)
    assert (case.status, case.duplicate_of) == ("investigating", None)


@pytest.mark.parametrize("status", ["new", "acknowledged", "investigating", "resolved"])
async def test_no_other_end_skips_the_review(stage: Stage, status: str) -> None:
    number = await WAYS[status](stage)
    with pytest.raises(UserError, match="wrong_status"):
        await stage.do(EMMA, "close", number, code="fixed", root_cause="change", no_action="None")


async def test_what_cannot_go_on_in_place_of_a_case_is_refused(stage: Stage) -> None:
    number, over = await stage.opened(), await stage.opened()
    await stage.do(EMMA, "dismiss", over, reason="A question")
    theirs = await stage.opened(account="", customer="Bravo")
    secret = await stage.opened(BILL, sensitive=True)
    wrong = {
        None: "duplicate_needed",
        number: "duplicate_of_itself",
        over: "duplicate_is_over",
        theirs: "duplicate_of_another_customer",
        999: "no_such_case",
    }
    for other, refusal in wrong.items():
        with pytest.raises(UserError, match=refusal):
            await close(stage, number, other)
    with pytest.raises(UserError, match="no_such_case"):
        await close(stage, number, secret, LEAH)  # who is not on it is told nothing of it
    with pytest.raises(UserError, match="duplicate_is_restricted"):
        await close(stage, number, secret, EMMA)
    assert (await stage.case(number)).status == "new"


async def test_only_managers_close_duplicates(stage: Stage) -> None:
    original, number = await stage.opened(), await stage.opened()
    with pytest.raises(UserError, match="not_your_role"):
        await close(stage, number, original, STRANGER)


async def test_an_unrestricted_case_hears_nothing_of_a_restricted_duplicate(stage: Stage) -> None:
    original = await stage.opened(BILL)
    secret = await stage.opened(ANNA, sensitive=True, stake="Their lawyer wrote")
    for each, channel in ((original, "C1"), (secret, "C2")):
        await stage.in_channel(each, channel)
    await stage.said(original)
    before = await stage.timeline(original)
    await close(stage, secret, original, (await stage.case(secret)).owner)
    assert (await stage.case(secret)).duplicate_of == original
    assert await stage.timeline(original) == before
    assert await stage.said(original) == []
    told = [r.payload["text"] for r in await stage.rows(Outbox, lane=f"dm:{ANNA}")]
    assert told[-1] == "notice:closed"


async def test_the_record_of_the_case_that_goes_on_repeats_no_stake(stage: Stage) -> None:
    original, number = await stage.opened(), await stage.opened(stake="Their lawyer wrote")
    await close(stage, number, original)
    assert (await stage.last(original)).why == ""  # the other may be reopened and restricted
