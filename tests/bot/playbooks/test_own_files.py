"""Own playbook files as they are read by the process: in force, broken, gone, and told once."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.customers.channels import Outside
from bot.playbooks.folder import read_folder
from bot.playbooks.own_files import refresh_playbooks
from bot.rules.learning.playbooks import load_playbooks, load_shipped, use_own
from bot.rules.policy.load import load_policy
from bot.rules.words import Language, Role
from bot.settings import Settings
from cli.checking.playbooks import check_playbooks
from messages.compose import compose_message
from storage.models import AppliedPlaybook, Outbox, OwnPlaybook
from tests.bot.rules.learning.test_own_playbooks import GOOD
from tests.bot.stage import EMMA, Stage
from tests.messages.limits import check_blocks, check_harmless

ADMIN = "UADMIN"


@pytest.fixture(autouse=True)
def ours_alone() -> Iterator[None]:
    """Each test begins and ends with the playbooks that ship."""
    yield
    use_own({})


async def read(stage: Stage, folder: Path | None) -> list[dict[str, Any]]:
    """Read the folder; answers what administrators were told by that, oldest first."""
    before = {row.id for row in await stage.rows(Outbox)}
    stage.policy = replace(stage.policy, roles={**stage.policy.roles, Role.ADMINISTRATOR: (ADMIN,)})
    services: Any = stage.process()
    services.outside = Outside(playbooks_dir=folder)
    await refresh_playbooks(services)
    rows = [row for row in await stage.rows(Outbox) if row.id not in before]
    return [row.payload for row in rows]


async def test_one_of_our_name_takes_its_place_and_a_new_one_is_chosen(
    stage: Stage, tmp_path: Path
) -> None:
    (tmp_path / "churn.toml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "launch_day.toml").write_text(GOOD.replace("They leave", "Launch"), "utf-8")
    (tmp_path / "notes.txt").write_text("not one of them", encoding="utf-8")
    assert await read(stage, tmp_path) == []
    assert load_playbooks()["churn"].wording(Language.GREEK).title == "They leave"
    assert len(load_playbooks()) == len(load_shipped()) + 1
    number = await stage.claimed()
    await stage.do(EMMA, "apply_playbook", number, name="launch_day")
    assert [row.playbook for row in await stage.rows(AppliedPlaybook)] == ["launch_day"]
    (tmp_path / "churn.toml").unlink()
    await read(stage, tmp_path)
    assert load_playbooks()["churn"] == load_shipped()["churn"]


async def test_a_broken_file_leaves_in_force_what_was_and_is_told_once(
    stage: Stage, tmp_path: Path
) -> None:
    file = tmp_path / "churn.toml"
    file.write_text(GOOD, encoding="utf-8")
    await read(stage, tmp_path)
    for broken in (GOOD.replace("[en]", "[en"), GOOD.replace("csm 240", "csm soon")):
        file.write_text(broken, encoding="utf-8")
        use_own({})  # as after a restart
        [told] = await read(stage, tmp_path)
        assert (told["user"], told["text"]) == (ADMIN, "playbook:files_wrong")
        assert told["extra"]["faults"][0].startswith("churn.toml")
        assert load_playbooks()["churn"].wording(Language.ENGLISH).title == "They leave"
        assert await read(stage, tmp_path) == [], "told once"
    file.write_bytes(b"\xff\xfe")
    assert len(await read(stage, tmp_path)) == 1
    file.write_text(GOOD.replace("They leave", "Mended"), encoding="utf-8")
    assert await read(stage, tmp_path) == []
    assert load_playbooks()["churn"].wording(Language.ENGLISH).title == "Mended"
    assert [row.fault for row in await stage.rows(OwnPlaybook)] == [""]


async def test_one_that_was_never_right_leaves_ours(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "churn.toml").write_text("steps = 5", encoding="utf-8")
    assert len(await read(stage, tmp_path)) == 1
    assert load_playbooks() == load_shipped()


async def test_a_folder_that_is_away_takes_nothing_with_it(stage: Stage, tmp_path: Path) -> None:
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "churn.toml").write_text(GOOD, encoding="utf-8")
    await read(stage, folder)
    folder.rename(tmp_path / "elsewhere")
    [told] = await read(stage, folder)
    assert "check PLAYBOOKS_DIR" in told["extra"]["faults"][0]
    assert load_playbooks()["churn"].wording(Language.ENGLISH).title == "They leave"
    (tmp_path / "elsewhere").rename(folder)
    assert await read(stage, folder) == []
    await read(stage, None)
    assert load_playbooks() == load_shipped(), "without the setting ours alone"


async def test_a_checklist_keeps_the_words_with_which_it_began(
    stage: Stage, tmp_path: Path
) -> None:
    (tmp_path / "churn.toml").write_text(GOOD, encoding="utf-8")
    await read(stage, tmp_path)
    number = await stage.claimed()
    await stage.do(EMMA, "apply_playbook", number, name="churn")
    (tmp_path / "churn.toml").unlink()
    await read(stage, tmp_path)
    [row] = await stage.rows(AppliedPlaybook)
    assert row.content["words"]["en"]["title"] == "They leave"
    await stage.do(EMMA, "tick_step", number, applied=row.id, step=1)
    assert (await stage.last(number)).after["playbook"] == "They leave"
    stage.later(hours=2)
    await stage.sweep()
    late = [e for e in await stage.said(number) if e.text == "playbook:step_overdue"]
    assert late[0].extra["content"]["words"]["en"]["steps"][0] == "Call them."


def test_check_names_the_mistakes_and_counts_the_own_ones(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "launch_day.toml").write_text(GOOD, encoding="utf-8")
    (tmp_path / "churn.toml").write_text("steps = 5", encoding="utf-8")
    settings = Settings(_env_file=None, playbooks_dir=tmp_path)
    wrong = check_playbooks(settings, load_policy())
    assert capsys.readouterr().out.startswith("playbooks 17, 1 of them your own, ")
    assert wrong[0].startswith("churn.toml line 1: steps: 5 is not a list")
    gone = read_folder(tmp_path / "gone")
    assert "check PLAYBOOKS_DIR" in gone[0].mistakes[0]


@pytest.mark.parametrize("language", Language)
def test_administrators_read_what_is_wrong_and_what_to_do(language: Language) -> None:
    faults = ["churn.toml line 1: <!channel> *is* wrong", *(f"{n}.toml: wrong" for n in range(20))]
    said = compose_message(
        "playbook:files_wrong", {"folder": "/srv/<desk>", "faults": faults}, None, language
    )
    check_blocks(said.blocks)
    check_harmless(said.text)
    assert "churn.toml line 1" in said.text
    assert "app.py check" in said.text
    assert "19.toml" not in said.text
