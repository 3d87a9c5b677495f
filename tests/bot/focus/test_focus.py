"""The technical lead's focus: what waits, what interrupts, that nothing is lost at its end."""

from datetime import timedelta

import pytest

from bot import effects
from bot.core import snapshot
from bot.errors import UserError
from storage.models import FocusNotice, FocusPeriod, Outbox
from tests.bot.stage import ANNA, BILL, EMMA, EVAN, LEAH, STRANGER, TINA, TOM, Stage


async def led(stage: Stage, **fields: object) -> int:
    """A case that Emma owns, with Tina as its technical lead."""
    number = await stage.claimed(**fields)
    await stage.in_channel(number)
    if "technical_lead" not in await stage.roles(number):
        await stage.do(EMMA, "assign", number, user=TINA, role="technical_lead")
    await stage.said(number)
    return number


async def focused(stage: Stage, who: str = TINA, *, hours: float = 2, **fields: object) -> int:
    """Such a case, with the lead in focus."""
    number = await led(stage, **fields)
    await stage.do(who, "focus", number, until=stage.now + timedelta(hours=hours))
    await stage.said(number)
    return number


async def told(stage: Stage, number: int, user: str) -> list[str]:
    """The names of what is queued for a person since it was last asked."""
    return (await stage.heard(number)).get(user, [])


async def over(stage: Stage, number: int) -> dict[str, object]:
    """What the message at the end says, of which there is one."""
    found = [each for each in await stage.said(number) if each.text == "focus:over"]
    assert len(found) == 1
    return {"to": found[0].to, **found[0].extra}


async def write(stage: Stage, number: int, user: str, text: str, **extra: object) -> None:
    """Something that the app would tell a person about the case, by itself."""
    async with stage.database.write() as session:
        work = stage.work(session)
        await effects.queue_dm(work, user, text, await work.case(number), extra)


async def test_what_would_disturb_waits_and_a_breach_does_not(stage: Stage) -> None:
    number = await focused(stage)
    await write(stage, number, TINA, "notice:worked_then", count=1)
    await write(stage, number, EMMA, "notice:worked_then", count=1)
    late = {"clock": "workaround", "threshold": "breach", "due": "", "cycle": 1, "missed": 0}
    await write(stage, number, TINA, "reminder", **late)
    heard = await stage.heard(number)
    assert heard == {EMMA: ["worked_then"], TINA: ["reminder"]}
    async with stage.database.read() as session:
        facts = await snapshot.load_number(session, number, stage.now)
    assert facts is not None
    assert facts.focus is not None
    assert (facts.focus.kept, facts.focus.interruptions) == (1, 1)
    assert (await stage.last(number)).verb == "focus_broken"


async def test_what_the_lead_does_is_answered_at_once(stage: Stage) -> None:
    number = await focused(stage)
    async with stage.database.write() as session:
        work = stage.work(session, TINA)
        await effects.queue_dm(work, TINA, "notice:draft_answered", await work.case(number), {})
        system = stage.work(session)
        case = await system.case(number)
        await effects.queue_dm(
            system, TINA, "notice:mails_decided", case, {}, asked_in={"channel": "C1"}
        )
    assert await told(stage, number, TINA) == ["draft_answered", "mails_decided"]


async def test_another_case_is_not_kept_back(stage: Stage) -> None:
    await focused(stage)
    other = await led(stage)
    await write(stage, other, TINA, "notice:worked_then", count=1)
    assert await told(stage, other, TINA) == ["worked_then"]


async def test_harm_interrupts(stage: Stage) -> None:
    number = await focused(stage)
    await stage.do(LEAH, "severity", number, severity=1, reason="All shops are down")
    assert await told(stage, number, TINA) == ["opened"]
    await stage.do(LEAH, "severity", number, severity=2, reason="Only some")
    assert await told(stage, number, TINA) == []


