"""Pages reach real servers on this machine by apprise, and no secret comes back from a failure."""

import asyncio
import io
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from messages.clients import page_ways
from messages.clients.helpdesks import Away, Limited, Refused
from messages.clients.page_ways import PageWays, WayFault
from tests.bot.paging.way_double import TOKEN, WayDouble
from tests.mail.server import mail_server


@asynccontextmanager
async def ways(**more: str) -> AsyncIterator[tuple[WayDouble, PageWays]]:
    """The double, and ways to it: ``kate`` and those of ``more``."""
    async with WayDouble().running() as there:
        found = PageWays(lambda: {"kate": there.address("kate"), **more})
        yield there, found
        await found.close()


async def test_a_message_goes_by_its_way() -> None:
    async with ways() as (there, found):
        await found.send("kate", "ESC-7, SEV1", "Take it *there* <b>&\\n")
        [said] = there.said["kate"]
        assert (said["title"], said["message"]) == ("ESC-7, SEV1", "Take it *there* <b>&\\n")


async def test_a_mail_goes_by_a_real_mail_server() -> None:
    with mail_server() as box:
        address = (
            f"mailto://127.0.0.1:{box.port}/?from=desk@northwind.example"
            "&to=kate@northwind.example&mode=insecure"
        )
        found = PageWays(lambda: {"mail": address})
        await found.send("mail", "ESC-7, SEV1: Ωμέγα", "Ανάληψη στο Slack")
        await found.close()
        [mail] = box.mails
        assert mail["subject"] == "ESC-7, SEV1: Ωμέγα"
        assert "Ανάληψη στο Slack" in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
        assert box.envelopes[0].rcpt_tos == ["kate@northwind.example"]


@pytest.mark.parametrize(
    ("answer", "raised", "reason"),
    [(403, Refused, "http:403"), (404, Refused, "http:404"), (429, Limited, ""), (500, Away, ""),
     (408, Away, ""), ("lost", Away, "")],
)  # fmt: skip
async def test_what_a_service_answers_is_told_apart_and_shows_no_secret(
    answer: int | str, raised: type[Exception], reason: str
) -> None:
    logged = io.StringIO()  # what comes to the root, where the app's own log is
    root, handler = logging.getLogger(), logging.StreamHandler(logged)
    handler.addFilter(lambda record: not record.name.startswith("uvicorn"))  # the double's own
    async with ways() as (there, found):
        root.addHandler(handler)
        there.answers = [answer]
        with pytest.raises(raised) as fault:
            await found.send("kate", "ESC-7", "Take it")
        assert getattr(fault.value, "reason", "") in (reason, WayFault.SILENT)
        root.removeHandler(handler)
        assert TOKEN not in f"{fault.value!r} {fault.value.__cause__!r} {logged.getvalue()}"
        assert "apprise" not in logged.getvalue()


async def test_a_name_without_an_address_and_bad_addresses_are_named() -> None:
    bad = {"odd": "nothing-of-the-kind://x", "two": "mailto://127.0.0.1?from=a@b.example"
           "&to=c@d.example,e@f.example"}  # fmt: skip
    async with ways(**bad) as (_, found):
        faults = await found.list_faults(["kate", "gone", "odd", "two"])
        assert faults == {
            "gone": WayFault.UNSET, "odd": WayFault.UNREADABLE, "two": WayFault.SEVERAL,
        }  # fmt: skip
        with pytest.raises(Refused, match="unset"):
            await found.send("gone", "ESC-7", "Take it")


async def test_a_service_that_hangs_holds_one_thread_and_only_so_long(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(page_ways, "READ_TIMEOUT", 0.2)
    async with ways() as (there, found):
        there.answers = ["hangs"]
        sends = [found.send("kate", f"ESC-{number}", "Take it") for number in range(4)]
        ended = await asyncio.gather(*sends, return_exceptions=True)
        # Whichever reaches the service first is the one that hangs; the others go out meanwhile.
        assert [type(each) for each in ended if isinstance(each, BaseException)] == [Away]


async def test_what_is_given_up_before_its_turn_is_not_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(page_ways, "READ_TIMEOUT", 0.3)
    monkeypatch.setattr(page_ways, "THREADS", 1)
    async with ways() as (there, found):
        there.answers = ["hangs"]
        slow = asyncio.create_task(found.send("kate", "ESC-7", "Take it"))
        await asyncio.sleep(0)
        late = asyncio.create_task(found.send("kate", "ESC-8", "Take it"))
        await asyncio.sleep(0)
        late.cancel()
        with pytest.raises(Away):
            await slow
        await found.list_faults([])
        assert "ESC-8" not in there.titles("kate")
