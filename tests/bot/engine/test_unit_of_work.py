"""Units of work: one way to begin one, and what its transaction promises."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.engine.actors import SYSTEM, Actor
from bot.engine.unit_of_work import UnitOfWork
from storage.models import Account
from tests.bot.stage import Stage

ROOT = Path(__file__).parents[3]
PRODUCT = ("benchmarks", "bot", "cli", "handlers", "messages", "storage")


def constructed() -> Iterator[str]:
    """Every call ``UnitOfWork(...)`` in the product, by file and line."""
    for path in (p for folder in PRODUCT for p in sorted((ROOT / folder).rglob("*.py"))):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and "UnitOfWork" in (
                getattr(node.func, "id", ""),
                getattr(node.func, "attr", ""),
            ):
                yield f"{path.relative_to(ROOT)}:{node.lineno}"


def test_only_its_own_class_methods_construct_a_unit_of_work() -> None:
    assert list(constructed()) == []


async def test_what_a_unit_of_work_leaves_is_committed_at_its_end(stage: Stage) -> None:
    async with UnitOfWork.begin(stage.services(), Actor(SYSTEM, "test"), "c0ffee") as work:
        work.session.add(Account(key="new", name="New", folded="new"))

    assert (work.now, work.correlation) == (stage.now, "c0ffee")
    assert await stage.rows(Account, key="new")


async def test_a_unit_of_work_that_raises_leaves_nothing(stage: Stage) -> None:
    async def fail() -> None:
        async with UnitOfWork.begin(stage.services(), Actor(SYSTEM, "test")) as work:
            work.session.add(Account(key="new", name="New", folded="new"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()

    assert await stage.rows(Account, key="new") == []
