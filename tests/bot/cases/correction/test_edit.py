"""A case is corrected: what changed, what the record keeps, who hears of it, who may."""

from typing import Any

import pytest

from bot.cases.correction.kept import read_corrected
from bot.errors import UserError
from bot.rules.words import Role
from storage.models import Case, TimelineEvent
from tests.bot.cases.correction.forms import edit, globex, opened_form
from tests.bot.stage import (
    ANNA,
    BILL,
    CARL,
    DORA,
    EMMA,
    EXEC,
    LAWYER,
    LEAH,
    SPON,
    STRANGER,
    TINA,
    Stage,
)

# What is corrected, with the columns that must follow.
CORRECTIONS: dict[str, dict[str, Any]] = {
    "stake": {"stake": "Payroll stops on Friday"},
    "trigger": {"trigger": "too_slow"},
    "language": {"language": "en"},
    "ticket": {"ticket_url": "https://tickets.acme.example/77?a=1&b=<2>"},
    "contact": {"contact_name": "Nora", "contact_email": "nora@acme.example"},
    "second": {"second_name": "Olga", "second_email": "olga@acme.example"},
}


async def corrections(stage: Stage, number: int) -> list[TimelineEvent]:
    """The entries of corrections, oldest first."""
    return [each for each in await stage.timeline(number) if each.verb.startswith("edit_")]


@pytest.mark.parametrize("part", CORRECTIONS)
async def test_only_what_was_changed_is_changed_and_the_record_keeps_both(
    stage: Stage, part: str
) -> None:
    number = await stage.opened()
    before = (await stage.case(number)).model_dump()
    await edit(stage, number, **CORRECTIONS[part])
    after = (await stage.case(number)).model_dump()
    aside = {"version", "changed_at", "contact_by", "second_by"}
    changed = {name for name in after if after[name] != before[name]} - aside
    assert changed == set(CORRECTIONS[part])
    assert {name: after[name] for name in changed} == CORRECTIONS[part]
    [entry] = await corrections(stage, number)
    assert entry.verb == f"edit_{part}"
    assert entry.before["value"][0] == before[next(iter(CORRECTIONS[part]))]
    assert entry.after["value"][0] == next(iter(CORRECTIONS[part].values()))


async def test_several_parts_are_one_notice_and_an_entry_each(stage: Stage) -> None:
    number = await stage.opened()
    await stage.in_channel(number)
    await edit(stage, number, LEAH, stake="Worse", language="en", second_name="Olga")
    assert [e.verb for e in await corrections(stage, number)] == [
        "edit_stake", "edit_language", "edit_second",
    ]  # fmt: skip
    assert (await stage.heard(number)).items() >= {
        "post": ["case_edited"],
        EMMA: ["case_edited"],
    }.items()


async def test_the_owner_is_not_written_to_for_a_better_word(stage: Stage) -> None:
    number = await stage.opened()
    await stage.in_channel(number)
    await edit(stage, number, ANNA, stake="Worse")
    assert await stage.heard(number) == {"post": ["case_edited"]}


async def test_the_old_words_come_back_whole(stage: Stage) -> None:
    long = "We lose <orders> & trust, " * 100
    number = await stage.opened(stake=long, stake_quoted=True)
    await edit(stage, number, stake="Short", stake_quoted=False)
    [entry] = await corrections(stage, number)
    async with stage.database.read() as session:
        kept = await read_corrected(session, number, [entry.id])
    assert kept == {"stake": [long.strip(), "true"]}
    await edit(stage, number, stake=kept["stake"][0], stake_quoted=True)
    case = await stage.case(number)
    assert (case.stake, case.stake_quoted) == (long.strip(), True)


async def test_entries_of_other_cases_are_not_read(stage: Stage) -> None:
    one, other = await stage.opened(), await stage.opened()
    await edit(stage, one, stake="Secret of one")
    [entry] = await corrections(stage, one)
    async with stage.database.read() as session:
        assert await read_corrected(session, other, [entry.id]) == {}


async def test_a_form_sent_as_it_was_changes_nothing_and_says_so(stage: Stage) -> None:
    number = await stage.opened(stake="Line one\n\n  line two ")
    with pytest.raises(UserError, match="edit_nothing"):
        await edit(stage, number)
    with pytest.raises(UserError, match="edit_nothing"):
        await edit(stage, number, stake="", trigger=None, language=None, customer="", account="")


