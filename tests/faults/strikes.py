"""Of each kind of effect one that can be struck: how it comes about, and where it then shows.

A new kind is a row of ``STRIKES``. Where a row of the outbox is all that it takes, ``_row`` leaves
it; where it says something, ``_said`` counts it. A kind that does several things has a row for each
(``helpscout:note``). ``striking`` strikes it at every point of
``blows``, through which it goes by itself where it is a call to Slack, a mail, or a call to a help
desk.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlmodel import col, select

from storage.models import (
    Candidate,
    Case,
    ClockEvent,
    EditedPost,
    Mail,
    Outbox,
    PointsPost,
    Problem,
    StrangersPost,
    TicketReply,
)
from tests.faults import action_strikes as actions
from tests.faults import brief_strikes as briefs
from tests.faults import calendar_strikes as calendars
from tests.faults import connect_strikes as shared
from tests.faults import erasure_strikes as erasure
from tests.faults import leaving
from tests.faults import legal_strikes as legal
from tests.faults import mail_trial_strikes as trials
from tests.faults import page_strikes as paging
from tests.faults import workflow_strikes as workflow
from tests.faults.blows import INBOX
from tests.faults.scenes import MAYA, Scene, problem
from tests.first_words import BOTH

DAN, NIKOS, SUPPORT = "U0DAN", "U0NIKOS", "C0SUPPORT"
SAID = "notice:record_lost"  # a message that needs no facts
NO_VACANCIES: dict[str, Any] = {"vacancies": [], "deserted": []}
EDITED = {"problem": 1, "title": "No tickets", "known": "Since 09:00", "scope": "", "by": MAYA}


async def _nothing(scene: Scene) -> None:
    """All that it needs is there."""


@dataclass(frozen=True)
class Strike:
    """``queue`` leaves the effect, ``seen`` counts it where it shows.

    It must be there once, and not before it was queued. ``prepare`` brings about what it needs, and
    takes away what it is to bring about again; nothing of that is struck.
    """

    queue: Callable[[Scene], Awaitable[None]]
    seen: Callable[[Scene], Awaitable[int]]
    prepare: Callable[[Scene], Awaitable[None]] = _nothing


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


async def _no_card(scene: Scene) -> None:
    await scene.change(Case, 1, card_ts=None)


async def _card(scene: Scene) -> None:
    await scene.leave("card", "case:1:card")
    await scene.leave("pin", "case:1:card")


async def _unpin(scene: Scene) -> None:
    scene.home.pins.clear()


async def _untitle(scene: Scene) -> None:
    scene.home.topic.value = ""


async def _no_bookmark(scene: Scene) -> None:
    scene.home.bookmarks.clear()


async def _leave_channel(scene: Scene) -> None:
    del scene.home.members[scene.bot]


OTHERWISE = "esc-1-otherwise"  # a name that its case did not give the channel


async def _name_otherwise(scene: Scene) -> None:
    scene.home.name = OTHERWISE


async def _look_never(scene: Scene) -> None:
    await scene.change(Case, 1, looked_at=None)


async def _mail(scene: Scene) -> None:
    await _write(scene, 1, "mail")


async def _write(scene: Scene, case: int, route: str) -> None:
    promise = (scene.world.time() + timedelta(hours=1)).timestamp()
    await scene.ask(
        "update", case=case, kind="acknowledgement", text=BOTH, route=route,
        recipient="Katerina, k.dimou@aegean.example", next_update_at=promise,
    )  # fmt: skip


async def _in_channel(scene: Scene) -> None:
    await _write(scene, 2, "slack")


async def _mails(scene: Scene) -> int:
    """Mails that arrived, by their Message-ID; each counts as an answer to the customer."""
    return await _counted(scene, 1, len({mail["Message-ID"] for mail in scene.box.mails}))


async def _in_zendesk(scene: Scene) -> int:
    return await _counted(scene, 2, len(scene.zendesk.replies()))


async def _in_helpscout(scene: Scene) -> int:
    return await _counted(scene, 3, len(scene.helpscout.replies()))


async def _in_intercom(scene: Scene) -> int:
    return len(scene.intercom.replies())


async def _counted(scene: Scene, case: int, arrived: int) -> int:
    assert await scene.answered(case) == arrived
    return arrived


def _in_ticket(desk: str, case: int, **payload: str) -> Callable[[Scene], Awaitable[None]]:
    """What is set in the ticket of a case, in the ticket's lane."""

    async def queue(scene: Scene) -> None:
        await scene.leave(desk, f"{desk}:5", case, ticket="5", **payload)

    return queue


async def _written_there(scene: Scene) -> None:
    await scene.helpscout.customer_writes("We still wait.")
    await scene.leave("helpscout", "helpscout:5", 3, do="look", ticket="5")


