"""What a policy without mistakes may still not mean: remarks for those who check it."""

from bot.rules.calendars.countries import country_parts, list_parts
from bot.rules.compliance.readership import Readership
from bot.rules.permissions import EVERYBODY_UNLESS_NAMED, READERS
from bot.rules.policy.model import Policy


def list_remarks(policy: Policy) -> list[str]:
    """A line for each thing to read again, with its full key; empty where there is nothing.

    In English, as the command line prints them; the keys that nothing acts on come first. A remark
    is no mistake: the policy holds as it is.
    """
    unheeded = [f"{key}: nothing in this version acts on it" for key in policy.unheeded]
    parts = [
        f"calendars.{name}.country: only holidays that all of {country} keeps count;"
        f" if you work in one part of it, name it as subdiv: {parts}"
        for name, country, parts in missing_parts(policy)
    ]
    return [*unheeded, *_unread(policy), *parts]


def _unread(policy: Policy) -> list[str]:
    """A line where only a team reads and the policy names none."""
    if policy.reading is not Readership.TEAM or any(policy.names(role) for role in READERS):
        return []
    said = (
        'privacy.reading: "team" and nobody is named under roles who reads cases: each case is read'
        " and worked on by those on it alone, and what belongs to no case by nobody; name your"
        " agents and managers"
    )
    return [said]


def describe_reading(policy: Policy) -> str:
    """Who reads a case that is not restricted, and whether the policy says so; a line in English.

    Where it does not say so, it goes by whether agents, managers and leads are named.
    """
    match policy.reading:
        case Readership.EVERYBODY:
            return "everybody, as privacy.reading says: each full member of the workspace"
        case Readership.TEAM:
            return (
                "team, as privacy.reading says: those named for a role that reads, and those on"
                " the case; new channels are private"
            )
    if open_to_all := [role.value for role in EVERYBODY_UNLESS_NAMED if not policy.names(role)]:
        return f"everybody, as nobody is named for {', '.join(open_to_all)}; channels are public"
    return (
        "team, as agents, managers and leads are named; but channels are public, which privacy."
        'reading = "team" changes for new ones'
    )


def missing_parts(policy: Policy) -> list[tuple[str, str, str]]:
    """Calendars that name a country and none of its parts, which have holidays of their own.

    Each by name, country and what parts there are. A calendar that joins others has no country;
    those that it joins are named themselves.
    """
    found = []
    for name, spec in policy.spec.get("calendars", {}).items():
        country = spec.get("country", "")
        if country and not policy.calendars[name].offices[0].subdiv and country_parts(country):
            found.append((name, country, list_parts(country)))
    return found
