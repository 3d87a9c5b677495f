"""The page on security names every door by HTTP, with what the code lets in."""

from pathlib import Path

import pytest

from bot.settings import Settings
from cli.running import build
from docs.doors import http_doors, size


@pytest.fixture
def paths(tmp_path: Path) -> list[str]:
    """The paths of the whole app's routes, each once, in their order."""
    settings = Settings(_env_file=None, database_url=f"sqlite:///{tmp_path}/desk.db")
    return list(dict.fromkeys(route.path for route in build(settings).web.routes))


def test_every_route_has_its_line_and_every_line_its_route(paths: list[str]) -> None:
    assert sorted(door.path for door in http_doors()) == sorted(paths)


def test_who_may_come_in_is_said_of_each() -> None:
    assert [door.path for door in http_doors() if not (door.who and door.what_for)] == []


@pytest.mark.parametrize(("count", "said"), [(0, "—"), (16 * 1024, "16 KiB"), (2**21, "2 MiB")])
def test_a_size_is_said_as_people_read_it(count: int, said: str) -> None:
    assert size(count) == said
