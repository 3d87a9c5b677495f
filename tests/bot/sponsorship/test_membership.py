"""Into the programme and out of it: places, waiting lists, consent, deputies, ends."""

from dataclasses import replace
from datetime import date

import pytest

from bot.rules.states import SponsorshipState
from bot.rules.words import Role, Standing
from bot.sponsorship.pass_on import replace_left_sponsors
from storage.models import Account, Outbox, Outcome, Person
from tests.bot.people.test_account_keys import import_file
from tests.bot.sponsorship.conftest import HELEN, Sponsoring
from tests.bot.stage import ALEX, ANNA, BILL, CARL, DORA, EMMA, EXEC, LEAH, SPON, STRANGER

S = SponsorshipState


async def leave(active: Sponsoring, user: str) -> int:
    """A person is deactivated in Slack, and that is noticed."""
    person = Person(
        user_id=user, name=user, standing=Standing.DEACTIVATED, fetched_at=active.stage.now
    )
    await active.stage.add(person)
    return await replace_left_sponsors(active.stage.services())


async def test_a_nomination_is_offered_and_begins_by_being_accepted(active: Sponsoring) -> None:
    row = await active.nominate(deputy=HELEN)
    assert (row.state, row.offered_to, row.sponsor) == (S.OFFERED, SPON, SPON)
    assert await active.told() == [(SPON, "offered")]
    await active.answer(row, SPON)
    row = await active.row(row.id)
    assert (row.state, row.offered_to) == (S.ACTIVE, None)
    assert (row.review_on, row.ends_on) == (date(2026, 8, 10), date(2027, 2, 10))
    assert set(await active.told()) == {(LEAH, "accepted"), (HELEN, "accepted")}
    account = (await active.stage.rows(Account, key="acme"))[0]
    assert account.programme_sponsor == SPON


async def test_nothing_begins_without_the_customers_consent(active: Sponsoring) -> None:
    row = await active.nominate(consent_by="")
    assert (await active.refused(active.answer(row, SPON))).key == "consent_needed"
    await active.answer(row, SPON, consent_by="Ms Berg", consent_on="2026-02-01")
    row = await active.row(row.id)
    assert (row.consent_by, row.consent_on) == ("Ms Berg", date(2026, 2, 1))


async def test_an_account_is_in_the_programme_once(active: Sponsoring) -> None:
    row = await active.nominate()
    refused = await active.refused(active.nominate(sponsor=EXEC))
    assert (refused.key, refused.facts["sponsorship_state"]) == ("already_sponsored", "offered")
    await active.answer(row, SPON)
    assert (await active.refused(active.nominate())).key == "already_sponsored"
    await active.end(row)
    await active.nominate()  # its membership is over


async def test_an_offer_is_answered_by_whom_it_was_made_to(active: Sponsoring) -> None:
    row = await active.nominate()
    for who in (LEAH, EXEC, HELEN, STRANGER):
        assert (await active.refused(active.answer(row, who))).key == "sponsorship_not_offered"
    await active.answer(row, SPON)
    assert (await active.refused(active.answer(row, SPON))).key == "sponsorship_not_offered"


async def test_a_sponsor_who_says_no_leaves_it_to_the_leads(active: Sponsoring) -> None:
    row = await active.nominate()
    await active.told()
    await active.answer(row, SPON, approve=False, remark="No time")
    row = await active.row(row.id)
    assert (row.state, row.sponsor) == (S.SEEKING, None)
    assert await active.told() == [(LEAH, "sponsor_wanted")]
    await active.stage.do(LEAH, "pass_sponsorship", membership=row.id, user=EXEC)
    assert await active.told() == [(EXEC, "offered")]
    await active.answer(row, EXEC)
    assert (await active.row(row.id)).sponsor == EXEC


async def fill(active: Sponsoring, count: int = 1) -> list[int]:
    """Let a sponsor have so many accounts at most, all of them taken."""
    active.stage.policy = replace(active.stage.policy, accounts_per_sponsor=count)
    keys = ("acme", "beta", "gamma")[:count]
    return [(await active.accepted(key)).id for key in keys]


async def test_beyond_the_places_accounts_wait_by_score_and_then_by_time(
    active: Sponsoring,
) -> None:
    (first,) = await fill(active)
    await active.told()
    for key, score in (("beta", 50), ("gamma", 80), ("delta", 80), ("omega", 10)):
        row = await active.nominate(key, score=score)
        assert row.state is S.WAITING
    assert await active.told() == []
    found = (await active.reading().listed(LEAH)).found
    order = [each.customer for each in sorted(found, key=lambda f: f.place) if each.place]
    assert order == ["Gamma", "Delta", "Beta", "Omega"]
    await active.end(await active.row(first))
    told = await active.told()
    assert told.count((SPON, "offered")) == 1
    states = {each.customer: each.state for each in (await active.reading().listed(LEAH)).found}
    assert states["Gamma"] is S.OFFERED  # offered, not added
    assert states["Delta"] is S.WAITING


