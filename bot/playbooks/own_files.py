"""The organisation's own playbook files: read at the start and each hour, kept as last read well.

``OwnPlaybook`` has what each file came to. A file with mistakes changes nothing of what is in
force, which is what it said before, else ours of that key, and administrators hear of it once, each
time that it has others. A file that is gone takes its playbook with it; a folder that cannot be
read takes none. Every process has what the table says.
"""

import asyncio
from collections.abc import Sequence
from typing import Protocol

import structlog
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import effects
from bot.core.access import administrators
from bot.customers.channels import Outside
from bot.engine.actors import SYSTEM, Actor
from bot.engine.unit_of_work import UnitOfWork, WorkServices
from bot.errors import new_reference
from bot.playbooks.folder import FOLDER, read_folder
from bot.rules.learning.own_playbooks import OwnFile, read_own
from bot.rules.learning.playbooks import Playbook, PlaybookError, use_own
from storage.models import OwnPlaybook

log = structlog.get_logger()


class PlaybookServices(WorkServices, Protocol):
    """What reading the files needs of the process."""

    @property
    def outside(self) -> Outside:
        """What the administrator set, the folder among it."""


async def refresh_playbooks(services: PlaybookServices) -> None:
    """Read the folder anew, keep what it came to, and have it in force in this process.

    Without a folder in the settings ours alone are in force.
    """
    folder = services.outside.playbooks_dir
    if folder is None:
        use_own({})
        return
    found = await asyncio.to_thread(read_folder, folder)
    async with UnitOfWork.begin(services, Actor(SYSTEM, "files"), new_reference()) as work:
        await services.database.exclusive(work.session, "playbooks")
        faults = await _keep(work, found)
        for user in administrators(work.policy) if faults else ():
            said = {"folder": str(folder), "faults": faults}
            await effects.queue_dm(work, user, "playbook:files_wrong", extra=said)
        await work.session.flush()
        await have_in_force(work.session)


async def _keep(work: UnitOfWork, found: Sequence[OwnFile]) -> list[str]:
    """Store what the files came to; answers the mistakes that were not told yet.

    A file is a row. Where the folder itself could not be read, or not all of it, the rows of files
    that were not found stay: they may be there all the same.
    """
    rows = {row.key: row for row in (await work.session.exec(select(OwnPlaybook))).all()}
    news: list[str] = []
    for each in found:
        row = rows.pop(each.key, None) or OwnPlaybook(key=each.key, read_at=work.now)
        fault = "\n".join(each.mistakes)
        if fault and fault != row.fault:
            news += each.mistakes
            log.warning("playbook_file_wrong", file=each.key, mistakes=len(each.mistakes))
        if (fault, each.content or row.content) != (row.fault, row.content):
            row.read_at = work.now
        row.fault, row.content = fault, each.content or row.content
        work.session.add(row)
    unread = any(each.key == FOLDER for each in found)
    for row in rows.values():
        if row.key == FOLDER or not unread:
            await work.session.delete(row)
    return news


async def have_in_force(session: AsyncSession) -> None:
    """Have the stored playbooks in force in this process.

    One that this version cannot read any more, such as after a downgrade, is left out.
    """
    own: dict[str, Playbook] = {}
    for row in (await session.exec(select(OwnPlaybook).order_by(OwnPlaybook.key))).all():
        try:
            own |= {row.key: read_own(row.key, row.content)} if row.content else {}
        except (PlaybookError, KeyError):
            log.error("playbook_unreadable", playbook=row.key)
    use_own(own)
