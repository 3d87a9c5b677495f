"""A page for a trial from a terminal: by every way and every pager that is set up.

Nothing of it comes to the database or to Slack. No address is printed.
"""

import asyncio
from collections.abc import Awaitable, Sequence

import typer

from bot.paging.trial import GRADE, find_fault
from bot.rules.policy.load import PolicyError, load_policy
from bot.rules.words import Language
from bot.settings import Settings
from cli.configured import pagers
from messages.clients.page_ways import PageWays
from messages.clients.pagers import Page, Pager
from messages.kit.template_context import name_way_fault
from messages.kit.texts import load_texts, t


async def try_pagers(settings: Settings, key: str, open_for: float) -> int:
    """Send by all, print a line for each, and resolve at the pagers after ``open_for`` seconds.

    Returns 1 where one did not take it, or none is set up. ``key`` names the trial at the pagers.
    """
    language = _language(settings)
    title, body = t(language, "pager.trial"), t(language, "pager.trial_body")
    ways, found = PageWays(settings.load_ways), pagers(settings)
    page = Page(key, title, GRADE)
    sends: dict[str, Awaitable[None]] = {way: ways.send(way, title, body) for way in ways.names()}
    sends |= {pager.name.value: pager.trigger(page) for pager in found}
    if not sends:
        typer.echo("no way is set up: neither PAGE_WAYS nor a pager", err=True)
        return 1
    try:
        faults = await asyncio.gather(*(find_fault(send) for send in sends.values()))
        for way, fault in zip(sends, faults, strict=True):
            typer.echo(f"✗ {way}: {_why(fault)}" if fault else f"✓ {way}: taken", err=bool(fault))
    finally:
        await _resolve_all(found, key, open_for)
        await ways.close()
    return 1 if any(faults) else 0


async def _resolve_all(found: Sequence[Pager], key: str, open_for: float) -> None:
    """Resolve at each pager, also where the wait is interrupted."""
    try:
        if found:
            typer.echo(f"open at the pagers for {open_for:g} seconds, then resolved")
            await asyncio.sleep(open_for)
    finally:
        for pager in found:
            if fault := await find_fault(pager.resolve(key)):
                typer.echo(f"✗ {pager.name.value}: {key} is not resolved: {_why(fault)}", err=True)
            await pager.close()


def _why(fault: str) -> str:
    """A fault in words; what a pager said itself stays as it is."""
    ours = f"way_fault.{fault.partition(':')[0]}" in load_texts(Language.ENGLISH)
    return name_way_fault(fault, Language.ENGLISH) if ours else fault


def _language(settings: Settings) -> Language:
    """The team's; a policy with mistakes is named by ``check``."""
    try:
        return load_policy(settings.policy_file).languages[0]
    except PolicyError:
        return Language.ENGLISH
