"""What stands elsewhere of a person who is erased here, and who must delete it: ids, no names."""

from typing import Any

from sqlalchemy import func, select
from sqlmodel import SQLModel
from sqlmodel.ext.asyncio.session import AsyncSession

from bot.compliance.erasure.finding import Found, parts_of


async def list_elsewhere(session: AsyncSession, found: Found) -> dict[str, dict[str, Any]]:
    """By kind of place, for each case and problem of which rows name them, where to look.

    ``channels`` are ids of Slack's, ``tickets`` the help desk and the number, ``bugs`` keys of the
    tracker, ``mails`` how many emails, ``shared`` channels that the customer shares.
    """
    tables = SQLModel.metadata.tables
    connection = await session.connection()
    places: dict[str, dict[str, Any]] = {}
    for part in parts_of(found.cases):
        case = tables["escalation"].c
        query = select(
            case.number, case.channel_id, case.helpdesk, case.ticket, case.ticket_url, case.bug_key
        ).where(case.number.in_(part))
        for number, channel, helpdesk, ticket, url, bug in (await connection.execute(query)).all():
            name = f"ESC-{number}"
            _put(places, "channels", name, channel)
            _put(places, "tickets", name, f"{helpdesk} {ticket}" if ticket else bool(url))
            _put(places, "bugs", name, bug)
        for kind, table in (("mails", tables["mail"].c), ("shared", tables["connect_thread"].c)):
            value = func.count() if kind == "mails" else func.min(table.channel_id)
            counted = select(table.case_number, value).where(table.case_number.in_(part))
            rows = await connection.execute(counted.group_by(table.case_number))
            for number, what in rows.all():
                _put(places, kind, f"ESC-{number}", what)
    for part in parts_of(found.problems):
        problem = tables["problem"].c
        query = select(problem.number, problem.channel_id).where(problem.number.in_(part))
        for number, channel in (await connection.execute(query)).all():
            _put(places, "channels", f"PRB-{number}", channel)
    return places


def _put(places: dict[str, dict[str, Any]], kind: str, name: str, what: Any) -> None:
    """Note a place; nothing for an empty one."""
    if what:
        places.setdefault(kind, {})[name] = what
