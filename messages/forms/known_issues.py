"""Forms about known issues and the customers who wait for them.

``prefill["about"]`` is the problem's facts of its row, where there is one, with its number as a
hidden field of the intents.
"""

from bot.rules.problems.facts import AffectedFacts, ProblemFacts
from bot.rules.words import Language
from messages.forms.inputs import (
    FormContext,
    day_input,
    external_input,
    person_input,
    select_input,
    text_input,
    word_options,
)
from messages.forms.table import form_of
from messages.kit.blocks import Block, context, section
from messages.problems.lines import affected_line, problem_name


def _named(draft: FormContext) -> list[Block]:
    """Which known issue this is about; nothing where it is not known."""
    about: ProblemFacts | None = draft.prefill.get("about")
    if about is None:
        return []
    return [context(f"*{problem_name(about.number, about.title, known=about.is_known_issue)}*")]


def _details(draft: FormContext) -> list[Block]:
    """The inputs of what is said of a known issue, by the fields of both intents.

    Only the title and the owner must be filled in; ``expected_on`` is a day without a zone.
    """
    return [
        text_input(draft, "title", lines=False),
        text_input(draft, "component", lines=False, optional=True),
        text_input(draft, "bug", lines=False, optional=True),
        day_input(draft, "expected_on", None, optional=True),
        text_input(draft, "workaround", optional=True),
        person_input(draft, "owner", initial=draft.viewer.user_id),
    ]


@form_of("add_issue")
def add_issue_form(draft: FormContext) -> list[Block]:
    """What is broken, where its bug is, when the fix is expected; the viewer owns it by default."""
    return [context(draft.say("how")), *_details(draft)]


@form_of("edit_issue")
def edit_issue_form(draft: FormContext) -> list[Block]:
    """What is said of it now, to be changed; ``prefill`` has every field as it is."""
    return [*_named(draft), context(draft.say("how")), *_details(draft)]


@form_of("add_waiter")
def add_waiter_form(draft: FormContext) -> list[Block]:
    """A customer, what they said and where, and how they are reached.

    ``customer`` is read as in the form that opens a case. Where no language is chosen it is that of
    the account.
    """
    return [
        *_named(draft),
        external_input(draft, "customer", None),
        text_input(draft, "said"),
        text_input(draft, "source", lines=False, optional=True),
        text_input(draft, "contact_name", lines=False, optional=True),
        text_input(draft, "contact_email", optional=True, kind="email_text_input"),
        text_input(draft, "ticket_url", optional=True, kind="url_text_input"),
        select_input(draft, "language", word_options(draft.language, Language), optional=True),
    ]


@form_of("remove_waiter")
def remove_waiter_form(draft: FormContext) -> list[Block]:
    """Why a customer does not wait any more; ``prefill["shown"]`` is their AffectedFacts.

    Where that customer is gone from the list, nothing of them stands above the reason.
    """
    shown: AffectedFacts | None = draft.prefill.get("shown")
    about = [section(affected_line(shown, draft.language, full=True))] if shown else []
    return [*_named(draft), *about, text_input(draft, "reason")]


@form_of("ship_issue")
def ship_issue_form(draft: FormContext) -> list[Block]:
    """Where the fix can be had; those who wait are written to afterwards."""
    return [
        *_named(draft),
        context(draft.say("how")),
        text_input(draft, "outcome", lines=False, optional=True),
    ]


@form_of("slip_issue")
def slip_issue_form(draft: FormContext) -> list[Block]:
    """The new day and why; those who wait are written to afterwards."""
    return [
        *_named(draft),
        context(draft.say("how")),
        day_input(draft, "expected_on", None),
        text_input(draft, "outcome", lines=False, optional=True),
    ]


@form_of("drop_issue")
def drop_issue_form(draft: FormContext) -> list[Block]:
    """Why it will not be fixed; those who wait are written to afterwards."""
    return [*_named(draft), context(draft.say("how")), text_input(draft, "outcome")]
