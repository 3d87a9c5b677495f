"""Forms about a problem that many customers have, its broadcasts and its talking points.

``prefill["about"]`` is the problem (ProblemFacts), with its number as a hidden field of the
intents; ``handlers.forms.problem_prefill`` puts it there.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.rules.letters import TO_MANY
from bot.rules.problems.facts import AffectedFacts, BroadcastFacts, PointsFacts, ProblemFacts
from bot.rules.words import Language, Severity
from messages.forms import composer_checks
from messages.forms.inputs import (
    URL_MAX,
    FormContext,
    external_input,
    person_input,
    select_input,
    severity_options,
    text_input,
    time_input,
    word_options,
    yes_no,
)
from messages.forms.table import form_of
from messages.kit.blocks import OPTION_VALUE_MAX, Block, context, option, section
from messages.kit.mrkdwn import mention_user, quote_text
from messages.kit.routes import ROUTES_OFFERED
from messages.kit.template_context import clip_line, text_chunks
from messages.kit.texts import label, t
from messages.problems.broadcast import sample_of
from messages.problems.lines import affected_line, audience_name, problem_name
from messages.problems.talking_points import points_text

ROUTE_FIRST = "phone"  # a customer without an address is called


def _which(draft: FormContext) -> list[Block]:
    """Which problem this is about; nothing where it is not known."""
    problem: ProblemFacts | None = draft.prefill.get("about")
    if problem is None:
        return []
    name = problem_name(problem.number, problem.title, known=problem.is_known_issue)
    return [context(f"*{name}*")]


@form_of("open_problem")
def open_problem_form(draft: FormContext) -> list[Block]:
    """What is known of a problem that this case is the first sign of; the case's severity is
    chosen.
    """
    return [
        context(draft.say("how")),
        text_input(draft, "title", lines=False),
        text_input(draft, "known"),
        text_input(draft, "scope", optional=True),
        select_input(
            draft, "severity", severity_options(draft.language), initial=str(_severity(draft).value)
        ),
    ]


def _severity(draft: FormContext) -> Severity:
    """The problem's severity, else that of the case: exactly one of them is given."""
    problem: ProblemFacts | None = draft.prefill.get("about")
    return problem.severity if problem else draft.about().severity


@form_of("link_case")
def link_case_form(draft: FormContext) -> list[Block]:
    """Which problem is the case part of? ``prefill["problems"]`` are the open ones.

    The first 100, the gravest and newest first; without any the form has no input.
    """
    found: Sequence[ProblemFacts] = draft.prefill.get("problems") or ()
    if not found:
        return [section(draft.say("none"))]
    offered = [
        option(str(p.number), f"{p.reference} {clip_line(p.title, 60)}") for p in found[:100]
    ]
    return [select_input(draft, "problem", offered, initial=offered[0]["value"])]


@form_of("edit_problem")
def edit_problem_form(draft: FormContext) -> list[Block]:
    """What is known now; another scope withdraws the talking points.

    ``prefill``: ``title``, ``known``, ``scope``, ``severity`` and ``owner``, as they are now.
    """
    return [
        *_which(draft),
        text_input(draft, "title", lines=False),
        text_input(draft, "known"),
        text_input(draft, "scope", optional=True),
        select_input(
            draft, "severity", severity_options(draft.language), initial=str(_severity(draft).value)
        ),
        person_input(draft, "owner"),
    ]


@form_of("resolve_problem")
def resolve_problem_form(draft: FormContext) -> list[Block]:
    """What ended it for all customers; the cases that are part of it stay open.

    ``outcome`` is required.
    """
    return [*_which(draft), text_input(draft, "outcome")]


@form_of("add_affected")
def add_affected_form(draft: FormContext) -> list[Block]:
    """A customer, the evidence, who said so and when; the viewer and now, unless it is changed.

    ``customer`` is read as in the form that opens a case.

    ``link`` has at most 200 characters here, fewer than the intent takes. Without ``said_at`` it
    was said now.
    """
    return [
        *_which(draft),
        external_input(draft, "customer", None),
        text_input(draft, "evidence"),
        text_input(draft, "link", lines=False, limit=URL_MAX, optional=True),
        person_input(draft, "said_by", initial=draft.viewer.user_id),
        time_input(draft, "said_at", None, optional=True),
    ]


@form_of("add_affected_lines")
def add_affected_lines_form(draft: FormContext) -> list[Block]:
    """Many customers as lines of CSV: ``customer, evidence, link``, at most 200."""
    return [*_which(draft), context(draft.say("how")), text_input(draft, "lines")]


@form_of("remove_affected")
def remove_affected_form(draft: FormContext) -> list[Block]:
    """Why a customer does not have it after all; ``prefill["shown"]`` is their AffectedFacts."""
    shown: AffectedFacts | None = draft.prefill.get("shown")
    about = [section(affected_line(shown, draft.language, full=True))] if shown else []
    return [*_which(draft), *about, text_input(draft, "reason")]


def _known(draft: FormContext) -> list[Block]:
    """Quote what we know and who is affected, from which the message is written.

    Each text is cut to what one section takes; an empty one is left out.
    """
    about: ProblemFacts | None = draft.prefill.get("about")
    if about is None:
        return []
    parts = (("problem.known", about.known), ("problem.scope", about.scope))
    if about.is_known_issue:
        outcome = str(draft.prefill.get("outcome") or "")
        parts = (("issue.outcome", outcome), ("issue.workaround_title", about.known))
    return [
        section(each)
        for name, text in parts
        if text
        for each in text_chunks(f"*{t(draft.language, name)}*\n{quote_text(text)}")[:1]
    ]


