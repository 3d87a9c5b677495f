"""What the settings configure, and what is wrong with them.

Shared by ``cli/admin.py`` (check) and ``cli/running.py`` (run). A help desk's client is imported
only when its settings are there, so that commands start without what they do not use.
"""

from pydantic import ValidationError

from bot.settings import Settings
from messages.clients.helpdesks import Connector, Reader, read_here


def connectors(settings: Settings, read: Reader = read_here) -> list[Connector]:
    """Return the help desks in which the app can answer, by ``settings``; nothing is contacted.

    Help Scout is configured by its app id, Zendesk by its subdomain; both may be. A webhook secret
    may hold two values with a space between them, while it is being changed. ``read`` extracts what
    is new from text that strangers wrote; ``run`` passes a reader that works in a process of its
    own.
    """
    found: list[Connector] = []
    if settings.helpscout_app_id:
        from messages.clients.helpdesks.helpscout import HelpScout

        found.append(
            HelpScout(
                settings.helpscout_app_id,
                settings.helpscout_app_secret,
                settings.helpscout_webhook_secret.split(),
                settings.helpscout_api_url,
                read,
            )
        )
    if settings.zendesk_subdomain:
        from messages.clients.helpdesks.zendesk import Zendesk

        found.append(
            Zendesk(
                settings.zendesk_subdomain,
                settings.zendesk_email,
                settings.zendesk_api_token,
                settings.zendesk_webhook_secret.split(),
                settings.zendesk_api_url,
                read,
            )
        )
    return found


def problems(error: ValidationError) -> list[str]:
    """Return each mistake in the settings as a line: ``PORT: Input should be …``.

    The name is the environment variable's; a mistake about several settings together has none.
    """
    found = []
    for detail in error.errors():
        name = str(detail["loc"][0]).upper() + ": " if detail["loc"] else ""
        found.append(name + detail["msg"].removeprefix("Value error, "))
    return found
