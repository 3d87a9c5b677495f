"""The legal hold: it begins with the threat, outlives flag and case, and Legal alone ends it."""

import pytest

from bot.errors import UserError
from tests.bot.policies import policy
from tests.bot.stage import ANNA, EMMA, LAWYER, ROLES, T0, Stage

WHY = "Settled; the matter is closed."


async def threatened(stage: Stage) -> int:
    """A case whose customer threatens legal action."""
    number = await stage.claimed()
    await stage.do(ANNA, "executive_flag", number, trigger="legal", reason="Their lawyer wrote")
    return number


async def test_a_legal_threat_holds_all_of_a_case(stage: Stage) -> None:
    assert (await stage.case(await threatened(stage))).legal_hold_at == T0
    assert (await stage.case(await stage.opened(trigger="legal"))).legal_hold_at == T0
    assert (await stage.case(await stage.opened())).legal_hold_at is None


async def test_it_outlives_the_flag(stage: Stage) -> None:
    number = await threatened(stage)
    await stage.do(LAWYER, "withdraw", number, what="flag", reason="It was no threat")
    case = await stage.case(number)
    assert (case.legal, case.legal_told, case.legal_hold_at) == (False, False, T0)


async def test_legal_ends_it_with_a_reason_that_the_record_keeps(stage: Stage) -> None:
    number = await threatened(stage)
    await stage.said(number)
    await stage.do(LAWYER, "end_legal_hold", number, reason=WHY)
    assert (await stage.case(number)).legal_hold_at is None
    entry = await stage.last(number)
    assert (entry.verb, entry.actor, entry.why) == ("end_legal_hold", LAWYER, WHY)
    assert entry.before == {"since": T0.isoformat()}
    assert (await stage.heard(number))["post"] == ["legal_hold_ended"]
    with pytest.raises(UserError, match="no_legal_hold"):
        await stage.do(LAWYER, "end_legal_hold", number, reason=WHY)


async def test_nobody_else_ends_it(stage: Stage) -> None:
    number = await threatened(stage)
    with pytest.raises(UserError, match="not_your_role"):
        await stage.do(EMMA, "end_legal_hold", number, reason=WHY)
    stage.policy = policy({role: who for role, who in ROLES.items() if role != "legal"})
    with pytest.raises(UserError, match="nobody_ends_hold"):
        await stage.do(LAWYER, "end_legal_hold", number, reason=WHY)
    assert (await stage.case(number)).legal_hold_at == T0


async def test_a_manager_holds_a_case_without_a_threat_also_after_its_end(stage: Stage) -> None:
    number = await stage.reviewed()
    await stage.said(number)
    await stage.do(EMMA, "begin_legal_hold", number, reason=WHY)
    case = await stage.case(number)
    assert (case.legal, case.sensitive, case.legal_hold_at) == (False, False, stage.now)
    entry = await stage.last(number)
    assert (entry.verb, entry.actor, entry.why) == ("begin_legal_hold", EMMA, WHY)
    [said] = [each for each in await stage.said(number) if each.kind == "post"]
    assert WHY not in str(said)
    with pytest.raises(UserError, match="legal_hold_already"):
        await stage.do(EMMA, "begin_legal_hold", number, reason=WHY)
    await stage.do(LAWYER, "end_legal_hold", number, reason=WHY)
    assert (await stage.case(number)).legal_hold_at is None
