"""Private answers: what a command or a ``show:`` button shows to the person who asked.

``SHOWN`` is the table, by the name behind ``show:``. Each answer reads and returns a message in the
viewer's language; none changes anything. ``given`` are the fields that the command or button
carries: ``case`` (a number), ``problem``, ``clock``, ``page``, ``kind``, ``language``, ``version``,
``scope``, ``customer``, ``broadcast``, ``at``, ``mail``, as far as the answer knows them.
"""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date

from bot.errors import UserError
from bot.rules.facts import CaseFilter, PersonFacts
from bot.rules.local_time import local_day
from bot.rules.states import ApprovalState
from bot.rules.words import ClockKind, Language, MessageKind
from handlers.answers.compliance import show_access_file, show_access_review
from handlers.answers.executives import show_contacts
from handlers.answers.given import HERE, Given, require_case
from handlers.answers.learning import (
    show_actions,
    show_causes,
    show_decisions,
    show_outreach,
    show_playbook,
    show_similar,
)
from handlers.answers.problems import (
    show_affected,
    show_broadcast,
    show_issue,
    show_issues,
    show_points,
    show_problem,
)
from handlers.answers.process import show_map, show_map_files
from handlers.answers.quarterly import show_quarterly_file, show_quarterly_review
from handlers.answers.readiness import show_readiness, show_role_card
from handlers.answers.reports import show_figure_files, show_figures
from handlers.answers.setup import show_setup
from handlers.answers.sponsorship import (
    show_programme,
    show_sponsor_brief,
    show_sponsorships,
)
from handlers.answers.usable import keep_usable
from handlers.commands import TABLE
from handlers.forms.prefill import whole_number
from handlers.ports import Services
from handlers.slack.requests import Asked
from messages.cases import answers
from messages.cases.digest import digest_message
from messages.cases.mail import mail_answer
from messages.cases.notices import notice_message
from messages.cases.postmortem import agenda_message
from messages.customers.concessions import concession_list
from messages.customers.template_library import library_message, template_message
from messages.duty.days import days_answer
from messages.duty.rota import duty_answer
from messages.intake.candidate import candidate_message
from messages.intake.connect import connections_answer
from messages.intake.reviews.listing import review_list
from messages.intake.triage import triage_answer
from messages.kit.blocks import Message
from messages.outcomes.listing import outcome_list

Shows = Callable[[Services, PersonFacts, Given], Awaitable[Message]]


async def show_answer_privately(services: Services, asked: Asked, what: str, given: Given) -> None:
    """Answer ``what`` privately; runs in the background, so a UserError is told to the person.

    Raises UserError ``not_your_role``, ``no_such_case`` and others that the queries raise.
    """
    viewer, answer = await services.person(asked.user), SHOWN[what]
    if answer.required:
        await services.reading.require(what, asked.user)
    if answer.placed:
        given = {HERE: asked.reply.channel_id, **given}
    shown = await answer.show(services, viewer, given)
    services.access.answered(asked.user, what, given)
    await services.tell(asked.reply, shown)


async def _help(services: Services, viewer: PersonFacts, given: Given) -> Message:
    """The commands that the viewer may use, in a case's channel those that fit its status.

    All of them with ``all``.
    """
    if given.get("all"):
        return answers.help_answer(TABLE, viewer.language)
    number = await services.reading.case_in_channel(str(given.get(HERE)))
    roles = await services.reading.roles(viewer.user_id, number)
    status = None
    with suppress(UserError):  # a channel of a case that is not theirs is any channel
        if number is not None:
            status = (await services.reading.case(number, viewer.user_id)).status
    mine = [row for row in TABLE if row.is_usable(roles, status)]
    return answers.help_answer(mine, viewer.language, whole=len(mine) == len(TABLE))


async def _list(services: Services, viewer: PersonFacts, given: Given) -> Message:
    """Open cases that the viewer may read, by scope or customer; of a customer ended ones too."""
    scope, name = given.get("scope"), str(given.get("customer") or "")
    part, customer = (name, "") if scope == "component" else ("", name)
    which = CaseFilter(
        mine=scope == "mine", breaching=scope == "breaching", component=part, customer=customer,
        open_only=not customer,  # who asks for a customer wants their history too
    )  # fmt: skip
    found = await services.reading.page(viewer.user_id, which, int(given.get("page") or 1))
    about = {"customer": name} if name else {}
    about |= {"scope": scope} if scope and not customer else {}
    return answers.list_answer(
        found, f"list.{_title(scope, customer, part)}", viewer.language, about
    )


def _title(scope: object, customer: str, part: str) -> str:
    words = {"customer": customer, "component": part, str(scope): scope in ("mine", "breaching")}
    return next((word for word, asked in words.items() if asked), "open")


async def _show(services: Services, viewer: PersonFacts, given: Given) -> Message:
    """The card of the case as it is now, with what the viewer may do."""
    case = await require_case(services, viewer, given)
    return await keep_usable(services, viewer, answers.show_answer(case, viewer.language), case)


