"""How many of those with a role did a drill in a period, against plain counting."""

from datetime import date, timedelta

from sqlalchemy import text

from bot.reports.reading import read_report
from bot.rules.reports.handling import Rate, rate_drills
from bot.rules.reports.periods import Period, PeriodKind
from tests.bot.drills.test_play import played
from tests.bot.stage import ANNA, BILL, T0, Stage

MONTH = Period(PeriodKind.DAYS, T0.date(), T0.date() + timedelta(days=30), "UTC")
AFTER = Period(PeriodKind.DAYS, T0.date() + timedelta(days=31), date(2026, 12, 31), "UTC")


def test_a_person_counts_once_and_only_with_a_role_and_in_the_period() -> None:
    first, last = MONTH.begins, MONTH.ends - timedelta(microseconds=1)
    done = [("a", first), ("a", last), ("b", MONTH.ends), ("c", first - timedelta(hours=1))]
    assert rate_drills([*done, ("left", first)], {"a", "b", "c", "d", "e"}, MONTH) == Rate(1, 5)


async def test_those_for_whom_a_drill_counted_are_told_of_all_who_have_a_role(
    stage: Stage,
) -> None:
    number = await played(stage, colleague=BILL)
    await stage.do(ANNA, "claim", number)
    await stage.do(ANNA, "end_drill", number)
    named = {user for users in stage.policy.roles.values() for user in users}
    async with stage.database.engine.connect() as connection:
        rows = (await connection.execute(text("SELECT user_id FROM drill_done"))).all()
    assert {row[0] for row in rows} == {ANNA}
    report = await read_report(stage.process(), MONTH, money=True)
    assert report.drills == Rate(len({ANNA} & named), len(named))
    assert (await read_report(stage.process(), AFTER, money=True)).drills == Rate(0, len(named))
    one = await read_report(stage.process(), MONTH, money=True, account="acme")
    assert one.drills == Rate(0, 0)
