"""Forms about what arrives: to which case it belongs, or why it is no escalation."""

from collections.abc import Sequence
from typing import Any

from bot.rules.facts import CandidateFacts, CaseFacts
from bot.rules.intake import Telling
from bot.rules.problems.facts import name_number
from bot.rules.problems.known_issues import IssueFacts
from messages.forms.inputs import (
    FormContext,
    checkboxes_input,
    external_input,
    radio_input,
    select_input,
    text_input,
    time_input,
)
from messages.forms.open_case import known_customer, open_case_lines
from messages.forms.table import form_of
from messages.intake.tellings import telling_text
from messages.kit.blocks import OPTIONS_MAX, Block, context, option, section
from messages.kit.case_lines import short_text
from messages.kit.mrkdwn import escape, quote_text
from messages.kit.texts import label

NUMBER_MAX = 12  # characters of a case's number as people write it
STAKE_SHOWN = 300  # characters of what the customer said, above a form


@form_of("add_candidate")
def add_candidate_form(draft: FormContext) -> list[Block]:
    """The case to which what arrived belongs: one of the customer's, or another by its number.

    ``prefill``: ``cases``, the customer's live cases.

    ``into`` is a case's number, or ``other``: then ``into_other`` has it, as people write it, at
    most ``NUMBER_MAX`` characters. Without live cases ``into`` is that text itself.
    """
    cases: Sequence[CaseFacts] = draft.prefill.get("cases") or ()
    if not cases:
        return [*_about(draft), text_input(draft, "into", lines=False, limit=NUMBER_MAX)]
    options = [option(str(c.number), draft.say("add_to", reference=c.reference)) for c in cases]
    return [
        *_about(draft),
        context("\n".join(open_case_lines(cases, draft.language))),
        radio_input(draft, "into", [*options, option("other", draft.say("other"))]),
        text_input(draft, "into_other", lines=False, limit=NUMBER_MAX, optional=True),
    ]


@form_of("dismiss_candidate")
def dismiss_candidate_form(draft: FormContext) -> list[Block]:
    """Why it is no escalation, and which of the approved words its source is told.

    ``prefill``: ``found``, the candidate; the words are shown in the customer's language.

    ``told`` is a value of ``Telling``, and ``answer_by`` an instant, which is wanted for one of
    them alone (``handlers.forms.prepare.require_time``).
    """
    found: Any = draft.prefill.get("found")
    options = [option(each.value, draft.say(f"told_{each.value}")) for each in Telling]
    return [
        *_about(draft),
        text_input(draft, "reason"),
        radio_input(draft, "told", options),
        *(_preview(draft, found) if isinstance(found, CandidateFacts) else ()),
        time_input(draft, "answer_by", None, optional=True),
    ]


@form_of("log_candidate")
def log_candidate_form(draft: FormContext) -> list[Block]:
    """Which known issue it is, or the title of a new one.

    ``prefill``: ``found``, the candidate, and ``issues``, those that customers wait for.

    The first 99 issues are offered. The customer is asked for where the candidate does not tell who
    it is, and the title is required where there is no issue to choose.
    """
    found: Any = draft.prefill.get("found")
    issues: Sequence[IssueFacts] = draft.prefill.get("issues") or ()
    known = [
        option(str(i.number), name_number(i.number, known=True), i.title)
        for i in issues[: OPTIONS_MAX - 1]
    ]
    named = isinstance(found, CandidateFacts) and bool(found.customer)
    return [
        *_about(draft),
        context(draft.say("how")),
        *([] if named else [text_input(draft, "customer", lines=False)]),
        *([select_input(draft, "issue", known, optional=True)] if known else []),
        text_input(draft, "title", lines=False, optional=bool(known)),
        text_input(draft, "bug", lines=False, optional=True),
    ]


def _preview(draft: FormContext, found: CandidateFacts) -> list[Block]:
    """The words of each choice, as the customer reads them."""
    spoken = label(draft.language, found.language)
    lines = [
        f"*{draft.say(f'told_{each.value}')}*\n{quote_text(telling_text(each, found.language))}"
        for each in Telling
        if each is not Telling.NOTHING
    ]
    return [context("\n".join([draft.say("preview", language=spoken), *lines]))]


def _about(draft: FormContext) -> list[Block]:
    """What the decision is about, so that nobody decides on another one by mistake."""
    found = draft.prefill.get("found")
    if not isinstance(found, CandidateFacts):
        return []
    who = f"*{found.reference}*  ·  {escape(short_text(found.customer, 80))}".removesuffix("  ·  ")
    said = quote_text(short_text(found.stake, STAKE_SHOWN)) if found.stake else ""
    return [section("\n".join(part for part in (who, said) if part))]


@form_of("log_call")
def log_call_form(draft: FormContext) -> list[Block]:
    """Who called, where to call back, and their words; the rest is known or can wait.

    ``customer`` is read as in the form that opens a case. ``prefill``: ``at``, now.

    Of ``escalate`` nothing is stored: ticked, it leads on to the form that opens a case. ``caller``
    and ``phone`` have at most 200 characters.
    """
    return [
        external_input(draft, "customer", known_customer(draft)),
        text_input(draft, "words"),
        text_input(draft, "caller", lines=False, optional=True),
        text_input(draft, "phone", lines=False, optional=True),
        time_input(draft, "at", None, optional=True),
        checkboxes_input(draft, "sensitive", [option("true", draft.say("sensitive_true"))]),
        checkboxes_input(draft, "escalate", [option("true", draft.say("escalate_true"))]),
    ]


@form_of("undo_decision")
def undo_decision_form(draft: FormContext) -> list[Block]:
    """Which decision is taken back.

    By the candidate's number as people write it, ``CAN-7`` or ``7``.
    """
    return [text_input(draft, "candidate", lines=False, limit=NUMBER_MAX)]
