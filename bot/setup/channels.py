"""Whether the app can post to the channels that the policy names, as Slack answers now."""

from bot.rules.policy.model import Policy
from bot.rules.setup import ChannelFault
from messages.clients.slack import Slack, SlackRefused


def list_channels(policy: Policy) -> list[str]:
    """The channels of the policy: where what arrives is decided on, and those of the agents."""
    named = [policy.triage.channel, *policy.agent_channels]
    return list(dict.fromkeys(each for each in named if each))


async def find_channel_fault(slack: Slack, channel: str) -> str:
    """Why nothing can be said in a channel: a ``ChannelFault``, or Slack's code; empty for none.

    A public channel that the app is not in is a fault too. Raises SlackError when Slack cannot be
    asked.
    """
    try:
        found = (await slack.call("conversations.info", channel=channel))["channel"]
    except SlackRefused as refused:
        return refused.code
    if found.get("is_archived"):
        return ChannelFault.ARCHIVED.value
    return "" if found.get("is_member") else ChannelFault.OUTSIDE.value
