"""Names in a policy that give their role to no person, as Slack answers now; for ``check``.

A running app finds the same by ``bot/operations/roster.py`` and tells the administrators.
"""

import tempfile

import typer

from bot.clock import SystemClock
from bot.people.directory import People
from bot.people.page_people import list_unknown, resolve_page_people
from bot.people.route_people import list_lost_teams
from bot.rules.policy.load import PolicyError, load_policy
from bot.rules.policy.model import Policy, Vacancy
from bot.rules.words import Language
from bot.settings import Settings
from cli.checking.rota import list_gaps
from cli.checking.schedules import look_now
from messages.clients.slack import Slack
from messages.kit.template_context import lower_first
from messages.kit.texts import label
from storage import schema
from storage.database import Database


async def unfilled_roles(settings: Settings, slack: Slack) -> list[str]:
    """Return a line for each name in the configured policy that gives its role to no person.

    Where the rota has schedules of pagers, and all were read, its gaps are printed. Slack is asked
    about all names anew: the directory's store is a temporary database, because
    the app's own may be in use and remembers. A policy with mistakes gives no lines; ``check``
    names those elsewhere. Raises SlackError when Slack cannot be asked.
    """
    try:
        policy = load_policy(settings.policy_file)
    except PolicyError:
        return []  # its mistakes are named elsewhere
    with tempfile.TemporaryDirectory(prefix="escalation-desk-") as folder:
        database = Database(f"sqlite:///{folder}/asked.db")  # the app's own may be in use
        try:
            await schema.upgrade_schema(database)
            read = await look_now(settings, database, policy)
            people = People(database, SystemClock(), slack)
            found = await resolve_page_people(people, await people.resolved(policy))
            for gap in list_gaps(found, SystemClock().now()) if read else ():
                typer.echo(f"          {gap}")
            return [*unfilled_lines(found), *_lost_teams(policy, found), *_lost_managers(found)]
        finally:
            await database.close()


def unfilled_lines(policy: Policy) -> list[str]:
    """Return what is wrong with the people of a policy that was resolved, in English.

    First a line for each vacancy, then one for each role for which people were named and none is
    left, and for each address with ways to be paged that Slack does not know.
    """
    found = [_line(vacancy) for vacancy in policy.vacancies]
    return (
        found
        + [
            f"policy: [roles] {role.value}: nobody is left, so the role is nobody's"
            for role in policy.deserted
        ]
        + [
            f"policy: [paging.people] {reference}: Slack knows nobody by that address"
            for reference in list_unknown(policy)
        ]
    )


def _lost_teams(written: Policy, found: Policy) -> list[str]:
    lost = list_lost_teams(written, found)
    return [
        f"policy: [routing.{name}] {', '.join(people)}: nobody is in it, so no team is asked"
        for name, people in lost.items()
    ]


def _lost_managers(found: Policy) -> list[str]:
    """A line for each of ``[managers]`` that leads to no manager, in the words of the policy.

    It says what comes of it, since the policy holds all the same.
    """
    return [
        f"policy: [managers] {of}: of this person or group, or of {manager}, Slack knows no active"
        " full member, so a support lead is told what is overdue"
        for of, manager in found.managers.lost.items()
    ]


def _line(vacancy: Vacancy) -> str:
    """Return a vacancy as ``policy: [roles] csm: ada@example.com (U0ADA): …`` and the reason.

    The id in brackets is there only where Slack knows the person by another name than the policy's.
    """
    who = vacancy.reference
    if vacancy.user not in (None, vacancy.reference):
        who += f" ({vacancy.user})"
    reason = lower_first(label(Language.ENGLISH, vacancy.reason), Language.ENGLISH)
    return f"policy: [roles] {vacancy.role.value}: {who}: {reason}"
