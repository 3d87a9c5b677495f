"""Who is erased stands in nothing that the app wrote in the workspace, and in no byte kept."""

import json
from pathlib import Path

import pytest
from sqlmodel import col, select
from structlog.testing import capture_logs

from bot.compliance.erasure.finding import ERASES
from bot.compliance.erasure.places import SECRET
from bot.settings import Settings
from cli.files.records import case_record
from cli.security import erasure
from storage.models import Case, Outbox, Secret
from tests.e2e.office import ELENI, MAYA, NIKOS, TOMAS, Office, office

NAME, ADDRESS = "Zorblax Quibblefrost", "zorblax@quibblefrost.example"
LEFT = ("zorblax", "quibblefrost")
TYPED = f"{NAME} called me"


@pytest.fixture(autouse=True)
def own_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder of its own to be in, and no setting of the machine."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)


def written(desk: Office) -> dict[str, str]:
    """All that the app wrote in the workspace, in small letters, by where it stands."""
    found = dict[str, str]()
    for channel in desk.ws.channels.values():
        found[f"topic {channel.id}"] = channel.topic.value + channel.purpose.value
        for ts, each in channel.messages.items():
            if each.user == desk.bot:
                found[f"{channel.name or channel.id} {ts}"] = each.text + json.dumps(each.blocks)
    for file in desk.ws.files.values():
        found[f"file {file.id}"] = file.name + (file.content or b"").decode("utf-8", "replace")
    for who in desk.ws.users:
        if home := desk.here.people.home(who):
            found[f"home {who}"] = json.dumps(home.payload)
    return {place: text.lower() for place, text in found.items()}


def naming(desk: Office, *names: str) -> list[str]:
    """Where one of the names stands in what the app wrote."""
    wanted = [each.lower() for each in names]
    return sorted(p for p, text in written(desk).items() if any(name in text for name in wanted))


async def erase(
    desk: Office, asked: str, *also: str, capsys: pytest.CaptureFixture[str], folder: Path
) -> str:
    """As an administrator does it, beside the app; answers what is printed."""
    keep = folder / "erased.jsonl"
    how = {"alone": False, "apply": False, "confirm": "", "file": None}
    assert await erasure.erase_person(asked, also, **how) == 0  # type: ignore[arg-type]
    alias = capsys.readouterr().out.split()[0]
    how |= {"apply": True, "confirm": alias, "file": keep}
    assert await erasure.erase_person(asked, also, **how) == 0  # type: ignore[arg-type]
    told = capsys.readouterr().out
    desk.here.services.delivery.wake()
    await desk.here.settle()
    return told


async def rows(desk: Office) -> list[Outbox]:
    async with desk.here.services.database.read() as session:
        return list((await session.exec(select(Outbox).where(col(Outbox.kind) == ERASES))).all())


async def test_all_that_the_app_wrote_of_a_contact_and_a_colleague(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async with office(tmp_path, http=False) as desk:
        monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/desk.db")
        stake = f"{NAME} cannot invoice."
        over = await desk.stage("review", contact_name=NAME, contact_email=ADDRESS, stake=stake)
        going = await desk.stage("offered", contact_name=NAME, contact_email=ADDRESS, stake=stake)
        await desk.wants(
            NIKOS,
            "answer_handover",
            {"case": going, "handover": 1, "accept": False, "reason": f"{NAME} knows me"},
        )
        await desk.here.settle()
        home = desk.channel(going)
        await desk.here.people.say(MAYA, home.id, TYPED)
        await desk.here.people.open_home(ELENI)
        await desk.here.settle()
        before = naming(desk, *LEFT)
        kinds = {place.split()[0] for place in before}
        dms = {desk.ws.open_im(who, desk.bot)[0].id for who in (NIKOS, TOMAS, ELENI, MAYA)}
        assert kinds & dms
        assert {desk.channel(over).name, home.name, "file"} <= kinds
        others = {p: t for p, t in written(desk).items() if p not in before and p[0] != "h"}

        with capture_logs() as logs:
            told = await erase(desk, ADDRESS, NAME, capsys=capsys, folder=tmp_path)
            await desk.here.people.open_home(ELENI)
            await desk.here.settle()

        assert naming(desk, *LEFT) == []
        assert not any(name in repr(logs).lower() for name in LEFT)
        after = written(desk)
        assert [p for p, text in others.items() if after.get(p) != text] == []  # no other changed
        assert TYPED in [m.text for m in home.messages.values()]  # people's own words are theirs
        assert f"ESC-{going} {home.id}" in told
        assert "conversations are still to be gone through by the app" in told
        await nothing_is_kept(desk, tmp_path, over, going)
        counts = [row.result for row in await rows(desk)]
        assert sum(each["rewritten"] for each in counts) > 5
        assert sum(each["files"] for each in counts) == 1
        assert sum(each["left"] + each["unread"] for each in counts) == 0

        who = desk.ws.users[NIKOS].real_name
        assert naming(desk, NIKOS, who)
        await erase(desk, NIKOS, who, capsys=capsys, folder=tmp_path)
        left = [p for p in naming(desk, NIKOS, who) if not p.startswith("home")]
        assert left == []


async def nothing_is_kept(desk: Office, folder: Path, *cases: int) -> None:
    """No name in an export, nor in the store once it is written anew; the key is destroyed."""
    database = desk.here.services.database
    for number in cases:
        record = json.dumps(await case_record(database, number)).lower()
        assert not any(name in record for name in LEFT)
    keys = select(Secret).where(col(Secret.name).startswith(SECRET))
    async with database.read() as session:
        assert (await session.exec(keys)).all() == []
    assert [row.payload.keys() for row in await rows(desk) if "channel" in row.payload] == []
    copy = folder / "copy.db"
    async with database.driver() as driver:
        await driver.execute(f"VACUUM INTO '{copy}'")
    content = copy.read_bytes().lower()
    assert not any(name.encode() in content for name in LEFT)


async def test_what_slack_does_not_let_the_app_change_is_told_with_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async with office(tmp_path, http=False) as desk:
        monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/desk.db")
        first = await desk.stage("investigating", stake=f"{NAME} cannot invoice.")
        second = await desk.stage("dismissed", stake=f"{NAME} cannot pay.")
        gone, archived = desk.channel(first), desk.channel(second)
        await desk.here.people.archive(MAYA, archived.id)
        await desk.here.settle()
        del gone.members[desk.bot]
        await erase(desk, NAME, capsys=capsys, folder=tmp_path)
        assert await erasure.list_erased() == 0
        told = capsys.readouterr().out
        unread = f"which the app cannot read, for people to look at: ESC-{first} (1)"
        assert unread in told
        assert {p.split()[0] for p in naming(desk, *LEFT)} <= {gone.name, archived.name, "file"}


async def test_a_hold_refuses_and_no_message_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async with office(tmp_path, http=False) as desk:
        monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path}/desk.db")
        number = await desk.stage("investigating", stake=f"{NAME} cannot invoice.")
        async with desk.here.services.database.write() as session:
            case = await session.get_one(Case, number)
            case.legal_hold_at = desk.ws.now()
            session.add(case)
        before = written(desk)
        how = {"alone": False, "apply": True, "confirm": "", "file": tmp_path / "x"}
        assert await erasure.erase_person(NAME, (), **how) == 1  # type: ignore[arg-type]
        assert f"refused: held for Legal: ESC-{number}" in capsys.readouterr().err
        await desk.here.settle()
        assert written(desk) == before
        assert await rows(desk) == []