async def test_a_severity_of_which_a_lead_hears_nothing_else_interrupts_too(stage: Stage) -> None:
    number = await focused(stage, severity=3)
    await stage.do(LEAH, "severity", number, severity=2, reason="More shops")
    assert await told(stage, number, TINA) == ["severity_changed"]


async def test_a_manager_interrupts_with_a_reason_that_stays(stage: Stage) -> None:
    number = await focused(stage)
    answer = await stage.do(EMMA, "interrupt_focus", number, reason="Their CTO is on the line")
    assert answer is not None
    assert answer["text"] == "notice:focus_broken_into"
    assert await told(stage, number, TINA) == ["focus_interrupted"]
    record = {e.verb: e for e in await stage.timeline(number)}
    assert "focus_broken" not in record
    assert record["interrupt_focus"].why == "Their CTO is on the line"
    for who in (ANNA, TOM, STRANGER):
        with pytest.raises(UserError, match="not_your_role"):
            await stage.do(who, "interrupt_focus", number, reason="I wonder")


async def test_who_may_begin_and_end_it(stage: Stage) -> None:
    number = await led(stage)
    until = stage.now + timedelta(hours=1)
    with pytest.raises(UserError, match="focus_not_yours"):
        await stage.do(TOM, "focus", number, until=until)
    for who in (ANNA, STRANGER):
        with pytest.raises(UserError, match="not_your_role"):
            await stage.do(who, "focus", number, until=until)
    await stage.do(EVAN, "focus", number, until=until)
    assert await told(stage, number, TINA) == ["focus_set"]
    with pytest.raises(UserError, match="focus_not_yours"):
        await stage.do(TOM, "end_focus", number)
    await stage.do(EMMA, "end_focus", number)
    with pytest.raises(UserError, match="no_focus"):
        await stage.do(EMMA, "end_focus", number)


async def test_until_when_is_judged(stage: Stage) -> None:
    number = await led(stage)
    for until, why in ((timedelta(0), "focus_past"), (timedelta(hours=9), "focus_long")):
        with pytest.raises(UserError, match=why):
            await stage.do(TINA, "focus", number, until=stage.now + until)
    bare = await stage.claimed(severity=3)
    with pytest.raises(UserError, match="focus_no_lead"):
        await stage.do(EMMA, "focus", bare, until=stage.now + timedelta(hours=1))
    await stage.do(EMMA, "assign", number, user=EMMA, role="technical_lead")
    with pytest.raises(UserError, match="focus_of_owner"):
        await stage.do(EMMA, "focus", number, until=stage.now + timedelta(hours=1))


async def test_setting_it_again_moves_its_end(stage: Stage) -> None:
    number = await focused(stage, hours=1)
    await stage.do(TINA, "focus", number, until=stage.now + timedelta(hours=3))
    periods = await stage.rows(FocusPeriod)
    assert [p.until for p in periods] == [stage.now + timedelta(hours=3)]


async def test_at_its_end_one_message_has_all_that_waited(stage: Stage) -> None:
    number = await focused(stage, hours=0.5)
    await write(stage, number, TINA, "notice:worked_then", count=1)
    await stage.do(ANNA, "ask_lead", number, about="other", question="Is it the cache?")
    stage.later(minutes=30)
    await stage.sweep()
    said = await over(stage, number)
    assert said["to"] == TINA
    assert said["ended"] == "over"
    items = said["items"]
    assert isinstance(items, list)
    assert [each.get("words") or each["text"] for each in items] == [
        "Is it the cache?",
        "notice:worked_then",
    ]
    await stage.sweep()
    assert [each.text for each in await stage.said(number) if each.text == "focus:over"] == []
    assert all(row.told_at for row in await stage.rows(FocusNotice))
    await write(stage, number, TINA, "notice:worked_then", count=1)
    assert await told(stage, number, TINA) == ["worked_then"]