async def _heard_there(scene: Scene) -> int:
    query = select(TicketReply.id).where(col(TicketReply.direction) == "in")
    return len(await scene.world.get(query))


async def _bug_again(scene: Scene) -> None:
    """The case is linked to the bug, and nothing of it is at the bug or in the case."""
    scene.jira.issues["PAY-77"].links.clear()
    await scene.change(Case, 1, bug="PAY-77", bug_key="PAY-77", bug_seen={})


async def _show_waiting(scene: Scene) -> None:
    payload = {"do": "show", "key": "PAY-77", "case": 1}
    row = Outbox(kind="jira", lane="jira:PAY-77", payload=payload, queued_at=scene.world.time())
    await scene.add(row)


async def _fix_shipped(scene: Scene) -> None:
    scene.jira.issues["PAY-77"].status = "Done"
    await scene.leave("jira", "jira:PAY-77", None, do="look", key="PAY-77")


async def _bug_told(scene: Scene) -> int:
    """How often the case's channel hears of it since the last link."""
    (case,) = await scene.world.get(select(Case.bug_seen).where(col(Case.number) == 1))
    return int(case.get("status") == "Done")


async def _looked(scene: Scene) -> int:
    (looked,) = await scene.world.get(select(Case.looked_at).where(col(Case.number) == 1))
    return int(looked is not None)


def _files(scene: Scene) -> int:
    return sum(len(m.files) for m in scene.home.messages.values())


async def _another_problem(scene: Scene) -> None:
    await scene.add(problem(scene, 2, "Another"))


async def _no_problem_card(scene: Scene) -> None:
    await scene.change(Problem, 1, card_ts=None)


async def _unpin_problem(scene: Scene) -> None:
    scene.channel("prob-1-")[0].pins.clear()


def _of_problem(kind: str, part: str, number: int = 1, **payload: Any) -> Any:
    return _row(kind, f"problem:{number}:{part}", None, problem=number, **payload)


_push = _row("points_push", "points:1", None, problem=1, points=1, channel=SUPPORT)
_end = _row("points_end", "points:1", None, problem=1, points=1, channel=SUPPORT)


async def _pushed(scene: Scene) -> None:
    if not await scene.world.get(select(PointsPost)):
        await _push(scene)
        await scene.world.settled()


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
    if who not in channel.members:
        return 0
    return sum(m.user == who and "join" in (m.subtype or "") for m in channel.messages.values())


async def _mail_kept_back(scene: Scene) -> None:
    now = scene.world.time()
    mail = Mail(
        case_number=1, direction="in", kind="message", message_id="<1@stranger.example>",
        subject="Hello", sender="eve@stranger.example", text="Let me in.", state="quarantined",
        reason="sender", at=now,
    )  # fmt: skip
    await scene.add(mail)
    (first,) = await scene.world.get(select(Mail.id).where(col(Mail.state) == "quarantined"))
    await scene.add(EditedPost(case_number=1, topic="strangers", first=first, begun_at=now))


async def _edited_post(scene: Scene) -> None:
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


async def _stranger_held(scene: Scene) -> None:
    now = scene.world.time()
    if not await scene.world.get(select(StrangersPost.id)):
        mail = Mail(
            direction="in", kind="request", message_id="<2@stranger.example>", subject="Hello",
            sender="eve@stranger.example", text="Help.", state="quarantined", reason="unknown",
            at=now,
        )  # fmt: skip
        await scene.add(mail)
        (first,) = await scene.world.get(select(Mail.id).where(col(Mail.kind) == "request"))
        await scene.add(StrangersPost(first=first, begun_at=now))
    (post,) = await scene.world.get(select(StrangersPost.id))
    await scene.change(StrangersPost, post, ts="", channel="")


async def _strangers(scene: Scene) -> None:
    (post,) = await scene.world.get(select(StrangersPost.id))
    await scene.leave("strangers_post", f"strangers_post:{post}", None, post=post)


_told = _row("problem_post", "problem:1", None, problem=1, text="problem:edited", extra=EDITED)


async def _posts(scene: Scene) -> list[Outbox]:
    return await scene.world.get(select(Outbox).where(col(Outbox.kind) == "problem_post"))


async def _told_already(scene: Scene) -> None:
    if not await _posts(scene):
        await _told(scene)
        await scene.world.settled()


async def _take_back(scene: Scene) -> None:
    post = (await _posts(scene))[0].id
    await scene.leave("problem_take_back", "problem:1", None, problem=1, post=post)


async def _taken_back(scene: Scene) -> int:
    post = (await _posts(scene))[0].result["ts"]
    return int(scene.channel("prob-1-")[0].messages[post].edited is not None)


