"""By which way a message reaches the customer, and how each way is called.

A route is stored as a word: ``mail`` and the help desks are those by which the app itself sends,
``ROUTES_OFFERED`` are those that a form offers to a person, and all else was typed.
"""

from bot.rules.words import HelpDesk, Language
from messages.kit.blocks import fit
from messages.kit.mrkdwn import escape
from messages.kit.texts import t

BY_MAIL = "mail"  # the app itself sends it, as by the next and by help desks
BY_CHANNEL = "slack"  # in the channel that the customer shares
ROUTES_OFFERED = ("email", "phone", "chat", "portal", "meeting")
HELP_DESKS = tuple(desk.value for desk in HelpDesk)
ROUTES = (BY_MAIL, BY_CHANNEL, *HELP_DESKS, *ROUTES_OFFERED)
TYPED_MAX = 80  # characters of a route that a person typed


def route_name(route: str, language: Language) -> str:
    """Name how a message reached the customer: a listed word, or what a person typed, escaped."""
    if route in ROUTES:
        return t(language, f"route.{route}")
    return fit(escape(" ".join(route.split())[:TYPED_MAX]), TYPED_MAX * 2)