async def test_of_one_clock_only_the_newest_word_is_told(stage: Stage) -> None:
    number = await focused(stage)
    for at in ("warn:50", "warn:75"):
        soon = {"clock": "resolution", "threshold": at, "due": "", "cycle": 1, "missed": 0}
        await write(stage, number, TINA, "reminder", **soon)
    await stage.do(TINA, "end_focus", number)
    items = (await over(stage, number))["items"]
    assert isinstance(items, list)
    assert [each["extra"]["threshold"] for each in items] == ["warn:75"]


async def test_more_than_one_message_holds_comes_in_several(stage: Stage) -> None:
    number = await focused(stage)
    for _ in range(23):
        await write(stage, number, TINA, "notice:worked_then", count=1)
    await stage.do(EMMA, "end_focus", number)
    found = [each for each in await stage.said(number) if each.text == "focus:over"]
    assert [len(each.extra["items"]) for each in found] == [7, 7, 7, 2]
    assert {each.extra["total"] for each in found} == {23}


async def test_the_clock_of_check_ins_is_silent_for_the_lead_alone(stage: Stage) -> None:
    number = await focused(stage)
    late = {"clock": "check_in", "threshold": "ladder:1", "due": "", "cycle": 1, "missed": 1}
    for user in (TINA, EMMA):
        await write(stage, number, user, "reminder", **late)
    assert await stage.heard(number) == {EMMA: ["reminder"]}
    assert await stage.rows(FocusNotice) == []


async def test_a_lead_who_becomes_the_owner_is_out_of_focus(stage: Stage) -> None:
    number = await focused(stage)
    await write(stage, number, TINA, "notice:worked_then", count=1)
    await stage.do(EMMA, "assign", number, user=TINA, role="escalation_manager")
    assert (await stage.case(number)).owner == TINA
    await stage.said(number)
    await write(stage, number, TINA, "notice:worked_then", count=1)
    assert await told(stage, number, TINA) == ["worked_then"]
    await stage.sweep()
    assert (await over(stage, number))["ended"] == "lead"


async def test_a_case_that_has_lost_its_owner_to_the_lead_keeps_nothing(stage: Stage) -> None:
    number = await focused(stage)
    async with stage.database.write() as session:
        (await stage.work(session).case(number)).owner = TINA  # by whatever way
    await write(stage, number, TINA, "notice:worked_then", count=1)
    assert await told(stage, number, TINA) == ["worked_then"]
    stage.later(hours=2)
    await stage.sweep()
    assert (await stage.rows(FocusPeriod))[0].ended == "lead"


async def test_a_new_lead_begins_a_focus_before_the_old_one_was_ended(stage: Stage) -> None:
    number = await focused(stage)
    await write(stage, number, TINA, "notice:worked_then", count=1)
    await stage.do(EMMA, "assign", number, user=TOM, role="technical_lead")
    await stage.said(number)
    await stage.do(TOM, "focus", number, until=stage.now + timedelta(hours=1))
    assert (await over(stage, number))["to"] == TINA
    periods = [(p.lead, p.ended) for p in await stage.rows(FocusPeriod)]
    assert periods == [(TINA, "lead"), (TOM, "")]
    assert (await stage.case(number)).focus_of == TOM


async def test_a_word_is_promised_only_where_the_focus_lasts_as_long(stage: Stage) -> None:
    number = await led(stage, severity=1)
    for minutes, every in ((45, 0), (46, 45)):
        until = stage.now + timedelta(minutes=minutes)
        await stage.do(TINA, "focus", number, until=until)
        begun = [e for e in await stage.said(number) if e.text == "notice:focus_begun"]
        assert [each.extra["every"] for each in begun] == [every]


async def test_another_lead_gets_the_questions_and_the_old_one_the_messages(stage: Stage) -> None:
    number = await focused(stage)
    await write(stage, number, TINA, "notice:worked_then", count=1)
    await stage.do(ANNA, "ask_lead", number, question="Is it the cache?")
    await stage.do(EMMA, "assign", number, user=TOM, role="technical_lead")
    assert (await stage.case(number)).focus_of == ""
    await stage.said(number)
    await stage.sweep()
    found = {e.to: e.extra for e in await stage.said(number) if e.text == "focus:over"}
    assert found.keys() == {TINA, TOM}
    assert [each["text"] for each in found[TINA]["items"]] == ["notice:worked_then"]
    assert [each["words"] for each in found[TOM]["items"]] == ["Is it the cache?"]


