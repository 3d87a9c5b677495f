"""Erasing a person or a customer, from a terminal: what names them, and with ``--apply`` it goes.

Runs beside the app. A dry run prints tables, cases and counts, and the names that are looked for,
but none of the words around them. What is put on record has no name.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import typer
from sqlmodel import col, select

from bot.clock import SystemClock
from bot.compliance.erasure.again import LineError, find_again, key_of, read_lines, write_line
from bot.compliance.erasure.belongs import (
    UnknownError,
    belonging_to_account,
    belonging_to_person,
    find_account,
)
from bot.compliance.erasure.elsewhere import list_elsewhere
from bot.compliance.erasure.erasing import DONE, BusyError, Erasing, HeldError
from bot.compliance.erasure.finding import SAY_EVERY, Found, find_named
from bot.compliance.erasure.places import list_places, rows_of
from bot.compliance.records import NotSealedError
from bot.engine.unit_of_work import Standalone
from bot.operations.signing_key import stored_key
from bot.operations.terminal_actions import note_action
from bot.rules.audit.links import ERASE
from bot.rules.compliance.persons import Sought, alias_of, words_of
from bot.rules.policy.load import Policy, load_policy
from bot.settings import Settings
from bot.wiring import WIRING
from cli.admin import read_settings
from cli.configured import signing_keys
from cli.failures import CommandError
from cli.logs import configure_logs
from cli.opened import opened, terminal_user
from cli.security.erased_in_slack import print_in_slack
from storage.database import Database
from storage.models import Forgotten
from storage.scrubbing import scrub_file

NAMED = 20  # cases that are named in one line
NO_KEY = "there is no key that signs. Run `python app.py key rotate FILE` and set SIGNING_KEY_FILE"
KINDS = {
    "channels": "messages of people in Slack, and names of channels (the app takes the names out of"
    " its own messages and topics): whoever may delete them, in the channels",
    "shared": "channels shared with the customer: there, on both sides",
    "tickets": "tickets: whoever runs the help desk",
    "mails": "emails (how many): whoever runs the mailboxes",
    "bugs": "issues in the developers' tracker: whoever runs it",
}
ALWAYS = (
    "backups of the database and exports made before: whoever keeps them",
    "log files with Slack ids, and the accounts file or CRM: whoever runs them",
    "files and direct messages of people, the app's in archived channels: the workspace's owners",
)


async def erase_person(
    asked: str, also: Sequence[str], *, alone: bool, apply: bool, confirm: str, file: Path | None
) -> int:
    """Print where a person is named, or erase them; return 0, or 1 where it is refused.

    ``asked`` is a Slack id, an address or a name, ``also`` more names; ``alone``: nothing that the
    store says belongs to them. ``confirm`` is the pseudonym that a dry run printed, and ``file``
    gets the line for after a restore; both are wanted with ``apply``, since it cannot be undone.
    What is printed: the names that are looked for, rows by table, case and problem, and what others
    must delete. Raises CommandError for what cannot be done; then nothing was changed.
    """
    settings = read_settings()
    configure_logs("ERROR")  # what is done is printed
    async with opened(settings) as database:
        key = await _first_key(settings, database)
        async with database.read() as session:
            texts = [asked, *also] if alone else await belonging_to_person(session, asked, *also)
        sought = Sought(alias_of("person", asked, key), tuple(texts))
        return await _erase(database, sought, key, apply=apply, confirm=confirm, file=file)


async def erase_account(
    asked: str, also: Sequence[str], *, apply: bool, confirm: str, file: Path | None
) -> int:
    """The same of a customer, by key or name, and of its contacts; return 0, or 1 where refused.

    With its name go its domains with every address there, its greeting, and the contacts that its
    row and its cases have. Its key stays: rows find each other by it, and it is the CRM's. Raises
    CommandError for a customer that is not there, and as ``erase_person`` does.
    """
    settings = read_settings()
    configure_logs("ERROR")
    async with opened(settings) as database:
        key = await _first_key(settings, database)
        try:
            async with database.read() as session:
                account = await find_account(session, asked)
                texts, domains = await belonging_to_account(session, account)
        except UnknownError as fault:
            raise CommandError(str(fault)) from fault
        alias = alias_of("account", account.key, key)
        sought = Sought(alias, (*texts, *also), tuple(domains))
        return await _erase(database, sought, key, apply=apply, confirm=confirm, file=file)


async def _erase(
    database: Database, sought: Sought, key: bytes, *, apply: bool, confirm: str, file: Path | None
) -> int:
    """Print what names them, refuse what must not be, and erase with ``apply``.

    The line for after a restore is written first: an erasure that is on no line could come back
    unseen, and a line of what was not erased yet does no harm. Answers the command's code.
    """
    _refuse_short(sought)
    typer.echo(f"{sought.alias} takes the place of:")
    for each in (*sought.texts, *sought.domains):
        typer.echo(f"  {each}")
    found = await find_named(database, sought, _say_progress)
    async with database.read() as session:
        places = await list_elsewhere(session, found)
    _print_found(found)
    _print_elsewhere(places)
    if refused := _refusal(found):
        typer.echo(refused, err=True)
        return 1
    if not apply:
        typer.echo(
            "nothing was changed. What is erased cannot be brought back. Other ways in which texts"
            " name them, a first name alone or a nickname, are not looked for: add `--also NAME`."
            f" Then the same again with `--apply --confirm {sought.alias} --keep FILE`"
        )
        return 0
    if confirm != sought.alias or file is None:
        raise CommandError(
            "this cannot be undone, so it wants two things more: `--confirm"
            f" {sought.alias}`, and `--keep FILE`, to which a line is added that names nobody. Keep"
            " it where backups are restored: `erase again FILE` erases what comes back"
        )
    _keep_line(file, write_line(sought, key))
    policy = load_policy(read_settings().policy_file)
    return await _apply(database, policy, sought, found, "erase")


def _refuse_short(sought: Sought) -> None:
    """Raise CommandError for names that would be found everywhere.

    Three letters or digits are the least, whatever stands between them: “Al” is in too many texts.
    """
    for text in sought.texts:
        if len("".join(words_of(text))) < 3:
            raise CommandError(f"{text!r} is too short to be told from other words: leave it out")


def _refusal(found: Found) -> str:
    """Why it must not be, as a line for the administrator; empty where it may.

    A hold comes before open work: it is Legal's and may last for years. Work that goes on would be
    owned by a pseudonym, which is reminded of nothing and can hand nothing over.
    """
    if found.held:
        return (
            f"refused: held for Legal: {_names(found.held)}. Nothing was changed. Only Legal ends a"
            " hold, on the case's card; then run this again"
        )
    if found.going:
        return (
            f"refused: still at work on {_names(found.going)}. Nothing was changed. Hand over what"
            " they own and their roles and steps first (/escalate handover), then run this again"
        )
    return ""


def _names(cases: Sequence[int]) -> str:
    """The first cases by name, and how many more."""
    more = f" and {len(cases) - NAMED} more" if len(cases) > NAMED else ""
    return ", ".join(f"ESC-{number}" for number in cases[:NAMED]) + more


def _print_found(found: Found) -> None:
    """A line for each table and each case, with how many rows.

    A row of several cases, a merge for example, counts once in its table and once in each case. The
    last line has the sums.
    """
    for table, rows in sorted(found.rows.items()):
        loose = found.loose.get(table, 0)
        typer.echo(f"{table}: {rows}" + (f", of no case: {loose}" if loose else ""))
    for short, counts in (("ESC", found.cases), ("PRB", found.problems)):
        for number, rows in sorted(counts.items()):
            typer.echo(f"{short}-{number}: {rows}")
    typer.echo(f"rows: {sum(found.rows.values())}, cases: {len(found.cases)}")


def _print_elsewhere(places: Mapping[str, Mapping[str, Any]]) -> None:
    """What others must delete, where, and who.

    ``places`` as ``list_elsewhere`` answers it, or as it was kept with an erasure. What no row
    tells, backups and logs above all, is always named.
    """
    typer.echo("not in the database, so not erased; somebody else must delete it:")
    for kind, who in KINDS.items():
        if of := places.get(kind):
            named = ", ".join(f"{k}" if v is True else f"{k} {v}" for k, v in of.items())
            typer.echo(f"  {who}: {named}")
    for each in ALWAYS:
        typer.echo(f"  {each}")


def _keep_line(file: Path, line: str) -> None:
    """Add a line to the file that is kept elsewhere. Raises CommandError where it cannot be.

    One that stands there already is not added again, so a command that goes on after it was cut
    short leaves one line.
    """
    try:
        known = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
        if line not in known:
            with file.open("a", encoding="utf-8") as out:
                out.write(f"{line}\n")
    except (OSError, UnicodeDecodeError) as fault:
        said = fault.strerror if isinstance(fault, OSError) else "is no text"
        raise CommandError(f"{file}: {said}. Nothing was erased") from fault


async def _apply(
    database: Database, policy: Policy, sought: Sought, found: Found, command: str
) -> int:
    """Erase; return 0, or 1 where a hold came in between or something must be tried again.

    ``command`` is how it stands among the actions from a terminal, with the pseudonym alone. At the
    end the file is written anew, or it is said how free pages lose what they still have.
    """
    user = terminal_user()
    async with database.write() as session:
        note_action(session, user, command, {"as": sought.alias})
    async with database.read() as session:
        elsewhere, places = await list_elsewhere(session, found), await list_places(session, found)
    services = Standalone(database, policy, SystemClock(), wiring=WIRING)
    now = services.clock.now()
    erasing = Erasing(services, sought, user, now, places, found.cases.keys())
    try:
        done = await erasing.run(elsewhere, _say_progress)
    except HeldError as fault:
        typer.echo(f"stopped: {fault} is held for Legal since; run it again after that", err=True)
        return 1
    except (BusyError, NotSealedError):
        typer.echo("stopped: another process writes the records now; run it again", err=True)
        return 1
    typer.echo(f"erased: {sought.alias}, {sum(done.values())} rows")
    async with database.read() as session:
        print_in_slack(await rows_of(session, erasing.rule))
    if await scrub_file(database):
        typer.echo("the file was written anew: nothing of it is in free pages")
    elif database.is_sqlite:
        typer.echo("free pages still have it: stop the app, then run this again")
    else:
        typer.echo("free pages and the write-ahead log still have it: run VACUUM FULL")
    return 0


async def erase_again(file: Path, *, apply: bool) -> int:
    """Look for all whom a kept file has, and with ``apply`` erase them; return 1 for one refused.

    Each is looked for in full once a digest has found one name of theirs in the store: names that
    are written together with other words go as well. Raises CommandError for a file that is none of
    ours, or was written with a key that is not accepted any more.
    """
    settings = read_settings()
    configure_logs("ERROR")
    policy = load_policy(settings.policy_file)
    async with opened(settings) as database:
        keys = await _keys(settings, database)
        try:
            kept = read_lines(file.read_text(encoding="utf-8"), keys)
        except (LineError, UnicodeDecodeError) as fault:
            raise CommandError(f"{file}: {fault}") from fault
        back = await find_again(database, kept, _say_progress)
        whole = sum(map(len, kept.values()))
        typer.echo(f"{whole} in the file, {len(back)} stand in the database again")
        failed = 0
        for sought in back:
            found = await find_named(database, sought, _say_progress)
            rows = sum(found.rows.values())
            typer.echo(f"{sought.alias}: rows: {rows}, cases: {len(found.cases)}")
            if refused := _refusal(found):
                typer.echo(refused, err=True)
                failed = 1
            elif apply:
                failed |= await _apply(database, policy, sought, found, "erase again")
        if back and not apply:
            typer.echo("nothing was changed: `--apply` erases them again")
    return failed


async def list_erased() -> int:
    """Print each erasure: when, by whom, how many rows, and what others must delete; return 0."""
    async with opened(read_settings()) as database:
        query = select(Forgotten).where(col(Forgotten.verb).in_([ERASE, DONE]))
        async with database.read() as session:
            rows = (await session.exec(query.order_by(col(Forgotten.id)))).all()
            told = {row.id: await rows_of(session, row.id) for row in rows}
    ended = {row.about.get("rule"): row for row in rows if row.verb == DONE}
    for row in rows:
        if row.verb != ERASE:
            continue
        end = ended.get(row.id)
        said = f"{end.about.get('rows')} rows" if end else "cut short: run the same command again"
        typer.echo(f"{row.at:%Y-%m-%d %H:%M} {row.about.get('as')}  {row.actor}  {said}")
        if end:
            print_in_slack(told[row.id])
            _print_elsewhere(end.about.get("elsewhere") or {})
    if not rows:
        typer.echo("nobody was erased yet")
    return 0


async def _keys(settings: Settings, database: Database) -> list[bytes]:
    """The keys for digests, the one that signs first. Raises CommandError without any."""
    stored = await stored_key(database)
    keys = dict.fromkeys([*signing_keys(settings), *([stored] if stored else [])])
    if not keys:
        raise CommandError(NO_KEY)
    return [key_of(key) for key in keys]


async def _first_key(settings: Settings, database: Database) -> bytes:
    """The key with which new pseudonyms are made."""
    return (await _keys(settings, database))[0]


def _say_progress(table: str, rows: int) -> None:
    """Say on standard error now and then that it goes on; ``rows`` of the table are done."""
    if rows and rows % SAY_EVERY == 0:
        typer.echo(f"{table}: {rows} rows so far", err=True)
