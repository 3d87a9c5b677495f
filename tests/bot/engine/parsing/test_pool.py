"""Parsing elsewhere: never in this process, so many at once, ended when it takes too long."""

import asyncio
import io
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.engine.parsing import pool as parser_pool
from bot.engine.parsing.pool import Busy, Parsers
from tests.mail.odd_parser import Gate

MAIL = b"From: a@b.example\nTo: help+esc-1-x@c.example\n%b\n\nIt still fails.\n"


@pytest.fixture
async def parsers() -> AsyncIterator[Parsers]:
    """Two processes, and two jobs that may wait."""
    running = Parsers(processes=2, waiting=2, module="tests.mail.odd_parser")
    yield running
    await running.close()
    assert running.pids == set()


def mail(field: str = "X-Is: usual") -> io.BytesIO:
    """A mail that asks for something."""
    return io.BytesIO(MAIL % field.encode())


async def test_a_mail_is_read_in_another_process(parsers: Parsers) -> None:
    assert (await parsers.mail(mail())).text == "It still fails."
    assert len(parsers.pids) == 1
    assert os.getpid() not in parsers.pids


async def test_a_process_is_used_again(parsers: Parsers) -> None:
    await parsers.mail(mail())
    before = parsers.pids
    await parsers.mail(mail())
    assert parsers.pids == before


async def test_a_mail_that_takes_too_long_is_ended_and_known_by_its_first_lines(
    parsers: Parsers,
) -> None:
    heard = await parsers.mail(mail("X-Spin: yes"))

    assert (heard.unread, heard.text, heard.sender) == ("time", "", "a@b.example")
    assert heard.tags == ("esc-1-x",)
    assert (await parsers.mail(mail())).text == "It still fails."


async def test_a_process_that_does_not_answer_is_ended(
    parsers: Parsers, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    await parsers.mail(mail())  # a process that is there already
    monkeypatch.setattr(parser_pool, "WALL_MAX", 1.0)
    gate = Gate(tmp_path / "shut")
    heard = await parsers.mail(mail(f"X-Wait: {gate.path}"))
    assert heard.unread == "time"


@pytest.mark.parametrize("field", ["X-Die: yes", "X-Fill: yes"])
async def test_a_mail_that_ends_its_process_is_known_by_its_first_lines(
    parsers: Parsers, field: str
) -> None:
    assert (await parsers.mail(mail(field))).unread == "time"


async def test_a_process_that_somebody_else_ended_is_replaced(
    parsers: Parsers, tmp_path: Path
) -> None:
    await parsers.mail(mail())
    os.kill(next(iter(parsers.pids)), signal.SIGKILL)
    assert (await parsers.mail(mail())).text == "It still fails."
    once = f"X-Die-Once: {tmp_path / 'died'}"
    assert (await parsers.mail(mail(once))).text == "It still fails."


async def test_as_many_run_and_wait_as_may_and_no_more(parsers: Parsers, tmp_path: Path) -> None:
    gate = Gate(tmp_path / "gate")
    held = [asyncio.create_task(parsers.mail(mail(f"X-Wait: {gate.path}"))) for _ in range(4)]
    while len(parsers.pids) < 2:  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(0)

    with pytest.raises(Busy):
        await parsers.mail(mail())

    assert len(parsers.pids) == 2
    gate.open()
    assert [heard.text for heard in await asyncio.gather(*held)] == ["It still fails."] * 4
    assert (await parsers.mail(mail())).text == "It still fails."


async def test_whoever_gives_up_leaves_no_process_behind(parsers: Parsers, tmp_path: Path) -> None:
    gate = Gate(tmp_path / "shut")
    task = asyncio.create_task(parsers.mail(mail(f"X-Wait: {gate.path}")))
    while not parsers.pids:  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait({task})
    assert parsers.pids == set()


async def test_the_process_has_no_secrets(
    parsers: Parsers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-secret")
    with pytest.raises(ValueError, match="PATH") as found:
        await parsers.mail(mail("X-Environment: yes"))
    assert "SLACK" not in str(found.value)


async def test_what_is_no_mail_is_refused(parsers: Parsers) -> None:
    with pytest.raises(ValueError, match="fields"):
        await parsers.mail(io.BytesIO(b"nonsense"))


async def test_pages_of_help_desks_are_read_there_too(parsers: Parsers) -> None:
    assert await parsers.words("<p>Yes &amp; no</p><blockquote>old</blockquote>", html=True) == (
        "Yes & no"
    )
    quoted = "Yes\n\nOn 23 Nov 2026, at 10:00, Northwind wrote:\n> old"
    assert await parsers.words(quoted, html=False) == "Yes"
    assert len(parsers.pids) == 1
