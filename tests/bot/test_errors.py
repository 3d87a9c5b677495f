"""What interrupts a worker: told once where it happens many times a second."""

import asyncio
import errno
import os
from typing import Any

import pytest

from bot import errors
from bot.errors import EXHAUSTED, say_broken
from cli.connections import watch_descriptors


@pytest.fixture(autouse=True)
def unsaid(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing was said yet."""
    monkeypatch.setattr(errors, "_last_said", float("-inf"))


def counted() -> float:
    return float(EXHAUSTED._value.get())


async def test_no_file_descriptors_are_counted_and_said_once(logged: list[dict[str, Any]]) -> None:
    before = counted()
    watch_descriptors(loop := asyncio.get_running_loop())
    logged.clear()
    spent = OSError(errno.EMFILE, os.strerror(errno.EMFILE))
    for _ in range(500):
        loop.call_exception_handler(
            {"message": "socket.accept() out of resource", "exception": spent}
        )
        say_broken(spent, "delivery")
    assert counted() - before == 1000
    assert [line["event"] for line in logged] == ["no_file_descriptors"]
    assert logged[0]["remedy"]


def test_other_outages_of_the_store_are_said_each_time(logged: list[dict[str, Any]]) -> None:
    for _ in range(3):
        say_broken(OSError(errno.ENOSPC, "no space"), "inbox")
    assert [line["reason"] for line in logged] == ["full"] * 3
