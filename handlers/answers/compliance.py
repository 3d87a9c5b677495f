"""Who may know what, for those who look after it, and as a file that is kept."""

import asyncio

from bot.rules.facts import PersonFacts
from handlers.answers.given import Given, read_number
from handlers.ports import Services
from messages.clients.own_files import OwnFile
from messages.kit.blocks import Message, message, section
from messages.kit.texts import t
from messages.reports.access import access_answer, access_rows


async def show_access_review(services: Services, viewer: PersonFacts, given: Given) -> Message:
    """The list as it stands now, with the button that signs it for those who may.

    Raises UserError ``no_such_access_review``.
    """
    found = await services.reports.access(read_number(given, "review"))
    signs = services.reports.may_sign_access(viewer.user_id)
    return access_answer(found, viewer.language, signs=signs)


async def show_access_file(services: Services, viewer: PersonFacts, given: Given) -> Message:
    """The list as rows of a spreadsheet, into the viewer's conversation with the app.

    The answer says so. Raises UserError ``no_such_access_review``, SlackError where Slack does not
    take it.
    """
    language = viewer.language
    found = await services.reports.access(read_number(given, "review"))
    content = await asyncio.to_thread(access_rows, found, language)
    title = t(language, "access.title", period=found.period.key)
    await services.reports.send(
        viewer.user_id, [OwnFile(f"access-{found.period.key}.csv", title, content)]
    )
    said = t(language, "access.file_sent", digest=found.digest)
    return message(said, section(said))
