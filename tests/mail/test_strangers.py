"""What strangers send: it stops nobody, fills nothing, and is said once."""

import asyncio
import os
import time
from pathlib import Path

import httpx
import pytest

from bot.core.edited_posts import FRESH
from bot.engine.parsing.pool import PROCESSES, WAITING_MAX
from bot.mail.receive import inbound_signature
from storage.models import EditedPost, Mail, Outbox, TimelineEvent
from tests.mail.conftest import ELENI, INBOUND_SECRET, MAYA, World, a_reply, hand_in
from tests.mail.hostile import BODIES, hostile
from tests.mail.odd_parser import Gate
from tests.mail.test_hearing import clock, rows


def address(world: World) -> str:
    """The reply address of case 1, which a stranger may have been sent."""
    return tag_address(world.here.services.customers.signer.reply_tag(1)).decode()


async def post_mail(http: httpx.AsyncClient, world: World, raw: bytes) -> httpx.Response:
    """Hand a mail in, and wait for nothing else."""
    stamp = str(int(time.time()))
    signed = {
        "X-Desk-Timestamp": stamp,
        "X-Desk-Signature": inbound_signature(INBOUND_SECRET, stamp, raw),
    }
    return await http.post(f"{world.here.web_url}/mail/inbound", content=raw, headers=signed)


FURTHER = {
    "account": "aegean-ferries", "customer": "Aegean Ferries", "stake": "No tickets",
    "trigger": "technical", "severity": 2,
}  # fmt: skip


def tag_address(tag: str) -> bytes:
    """The reply address of a case, by its tag."""
    return f"help+{tag}@northwind.example".encode()


def stranger(world: World, number: int) -> bytes:
    """An ordinary mail of somebody else."""
    head = f"From: Eve <eve{number}@elsewhere.example>\r\nTo: {address(world)}\r\n"
    return f"{head}Message-ID: <{number}@elsewhere.example>\r\n\r\nWords {number}.".encode()


async def test_hostile_mails_are_kept_back_and_said_and_parsed_elsewhere(world: World) -> None:
    async with httpx.AsyncClient(timeout=120) as http:
        for number, name in enumerate(BODIES):
            answer = await post_mail(http, world, hostile(name, address(world), number))
            assert (answer.status_code, answer.json()) == (200, {"outcome": "quarantined"}), name
    await world.here.settle()

    assert os.getpid() not in world.here.services.outside.parsers.pids
    kept = [m for m in await rows(world, Mail) if m.state == "quarantined"]
    assert len(kept) == len(BODIES)
    assert world.posts().count("an email is held for review") == 1
    assert f"{len(BODIES) - 1} more emails wait behind it" in world.posts()


async def test_health_and_a_command_are_answered_while_mails_are_parsed(
    world: World, tmp_path: Path
) -> None:
    parsers = world.here.services.outside.parsers
    parsers.module = "tests.mail.odd_parser"
    gate = Gate(tmp_path / "gate")
    waits = f"\r\nX-Wait: {gate.path}\r\n\r\n".encode()
    raw = stranger(world, 1).replace(b"\r\n\r\n", waits)
    mails = [raw.replace(b"<1@", b"<%d@" % n) for n in range(PROCESSES + WAITING_MAX + 20)]
    async with httpx.AsyncClient(timeout=120, limits=httpx.Limits(max_connections=500)) as http:
        tasks = [asyncio.create_task(post_mail(http, world, mail)) for mail in mails]
        for _ in range(20):  # more than may wait are told to come again, before anything is parsed
            done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            tasks = list(pending)
            assert {task.result().status_code for task in done} <= {503}
            assert all("retry-after" in task.result().headers for task in done)
            if len(pending) == PROCESSES + WAITING_MAX:
                break
        health = await http.get(f"{world.here.web_url}/healthz")
        await world.here.people.command(MAYA, "C0SUPPORT", "/escalate list")
        assert health.status_code == 200
        assert not any(task.done() for task in tasks)
        assert len(parsers.pids) == PROCESSES

        gate.open()
        answers = await asyncio.gather(*tasks)
    assert {answer.status_code for answer in answers} == {200}
    await world.here.settle()
    assert world.posts().count("an email is held for review") == 1


