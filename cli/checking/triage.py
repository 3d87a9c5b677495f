"""Whether the app can post to the channels that the policy names, as Slack answers now."""

from bot.rules.policy.load import PolicyError, load_policy
from bot.rules.setup import ChannelFault
from bot.settings import Settings
from bot.setup.channels import find_channel_fault, list_channels
from messages.clients.slack import Slack

INSTEAD = "what arrives goes to the manager on duty meanwhile"
UNREAD = "talking points are not read there meanwhile"


async def check_triage_channel(settings: Settings, slack: Slack) -> list[str]:
    """Return what is wrong with the channels of the policy, as Slack answers now, a line for each.

    They are the triage channel and those of the agents. Empty for channels that the app can post
    to, for none, and for a policy with mistakes, which ``check`` names elsewhere. Raises SlackError
    when Slack cannot be asked.
    """
    try:
        policy = load_policy(settings.policy_file)
    except PolicyError:
        return []
    found = []
    for channel in list_channels(policy):
        triage = channel == policy.triage.channel
        where = f"[triage] channel {channel}" if triage else f"agent_channels: {channel}"
        if fault := await find_channel_fault(slack, channel):
            found.append(f"{where}{_say(fault)}; {INSTEAD if triage else UNREAD}")
    return found


def _say(fault: str) -> str:
    if fault == ChannelFault.ARCHIVED:
        return " is archived"
    if fault == ChannelFault.OUTSIDE:
        return ": the app is not in it, invite it"
    return f": Slack says {fault}"
