"""Archives of whole records: written in one step, and compared with their own manifest.

An archive is a ZIP file with a JSON file for each table, the timeline as CSV, ``README.txt`` and
``manifest.json``, which has the SHA-256 and the size of each other file. Nothing here reads the
database, so an archive can be checked wherever it is kept.

The manifest is JSON: ``form`` (of the layout), ``about`` (``ESC-7``), ``at`` (ISO 8601 in UTC),
``program`` and ``tables`` (versions), ``head`` (``seq``, ``hash``, ``at``, ``signature`` as
``audit head`` prints them), ``rows`` (how many, by table) and ``files`` (``sha256`` and ``size`` in
bytes, by name). It cannot have its own hash, so who writes it anew is not found by it.
"""

import csv
import hashlib
import io
import json
import os
import tempfile
import tomllib
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import typer

from bot.rules.csv_files import safe_cell
from cli.failures import CommandError

MANIFEST = "manifest.json"
README = "README.txt"
TIMELINES: Mapping[str, tuple[str, ...]] = {  # the table that is written as CSV too: its columns
    "timeline_event": ("id", "at", "actor", "verb", "before", "after", "why", "source"),
    "problem_event": ("id", "at", "actor", "verb", "after", "why"),
}
FORM = 1  # of the layout; another one where it changes
MANIFEST_MAX = 4 * 1024 * 1024  # bytes of a manifest that is read
PIECE = 1024 * 1024  # bytes that are read at once
OWN = 0o600  # permissions: its own user
# What is raised for a file that was written or changed by another program.
DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)
UNREADABLE = (*DAMAGED, ValueError, KeyError, TypeError, AttributeError)
ABOUT = """\
{name}: everything that Escalation Desk {program} keeps about it, at {at} (UTC).

<table>.json    the rows of one table, in UTF-8; instants are ISO 8601 in UTC
timeline.csv    the timeline for a spreadsheet; an apostrophe stands before what would be a formula
manifest.json   SHA-256 and size of each file, the rows of each table, and under "head" the end of
                the chain over the records at that time, signed where a key signs

`python app.py export-check FILE` compares the files with the manifest, without a database. That
shows damage and careless changes. Whoever can write the manifest anew is not caught by it: keep the
archive's own SHA-256, which the export printed, in another place.

Not in it: keys that sign; signatures of links and of addresses for replies, so that nothing opens
by them (their first letters are left); addresses at which Slack takes answers; salts of the chain;
tables that are about no case or problem (the directory of colleagues, policies, calendars). Files
in Slack, mailboxes and help desks are kept there.
"""


