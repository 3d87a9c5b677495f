"""What people are shown of what cases teach."""

from bot.errors import UserError
from bot.rules.facts import PersonFacts
from bot.rules.learning.playbooks import find_playbook, load_playbooks
from handlers.answers.given import Given
from handlers.ports import Services
from messages.kit.blocks import Message
from messages.learning.actions import actions_answer
from messages.learning.causes import causes_message
from messages.learning.decisions import decisions_answer
from messages.learning.outreach import outreach_answer
from messages.learning.playbooks import playbook_answer, playbook_list
from messages.learning.similar import similar_answer


async def show_decisions(services: Services, viewer: PersonFacts, given: Given) -> Message:
    """The decisions of a case. Raises UserError ``no_such_case``, also where none is named."""
    number = given.get("case")
    if number is None:
        raise UserError("no_such_case")
    case, found = await services.learning.listed(int(number), viewer.user_id)
    return decisions_answer(case, found, viewer.language)


async def show_actions(services: Services, viewer: PersonFacts, given: Given) -> Message:
    """Action items: by scope, else of the case that is named, else the viewer's own.

    In a case's channel the scope still goes first. Raises UserError ``no_such_case``.
    """
    scope, number = str(given.get("scope") or ""), given.get("case")
    about = int(number) if number is not None and not scope else None
    page = int(given.get("page") or 1)
    found = await services.learning.actions(viewer.user_id, scope, page, about)
    return actions_answer(found, viewer.language)


async def show_causes(services: Services, viewer: PersonFacts, given: Given) -> Message:
    """Root causes of the milder cases of a period, the last whole month by default.

    Raises UserError ``odd_period``.
    """
    found = await services.learning.causes(str(given.get("period") or ""))
    return causes_message(found, viewer.language)


async def show_similar(services: Services, viewer: PersonFacts, given: Given) -> Message:
    """What worked in solved cases like the words that are given, else like the case.

    In a case's channel that is the case, also where words are given: what is found can be used
    there. Raises UserError ``no_such_case``, ``what_to_look_for`` where neither is given.
    """
    number, words = given.get("case"), str(given.get("words") or "")
    about = int(number) if number is not None else None
    case, found = await services.learning.similar(viewer.user_id, about, words)
    return similar_answer(case, found, words, viewer.language)


async def show_playbook(services: Services, viewer: PersonFacts, given: Given) -> Message:
    """The playbook that is named, else the list of all, those that fit the case first.

    A name that is none is said above the list. In a case's channel the case is that one. Raises
    UserError ``no_such_case``.
    """
    number, name = given.get("case"), str(given.get("name") or "")
    case = await services.reading.case(int(number), viewer.user_id) if number is not None else None
    playbooks = load_playbooks()
    found = find_playbook(playbooks, name)
    if found is None:
        return playbook_list(case, playbooks, name, viewer.language)
    return playbook_answer(found, case, viewer.language)


async def show_outreach(services: Services, viewer: PersonFacts, given: Given) -> Message:
    """Customers who may meet the same as a case's, else those whom the viewer was asked to tell.

    Raises UserError ``no_such_case``.
    """
    number = given.get("case")
    about = int(number) if number is not None else None
    found = await services.learning.outreach.page(viewer.user_id, about)
    return outreach_answer(found, viewer.language)
