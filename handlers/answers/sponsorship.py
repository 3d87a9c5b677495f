"""What is shown privately of the sponsorship programme; buttons stand only where they may be
pressed.
"""

from bot.errors import UserError
from bot.rules.facts import PersonFacts
from handlers.answers.given import Given
from handlers.answers.usable import keep_usable
from handlers.ports import Services
from messages.kit.blocks import Message
from messages.sponsorship.listing import programme_texts, sponsor_brief, sponsorship_list


async def show_sponsorships(services: Services, viewer: PersonFacts, given: Given) -> Message:
    """The accounts in the programme; of one customer where it is named."""
    customer = str(given.get("customer") or "")
    found = await services.sponsorship.listed(viewer.user_id, customer)
    return await keep_usable(services, viewer, sponsorship_list(found, viewer.language))


async def show_programme(services: Services, viewer: PersonFacts, given: Given) -> Message:
    """The six texts, what is missing of them, and for those who lead it what it has brought."""
    programme = await services.sponsorship.programme()
    figures = await services.sponsorship.figures(viewer.user_id)
    shown = programme_texts(programme, viewer.language, figures)
    return await keep_usable(services, viewer, shown)


async def show_sponsor_brief(services: Services, viewer: PersonFacts, given: Given) -> Message:
    """What its sponsor reads of an account.

    Raises UserError ``no_such_sponsorship``, also where the viewer may not read why it is in it.
    """
    number = given.get("membership")
    if not isinstance(number, int):
        raise UserError("stale")
    found = await services.sponsorship.one(number, viewer.user_id)
    if not found.whole:
        raise UserError("no_such_sponsorship")
    programme = await services.sponsorship.programme()
    touches = await services.sponsorship.touches(found.id)
    return sponsor_brief(found, programme, touches, viewer.language)
