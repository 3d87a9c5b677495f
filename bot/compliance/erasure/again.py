"""Erased again after a restore: by a line for each erasure, kept elsewhere, without a name.

A line is JSON: the pseudonym, and digests of the names with a key that is in no backup of the
database when ``SIGNING_KEY_FILE`` has it.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from bot.compliance.erasure.finding import Progress, columns_of, tables, windows
from bot.rules.compliance.persons import Finder, Kept, Sought, keep, texts_in
from storage.database import Database

FORM = 1  # of a line


class LineError(Exception):
    """A line that is none of ours, or of a key that is not accepted any more."""


def key_of(key: str) -> bytes:
    """What digests are made with, of a key that signs: for this purpose and no other."""
    return hashlib.sha256(f"erasure\n{key}".encode()).digest()


def name_key(key: bytes) -> str:
    """What tells keys apart and does not give them away."""
    return hashlib.sha256(key).hexdigest()[:8]


def write_line(sought: Sought, key: bytes) -> str:
    """What is kept of an erasure, one line without its end."""
    kept = keep(sought, key)
    said = {
        "form": FORM,
        "as": kept.alias,
        "key": name_key(key),
        "digests": sorted(kept.digests),
        "domains": sorted(kept.domains),
        "lengths": kept.lengths,
    }
    return json.dumps(said)


def read_lines(text: str, keys: Sequence[bytes]) -> Mapping[bytes, Sequence[Kept]]:
    """The erasures of a file, by the key of their digests. Raises LineError, with the number."""
    known, found = {name_key(key): key for key in keys}, dict[bytes, list[Kept]]()
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            said = json.loads(line)
            kept = _read(said)
        except (ValueError, KeyError, TypeError) as fault:
            raise LineError(f"line {number} is none that `erase --keep` wrote") from fault
        if said.get("key") not in known:
            raise LineError(
                f"line {number} was made with a key that is not accepted any more"
                f" ({said.get('key')}): put that key into SIGNING_KEY_FILE again, as the last line"
            )
        found.setdefault(known[said["key"]], []).append(kept)
    return found


def read_kept(line: str) -> Kept:
    """What one line has that ``write_line`` wrote; the caller knows its key."""
    return _read(json.loads(line))


def _read(said: Any) -> Kept:
    """One line. Raises ValueError, KeyError or TypeError for anything else."""
    if said["form"] != FORM or not isinstance(said["as"], str):
        raise ValueError
    lengths = tuple(int(each) for each in said["lengths"])
    return Kept(said["as"], frozenset(said["digests"]), frozenset(said["domains"]), lengths)


async def find_again(
    database: Database,
    kept: Mapping[bytes, Sequence[Kept]],
    progress: Progress = lambda _table, _rows: None,
) -> list[Sought]:
    """Who of them stands in the store, with the names as they stand there. Nothing is changed."""
    finders = [Finder(each, key) for key, each in kept.items()]
    for table in tables():
        names = list(columns_of(table))
        async for rows, before in windows(database, table):
            for text in (text for row in rows for name in names for text in texts_in(row[name])):
                for finder in finders:
                    finder.look(text)
            progress(table.name, before)
    return [sought for finder in finders for sought in finder.sought()]
