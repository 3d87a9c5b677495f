"""What ``check`` tells of the ways outside Slack by which people are paged."""

import typer

from bot.rules.policy.load import Policy, PolicyError, load_policy
from bot.settings import Settings
from messages.clients.page_ways import PageWays, WayFault

FAULTS = {
    WayFault.UNSET: "has no address in PAGE_WAYS or PAGE_WAYS_FILE",
    WayFault.UNREADABLE: "has an address that apprise does not understand",
    WayFault.SEVERAL: "reaches several people or devices; give each a name of its own",
}


async def check_ways(settings: Settings) -> list[str]:
    """Print how many ways there are; return what is wrong with them, a line each.

    Examined are those of the settings and those that the policy names. Nothing is contacted, and no
    address is printed.
    """
    try:
        given, policy = settings.load_ways(), load_policy(settings.policy_file)
    except (PolicyError, OSError, ValueError):
        return []  # named elsewhere
    typer.echo(f"ways      {', '.join(given) or 'none'}")
    if not (names := tuple(dict.fromkeys([*policy.paging.ways, *given]))):
        return []
    ways = PageWays(settings.load_ways)
    try:
        faults = await ways.list_faults(names)
    finally:
        await ways.close()
    wrong = [f"{_place(policy, way)}: {way} {FAULTS[fault]}" for way, fault in faults.items()]
    for way in given:
        if way not in policy.paging.ways:
            typer.echo(f"          {way} is named nowhere in the policy, so nothing goes by it")
    return wrong


def _place(policy: Policy, way: str) -> str:
    """Where a mistake in a way is mended: in the policy if that names it, else in the settings."""
    return "policy: [paging]" if way in policy.paging.ways else "PAGE_WAYS"
