"""What the administrator sets: environment variables, or a .env file beside app.py.

The environment wins over the file; an empty variable counts as not set, and names that are no field
are ignored. Wrong values are refused together when the settings are read (pydantic's
ValidationError), before anything is started; each ``ValueError`` below is the sentence that the
administrator reads. The organisation's rules are not here but in the policy file
(``bot/rules/policy``). ``cli/admin.py`` and ``cli/running.py`` read the settings and hand the
values on.
"""

import re
from email.utils import parseaddr
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator
from pydantic_settings import SettingsConfigDict
from sqlalchemy.exc import ArgumentError

from bot.key_files import FolderSettings, require_key_file
from bot.pager_settings import PagerSettings
from bot.rules.webhook.sources import read_sources
from storage.database import async_url

HELPSCOUT_API = "https://api.helpscout.net"
INTERCOM_API = "https://api.intercom.io"
SLACK_API = "https://slack.com/api/"
TLS_WAYS = ("starttls", "tls", "none")
LOOPBACK = frozenset({"", "localhost", "127.0.0.1", "::1"})
MAILBOX = re.compile(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
SUBDOMAIN = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE)
SECRET_MIN = 16  # characters
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


class Settings(PagerSettings, FolderSettings):
    """Each field is the environment variable of the same name in capitals.

    Enough for commands that do not talk to Slack; ``RunSettings`` demands what running needs.
    Secrets are plain strings here: never log an instance.
    """

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", env_ignore_empty=True)

    slack_bot_token: str = Field("", description="the bot token, xoxb-…, from OAuth & Permissions")
    slack_app_token: str = Field("", description="the app token, xapp-…; present: Socket Mode")
    slack_signing_secret: str = Field("", description="HTTP mode: checks that Slack is asking")
    slack_api_url: str = Field(SLACK_API, description="where Slack's Web API is")
    database_url: str = Field("sqlite:///var/desk.db", description="SQLite or PostgreSQL")
    host: str = Field("127.0.0.1", description="the address to listen on")
    port: int = Field(8484, ge=0, le=65535, description="the port to listen on")
    public_url: str = Field("", description="the address at which Slack reaches HOST:PORT")
    trusted_proxies: str = Field(
        "",
        description="addresses or networks of your reverse proxies, with commas: only their"
        " X-Forwarded-For is believed",
    )
    policy_file: Path | None = Field(None, description="the organisation's policy, TOML")
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR")
    signing_key: str = Field(
        "",
        description="signs links and reply addresses; several with spaces between them, the newest"
        " first: it signs, all are accepted",
    )
    signing_key_file: Path | None = Field(
        None,
        description="the same from a file, a key a line; without either the database keeps one,"
        " which is for a laptop",
    )
    secret_key: str = Field("", description="the name of SIGNING_KEY in 0.1; still accepted")
    metrics_token: str = Field(
        "",
        description="who sends it as `Authorization: Bearer …` may read /metrics and /readyz;"
        " empty: nobody may",
    )
    keep_done_days: int = Field(
        30,
        ge=15,
        le=36500,
        description="days for which done requests and effects are kept; a case may be reopened for"
        " 14",
    )
    smtp_host: str = Field("", description="the mail server that takes our mail; empty: no mail")
    smtp_port: int = Field(587, ge=1, le=65535, description="its port; 465 with SMTP_TLS=tls")
    smtp_username: str = Field("", description="who we are to the mail server")
    smtp_password: str = Field("", description="the password that goes with it")
    smtp_tls: str = Field("starttls", description="starttls, tls (from the first byte) or none")
    mail_from: str = Field("", description="whom customers see: Northwind <help@northwind.example>")
    mail_reply_to: str = Field(
        "",
        description="the mailbox for replies, which must take help+anything@…; by default"
        " that of MAIL_FROM",
    )
    mail_inbound_secret: str = Field("", description="signs what is posted to /mail/inbound")
    intake_secrets: str = Field(
        "",
        description="who may report to /intake/<source>: source=secret, several with spaces between"
        " them; a source that is named twice has two secrets while one is changed",
    )
    intake_secrets_file: Path | None = Field(
        None, description="the same from a file, a source=secret a line"
    )
    podium_webhook_secret: str = Field(
        "",
        description="signs what Podium posts to /intake/podium; two with a space between them while"
        " it is changed",
    )
    mail_intake_address: str = Field(
        "",
        description="where customers ask for an escalation by email, such as"
        " escalations@northwind.example; empty: nowhere",
    )
    public_form: bool = Field(
        False,
        description="whether anybody may ask for an escalation at PUBLIC_URL/f/; what they send"
        " counts once they have confirmed their address",
    )
    mail_authserv_id: str = Field(
        "",
        description="the name of your mail server in Authentication-Results, whose checks of"
        " senders count; empty: every email is held for review",
    )
    helpscout_app_id: str = Field("", description="Help Scout's app, to answer there; empty: not")
    helpscout_app_secret: str = Field("", description="the secret that goes with it")
    helpscout_webhook_secret: str = Field(
        "",
        description="signs what Help Scout posts to /helpdesk/helpscout; two with a space between"
        " them while it is changed",
    )
    helpscout_api_url: str = Field(HELPSCOUT_API, description="where Help Scout's API is")
    zendesk_subdomain: str = Field(
        "", description="northwind of northwind.zendesk.com, to answer there; empty: not"
    )
    zendesk_email: str = Field("", description="the Zendesk agent as whom we answer")
    zendesk_api_token: str = Field("", description="an API token of the account")
    zendesk_webhook_secret: str = Field(
        "",
        description="signs what Zendesk posts to /helpdesk/zendesk; two with a space between"
        " them while it is changed",
    )
    zendesk_api_url: str = Field("", description="where Zendesk's API is; by default the account's")
    intercom_api_token: str = Field(
        "", description="the access token of Intercom's app, to answer there; empty: not"
    )
    intercom_webhook_secret: str = Field(
        "",
        description="the app's client secret; signs what Intercom posts to /helpdesk/intercom",
    )
    intercom_api_url: str = Field(INTERCOM_API, description="where Intercom's API is")
    jira_url: str = Field("", description="the developers' Jira: https://northwind.atlassian.net")
    jira_email: str = Field(
        "", description="the account of Jira Cloud that looks there; empty with Jira Data Center"
    )
    jira_token: str = Field("", description="its API token; with Data Center a personal one")
    jira_webhook_secret: str = Field(
        "",
        description="signs what Jira posts to /tracker/jira; two with a space between them while it"
        " is changed",
    )

    @field_validator("slack_bot_token")
    @classmethod
    def _bot(cls, token: str) -> str:
        """Demand a token of a bot, or none: commands that only read the store need none."""
        if token and not token.startswith("xox"):
            raise ValueError("a bot token begins with xoxb-")
        return token

    @field_validator("slack_app_token")
    @classmethod
    def _app(cls, token: str) -> str:
        """Demand an app-level token, which opens Socket Mode, not the bot's own."""
        if token and not token.startswith("xapp-"):
            raise ValueError("an app token begins with xapp-")
        return token

    @field_validator("zendesk_subdomain")
    @classmethod
    def _subdomain(cls, name: str) -> str:
        """Demand one DNS label, in any case; the whole host name is a common mistake."""
        if name and not SUBDOMAIN.fullmatch(name):
            raise ValueError("only the part before .zendesk.com, such as northwind")
        return name.lower()

    @field_validator("helpscout_api_url", "zendesk_api_url", "intercom_api_url", "jira_url")
    @classmethod
    def _encrypted(cls, url: str) -> str:
        """Demand https, since a token is sent there; http only to this machine."""
        parts = urlsplit(url)
        near = parts.scheme == "http" and parts.hostname in LOOPBACK
        if url and (not parts.netloc or not (parts.scheme == "https" or near)):
            raise ValueError("an address begins with https://: a token goes there")
        return url

    @field_validator(
        "helpscout_webhook_secret",
        "zendesk_webhook_secret",
        "podium_webhook_secret",
        "signing_key",
        "intercom_webhook_secret",
        "jira_webhook_secret",
    )
    @classmethod
    def _each_long(cls, secrets: str) -> str:
        """Demand ``SECRET_MIN`` characters of each of the secrets, which spaces separate.

        Two are valid at a time while one replaces the other.
        """
        if any(len(secret) < SECRET_MIN for secret in secrets.split()):
            raise ValueError(f"at least {SECRET_MIN} characters, chosen by a machine")
        return secrets

    @field_validator("slack_api_url", "public_url")
    @classmethod
    def _url(cls, url: str) -> str:
        """Demand http or https with a host; http is allowed for a workspace on this machine."""
        parts = urlsplit(url)
        if url and (parts.scheme not in {"http", "https"} or not parts.netloc):
            raise ValueError("an address begins with http:// or https://")
        return url

    @field_validator("database_url")
    @classmethod
    def _database(cls, url: str) -> str:
        """Demand an address that SQLAlchemy can read; it is not connected to here."""
        try:
            async_url(url)
        except (ArgumentError, ValueError):
            raise ValueError("such as sqlite:///var/desk.db or postgresql://…") from None
        return url

    @field_validator("policy_file")
    @classmethod
    def _policy(cls, path: Path | None) -> Path | None:
        """Demand a file that is there; ``bot.rules.policy.load`` reads and checks it later."""
        if path is not None and not path.is_file():
            raise ValueError(f"there is no file {path}")
        return path

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, text: str) -> str:
        """Demand IP addresses or networks with commas: ``10.0.0.5, 10.1.0.0/16``.

        A network may be written with host bits set; an empty text is valid.
        """
        try:
            for each in text.split(","):
                ip_network(each.strip() or "::1", strict=False)
        except ValueError:
            raise ValueError("addresses or networks with commas: 10.0.0.5, 10.1.0.0/16") from None
        return text

    @field_validator("log_level")
    @classmethod
    def _level(cls, level: str) -> str:
        """Take a level in any case and store it in capitals."""
        if level.upper() not in LOG_LEVELS:
            raise ValueError(f"one of {', '.join(LOG_LEVELS)}")
        return level.upper()

    @field_validator("smtp_tls")
    @classmethod
    def _tls(cls, way: str) -> str:
        """Take a way in any case and store it in small letters."""
        if way.lower() not in TLS_WAYS:
            raise ValueError(f"one of {', '.join(TLS_WAYS)}")
        return way.lower()

    @field_validator("mail_from", "mail_reply_to", "mail_intake_address")
    @classmethod
    def _mailbox(cls, text: str) -> str:
        """Demand an address with a domain, with or without a name in front of it."""
        _, address = parseaddr(text)
        if text and not MAILBOX.fullmatch(address):
            raise ValueError("an address such as help@northwind.example")
        return text

    @field_validator("signing_key_file")
    @classmethod
    def _keys(cls, path: Path | None) -> Path | None:
        """Demand a file that can be read, with one key a line at least, each long enough."""
        if path is None:
            return path
        keys = require_key_file(path)
        if not keys:
            raise ValueError(f"there is no key in {path}: one a line")
        cls._each_long(" ".join(keys))
        return path

    @field_validator("intake_secrets")
    @classmethod
    def _sources(cls, text: str) -> str:
        """Demand entries as ``read_sources`` reads them; its sentence never has a secret."""
        read_sources(text.split())
        return text

    @field_validator("intake_secrets_file")
    @classmethod
    def _sources_file(cls, path: Path | None) -> Path | None:
        """Demand a file that can be read, with one entry a line at least."""
        if path is None:
            return path
        if not read_sources(require_key_file(path)):
            raise ValueError(f"there is no source in {path}: source=secret, one a line")
        return path

    @field_validator("secret_key", "mail_inbound_secret", "metrics_token")
    @classmethod
    def _long(cls, secret: str) -> str:
        """Demand ``SECRET_MIN`` characters: an HMAC is only as good as its key."""
        if secret and len(secret) < SECRET_MIN:
            raise ValueError(f"at least {SECRET_MIN} characters, chosen by a machine")
        return secret

    @model_validator(mode="after")
    def _consistent(self) -> "Settings":
        """Refuse what ``contradictions`` finds, all of it together, a line each."""
        if found := self.contradictions():
            raise ValueError("\n".join(found))
        return self

    def contradictions(self) -> list[str]:
        """Return what is wrong with several settings together, a sentence each.

        A sender is demanded for mail, all settings of a help desk or none, and no password goes
        over a line that is not encrypted, except to this machine.
        """
        found = []
        if self.signing_key and self.signing_key_file:
            found.append("SIGNING_KEY and SIGNING_KEY_FILE are both set; keep one of them")
        if self.intake_secrets and self.intake_secrets_file:
            found.append("INTAKE_SECRETS and INTAKE_SECRETS_FILE are both set; keep one of them")
        if self.smtp_host and not self.mail_from:
            found.append("MAIL_FROM is missing: SMTP_HOST says that we send mail")
        if self.mail_intake_address and not self.mail_inbound_secret:
            found.append(
                "MAIL_INBOUND_SECRET is missing: MAIL_INTAKE_ADDRESS says that mail comes in"
            )
        if self.public_form and not (self.smtp_host and self.public_url):
            found.append("PUBLIC_FORM wants SMTP_HOST and PUBLIC_URL: it sends links by email")
        open_line = self.smtp_tls == "none" and self.smtp_host not in LOOPBACK
        if open_line and self.smtp_password:
            found.append("SMTP_TLS=none would send SMTP_PASSWORD readable; use starttls or tls")
        if bool(self.helpscout_app_id) != bool(self.helpscout_app_secret):
            found.append("HELPSCOUT_APP_ID and HELPSCOUT_APP_SECRET go together")
        zendesk = (self.zendesk_subdomain, self.zendesk_email, self.zendesk_api_token)
        if any(zendesk) and not all(zendesk):
            found.append("ZENDESK_SUBDOMAIN, ZENDESK_EMAIL and ZENDESK_API_TOKEN go together")
        jira = (self.jira_url, self.jira_token)
        if any((*jira, self.jira_email, self.jira_webhook_secret)) and not all(jira):
            found.append("JIRA_URL and JIRA_TOKEN go together")
        return found + self.pager_contradictions()

    @property
    def socket_mode(self) -> bool:
        """True when an app token says that we connect to Slack, not Slack to us."""
        return bool(self.slack_app_token)


class RunSettings(Settings):
    """Settings with which the app can run: a bot token, and one way for Slack to reach it.

    With an app token that is Socket Mode, even where a signing secret is set as well.
    """

    def contradictions(self) -> list[str]:
        """Return what is wrong with several settings together, and what is missing for running."""
        missing = []
        if not self.slack_bot_token:
            missing.append("SLACK_BOT_TOKEN is missing")
        if not self.slack_app_token and not self.slack_signing_secret:
            missing.append(
                "set SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (requests over HTTP)"
            )
        return missing + super().contradictions()


class ReadableSettings(Settings):
    """Settings as far as they can be read, whatever is missing or contradicts itself."""

    def contradictions(self) -> list[str]:
        """Find nothing: what is wrong is named elsewhere."""
        return []
