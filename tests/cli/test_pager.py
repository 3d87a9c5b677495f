"""A trial from a terminal goes by all ways and pagers, and shows no address."""

import pytest

from bot.settings import Settings
from cli.pager import try_pagers
from tests.bot.paging.double import PagerDouble
from tests.bot.paging.way_double import TOKEN, WayDouble


async def test_each_way_and_pager_has_a_line_and_the_trial_ends(
    capsys: pytest.CaptureFixture[str],
) -> None:
    pagers = PagerDouble()
    async with WayDouble().running() as there, pagers.running() as url:
        there.answers = [403]
        given = {**pagers.settings(url), "page_ways": f"kate-sms={there.address('kate-sms')}"}
        assert await try_pagers(Settings.model_validate(given), "TEST.1", 0) == 1
        assert await try_pagers(Settings.model_validate(given), "TEST.2", 0) == 0
    said = capsys.readouterr()
    assert "✗ kate-sms: the service answered 403" in said.err
    assert "✓ pagerduty: taken" in said.out
    assert pagers.pages["pagerduty:TEST.2"] == ["trigger", "resolve"]
    assert pagers.pages["opsgenie:TEST.1"] == ["trigger", "resolve"]
    assert [each["title"] for each in there.said["kate-sms"]] == [
        "TEST by Escalation Desk. Nothing has happened."
    ]
    assert TOKEN not in said.out + said.err


async def test_where_nothing_is_set_up_that_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert await try_pagers(Settings.model_construct(), "TEST.1", 0) == 1
    assert "no way is set up" in capsys.readouterr().err
