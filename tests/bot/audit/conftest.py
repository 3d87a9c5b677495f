"""A store as administrators have it, made by the migrations, in which something was done."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage import schema
from storage.database import Database
from storage.models import Forgotten, TerminalAction
from tests import postgres
from tests.bot.policies import policy
from tests.bot.stage import EMMA, Stage, acme


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
async def lived(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Stage]:
    """A case that was opened, taken on and reported on, and a row of each other record."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'desk.db'}"
    else:
        url = await postgres.fresh_database(request.getfixturevalue("postgres_url"))
    database = Database(url)
    await schema.upgrade_schema(database)
    stage = Stage(database, policy())
    await stage.add(acme())
    number = await stage.claimed(stake="Τα τιμολόγια δεν βγαίνουν 🚨", sensitive=False)
    await stage.do(EMMA, "severity", number, severity=1, reason="It is worse")
    done = {"at": stage.now, "by": "ada@desk-1", "command": "export", "about": {"folder": "/tmp"}}
    await stage.add(TerminalAction(case_number=number, **done))
    rule = {"at": stage.now, "actor": "system", "verb": "forget_files", "about": {"keep": 90}}
    await stage.add(Forgotten(case_number=number, **rule))
    await stage.do(
        EMMA,
        "open_problem",
        number,
        title="Invoices",
        known="They see no invoice",
        scope="All",
        severity=2,
    )
    yield stage
    await database.close()
