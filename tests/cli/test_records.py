"""The archive of a case: whole, its user's alone, never written over, and compared with itself."""

import csv
import hashlib
import io
import json
import os
import stat
import zipfile
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime
from pathlib import Path

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from app import app
from bot.audit.sealing import seal_records
from bot.operations.signing_key import load_signer, stored_key
from bot.rules.audit.links import is_signed
from bot.rules.csv_files import NUMBER
from bot.settings import Settings
from cli.failures import CommandError
from cli.files import archive, records
from storage import schema
from storage.database import Database
from storage.models import AuditEvent, Case, Problem, TerminalAction
from tests.bot.policies import policy
from tests.bot.stage import ANNA, T0, Stage, acme

FORMULAS = tuple("=+-@＝＋－＠")


@pytest_asyncio.fixture
async def store(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncIterator[Stage]:
    """A store with a case of which the records are sealed, and the settings that name it."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/desk.db")
    monkeypatch.chdir(tmp_path)
    database = Database(f"sqlite:///{tmp_path}/desk.db")
    await schema.upgrade_schema(database)
    await load_signer(database)
    stage = Stage(database, policy())
    await stage.add(acme())
    await stage.opened(stake="x;=1+1")
    await seal_records(stage)
    yield stage
    await database.close()


def unpacked(file: Path) -> dict[str, bytes]:
    """The files of an archive by name."""
    with zipfile.ZipFile(file) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def packed_again(file: Path, files: Mapping[str, bytes]) -> None:
    """The archive as another program would write it anew."""
    with zipfile.ZipFile(file, "w") as packed:
        for name, content in files.items():
            packed.writestr(name, content)


async def test_an_archive_has_each_table_and_says_what_it_has(
    store: Stage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await records.export_record(1, tmp_path / "out") == 0
    file = tmp_path / "out" / "esc-1.zip"
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    assert capsys.readouterr().out == f"{file}\nSHA-256 {digest}\n"
    files = unpacked(file)
    record = await records.case_record(store.database, 1)
    assert record is not None
    assert {f"{table}.json": rows for table, rows in record.items()} == {
        name: json.loads(content) for name, content in files.items()
        if name.endswith(".json") and name != "manifest.json"
    }  # fmt: skip
    assert set(files) == {*(f"{t}.json" for t in record), "timeline.csv", "README.txt",
                          "manifest.json"}  # fmt: skip
    assert record["account"][0]["name"] == record["case"][0]["customer"]
    assert files["README.txt"].decode().startswith("ESC-1: everything that Escalation Desk 0.")
    [row] = [r for r in csv.DictReader(io.StringIO(files["timeline.csv"].decode()))
             if r["verb"] == "open_case"]  # fmt: skip
    assert row["why"] == "x;'=1+1"


async def test_the_manifest_has_hashes_rows_and_the_signed_end_of_the_chain(
    store: Stage, tmp_path: Path
) -> None:
    await records.export_record(1, tmp_path)
    files = unpacked(tmp_path / "esc-1.zip")
    said = json.loads(files.pop("manifest.json"))
    assert said["files"] == {
        name: {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
        for name, content in files.items()
    }
    assert said["rows"]["timeline_event"] == len(json.loads(files["timeline_event.json"])) > 0
    assert (said["about"], said["tables"]) == ("ESC-1", schema.code_version())
    assert said["program"] == archive.program_version() != ""
    assert said["at"].endswith("+00:00")
    head, key = said["head"], await stored_key(store.database)
    assert key
    assert head["seq"] == len(await store.rows(AuditEvent))
    assert is_signed(
        head["seq"], head["hash"], datetime.fromisoformat(head["at"]), key, head["signature"]
    )


async def test_a_problems_archive_has_its_record(store: Stage, tmp_path: Path) -> None:
    await store.add(
        Problem(title="=1", known="x", severity=2, owner=ANNA, cycle_began_at=T0, opened_by=ANNA,
                opened_at=T0),
    )  # fmt: skip
    async with store.database.write() as session:
        (await session.get_one(Case, 1)).problem = 1
    assert await records.export_record(1, tmp_path, problem=True) == 0
    files = unpacked(tmp_path / "prb-1.zip")
    assert json.loads(files["problem.json"])[0]["title"] == "=1"
    assert json.loads(files["cases.json"]) == [{"number": 1}]
    assert [row["about"]["problem"] for row in json.loads(files["terminal_action.json"])] == [1]
    assert files["timeline.csv"].startswith(b"id,at,actor,verb,after,why")


async def test_only_its_own_user_may_read_it(store: Stage, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        await records.export_record(1, tmp_path)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "esc-1.zip").stat().st_mode) == 0o600


async def test_an_archive_is_never_overwritten(store: Stage, tmp_path: Path) -> None:
    (tmp_path / "esc-1.zip").write_text("kept")
    with pytest.raises(CommandError, match="there already and is not overwritten"):
        await records.export_record(1, tmp_path)
    assert (tmp_path / "esc-1.zip").read_text() == "kept"
    assert await store.rows(TerminalAction) == []


@pytest.mark.parametrize("links", [True, False])
async def test_one_that_came_meanwhile_is_not_overwritten_either(
    store: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    """``links`` False: a file system that has none."""

    def link(_from: Path, to: Path) -> None:
        to.write_text("kept")
        raise FileExistsError(17, "File exists", str(to)) if links else PermissionError(1, "no")

    monkeypatch.setattr(os, "link", link)
    with pytest.raises(CommandError, match="is not overwritten"):
        await records.export_record(1, tmp_path / "out")
    assert [f.name for f in (tmp_path / "out").iterdir()] == ["esc-1.zip"]
    assert (tmp_path / "out" / "esc-1.zip").read_text() == "kept"


async def test_a_file_system_without_links_gets_it_too(
    store: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def link(_from: Path, _to: Path) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", link)
    assert await records.export_record(1, tmp_path / "out") == 0
    assert [f.name for f in (tmp_path / "out").iterdir()] == ["esc-1.zip"]
    assert archive.check_archive(tmp_path / "out" / "esc-1.zip") == 0


@pytest.mark.parametrize("fault", [KeyboardInterrupt(), OSError(28, "No space left on device")])
async def test_an_interruption_leaves_no_file(
    store: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: BaseException
) -> None:
    written = []

    def cut(self: zipfile.ZipFile, info: zipfile.ZipInfo, content: bytes) -> None:
        written.append([f.name for f in (tmp_path / "out").iterdir()])
        if len(written) == 3:
            raise fault

    monkeypatch.setattr(zipfile.ZipFile, "writestr", cut)
    with pytest.raises((KeyboardInterrupt, CommandError)):
        await records.export_record(1, tmp_path / "out")
    assert "esc-1.zip" not in {name for names in written for name in names}
    assert list((tmp_path / "out").iterdir()) == []


def change(name: str, content: bytes) -> Callable[[dict[str, bytes]], object]:
    return lambda files: files.update({name: content})


async def test_an_archive_as_it_was_written_is_said_to_be_so(
    store: Stage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await records.export_record(1, tmp_path)
    digest = capsys.readouterr().out.splitlines()[1]
    file = tmp_path / "esc-1.zip"
    assert archive.check_archive(file) == 0
    told = capsys.readouterr().out.splitlines()
    count = len(unpacked(file))
    assert told[0].startswith("ESC-1 of 20")
    assert told[0].endswith(f": {count} files are as they were written")
    assert told[1] == digest


@pytest.mark.parametrize(
    ("alter", "told"),
    [
        (lambda files: files.pop("case.json"), "case.json: missing"),
        (change("more.json", b"[]"), "more.json: not in the manifest"),
        (change("case.json", b"[]"), "case.json: only 2 bytes"),
        (change("mail.json", b"{}\n"), "mail.json: its content was changed"),
        (change("mail.json", b"[ ]\n"), "mail.json: 4 bytes or more"),
    ],
)
async def test_what_differs_is_named(
    store: Stage, tmp_path: Path, alter: Callable[[dict[str, bytes]], object], told: str
) -> None:
    await records.export_record(1, tmp_path)
    file = tmp_path / "esc-1.zip"
    files = unpacked(file)
    assert files["mail.json"] == b"[]\n"
    alter(files)
    packed_again(file, files)
    ran = CliRunner().invoke(app, ["export-check", str(file)])
    assert ran.exit_code == 1
    assert ran.stderr.splitlines() == [f"✗ {told}"]


async def test_a_file_that_stands_in_it_twice_is_named(
    store: Stage, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await records.export_record(1, tmp_path)
    file = tmp_path / "esc-1.zip"
    before = unpacked(file)["case.json"]
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(file, "a") as packed:
        packed.writestr("case.json", before)
    assert archive.check_archive(file) == 1
    assert "✗ case.json: in it 2 times" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["case.json", "timeline.csv", "README.txt", "manifest.json"])
async def test_a_byte_that_flips_on_the_disk_is_found(
    store: Stage, tmp_path: Path, name: str
) -> None:
    await records.export_record(1, tmp_path)
    file = tmp_path / "esc-1.zip"
    whole = bytearray(file.read_bytes())
    with zipfile.ZipFile(file) as packed:
        info = packed.getinfo(name)
    whole[info.header_offset + 30 + len(name) + info.compress_size // 2] ^= 0x55
    file.write_bytes(whole)
    ran = CliRunner().invoke(app, ["export-check", str(file)])
    assert ran.exit_code == 1
    if name != "manifest.json":
        assert ran.stderr.startswith(f"✗ {name}: ")
    else:
        assert isinstance(ran.exception, CommandError)
        assert "or is damaged" in str(ran.exception)


@pytest.mark.parametrize("content", [b"", b"PK", b"no archive at all"])
def test_what_is_no_archive_is_said_to_be_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.zip").write_bytes(content)
    with pytest.raises(CommandError, match="is no archive that `python"):
        archive.check_archive(tmp_path / "x.zip")


@pytest.mark.parametrize(
    "manifest",
    [None, b"", b"[]", b"{}", b'{"form": 9, "about": "", "at": "", "files": {}}',
     b'{"form": 1, "about": "x", "at": "x", "files": []}',
     b'{"form": 1, "about": "x", "at": "x", "files": {"a": {"sha256": 5, "size": 1}}}',
     b'{"form": 1, "about": "x", "at": "x", "files": {"a": {"sha256": "5", "size": "1"}}}'],
)  # fmt: skip
def test_a_manifest_that_is_none_of_ours_is_refused(tmp_path: Path, manifest: bytes | None) -> None:
    packed_again(tmp_path / "x.zip", {"a": b"x"} | ({"manifest.json": manifest} if manifest is not
                                                    None else {}))  # fmt: skip
    with pytest.raises(CommandError, match=r"x\.zip is no archive"):
        archive.check_archive(tmp_path / "x.zip")


@given(st.lists(st.one_of(
    st.text(), st.text(alphabet="=+-@＝＋－＠;,|:\t\r\n '\"a1"),
    st.dictionaries(st.text(), st.text()), st.integers(), st.none(),
), min_size=7, max_size=7))  # fmt: skip
def test_no_text_of_a_timeline_runs_whatever_separates_the_cells(texts: list[object]) -> None:
    columns = archive.TIMELINES["timeline_event"]
    event = dict(zip(columns, [1, *texts], strict=True))
    written = archive.timeline_csv([event], columns).decode()
    for separator in ",;\t|:":
        for row in csv.reader(io.StringIO(written, newline=""), delimiter=separator):
            for cell in row:
                bare = cell.strip(' \t\r\n"')
                assert not bare.startswith(FORMULAS) or NUMBER.fullmatch(bare), cell


def test_half_a_character_is_written_all_the_same() -> None:
    assert json.loads(archive.encoded(["\ud800"])) == ["\ud800"]
    columns = archive.TIMELINES["problem_event"]
    assert b"\\ud800" in archive.timeline_csv([dict.fromkeys(columns, "\ud800")], columns)


async def test_there_is_no_record_of_a_case_that_there_is_not(store: Stage) -> None:
    assert await records.case_record(store.database, 99) is None
    assert await records.problem_record(store.database, 99) is None