async def test_an_offer_takes_a_place_and_a_no_frees_it(active: Sponsoring) -> None:
    active.stage.policy = replace(active.stage.policy, accounts_per_sponsor=1)
    first = await active.nominate()
    second = await active.nominate("beta")
    assert second.state is S.WAITING
    await active.answer(first, SPON, approve=False, remark="Not this one")
    second = await active.row(second.id)
    assert (second.state, second.offered_to) == (S.OFFERED, SPON)


async def test_a_larger_policy_gives_further_places(active: Sponsoring) -> None:
    await fill(active, 3)
    assert (await active.nominate("delta")).state is S.WAITING
    active.stage.policy = replace(active.stage.policy, accounts_per_sponsor=4)
    assert (await active.nominate("omega")).state is S.OFFERED


async def test_another_takes_over_by_accepting_and_needs_a_place(active: Sponsoring) -> None:
    row = await active.accepted()
    await active.stage.do(SPON, "pass_sponsorship", membership=row.id, user=EXEC)
    assert (await active.row(row.id)).sponsor == SPON  # until the other accepts
    await active.told()
    await active.answer(row, EXEC)
    row = await active.row(row.id)
    assert (row.sponsor, row.read_at, row.ends_on) == (EXEC, None, date(2027, 2, 10))
    assert (SPON, "accepted") in await active.told()
    assert [t.sponsor for t in await active.touches(row)] == [EXEC]
    active.stage.policy = replace(active.stage.policy, accounts_per_sponsor=1)
    other = await active.nominate("beta", sponsor=DORA)
    await active.answer(other, DORA)
    refused = await active.refused(
        active.stage.do(LEAH, "pass_sponsorship", membership=row.id, user=DORA)
    )
    assert (refused.key, refused.facts["most"]) == ("sponsor_full", 1)


async def test_when_a_sponsor_is_deactivated_the_deputy_is_asked_at_once(
    active: Sponsoring,
) -> None:
    row = await active.accepted(deputy=HELEN)
    await active.told()
    assert await leave(active, SPON) == 1
    assert await active.told() == [(HELEN, "offered")]
    row = await active.row(row.id)
    assert (row.sponsor, row.offered_to, row.state) == (None, HELEN, S.ACTIVE)
    assert (await active.stage.rows(Account, key="acme"))[0].programme_sponsor is None
    assert await replace_left_sponsors(active.stage.services()) == 0
    await active.answer(row, HELEN)
    row = await active.row(row.id)
    assert (row.sponsor, row.deputy) == (HELEN, None)


async def test_without_a_deputy_the_leads_are_asked_for_a_sponsor(active: Sponsoring) -> None:
    row = await active.accepted()
    await active.told()
    await leave(active, SPON)
    assert await active.told() == [(LEAH, "sponsor_wanted")]
    active.stage.later(days=7)
    await active.stage.sweep()
    assert (LEAH, "sponsor_wanted") in await active.told()  # again, until there is one
    assert (await active.row(row.id)).state is S.ACTIVE


async def test_a_deputy_who_leaves_is_no_deputy_any_more(active: Sponsoring) -> None:
    row = await active.accepted(deputy=HELEN)
    assert await leave(active, HELEN) == 1
    assert (await active.row(row.id)).deputy is None
    assert await replace_left_sponsors(active.stage.services()) == 0


async def test_an_end_has_a_reason_and_is_told(active: Sponsoring) -> None:
    row = await active.accepted()
    await active.told()
    await active.end(row, SPON)
    row = await active.row(row.id)
    assert (row.state, row.exit_reason, row.ended_by) == (S.ENDED, "goals_met", SPON)
    assert await active.told() == [(LEAH, "ended")]
    assert (await active.stage.rows(Account, key="acme"))[0].programme_sponsor is None
    assert await active.touches(row) == []  # none was due
    assert (await active.refused(active.end(row))).key == "sponsorship_over"


async def test_a_nomination_that_is_dropped_never_was_a_membership(active: Sponsoring) -> None:
    row = await active.nominate()
    await active.end(row)
    assert (await active.row(row.id)).state is S.WITHDRAWN


@pytest.mark.parametrize("verb", ["end_sponsorship", "keep_sponsorship", "pass_sponsorship"])
@pytest.mark.parametrize("who", [ANNA, BILL, EMMA, CARL, ALEX, STRANGER])
async def test_a_membership_is_changed_by_its_sponsor_and_those_who_lead(
    active: Sponsoring, who: str, verb: str
) -> None:
    row = await active.accepted()
    given = {
        "end_sponsorship": {"exit_reason": "other", "why": "So"},
        "keep_sponsorship": {"review_on": "2026-12-01"},
        "pass_sponsorship": {"user": EXEC},
    }[verb]
    refused = await active.refused(active.stage.do(who, verb, membership=row.id, **given))
    assert refused.key == "not_your_account"


