"""Policies from a terminal: what holds, what is wrong, what another would have done.

Reading a policy is in ``bot/rules/policy``, what needs the store in
``bot/operations/policy_versions.py``; here it is printed. Instants are printed in UTC, with a Z.
Only ``apply`` changes anything.
"""

from pathlib import Path

import typer

from bot.clock import SystemClock
from bot.engine.actors import Actor
from bot.engine.unit_of_work import Standalone
from bot.operations import policy_versions
from bot.operations.policy_versions import Replayed
from bot.people.accounts_csv import AS_WHAT
from bot.rules.membership import USER_ID
from bot.rules.policy.load import PolicyError, load_policy
from bot.rules.policy.model import ClockPolicy, Policy
from bot.rules.policy.remarks import describe_reading, list_remarks
from bot.rules.policy.replay import ClockComparison, Outcome
from bot.rules.policy.suspicious_pauses import Suspicion, find_suspicious_pauses
from bot.rules.sla import Target
from bot.rules.words import ClockKind, Severity, Standing
from bot.settings import Settings
from cli.checking.counts import count_things
from cli.failures import CommandError
from cli.logs import configure_logs
from cli.opened import opened, terminal_user
from storage.database import Database

COLUMN = 27  # characters a severity's column takes
NAME = 24  # characters a clock's name takes
OUTCOME = 58  # characters an outcome takes
HOUR = 60  # minutes


def check_policy(file: Path) -> int:
    """Print every mistake in a policy file, a line each; return 0 when there is none, else 1.

    What is no mistake and may not be meant is printed too, a line each.
    """
    try:
        policy = load_policy(file)
    except PolicyError as error:
        typer.echo(str(error), err=True)
        return 1
    remarks = list_remarks(policy)
    for remark in remarks:
        typer.echo(f"{file}: {remark}")
    verdict = "no mistakes, but read the lines above" if remarks else "in order"
    typer.echo(f"{file}: {verdict}; version {policy.version}")
    return 0


def show_policy(file: Path | None) -> int:
    """Print what a policy promises and who hears of what; return 1 when the file has mistakes.

    ``None`` is the default policy. Four parts: targets by clock and severity, ladders, the matrix
    of notices, roles as they are written, not as Slack resolves them. Then who reads cases.
    """
    try:
        policy = load_policy(file)
    except PolicyError as error:
        typer.echo(str(error), err=True)
        return 1
    typer.echo(f"policy {file or '(the defaults)'}, version {policy.version}")
    typer.echo("\n".join(["", *_clocks(policy), "", *_ladders(policy), "", *_matrix(policy)]))
    typer.echo("\n".join(["", *_roles(policy)]))
    typer.echo(f"\nreading: {describe_reading(policy)}")
    return 0


async def replay(file: Path, settings: Settings) -> int:
    """Print what would have been different had ``file`` been the policy.

    Returns 1 when one of the two policies has mistakes. Every case is judged as of now, closed ones
    too; nothing is changed. The configured policy stands in for versions that the store does not
    have. Raises SchemaError as ``opened`` does.
    """
    try:
        other, current = load_policy(file), load_policy(settings.policy_file)
    except PolicyError as error:
        typer.echo(str(error), err=True)
        return 1
    async with opened(settings) as database, database.read() as session:
        found = await policy_versions.replay_cases(session, current, other, SystemClock().now())
    changed = [case for case in found if case.comparison.changed]
    for case in changed:
        typer.echo("\n".join(_replayed(case)))
    typer.echo(f"{count_things(len(found), 'case')}, {len(changed)} would have gone differently")
    return 0


def _replayed(case: Replayed) -> list[str]:
    """A case with its customer, and below it each clock that would have gone differently."""
    lines = [f"ESC-{case.number} {case.customer}"]
    return lines + [_compared(clock) for clock in case.comparison.changed]


def _compared(clock: ClockComparison) -> str:
    """Return a clock on one line: its name, how it went, an arrow, how it would have gone."""
    old, new = _outcome(clock.old), _outcome(clock.new)
    return f"  {clock.clock.ljust(NAME)}{old.ljust(OUTCOME)}→ {new}"


def _outcome(outcome: Outcome | None) -> str:
    """Return an outcome in words, without what is empty; ``None``: the clock does not run."""
    if outcome is None:
        return "does not run"
    due = f"due {outcome.due:%Y-%m-%d %H:%M}Z" if outcome.due else ""
    breaches = f"{outcome.breaches} breached" if outcome.breaches else ""
    warned = f"warned {'/'.join(str(p) for p in outcome.warned)} %" if outcome.warned else ""
    paged = f"{outcome.paged} calls" if outcome.paged else ""
    return ", ".join(p for p in (outcome.state.value, due, breaches, warned, paged) if p)


