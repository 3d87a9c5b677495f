"""What a use case may ask Slack to show of a case or a problem, each a few rows in the outbox.

Lanes keep order where it matters: a channel's posts, a person's DMs; all else runs side by side.
The card, the topic and every text are rendered when they are sent, from the subject as it is then.
A lower priority goes first among lanes; inside a lane the order of the rows alone counts.

Nothing here calls Slack: a row is stored with the transaction or not at all, and is performed by
what ``bot/registry.py`` lists under its kind. Payloads by effect (a problem's rows add its number
as ``problem``; a case's rows have the column ``case_number`` instead):

- ``create_channel``, ``card``, ``topic``, ``bookmark``, ``pin``: nothing; ``bot.core.no_channel``
  adds ``asked`` to a channel's row, the user id of the person who asked for another try.
- ``invite``: ``users``, sorted user ids; ``members_of``, a channel whose members are invited too.
- ``post``: ``text``, the name of a text such as ``notice:opened``, ``extra``, its facts, and of a
  case ``then``: the columns of ``KEPT_COLUMNS`` as they are when it is queued.
- ``dm``: ``user``, and ``text``, ``extra`` and ``then`` as for a post; where it answers what was
  asked in some channel, ``asked_in``: that ``channel``, or the ``url`` for an answer there.
- ``look``: ``hint``, a value of ``Drift``, or nothing.
- ``file``: ``document``, the name of the document to render.
- ``take_back``: ``post``, the id of the outbox row that was said.

Lanes of a case (a problem's begin with ``problem:``):

- ``case:7``: posts, files and what is taken back; ``case:7:heard``: what the customer writes.
- ``case:7:channel``, ``:topic``, ``:people``, ``:bookmark``, ``:look``: one kind each.
- ``case:7:card``: the card, and its pin after it.
- ``dm:U0ADA``: all that one person is told, about whatever subject.

Instants in ``extra`` are ISO 8601 strings; ``messages.compose.revive_instants`` reads back those
with a key that ends in ``_at`` or is ``due``, ``until`` or ``at``.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, update
from sqlmodel import col, select

from bot import subjects
from bot.engine.due import Audience, Reminder, find_recipients
from bot.engine.unit_of_work import UnitOfWork
from bot.focus_guard import keeps_back
from bot.rules import daily_times
from bot.rules.compliance.persons import is_alias
from bot.rules.states import OutboxState
from bot.rules.words import Drift
from bot.subjects import Subject, build_lane, describe_type
from storage.models import Case, MorningNotice, Outbox, Person, Problem
from storage.wakeups import note_changed

# Priorities: what a person waits for, then breaches, nudges, digests. Severity is added to
# opening, so that in a burst the most severe case gets its channel first.
OPENING = 10
INTERACTIVE = 20
BREACH = 30
NUDGE = 40
DIGEST = 50
LOOK = 60

# What a message about a case keeps of the case, so that it says what happened also when it is sent
# later (bot/slack/as_said.py).
KEPT_COLUMNS = (
    "severity", "status", "owner", "executive", "resolution_type", "resolution_note",
    "workaround_note", "closure_code", "root_cause",
)  # fmt: skip

HEARD = "heard"  # the lane of what customers write: nothing of ours waits behind it

IN_CHANNEL = subjects.CASE.waiting  # kinds of effect that need the case's channel


async def open_channel(
    work: UnitOfWork, subject: Subject, invitees: Iterable[str], *, members_of: str = ""
) -> int:
    """Queue everything that makes a subject visible; return the id of its channel's row.

    The channel goes first. The card, the invitations, and a case's topic and bookmark (where it has
    a ticket) wait for it and then run side by side; the pin waits for the card. The id is kept in
    ``work.creating``, so that later effects of the same transaction wait for the channel as well.
    ``members_of`` is a channel of which all our own people are invited too.
    """
    urgent = OPENING + subject.severity
    channel = await _queue(work, subject, "create_channel", "channel", None, urgent)
    work.creating[build_lane(subject)] = channel
    card = await _queue(work, subject, "card", "card", channel, urgent)
    people: dict[str, Any] = {"users": sorted(set(invitees))}
    people |= {"members_of": members_of} if members_of else {}
    _leave(work, subject, "invite", "people", people, after=channel, priority=urgent)
    _leave(work, subject, "pin", "card", after=card, priority=urgent)
    if isinstance(subject, Case):
        note_changed(work.session, subject.number)
        _leave(work, subject, "topic", "topic", after=channel, priority=urgent)
        if subject.ticket_url:
            _leave(work, subject, "bookmark", "bookmark", after=channel, priority=urgent)
    return channel


def _leave(
    work: UnitOfWork,
    subject: Subject,
    effect: str,
    part: str,
    payload: Mapping[str, Any] | None = None,
    *,
    after: int | None = None,
    priority: int = INTERACTIVE,
) -> Outbox:
    """Queue an effect on a subject, under the kind and in the lane of its type.

    ``part`` names the lane below the subject's own: rows of one lane are performed one after the
    other. An empty ``part`` is the lane of the channel's posts and files.
    """
    return work.leave(
        describe_type(subject).kind_of(effect),
        build_lane(subject, part),
        {**subjects.identify_subject(subject), **(payload or {})},
        case=subject if isinstance(subject, Case) else None,
        after=after,
        priority=priority,
    )


async def _queue(
    work: UnitOfWork, subject: Subject, effect: str, part: str, after: int | None, priority: int
) -> int:
    """Queue as ``_leave`` does and flush; return the row's id, for other rows to wait for."""
    row = _leave(work, subject, effect, part, after=after, priority=priority)
    await work.session.flush()
    return row.id


