"""A drill begins: a case of no customer, in a private channel, for those who play it.

It is not opened as a case is: no one is on duty for it, no account is looked up, no one is told but
those who play.
"""

from datetime import datetime
from typing import ClassVar

from sqlmodel import col, select

from bot import effects
from bot.core.access import plays, require_permission
from bot.core.steps import give_role
from bot.engine.actors import SYSTEM
from bot.engine.inbox import Answer
from bot.engine.intent import AllowanceKind, Intent, Record, SlackUser
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.learning.drills import LASTS
from bot.rules.words import Language, Role, Severity, Status, Trigger
from bot.sla import clocks
from messages.kit.texts import t
from storage.in_hand import hold_case
from storage.models import Case, Drill


class StartDrill(Intent):
    """Play a case, alone or with colleagues.

    ``colleague`` becomes its technical lead, ``another`` its agent; whom the policy names for these
    roles does not matter here.
    """

    verb: ClassVar[str] = "start_drill"
    record: ClassVar[Record] = Record.CASE
    allowance: ClassVar[AllowanceKind | None] = AllowanceKind.REQUESTS
    colleague: SlackUser | None = None
    another: SlackUser | None = None


async def start_drill(work: UnitOfWork, intent: StartDrill) -> Answer | None:
    """Open the drill's case and channel; each who plays is told, with the way to it.

    Timeline ``start_drill``: ``users``, the Slack ids of those who play. Raises UserError
    ``drill_runs`` (``reference``: the name of its channel) where the actor plays one already.
    """
    await require_permission(work, None, "start_drill")
    me = work.actor.user_id
    await _require_none(work, me)
    players = list(dict.fromkeys(filter(None, (me, intent.colleague, intent.another))))
    case = await _insert(work, players)
    await give_role(work, case, Role.REPORTER, me, given_by=SYSTEM)
    await give_role(work, case, Role.AGENT, players[-1], given_by=SYSTEM)
    if len(players) > 1:
        await give_role(work, case, Role.TECHNICAL_LEAD, players[1], given_by=SYSTEM)
    work.note(case, "start_drill", after={"users": players})
    ends_at = work.now + LASTS
    work.session.add(
        Drill(case_number=case.number, begun_by=me, begun_at=work.now, ends_at=ends_at)
    )
    await clocks.start_clocks(work, case)
    await effects.open_channel(work, case, players)
    await _tell(work, case, players, ends_at)
    return None


async def _require_none(work: UnitOfWork, user: str) -> None:
    """Refuse a person who plays a drill that has not ended, also one that a colleague began.

    Few run at once, so each is looked at. Raises UserError ``drill_runs``.
    """
    running = select(Drill.case_number).where(col(Drill.ended_at).is_(None))
    for number in (await work.session.exec(running)).all():
        case = await work.session.get_one(Case, number)
        if plays(case, user):
            raise UserError("drill_runs", reference=f"drill-{number}")


async def _insert(work: UnitOfWork, players: list[str]) -> Case:
    """Store the case; the columns that bring it to others' attention stay empty.

    It is restricted, so that all that keeps a restricted case secret keeps this one too.
    """
    spoken: Language = work.policy.languages[0]
    case = Case(
        customer=t(spoken, "drill.customer"),
        stake=t(spoken, "drill.stake"),
        trigger=Trigger.TECHNICAL.value,
        severity=Severity.SEV2.value,
        status=Status.NEW.value,
        sensitive=True,
        drill=True,
        drill_for={user: work.now.isoformat() for user in players},
        contact_name=t(spoken, "drill.contact"),
        language=spoken.value,
        reporter=players[0],
        owner=players[0],
        policy_version=work.policy.version,
        received_at=work.now,
        opened_at=work.now,
        changed_at=work.now,
    )
    work.session.add(case)
    await work.session.flush()
    hold_case(work.session, case, new=True)
    return case


async def _tell(work: UnitOfWork, case: Case, players: list[str], ends_at: datetime) -> None:
    """Say in the channel what is played, and to each who plays where.

    The extra of both notices: ``by``, who began it, ``people``, who play, and ``until``, when it
    ends by itself (ISO 8601). The direct messages wait for the channel, to link to it.
    """
    said = {"by": players[0], "people": players, "until": ends_at.isoformat()}
    await effects.queue_post(work, case, "notice:drill_begun", said)
    for user in players:
        await effects.queue_dm(
            work, user, "notice:drill_invited", case, said, with_channel=True,
            priority=effects.OPENING + case.severity,
        )  # fmt: skip
