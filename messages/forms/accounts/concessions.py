"""Forms about what customers are granted.

A decision is ``approve``, a hidden field where the button pressed has said it already.
"""

from bot.rules.facts import ConcessionView
from bot.rules.words import ConcessionKind, ConcessionReason
from messages.customers.concessions import concession_lines
from messages.forms.inputs import (
    FormContext,
    day_input,
    select_input,
    text_input,
    time_input,
    word_options,
    yes_no,
)
from messages.forms.table import form_of
from messages.kit.blocks import Block, context, section

AMOUNT_MAX = 40  # characters


@form_of("request_concession")
def request_concession_form(draft: FormContext) -> list[Block]:
    """How much of what, why, and until when it may be promised.

    ``prefill``: ``replaces``, hidden, with what is known of the concession that is changed.
    """
    changes = [context(draft.say("changes"))] if draft.prefill.get("replaces") else []
    kinds = word_options(draft.language, ConcessionKind)
    return [
        context(draft.say("how")),
        *changes,
        text_input(draft, "amount", lines=False, limit=AMOUNT_MAX),
        select_input(draft, "kind", kinds, initial=ConcessionKind.GOODWILL.value),
        select_input(draft, "reason", word_options(draft.language, ConcessionReason)),
        text_input(draft, "why"),
        day_input(draft, "until", None, optional=True),
    ]


@form_of("answer_concession", refuses="approve")
def answer_concession_form(draft: FormContext) -> list[Block]:
    """What is asked for, and the decision.

    ``prefill``: ``shown``, a ConcessionView; ``concession`` and ``digest``, hidden; ``approve``
    where the button said it.
    """
    blocks = [] if "approve" in draft.prefill else [yes_no(draft, "approve")]
    return [*_shown(draft), *blocks, text_input(draft, "remark", optional=draft.says != "no")]


@form_of("withdraw_concession")
def withdraw_concession_form(draft: FormContext) -> list[Block]:
    """Why it is taken back; ``prefill`` as of ``answer_concession``."""
    return [*_shown(draft), text_input(draft, "reason")]


@form_of("void_concession")
def void_concession_form(draft: FormContext) -> list[Block]:
    """Why it is not owed any more; ``prefill`` as of ``answer_concession``."""
    return [*_shown(draft), context(draft.say("how")), text_input(draft, "reason")]


@form_of("promise_concession")
def promise_concession_form(draft: FormContext) -> list[Block]:
    """How and when the customer was told; ``prefill`` as of ``answer_concession``."""
    return [
        *_shown(draft),
        text_input(draft, "how", lines=False),
        time_input(draft, "at", None, optional=True),
    ]


@form_of("fulfil_concession")
def fulfil_concession_form(draft: FormContext) -> list[Block]:
    """By what it can be seen that the customer has it; ``prefill`` as of ``answer_concession``."""
    return [
        *_shown(draft),
        text_input(draft, "evidence", lines=False),
        time_input(draft, "at", None, optional=True),
    ]


@form_of("unfulfil_concession")
def unfulfil_concession_form(draft: FormContext) -> list[Block]:
    """Why the customer does not have it after all; ``prefill`` as of ``answer_concession``."""
    return [*_shown(draft), context(draft.say("how")), text_input(draft, "why")]


def _shown(draft: FormContext) -> list[Block]:
    shown: ConcessionView | None = draft.prefill.get("shown")
    return [section(concession_lines(shown, draft.language))] if shown else []
