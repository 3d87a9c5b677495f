"""The quarterly review, for those who may read it, and its calendar file."""

import asyncio

from bot.rules.facts import PersonFacts
from handlers.answers.given import Given, read_number
from handlers.ports import Services
from messages.clients.own_files import OwnFile
from messages.kit.blocks import Message, message, section
from messages.kit.texts import t
from messages.meetings.quarterly_file import write_review
from messages.reports.quarterly import quarterly_answer


async def show_quarterly_review(services: Services, viewer: PersonFacts, given: Given) -> Message:
    """The review of the button, else of the quarter that was typed, else the newest one.

    Raises UserError ``odd_quarter``, ``no_such_quarter``.
    """
    found = await services.reports.review(
        str(given.get("period") or ""), read_number(given, "review")
    )
    writes = services.reports.may_write(viewer.user_id)
    return quarterly_answer(found, viewer.language, viewer=viewer.user_id, writes=writes)


async def show_quarterly_file(services: Services, viewer: PersonFacts, given: Given) -> Message:
    """The calendar file goes into the viewer's conversation with the app; the answer says so.

    Raises UserError ``no_such_quarter``, SlackError where Slack does not take it.
    """
    found = await services.reports.review("", read_number(given, "review"))
    content = await asyncio.to_thread(write_review, found, viewer.language)
    summary = t(viewer.language, "quarterly.file_summary", period=found.period.key)
    name = f"quarterly-review-{found.period.key}.ics"
    await services.reports.send(viewer.user_id, [OwnFile(name, summary, content)])
    said = t(viewer.language, "quarterly.file_sent")
    return message(said, section(said))
