"""What ``check`` says of the channel in which it is decided what becomes of what arrives."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cli.checking.triage import check_triage_channel
from messages.clients.slack import SlackRefused


class Asked:
    """A Slack that answers what it was given, or refuses with a code."""

    def __init__(self, answer: dict[str, Any] | str) -> None:
        self.answer = answer

    async def call(self, method: str, **arguments: Any) -> Any:
        assert (method, arguments) == ("conversations.info", {"channel": "C0TRIAGE"})
        if isinstance(self.answer, str):
            raise SlackRefused(method, self.answer)
        return {"channel": self.answer}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"is_member": True}, ""),
        ({"is_member": True, "is_archived": True}, "is archived"),
        ({"is_member": False}, "the app is not in it"),
        ("channel_not_found", "channel_not_found"),
    ],
)
async def test_a_channel_that_takes_no_posts_is_named(
    tmp_path: Path, answer: dict[str, Any] | str, said: str
) -> None:
    file = tmp_path / "policy.toml"
    file.write_text('[triage]\nchannel = "C0TRIAGE"\n', encoding="utf-8")
    settings: Any = SimpleNamespace(policy_file=file)
    asked: Any = Asked(answer)
    found = await check_triage_channel(settings, asked)
    assert bool(found) is bool(said)
    assert said in "".join(found)


async def test_no_channel_is_no_mistake(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    file.write_text("", encoding="utf-8")
    settings: Any = SimpleNamespace(policy_file=file)
    slack: Any = Asked("never asked")
    assert await check_triage_channel(settings, slack) == []
