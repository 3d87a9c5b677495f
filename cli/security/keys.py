"""The keys that sign customers' links, from a terminal: which there are, a new one, an old one out.

No key is printed: each is shown by its fingerprint, the first eight hexadecimal digits of its
SHA-256. Keys are made into a file and never passed as an argument, which all users of a machine
can read.
"""

import hashlib
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import typer

from bot.key_files import read_key_file
from bot.operations.signing_key import forget_stored, make_key, stored_key
from bot.operations.terminal_actions import note_action
from bot.settings import Settings
from cli.admin import read_settings
from cli.configured import signing_keys
from cli.failures import CommandError
from cli.opened import opened, terminal_user

STORED = "the database, in the clear: for a laptop only"


def fingerprint(key: str) -> str:
    """Return what tells keys apart and does not give them away."""
    return hashlib.sha256(key.encode()).hexdigest()[:8]


async def list_keys() -> int:
    """Print each key that is accepted, the one that signs first; return 0."""
    settings = read_settings()
    async with opened(settings) as database:
        stored = await stored_key(database)
    lines = [f"{fingerprint(key)}  {_place(settings)}" for key in signing_keys(settings)]
    if stored is not None and stored not in signing_keys(settings):
        lines.append(f"{fingerprint(stored)}  {STORED}")
    for number, line in enumerate(lines):
        typer.echo(f"{'accepted' if number else 'signs   '}  {line}")
    if not lines:
        typer.echo("there is no key yet; the first start makes one in the database")
    return 0


def _place(settings: Settings) -> str:
    """Where the keys that the settings name are kept, as the environment variable says it."""
    return (
        f"SIGNING_KEY_FILE={settings.signing_key_file}"
        if settings.signing_key_file
        else ("SIGNING_KEY or SECRET_KEY")
    )


async def rotate_key(file: Path | None) -> int:
    """Put a new key first into ``file``, by default SIGNING_KEY_FILE; keep those that are accepted.

    The file is made where it is not there, and replaced as a whole; only its user may read it. A
    file that is not the configured one takes over the configured keys and the database's. Raises
    CommandError where no file is named, or it cannot be written.
    """
    settings = read_settings()
    target = file or settings.signing_key_file
    if target is None:
        raise CommandError("name the file that the keys go into: python app.py key rotate FILE")
    async with opened(settings) as database:
        try:
            earlier = read_key_file(target) if target.exists() else []
            stored = await stored_key(database)
            known = [*earlier, *signing_keys(settings), *([stored] if stored else [])]
            keys = list(dict.fromkeys([make_key(), *known]))
            _write_keys(target, keys)
        except OSError as fault:
            raise CommandError(f"{target}: {fault.strerror or fault}") from fault
        async with database.write() as session:
            about = {"file": str(target), "new": fingerprint(keys[0]), "accepted": len(keys)}
            note_action(session, terminal_user(), "key rotate", about)
    typer.echo(f"{target}: {fingerprint(keys[0])} signs, {len(keys)} accepted")
    typer.echo(_what_follows(settings, target))
    return 0


def _what_follows(settings: Settings, target: Path) -> str:
    """What an administrator must do next: restart, or change the settings and then restart."""
    if settings.signing_key_file == target:
        return "Restart every process; each reads the file when it starts."
    return (
        f"Set SIGNING_KEY_FILE={target} for every process, take SIGNING_KEY and SECRET_KEY out,"
        " restart all of them, then `python app.py key forget`."
    )


def _write_keys(target: Path, keys: Sequence[str]) -> None:
    """Replace the file in one step; who reads it meanwhile has the old one or the new one."""
    handle, path = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")  # mode 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write("".join(f"{key}\n" for key in keys))
            file.flush()
            os.fsync(file.fileno())
        Path(path).replace(target)
    except BaseException:
        Path(path).unlink(missing_ok=True)
        raise


async def forget_key(*, anyway: bool) -> int:
    """Remove the key that the database keeps; return 1 where there is none.

    Raises CommandError while no key is set, and, unless ``anyway``, where the database's is not
    among those that are: what it signed would be refused.
    """
    settings = read_settings()
    if not signing_keys(settings):
        raise CommandError(
            "no key is set, so the database's is in use. First `python app.py key rotate FILE`"
        )
    async with opened(settings) as database, database.write() as session:
        stored = await stored_key(database)
        if stored is None:
            typer.echo("the database keeps no key", err=True)
            return 1
        if stored not in signing_keys(settings) and not anyway:
            raise CommandError(
                f"{fingerprint(stored)} is not in SIGNING_KEY or SIGNING_KEY_FILE: links and reply"
                " addresses that it signed would be refused. `python app.py key rotate` takes it"
                " over; `--anyway` lets them end"
            )
        await forget_stored(session)
        note_action(session, terminal_user(), "key forget", {"key": fingerprint(stored)})
    typer.echo(f"the database keeps no key any more; {fingerprint(stored)} is gone from it")
    return 0
