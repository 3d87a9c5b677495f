"""What the administrator sets for pagers; a part of ``bot/settings.py``, which reads it."""

from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from bot.key_files import read_key_file, require_key_file
from bot.rules.duty.ways import read_ways
from bot.secret_files import SecretSettings

PAGERDUTY_EVENTS = "https://events.pagerduty.com"
PAGERDUTY_API = "https://api.pagerduty.com"
OPSGENIE_API = "https://api.opsgenie.com"
SECRET_MIN = 16  # characters
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class PagerSettings(SecretSettings):
    """Each field is the environment variable of the same name in capitals."""

    pagerduty_routing_key: str = Field(
        "", description="the integration key of a PagerDuty service (Events API v2); empty: not"
    )
    pagerduty_webhook_secret: str = Field(
        "",
        description="signs what PagerDuty posts to /pager/pagerduty; two with a space between them"
        " while it is changed",
    )
    pagerduty_api_token: str = Field(
        "",
        description="a read-only API key, by which the app learns who acknowledged there and reads"
        " schedules of the rota",
    )
    pagerduty_events_url: str = Field(PAGERDUTY_EVENTS, description="where PagerDuty takes pages")
    pagerduty_api_url: str = Field(PAGERDUTY_API, description="where PagerDuty's REST API is")
    opsgenie_key: str = Field(
        "",
        description="the key of an API integration of an Opsgenie team, which pages and reads"
        " schedules of the rota; empty: not",
    )
    opsgenie_schedule_key: str = Field(
        "",
        description="a key that reads Opsgenie's schedules and pages nobody; empty: OPSGENIE_KEY",
    )
    opsgenie_webhook_secret: str = Field(
        "",
        description="what Opsgenie sends to /pager/opsgenie as `Authorization: Bearer …`; two with"
        " a space between them while it is changed",
    )
    opsgenie_api_url: str = Field(
        OPSGENIE_API, description="where Opsgenie's API is; https://api.eu.opsgenie.com in Europe"
    )

    page_ways: str = Field(
        "",
        description="addresses outside Slack by which people are paged: name=address, several with"
        " spaces between them; the policy names them",
    )
    page_ways_file: Path | None = Field(
        None, description="the same from a file, a name=address a line"
    )

    @field_validator("page_ways")
    @classmethod
    def _page_ways(cls, text: str) -> str:
        """Demand entries as ``read_ways`` reads them; its sentence never has an address."""
        read_ways(text.split())
        return text

    @field_validator("page_ways_file")
    @classmethod
    def _page_ways_file(cls, path: Path | None) -> Path | None:
        """Demand a file that can be read, with one entry a line at least."""
        if path is not None and not read_ways(require_key_file(path)):
            raise ValueError(f"the file {path} has no name=address in it")
        return path

    def load_ways(self) -> dict[str, str]:
        """Return the addresses by name; reads PAGE_WAYS_FILE anew. Raises OSError, ValueError."""
        file = self.page_ways_file
        return read_ways(read_key_file(file) if file else self.page_ways.split())

    @field_validator("pagerduty_events_url", "pagerduty_api_url", "opsgenie_api_url")
    @classmethod
    def _pager_url(cls, url: str) -> str:
        """Demand https, since a key is sent there; http only to this machine."""
        parts = urlsplit(url)
        near = parts.scheme == "http" and parts.hostname in LOOPBACK
        if not parts.netloc or not (parts.scheme == "https" or near):
            raise ValueError("an address begins with https://: a key goes there")
        return url

    @field_validator("pagerduty_webhook_secret", "opsgenie_webhook_secret")
    @classmethod
    def _pager_secrets(cls, secrets: str) -> str:
        """Demand ``SECRET_MIN`` characters of each of the secrets, which spaces separate."""
        if any(len(secret) < SECRET_MIN for secret in secrets.split()):
            raise ValueError(f"at least {SECRET_MIN} characters, chosen by a machine")
        return secrets

    def pager_contradictions(self) -> list[str]:
        """Return which settings of a pager mean nothing without others, a sentence each."""
        asked = {
            "PAGERDUTY_ROUTING_KEY": (
                self.pagerduty_routing_key,
                self.pagerduty_webhook_secret,
            ),
            "OPSGENIE_KEY": (self.opsgenie_key, self.opsgenie_webhook_secret),
        }
        found = [
            f"{name} is missing: other settings of that pager are there"
            for name, (key, others) in asked.items()
            if others and not key
        ]
        if self.page_ways and self.page_ways_file:
            found.append("PAGE_WAYS and PAGE_WAYS_FILE are both set; keep one of them")
        return found

    def unheard_pagers(self) -> list[str]:
        """Return which pagers page, and whose acknowledgements would not be heard, a line each."""
        asked = {
            "PAGERDUTY_WEBHOOK_SECRET": (self.pagerduty_routing_key, self.pagerduty_webhook_secret),
            "OPSGENIE_WEBHOOK_SECRET": (self.opsgenie_key, self.opsgenie_webhook_secret),
        }
        return [
            f"{name} is missing: what is acknowledged there would not be heard"
            for name, (key, secret) in asked.items()
            if key and not secret
        ]