async def apply(settings: Settings, *, by: str) -> int:
    """Give every open case the targets of the configured policy, on the record; print which.

    One transaction locks the cases that have another version, in order of their numbers. ``by`` is
    the Slack user id that the timeline names, of a full member of the workspace; beside it stands
    who ran the command, and where. Run again it finds nothing to change. Returns 1 for a policy
    with mistakes; raises CommandError for any other ``by``, and SchemaError as ``opened`` does.
    """
    try:
        policy = load_policy(settings.policy_file)
    except PolicyError as error:
        typer.echo(str(error), err=True)
        return 1
    now = SystemClock().now()
    async with opened(settings) as database:
        await _require_member(settings, database, by)
        await policy_versions.remember_policy(database, policy, now)
        services = Standalone(database, policy, SystemClock())
        changed = await policy_versions.apply_policy(services, Actor(by, "cli"), terminal_user())
    typer.echo(f"policy {policy.version} now holds for {count_things(len(changed), 'open case')}")
    typer.echo(", ".join(f"ESC-{number}" for number in changed) or "nothing changed")
    return 0


async def _require_member(settings: Settings, database: Database, by: str) -> None:
    """Raise CommandError unless ``by`` is a full member, by the store or else by Slack."""
    from bot.people.directory import People
    from messages.clients.slack import Slack

    if not USER_ID.fullmatch(by):
        raise CommandError(f"--by: {by!r} is no Slack user id; yours is in your Slack profile, U…")
    configure_logs("ERROR")  # what is wrong is said in a sentence, not logged
    slack = Slack(settings.slack_bot_token, settings.slack_api_url)
    try:
        standing = await People(database, SystemClock(), slack).standing(by)
    finally:
        await slack.close()
    if standing is None:
        raise CommandError(f"--by: who {by} is cannot be asked of Slack; check SLACK_BOT_TOKEN")
    if standing is not Standing.MEMBER:
        raise CommandError(f"--by: {by} is {AS_WHAT[standing]}; give the id of a full member")


async def pauses(settings: Settings) -> int:
    """Print the pauses that stand out: set just before a due time, ended right after, repeated.

    Those with most signs come first. Returns 0 always: a sign is a reason to ask, no verdict.
    """
    async with opened(settings) as database, database.read() as session:
        found = find_suspicious_pauses(await policy_versions.all_pauses(session))
    for one in found:
        typer.echo(_suspicion(one))
    typer.echo(f"pauses that stand out: {len(found)}; each may have a good reason, so ask first")
    return 0


def _suspicion(one: Suspicion) -> str:
    """One pause on one line: case, clock, from when to when (UTC), who set it, and its signs."""
    pause = one.pause
    end = f"{pause.end:%Y-%m-%d %H:%M}Z" if pause.end else "still on"
    signs = ", ".join(sign.value.replace("_", " ") for sign in one.signs)
    span = f"{pause.start:%Y-%m-%d %H:%M}Z to {end}"
    return f"{pause.case} {pause.clock} {span} by {pause.by or 'unknown'}: {signs}"


def _clocks(policy: Policy) -> list[str]:
    """The targets as a table: a row for each clock, a column for each severity."""
    lines = [_row("clock", [s.label for s in Severity])]
    for kind in ClockKind:
        cells = [_promise(policy.clock(severity, kind)) for severity in Severity]
        lines.append(_row(kind.value, cells))
    actions = [_promise(policy.severity(severity).action_item) for severity in Severity]
    lines.append(_row("action_item", actions))
    return lines


def _promise(clock: ClockPolicy) -> str:
    """A clock's target and the calendar it runs by; a dash where the policy promises nothing."""
    if clock.target is None:
        return "—"
    return f"{target_text(clock.target)}, {clock.calendar}"


def target_text(target: Target) -> str:
    """Write a target as the policy file does: ``4h``, ``1h 30m``, ``5 business days``."""
    if target.business_days is not None:
        return f"{target.business_days} business days"
    if target.calendar_days is not None:
        return f"{target.calendar_days} calendar days"
    hours, minutes = divmod(target.minutes or 0, HOUR)
    return " ".join(
        p for p in (f"{hours}h" if hours else "", f"{minutes}m" if minutes else "") if p
    )


def _ladders(policy: Policy) -> list[str]:
    """Whom each severity calls after a breach, ``+30 manager/executive``: minutes and roles."""
    lines = ["after a breach, in open minutes of the clock's own calendar:"]
    for severity in Severity:
        levels = ", ".join(
            f"+{level.after_minutes} {'/'.join(level.roles)}"
            for level in policy.severity(severity).ladder
        )
        lines.append(f"  {severity.label}  {levels}")
    return lines


def _matrix(policy: Policy) -> list[str]:
    """Who hears of each event, by which notice; a row without a severity is for all of them."""
    lines = ["who hears of what:"]
    for (event, severity), row in policy.matrix.items():
        heard = ", ".join(f"{role} {notice}" for role, notice in row.items())
        lines.append(f"  {event.value} {severity.label if severity else ''}".ljust(24) + heard)
    return lines


def _roles(policy: Policy) -> list[str]:
    """Each role with what the file names for it, whether Slack knows them or not."""
    lines = ["who is who:"]
    for role, people in policy.roles.items():
        lines.append(f"  {role.value}".ljust(24) + (", ".join(people) or "nobody named"))
    return lines


def _row(name: str, cells: list[str]) -> str:
    """A line of a table: the name and the cells, each as wide as its column."""
    return (name.ljust(NAME) + " ".join(c.ljust(COLUMN) for c in cells)).rstrip()
