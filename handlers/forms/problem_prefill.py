"""What forms about problems open with, beneath what was typed.

As ``prefill``; the problem is ``given["problem"]``, its number, and stands in the answer as
``about``. All raise UserError ``no_such_problem``.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bot.errors import UserError
from bot.rules.facts import CaseFacts, PersonFacts
from bot.rules.letters import OF_ISSUES, TO_MANY
from bot.rules.problems.audience import ALL
from bot.rules.problems.facts import ProblemFacts
from handlers.ports import Services

Fields = Mapping[str, Any]

POINTS_LAST = timedelta(days=7)  # suggested life of talking points


async def list_problems(
    services: Services, case: CaseFacts | None, viewer: PersonFacts, given: Fields
) -> dict[str, Any]:
    """The open problems, one of which the case is linked to."""
    return {**given, "problems": await services.problems.open()}


async def fill_problem(
    services: Services, case: CaseFacts | None, viewer: PersonFacts, given: Fields
) -> dict[str, Any]:
    """The problem itself as ``about``; raises UserError ``no_such_problem``."""
    return {"about": await _problem(services, given), **given}


async def fill_details(
    services: Services, case: CaseFacts | None, viewer: PersonFacts, given: Fields
) -> dict[str, Any]:
    """What is known of the problem now, to be changed.

    ``title``, ``known``, ``scope``, ``owner``, and ``severity`` as an option's value (``"2"``).
    """
    about = await _problem(services, given)
    known = {"title": about.title, "known": about.known, "scope": about.scope}
    known |= {"owner": about.owner, "severity": str(about.severity.value)}
    return {"about": about, **known, **given}


async def fill_affected(
    services: Services, case: CaseFacts | None, viewer: PersonFacts, given: Fields
) -> dict[str, Any]:
    """The affected customer ``affected`` (an id) as ``shown``; None for one that is gone."""
    about = await _problem(services, given)
    shown = next((a for a in about.affected if a.id == given.get("affected")), None)
    return {"about": about, "shown": shown, **given}


async def start_broadcast(
    services: Services, case: CaseFacts | None, viewer: PersonFacts, given: Fields
) -> dict[str, Any]:
    """The audiences, the languages that they read, and the letter's words in each.

    As ``Problems.composing``; ``letter`` is the kind chosen, by default that to the affected. Of a
    known issue it is that of what became of it; UserError ``nothing_to_tell`` where nothing did.
    """
    about = await _problem(services, given)
    if about.is_known_issue:
        return await _start_notice(services, viewer, given)
    chosen = {kind.value: kind for kind in TO_MANY}.get(str(given.get("letter")), TO_MANY[0])
    promised = given.get("next_update_at")
    to = str(given.get("audience") or ALL)
    known = await services.problems.composing(_number(given), viewer, chosen, promised, to)
    return {**known, **given, "letter": chosen.value}


async def fill_broadcast(
    services: Services, case: CaseFacts | None, viewer: PersonFacts, given: Fields
) -> dict[str, Any]:
    """The broadcast ``broadcast`` (its number) that waits for approval, as ``shown``, and its
    digest.

    The digest goes back with the decision: what has changed since is not approved. Raises UserError
    ``no_such_broadcast`` too.

    A ``broadcast`` that is missing is looked for as number 0, which none has.
    """
    about = await _problem(services, given)
    shown = await services.problems.broadcast(about.number, int(given.get("broadcast") or 0))
    return {"about": about, "shown": shown, "digest": shown.digest, **given}


async def start_points(
    services: Services, case: CaseFacts | None, viewer: PersonFacts, given: Fields
) -> dict[str, Any]:
    """The talking points in force, to be changed, and a week from now.

    ``expires_at`` is aware UTC; without points in force the texts begin empty.
    """
    about = await _problem(services, given)
    known: dict[str, Any] = {"expires_at": services.clock.now() + POINTS_LAST}
    if (said := about.points) is not None:
        known |= {"say": said.say, "dont_say": said.dont_say, "questions": said.questions}
    return {"about": about, **known, **given}


async def fill_points(
    services: Services, case: CaseFacts | None, viewer: PersonFacts, given: Fields
) -> dict[str, Any]:
    """The talking points ``points`` (an id) as ``shown``; None for those that are gone."""
    about = await _problem(services, given)
    found = await services.problems.points(about.number)
    shown = next((p for p in found if p.id == given.get("points")), None)
    return {"about": about, "shown": shown, **given}


async def _problem(services: Services, given: Fields) -> ProblemFacts:
    """The problem that is named, or the known issue: both have a row of the same kind."""
    return await services.problems.problem(_number(given))


def _number(given: Fields) -> int:
    """The number that is named; raises UserError ``no_such_problem`` for anything but a number."""
    number = given.get("problem")
    if not isinstance(number, int):
        raise UserError("no_such_problem")
    return number


async def _start_notice(services: Services, viewer: PersonFacts, given: Fields) -> dict[str, Any]:
    """The words of a notice to those who wait for a known issue and were not told.

    ``outcome`` is what was said of the issue when it ended or slipped. Raises UserError
    ``no_such_issue`` once it is a problem, and ``nothing_to_tell``.
    """
    issue = await services.known_issues.issue(_number(given))
    letter = OF_ISSUES.get(issue.state)
    if letter is None:
        raise UserError("nothing_to_tell")
    day = issue.expected_on
    known = await services.problems.composing(issue.number, viewer, letter, expected_on=day)
    return {**known, **given, "outcome": issue.outcome, "letter": letter.value}


async def fill_issue(
    services: Services, case: CaseFacts | None, viewer: PersonFacts, given: Fields
) -> dict[str, Any]:
    """What is said of a known issue now, to be changed.

    ``title``, ``component``, ``bug``, ``expected_on`` (a date or None), ``workaround`` and
    ``owner`` (an id). Raises UserError ``no_such_issue`` once it is a problem.
    """
    about = await _problem(services, given)
    issue = await services.known_issues.issue(about.number)
    known: dict[str, Any] = {"title": issue.title, "component": issue.component, "bug": issue.bug}
    known |= {"expected_on": issue.expected_on, "workaround": issue.workaround}
    return {"about": about, **known, "owner": issue.owner, **given}
