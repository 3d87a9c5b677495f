"""Forms about public reviews."""

from bot.rules.reviews.review import ReviewSource
from messages.forms.inputs import (
    FormContext,
    day_input,
    select_input,
    text_input,
    time_input,
    word_options,
)
from messages.forms.table import form_of
from messages.kit.blocks import Block, context

PASTED = (ReviewSource.G2, ReviewSource.TRUSTRADIUS, ReviewSource.OTHER)  # Podium tells its own


@form_of("add_review")
def add_review_form(draft: FormContext) -> list[Block]:
    """What a review says, and where: ``prefill`` has the ``link`` that was typed.

    The site is that of the link where it is known (``source``), else the first of ``PASTED``. The
    rating is text of at most 20 characters, as the site writes it, and ``written`` a day, which
    must be chosen.
    """
    offered = word_options(draft.language, PASTED)
    site = str(draft.prefill.get("source") or ReviewSource.G2)
    return [
        context(draft.say("how")),
        text_input(draft, "link", kind="url_text_input"),
        select_input(draft, "source", offered, initial=site),
        text_input(draft, "author", lines=False),
        text_input(draft, "customer", lines=False, optional=True),
        text_input(draft, "rating", lines=False, limit=20),
        text_input(draft, "text", optional=True),
        day_input(draft, "written", None),
    ]


@form_of("record_review_reply")
def record_review_reply_form(draft: FormContext) -> list[Block]:
    """When a review was answered on its site, and in which words.

    Neither has to be filled in; without a time it is now.
    """
    return [
        context(draft.say("how")),
        time_input(draft, "at", None, optional=True),
        text_input(draft, "text", optional=True),
    ]
