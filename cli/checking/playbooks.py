"""What ``check`` tells of playbooks: how many there are, and what is wrong with the own ones."""

import typer

from bot.playbooks.folder import read_folder
from bot.rules.learning.own_playbooks import read_own, unknown_keys
from bot.rules.learning.playbooks import load_shipped, uncovered_causes
from bot.rules.policy.load import Policy
from bot.settings import Settings


def check_playbooks(settings: Settings, policy: Policy) -> list[str]:
    """Print how many playbooks there are and which root causes have none; return what is wrong.

    The files are read as they are now, so a mistake stands here before the app has read them. That
    the policy names one that there is not is printed, and no mistake. Nothing is stored.
    """
    files = read_folder(settings.playbooks_dir) if settings.playbooks_dir else []
    own = {each.key: read_own(each.key, each.content) for each in files if each.content}
    found = {**load_shipped(), **own}
    bare = ", ".join(cause.value for cause in uncovered_causes(found.values())) or "none"
    ours = f", {len(own)} of them your own" if own else ""
    typer.echo(f"playbooks {len(found)}{ours}, root causes without one: {bare}")
    for line in unknown_keys(sorted(policy.playbooks.by_hand), list(found)):
        typer.echo(f"          {line}")
    return [mistake for each in files for mistake in each.mistakes]
