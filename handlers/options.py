"""The customer select: accounts that resemble what was typed, or a new customer."""

from typing import Any

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.rules.facts import AccountFacts
from handlers.ports import Desk
from handlers.requests import Body, user_of
from messages.blocks import OPTION_VALUE_MAX, OPTIONS_MAX, option
from messages.texts import t

NEW = "new:"
ACCOUNT = "account:"


async def options(desk: Desk, ack: AsyncAck, body: Body) -> None:
    """The options for what was typed so far; none for a select that is not ours."""
    if body.get("action_id") != "customer":
        await ack(options=[])
        return
    typed = str(body.get("value") or "").strip()
    language = (await desk.person(user_of(body))).language
    accounts = await desk.reading.accounts(typed, OPTIONS_MAX - 1)
    found = [_option(account) for account in accounts]
    if typed and all(typed.casefold() != account.name.casefold() for account in accounts):
        name = typed[: OPTION_VALUE_MAX - len(NEW)]
        found.insert(0, option(NEW + name, t(language, "redraw.new_customer", name=name)))
    await ack(options=found)


def _option(account: AccountFacts) -> dict[str, Any]:
    return option(ACCOUNT + account.key, account.name, account.tier)
