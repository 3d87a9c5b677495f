"""Commands over keys, records and what is forgotten.

As in ``app.py``: docstrings are what ``--help`` prints, and what a command runs is imported then.
"""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

top = typer.Typer()  # commands without a group
key_app = typer.Typer(help="The keys that sign customers' links.", no_args_is_help=True)
audit_app = typer.Typer(help="The proof that no record was changed.", no_args_is_help=True)
top.add_typer(key_app, name="key")
top.add_typer(audit_app, name="audit")
erase_app = typer.Typer(help="Erases a person or a customer.", no_args_is_help=True)
top.add_typer(erase_app, name="erase")

Also = Annotated[
    list[str] | None, typer.Option(help="another name, a nickname or address; may be repeated")
]
Apply = Annotated[bool, typer.Option("--apply", help="do it, after a dry run; no way back")]
Confirm = Annotated[str, typer.Option(help="the pseudonym that the dry run printed")]
Keep = Annotated[
    Path | None, typer.Option(dir_okay=False, help="gets a line for `erase again`; names nobody")
]


@key_app.command(name="list")
def key_list() -> None:
    """Which keys are accepted and which one signs, by their fingerprints."""
    from cli.security import keys

    raise typer.Exit(asyncio.run(keys.list_keys()))


@key_app.command(name="rotate")
def key_rotate(
    file: Annotated[
        Path | None, typer.Argument(dir_okay=False, help="default: SIGNING_KEY_FILE")
    ] = None,
) -> None:
    """Put a new key first into the file; the earlier ones, the database's too, are accepted."""
    from cli.security import keys

    raise typer.Exit(asyncio.run(keys.rotate_key(file)))


@key_app.command(name="forget")
def key_forget(
    anyway: Annotated[
        bool, typer.Option("--anyway", help="although links that it signed end")
    ] = False,
) -> None:
    """Remove the key that the database keeps, once it is in SIGNING_KEY_FILE."""
    from cli.security import keys

    raise typer.Exit(asyncio.run(keys.forget_key(anyway=anyway)))


@audit_app.command(name="verify")
def audit_verify(
    head: Annotated[
        Path | None,
        typer.Option(dir_okay=False, help="a file with what `audit head` printed earlier"),
    ] = None,
) -> None:
    """Compare timelines, clocks and what was done from a terminal with the chain over them.

    Code 1 where a row was changed, is gone, or was put in, or where the chain lacks the head.
    """
    from cli.security import audit

    raise typer.Exit(asyncio.run(audit.verify(head)))


@audit_app.command(name="head")
def audit_head() -> None:
    """Print the chain's end, signed: keep it where those who keep the database cannot write."""
    from cli.security import audit

    raise typer.Exit(asyncio.run(audit.print_head()))


@audit_app.command(name="export")
def audit_export(
    file: Annotated[Path, typer.Argument(dir_okay=False, help="a file that is not there yet")],
) -> None:
    """Write the whole chain, a link a line, to be checked elsewhere."""
    from cli.security import audit

    raise typer.Exit(asyncio.run(audit.export(file)))


@top.command(name="actions")
def actions_command(
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="how many, the latest")] = 50,
) -> None:
    """Who did what from a terminal: imports, exports, policies, the outbox, repairs, keys."""
    from cli.security import actions

    raise typer.Exit(asyncio.run(actions.show_actions(limit)))


@top.command(name="access")
def access_command(
    case: Annotated[int | None, typer.Option(min=1, help="of this case alone")] = None,
    person: Annotated[str, typer.Option(help="of this Slack user id alone")] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="how many, the latest")] = 50,
) -> None:
    """Who read what is restricted, who was refused, who took something out."""
    from cli.security.access import show_access

    raise typer.Exit(asyncio.run(show_access(limit, case, person)))


@top.command(name="retention")
def retention_command(apply: Annotated[bool, typer.Option("--apply")] = False) -> None:
    """Print which texts the policy's [retention] deletes, what waits and why; or delete them."""
    from cli.security.retention import retention

    raise typer.Exit(asyncio.run(retention(apply=apply)))


@erase_app.command(name="person")
def erase_person_command(
    who: Annotated[str, typer.Argument(help="a Slack id, an email address or a full name")],
    also: Also = None,
    alone: Annotated[
        bool, typer.Option("--alone", help="only what is typed, not what stands beside it")
    ] = False,
    apply: Apply = False,
    confirm: Confirm = "",
    keep: Keep = None,
) -> None:
    """Print where a colleague or a customer's contact is named; --apply puts a pseudonym there.

    Refused while a case of theirs is held for Legal, or they still have open work.
    """
    from cli.security.erasure import erase_person

    done = erase_person(who, also or [], alone=alone, apply=apply, confirm=confirm, file=keep)
    raise typer.Exit(asyncio.run(done))


@erase_app.command(name="account")
def erase_account_command(
    who: Annotated[str, typer.Argument(help="the customer's key, or its name")],
    also: Also = None,
    apply: Apply = False,
    confirm: Confirm = "",
    keep: Keep = None,
) -> None:
    """The same of a customer: its name, domains, contacts and their addresses."""
    from cli.security.erasure import erase_account

    done = erase_account(who, also or [], apply=apply, confirm=confirm, file=keep)
    raise typer.Exit(asyncio.run(done))


@erase_app.command(name="again")
def erase_again_command(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="of --keep")],
    apply: Apply = False,
) -> None:
    """After a restore: find who was erased and is back, and with --apply erase them again."""
    from cli.security.erasure import erase_again

    raise typer.Exit(asyncio.run(erase_again(file, apply=apply)))


@erase_app.command(name="list")
def erase_list_command() -> None:
    """Every erasure, and what is left for others to delete, where."""
    from cli.security.erasure import list_erased

    raise typer.Exit(asyncio.run(list_erased()))
