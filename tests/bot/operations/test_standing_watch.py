"""After minutes without Slack what waited is shown at once, not when its own wait has ended."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import update
from sqlmodel import col

from bot.operations import standing_watch
from bot.rules.states import OutboxState
from messages.clients import outages
from storage.models import Outbox
from tests.e2e.office import ELENI, office


async def test_what_waited_for_slack_is_shown_when_slack_answers_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(standing_watch, "WATCH_EVERY", 0.05)
    monkeypatch.setattr(outages, "SHORTEST", 0.0)
    async with office(tmp_path, http=True) as desk:
        number = await desk.stage("new")
        services = desk.here.services
        outage, felt = services.slack.outage, asyncio.Event()
        outage._needed = 0.0
        note = outage.unanswered

        def unanswered() -> None:
            note()
            if outage._calls > 2:
                felt.set()

        monkeypatch.setattr(outage, "unanswered", unanswered)
        desk.ws.faults.add("reset", "*")
        await desk.wants(ELENI, "claim", {"case": number})
        await asyncio.wait_for(felt.wait(), 20)
        patient = {"attempts": 8, "not_before": services.clock.real() + timedelta(minutes=4)}
        async with services.database.write() as session:
            waiting = update(Outbox).where(col(Outbox.state) == OutboxState.PENDING)
            await session.exec(waiting.values(**patient, lease_until=None))
        desk.ws.faults.clear()
        assert await services.settle(20)
        assert await desk.card_is_true(number)
