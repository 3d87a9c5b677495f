"""What people are shown of problems, known issues and talking points."""

from bot.rules.facts import PersonFacts
from handlers.answers.given import HERE, Given, require_case
from handlers.answers.usable import keep_usable
from handlers.forms.prefill import whole_number
from handlers.ports import Services
from messages.kit.blocks import Message
from messages.problems.broadcast import broadcast_shown
from messages.problems.card import affected_list, problem_list, problem_shown
from messages.problems.known_issues import issue_list, issue_shown
from messages.problems.talking_points import points_list


async def show_problem(services: Services, viewer: PersonFacts, given: Given) -> Message:
    """The problem that is named, the case's or the channel's own; else those that are open.

    A number that is named goes before the case's, the case's before the channel's.
    """
    case = await require_case(services, viewer, given) if given.get("case") else None
    number = given.get("problem") or (case.problem if case else None)
    if number is None and case is None and given.get(HERE):
        number = await services.problems.in_channel(str(given[HERE]))
    if number is None:
        found = problem_list(await services.problems.open(), viewer.language, case)
        return await keep_usable(services, viewer, found, case)
    problem = await services.problems.problem(int(number))
    if problem.is_known_issue:
        return await show_issue(services, viewer, {"problem": problem.number})
    return await keep_usable(services, viewer, problem_shown(problem, viewer.language, case), case)


async def show_affected(services: Services, viewer: PersonFacts, given: Given) -> Message:
    """The customers who have the problem, a page of them; the first by default."""
    problem = await services.problems.problem(whole_number(given, "problem"))
    shown = affected_list(problem, viewer.language, int(given.get("page") or 1))
    return await keep_usable(services, viewer, shown)


async def show_broadcast(services: Services, viewer: PersonFacts, given: Given) -> Message:
    """A broadcast's words, and its recipients from ``at`` on."""
    problem = await services.problems.problem(whole_number(given, "problem"))
    shown = await services.problems.broadcast(problem.number, whole_number(given, "broadcast"))
    at = int(given.get("at") or 0)
    known = problem.is_known_issue
    said = broadcast_shown(shown, problem.title, viewer.language, at, known=known)
    return await keep_usable(services, viewer, said)


async def show_issues(services: Services, viewer: PersonFacts, given: Given) -> Message:
    """The known issues, a page of them; one of them where its number is given."""
    if given.get("problem"):
        return await show_issue(services, viewer, given)
    found = await services.known_issues.listed()
    shown = issue_list(found, viewer.language, int(given.get("page") or 1))
    return await keep_usable(services, viewer, shown)


async def show_issue(services: Services, viewer: PersonFacts, given: Given) -> Message:
    """A known issue with a page of those who wait; once it is a problem, that problem."""
    number = whole_number(given, "problem")
    problem = await services.problems.problem(number)
    if not problem.is_known_issue:
        return await keep_usable(services, viewer, problem_shown(problem, viewer.language))
    issue = await services.known_issues.issue(number)
    shown = issue_shown(issue, viewer.language, int(given.get("page") or 1))
    return await keep_usable(services, viewer, shown)


async def show_points(services: Services, viewer: PersonFacts, given: Given) -> Message:
    found = await services.problems.points(given.get("problem"))
    return await keep_usable(services, viewer, points_list(found, viewer.language))