async def _candidate(services: Services, viewer: PersonFacts, given: Given) -> Message:
    """What arrived and waits for a decision, or what was decided of it."""
    found = await services.intake.candidate(viewer.user_id, whole_number(given, "candidate"))
    return await keep_usable(services, viewer, candidate_message(found, viewer.language))


async def _triage(services: Services, viewer: PersonFacts, given: Given) -> Message:
    """A page of what waits for a decision; with the scope ``mine`` what the viewer reported."""
    mine = given.get("scope") == "mine"
    found = await services.intake.triage(viewer.user_id, int(given.get("page") or 1), mine=mine)
    return triage_answer(found, viewer.language, mine=mine)


async def _mail(services: Services, viewer: PersonFacts, given: Given) -> Message:
    """A mail of the customer, whole. Raises UserError ``stale`` where none is named."""
    case = await require_case(services, viewer, given)
    mail = await services.reading.mail(case.number, viewer.user_id, whole_number(given, "mail"))
    return mail_answer(case, mail, viewer.language)


async def _why(services: Services, viewer: PersonFacts, given: Given) -> Message:
    """Why the clocks are due when they are: that of the kind ``clock``, else all that are open."""
    case = await require_case(services, viewer, given)
    told = await services.why(case.number, viewer, _clock(given))
    named = [(one.clock, one.explanation) for one in told]
    return answers.why_answer(case, named, viewer.language)


async def _picture(services: Services, viewer: PersonFacts, given: Given) -> Message:
    """The picture goes into the viewer's direct message at once; the answer only says so."""
    case, clock = await require_case(services, viewer, given), _clock(given)
    if clock is None:
        raise UserError("no_such_clock")
    await services.send_clock_picture(case.number, viewer, clock)
    return answers.picture_answer(case, clock, viewer.language)


async def _promises(services: Services, viewer: PersonFacts, given: Given) -> Message:
    number = (await require_case(services, viewer, given)).number
    case, ledger = await services.promises(number, viewer)
    return answers.promises_answer(case, ledger, viewer.language)


def _clock(given: Given) -> str | None:
    clock = given.get("clock")
    return str(clock) if clock in list(ClockKind) else None


async def _timeline(services: Services, viewer: PersonFacts, given: Given) -> Message:
    """A page of the record, the first by default; a number below 1 is page 1."""
    case = await require_case(services, viewer, given)
    page = max(int(given.get("page") or 1), 1)
    entries, pages = await services.reading.timeline(case.number, viewer.user_id, page)
    return answers.timeline_answer(case, entries, page, pages, viewer.language)


async def _postmortem(services: Services, viewer: PersonFacts, given: Given) -> Message:
    """The agenda in a few lines: who is invited, and how much there is on record."""
    case = await require_case(services, viewer, given)
    invited, entries = await services.reading.agenda(case.number, viewer.user_id)
    return agenda_message(case, entries, invited, viewer.language)


async def _status(services: Services, viewer: PersonFacts, given: Given) -> Message:
    """The question of a check-in, with the buttons that answer it."""
    return notice_message("check_in", await require_case(services, viewer, given), viewer.language)


async def _digest(services: Services, viewer: PersonFacts, _given: Given) -> Message:
    return digest_message(await services.reading.digest(viewer.user_id), viewer.language)


async def _templates(services: Services, viewer: PersonFacts, given: Given) -> Message:
    """The library; with ``kind`` that template, in the viewer's language unless one is given."""
    if given.get("kind"):
        return await _template(services, viewer, {"language": viewer.language.value, **given})
    found = await services.reading.templates()
    return library_message(found, _today(services), viewer.language, given.get("case"))


async def _template(services: Services, viewer: PersonFacts, given: Given) -> Message:
    """A template's versions and one of them: ``version``, else the one in use, else the newest.

    With ``case`` it is filled with the case's facts. Raises UserError ``stale`` for an unknown kind
    or language.
    """
    try:
        kind, spoken = MessageKind(str(given.get("kind"))), Language(str(given.get("language")))
    except ValueError:
        raise UserError("stale") from None
    found = [each for each in await services.reading.templates() if each.of(kind, spoken)]
    today = _today(services)
    in_use = [each for each in found if each.standing(today) == ApprovalState.APPROVED]
    if not found:
        raise UserError("no_such_template")
    used = next(iter(in_use), found[0])
    shown = next((each for each in found if each.version == given.get("version")), used)
    case = await require_case(services, viewer, given) if given.get("case") else None
    preview = await services.preview(shown, case, viewer) if case else shown.body
    return template_message(found, shown, preview, today, viewer.language, case)


async def _duty(services: Services, viewer: PersonFacts, given: Given) -> Message:
    """Who is on duty, who is away, and when no one will be there."""
    return duty_answer(await services.duty.duty(), viewer)


async def _duty_days(services: Services, viewer: PersonFacts, given: Given) -> Message:
    """The shifts of the next fourteen days, by the viewer's calendar."""
    return days_answer(await services.duty.days(viewer.timezone), viewer)


