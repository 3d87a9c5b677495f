"""An account without its customer success manager: said once, named once, known to the next."""

import pytest

from bot.errors import UserError
from storage.models import Account
from tests.bot.stage import ALEX, ANNA, BILL, CARL, EMMA, Stage


async def test_a_missing_csm_is_said_in_the_channel_once(stage: Stage) -> None:
    await stage.change_account("acme", csm=None)
    number = await stage.opened()
    said = [e for e in await stage.said(number) if e.text == "notice:account_gap"]
    (row,) = said[0].extra["missing"]
    assert (len(said), row["role"], row["reason"]) == (1, "csm", "unnamed")
    await stage.do(EMMA, "severity", number, severity=1, reason="All are down")
    assert "notice:account_gap" not in [e.text for e in await stage.said(number)]
    assert (await stage.case(number)).unreached["csm"] == [{"who": "", "reason": "unnamed"}]


async def test_nothing_is_missing_where_the_accounts_name_both(stage: Stage) -> None:
    number = await stage.opened()
    assert "notice:account_gap" not in [e.text for e in await stage.said(number)]


async def test_a_restricted_case_and_a_customer_without_account_ask_for_nobody(
    stage: Stage,
) -> None:
    await stage.change_account("acme", csm=None)
    for fields in ({"sensitive": True}, {"account": "", "customer": "Other"}):
        number = await stage.opened(**fields)
        assert "notice:account_gap" not in [e.text for e in await stage.said(number)]


async def test_who_is_named_has_the_role_is_told_and_known_to_the_next_case(stage: Stage) -> None:
    await stage.change_account("acme", csm=None)
    number = await stage.opened()
    await stage.said(number)
    await stage.do(EMMA, "name_stakeholder", number, role="csm", user=BILL)
    assert (await stage.roles(number))["csm"] == BILL
    assert "csm" not in (await stage.case(number)).unreached
    heard = await stage.heard(number)
    assert "opened" in heard[BILL]
    assert "stakeholder_named" in heard["post"]
    assert (await stage.roles(await stage.opened()))["csm"] == BILL


async def test_whom_the_accounts_file_names_is_not_replaced(stage: Stage) -> None:
    number = await stage.opened()
    with pytest.raises(UserError, match="account_names_another") as refused:
        await stage.do(EMMA, "name_stakeholder", number, role="csm", user=BILL)
    assert refused.value.facts["user"] == CARL


async def test_who_was_named_by_mistake_can_be_named_anew(stage: Stage) -> None:
    await stage.change_account("acme", account_executive=None)
    number = await stage.opened()
    for user in (BILL, ALEX):
        await stage.do(EMMA, "name_stakeholder", number, role="account_executive", user=user)
    (account,) = await stage.rows(Account, key="acme")
    assert (account.account_executive, account.named_here) == (ALEX, {"account_executive": EMMA})


async def test_other_roles_and_other_people_are_refused(stage: Stage) -> None:
    number = await stage.opened()
    with pytest.raises(UserError, match="not_commercial"):
        await stage.do(EMMA, "name_stakeholder", number, role="legal", user=BILL)
    with pytest.raises(UserError, match="not_your_role"):
        await stage.do(ANNA, "name_stakeholder", number, role="csm", user=BILL)
