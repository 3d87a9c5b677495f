"""Tokens that Slack does not take: only the administrator can repair that."""

import asyncio

import structlog

from handlers.slack.manifest import missing_scopes
from messages.clients.slack import Slack, SlackError, SlackRefused

# Slack's refusals of a token that waiting does not repair.
WRONG_TOKEN = frozenset(
    {
        "invalid_auth", "not_authed", "account_inactive", "token_revoked", "token_expired",
        "not_allowed_token_type", "missing_scope",
    }
)  # fmt: skip
PAUSE = 5.0  # seconds before Slack is asked again
PAUSE_MAX = 300.0  # seconds

log = structlog.get_logger()


class TokenRefusedError(Exception):
    """Slack does not take the token that is set under ``name``; the message says what to do.

    ``code`` is one of ``WRONG_TOKEN``: waiting does not change any of these.
    """

    def __init__(self, name: str, code: str) -> None:
        super().__init__(
            f"{name}: Slack refuses this token ({code}). Copy it again from your app's page at"
            " https://api.slack.com/apps; the app must be installed in the workspace."
        )


async def check_bot_token(slack: Slack) -> None:
    """Ask Slack until it says who we are. Raises TokenRefusedError when it refuses the token.

    Scopes that the app needs and the token lacks are an error in the log: what needs them fails.
    Slack that is away, or refuses for another reason, is asked again: after 5 seconds, then twice
    as long each time, 5 minutes at most.
    """
    pause = PAUSE
    while True:
        try:
            await slack.identity()
        except SlackRefused as refused:
            if refused.code in WRONG_TOKEN:
                raise TokenRefusedError("SLACK_BOT_TOKEN", refused.code) from refused
            log.warning("slack_not_reached", why=str(refused))
        except SlackError as error:
            log.warning("slack_not_reached", why=str(error))
        else:
            _tell_scopes(slack)
            return
        await asyncio.sleep(pause)
        pause = min(pause * 2, PAUSE_MAX)


def _tell_scopes(slack: Slack) -> None:
    if missing := missing_scopes(slack.scopes):
        remedy = "paste what `python app.py manifest` prints into your app, and install it again"
        log.error("scopes_missing", scopes=missing, remedy=remedy)
