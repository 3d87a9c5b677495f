"""Looking at policies from a terminal: what holds, what is wrong with a file."""

from pathlib import Path

import typer

from bot.rules.policy import PolicyError, load_policy
from bot.rules.policy_model import ClockPolicy, Policy
from bot.rules.sla import Target
from bot.rules.words import ClockKind, Severity

COLUMN = 26  # characters a severity's column takes
NAME = 22  # characters a clock's name takes
HOUR = 60  # minutes


def check(file: Path) -> int:
    """Name every mistake in a policy file; 0 when there is none."""
    try:
        policy = load_policy(file)
    except PolicyError as error:
        typer.echo(str(error), err=True)
        return 1
    typer.echo(f"{file}: in order, version {policy.version}")
    return 0


def show(file: Path | None) -> int:
    """Print what a policy promises and who hears of what; 1 when the file has mistakes."""
    try:
        policy = load_policy(file)
    except PolicyError as error:
        typer.echo(str(error), err=True)
        return 1
    typer.echo(f"policy {file or '(the defaults)'}, version {policy.version}")
    typer.echo("\n".join(["", *_clocks(policy), "", *_ladders(policy), "", *_matrix(policy)]))
    typer.echo("\n".join(["", *_roles(policy)]))
    return 0


def _clocks(policy: Policy) -> list[str]:
    lines = [_row("clock", [s.label for s in Severity])]
    for kind in ClockKind:
        cells = [_promise(policy.clock(severity, kind)) for severity in Severity]
        lines.append(_row(kind.value, cells))
    return lines


def _promise(clock: ClockPolicy) -> str:
    if clock.target is None:
        return "—"
    return f"{target_text(clock.target)}, {clock.calendar}"


def target_text(target: Target) -> str:
    """A target as the policy file writes it: ``4h``, ``1h 30m``, ``5 business days``."""
    if target.business_days is not None:
        return f"{target.business_days} business days"
    if target.calendar_days is not None:
        return f"{target.calendar_days} calendar days"
    hours, minutes = divmod(target.minutes or 0, HOUR)
    return " ".join(
        p for p in (f"{hours}h" if hours else "", f"{minutes}m" if minutes else "") if p
    )


def _ladders(policy: Policy) -> list[str]:
    lines = ["after a breach, in open minutes of the clock's own calendar:"]
    for severity in Severity:
        rungs = ", ".join(
            f"+{rung.after_minutes} {'/'.join(rung.roles)}"
            for rung in policy.severity(severity).ladder
        )
        lines.append(f"  {severity.label}  {rungs}")
    return lines


def _matrix(policy: Policy) -> list[str]:
    lines = ["who hears of what:"]
    for (event, severity), row in policy.matrix.items():
        heard = ", ".join(f"{role} {notice}" for role, notice in row.items())
        lines.append(f"  {event.value} {severity.label if severity else ''}".ljust(24) + heard)
    return lines


def _roles(policy: Policy) -> list[str]:
    lines = ["who is who:"]
    for role, people in policy.roles.items():
        lines.append(f"  {role.value}".ljust(24) + (", ".join(people) or "nobody named"))
    return lines


def _row(name: str, cells: list[str]) -> str:
    return (name.ljust(NAME) + "".join(c.ljust(COLUMN) for c in cells)).rstrip()
