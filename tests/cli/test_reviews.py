"""Reviews imported from a file, twice: what is new, what has changed, what is wrong."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import select

from bot.settings import Settings
from cli.reviews import import_reviews
from storage import schema
from storage.database import Database
from storage.models import Candidate, Review, ReviewEdit, TerminalAction

HEAD = "Review ID,Review URL,Star Rating,Reviewer Name,Company,Review,Date Published,Region\n"
RECENT = (datetime.now(UTC) - timedelta(days=3)).date().isoformat()


@pytest.fixture
async def settings(tmp_path: Path) -> Settings:
    """A database that is there."""
    given = Settings.model_construct(
        database_url=f"sqlite:///{tmp_path}/desk.db", slack_bot_token="", policy_file=None,
        slack_api_url="http://127.0.0.1:9/api/",
    )  # fmt: skip
    database = Database(given.database_url)
    await schema.upgrade_schema(database)
    await database.close()
    return given


def row(key: str, rating: str, text: str, day: str = RECENT) -> str:
    return f"{key},https://www.g2.com/r/{key},{rating},Άννα,Acme,{text},{day},EMEA\n"


async def counts(settings: Settings) -> list[int]:
    database = Database(settings.database_url)
    try:
        async with database.read() as session:
            tables = (Review, Candidate, ReviewEdit, TerminalAction)
            return [len((await session.exec(select(each))).all()) for each in tables]
    finally:
        await database.close()


async def test_a_later_export_shows_what_was_changed(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "g2.csv"
    file.write_text(
        HEAD + row("1", "2", "Slow") + row("2", "5", "Fine") + row("3", "1", "Old", "2020-01-31")
    )
    assert await import_reviews(settings, file, "g2") == 0
    said = capsys.readouterr()
    assert "3 reviews: 2 new (1 with a bad rating, now in triage)" in said.out
    assert "1 over 90 days old" in said.out
    assert "left out: region" in said.err
    file.write_text(HEAD + row("1", "4", "They called me") + row("2", "5", "Fine"))
    assert await import_reviews(settings, file, "g2") == 0
    assert (
        "0 new (0 with a bad rating, now in triage), 1 changed, 1 known" in capsys.readouterr().out
    )
    assert await counts(settings) == [3, 1, 1, 2]


async def test_a_file_with_mistakes_imports_nothing(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "reviews.csv"
    file.write_text(HEAD + row("1", "2", "Slow") + row("2", "awful", "Fine", "03/04/2027"))
    assert await import_reviews(settings, file, "trustradius") == 1
    said = capsys.readouterr().err
    assert "nothing was imported" in said
    assert "line 3, column rating" in said
    assert "line 3, column date" in said
    assert await import_reviews(settings, file, "yelp") == 1
    assert "--source must be g2 or trustradius, not yelp" in capsys.readouterr().err
    assert (await counts(settings))[:2] == [0, 0]