async def channel_row(work: UnitOfWork, subject: Subject) -> int | None:
    """Return the id of the row that creates the subject's channel, while the channel is to come.

    The newest such row, whatever its state. None once the channel is there, and for a subject for
    which none was ever queued.
    """
    if subject.channel_id:
        return None
    if (creating := work.creating.get(build_lane(subject))) is not None:
        return creating
    about = describe_type(subject)
    makes = col(Outbox.kind) == about.kind_of("create_channel")
    query = (
        select(Outbox.id)
        .where(about.rows_of([subject.number]), makes)
        .order_by(col(Outbox.id).desc())  # a channel that was lost for good is made anew
    )
    return (await work.session.exec(query)).first()


async def queue_card(work: UnitOfWork, subject: Subject, *, priority: int = INTERACTIVE) -> None:
    """Have the card show the subject as it is now, once, however often it changed.

    Call it last: for a case it also counts up ``version`` and sets ``changed_at``. A known issue
    has no card.
    """
    if isinstance(subject, Case):
        work.changed(subject)
    else:
        work.session.add(subject)
    if not subjects.is_known_issue(subject):
        await queue_drawn(work, subject, "card", priority)


async def queue_topic(work: UnitOfWork, case: Case) -> None:
    """Have the channel's topic show the case as it is when the row is performed."""
    await queue_drawn(work, case, "topic")


async def replace_bookmark(work: UnitOfWork, case: Case, old: str) -> None:
    """Bookmark the case's ticket in place of ``old``, the address until now; empty: there was none.

    A channel that is still to be made has its bookmark queued where the case had a ticket already.
    """
    if case.ticket_url == old:
        return
    if old and case.channel_id:
        gone = {"channel": case.channel_id, "link": old}
        work.leave("old_bookmark", build_lane(case, "bookmark"), gone, case=case)
    if case.ticket_url and (case.channel_id or not old):
        after = await channel_row(work, case)
        if after is not None or case.channel_id:
            _leave(work, case, "bookmark", "bookmark", after=after)


async def queue_drawn(
    work: UnitOfWork, subject: Subject, effect: str, priority: int = INTERACTIVE
) -> None:
    """Queue a row that is rendered when it is sent, unless one is still to come.

    A row that delivery already holds may have been rendered before this change, so only one that is
    not claimed counts. It becomes as urgent as the most urgent of its reasons. What this
    transaction has queued is remembered in ``work.unclaimed``, so that no query sees it twice.
    """
    lane, kind = build_lane(subject), describe_type(subject).kind_of(effect)
    if lane not in work.unclaimed:
        await prefetch_pending(work, [subject])
    waiting = work.unclaimed[lane]
    if kind not in waiting:
        after = await channel_row(work, subject)
        _leave(work, subject, effect, effect, after=after, priority=priority)
    elif waiting[kind] > priority:
        row = update(Outbox).where(*_unclaimed([subject]), col(Outbox.kind) == kind)
        await work.session.exec(row.values(priority=priority))
    waiting[kind] = min(priority, waiting.get(kind, priority))


