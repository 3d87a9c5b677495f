"""What the settings say, and what is wrong with them; nothing is imported that they do not need."""

from pydantic import ValidationError

from bot.settings import Settings
from messages.clients.helpdesks import Connector, Reader, read_here


def connectors(settings: Settings, read: Reader = read_here) -> list[Connector]:
    """The help desks in which we can answer, by ``settings``; ``read`` reads what is written."""
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
    """Each mistake in the settings, by its environment variable."""
    found = []
    for detail in error.errors():
        name = str(detail["loc"][0]).upper() + ": " if detail["loc"] else ""
        found.append(name + detail["msg"].removeprefix("Value error, "))
    return found
