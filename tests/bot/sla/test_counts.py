"""How many direct messages a silence makes, played minute by minute on the real engine."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest

from bot.sla.acts import LETTER
from storage.models import Outbox
from tests.bot.stage import ANNA, CARL, EMMA, EVAN, EXEC, LEAH, TINA, Stage

AT_MOST = 4  # direct messages in the first hour of one message that is not sent
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Heard:
    """A direct message of a clock: when, to whom, of which clock at which threshold."""

    at: datetime
    user: str
    clock: str
    threshold: str
    also: Sequence[str] = ()


async def play(stage: Stage, **span: float) -> None:
    """Let time pass, a minute at a time."""
    end = stage.now + timedelta(**span)
    while stage.now < end:
        stage.later(minutes=1)
        await stage.sweep()


async def heard(stage: Stage, number: int, since: datetime) -> list[Heard]:
    """The direct messages about the clocks of the case after ``since``."""
    rows = await stage.rows(Outbox, case_number=number, kind="dm")
    return [
        Heard(
            row.queued_at,
            row.payload["user"],
            row.payload["extra"]["clock"],
            row.payload["extra"].get("threshold", "breach"),
            row.payload["extra"].get("also", ()),
        )
        for row in rows
        if row.queued_at > since
        and "clock" in row.payload["extra"]
        and not row.payload["text"].startswith("notice:breach_call_")  # a call ends these
    ]


def of_letter(found: Sequence[Heard]) -> list[Heard]:
    """Those about what a message to the customer would end."""
    return [each for each in found if each.clock in LETTER]


def most_in_an_hour(found: Sequence[Heard]) -> int:
    """The greatest count of any hour, both ends included."""
    times = [each.at for each in found]
    return max((sum(a <= b <= a + HOUR for b in times) for a in times), default=0)


@pytest.mark.parametrize("severity", [1, 2, 3, 4])
@pytest.mark.parametrize("writes", [0, 4, 50], ids=["promised", "asked early", "asked late"])
async def test_an_unsent_message_makes_at_most_four_direct_messages_in_an_hour(
    stage: Stage, severity: int, writes: int
) -> None:
    number = await stage.claimed(severity=severity)
    await stage.update(number, kind="acknowledgement", next_update_at=stage.now + HOUR)
    since = stage.now
    await play(stage, minutes=writes)
    if writes:
        await stage.do(ANNA, "customer_replied", number, summary="And now?")
    await play(stage, hours=4)
    found = of_letter(await heard(stage, number, since))
    assert 3 <= most_in_an_hour(found) <= AT_MOST
    assert [each.user for each in found if each.threshold.startswith("warn")] == [ANNA]
    assert [each.user for each in found if each.threshold == "breach"] == [EMMA]
    assert len({each.user for each in found}) == len(found)  # nobody is told twice


async def test_a_first_message_that_is_not_sent_makes_at_most_four_in_an_hour(
    stage: Stage,
) -> None:
    number = await stage.opened()
    since = stage.now
    await play(stage, hours=6)
    found = await heard(stage, number, since)
    assert 3 <= most_in_an_hour(of_letter(found)) <= AT_MOST
    assert most_in_an_hour(found) <= AT_MOST + 1


async def test_the_warning_names_the_clock_that_is_due_first(stage: Stage) -> None:
    number = await stage.claimed()
    until = stage.now + timedelta(hours=4)
    await stage.update(number, kind="acknowledgement", next_update_at=until)
    since = stage.now
    stage.later(minutes=170)
    await stage.do(ANNA, "customer_replied", number, summary="And now?")
    stage.later(minutes=10)  # three quarters of the promise; the reply is due before it
    await stage.sweep()
    await play(stage, minutes=49)
    warned = of_letter(await heard(stage, number, since))
    assert [(each.user, each.clock) for each in warned] == [(ANNA, "next_reply")]


async def test_a_missed_check_in_is_asked_again_and_then_the_owner_is_told_to_call(
    stage: Stage,
) -> None:
    number = await stage.investigating()
    since = stage.now
    await play(stage, hours=6)
    found = [each for each in await heard(stage, number, since) if each.clock == "check_in"]
    asked = [(each.user, each.threshold) for each in found]
    assert asked == [(TINA, "breach"), (TINA, "breach"), (EMMA, "ladder:2")]


async def test_who_was_offered_a_role_is_reminded_at_half_and_at_the_end_then_the_lead_hears(
    stage: Stage,
) -> None:
    number = await stage.claimed(severity=1)
    await stage.do(EMMA, "hand_over", number, role="escalation_manager", user=EVAN, summary="Kate")
    since = stage.now
    await play(stage, minutes=16)
    found = await heard(stage, number, since)
    asked = [(h.user, h.threshold) for h in found if h.clock.startswith("handoff")]
    assert asked == [(EVAN, "warn:50"), (EMMA, "breach"), (EVAN, "breach")]
    await play(stage, minutes=15)
    found = await heard(stage, number, since)
    rest = [(h.user, h.threshold) for h in found if h.clock.startswith("handoff")][3:]
    assert rest == [(LEAH, "ladder:1")]


async def test_a_new_message_to_the_customer_begins_the_count_anew(stage: Stage) -> None:
    number = await stage.claimed()
    await stage.update(number, kind="acknowledgement", next_update_at=stage.now + HOUR)
    since = stage.now
    await play(stage, minutes=70)
    await stage.update(number)
    await play(stage, minutes=70)
    found = of_letter(await heard(stage, number, since))
    assert [each.user for each in found] == [ANNA, EMMA, ANNA, EMMA]


async def test_those_who_cannot_act_are_not_told_unless_the_policy_says_so(stage: Stage) -> None:
    number = await stage.claimed()
    await stage.update(number, kind="acknowledgement", next_update_at=stage.now + HOUR)
    since = stage.now
    await play(stage, hours=5)
    told = {each.user for each in of_letter(await heard(stage, number, since))}
    assert told == {ANNA, EMMA, LEAH, "UDORA", EXEC}
    assert not told & {TINA, CARL}


async def test_the_owner_of_what_stays_overdue_is_told_every_morning(stage: Stage) -> None:
    number = await stage.investigating()
    since = stage.now + timedelta(hours=12)
    for _ in range(5 * 24):
        stage.later(hours=1)
        await stage.sweep()
    found = [h for h in await heard(stage, number, since) if h.threshold.startswith("overdue")]
    assert {each.user for each in found} == {EMMA}
    days = [each.threshold.partition(":")[2] for each in found]
    assert days == sorted(set(days))
    assert len(days) >= 4  # each morning one, whatever else is overdue
    assert any(each.also for each in found)
    await stage.update(number)
    await stage.sweep()


async def test_a_morning_that_passed_unseen_is_said_once(stage: Stage) -> None:
    number = await stage.investigating()
    await play(stage, hours=1)
    stage.later(days=1)
    await stage.sweep()
    since = stage.now
    stage.later(days=9)
    await stage.sweep()
    found = [h for h in await heard(stage, number, since) if h.threshold.startswith("overdue")]
    assert len(found) == 1


async def test_after_downtime_those_who_own_it_hear_of_the_miss_once(stage: Stage) -> None:
    number = await stage.claimed()
    await stage.update(number, kind="acknowledgement", next_update_at=stage.now + HOUR)
    await stage.in_channel(number)
    since = stage.now
    stage.later(hours=3, minutes=1)  # the breach and two levels passed unseen
    await stage.sweep()
    found = of_letter(await heard(stage, number, since))
    told = {each.user: each.threshold for each in found}
    assert told[EMMA] == told[ANNA] == "breach"
    assert told["UDORA"] == "ladder:2"
    assert len(found) == len(told)
    posts = [s for s in await stage.said(number) if s.kind == "post" and s.text == "reminder"]
    assert [post.extra["threshold"] for post in posts] == ["breach"]
    assert "breach" in {entry.verb for entry in await stage.timeline(number)}


async def test_a_breach_that_passed_unseen_still_opens_the_conversation(stage: Stage) -> None:
    number = await stage.claimed()
    await stage.update(number, kind="acknowledgement", next_update_at=stage.now + HOUR)
    stage.later(hours=3, minutes=1)
    await stage.sweep()
    rows = await stage.rows(Outbox, case_number=number, kind="dm")
    briefs = [r.payload["user"] for r in rows if r.payload["text"] == "notice:breach_brief"]
    assert briefs == [EMMA]
