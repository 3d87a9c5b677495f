"""An open App Home follows what its reader and others do; an escalation is answered where typed."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.office import (
    DAN,
    ELENI,
    MAYA,
    NIKOS,
    SOFIA,
    SUPPORT,
    Office,
    office,
)


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Office]:
    async with office(tmp_path, http=False) as desk:
        yield desk


def app(desk: Office) -> str:
    return next(iter(desk.ws.apps))


async def look(desk: Office, *people: str) -> None:
    """Somebody opens their Home, and leaves it open."""
    for who in people:
        await desk.here.people.open_home(who, app(desk))
        await desk.here.people.until(lambda who=who: (app(desk), who) in desk.ws.homes)
    await desk.here.settle()


def home(desk: Office, who: str) -> str:
    """What stands in somebody's Home now."""
    return str(desk.ws.views[desk.ws.homes[app(desk), who]].blocks)


@pytest.fixture
def published(desk: Office, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each person's Home was sent to Slack."""
    sent: Counter[str] = Counter()
    slack = desk.here.services.slack
    call = slack.call

    async def counted(method: str, **arguments: Any) -> Any:
        if method == "views.publish":
            sent[arguments["user_id"]] += 1
        return await call(method, **arguments)

    monkeypatch.setattr(slack, "call", counted)
    return sent


async def test_an_escalation_is_shown_at_once_to_its_reporter_and_to_its_owner(
    desk: Office,
) -> None:
    await look(desk, MAYA, ELENI, DAN)
    before = home(desk, DAN)
    await desk.escalate(MAYA)
    assert "ESC-1" in home(desk, MAYA)
    assert "ESC-1" in home(desk, ELENI)
    assert home(desk, DAN) == before


async def test_each_verb_redraws_the_home_of_who_acts_and_of_those_on_the_case(
    desk: Office,
) -> None:
    number = await desk.stage("acknowledged")
    await look(desk, MAYA, ELENI, SOFIA)
    assert "May we call them today?" not in home(desk, SOFIA)
    await desk.wants(ELENI, "ask_executive", {"case": number, "user": SOFIA})
    await desk.here.settle()
    assert "May we call them today?" in home(desk, SOFIA)
    ask = (await desk.case(number)).asks[0].id
    await desk.wants(SOFIA, "answer_ask", {"case": number, "ask": ask, "approve": True})
    await desk.here.settle()
    assert "May we call them today?" not in home(desk, SOFIA)

    await desk.wants(ELENI, "dismiss", {"case": number, "reason": "A question"})
    await desk.here.settle()
    for who in (MAYA, ELENI):
        assert f"ESC-{number}" not in home(desk, who)


async def test_what_time_brings_is_shown_on_an_open_home(desk: Office) -> None:
    await desk.stage("acknowledged", severity=1)
    await look(desk, MAYA)
    before = home(desk, MAYA)
    await desk.pass_time(timedelta(hours=1))
    assert home(desk, MAYA) != before


async def test_a_chosen_language_redraws_the_open_home_in_it(desk: Office) -> None:
    await look(desk, MAYA)
    assert "Escalate" in home(desk, MAYA)
    await desk.command(MAYA, "language el")
    assert "Κλιμάκωση" in home(desk, MAYA)


async def test_a_home_is_sent_only_where_it_shows_something_new_and_not_after_it_was_left(
    desk: Office, published: Counter[str]
) -> None:
    number = await desk.stage("investigating")
    await look(desk, MAYA, NIKOS)
    published.clear()
    await desk.wants(ELENI, "severity", {"case": number, "severity": 1, "reason": "All stores"})
    await desk.here.settle()
    assert published == {MAYA: 1}

    published.clear()
    desk.here.services.homes.leave_home(MAYA)
    await desk.wants(ELENI, "severity", {"case": number, "severity": 2, "reason": "One store"})
    await desk.here.settle()
    assert published == {}


def told_in(desk: Office, channel: str, who: str) -> list[str]:
    """What one person was told in a channel, seen by them alone."""
    return [m.text for m in desk.ws.channels[channel].ephemerals.values() if m.ephemeral_to == who]


async def test_an_escalation_by_its_form_is_answered_with_the_link_where_it_was_typed(
    desk: Office,
) -> None:
    assert desk.bot not in desk.ws.channels[SUPPORT].members
    number = await desk.escalate(MAYA)
    (told,) = told_in(desk, SUPPORT, MAYA)
    assert f"<#{desk.channel(number).id}>" in told
    assert f"ESC-{number}" in told
    assert f"<#{desk.channel(number).id}>" in desk.dms(MAYA)[-1].text


async def test_a_refusal_of_a_form_is_told_where_it_was_typed_too(desk: Office) -> None:
    number = await desk.stage("acknowledged")
    await desk.command(ELENI, f"flag ESC-{number}")
    await desk.wants(ELENI, "dismiss", {"case": number, "reason": "A question"})
    await desk.here.settle()
    before = len(desk.dms(ELENI))
    await desk.fill(ELENI, trigger="threat_to_cancel", reason="They leave on Friday")
    assert len(told_in(desk, SUPPORT, ELENI)) == 1
    assert len(desk.dms(ELENI)) == before


async def test_an_escalation_from_the_home_is_answered_by_its_direct_message_alone(
    desk: Office,
) -> None:
    await desk.wants(MAYA, "open_case", {})
    await desk.here.settle()
    assert [c.ephemerals for c in desk.ws.channels.values() if c.ephemerals] == []
    assert "ESC-1" in desk.dms(MAYA)[-1].text
