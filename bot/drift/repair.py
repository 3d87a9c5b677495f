"""What people and events ask about a case's channel: look at it, or put it right.

Both intents only queue effects (bot/drift/performers.py); whether a repair worked is told by the
look that ends it. A case that never got a channel is repaired by bot/core/no_channel.py.
"""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import StringConstraints
from sqlalchemy import update
from sqlmodel import col

from bot import effects
from bot.core import no_channel
from bot.core.access import require_permission
from bot.core.notify import channel_invitees
from bot.core.steps import refresh_card
from bot.drift import detect as drift
from bot.engine.actors import SYSTEM
from bot.engine.inbox import Answer
from bot.engine.intent import OnCase, Record
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.drift import EXPOSED, LOST
from bot.rules.states import ChannelState, OutboxState
from bot.rules.words import Drift
from bot.slack.move_to_private import leave_channel
from bot.subjects import build_lane
from storage.models import Case, Outbox


class Look(OnCase):
    """Something happened to the case's channel; ``hint`` is what it may have been.

    Sent for channel events of Slack and by people. Leaves no entry in the timeline: what is found
    is recorded, not the looking.
    """

    verb: ClassVar[str] = "look"
    record: ClassVar[Record] = Record.NONE  # what is found is recorded, not the looking
    hint: Drift | None = None


class RepairChannel(OnCase):
    """Put right what Slack shows otherwise.

    ``way`` ``new`` opens another channel in place of a lost one, a private one where others than
    our own people read the old; it means the same as ``same`` where the channel is not lost.
    """

    verb: ClassVar[str] = "mend"
    way: Annotated[str, StringConstraints(pattern="^(same|new)$")] = "same"


async def note_channel_event(work: UnitOfWork, intent: Look) -> Answer | None:
    """Queue a look at the case's channel; nothing happens for a case without a live one.

    Raises UserError ``no_such_case``, and what ``require_permission`` raises for a person who may
    not.
    """
    case = await work.case(intent.case)
    if work.actor.user_id != SYSTEM:
        await require_permission(work, case, "look")
    if drift.is_live(case):
        await effects.queue_look(work, case, intent.hint)
    return None


async def repair_channel(work: UnitOfWork, intent: RepairChannel) -> Answer | None:
    """Queue what puts right everything that is not as the store says.

    With way ``new`` a lost channel is given up for another; what was not said is said there. A
    deleted channel is always replaced.
    Each difference is noted as ``mend`` with ``drift`` and ``way``.

    Raises UserError ``nothing_to_mend``, ``no_such_case``, and what ``require_permission`` raises.
    """
    case = await work.case(intent.case)
    wrong = {Drift(what) for what in case.drift}
    homeless = Drift.NO_CHANNEL in wrong
    if work.actor.user_id != SYSTEM:
        await require_permission(work, case, "make_channel" if homeless else "mend")
    if not wrong or not (homeless or drift.is_live(case)):
        raise UserError("nothing_to_mend")
    for what in sorted(wrong):
        work.note(case, "mend", after={"drift": what.value, "way": intent.way})
    if homeless:
        await no_channel.make_channel_again(work, case, asked=work.actor.user_id)
    elif wrong & EXPOSED and intent.way == "new":
        await _tell_moved(work, case, await leave_channel(work, case, min(wrong & EXPOSED).value))
    elif wrong & LOST and (intent.way == "new" or Drift.DELETED in wrong):
        await _new_channel(work, case, wrong)
    else:
        await _same_channel(work, case, wrong)
    return None


async def _new_channel(work: UnitOfWork, case: Case, wrong: set[Drift]) -> None:
    """Make another channel with card and people, and say where the case was before.

    The notice ``moved`` carries ``what`` (why the old one was lost), ``old`` (its id) and
    ``called`` (its name); it goes into the new channel and to the person who asked. Posts of the
    old channel that still wait are put behind the new one.
    """
    said = {"what": min(wrong & LOST).value, "old": case.channel_id, "called": case.channel_name}
    case.channel_id = case.channel_name = case.card_ts = case.topic = None
    case.channel_state, case.drift = ChannelState.WANTED, {}
    work.note(case, "moved", after={"called": said["called"] or "", "old": said["old"]})
    made = await effects.open_channel(
        work,
        case,
        await channel_invitees(work, case) | await drift.channel_members_needed(work, case),
    )
    await _wait_for_channel(work, case, made)
    await effects.queue_post(work, case, "notice:moved", said)
    await _tell_moved(work, case, said)
    await work.queue("look", build_lane(case, "look"), case=case, after=made)
    await refresh_card(work, case)


async def _tell_moved(work: UnitOfWork, case: Case, said: Mapping[str, Any]) -> None:
    """Tell the person who asked, once the new channel can be linked."""
    if work.actor.user_id != SYSTEM:
        await effects.queue_dm(
            work, work.actor.user_id, "notice:moved", case, said, with_channel=True
        )


async def _wait_for_channel(work: UnitOfWork, case: Case, made: int) -> None:
    """Make the undelivered posts of the old channel wait for row ``made``: the new channel.

    Only pending rows of the case that were queued before ``made``; a row that delivery is
    performing at this moment is among them.
    """
    waiting = (
        col(Outbox.case_number) == case.number,
        col(Outbox.id) < made,
        col(Outbox.kind).in_(effects.IN_CHANNEL),
        col(Outbox.state) == OutboxState.PENDING,
    )
    await work.session.exec(update(Outbox).where(*waiting).values(after=made))


async def _same_channel(work: UnitOfWork, case: Case, wrong: set[Drift]) -> None:
    """Queue one effect after the other, then a look that tells the asker whether it worked.

    Each row waits for the one before it; the order is rejoin, rename, topic, card, pin, invite,
    look. All have the priority of what a person waits for.
    """
    steps: list[tuple[str, str, dict[str, object]]] = []
    if wrong & (LOST - EXPOSED):
        steps.append(("rejoin", "look", {}))
    if Drift.RENAMED in wrong:
        steps.append(("rename", "look", {}))
    if Drift.TOPIC in wrong:
        steps.append(("topic", "topic", {}))
    if Drift.CARD in wrong:
        case.card_ts = None
        steps.append(("card", "card", {}))
    if wrong & {Drift.CARD, Drift.PIN}:
        steps.append(("pin", "card", {}))
    if Drift.MEMBER in wrong:
        users = case.drift[Drift.MEMBER.value]["seen"].split(",")
        steps.append(("invite", "people", {"users": users}))
    after: int | None = None
    steps.append(("look", "look", {"mender": work.actor.user_id}))
    for kind, lane, payload in steps:
        after = await work.queue(
            kind,
            build_lane(case, lane),
            payload,
            case=case,
            after=after,
            priority=effects.INTERACTIVE,
        )
    work.session.add(case)
