"""Commands over what the organisation decides, and over what waits to be shown in Slack.

As in ``app.py``: docstrings are what ``--help`` prints, and what a command runs is imported then.
"""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

top = typer.Typer()
outbox_app = typer.Typer(help="What waits to be shown in Slack.", no_args_is_help=True)
policy_app = typer.Typer(
    help="What your organisation decides: targets, roles, ladders.", no_args_is_help=True
)
top.add_typer(outbox_app, name="outbox")
top.add_typer(policy_app, name="policy")

PolicyFile = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="a TOML file")]


@policy_app.command(name="check")
def policy_check(file: PolicyFile) -> None:
    """Name every mistake in a policy file, with its key and what is allowed."""
    from cli import policy

    raise typer.Exit(policy.check_policy(file))


@policy_app.command(name="show")
def policy_show(
    file: Annotated[Path | None, typer.Argument(exists=True, dir_okay=False)] = None,
) -> None:
    """Print a policy as a table; without a file, the one that would run now."""
    from cli import admin, policy

    raise typer.Exit(policy.show_policy(file or admin.read_settings().policy_file))


@policy_app.command(name="replay")
def policy_replay(file: PolicyFile) -> None:
    """Run every case of the database against another policy; print what would have differed."""
    from cli import admin, policy

    raise typer.Exit(asyncio.run(policy.replay(file, admin.read_settings())))


@policy_app.command(name="apply")
def policy_apply(
    by: Annotated[str, typer.Option(help="your Slack user id, for the record")],
) -> None:
    """Give open cases the targets of POLICY_FILE; recorded. New cases have them anyway."""
    from cli import admin, policy

    raise typer.Exit(asyncio.run(policy.apply(admin.read_settings(), by=by)))


@policy_app.command(name="pauses")
def policy_pauses() -> None:
    """List pauses that look set to avoid a due time."""
    from cli import admin, policy

    raise typer.Exit(asyncio.run(policy.pauses(admin.read_settings())))


Row = Annotated[int, typer.Argument(help="the row's id, as `outbox list` prints it")]


@outbox_app.command(name="list")
def outbox_list() -> None:
    """What waits or was refused: kind, lane, tries, the last error. No customer's words."""
    from cli import outbox

    raise typer.Exit(asyncio.run(outbox.show_outbox()))


@outbox_app.command(name="retry")
def outbox_retry(row: Row) -> None:
    """Try a row again now, and what was refused because of it."""
    from cli import outbox

    raise typer.Exit(asyncio.run(outbox.retry_row(row)))


@outbox_app.command(name="drop")
def outbox_drop(row: Row) -> None:
    """Give a row up: it is never shown, and what comes after it goes on."""
    from cli import outbox

    raise typer.Exit(asyncio.run(outbox.drop_row(row)))
