"""The tour is a test too: the whole story, by both transports, and its exit codes."""

import pytest
from typer.testing import CliRunner

import app
from cli.workspace import tour, tour_story


@pytest.mark.parametrize("http", [False, True], ids=["socket", "http"])
async def test_every_step_of_the_tour_happens(
    http: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    assert await tour.play(tour_story.tell_story, http=http) == 0
    told = capsys.readouterr().out
    assert "Every step happened." in told
    assert "✗ did not happen" not in told


async def broken(here: tour.Tour) -> None:
    """A story whose first step does not happen."""
    here.must(False, "the sun rises in the west")


def test_a_step_that_did_not_happen_is_named_and_is_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tour_story, "tell_story", broken)
    result = CliRunner().invoke(app.app, ["tour"])
    assert result.exit_code == 1
    assert "did not happen: the sun rises in the west" in result.output


async def nothing(here: tour.Tour) -> None:
    """A story in which nothing is missed."""
    here.must(True, "nothing was promised")


def test_a_tour_in_which_everything_happened_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tour_story, "tell_story", nothing)
    result = CliRunner().invoke(app.app, ["tour"])
    assert result.exit_code == 0
