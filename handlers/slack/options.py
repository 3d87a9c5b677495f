"""The customer select: accounts that resemble what was typed, or a new customer.

Slack asks at each pause in typing and shows nothing that comes after three seconds; an answer of
more than ``OPTIONS_MAX`` it would refuse.
"""

from slack_bolt.context.ack.async_ack import AsyncAck

from bot.rules.names import fold_name, unify_name
from handlers.ports import Services
from handlers.slack.requests import Body, user_of
from messages.forms.open_case import account_option, new_customer_option
from messages.kit.blocks import OPTIONS_MAX


async def find_options(services: Services, ack: AsyncAck, body: Body) -> None:
    """The options for what was typed so far; none for a select that is not ours.

    Values are ``account:<key>``, ``new:<name>`` or ``long:`` for a name that no option can carry,
    which ``handlers.forms.prepare`` reads. A new customer is offered unless an account has that
    very name. Raises UserError ``not_your_role``.

    At most ``OPTIONS_MAX - 1`` accounts, so that the new customer has a place. ``value`` is what
    was typed, perhaps nothing: then the first accounts by name are offered, and no new customer.
    """
    if body.get("action_id") != "customer":
        await ack(options=[])
        return
    await services.reading.require("customers", user_of(body))
    typed = unify_name(str(body.get("value") or ""))
    accounts = await services.reading.accounts(typed, OPTIONS_MAX - 1)
    found = [account_option(account) for account in accounts]
    if typed and all(fold_name(typed) != fold_name(account.name) for account in accounts):
        language = (await services.person(user_of(body))).language
        found.append(new_customer_option(typed, language))
    await ack(options=found)