_ELSEWHERE = shared.EFFECTS | workflow.EFFECTS | leaving.EFFECTS | paging.EFFECTS
_ELSEWHERE |= trials.EFFECTS | actions.EFFECTS | erasure.EFFECTS
_ELSEWHERE |= calendars.EFFECTS | legal.EFFECTS | briefs.EFFECTS

STRIKES: Mapping[str, Strike] = {
    INBOX: Strike(_request, _heard),
    "create_channel": Strike(_case, _shows(lambda s: len(s.channel("esc-4-")))),
    "card": Strike(_card, _said, _no_card),
    "pin": Strike(_row("pin", "case:1:card"), _shows(lambda s: len(s.home.pins)), _unpin),
    "topic": Strike(
        _row("topic", "case:1:topic"), _shows(lambda s: "ESC-1" in s.home.topic.value), _untitle
    ),
    "bookmark": Strike(
        _row("bookmark", "case:1:bookmark"), _shows(lambda s: len(s.home.bookmarks)), _no_bookmark
    ),
    "invite": Strike(
        _row("invite", "case:1:people", users=[NIKOS]),
        _shows(lambda s: _joined(s, "esc-1-", NIKOS)),
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
    "rejoin": Strike(
        _row("rejoin", "case:1:look"), _shows(lambda s: s.bot in s.home.members), _leave_channel
    ),
    "rename": Strike(
        _row("rename", "case:1:look"), _shows(lambda s: s.home.name != OTHERWISE), _name_otherwise
    ),
    "look": Strike(_row("look", "case:1:look"), _looked, _look_never),
    "mail": Strike(_mail, _mails),
    "zendesk": Strike(lambda scene: _write(scene, 2, "zendesk"), _in_zendesk),
    "zendesk:note": Strike(
        _in_ticket("zendesk", 2, do="note", note="It is resolved."),
        _shows(lambda s: len(s.zendesk.notes())),
    ),
    "zendesk:tag": Strike(
        _in_ticket("zendesk", 2, do="tag", tag="escalated"),
        _shows(lambda s: s.zendesk.tags().count("escalated")),
    ),
    "helpscout:note": Strike(
        _in_ticket("helpscout", 3, do="note", note="It is resolved."),
        _shows(lambda s: len(s.helpscout.notes())),
    ),
    "helpscout:status": Strike(
        _in_ticket("helpscout", 3, do="status", status="pending"),
        _shows(lambda s: int(s.helpscout.status() == "pending")),
    ),
    "intercom": Strike(lambda scene: _write(scene, 1, "intercom"), _in_intercom),
    "intercom:note": Strike(
        _in_ticket("intercom", 1, do="note", note="It is resolved."),
        _shows(lambda s: len(s.intercom.notes())),
    ),
    "jira": Strike(
        _show_waiting,
        _shows(lambda s: len(s.jira.shown())),
        _bug_again,
    ),
    "jira:look": Strike(_fix_shipped, _bug_told, _bug_again),
    "helpscout:look": Strike(_written_there, _heard_there),
    "helpscout": Strike(lambda scene: _write(scene, 3, "helpscout"), _in_helpscout),
    "problem_channel": Strike(
        _of_problem("problem_channel", "channel", 2),
        _shows(lambda s: len(s.channel("prob-2-"))),
        _another_problem,
    ),
    "problem_card": Strike(_of_problem("problem_card", "card"), _said, _no_problem_card),
    "problem_pin": Strike(
        _of_problem("problem_pin", "card"),
        _shows(lambda s: len(s.channel("prob-1-")[0].pins)),
        _unpin_problem,
    ),
    "problem_invite": Strike(
        _of_problem("problem_invite", "people", users=[DAN]),
        _shows(lambda s: _joined(s, "prob-1-", DAN)),
    ),
    "problem_post": Strike(_told, _said),
    "problem_take_back": Strike(_take_back, _taken_back, _told_already),
    "points_push": Strike(_push, _said),
    "points_end": Strike(_end, _struck_through, _pushed),
    "roster": Strike(
        _row("roster", f"dm:{DAN}", None, user=DAN, text="operations:roster", extra=NO_VACANCIES),
        _said,
    ),
    "edited_post": Strike(_edited_post, _said, _mail_kept_back),
    "strangers_post": Strike(_strangers, _said, _stranger_held),
    "candidate": Strike(_arrived, _said),
    "old_post": Strike(leaving.restrict, _said, leaving.in_public),
    "connect_say": Strike(shared.say, _said, shared.before_mark),
    **{kind: Strike(*how) for kind, how in _ELSEWHERE.items()},
    "slack": Strike(_in_channel, _said, shared.share_channel),
}