async def _reviews(services: Services, viewer: PersonFacts, _given: Given) -> Message:
    """The public reviews that wait for a reply, and how the last ones went."""
    waiting, count = await services.intake.reviews.waiting()
    answered, now = await services.intake.reviews.answered(), services.clock.now()
    found = review_list(waiting, count, answered, viewer.language, now)
    return await keep_usable(services, viewer, found)


async def _concessions(services: Services, viewer: PersonFacts, given: Given) -> Message:
    """The concessions that the viewer may see; of one customer where it is named."""
    found = await services.concessions.listed(viewer.user_id, str(given.get("customer") or ""))
    return await keep_usable(services, viewer, concession_list(found, viewer.language))


async def _outcomes(services: Services, viewer: PersonFacts, given: Given) -> Message:
    """The outcomes that the viewer may see; of one customer where it is named."""
    found = await services.outcomes.listed(viewer.user_id, str(given.get("customer") or ""))
    return await keep_usable(services, viewer, outcome_list(found, viewer.language))


async def _connections(services: Services, viewer: PersonFacts, given: Given) -> Message:
    """The channels that customers share, those that do not work first."""
    shown = connections_answer(await services.connect.links(), viewer.language)
    return await keep_usable(services, viewer, shown)


def _today(services: Services) -> date:
    """The organisation's day: words expire by it wherever the viewer is."""
    return local_day(services.clock.now(), services.policy.timezone)


@dataclass(frozen=True, slots=True)
class PrivateAnswer:
    """What one name shows.

    ``of_case``: it needs a case, which is asked for where none is given. ``placed``: it depends on
    the channel in which it was asked for, which it finds in ``given`` under ``here``. ``required``:
    who may read it is asked here, since it belongs to no case; of cases that is asked where they
    are read.
    """

    show: Shows
    of_case: bool = False
    placed: bool = False
    required: bool = False


SHOWN: Mapping[str, PrivateAnswer] = {
    "help": PrivateAnswer(_help, placed=True),
    "list": PrivateAnswer(_list),
    "candidate": PrivateAnswer(_candidate),
    "triage": PrivateAnswer(_triage),
    "digest": PrivateAnswer(_digest),
    "show": PrivateAnswer(_show, of_case=True),
    "mail": PrivateAnswer(_mail, of_case=True),
    "why": PrivateAnswer(_why, of_case=True),
    "picture": PrivateAnswer(_picture, of_case=True),
    "promises": PrivateAnswer(_promises, of_case=True),
    "decisions": PrivateAnswer(show_decisions, of_case=True),
    "actions": PrivateAnswer(show_actions),
    "similar": PrivateAnswer(show_similar),
    "playbook": PrivateAnswer(show_playbook, required=True),
    "outreach": PrivateAnswer(show_outreach),
    "timeline": PrivateAnswer(_timeline, of_case=True),
    "postmortem": PrivateAnswer(_postmortem, of_case=True),
    "contacts": PrivateAnswer(show_contacts, of_case=True),
    "status": PrivateAnswer(_status, of_case=True),
    "templates": PrivateAnswer(_templates, required=True),
    "template": PrivateAnswer(_template, required=True),
    "problem": PrivateAnswer(show_problem, placed=True, required=True),
    "affected": PrivateAnswer(show_affected, required=True),
    "broadcast": PrivateAnswer(show_broadcast, required=True),
    "points": PrivateAnswer(show_points, required=True),
    "readiness": PrivateAnswer(show_readiness, required=True),
    "role_card": PrivateAnswer(show_role_card, required=True),
    "setup": PrivateAnswer(show_setup),
    "access_review": PrivateAnswer(show_access_review, required=True),
    "access_file": PrivateAnswer(show_access_file, required=True),
    "duty": PrivateAnswer(_duty),
    "duty_days": PrivateAnswer(_duty_days),
    "issues": PrivateAnswer(show_issues, required=True),
    "issue": PrivateAnswer(show_issue, required=True),
    "reviews": PrivateAnswer(_reviews, required=True),
    "connections": PrivateAnswer(_connections, required=True),
    "concessions": PrivateAnswer(_concessions),
    "outcomes": PrivateAnswer(_outcomes),
    "causes": PrivateAnswer(show_causes, required=True),
    "figures": PrivateAnswer(show_figures, required=True),
    "figures_files": PrivateAnswer(show_figure_files, required=True),
    "quarterly_review": PrivateAnswer(show_quarterly_review, required=True),
    "quarterly_file": PrivateAnswer(show_quarterly_file, required=True),
    "map": PrivateAnswer(show_map, placed=True, required=True),
    "map_files": PrivateAnswer(show_map_files, placed=True, required=True),
    "sponsor": PrivateAnswer(show_sponsorships),
    "programme": PrivateAnswer(show_programme, required=True),
    "sponsor_brief": PrivateAnswer(show_sponsor_brief),
}
