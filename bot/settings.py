"""What the administrator sets: environment variables, or a .env file beside app.py."""

from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.exc import ArgumentError

from storage.database import async_url

SLACK_API = "https://slack.com/api/"
LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR")


class Settings(BaseSettings):
    """Each field is the environment variable of the same name in capitals."""

    model_config = SettingsConfigDict(env_file=".env", extra="ignore", env_ignore_empty=True)

    slack_bot_token: str = Field("", description="the bot token, xoxb-…, from OAuth & Permissions")
    slack_app_token: str = Field("", description="the app token, xapp-…; present: Socket Mode")
    slack_signing_secret: str = Field("", description="HTTP mode: checks that Slack is asking")
    slack_api_url: str = Field(SLACK_API, description="where Slack's Web API is")
    database_url: str = Field("sqlite:///var/desk.db", description="SQLite or PostgreSQL")
    host: str = Field("127.0.0.1", description="the address to listen on")
    port: int = Field(8484, ge=0, le=65535, description="the port to listen on")
    public_url: str = Field("", description="the address at which Slack reaches HOST:PORT")
    policy_file: Path | None = Field(None, description="the organisation's policy, TOML")
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR")

    @field_validator("slack_bot_token")
    @classmethod
    def _bot(cls, token: str) -> str:
        if token and not token.startswith("xox"):
            raise ValueError("a bot token begins with xoxb-")
        return token

    @field_validator("slack_app_token")
    @classmethod
    def _app(cls, token: str) -> str:
        if token and not token.startswith("xapp-"):
            raise ValueError("an app token begins with xapp-")
        return token

    @field_validator("slack_api_url", "public_url")
    @classmethod
    def _url(cls, url: str) -> str:
        parts = urlsplit(url)
        if url and (parts.scheme not in {"http", "https"} or not parts.netloc):
            raise ValueError("an address begins with http:// or https://")
        return url

    @field_validator("database_url")
    @classmethod
    def _database(cls, url: str) -> str:
        try:
            async_url(url)
        except ArgumentError:
            raise ValueError("such as sqlite:///var/desk.db or postgresql://…") from None
        return url

    @field_validator("policy_file")
    @classmethod
    def _policy(cls, path: Path | None) -> Path | None:
        if path is not None and not path.is_file():
            raise ValueError(f"there is no file {path}")
        return path

    @field_validator("log_level")
    @classmethod
    def _level(cls, level: str) -> str:
        if level.upper() not in LOG_LEVELS:
            raise ValueError(f"one of {', '.join(LOG_LEVELS)}")
        return level.upper()

    @property
    def socket_mode(self) -> bool:
        """True when an app token says that we connect to Slack, not Slack to us."""
        return bool(self.slack_app_token)


class RunSettings(Settings):
    """Settings with which the bot can really run."""

    @model_validator(mode="after")
    def _complete(self) -> "RunSettings":
        if not self.slack_bot_token:
            raise ValueError("SLACK_BOT_TOKEN is missing")
        if not self.slack_app_token and not self.slack_signing_secret:
            raise ValueError(
                "set SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (requests over HTTP)"
            )
        return self
