"""An end is proposed by rule and decided by a person; an executive case leads to a nomination."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.rules.states import SponsorshipState
from storage.models import Case, CustomerLink, Outbox
from tests.bot.sponsorship.conftest import Sponsoring
from tests.bot.stage import ANNA, EMMA, EXEC, LEAH, SPON

QUIET = datetime(2026, 8, 10, 21, 0, tzinfo=UTC)


async def proposed(active: Sponsoring, until: datetime) -> dict[str, str]:
    """Go on to an instant day by day; answers to whom an end was proposed, on which ground."""
    await active.told()
    rows = await active.stage.rows(Outbox)
    seen = max((row.id for row in rows), default=0)
    while active.stage.now < until:
        active.stage.now = min(active.stage.now + timedelta(days=6), until)
        await active.stage.sweep()
    return {
        row.payload["user"]: row.payload["extra"]["ground"]
        for row in await active.stage.rows(Outbox)
        if row.id > seen and row.payload.get("text") == "sponsorship:end_proposed"
    }


async def test_two_quiet_quarters_propose_an_end_to_the_sponsor_and_the_lead(
    active: Sponsoring,
) -> None:
    row = await active.accepted()
    assert await proposed(active, QUIET - timedelta(days=5)) == {}
    assert await proposed(active, QUIET + timedelta(days=40)) == {SPON: "quiet", LEAH: "quiet"}
    assert (await active.row(row.id)).state is SponsorshipState.ACTIVE  # a person decides


async def test_an_executive_case_is_not_quiet_and_the_review_is_due(active: Sponsoring) -> None:
    await active.accepted()
    number = await active.stage.opened()
    await active.stage.do(
        ANNA, "executive_flag", number, trigger="threat_to_cancel", reason="They leave"
    )
    assert await proposed(active, QUIET + timedelta(days=40)) == {SPON: "review", LEAH: "review"}


@pytest.mark.parametrize(("score", "ground"), [(2, "review"), (5, "quiet")])
async def test_an_unhappy_last_answer_is_not_quiet(
    active: Sponsoring, score: int, ground: str
) -> None:
    await active.accepted()
    number = await active.stage.opened()
    await active.stage.add(
        CustomerLink(
            case_number=number, kind="survey", made_at=active.stage.now,
            expires_at=active.stage.now, score=score, answered_at=active.stage.now,
        )
    )  # fmt: skip
    assert (await proposed(active, QUIET + timedelta(days=40)))[SPON] == ground


async def test_a_membership_that_goes_on_ends_when_its_length_is_reached(
    active: Sponsoring,
) -> None:
    row = await active.accepted()
    await proposed(active, QUIET + timedelta(days=40))
    await active.stage.do(SPON, "keep_sponsorship", membership=row.id, review_on="2027-02-05")
    row = await active.row(row.id)
    assert (row.exit_ground, str(row.review_on), str(row.ends_on)) == (
        "", "2027-02-05", "2027-02-10"
    )  # fmt: skip
    number = await active.stage.opened()  # no quiet quarters from here on
    await active.stage.do(
        ANNA, "executive_flag", number, trigger="threat_to_cancel", reason="They leave"
    )
    assert await proposed(active, datetime(2027, 2, 4, tzinfo=UTC)) == {}
    await active.stage.do(LEAH, "keep_sponsorship", membership=row.id, review_on="2027-02-10")
    found = await proposed(active, datetime(2027, 3, 20, tzinfo=UTC))
    assert found == {SPON: "length", LEAH: "length"}


async def test_a_later_review_moves_the_end(active: Sponsoring) -> None:
    row = await active.accepted()
    await active.stage.do(LEAH, "keep_sponsorship", membership=row.id, review_on="2027-06-01")
    assert str((await active.row(row.id)).ends_on) == "2027-06-01"
    refused = await active.refused(
        active.stage.do(LEAH, "keep_sponsorship", membership=row.id, review_on="2026-02-10")
    )
    assert refused.key == "review_in_past"


async def offers(active: Sponsoring) -> list[tuple[str, dict]]:
    """To whom a nomination was offered, and with what."""
    return [
        (row.payload["user"], row.payload["extra"])
        for row in await active.stage.rows(Outbox)
        if row.payload.get("text") == "sponsorship:nominate"
    ]


async def closed(active: Sponsoring, *, executive: bool = True, **fields: object) -> int:
    """A case that was closed, and brought in executives before."""
    number = await active.stage.reviewed(severity=3, **fields)
    async with active.stage.database.write() as session:
        case = await session.get(Case, number)
        assert case is not None
        case.executive, case.executive_reason = executive, "They want to leave"
        session.add(case)
    await active.stage.do(
        EMMA, "close", number, code="fixed", root_cause="product_defect", waived="Minor"
    )
    return number


async def test_when_an_executive_case_closes_its_owner_may_nominate_by_one_press(
    active: Sponsoring,
) -> None:
    number = await closed(active)
    ((who, extra),) = await offers(active)
    assert (who, extra["account"], extra["sponsor"], extra["case"]) == (EMMA, "acme", SPON, number)
    pressed = {name: extra[name] for name in ("account", "sponsor", "reason", "score", "case")}
    await active.stage.do(EMMA, "nominate_sponsorship", **pressed)
    assert (SPON, "offered") in await active.told()


async def test_no_nomination_is_offered_for_what_is_no_executive_case(active: Sponsoring) -> None:
    await closed(active, executive=False)
    assert await offers(active) == []


async def test_an_account_in_the_programme_is_not_offered_again(active: Sponsoring) -> None:
    await active.nominate()
    await closed(active)
    assert await offers(active) == []


async def test_none_is_offered_while_the_programme_is_inactive(sponsoring: Sponsoring) -> None:
    await closed(sponsoring)
    assert await offers(sponsoring) == []


async def test_a_case_speaks_for_its_own_customer_alone(active: Sponsoring) -> None:
    number = await closed(active)
    refused = await active.refused(active.nominate("beta", case=number, who=LEAH))
    assert refused.key == "case_of_another_customer"
    assert EXEC not in {who for who, _ in await offers(active)}