async def test_a_case_that_ends_tells_what_waited(stage: Stage) -> None:
    number = await focused(stage)
    await stage.do(ANNA, "ask_lead", number, question="Is it the cache?")
    await stage.do(EMMA, "close", number, code="duplicate", root_cause="configuration",
                   duplicate_of=(await stage.claimed()))  # fmt: skip
    said = await over(stage, number)
    assert (said["to"], said["ended"], said["count"]) == (TINA, "case", 1)
    assert (await stage.rows(FocusPeriod))[0].ended == "case"


async def test_check_ins_are_asked_and_silence_goes_up_once_each(stage: Stage) -> None:
    number = await focused(stage, hours=8, severity=1)
    heard: list[tuple[str, str]] = []
    for _ in range(5):
        stage.later(minutes=45)
        await stage.sweep()
        await stage.sweep()  # what was said is not said again, whoever looks
        said = await stage.said(number)
        heard += [(e.to, e.text) for e in said if e.text.startswith("notice:focus_")]
        assert not any(e.extra.get("clock") == "check_in" for e in said if e.kind == "dm")
    asked = (TINA, "notice:focus_check_in")
    assert heard == [
        asked, asked, (EMMA, "notice:focus_silent"), asked,
        (LEAH, "notice:focus_unheard"), asked, asked,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("verb", "fields"),
    [("status", {"standing": "on_track"}), ("report_finding", {"finding": "It is the cache"})],
)
async def test_an_answer_ends_the_counting(stage: Stage, verb: str, fields: dict[str, str]) -> None:
    number = await focused(stage, hours=8, severity=1)
    for _ in range(4):
        stage.later(minutes=45)
        await stage.sweep()
        await stage.do(TINA, verb, number, **fields)
    texts = [row.payload.get("text") for row in await stage.rows(Outbox)]
    assert "notice:focus_silent" not in texts
    assert (await stage.rows(FocusPeriod))[0].missed == 0


async def test_the_card_answers_what_it_knows_and_nobody_is_asked(stage: Stage) -> None:
    number = await led(stage)
    await stage.do(TINA, "status", number, standing="blocked", remark="We wait for the vendor")
    await stage.said(number)
    answer = await stage.do(BILL, "ask_lead", number, about="status", question="How is it?")
    assert answer is not None
    assert answer["text"] == "notice:card_knows"
    assert (answer["extra"]["standing"], answer["extra"]["remark"]) == (
        "blocked", "We wait for the vendor",
    )  # fmt: skip
    assert await stage.heard(number) == {}
    with pytest.raises(UserError, match="question_empty"):
        await stage.do(BILL, "ask_lead", number, about="workaround")


async def test_a_question_is_answered_once_where_everybody_reads_it(stage: Stage) -> None:
    number = await led(stage)
    await stage.do(BILL, "ask_lead", number, about="workaround", question="Is there a way around?")
    assert await told(stage, number, TINA) == ["lead_asked"]
    await stage.do(TINA, "answer_question", number, query=1, answer="Not yet")
    heard = await stage.heard(number)
    assert heard["post"] == ["question_answered"]
    assert heard[BILL] == ["question_answered"]
    with pytest.raises(UserError, match="question_answered"):
        await stage.do(EMMA, "answer_question", number, query=1, answer="No")
    with pytest.raises(UserError, match="no_such_question"):
        await stage.do(EMMA, "answer_question", number, query=2, answer="No")
    with pytest.raises(UserError, match="question_of_yourself"):
        await stage.do(TINA, "ask_lead", number, question="What do I think?")
