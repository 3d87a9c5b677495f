"""What the policy's rule deletes, from a terminal: what would go, and why something waits.

Reads the store beside the running app. What is printed names tables and numbers of cases, no words.
"""

from collections.abc import Sequence

import typer

from bot.clock import SystemClock, TimeSource
from bot.compliance.overdue import Subject, Why
from bot.compliance.rounds import Plan, forget_overdue, plan_retention
from bot.operations.terminal_actions import note_action
from bot.rules.compliance.retention import KEYS, Period
from bot.rules.policy.load import Policy, load_policy
from cli.admin import read_settings
from cli.logs import configure_logs
from cli.opened import opened, terminal_user
from storage.database import Database

NAMED = 20  # cases that are named in one line
NO_RULE = (
    "the policy has no [retention], so nothing is deleted. docs/policy.md says what it may say"
)
REASONS = {
    Why.LEGAL: "held for Legal: only Legal ends that, on the case's card",
    Why.SENDING: "something about it still waits to be sent: see `python app.py outbox list`",
    Why.PARENT: "merged into a case that is not over for as long, or is held",
    Why.CASES: "a case of it goes on, is held, or ended too lately",
}


class _Services:
    """What a round needs of a process."""

    def __init__(self, database: Database, policy: Policy) -> None:
        self.database, self.policy = database, policy
        self.clock: TimeSource = SystemClock()


async def retention(*, apply: bool) -> int:
    """Print what goes by the policy now, what waits and why; with ``apply`` let it go; return 0.

    By the policy file of the settings. What goes is put on record with the terminal's user, and in
    the chain. Raises PolicyError and SchemaError.
    """
    settings = read_settings()
    configure_logs("ERROR")  # what is done is printed
    policy = load_policy(settings.policy_file)
    terms = policy.retention
    if all(terms.keep(period) is None for period in Period):
        typer.echo(NO_RULE)
        return 0
    async with opened(settings) as database:
        services = _Services(database, policy)
        plan = await plan_retention(database, policy, services.clock.now())
        _print_plan(policy, plan)
        if not apply:
            typer.echo("nothing was changed: `--apply` deletes it, and so does the app, hourly")
            return 0
        user = terminal_user()
        async with database.write() as session:
            goes = {period.value: len(found) for period, found in plan.goes.items()}
            note_action(session, user, "retention", goes)
        done = await forget_overdue(services, user, most=None)
    for period, count in done.items():
        typer.echo(f"done: {period.value}, {count}")
    left = sum(map(len, plan.goes.values())) - sum(done.values())
    if left > 0:
        typer.echo(f"left for later: {left}. They had changed, or have no link of the chain yet")
    return 0


def _print_plan(policy: Policy, plan: Plan) -> None:
    """A line for each period, reason and table."""
    for period in Period:
        keep = policy.retention.keep(period)
        if keep is not None:
            found = plan.goes.get(period, [])
            said = f"{period.value} ({KEYS[period][0]} = {keep})"
            typer.echo(f"{said}: {len(found)}{_names(found)}")
    for table, count in sorted(plan.rows.items()):
        typer.echo(f"  {table}: {count}")
    for table, count in sorted(plan.loose.items()):
        typer.echo(f"  {table}, of no case: {count}")
    for why, found in plan.waits.items():
        typer.echo(f"waits: {len(found)}{_names(found)}  {REASONS[why]}")


def _names(found: Sequence[Subject]) -> str:
    """The first of them by name, in brackets; empty where there is none."""
    if not found:
        return ""
    more = f" and {len(found) - NAMED} more" if len(found) > NAMED else ""
    return f" ({', '.join(each.name for each in found[:NAMED])}{more})"
