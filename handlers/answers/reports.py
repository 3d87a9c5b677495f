"""Figures over many cases, for those who may read them."""

import asyncio

from bot.rules.facts import PersonFacts
from bot.rules.reports.figures import Report
from handlers.answers.given import Given
from handlers.ports import Services
from messages.kit.blocks import Message
from messages.reports.answer import figure_files, figures_answer, files_answer
from messages.reports.compose import compose_report


async def show_figures(services: Services, viewer: PersonFacts, given: Given) -> Message:
    """The first figures of a period, the one that goes on by default, of one customer or of all.

    Raises UserError ``odd_period``, ``no_such_customer``, ``which_customer``.
    """
    found, link = await _report(services, viewer, given)
    return figures_answer(found, link, str(given.get("customer") or ""), viewer.language)


async def show_figure_files(services: Services, viewer: PersonFacts, given: Given) -> Message:
    """The charts and a PDF go into the viewer's conversation with the app at once.

    The answer says so. Raises UserError as ``show_figures``, SlackError where Slack does not take
    them.
    """
    found, _ = await _report(services, viewer, given)
    sheet = compose_report(found, viewer.language)
    files = await asyncio.to_thread(figure_files, sheet)
    await services.reports.send(viewer.user_id, files)
    return files_answer(found, viewer.language)


async def _report(services: Services, viewer: PersonFacts, given: Given) -> tuple[Report, str]:
    """The report that is asked for by ``period`` and ``customer``, and its link."""
    period, customer = (str(given.get(name) or "") for name in ("period", "customer"))
    return await services.reports.report(viewer.user_id, period, customer)
