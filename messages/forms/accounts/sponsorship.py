"""Forms about the executive sponsorship programme.

``prefill["shown"]`` is the SponsorshipFacts of the account meant, with its id as ``membership``.
"""

from bot.rules.facts.sponsorship import SponsorshipFacts
from bot.rules.sponsorship.words import SponsorshipExit, SponsorshipTopic, TouchKind
from messages.forms.inputs import (
    FormContext,
    day_input,
    external_input,
    person_input,
    select_input,
    text_input,
    time_input,
    word_options,
)
from messages.forms.open_case import known_customer
from messages.forms.table import form_of
from messages.kit.blocks import Block, context, section
from messages.kit.texts import label
from messages.sponsorship.listing import sponsorship_lines

DIGITS = 3


@form_of("edit_sponsorship_text")
def edit_sponsorship_text_form(draft: FormContext) -> list[Block]:
    """One of the six texts; ``prefill``: ``topic``, hidden, ``body``, ``months``.

    ``suggested``: the body is only a suggestion; ``signed``: the programme is active.
    """
    topic = SponsorshipTopic(draft.choice("topic"))
    blocks = [context(f"*{label(draft.language, topic)}*  {draft.say(f'about_{topic}')}")]
    if draft.prefill.get("suggested"):
        blocks.append(context(draft.say("suggested")))
    if draft.prefill.get("signed"):
        blocks.append(context(draft.say("signs")))
    blocks.append(text_input(draft, "body"))
    if topic is SponsorshipTopic.EXIT:
        blocks.append(text_input(draft, "months", lines=False, limit=DIGITS))
    return blocks


@form_of("nominate_sponsorship")
def nominate_sponsorship_form(draft: FormContext) -> list[Block]:
    """Which account, whose sponsor, why, by which score, and who consented on their side."""
    return [
        context(draft.say("how")),
        external_input(draft, "customer", known_customer(draft)),
        person_input(draft, "sponsor"),
        person_input(draft, "deputy", optional=True),
        text_input(draft, "reason"),
        text_input(draft, "score", lines=False, limit=DIGITS),
        text_input(draft, "consent_by", lines=False, optional=True),
        day_input(draft, "consent_on", None, optional=True),
    ]


@form_of("answer_sponsorship", refuses="approve")
def answer_sponsorship_form(draft: FormContext) -> list[Block]:
    """Who consented, where that is not known; to refuse, why. ``approve`` is hidden."""
    if draft.says == "no":
        return [*_shown(draft), text_input(draft, "remark")]
    return [
        *_shown(draft),
        text_input(draft, "consent_by", lines=False),
        day_input(draft, "consent_on", None, optional=True),
    ]


@form_of("pass_sponsorship")
def pass_sponsorship_form(draft: FormContext) -> list[Block]:
    """Who is asked to sponsor it, and who stands in for them."""
    return [
        *_shown(draft),
        context(draft.say("how")),
        person_input(draft, "user"),
        person_input(draft, "deputy", optional=True),
    ]


@form_of("log_touch")
def log_touch_form(draft: FormContext) -> list[Block]:
    """How and when the sponsor was in contact, and what came of it."""
    return [
        *_shown(draft),
        select_input(draft, "how", word_options(draft.language, TouchKind)),
        text_input(draft, "note"),
        time_input(draft, "at", None, optional=True),
    ]


@form_of("keep_sponsorship")
def keep_sponsorship_form(draft: FormContext) -> list[Block]:
    """Until when it goes on before it is looked at again."""
    return [
        *_shown(draft),
        day_input(draft, "review_on", None),
        text_input(draft, "why", optional=True),
    ]


@form_of("end_sponsorship")
def end_sponsorship_form(draft: FormContext) -> list[Block]:
    """The reason of the end, and in one's own words."""
    return [
        *_shown(draft),
        context(draft.say("how")),
        select_input(draft, "exit_reason", word_options(draft.language, SponsorshipExit)),
        text_input(draft, "why"),
    ]


def _shown(draft: FormContext) -> list[Block]:
    shown: SponsorshipFacts | None = draft.prefill.get("shown")
    return [section(sponsorship_lines(shown, draft.language))] if shown else []
