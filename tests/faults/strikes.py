"""One effect of each kind, struck at one point of its way; then it is there once, recorded once."""

import json
import os
import signal
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from sqlmodel import col, select

from storage.models import (
    Candidate,
    Case,
    ClockEvent,
    EditedPost,
    Inbox,
    Mail,
    Outbox,
    PointsPost,
    Problem,
    SentMessage,
)
from tests.faults.blows import INBOX
from tests.faults.scenes import MAYA, Scene, problem

DAN, SUPPORT = "U0DAN", "C0SUPPORT"
SAID = "notice:record_lost"  # a message that needs no facts
NO_VACANCIES: dict[str, Any] = {"vacancies": [], "deserted": []}
EDITED = {"problem": 1, "title": "No tickets", "known": "Since 09:00", "scope": "", "by": MAYA}


@dataclass(frozen=True)
class Strike:
    """``queue`` leaves the effect, ``seen`` counts it where it shows: it must be there once."""

    queue: Callable[[Scene], Awaitable[None]]
    seen: Callable[[Scene], Awaitable[int]]


def _shows(count: Callable[[Scene], int]) -> Callable[[Scene], Awaitable[int]]:
    async def seen(scene: Scene) -> int:
        return count(scene)

    return seen


_said = _shows(Scene.said)


def _row(kind: str, lane: str, case: int | None = 1, **payload: Any) -> Any:
    async def queue(scene: Scene) -> None:
        await scene.leave(kind, lane, case, **payload)

    return queue


async def _case(scene: Scene) -> None:
    await scene.ask(
        "open_case", customer="Another", stake="They cannot work.", trigger="technical", severity=3
    )


async def _card(scene: Scene) -> None:
    await scene.change(Case, 1, card_ts=None)
    await scene.leave("card", "case:1:card")


async def _pin(scene: Scene) -> None:
    scene.home.pins.clear()
    await scene.leave("pin", "case:1:card")


async def _bookmark(scene: Scene) -> None:
    scene.home.bookmarks.clear()
    await scene.leave("bookmark", "case:1:bookmark")


async def _mail(scene: Scene) -> None:
    await _write(scene, 1, "mail")


async def _write(scene: Scene, case: int, route: str) -> None:
    promise = (scene.world.time() + timedelta(hours=1)).timestamp()
    await scene.ask(
        "update", case=case, kind="acknowledgement", text="We are on it.", route=route,
        recipient="Katerina, k.dimou@aegean.example", next_update_at=promise,
    )  # fmt: skip


async def _mails(scene: Scene) -> int:
    """Mails that arrived, by their Message-ID; and one answer to the customer that counts."""
    ids = {mail["Message-ID"] for mail in scene.box.mails}
    assert await scene.answered(1) == 1
    return len(ids)


async def _in_zendesk(scene: Scene) -> int:
    assert await scene.answered(2) == 1
    return len(scene.zendesk.replies())


async def _in_helpscout(scene: Scene) -> int:
    assert await scene.answered(3) == 1
    return len(scene.helpscout.replies())


async def _looked(scene: Scene) -> int:
    (looked,) = await scene.world.get(select(Case.looked_at).where(col(Case.number) == 1))
    return int(looked is not None)


def _files(scene: Scene) -> int:
    return sum(len(m.files) for m in scene.home.messages.values())


async def _problem_channel(scene: Scene) -> None:
    await scene.add(problem(scene, 2, "Another"))
    await scene.leave("problem_channel", "problem:2:channel", None, problem=2)


async def _problem_card(scene: Scene) -> None:
    await scene.change(Problem, 1, card_ts=None)
    await scene.leave("problem_card", "problem:1:card", None, problem=1)


async def _problem_pin(scene: Scene) -> None:
    scene.channel("prob-1-")[0].pins.clear()
    await scene.leave("problem_pin", "problem:1:card", None, problem=1)


_push = _row("points_push", "points:1", None, problem=1, points=1, channel=SUPPORT)


async def _end(scene: Scene) -> None:
    if not await scene.world.get(select(PointsPost)):
        await _push(scene)
        await scene.world.settled()
    await scene.leave("points_end", "points:1", None, problem=1, points=1, channel=SUPPORT)


async def _struck_through(scene: Scene) -> int:
    (post,) = await scene.world.get(select(PointsPost))
    shown = scene.world.workspace.channels[SUPPORT].messages[post.ts]
    return int(shown.edited is not None)


async def _request(scene: Scene) -> None:
    await scene.ask("customer_replied", case=1, summary="They wrote.")


async def _heard(scene: Scene) -> int:
    query = select(ClockEvent.id).where(
        col(ClockEvent.case_number) == 1, col(ClockEvent.kind) == "customer_message"
    )
    return len(await scene.world.get(query))


