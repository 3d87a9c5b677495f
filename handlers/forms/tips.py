"""The tip below a form, the first times that a person opens it."""

from bot.engine.actors import ReplyTo
from bot.readiness.tips import SeenTip
from bot.rules.facts import PersonFacts
from handlers.forms.drawing import View
from handlers.ports import Services
from handlers.slack.requests import Asked
from messages.kit.blocks import VIEW_BLOCKS_MAX
from messages.readiness.tips import form_tip, has_tip


async def add_tip(services: Services, asked: Asked, viewer: PersonFacts, view: View) -> View:
    """The form with its tip, where it is due; that it was shown is counted in the background.

    A form of so many blocks that there is no room stays as it is.
    """
    verb = str(view["callback_id"])
    bare = len(view["blocks"]) >= VIEW_BLOCKS_MAX or not has_tip(verb, viewer.language)
    if bare or not await services.learning.wants_tip(asked.user, verb):
        return view
    services.background(_count(services, asked, verb), "tip")
    return {**view, "blocks": [*view["blocks"], form_tip(verb, viewer.language)]}


async def _count(services: Services, asked: Asked, verb: str) -> None:
    """Have it counted, once for each request; the message whose button was pressed stays."""
    reply = ReplyTo(asked.user)
    await services.accept(SeenTip(form=verb), asked.actor, f"{asked.key}:tip", reply)