async def prefetch_pending(work: UnitOfWork, found: Sequence[Subject]) -> None:
    """Ask for many subjects of one type at once what ``queue_card`` would ask for each.

    The answer is kept in ``work.unclaimed``. The rows found are locked until the transaction ends,
    so that delivery claims none meanwhile.
    """
    if not found:
        return
    query = select(Outbox.lane, Outbox.kind, Outbox.priority).where(*_unclaimed(found))
    work.unclaimed |= {build_lane(each): {} for each in found}
    query = query.where(col(Outbox.kind).in_(subjects.DRAWN_KINDS)).with_for_update()
    for lane, kind, priority in (await work.session.exec(query)).all():
        work.unclaimed.setdefault(lane.rpartition(":")[0], {})[kind] = priority


def _unclaimed(found: Sequence[Subject]) -> list[ColumnElement[bool]]:
    """Return the conditions for pending rows of these subjects that no lease names."""
    return [
        describe_type(found[0]).rows_of(each.number for each in found),
        col(Outbox.state) == OutboxState.PENDING,
        col(Outbox.lease_until).is_(None),
    ]


async def lock_waiting(work: UnitOfWork, lane: str) -> Sequence[Outbox]:
    """The rows of a lane that wait and that no lease names, locked, the oldest first.

    So none of them is claimed, nor performed, before this transaction ends. One that delivery has
    claimed may have read what it shows before this change, and is not among them.
    """
    query = select(Outbox).where(
        col(Outbox.lane) == lane,
        col(Outbox.state) == OutboxState.PENDING,
        col(Outbox.lease_until).is_(None),
    )
    return (await work.session.exec(query.order_by(col(Outbox.id)).with_for_update())).all()


async def queue_look(work: UnitOfWork, case: Case, hint: Drift | None = None) -> None:
    """Queue a comparison of Slack with the store; at most one that is not claimed yet waits a case.

    ``hint`` is why Slack may not show the channel at all; the newest replaces an earlier one. The
    waiting row is locked until the transaction ends. ``bot.drift`` performs it.
    """
    query = select(Outbox).where(
        col(Outbox.case_number) == case.number,
        col(Outbox.kind) == "look",
        col(Outbox.state) == OutboxState.PENDING,
        col(Outbox.lease_until).is_(None),
        col(Outbox.after).is_(None),
    )
    waiting = (await work.session.exec(query.with_for_update())).first()
    if waiting is None:
        given = {"hint": hint.value} if hint else {}
        work.leave("look", build_lane(case, "look"), given, case=case, priority=LOOK)
    elif hint is not None:
        waiting.payload = {**waiting.payload, "hint": hint.value}
        work.session.add(waiting)


async def queue_invite(work: UnitOfWork, subject: Subject, users: Iterable[str]) -> None:
    """Queue an invitation of these user ids into the subject's channel; none of them: do nothing.

    Membership, and for a restricted case who is on it, is checked when the row is performed.
    """
    if wanted := sorted(set(users)):
        after = await channel_row(work, subject)
        _leave(work, subject, "invite", "people", {"users": wanted}, after=after)


async def queue_post(
    work: UnitOfWork,
    subject: Subject,
    text: str,
    extra: Mapping[str, Any] | None = None,
    *,
    priority: int = INTERACTIVE,
    part: str = "",
) -> None:
    """Say something in the subject's channel: ``notice:<name>`` of a case, ``problem:<name>``.

    ``extra`` must be JSON. ``part`` is a lane of its own, for what others may send as often as
    they like. Where no channel exists or is on its way, nothing is queued.
    """
    after = await channel_row(work, subject)
    if after is None and subject.channel_id is None:
        return  # there never was a channel in which this could be read
    facts = {**subjects.introduce_subject(subject), **(extra or {})}
    said = {"text": text, "extra": facts, **_kept(subject)}
    _leave(work, subject, "post", part, said, after=after, priority=priority)


