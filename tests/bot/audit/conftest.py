"""A store made by the migrations, in which something was done."""

import pytest

from bot.engine.access_log import READ, make_row
from storage.models import AccessEvent, Forgotten, TerminalAction
from tests.bot.stage import EMMA, Stage


@pytest.fixture
async def lived(kept: Stage) -> Stage:
    """A case that was opened, taken on and reported on, and a row of each other record."""
    stage = kept
    number = await stage.claimed(stake="Τα τιμολόγια δεν βγαίνουν 🚨", sensitive=False)
    await stage.do(EMMA, "severity", number, severity=1, reason="It is worse")
    done = {"at": stage.now, "by": "ada@desk-1", "command": "export", "about": {"folder": "/tmp"}}
    await stage.add(TerminalAction(case_number=number, **done))
    rule = {"at": stage.now, "actor": "system", "verb": "forget_files", "about": {"keep": 90}}
    await stage.add(Forgotten(case_number=number, **rule))
    await stage.add(AccessEvent(**make_row(stage.now, EMMA, READ, "show", case=number)))
    await stage.do(
        EMMA,
        "open_problem",
        number,
        title="Invoices",
        known="They see no invoice",
        scope="All",
        severity=2,
    )
    return stage