async def test_a_part_that_the_form_did_not_show_stays(stage: Stage) -> None:
    number = await stage.opened()
    form = await opened_form(stage, number)
    form["seen"] = {"stake": form["seen"]["stake"]}
    sent = {**form, "stake": "Worse", "contact_name": "", "contact_email": "", "language": "en"}
    await stage.do(EMMA, "edit_case", number, **sent)
    case = await stage.case(number)
    assert (case.stake, case.contact_name, case.language) == ("Worse", "Maria", "el")


# -- who may

TEAM = {ANNA, BILL, EMMA, LEAH, DORA, TINA, CARL, EXEC}
SPEAK = {ANNA, BILL, EMMA, LEAH, DORA, TINA, CARL}
MANAGE = {EMMA, LEAH, DORA}
MAY = {
    "customer": MANAGE,
    "contact": SPEAK,
    "second": SPEAK,
    "stake": TEAM,
    "trigger": TEAM,
    "language": TEAM,
    "ticket": TEAM,
}


@pytest.mark.parametrize("who", [*sorted(TEAM), LAWYER, SPON, STRANGER])
@pytest.mark.parametrize("part", MAY)
async def test_who_may_correct_what(stage: Stage, part: str, who: str) -> None:
    await stage.add(globex())
    number = await stage.opened()
    fields = CORRECTIONS.get(part, {"account": "globex", "customer": "Globex"})
    if who in MAY[part]:
        await edit(stage, number, who, **fields)
        assert f"edit_{part}" in {each.verb for each in await corrections(stage, number)}
        return
    with pytest.raises(UserError, match=r"not_your_role|not_entrusted"):
        await edit(stage, number, who, **fields)
    assert await corrections(stage, number) == []


async def test_a_reporter_without_a_role_names_no_other_contact(stage: Stage) -> None:
    number = await stage.opened(STRANGER)
    await edit(stage, number, STRANGER, stake="Worse")
    with pytest.raises(UserError, match="not_entrusted"):
        await edit(stage, number, STRANGER, contact_email="me@elsewhere.example")


async def test_a_restricted_case_does_not_exist_for_others(stage: Stage) -> None:
    number = await stage.opened(sensitive=True)
    with pytest.raises(UserError, match="no_such_case"):
        await edit(stage, number, LEAH, stake="Worse")
    await edit(stage, number, EMMA, stake="Worse")


async def test_what_is_told_of_a_restricted_case_outside_it_says_no_words(stage: Stage) -> None:
    number = await stage.opened(sensitive=True)
    await stage.in_channel(number)
    await edit(stage, number, ANNA, contact_name="Nora")
    assert (await stage.heard(number))[EMMA] == ["case_edited"]


# -- statuses


@pytest.mark.parametrize("way", ["opened", "claimed", "investigating", "resolved", "reviewed"])
async def test_all_can_be_corrected_while_a_case_lives(stage: Stage, way: str) -> None:
    number = await getattr(stage, way)()
    await edit(stage, number, stake="Worse", second_email="olga@acme.example")
    assert (await stage.case(number)).stake == "Worse"


async def ended(stage: Stage, how: str) -> int:
    """A case that has ended."""
    number = await stage.opened()
    if how == "dismissed":
        await stage.do(EMMA, "dismiss", number, reason="A question")
    else:
        other = await stage.opened()
        verb, fields = ("close", {"code": "duplicate", "duplicate_of": other})
        if how == "merged":
            verb, fields = "merge", {"into": other}
        await stage.do(EMMA, verb, number, **fields)
    return number


@pytest.mark.parametrize("how", ["closed", "dismissed"])
async def test_of_a_case_that_ended_only_the_contacts_can_be_corrected(
    stage: Stage, how: str
) -> None:
    number = await ended(stage, how)
    assert (await stage.case(number)).status == how
    await edit(stage, number, contact_name="Nora")
    assert (await stage.case(number)).contact_name == "Nora"
    for part in ("stake", "trigger", "language", "ticket"):
        with pytest.raises(UserError, match="edit_contacts_only"):
            await edit(stage, number, **CORRECTIONS[part])
    with pytest.raises(UserError, match="edit_contacts_only"):
        await edit(stage, number, contact_name="Olga", stake="Both")
    assert (await stage.case(number)).contact_name == "Nora"


async def test_a_merged_case_is_corrected_where_it_goes_on(stage: Stage) -> None:
    number = await ended(stage, "merged")
    with pytest.raises(UserError, match="wrong_status"):
        await edit(stage, number, contact_name="Nora")


# -- a reason that brings in executives