@dataclass(frozen=True, slots=True)
class Archive:
    """What is to be written.

    Attributes:
        name: ``ESC-7`` or ``PRB-2``.
        at: When it was read, aware.
        tables: The version of the database's tables.
        head: The end of the chain, as ``audit head`` prints it.
        record: The rows by table, JSON-ready.

    """

    name: str
    at: datetime
    tables: str
    head: Mapping[str, Any]
    record: Mapping[str, Sequence[Mapping[str, Any]]]

    def files(self) -> dict[str, bytes]:
        """Every file of it by its name, the manifest last."""
        found = {f"{table}.json": encoded(rows) for table, rows in self.record.items()}
        for table, columns in TIMELINES.items():
            if table in self.record:
                found["timeline.csv"] = timeline_csv(self.record[table], columns)
        at = self.at.astimezone(UTC).isoformat(timespec="microseconds")
        program = program_version()
        found[README] = ABOUT.format(name=self.name, program=program, at=at).encode()
        manifest = {
            "form": FORM, "about": self.name, "at": at, "program": program, "tables": self.tables,
            "head": dict(self.head),
            "rows": {table: len(rows) for table, rows in self.record.items()},
            "files": {
                name: {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
                for name, content in found.items()
            },
        }  # fmt: skip
        return found | {MANIFEST: encoded(manifest)}


def program_version() -> str:
    """The version of this program; empty where it runs without its ``pyproject.toml``."""
    try:
        text = (Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8")
        return str(tomllib.loads(text)["project"]["version"])
    except (OSError, KeyError, tomllib.TOMLDecodeError):
        return ""


def encoded(value: Any) -> bytes:
    """JSON in UTF-8; half of a pair of surrogates, which is no text, as ``\\udXXX``."""
    text = json.dumps(value, indent=2, ensure_ascii=False) + "\n"
    return text.encode("utf-8", "backslashreplace")


def timeline_csv(events: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> bytes:
    """Events as CSV in UTF-8, in the order in which they are given; no cell runs as a formula.

    ``before`` and ``after`` are JSON objects in one cell; columns that are not named are left out.
    """
    file = io.StringIO(newline="")
    writer = csv.DictWriter(file, columns)
    writer.writeheader()
    for event in events:
        writer.writerow({name: safe_cell(event[name]) for name in columns})
    return file.getvalue().encode("utf-8", "backslashreplace")


def refuse_existing(file: Path) -> None:
    """Raises CommandError where the file is there already: an archive is never overwritten."""
    if os.path.lexists(file):
        raise CommandError(
            f"{file} is there already and is not overwritten. Move it away, or give another folder"
            " with --folder"
        )


def write_archive(file: Path, archive: Archive) -> str:
    """Write it under another name, then give it its own; answers its SHA-256, hexadecimal.

    So there is a whole file or none. Only its own user may read it. The folder is made. Raises
    CommandError where the file is there already or cannot be written.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{file.name}.", suffix=".part", dir=file.parent)
        part = Path(name)
        try:
            with os.fdopen(handle, "w+b") as out:
                _fill(out, archive)
                out.flush()
                os.fsync(out.fileno())
                out.seek(0)
                digest = hashlib.file_digest(out, "sha256").hexdigest()
            _give_name(part, file)
        finally:
            part.unlink(missing_ok=True)
    except OSError as fault:
        raise CommandError(f"{file}: {fault.strerror or fault}") from fault
    return digest


def _fill(out: Any, archive: Archive) -> None:
    """Put the files into the open file, all with the time at which the record was read.

    Names and times say nothing of the machine; who unpacks it gets files of their own alone. Raises
    OSError where the disk is full.
    """
    when = archive.at.astimezone(UTC).timetuple()[:6]
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in archive.files().items():
            info = zipfile.ZipInfo(name, when)
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, OWN << 16
            packed.writestr(info, content)


def _give_name(part: Path, file: Path) -> None:
    """Give the finished file its name, unless another has it by now.

    One step where the file system has links. Raises CommandError for a name that is taken, and
    OSError.
    """
    try:
        os.link(part, file)
    except FileExistsError:
        refuse_existing(file)
        raise
    except OSError:  # a file system without links: the look and the step are two here
        refuse_existing(file)
        part.rename(file)


def check_archive(file: Path) -> int:
    """Compare an archive with its manifest; print what differs, a line each; return 1 then, else 0.

    Where all is as it was, what it is about, the number of its files and its SHA-256 are printed.
    Raises CommandError for a file that cannot be read or is no archive of ours.
    """
    try:
        with file.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
            with zipfile.ZipFile(content) as packed:
                manifest = _read_manifest(packed)
                wrong = differences(packed, manifest["files"])
    except OSError as fault:
        raise CommandError(f"{file}: {fault.strerror or fault}") from fault
    except UNREADABLE as fault:
        told = "is no archive that `python app.py export` wrote, or is damaged"
        raise CommandError(f"{file} {told} ({fault})") from fault
    for each in wrong:
        typer.echo(f"✗ {each}", err=True)
    if wrong:
        return 1
    count = len(manifest["files"]) + 1
    typer.echo(f"{manifest['about']} of {manifest['at']}: {count} files are as they were written")
    typer.echo(f"SHA-256 {digest}")
    return 0


def _read_manifest(packed: zipfile.ZipFile) -> dict[str, Any]:
    """The manifest. Raises ValueError, KeyError or TypeError for one that is none of ours."""
    with packed.open(MANIFEST) as part:
        found: dict[str, Any] = json.loads(part.read(MANIFEST_MAX))
    if found["form"] != FORM:
        raise ValueError(f"form {found['form']!r}: written by a newer program")
    for said in (found["about"], found["at"], *(e["sha256"] for e in found["files"].values())):
        if not isinstance(said, str):
            raise TypeError(f"{said!r} in the manifest is no text")
    return found


def differences(packed: zipfile.ZipFile, told: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """What an archive has that its manifest does not say, or the other way; a line each.

    ``told`` is ``files`` of the manifest. A name that is there twice is told too, since programs
    differ in which of the two they unpack. Raises TypeError or KeyError for a manifest of another
    shape.
    """
    there = [name for name in packed.namelist() if name != MANIFEST]
    wrong = [f"{name}: missing" for name in told if name not in there]
    wrong += [f"{name}: not in the manifest" for name in dict.fromkeys(there) if name not in told]
    names = packed.namelist()
    wrong += [f"{n}: in it {names.count(n)} times" for n in dict.fromkeys(names)
              if names.count(n) > 1]  # fmt: skip
    for name, said in told.items():
        if name in there and (why := _differs(packed, name, said)):
            wrong.append(f"{name}: {why}")
    return wrong


def _differs(packed: zipfile.ZipFile, name: str, said: Mapping[str, Any]) -> str:
    """What is wrong with one file; empty: nothing. Reads no more of it than it should have.

    So a file that unpacks to many times its size fills neither memory nor disk.
    """
    digest, size = hashlib.sha256(), 0
    with suppress(*DAMAGED):
        with packed.open(name) as part:
            while size <= said["size"] and (piece := part.read(PIECE)):
                digest.update(piece)
                size += len(piece)
        if size != said["size"]:
            return f"{size} bytes or more" if size > said["size"] else f"only {size} bytes"
        return "" if digest.hexdigest() == said["sha256"] else "its content was changed"
    return "damaged, it cannot be unpacked"
