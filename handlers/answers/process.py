"""The map of the process: for everybody, with figures for those who may read them."""

import asyncio
from contextlib import suppress

from bot.errors import UserError
from bot.rules.facts import CaseFacts, PersonFacts
from handlers.answers.given import HERE, Given
from handlers.ports import Services
from messages.kit.blocks import Message
from messages.reports.map_answer import map_answer, map_files, map_sent
from messages.reports.process import map_part
from messages.reports.sheet import Part


async def show_map(services: Services, viewer: PersonFacts, given: Given) -> Message:
    """The way of a case; in a case's channel where that one is. Raises ``odd_period``."""
    part, case, link = await _map(services, viewer, given)
    return map_answer(part, case, str(given.get("period") or ""), link, viewer.language)


async def show_map_files(services: Services, viewer: PersonFacts, given: Given) -> Message:
    """Picture and files go into the viewer's conversation with the app at once.

    Raises UserError ``odd_period``, SlackError where Slack does not take them.
    """
    part, _, _ = await _map(services, viewer, given)
    await services.reports.send(viewer.user_id, await asyncio.to_thread(map_files, part))
    return map_sent(viewer.language)


async def _map(
    services: Services, viewer: PersonFacts, given: Given
) -> tuple[Part, CaseFacts | None, str]:
    """The map with the case that is meant and the link to all figures.

    A case that the viewer may not read is none, and figures that they may not read are left out.
    """
    case = await _case(services, viewer, given)
    if not services.reports.may_read(viewer.user_id):
        return map_part(viewer.language, (), case), case, ""
    report, link = await services.reports.report(viewer.user_id, str(given.get("period") or ""), "")
    return map_part(viewer.language, report.statuses, case), case, link


async def _case(services: Services, viewer: PersonFacts, given: Given) -> CaseFacts | None:
    """The case of the button, else that of the channel in which it was asked.

    A button may carry any number, so who asks must be allowed to read the case; else there is none,
    just as for a number that no case has.
    """
    named = given.get("case")
    number = named if isinstance(named, int) else None
    if number is None:
        number = await services.reading.case_in_channel(str(given.get(HERE)))
    with suppress(UserError):
        return await services.reading.case(number, viewer.user_id) if number is not None else None
    return None
