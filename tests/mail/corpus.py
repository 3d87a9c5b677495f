"""Mails as programs and servers write them, with what they should be read as: ``tests/data/mail``.

An entry has ``raw`` (the mail), ``bytes`` (the charset of what is not ASCII in it, by default
UTF-8), ``ends`` (its line ends, by default CR LF), and what is expected: ``kind`` (``person``,
``machine``, ``bounce``, ``delayed``), ``words``, ``folded`` (lines that are in the whole mail
only), ``files`` (name and size in bytes, -1 for any), ``note``, ``subject``, ``sender``,
``authors``, ``about``, ``recipient``, ``reason``. ``tag = false``: it names no case. ``ours`` is
what we had written, where answers stand inside it.
"""

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "data" / "mail"

Entry = dict[str, Any]


@cache
def read_corpus() -> dict[str, Entry]:
    """Every entry by ``family: name``."""
    found: dict[str, Entry] = {}
    for file in sorted(FOLDER.glob("*.toml")):
        for entry in tomllib.loads(file.read_text(encoding="utf-8"))["mail"]:
            name = f"{file.stem}: {entry['name']}"
            assert name not in found
            found[name] = entry
    return found


def raw_of(entry: Entry) -> bytes:
    """The mail as a server would hand it over."""
    ends = entry.get("ends", "\r\n")
    text = str(entry["raw"]).replace("\n", ends)
    return text.encode(entry.get("bytes", "utf-8"), "surrogateescape")
