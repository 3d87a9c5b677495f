"""Whether what arrives can be shown in the channel that the policy names for it; for ``check``."""

from bot.rules.policy.load import PolicyError, load_policy
from bot.settings import Settings
from messages.clients.slack import Slack, SlackRefused

INSTEAD = "what arrives goes to the manager on duty meanwhile"


async def check_triage_channel(settings: Settings, slack: Slack) -> list[str]:
    """Return what is wrong with the policy's triage channel, as Slack answers now, in a line.

    Empty for a channel that the app can post to, for none, and for a policy with mistakes, which
    ``check`` names elsewhere. Raises SlackError when Slack cannot be asked.
    """
    try:
        channel = load_policy(settings.policy_file).triage.channel
    except PolicyError:
        return []
    if not channel:
        return []
    try:
        found = (await slack.call("conversations.info", channel=channel))["channel"]
    except SlackRefused as refused:
        return [f"[triage] channel {channel}: Slack says {refused.code}; {INSTEAD}"]
    if found.get("is_archived"):
        return [f"[triage] channel {channel} is archived; {INSTEAD}"]
    if not found.get("is_member"):
        return [f"[triage] channel {channel}: the app is not in it, invite it; {INSTEAD}"]
    return []