async def test_a_reason_for_executives_wants_the_flag_first(stage: Stage) -> None:
    number = await stage.opened()
    with pytest.raises(UserError, match="edit_needs_flag"):
        await edit(stage, number, trigger="threat_to_cancel")
    flag = {"trigger": "threat_to_cancel", "reason": "They are leaving"}
    await stage.do(EMMA, "executive_flag", number, **flag)
    await edit(stage, number, trigger="threat_to_cancel")
    assert (await stage.case(number)).trigger == "threat_to_cancel"
    with pytest.raises(UserError, match="edit_needs_flag"):
        await edit(stage, number, trigger="legal")


async def test_another_reason_takes_no_flag_back(stage: Stage) -> None:
    number = await stage.opened(trigger="threat_to_cancel")
    await edit(stage, number, trigger="technical")
    case = await stage.case(number)
    assert (case.trigger, case.executive) == ("technical", True)


# -- two at once


async def test_the_second_who_corrects_the_same_hears_what_it_is_now(stage: Stage) -> None:
    number = await stage.opened()
    late = await opened_form(stage, number)
    await edit(stage, number, ANNA, contact_email="nora@acme.example")
    sent = {**late, "contact_name": "Olga", "stake": "Mine"}
    answer = await stage.do(EMMA, "edit_case", number, **sent)
    assert answer is not None
    assert answer["text"] == "notice:edit_clash"
    [row] = answer["extra"]["changes"]
    assert row == {
        "part": "contact",
        "was": "Maria, nora@acme.example",
        "now": "Olga, maria@acme.example",
    }
    case = await stage.case(number)
    assert (case.contact_name, case.contact_email) == ("Maria", "nora@acme.example")
    assert case.stake != "Mine"
    async with stage.database.read() as session:
        kept = await read_corrected(session, number, answer["extra"]["entries"])
    assert kept == {"stake": ["Mine", ""], "contact": ["Olga", "maria@acme.example"]}


async def test_two_who_correct_different_parts_both_do(stage: Stage) -> None:
    number = await stage.opened()
    late = await opened_form(stage, number)
    await edit(stage, number, ANNA, stake="Hers")
    await stage.do(EMMA, "edit_case", number, **{**late, "language": "en"})
    case = await stage.case(number)
    assert (case.stake, case.language) == ("Hers", "en")


async def test_two_who_correct_the_same_alike_are_in_no_ones_way(stage: Stage) -> None:
    number = await stage.opened()
    late = {**await opened_form(stage, number), "stake": "Agreed", "language": "en"}
    await edit(stage, number, ANNA, stake="Agreed")
    await stage.do(EMMA, "edit_case", number, **late)
    assert (await stage.case(number)).language == "en"
    assert [e.verb for e in await corrections(stage, number)] == ["edit_stake", "edit_language"]


# -- an address that its writer named


@pytest.mark.parametrize("part", ["contact", "second"])
async def test_who_names_an_address_does_not_alone_write_to_it(stage: Stage, part: str) -> None:
    from bot.customers.outgoing import is_customers_address

    number = await stage.opened(account="", customer="Initech", contact_email="pat@initech.example")
    await edit(stage, number, BILL, **{f"{part}_email": "eve@elsewhere.example"})
    async with stage.database.read() as session:
        case = await session.get_one(Case, number)
        known = {
            (who, address): await is_customers_address(session, case, address, who)
            for who in (ANNA, BILL)
            for address in ("eve@elsewhere.example", "pat@initech.example")
        }
    assert known[BILL, "eve@elsewhere.example"] is False
    assert known[ANNA, "eve@elsewhere.example"] is True
    assert known[ANNA, "pat@initech.example"] is False  # who raised the case named it
    assert known[BILL, "pat@initech.example"] is (part == "second")


async def test_another_name_beside_an_address_does_not_change_who_answers_for_it(
    stage: Stage,
) -> None:
    number = await stage.opened(account="", customer="Initech", contact_email="pat@initech.example")
    await edit(stage, number, BILL, contact_name="Pat")
    assert (await stage.case(number)).contact_by == ""


@pytest.mark.parametrize(
    "text", ["<!channel> *x* &amp; <@UEMMA>", "‮evil‬", "{{ 7 * 7 }}", "=cmd|'x'!A1"]
)
async def test_hostile_words_are_kept_as_they_are(stage: Stage, text: str) -> None:
    number = await stage.opened()
    await edit(stage, number, stake=text, contact_name=text[:50])
    kept = (await stage.case(number)).stake
    assert kept == "".join(c for c in text if c.isprintable())
    assert Role.AGENT.value in await stage.roles(number)
