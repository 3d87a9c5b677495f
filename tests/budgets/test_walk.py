"""How many files of the product one passes through from ``/escalate claim`` to the outbox."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from bot.engine.inbox import InboxWorker
from handlers.slack import app as slack_app
from tests.e2e.office import ELENI, office

ROOT = Path(__file__).parents[2]
ON_THE_WAY: ContextVar[bool] = ContextVar("on_the_way", default=False)
PACKAGES = ("bot", "handlers", "messages", "storage")
FILES_MAX = 51  # only ever lowered; what other tasks do at the same time may add one or two


@contextmanager
def files_entered(walked: set[str]) -> Iterator[None]:
    """Note each file of the product in which the block, or a task it begins, calls a function.

    What watches and delivers beside it, at its own times, is no part of the way.
    """

    def note(frame: FrameType, event: str, _argument: Any) -> None:
        path = Path(frame.f_code.co_filename)
        if event == "call" and ON_THE_WAY.get() and path.is_relative_to(ROOT):
            name = path.relative_to(ROOT)
            if name.parts[0] in PACKAGES:
                walked.add(str(name))

    mark = ON_THE_WAY.set(True)
    sys.setprofile(note)
    try:
        yield
    finally:
        sys.setprofile(None)
        ON_THE_WAY.reset(mark)


async def test_the_way_of_a_claim_passes_through_few_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, record_property: Any
) -> None:
    walked: set[str] = set()
    listener, perform = slack_app.command_received, InboxWorker._perform

    async def listening(*given: Any) -> None:
        with files_entered(walked):
            await listener(*given)

    async def performing(worker: InboxWorker, row: Any) -> Any:
        with files_entered(walked):
            return await perform(worker, row)

    monkeypatch.setattr(slack_app, "command_received", listening)
    async with office(tmp_path, http=False) as desk:
        number = await desk.stage("new")
        monkeypatch.setattr(InboxWorker, "_perform", performing)
        await desk.command(ELENI, f"claim ESC-{number}")

    record_property("files", len(walked))
    assert {"bot/cases/claim.py", "handlers/commands/listener.py"} <= walked
    assert len(walked) <= FILES_MAX, sorted(walked)