def _joined(scene: Scene, start: str, who: str) -> int:
    (channel,) = scene.channel(start)
    assert who in channel.members
    return sum(m.user == who and "join" in (m.subtype or "") for m in channel.messages.values())


# What a case leaves behind in a channel is struck in that of case 3, which little else is about.


def _left(kind: str, part: str) -> Callable[[Scene], Awaitable[None]]:
    async def queue(scene: Scene) -> None:
        (channel,) = scene.channel("esc-3-")
        (ts,) = await scene.world.get(select(Case.card_ts).where(col(Case.number) == 3))
        old = {"channel": channel.id, "ts": ts, "link": scene.helpscout.url()}
        await scene.leave(kind, f"case:3:{part}", 3, **old)

    return queue


def _card_without_buttons(scene: Scene) -> int:
    (channel,) = scene.channel("esc-3-")
    cards = [channel.messages[ts] for ts in channel.pins]
    return sum("actions" not in str(card.blocks) for card in cards)


async def _kept_back(scene: Scene) -> None:
    now = scene.world.time()
    mail = Mail(
        case_number=1, direction="in", kind="message", message_id="<1@stranger.example>",
        subject="Hello", sender="eve@stranger.example", text="Let me in.", state="quarantined",
        reason="sender", at=now,
    )  # fmt: skip
    await scene.add(mail)
    (first,) = await scene.world.get(select(Mail.id).where(col(Mail.state) == "quarantined"))
    await scene.add(EditedPost(case_number=1, topic="strangers", first=first, begun_at=now))
    (post,) = await scene.world.get(select(EditedPost.id))
    await scene.leave("edited_post", "case:1:strangers", post=post)


async def _arrived(scene: Scene) -> None:
    """A candidate of its own each time: nothing of the blow before is edited."""
    now = scene.world.time()
    await scene.add(
        Candidate(
            customer="Acme", language="en", stake="Down again", severity=3, trigger="technical",
            owner=DAN, happened_at=now, received_at=now,
        )
    )  # fmt: skip
    newest = max(await scene.world.get(select(Candidate.id)))
    await scene.leave("candidate", f"candidate:{newest}", None, candidate=newest)


_told = _row("problem_post", "problem:1", None, problem=1, text="problem:edited", extra=EDITED)


async def _posts(scene: Scene) -> list[Outbox]:
    return await scene.world.get(select(Outbox).where(col(Outbox.kind) == "problem_post"))


async def _take_back(scene: Scene) -> None:
    if not await _posts(scene):
        await _told(scene)
        await scene.world.settled()
    post = (await _posts(scene))[0].id
    await scene.leave("problem_take_back", "problem:1", None, problem=1, post=post)


async def _taken_back(scene: Scene) -> int:
    post = (await _posts(scene))[0].result["ts"]
    return int(scene.channel("prob-1-")[0].messages[post].edited is not None)


STRIKES: Mapping[str, Strike] = {
    INBOX: Strike(_request, _heard),
    "create_channel": Strike(_case, _shows(lambda s: len(s.channel("esc-4-")))),
    "card": Strike(_card, _said),
    "pin": Strike(_pin, _shows(lambda s: len(s.home.pins))),
    "topic": Strike(_row("topic", "case:1:topic"), _shows(lambda s: "ESC-1" in s.home.topic.value)),
    "bookmark": Strike(_bookmark, _shows(lambda s: len(s.home.bookmarks))),
    "invite": Strike(
        _row("invite", "case:1:people", users=[DAN]), _shows(lambda s: _joined(s, "esc-1-", DAN))
    ),
    "post": Strike(_row("post", "case:1", text=SAID, extra={}), _said),
    "dm": Strike(_row("dm", f"dm:{MAYA}", user=MAYA, text=SAID, extra={}), _said),
    "digest": Strike(
        _row("digest", f"dm:{DAN}", None, user=DAN, since="2027-02-07T07:00:00+00:00"), _said
    ),
    "alert": Strike(_row("alert", f"dm:{DAN}", None, user=DAN), _said),
    "clock_alert": Strike(
        _row("clock_alert", f"dm:{DAN}", None, user=DAN, ahead=90.0, host="desk-1"), _said
    ),
    "file": Strike(_row("file", "case:1", document="postmortem"), _shows(_files)),
    "rejoin": Strike(_row("rejoin", "case:1:mend"), _shows(lambda s: int(s.bot in s.home.members))),
    "rename": Strike(_row("rename", "case:1:mend"), _shows(lambda s: len(s.channel("esc-1-")))),
    "look": Strike(_row("look", "case:1:look"), _looked),
    "mail": Strike(_mail, _mails),
    "zendesk": Strike(lambda scene: _write(scene, 2, "zendesk"), _in_zendesk),
    "helpscout": Strike(lambda scene: _write(scene, 3, "helpscout"), _in_helpscout),
    "problem_channel": Strike(_problem_channel, _shows(lambda s: len(s.channel("prob-2-")))),
    "problem_card": Strike(_problem_card, _said),
    "problem_pin": Strike(_problem_pin, _shows(lambda s: len(s.channel("prob-1-")[0].pins))),
    "problem_invite": Strike(
        _row("problem_invite", "problem:1:people", None, problem=1, users=[DAN]),
        _shows(lambda s: _joined(s, "prob-1-", DAN)),
    ),
    "problem_post": Strike(_told, _said),
    "problem_take_back": Strike(_take_back, _taken_back),
    "points_push": Strike(_push, _said),
    "points_end": Strike(_end, _struck_through),
    "roster": Strike(
        _row("roster", f"dm:{DAN}", None, user=DAN, text="operations:roster", extra=NO_VACANCIES),
        _said,
    ),
    "edited_post": Strike(_kept_back, _said),
    "candidate": Strike(_arrived, _said),
    "old_topic": Strike(
        _left("old_topic", "topic"),
        _shows(lambda s: int("ESC-3" not in s.channel("esc-3-")[0].topic.value)),
    ),
    "old_name": Strike(
        _left("old_name", "old"), _shows(lambda s: len(s.channel("esc-3-elsewhere")))
    ),
    "old_post": Strike(_left("old_post", "old"), _said),
    "old_card": Strike(_left("old_card", "card"), _shows(_card_without_buttons)),
    "old_bookmark": Strike(
        _left("old_bookmark", "bookmark"),
        _shows(lambda s: int(not s.channel("esc-3-")[0].bookmarks)),
    ),
}


