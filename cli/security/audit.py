"""The proof of the records, from a terminal: verified, its end kept elsewhere, written out.

Reads the store beside the running app. What is printed and written holds no name and no words
of the records: findings name rows by table, id and case.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import typer

from bot.audit.proof import BATCH, Head, next_links, prove_records
from bot.audit.sealing import find_head
from bot.clock import SystemClock
from bot.operations.signing_key import stored_key
from bot.operations.terminal_actions import note_action
from bot.rules.audit.links import is_signed, sign_head
from bot.settings import Settings
from cli.admin import read_settings
from cli.configured import signing_keys
from cli.failures import CommandError
from cli.opened import opened, terminal_user
from storage.database import Database

NO_KEY = "there is no key that signs. Run `python app.py key rotate FILE` and set SIGNING_KEY_FILE"
SAY_EVERY = 100 * BATCH


async def verify(head_file: Path | None) -> int:
    """Compare every record with the chain; return 0 where all of it holds, else 1.

    ``head_file`` is what ``head`` printed at some time: the chain must still have it. What is wrong
    stands on standard error, a line each, at most ``NAMED`` of them; progress too. Nothing is
    changed. Raises CommandError for a file that is no head, or is signed by no accepted key.
    """
    settings = read_settings()
    async with opened(settings) as database:
        kept = _read_head(head_file, await accepted_keys(settings, database)) if head_file else None
        verdict = await prove_records(database, SystemClock().now(), kept, _say_progress)
    for finding in verdict.findings:
        typer.echo(f"✗ {finding}", err=True)
    if verdict.wrong > len(verdict.findings):
        typer.echo(f"✗ and {verdict.wrong - len(verdict.findings)} more", err=True)
    end = f"{verdict.links} links, the last {verdict.hash[:16] or 'none'}"
    typer.echo(f"{end}: {'the records hold' if not verdict.wrong else f'{verdict.wrong} wrong'}")
    return 1 if verdict.wrong else 0


def _say_progress(done: int) -> None:
    """Say on standard error now and then that it goes on: millions of links take minutes."""
    if done % SAY_EVERY == 0:
        typer.echo(f"{done} links so far", err=True)


async def print_head() -> int:
    """Print the end of the chain, signed, as one line of JSON to be kept elsewhere; return 0.

    Raises CommandError where no key signs.
    """
    settings = read_settings()
    async with opened(settings) as database:
        keys = await accepted_keys(settings, database)
        if not keys:
            raise CommandError(NO_KEY)
        async with database.read() as session:
            seq, digest = await find_head(session)
    typer.echo(json.dumps(signed_head(seq, digest, keys[0])))
    return 0


async def export(file: Path) -> int:
    """Write the whole chain, a link a line (JSON), its signed end last; return 0.

    An existing file is not overwritten. It holds digests and no words or people. The export is
    noted among the actions from a terminal. Raises CommandError where the file cannot be made.
    """
    settings = read_settings()
    async with opened(settings) as database:
        keys = await accepted_keys(settings, database)
        async with database.write() as session:
            note_action(session, terminal_user(), "audit export", {"file": str(file.absolute())})
        try:
            with file.open("x", encoding="utf-8") as out:
                seq, digest = 0, ""
                async with database.read() as session:
                    while rows := await next_links(session, seq):
                        out.writelines(f"{row.model_dump_json()}\n" for row in rows)
                        seq, digest = rows[-1].seq, rows[-1].hash
                out.write(f"{json.dumps(signed_head(seq, digest, keys[0] if keys else ''))}\n")
        except OSError as fault:
            raise CommandError(f"{file}: {fault.strerror or fault}") from fault
    typer.echo(f"{file}: {seq} links")
    return 0


async def accepted_keys(settings: Settings, database: Database) -> tuple[str, ...]:
    """The keys that are accepted, the one that signs first; the database's own is the last."""
    stored = await stored_key(database)
    return tuple(dict.fromkeys([*signing_keys(settings), *([stored] if stored else [])]))


def signed_head(seq: int, digest: str, key: str) -> Mapping[str, Any]:
    """An end of the chain as it is kept, at this moment; with an empty key it has no signature.

    ``seq`` and ``digest`` are those of ``find_head``.
    """
    at = SystemClock().now()
    said = {"seq": seq, "hash": digest, "at": at.isoformat(timespec="microseconds")}
    return said | ({"signature": sign_head(seq, digest, at, key)} if key else {})


def _read_head(file: Path, keys: tuple[str, ...]) -> Head:
    """Read what ``head`` printed. Raises CommandError."""
    try:
        said = json.loads(file.read_text(encoding="utf-8").strip().splitlines()[-1])
        seq, digest, at = int(said["seq"]), str(said["hash"]), datetime.fromisoformat(said["at"])
        signature = str(said["signature"])
    except OSError as fault:
        raise CommandError(f"{file}: {fault.strerror or fault}") from fault
    except (ValueError, KeyError, TypeError, IndexError) as fault:
        told = "is not what `python app.py audit head` prints, one line of JSON"
        raise CommandError(f"{file}: {told}") from fault
    if not any(is_signed(seq, digest, at, key, signature) for key in keys):
        raise CommandError(f"{file}: signed by none of the keys that are accepted, or altered")
    return Head(seq, digest)
