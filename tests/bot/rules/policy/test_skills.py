"""The policy's skills: who has them, and what is a mistake."""

from pathlib import Path

import pytest

from bot.rules.policy.load import PolicyError, load_policy


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "policy.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_skill_names_people_and_groups(tmp_path: Path) -> None:
    policy = load_policy(written(tmp_path, '[skills]\n"Βάσεις" = ["U0TOMAS", "@dba"]\n'))
    assert policy.skills["Βάσεις"].people == ("U0TOMAS", "@dba")
    assert load_policy(None).skills == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('"Database" = []', "names nobody"),
        ('"Database" = "U0TOMAS"', "skills.Database"),
        ('"Database" = ["Tomas"]', "is nobody"),
        ('"Database" = ["U0TOMAS"]\n"database" = ["U0TOMAS"]', "twice"),
        (f'"{"x" * 61}" = ["U0TOMAS"]', "no skill's name"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(PolicyError, match=said):
        load_policy(written(tmp_path, f"[skills]\n{text}\n"))
