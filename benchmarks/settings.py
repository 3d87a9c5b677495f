"""The settings under which everything is measured."""

from typing import Any

from bot.settings import Settings

SECRET = "8f742231b10e8888abcd99bench85a5"  # signs the measured requests; no secret of anybody
APP_TOKEN = "xapp-bench"
INTAKE = "escalations@northwind.example"  # where customers ask by mail
AUTHSERV = "mx.northwind.example"  # whose checks of senders count


def settings(**changes: str) -> Settings:
    """Settings that read nothing from the machine."""
    values: dict[str, Any] = {
        "slack_bot_token": "xoxb-bench",
        "slack_app_token": "",
        "slack_signing_secret": SECRET,
        "slack_api_url": "http://slack.invalid/api/",
        "database_url": "sqlite://",
        "policy_file": None,
        **changes,
    }
    return Settings.model_construct(**values)
