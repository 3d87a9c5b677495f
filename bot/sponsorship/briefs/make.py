"""Who is given a brief: sponsor and deputy as a quarter ends, and whoever asks and may know.

A quarter ends when its contact is due, which is the membership's ``brief_at``. What is given is a
``SponsorBrief`` and a row of the outbox, one for each reader; the text is made when that is sent.
Who asks twice gets two, as the second may say more.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any, ClassVar

from sqlmodel import col, or_, select

from bot import effects
from bot.core import unreachable
from bot.core.access import organisational_roles, require_permission
from bot.engine.due import Reminder
from bot.engine.inbox import Answer
from bot.engine.intent import AllowanceKind, Hidden, Intent, OptionalLine
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.names import fold_name
from bot.rules.sponsorship.brief import build_quarter, quarter_at
from bot.rules.states import SponsorshipState
from bot.sponsorship.queries import knows_whole
from bot.sponsorship.rows import zone_of
from storage.models import Account, SponsorBrief, Sponsorship

KIND = "sponsor_brief"  # of its row in the outbox
GOOD_FOR = timedelta(days=30)  # a link; whoever needs it later asks again
EARLY = timedelta(days=14)  # of a quarter, in which a brief that is asked for is of the one before


class SendBrief(Intent):
    """Be given the brief of an account; ``customer`` is a part of its name, empty for one's own."""

    verb: ClassVar[str] = "send_brief"
    allowance: ClassVar[AllowanceKind | None] = AllowanceKind.REQUESTS
    membership: Hidden[int | None] = None
    customer: OptionalLine = ""


async def send_brief(work: UnitOfWork, intent: SendBrief) -> Answer | None:
    """Give the actor the brief of the quarter, in its first days of the quarter before.

    It comes as a direct message. Raises UserError ``no_such_sponsorship``, also for an account of
    which the actor may not know why it is in the programme, ``sponsorship_not_begun``,
    ``which_sponsorship`` (``customers``).
    """
    await require_permission(work, None, "send_brief")
    row = _choose(await _find(work, intent), fold_name(intent.customer))
    if row.state is not SponsorshipState.ACTIVE or row.began_at is None:
        raise UserError("sponsorship_not_begun", customer=row.customer)
    zone = zone_of(work.policy)
    began = row.began_at.astimezone(zone).date()
    quarter, number = quarter_at(began, work.now, zone)
    if number > 1 and work.now < quarter.begins + EARLY:
        number -= 1
    await _give(work, row, number, [work.actor.user_id], priority=effects.INTERACTIVE)
    return Answer(text="sponsorship:brief_comes", extra={"customer": row.customer})


async def _find(work: UnitOfWork, intent: SendBrief) -> list[Sponsorship]:
    """The memberships that may be meant, of those that the actor may know wholly.

    By id, else by a part of the account's name or by its key, else those that the actor sponsors or
    is the deputy of. Nominations that have not begun are among them, but for the last.
    """
    me, query = work.actor.user_id, select(Sponsorship, Account)
    query = query.outerjoin(Account, col(Account.key) == col(Sponsorship.account_key))
    query = query.where(col(Sponsorship.live_key).is_not(None)).order_by(col(Sponsorship.id))
    if intent.membership is not None:
        query = query.where(col(Sponsorship.id) == intent.membership)
    elif intent.customer:
        part = fold_name(intent.customer)
        named = col(Account.folded).contains(part, autoescape=True)
        query = query.where(or_(named, col(Sponsorship.live_key) == intent.customer))
    else:
        query = query.where(
            or_(col(Sponsorship.sponsor) == me, col(Sponsorship.deputy) == me),
            col(Sponsorship.state) == SponsorshipState.ACTIVE,
        )
    roles = organisational_roles(work.policy, me)
    found = (await work.session.exec(query)).all()
    return [row for row, account in found if knows_whole(row, account, me, roles)]


def _choose(found: Sequence[Sponsorship], name: str) -> Sponsorship:
    """The one that is meant: the only one, else the one with exactly this folded name.

    Raises UserError ``no_such_sponsorship``, ``which_sponsorship`` (``customers``).
    """
    same = [row for row in found if fold_name(row.customer) == name]
    chosen = found if len(found) == 1 else same
    if not found:
        raise UserError("no_such_sponsorship")
    if len(chosen) != 1:
        raise UserError("which_sponsorship", customers=[row.customer for row in found])
    return chosen[0]


async def make_briefs(work: UnitOfWork, row: Sponsorship, says: Sequence[Reminder]) -> None:
    """Give sponsor and deputy the brief of the quarter that has ended; ``row`` is locked.

    After a time in which the app was away it is the newest one that is given, once. A deputy who
    may not be reached is left out, and a membership without a sponsor has its brief when it is
    asked for.
    """
    row.brief_at = None
    work.session.add(row)
    if row.state is not SponsorshipState.ACTIVE or row.began_at is None:
        return
    zone = zone_of(work.policy)
    quarter, number = quarter_at(row.began_at.astimezone(zone).date(), work.now, zone)
    row.brief_at = quarter.ends
    readers = [user for user in dict.fromkeys((row.sponsor, row.deputy)) if user]
    gone = await unreachable.list_unfit(work.session, readers)
    told = [user for user in readers if user not in gone]
    if number > 1:
        await _give(work, row, number - 1, told, priority=effects.DIGEST)


def begin_briefs(work: UnitOfWork, row: Sponsorship) -> None:
    """The first quarter of a membership that begins now: its brief is made when it ends.

    ``row.began_at`` is set before; a change of sponsor later changes no quarter.
    """
    zone = zone_of(work.policy)
    row.brief_at = build_quarter((row.began_at or work.now).astimezone(zone).date(), 1, zone).ends


async def _give(
    work: UnitOfWork, row: Sponsorship, quarter: int, readers: Iterable[str], *, priority: int
) -> None:
    """Keep for each reader that they are given the brief, and queue the message that carries it.

    It goes into the lane of the person's direct messages, so it comes after what was said before.
    """
    for user in readers:
        brief = SponsorBrief(
            sponsorship=row.id, reader=user, quarter=quarter, made_at=work.now,
            expires_at=work.now + GOOD_FOR,
        )  # fmt: skip
        work.session.add(brief)
        await work.session.flush()
        about: dict[str, Any] = {"brief": brief.id, "user": user}
        work.leave(KIND, f"dm:{user}", about, priority=priority)
