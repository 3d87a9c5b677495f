"""Saying a brief: one direct message with its link, and the PDF of the same as a file.

Words and file are one message, so that neither is there without the other. It has no buttons: what
replaces a pressed button would replace the file.
"""

import asyncio

from bot.customers.channels import customer_channels
from bot.engine.delivery import Delivery, EffectResult
from bot.engine.outbox_claims import Job
from bot.errors import UserError
from bot.rules.sponsorship.brief import Brief, list_next_steps
from bot.slack.posts import find_dm_channel, upload_once
from bot.sponsorship.briefs.reading import read_brief
from messages.sponsorship.brief import compose_brief
from messages.sponsorship.brief_pdf import draw_pdf
from messages.sponsorship.notices import sponsorship_notice
from storage.models import SponsorBrief, Sponsorship


async def deliver_brief(delivery: Delivery, job: Job) -> EffectResult:
    """Upload the PDF to the reader's conversation, with the words and the link.

    Payload: ``brief``, ``user``. A retry looks for the file by its name, which only this row gives.
    Nothing is said to a person who has left, or who may not know the account any more. Without an
    address of the app there is no link.
    """
    services, user = delivery.services, job.row.payload["user"]
    if (standing := services.people.left(user)) is not None:
        return EffectResult({"left": standing.value})
    async with services.database.read() as session:
        row = await session.get_one(SponsorBrief, job.row.payload["brief"])
        membership = await session.get_one(Sponsorship, row.sponsorship)
    person = await services.people.surely(user)
    try:
        brief = await read_brief(services, row.sponsorship, row.quarter, user)
    except UserError:
        return EffectResult({"done": "not theirs any more"})
    content = await asyncio.to_thread(draw_pdf, compose_brief(brief, person.language))
    channels = customer_channels(services)
    url = channels.brief_url(row.id, row.expires_at) if channels and channels.pages else ""
    link = {"url": url, "until": row.expires_at}
    said = sponsorship_notice("brief_ready", person.language, {**describe_brief(brief), **link})
    channel = await find_dm_channel(delivery, user, needed=True)
    name = f"brief-{membership.account_key}-{brief.quarter.last.isoformat()}-{row.id}.pdf"
    return EffectResult(await upload_once(delivery, job, channel, name, content, said.text))


def describe_brief(brief: Brief) -> dict[str, object]:
    """What the message tells of it, as JSON: ``customer``, the quarter's days, the first step."""
    return {
        "customer": brief.customer,
        "first_on": brief.quarter.first.isoformat(),
        "last_on": min(brief.quarter.last, brief.today).isoformat(),
        "step": list_next_steps(brief)[0].value,
    }