def _kept(subject: Subject | None) -> dict[str, Any]:
    if not isinstance(subject, Case):
        return {}
    return {"then": {name: getattr(subject, name) for name in KEPT_COLUMNS}}


async def queue_take_back(work: UnitOfWork, problem: Problem, post: Outbox) -> None:
    """Replace what an earlier row said in the problem's channel by a line without any name.

    It stands in the lane of the posts, so it is performed after ``post`` itself, even where that is
    still to be sent.
    """
    after = await channel_row(work, problem)
    _leave(work, problem, "take_back", "", {"post": post.id}, after=after)


async def queue_dm(
    work: UnitOfWork,
    user: str,
    text: str,
    subject: Subject | None = None,
    extra: Mapping[str, Any] | None = None,
    *,
    priority: int = INTERACTIVE,
    with_channel: bool = False,
    asked_in: Mapping[str, str] | None = None,
) -> None:
    """Say something to one person, in the lane of their DMs (``dm:<user id>``).

    ``with_channel`` waits until the channel can be linked. ``extra`` must be JSON; for a problem
    its number, title and channel are added. ``asked_in`` is where they also read it, privately and
    as best effort, when they asked for it there. The language is chosen when the row is performed,
    and what a restricted case must not tell a person who is no longer on it is left out then.
    Of a technical lead in focus it may be kept back (``bot/focus_guard.py``).
    """
    about = subjects.introduce_subject(subject) if subject else {}
    said = {"user": user, "text": text, "extra": {**about, **(extra or {})}, **_kept(subject)}
    said |= {"asked_in": place} if (place := _known_place(asked_in)) else {}
    if is_alias(user) or keeps_back(work, user, subject, said):
        return  # of one who was erased there is only a pseudonym
    after = await channel_row(work, subject) if subject and with_channel else None
    case = subject if isinstance(subject, Case) else None
    work.leave("dm", f"dm:{user}", said, case=case, after=after, priority=priority)


def _known_place(asked_in: Mapping[str, str] | None) -> dict[str, str]:
    return {name: value for name, value in (asked_in or {}).items() if value}


async def keep_for_morning(
    work: UnitOfWork, user: str, text: str, case: Case, extra: Mapping[str, Any]
) -> None:
    """Keep a direct message until the person's next morning, at the policy's hour for digests.

    Their zone is what is known of it, else the policy's. ``extra`` must be JSON.
    ``bot.core.mornings`` says it. Of a drill nothing is kept: what is said is said while it lasts.
    """
    person = await work.session.get(Person, user)
    if case.drill:
        return
    zone = person.timezone if person else work.policy.timezone
    at = daily_times.next_morning(work.now, zone, work.policy.digest_hour)
    work.session.add(
        MorningNotice(user_id=user, case_number=case.number, text=text, extra=dict(extra), at=at)
    )


async def queue_reminder(
    work: UnitOfWork,
    case: Case,
    reminder: Reminder,
    extra: Mapping[str, Any],
    *,
    known: Mapping[str, Iterable[str]] | None = None,
    priority: int = INTERACTIVE,
) -> None:
    """Say what has come due to those whom its row names: in the channel, then to each by DM.

    ``known`` are user ids by audience; by default the case's owner. A role is held by those whom
    the policy names; of a restricted case they hear nothing. Each person gets one DM at most.
    Raises ValueError for an audience of the row that ``known`` lacks.
    """
    if Audience.CHANNEL in reminder.who:
        await queue_post(work, case, reminder.template, extra, priority=priority)
    people = {Audience.OWNER: (case.owner,), **(known or {})}
    roles = {} if case.sensitive else work.policy.roles
    for user in find_recipients(reminder.who, people, roles):
        await queue_dm(work, user, reminder.template, case, extra, priority=priority)


async def queue_document(work: UnitOfWork, case: Case, document: str) -> None:
    """Put a rendered document (``postmortem``) into the channel as a file, after earlier posts.

    It is rendered when the row is performed, so it shows the case as it is then.
    """
    after = await channel_row(work, case)
    _leave(work, case, "file", "", {"document": document}, after=after)
