"""What the settings configure, and what is wrong with them.

Shared by ``cli/admin.py`` (check) and ``cli/running.py`` (run). A help desk's client is imported
only when its settings are there, so that commands start without what they do not use.
"""

from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from bot.key_files import read_key_file
from bot.rules.duty.pagers import PagerName
from bot.rules.webhook.sources import Sources, read_sources
from bot.settings import ReadableSettings, Settings
from messages.clients.helpdesks import Connector, Reader, read_here
from messages.clients.pagers import Pager
from messages.clients.trackers import Tracker

if TYPE_CHECKING:
    from messages.clients.pagers.schedules import Schedules


def connectors(settings: Settings, read: Reader = read_here) -> list[Connector]:
    """Return the help desks in which the app can answer, by ``settings``; nothing is contacted.

    Help Scout is configured by its app id, Zendesk by its subdomain; both may be. A webhook secret
    may hold two values with a space between them, while it is being changed. ``read`` extracts what
    is new from text that strangers wrote; ``run`` passes a reader that works in a process of its
    own. Intercom is configured by its access token.
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
    if settings.intercom_api_token:
        from messages.clients.helpdesks.intercom import Intercom

        found.append(
            Intercom(
                settings.intercom_api_token,
                settings.intercom_webhook_secret.split(),
                settings.intercom_api_url,
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


def bug_tracker(settings: Settings) -> Tracker | None:
    """Return the developers' bug tracker by ``settings``, None without one; nothing is contacted.

    Without an email address the token is that of Jira Data Center.
    """
    if not settings.jira_url:
        return None
    from messages.clients.trackers.jira import Jira

    return Jira(
        settings.jira_url,
        settings.jira_email,
        settings.jira_token,
        settings.jira_webhook_secret.split(),
    )


def pagers(settings: Settings) -> list[Pager]:
    """Return the pagers that wake people, by ``settings``; nothing is contacted."""
    found: list[Pager] = []
    if settings.pagerduty_routing_key:
        from messages.clients.pagers.pagerduty import PagerDuty

        found.append(
            PagerDuty(
                settings.pagerduty_routing_key,
                settings.pagerduty_api_token,
                settings.pagerduty_events_url,
                settings.pagerduty_api_url,
            )
        )
    if settings.opsgenie_key:
        from messages.clients.pagers.opsgenie import Opsgenie

        found.append(Opsgenie(settings.opsgenie_key, settings.opsgenie_api_url))
    return found


def schedules(settings: Settings) -> "dict[PagerName, Schedules]":
    """Return the pagers whose schedules the app may read, by ``settings``; nothing is contacted."""
    found: dict[PagerName, Schedules] = {}
    if settings.pagerduty_api_token:
        from messages.clients.pagers.schedules import PagerDutySchedules

        found[PagerName.PAGERDUTY] = PagerDutySchedules(
            settings.pagerduty_api_token, settings.pagerduty_api_url
        )
    if key := settings.opsgenie_schedule_key or settings.opsgenie_key:
        from messages.clients.pagers.schedules import OpsgenieSchedules

        found[PagerName.OPSGENIE] = OpsgenieSchedules(key, settings.opsgenie_api_url)
    return found


def pager_secrets(settings: Settings) -> dict[str, list[str]]:
    """Return what proves a webhook of each pager; an empty list refuses all of them."""
    return {
        "pagerduty": settings.pagerduty_webhook_secret.split(),
        "opsgenie": settings.opsgenie_webhook_secret.split(),
    }


def signing_keys(settings: Settings) -> tuple[str, ...]:
    """Return the keys that sign for customers, the newest first, each once; none where none is set.

    Reads SIGNING_KEY_FILE anew. SECRET_KEY, their name in version 0.1, is the oldest.
    """
    file = settings.signing_key_file
    given = read_key_file(file) if file else settings.signing_key.split()
    return tuple(dict.fromkeys([*given, *settings.secret_key.split()]))


def intake_sources(settings: Settings) -> Sources:
    """Return the secrets of each program that may report; reads INTAKE_SECRETS_FILE anew."""
    file = settings.intake_secrets_file
    return read_sources(read_key_file(file) if file else settings.intake_secrets.split())


def read_configured(model: type[Settings]) -> tuple[Settings, list[str]]:
    """Return the settings, and everything that is wrong with them for ``model``, a line each.

    One mistake hides no other. With mistakes the settings are what can be read of them: a setting
    with a wrong value has its default.
    """
    try:
        return model(), []
    except ValidationError as error:
        found = problems(error)
        wrong = {str(detail["loc"][0]) for detail in error.errors() if detail["loc"]}
    if not wrong:
        return ReadableSettings(), found
    defaults: dict[str, Any] = {name: Settings.model_fields[name].default for name in wrong}
    readable = ReadableSettings(**defaults)
    named = [name.upper() for name in wrong]
    further = model.model_construct(**readable.model_dump()).contradictions()
    return readable, found + [f for f in further if not any(name in f for name in named)]


def problems(error: ValidationError) -> list[str]:
    """Return each mistake in the settings as a line: ``PORT: a whole number, not 'abc'``.

    The name is the environment variable's; a mistake about several settings together has none.
    """
    found: list[str] = []
    for detail in error.errors():
        name = str(detail["loc"][0]).upper() + ": " if detail["loc"] else ""
        found += [name + line for line in _said(detail).splitlines()]
    return found


def _said(detail: ErrorDetails) -> str:
    """What pydantic says of a value, in words for who set it; only numbers are quoted."""
    context = detail.get("ctx") or {}
    match detail["type"]:
        case "int_parsing":
            return f"a whole number, not {detail['input']!r}"
        case "greater_than_equal":
            return f"at least {context['ge']}, not {detail['input']}"
        case "less_than_equal":
            return f"at most {context['le']}, not {detail['input']}"
    return detail["msg"].removeprefix("Value error, ")
