"""What a policy without mistakes may still not mean: remarks for those who check it."""

from bot.rules.calendars.countries import country_parts, list_parts
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
    return [*unheeded, *parts]


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