def _written(draft: FormContext, language: Language) -> Block:
    """The field for the words in one language, ``text_<language>``, labelled with its name."""
    named = draft.say("text", language=label(draft.language, language))
    name, revision = f"text_{language.value}", draft.prefill.get("revision")
    block_id = f"{name}~{revision}" if revision else ""
    return text_input(draft, name, named=named, block_id=block_id)


@form_of("propose_broadcast", "warned")
def propose_broadcast_form(draft: FormContext) -> list[Block]:
    """One message in the languages that the audience reads, and when they hear from us next.

    ``prefill``: ``audiences``, a name to the number of customers, and ``languages``, codes of all
    that the chosen audience reads; ``text_<language>``; ``approvers``, who will be asked;
    ``findings`` once it was looked at. Another audience draws the form again, with the texts that
    it needs, each of which must be written; what we know of the problem stands above. ``letter`` is
    one of those to many; another one replaces the texts, whose blocks then have the number
    ``revision``. Hidden: ``warned``.

    A notice of a known issue has neither audience nor letter to choose, and promises no time;
    ``outcome`` is what was said of it.
    """
    offered: Mapping[str, int] = draft.prefill.get("audiences") or {}
    choices = [
        option(name[:OPTION_VALUE_MAX], _audience(draft, name, count))
        for name, count in offered.items()
    ]
    about: ProblemFacts | None = draft.prefill.get("about")
    notice = about is not None and about.is_known_issue
    if not choices:
        return [*_which(draft), section(draft.say("all_told" if notice else "nobody"))]
    languages: Sequence[str] = draft.prefill.get("languages") or ("en",)
    head = [
        *_which(draft),
        context(draft.say("how_issue" if notice else "how")),
        *_asked(draft),
        *composer_checks.advice_blocks(draft),
        *_known(draft),
    ]
    if notice:
        to = context(draft.say("to", count=sum(offered.values())))
        return [*head, to, *(_written(draft, Language(each)) for each in languages)]
    return [
        *head,
        select_input(draft, "audience", choices, initial=choices[0]["value"], dispatch=True),
        select_input(
            draft,
            "letter",
            word_options(draft.language, TO_MANY),
            initial=TO_MANY[0].value,
            dispatch=True,
        ),
        *(_written(draft, Language(each)) for each in languages),
        time_input(draft, "next_update_at", None),
    ]


def _audience(draft: FormContext, name: str, count: int) -> str:
    """An audience with the number of its customers."""
    return f"{audience_name(name, draft.language)} ({count})"


def _asked(draft: FormContext) -> list[Block]:
    """Who will be asked to approve; nothing where none is known."""
    people: Sequence[str] = draft.prefill.get("approvers") or ()
    names = ", ".join(mention_user(each) for each in people)
    return [context(draft.say("asked", people=names))] if names else []


@form_of("answer_broadcast")
def answer_broadcast_form(draft: FormContext) -> list[Block]:
    """The message as it would go out, to how many, and whether it may.

    ``prefill``: ``shown``, the BroadcastFacts, of which one text in each language is drawn;
    ``digest``, hidden; ``approve`` where the button said it.
    """
    shown: BroadcastFacts | None = draft.prefill.get("shown")
    blocks = _which(draft)
    if shown is not None:
        firsts = {each.language: each for each in reversed(shown.receipts)}
        blocks.append(context(draft.say("count", count=shown.total)))
        for each in firsts.values():
            blocks += map(section, sample_of(each.customer, each.text, draft.language))
    if "approve" not in draft.prefill:
        blocks.append(yes_no(draft, "approve"))
    returning = draft.prefill.get("approve") is False
    return [*blocks, text_input(draft, "remark", optional=not returning)]


@form_of("sent_by_hand")
def sent_by_hand_form(draft: FormContext) -> list[Block]:
    """How a person told the customer, and where it can be read; a call unless it is changed.

    The route is recorded with the customer's line; ``link`` may stay empty.
    """
    routes = [option(each, t(draft.language, f"route.{each}")) for each in ROUTES_OFFERED]
    return [
        *_which(draft),
        select_input(draft, "route", routes, initial=ROUTE_FIRST),
        text_input(draft, "link", lines=False, limit=URL_MAX, optional=True),
    ]


@form_of("propose_points")
def propose_points_form(draft: FormContext) -> list[Block]:
    """What agents say, do not say, and answer; until ``expires_at``, a week from now.

    Only ``say`` and the time are required. ``prefill``: the texts in force, where there are any.
    """
    known: datetime | None = draft.prefill.get("expires_at")
    return [
        *_which(draft),
        context(draft.say("how")),
        text_input(draft, "say"),
        text_input(draft, "dont_say", optional=True),
        text_input(draft, "questions", optional=True),
        time_input(draft, "expires_at", known),
    ]


@form_of("answer_points")
def answer_points_form(draft: FormContext) -> list[Block]:
    """The talking points, and whether agents may use them.

    ``prefill``: ``shown``, the PointsFacts; ``approve`` where the button said it.
    """
    shown: PointsFacts | None = draft.prefill.get("shown")
    blocks = _which(draft)
    blocks += [section(part) for part in points_text(shown, draft.language)] if shown else []
    if "approve" not in draft.prefill:
        blocks.append(yes_no(draft, "approve"))
    returning = draft.prefill.get("approve") is False
    return [*blocks, text_input(draft, "remark", optional=not returning)]


@form_of("withdraw_points")
def withdraw_points_form(draft: FormContext) -> list[Block]:
    """Why they no longer hold; their posts in the agents' channels are struck through."""
    return [*_which(draft), text_input(draft, "reason")]
