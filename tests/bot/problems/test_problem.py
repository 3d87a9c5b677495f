"""One problem behind many cases: linking, who is affected, and the clock for all of them."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.exc import InterfaceError

from bot.engine.due import PUT_OFF
from bot.errors import UserError
from bot.problems import due as problems_due
from cli.files import records
from storage.models import Account, Affected, Case, Outbox, Problem, ProblemEvent
from tests.bot.stage import ANNA, EMMA, EVAN, LEAH, STRANGER, TINA, Stage

KNOWN = "Orders are rejected since 09:00."
OTHERS = {
    "boreal": ("Boreal Bank", "gold", "North", "en"),
    "cedar": ("Cedar Clinics", "basic", "North", "en"),
    "delta": ("Δέλτα Τρόφιμα", "gold", "South", "el"),
}


async def accounts(stage: Stage) -> None:
    """Three more customers."""
    await stage.add(
        *(
            Account(
                key=key,
                name=name,
                folded=name.casefold().replace("έ", "ε").replace("ό", "ο"),
                tier=tier,
                region=region,
                language=language,
                contact_name=f"Head of {name}",
                contact_email=f"head@{key}.example",
                csm=ANNA,
            )
            for key, (name, tier, region, language) in OTHERS.items()
        )
    )


async def begun(stage: Stage, **fields: Any) -> int:
    """A problem with one case of Acme in it; its number."""
    case = await stage.investigating()
    given = {"title": "Orders fail", "known": KNOWN, "scope": "All shops", "severity": 2}
    await stage.do(EMMA, "open_problem", case, **{**given, **fields})
    return case


async def problem(stage: Stage, number: int = 1) -> Problem:
    """The problem as it is stored."""
    (row,) = await stage.rows(Problem, number=number)
    return row


async def listed(stage: Stage) -> dict[str, str]:
    """Who is affected now, with the evidence."""
    rows = await stage.rows(Affected, problem=1)
    return {row.customer: row.evidence for row in rows if row.removed_at is None}


async def refused(stage: Stage, who: str, verb: str, case: int | None = None, **given: Any) -> str:
    """Why something is refused."""
    with pytest.raises(UserError) as caught:
        await stage.do(who, verb, case, **given)
    return caught.value.key


async def of_problem(stage: Stage, kind: str) -> list[Outbox]:
    """What is queued of one kind."""
    return await stage.rows(Outbox, kind=kind)


async def test_a_problem_gets_a_channel_a_card_and_its_first_customer(stage: Stage) -> None:
    case = await begun(stage)
    found = await problem(stage)
    assert (found.owner, found.severity, found.state) == (EMMA, 2, "open")
    assert (await stage.case(case)).problem == 1
    assert await listed(stage) == {"Acme Hellas": "Checkout is down & we lose <orders>"}
    (channel,) = await of_problem(stage, "problem_channel")
    (card, *_) = await of_problem(stage, "problem_card")
    assert card.after == channel.id
    assert (await stage.last(case)).verb == "link_case"


async def test_the_next_update_to_all_is_due_by_the_policy(stage: Stage) -> None:
    await begun(stage)
    found = await problem(stage)
    assert found.next_update_at == stage.now + timedelta(hours=4)  # SEV2, around the clock
    assert found.next_fire_at == stage.now + timedelta(hours=2)  # at half of it


async def test_owner_and_technical_lead_of_a_linked_case_are_brought_in(stage: Stage) -> None:
    case = await begun(stage)
    await stage.do(EMMA, "unlink_case", case)
    await stage.do(EMMA, "link_case", case, problem=1)
    invited = [r.payload["users"] for r in await stage.rows(Outbox, kind="problem_invite")]
    assert {EMMA, TINA} <= set(invited[-1])


async def test_a_case_is_linked_and_taken_out_again(stage: Stage) -> None:
    await accounts(stage)
    await begun(stage)
    other = await stage.investigating(account="boreal", customer="Boreal Bank", stake="No orders")
    await stage.do(ANNA, "link_case", other, problem=1)
    assert (await listed(stage))["Boreal Bank"] == "No orders"
    assert await refused(stage, ANNA, "link_case", other, problem=1) == "linked_already"
    await stage.do(ANNA, "unlink_case", other)
    assert (await stage.case(other)).problem is None
    assert set(await listed(stage)) == {"Acme Hellas"}
    await stage.do(ANNA, "link_case", other, problem=1)
    assert set(await listed(stage)) == {"Acme Hellas", "Boreal Bank"}


async def test_somebody_with_evidence_of_their_own_stays_when_the_case_leaves(
    stage: Stage,
) -> None:
    await accounts(stage)
    await begun(stage)
    given = {"account": "boreal", "customer": "Boreal Bank", "evidence": "Seen in their log"}
    await stage.do(ANNA, "add_affected", problem=1, **given)
    other = await stage.investigating(account="boreal", customer="Boreal Bank", stake="No orders")
    await stage.do(ANNA, "link_case", other, problem=1)
    await stage.do(ANNA, "unlink_case", other)
    assert (await listed(stage))["Boreal Bank"] == "Seen in their log"


async def test_a_customers_newer_case_takes_the_place_of_one_that_ended(stage: Stage) -> None:
    first = await begun(stage)
    await stage.do(EMMA, "unlink_case", first)
    await stage.do(EMMA, "link_case", first, problem=1)
    async with stage.database.write() as session:
        case = await session.get(Case, first)
        assert case is not None
        case.status = "closed"
    second = await stage.investigating()
    await stage.do(ANNA, "link_case", second, problem=1)
    (row,) = await stage.rows(Affected)
    assert row.case_number == second


async def test_a_restricted_case_stays_apart(stage: Stage) -> None:
    await begun(stage)
    secret = await stage.opened(sensitive=True)
    assert await refused(stage, EMMA, "link_case", secret, problem=1) in {
        "problem_restricted",
        "no_such_case",
    }
    assert await refused(stage, ANNA, "link_case", secret, problem=1) == "problem_restricted"


async def test_a_customer_is_added_once_with_who_said_so_and_when(stage: Stage) -> None:
    await accounts(stage)
    await begun(stage)
    before = stage.now - timedelta(hours=1)
    given = {
        "account": "cedar", "customer": "Cedar Clinics", "evidence": "They called",
        "link": "https://tickets.example/9", "said_by": LEAH, "said_at": before,
    }  # fmt: skip
    await stage.do(ANNA, "add_affected", problem=1, **given)
    (row,) = await stage.rows(Affected, customer="Cedar Clinics")
    assert (row.said_by, row.said_at, row.link) == (LEAH, before, "https://tickets.example/9")
    assert await refused(stage, ANNA, "add_affected", problem=1, **given) == "affected_already"


async def test_a_list_is_added_at_once_and_knows_who_is_on_it(stage: Stage) -> None:
    await accounts(stage)
    await begun(stage)
    lines = 'customer;evidence\nboreal;Errors in their log\nδελτα τροφιμα;"Τηλεφώνησαν; δύο φορές"'
    answer = await stage.do(ANNA, "add_affected_lines", problem=1, lines=lines)
    assert answer is not None
    assert answer["extra"]["customers"] == ["Boreal Bank", "Δέλτα Τρόφιμα"]
    assert (await listed(stage))["Δέλτα Τρόφιμα"] == "Τηλεφώνησαν; δύο φορές"
    again = await stage.do(ANNA, "add_affected_lines", problem=1, lines=lines)
    assert again is not None
    assert again["extra"]["customers"] == []
    bad = "Nobody Ltd, x"
    assert await refused(stage, ANNA, "add_affected_lines", problem=1, lines=bad) == (
        "no_such_account"
    )


async def test_who_is_removed_is_kept_with_the_reason_and_can_come_back(stage: Stage) -> None:
    await begun(stage)
    (row,) = await stage.rows(Affected)
    await stage.do(EMMA, "remove_affected", problem=1, affected=row.id, reason="Their own firewall")
    assert await listed(stage) == {}
    (row,) = await stage.rows(Affected)
    assert (row.removed_by, row.removed_why) == (EMMA, "Their own firewall")
    given = {"account": "acme", "customer": "Acme", "evidence": "It was ours after all"}
    await stage.do(EMMA, "add_affected", problem=1, **given)
    assert await listed(stage) == {"Acme Hellas": "It was ours after all"}


async def test_somebody_without_a_role_changes_nothing(stage: Stage) -> None:
    case = await begun(stage)
    for verb, given in (
        ("add_affected", {"customer": "X", "evidence": "x"}),
        ("add_affected_lines", {"lines": "x, y"}),
        ("resolve_problem", {"outcome": "x"}),
        ("remove_affected", {"affected": 1, "reason": "x"}),
    ):
        assert await refused(stage, STRANGER, verb, problem=1, **given) == "not_your_role"
    assert await refused(stage, STRANGER, "unlink_case", case) == "not_your_role"
    assert await refused(stage, ANNA, "resolve_problem", problem=1, outcome="x") == "not_your_role"


async def test_the_clock_warns_breaks_and_climbs_once_each(stage: Stage) -> None:
    await begun(stage)
    before = len(await stage.rows(Outbox))
    stage.later(hours=4, minutes=1)
    await stage.sweep()
    await stage.sweep()
    told = [r for r in (await stage.rows(Outbox))[before:] if "problem:" in str(r.payload)]
    texts = [(r.kind, r.payload["extra"]["threshold"]) for r in told]
    assert sorted(texts) == [("dm", "breach"), ("problem_post", "breach")]  # warnings collapsed
    missed = [e.verb for e in await stage.rows(ProblemEvent)]
    assert missed.count("update_missed") == 1
    stage.later(minutes=31)
    await stage.sweep()
    due = [r.payload for r in await stage.rows(Outbox) if "update_due" in str(r.payload)]
    assert [p["extra"]["threshold"] for p in due if p.get("user") == LEAH] == ["ladder"]


async def test_a_problem_that_cannot_be_swept_is_put_off(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await begun(stage)

    async def broken(*_: object) -> None:
        raise ValueError("broken")

    monkeypatch.setattr(problems_due, "_say_threshold", broken)
    stage.later(hours=2)
    await stage.sweep()
    assert (await problem(stage)).next_fire_at == stage.now + PUT_OFF
    monkeypatch.undo()
    stage.later(minutes=5)
    await stage.sweep()
    assert [r for r in await stage.rows(Outbox) if "update_due" in str(r.payload)]


async def test_a_store_that_goes_away_puts_no_problem_off(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    await begun(stage)
    before = (await problem(stage)).next_fire_at

    async def lost(*_: object) -> None:
        raise InterfaceError("SELECT", None, Exception("connection is closed"))

    monkeypatch.setattr(problems_due, "_say_threshold", lost)
    stage.later(hours=2)
    with pytest.raises(InterfaceError):
        await stage.sweep()
    assert (await problem(stage)).next_fire_at == before


async def test_a_graver_problem_is_due_sooner_and_never_later(stage: Stage) -> None:
    await begun(stage)
    given = {"title": "Orders fail", "known": KNOWN, "scope": "All shops", "owner": EVAN}
    stage.later(hours=1)
    await stage.do(EMMA, "edit_problem", problem=1, severity=1, **given)
    found = await problem(stage)
    assert found.next_update_at == stage.now + timedelta(hours=1)
    assert found.owner == EVAN
    await stage.do(EMMA, "edit_problem", problem=1, severity=3, **given)
    assert (await problem(stage)).next_update_at == stage.now + timedelta(hours=1)


async def test_a_graver_problem_is_warned_of_by_what_is_left(stage: Stage) -> None:
    await begun(stage)
    given = {"title": "Orders fail", "known": KNOWN, "scope": "All shops", "owner": EVAN}
    stage.later(hours=1)
    await stage.do(EMMA, "edit_problem", problem=1, severity=1, **given)
    changed = stage.now
    found = await problem(stage)
    assert (found.cycle_began_at, found.promised) == (changed, False)
    assert found.next_fire_at == changed + timedelta(minutes=30)  # half of the hour that is left
    stage.later(minutes=10)
    await stage.do(EMMA, "edit_problem", problem=1, severity=3, **given)
    assert (await problem(stage)).cycle_began_at == changed  # no later due time, no new cycle


async def test_a_problem_of_office_hours_is_silent_over_the_weekend(stage: Stage) -> None:
    stage.now = datetime(2026, 2, 13, 16, 0, tzinfo=ZoneInfo("Europe/Athens"))  # a Friday
    await begun(stage, severity=3)
    before = len(await stage.rows(Outbox))
    stage.later(days=2, hours=16)  # Monday, 08:00
    await stage.sweep()
    assert [r for r in (await stage.rows(Outbox))[before:] if "update_due" in str(r.payload)] == []
    noon = stage.later(hours=4)  # one open hour on Friday, three on Monday, of eight
    assert (await problem(stage)).next_fire_at == noon
    await stage.sweep()
    due = [r.payload for r in await stage.rows(Outbox) if "update_due" in str(r.payload)]
    assert [p["extra"]["threshold"] for p in due] == ["warn"]


async def test_a_resolved_problem_owes_nothing_and_takes_nothing(stage: Stage) -> None:
    case = await begun(stage)
    await stage.do(EMMA, "resolve_problem", problem=1, outcome="Rolled back")
    found = await problem(stage)
    assert (found.state, found.next_fire_at, found.resolved_at) == ("resolved", None, stage.now)
    given = {"customer": "X", "evidence": "x"}
    assert await refused(stage, ANNA, "add_affected", problem=1, **given) == "problem_resolved"
    assert await refused(stage, ANNA, "link_case", case, problem=1) == "linked_already"
    await stage.do(ANNA, "unlink_case", case)
    cases = await stage.rows(Case)
    assert [c.problem for c in cases] == [None]


async def test_the_whole_record_can_be_written_out(stage: Stage) -> None:
    case = await begun(stage)
    found = await records.problem_record(stage.database, 1)
    assert found is not None
    assert found["cases"] == [{"number": case}]
    assert [row["customer"] for row in found["affected"]] == ["Acme Hellas"]
    assert [row["verb"] for row in found["problem_event"]] == ["open_problem", "link_case"]
    assert {
        "broadcast",
        "broadcast_recipient",
        "points_post",
        "mail",
        "talking_points",
        "points_reader",
    } <= set(found)
    assert await records.problem_record(stage.database, 2) is None