@dataclass
class Told:
    """What came of it: the points that were struck, and what was wrong afterwards."""

    struck: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


async def strike(here: Scene, kind: str, point: str, how: str, told: Told) -> None:
    """Strike one effect; what is wrong afterwards is told."""
    order, dealt = here.world.folder / "blow", here.world.folder / "blow.dealt"
    dealt.unlink(missing_ok=True)
    order.with_suffix(".new").write_text(json.dumps({"kind": kind, "point": point, "how": how}))
    order.with_suffix(".new").rename(order)
    await STRIKES[kind].queue(here)

    async def struck() -> bool:
        return dealt.exists()

    name = f"{kind}:{point}:{how}"
    await here.world.until(struck, f"{name} was not struck")
    blow = json.loads(dealt.read_text())
    here.row = blow["row"]
    told.struck.append(name)
    if here.jump is not None:
        await _waits(here, name)
        here.world.set_clocks(here.jump)
    if how == "stop":
        await _others_go_on(here, kind, blow, name)
        os.kill(blow["pid"], signal.SIGCONT)
    await here.world.settled()
    told.wrong += await _wrong(here, kind, name)


async def _waits(here: Scene, name: str) -> None:
    """Wait until the row waits to be tried again."""

    async def waiting() -> bool:
        query = select(Outbox.not_before).where(col(Outbox.id) == here.row)
        return (await here.world.get(query)) != [None]

    await here.world.until(waiting, f"{name} does not wait to be tried again")


async def _others_go_on(here: Scene, kind: str, blow: dict[str, int], name: str) -> None:
    """Wait until another bot has the row; where there is none, until the lease has ended."""
    table = Inbox if kind == INBOX else Outbox

    async def taken() -> bool:
        (row,) = await here.world.get(select(table).where(col(table.id) == blow["row"]))
        if row.claims > blow["claims"] or row.state != "pending":
            return True
        async with here.world.database.read() as session:
            now = await here.world.database.time(session, here.world.machine())
        return len(here.world.bots) == 1 and row.lease_until <= now

    await here.world.until(taken, f"{name}: nobody took it over")


async def _wrong(here: Scene, kind: str, name: str) -> list[str]:
    seen = await STRIKES[kind].seen(here)
    wrong = [] if seen == 1 else [f"{name}: {seen} times"]
    if kind != INBOX:
        recorded = _recorded(here)
        wrong += [] if recorded <= 1 else [f"{name}: recorded {recorded} times"]
        (row,) = await here.world.get(select(Outbox).where(col(Outbox.id) == here.row))
        wrong += [] if row.state == "done" else [f"{name}: {row.state} {row.error}"]
    if kind in {"mail", "zendesk", "helpscout"}:
        states = await here.world.get(select(SentMessage.state))
        wrong += [f"{name}: {state}" for state in states if state != "sent"]
    return wrong


def _recorded(here: Scene) -> int:
    """How often bots say that they recorded the row's outcome."""
    lines = (here.world.folder / "bot.log").read_text().splitlines()
    events = [json.loads(line) for line in lines if line.startswith("{")]
    return sum(e.get("event") == "delivered" and here.row in e["outbox"] for e in events)