async def test_what_strangers_send_is_one_post_and_nothing_waits_behind_it(world: World) -> None:
    await world.write()
    for number in range(6):
        assert await hand_in(world, stranger(world, number)) == "quarantined"

    assert world.posts().count("an email is held for review") == 1
    assert "Words 0." in world.posts()
    assert "5 more emails wait behind it" in world.posts()
    assert "eve5@elsewhere.example, eve4@elsewhere.example" in world.posts()
    assert world.dms(ELENI).count("είναι σε καραντίνα") == 1
    drawn = [row for row in await rows(world, Outbox) if row.kind == "edited_post"]
    breaches = {row.lane for row in await rows(world, Outbox) if row.kind == "post"}
    assert {row.lane for row in drawn}.isdisjoint(breaches)
    assert {row.priority for row in drawn} == {40}

    kept = [m for m in await rows(world, Mail) if m.state == "quarantined"]
    for mail in kept[:5]:
        await world.do(MAYA, "drop_mail", case=1, mail=mail.id)
    assert "Words 5." in world.posts()
    assert "wait behind it" not in world.posts()
    await world.do(MAYA, "release_mail", case=1, mail=kept[5].id)
    assert "the 6 emails held for review have been dealt with" in world.posts()
    assert await clock(world, "next_reply") == "running"

    await hand_in(world, stranger(world, 7))  # after the decision it is news again
    assert world.posts().count("an email is held for review") == 1
    assert len(await rows(world, EditedPost)) == 2
    assert world.dms(ELENI).count("είναι σε καραντίνα") == 2


async def test_after_a_day_a_stranger_is_news_again(world: World) -> None:
    await hand_in(world, stranger(world, 1))
    await world.here.workspace.clock.advance(FRESH)
    await hand_in(world, stranger(world, 2))
    assert world.posts().count("an email is held for review") == 2
    assert "wait behind it" not in world.posts()


async def test_a_post_that_somebody_deleted_is_posted_anew(world: World) -> None:
    await hand_in(world, stranger(world, 1))
    (post,) = await rows(world, EditedPost)
    channel = next(c for c in world.here.workspace.channels.values() if c.name.startswith("esc-1"))
    del channel.messages[post.ts]
    await hand_in(world, stranger(world, 2))
    assert world.posts().count("an email is held for review") == 1


@pytest.mark.parametrize(
    ("headers", "doubt"),
    [
        ({"Authentication-Results": ""}, "unchecked"),
        ({"Authentication-Results": "mx.elsewhere.example; dmarc=pass"}, "unchecked"),
        ({"Authentication-Results": "mx.northwind.example; dmarc=softfail"}, "failed"),
    ],
)
async def test_a_sender_whom_our_server_did_not_confirm_is_kept_back(
    world: World, headers: dict[str, str], doubt: str
) -> None:
    await world.write()
    given = {name.replace("-", "_"): value for name, value in headers.items()}
    assert await hand_in(world, a_reply(world.box.mails[0], "Ναι.", **given)) == "quarantined"
    (mail,) = [m for m in await rows(world, Mail) if m.direction == "in"]
    assert mail.reason == doubt
    assert await clock(world, "next_reply") == "none"
    assert "είναι σε καραντίνα" in world.dms(ELENI)
    assert [e.verb for e in await rows(world, TimelineEvent)].count("mail_quarantined") == 1


async def test_a_mail_kept_back_while_there_is_no_channel_is_shown_once_there_is_one(
    world: World,
) -> None:
    faults = world.here.workspace.faults
    fault = faults.add("refused", "conversations.create", error="restricted_action")
    await world.do(MAYA, "open_case", **FURTHER)
    tag = world.here.services.customers.signer.reply_tag(2)
    await hand_in(world, stranger(world, 1).replace(address(world).encode(), tag_address(tag)))
    faults.remove(fault.id)
    await world.do(MAYA, "mend", case=2)
    channels = world.here.workspace.channels.values()
    channel = next(c for c in channels if c.name.startswith("esc-2"))
    assert "Words 1." in "".join(m.text for m in channel.messages.values())
