"""What is read about customers who may meet the same: by those who lead, and by who tells them."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.cases.queries import Reading
from bot.core.access import all_roles, exists_for, on_case
from bot.customers.composer import write_to_many
from bot.engine.unit_of_work import WorkServices
from bot.errors import UserError
from bot.learning.outreach.find import find_accounts
from bot.learning.outreach.tell import SIGNED
from bot.rules.facts import PersonFacts
from bot.rules.learning.outreach import OutreachLine, OutreachPage, OutreachState, RiskAccount
from bot.rules.learning.similar import what_worked
from bot.rules.permissions import PERMISSIONS
from bot.rules.words import Language, MessageKind
from storage.models import Account, Case, Outreach, OutreachAccount

LINES = 12  # customers on one answer; Slack takes fifty blocks


class OutreachReading:
    """The store's answers; locks nothing."""

    def __init__(self, services: WorkServices, cases: Reading) -> None:
        """``cases`` decides who may read a case; nothing is read yet."""
        self._services, self._cases = services, cases

    async def page(self, viewer: str, number: int | None) -> OutreachPage:
        """What the viewer may see of a case, else their own of all cases, those that wait first.

        Who was asked to tell a customer sees their own rows, also without a role that reads cases.
        Raises UserError ``no_such_case``.
        """
        async with self._services.database.read() as session:
            if number is None:
                return await self._own(session, viewer)
            case = await session.get(Case, number)
            own = await _lines(session, viewer, number) if case and not case.sensitive else []
        if case is None or not any(line.mine for line in own):
            await self._cases.case(number, viewer, "outreach")
        async with self._services.database.read() as session:
            return await self._of_case(session, viewer, number)

    async def _own(self, session: AsyncSession, viewer: str) -> OutreachPage:
        """Whom the viewer was asked to tell and has not answered, of all cases, the newest first.

        Those of a case that was restricted since are left out unless the viewer is on it.
        """
        lines = [each for each in await _lines(session, viewer) if each.mine]
        return OutreachPage(None, lines=tuple(lines[:LINES]), more=max(0, len(lines) - LINES))

    async def _of_case(self, session: AsyncSession, viewer: str, number: int) -> OutreachPage:
        """The case's page. Whether the viewer may read something of it was asked.

        Who may have customers told sees all lines and who else may meet it; others their own lines.
        Of a case that is restricted by now neither is shown, not even to those who are on it.
        """
        case = await session.get_one(Case, number)
        if case.sensitive:
            return OutreachPage(number, case.component, restricted=True)
        roles = await all_roles(session, self._services.policy, viewer, case)
        wanted = PERMISSIONS["tell_csms"]
        there = await exists_for(session, self._services.policy, case, viewer)
        whole = there and isinstance(wanted, frozenset) and bool(wanted & roles)
        lines = await _lines(session, viewer, number, every=whole)
        lines = lines if whole else [each for each in lines if each.mine]
        head = await session.get(Outreach, number)
        running = head is not None and head.sent_at is not None and head.ended_at is None
        found: tuple[RiskAccount, ...] = ()
        if whole and not running:
            now = self._services.clock.now()
            done = {each.id for each in lines if each.state is not OutreachState.ENDED}
            keys = await _keys(session, done)
            at_risk = await find_accounts(session, case, now)
            found = tuple(each for each in at_risk if each.key not in keys)
        return OutreachPage(
            number,
            case.component,
            found,
            tuple(lines[:LINES]),
            max(0, len(lines) - LINES),
            whole=whole,
            running=running,
        )

    async def composing(self, number: int, viewer: PersonFacts) -> Mapping[str, Any]:
        """What the form opens with that has customers told.

        ``count`` customers, ``languages`` (codes) with ``text_<language>`` for each, the approved
        words, and ``worked``, what helped in the case. Raises UserError ``no_such_case``.
        """
        await self._cases.case(number, viewer.user_id, "outreach")
        async with self._services.database.read() as session:
            page = await self._of_case(session, viewer.user_id, number)
            case = await session.get_one(Case, number)
            keys = [each.key for each in page.found]
            spoken = select(Account.language).where(col(Account.key).in_(keys)).distinct()
            read = set((await session.exec(spoken)).all())
        languages = [each for each in Language if each.value in read]
        now = self._services.clock.now()
        texts = {
            f"text_{each.value}": await write_to_many(
                self._services, MessageKind.PRECAUTION, each, SIGNED, now
            )
            for each in languages
        }
        return {
            "count": len(keys),
            "component": case.component,
            "languages": [each.value for each in languages],
            "worked": what_worked(case.workaround_note, case.resolution_note),
            **texts,
        }

    async def one(self, number: int, viewer: str, which: int) -> OutreachLine:
        """A customer of whom the viewer may say whether they were told.

        Raises UserError ``no_such_case``, ``no_such_telling``.
        """
        page = await self.page(viewer, number)
        async with self._services.database.read() as session:
            lines = await _lines(session, viewer, number, every=page.whole)
        found = next((each for each in lines if each.id == which and each.mine), None)
        if found is None:
            raise UserError("no_such_telling")
        return found


async def _keys(session: AsyncSession, rows: set[int]) -> set[str]:
    """The accounts of the rows with these ids, by key; of no ids none."""
    query = select(OutreachAccount.account_key).where(col(OutreachAccount.id).in_(rows))
    return set((await session.exec(query)).all())


async def _lines(
    session: AsyncSession, viewer: str, number: int | None = None, *, every: bool = False
) -> Sequence[OutreachLine]:
    """Rows of a case, else the viewer's own of all that are not restricted; what waits first.

    With ``every`` the viewer may answer all of them.
    """
    query = (
        select(OutreachAccount, Account, Case)
        .join(Account, col(Account.key) == col(OutreachAccount.account_key))
        .join(Case, col(Case.number) == col(OutreachAccount.case_number))
        .order_by(col(OutreachAccount.case_number).desc(), col(OutreachAccount.id))
    )
    if number is not None:
        query = query.where(col(OutreachAccount.case_number) == number)
    else:
        query = query.where(
            col(OutreachAccount.user_id) == viewer,
            col(OutreachAccount.state) == OutreachState.WAITING,
        )
    found = []
    for row, account, case in (await session.exec(query)).all():
        if case.sensitive and not await on_case(session, case, viewer):
            continue
        contact = (account.contact_name, account.contact_email)
        found.append(
            OutreachLine(
                row.id,
                row.case_number,
                row.component,
                account.name,
                ", ".join(part for part in contact if part),
                row.user_id,
                row.text,
                OutreachState(row.state),
                row.why,
                row.answered_by,
                row.answered_at,
                mine=every or row.user_id == viewer,
            )
        )
    return sorted(found, key=lambda each: each.state is not OutreachState.WAITING)