@pytest.mark.parametrize("who", [ANNA, BILL, STRANGER])
async def test_an_agent_nominates_no_one(active: Sponsoring, who: str) -> None:
    assert (await active.refused(active.nominate(who=who))).key == "not_your_role"


@pytest.mark.parametrize(
    ("fields", "key"),
    [
        ({"score": 101}, "odd_score"),
        ({"score": -1}, "odd_score"),
        ({"deputy": SPON}, "deputy_is_sponsor"),
        ({"reason": ""}, "reason_needed"),
        ({"account": "nobody"}, "no_such_account"),
    ],
)
async def test_a_nomination_that_cannot_be_is_refused(
    active: Sponsoring, fields: dict, key: str
) -> None:
    assert (await active.refused(active.nominate(**fields))).key == key


async def test_an_agent_reads_who_sponsors_and_neither_score_nor_revenue(
    active: Sponsoring,
) -> None:
    await active.stage.change_account("acme", arr=410_000, renewal=date(2026, 9, 1))
    await active.accepted()
    (seen,) = (await active.reading().listed(ANNA)).found
    assert (seen.sponsor, seen.whole) == (SPON, False)
    assert (seen.arr, seen.renewal, seen.score, seen.reason) == (None, None, 0, "")
    for who in (SPON, EXEC, CARL):
        (seen,) = (await active.reading().listed(who)).found
        assert (seen.whole, seen.arr, seen.score) == (True, 410_000, 60)


async def test_a_sponsor_sees_what_is_theirs_the_offers_first(active: Sponsoring) -> None:
    await active.accepted()
    await active.nominate("beta")
    await active.nominate("gamma", sponsor=EXEC)
    mine = await active.reading().mine(SPON)
    assert [(each.customer, each.asked) for each in mine] == [
        ("Beta", True), ("Acme Hellas", False)
    ]  # fmt: skip
    assert await active.reading().mine(ANNA) == []


async def test_unconfirmed_sponsors_are_listed_and_reminded(active: Sponsoring) -> None:
    row = await active.accepted()
    assert (await active.reading().listed(LEAH)).unread == (SPON,)
    await active.told()
    active.stage.later(days=7)
    await active.stage.sweep()
    assert await active.told() == [(SPON, "brief_unread")]
    refused = await active.refused(active.stage.do(LEAH, "read_sponsor_brief", membership=row.id))
    assert refused.key == "not_your_account"
    await active.stage.do(SPON, "read_sponsor_brief", membership=row.id)
    assert (await active.reading().listed(LEAH)).unread == ()
    active.stage.later(days=7)
    await active.stage.sweep()
    assert await active.told() == []


async def test_an_offer_without_an_answer_is_asked_again_and_the_lead_hears(
    active: Sponsoring,
) -> None:
    await active.nominate()
    await active.told()
    for expected in ([(SPON, "offer_waits")], [(SPON, "offer_waits"), (LEAH, "offer_unanswered")]):
        active.stage.later(days=2)
        await active.stage.sweep()
        assert await active.told() == expected


async def test_sponsors_of_the_programme_have_the_role_on_new_cases(active: Sponsoring) -> None:
    await active.accepted(sponsor=EXEC)
    number = await active.stage.opened()
    assert (await active.stage.roles(number))[Role.SPONSOR] == EXEC


async def test_the_cards_of_open_cases_name_a_new_sponsor_at_once(active: Sponsoring) -> None:
    stage = active.stage
    number, closed = await stage.opened(), await stage.opened()
    for each in (number, closed):
        await stage.in_channel(each, f"C{each}")
    await stage.do(EMMA, "claim", closed)
    await stage.do(EMMA, "dismiss", closed, reason="A mistake")
    row = await active.nominate(sponsor=EXEC)
    before = await cards(active)
    await active.answer(row, EXEC)
    assert (await cards(active))[len(before) :] == [number]
    await active.end(row)
    assert (await cards(active))[len(before) :] == [number, number]


async def cards(active: Sponsoring) -> list[int | None]:
    """The cases whose cards were queued, in that order."""
    return [row.case_number for row in await active.stage.rows(Outbox, kind="card")]


async def test_the_next_renewal_is_asked_about_once_a_sponsor_is_named_by_the_programme(
    active: Sponsoring,
) -> None:
    day = date(2026, 12, 1)
    await active.stage.change_account("beta", sponsor=None, renewal=day)
    row = await active.nominate("beta")
    assert await active.stage.rows(Outcome) == []
    await active.answer(row, SPON)
    (planned,) = await active.stage.rows(Outcome)
    assert (planned.account_key, planned.renewal) == ("beta", day)


async def test_an_import_of_the_accounts_keeps_who_sponsors_by_the_programme(
    active: Sponsoring,
) -> None:
    await active.accepted(sponsor=EXEC)
    await import_file(active.stage.database, "key,name,tier\nacme,Acme Hellas,gold\n")
    (account,) = await active.stage.rows(Account, key="acme")
    assert (account.tier, account.sponsor, account.programme_sponsor) == ("gold", None, EXEC)
