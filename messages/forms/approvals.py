"""Forms about approved words: answering a message, and proposing words for the library.

A second person's decision is ``approve``, a hidden field where the button pressed has said it
already; a remark is wanted only from one who returns.
"""

from datetime import date, datetime

from bot.rules.facts import DraftFacts
from bot.rules.tone.lint import find_liability
from bot.rules.words import Language, MessageKind
from messages.forms.inputs import (
    FormContext,
    day_input,
    select_input,
    text_input,
    word_options,
    yes_no,
)
from messages.forms.table import form_of
from messages.kit.blocks import Block, context, fit_plain, section
from messages.kit.mrkdwn import escape, mention_user, quote_text, slack_date
from messages.kit.routes import route_name
from messages.kit.template_context import lower_first, text_chunks
from messages.kit.texts import label

QUOTE_MAX = 120  # characters of what admits fault
DAY_ONE = date(2028, 1, 31)  # the last day of the words that ship, where nothing else is known


@form_of("answer_draft")
def answer_draft_form(draft: FormContext) -> list[Block]:
    """The text as it would go out, and whether it may.

    ``prefill``: ``shown``, the DraftFacts; ``digest``, hidden, of what is shown; ``approve`` where
    the button said it. Drafts of an older version have only words and no ``shown.shown``: then the
    words stand alone.
    """
    shown: DraftFacts | None = draft.prefill.get("shown")
    blocks: list[Block] = []
    if shown is not None:
        said = draft.say(
            "shown",
            user=mention_user(shown.author),
            kind=lower_first(label(draft.language, shown.kind), draft.language),
            recipient=escape(" ".join(shown.recipient.split())),
        )
        text = shown.shown.get("text", shown.text)
        blocks = [
            section(said),
            *map(section, text_chunks(quote_text(text))),
            *_around(draft, shown),
        ]
    if "approve" not in draft.prefill:
        blocks.append(yes_no(draft, "approve"))
    returning = draft.prefill.get("approve") is False
    return [*blocks, text_input(draft, "remark", optional=not returning)]


def _around(draft: FormContext, shown: DraftFacts) -> list[Block]:
    """What an approval is of beside the words: the way, the thread, the promise, the doubt.

    From ``DraftFacts.shown``: ``route``, ``place`` and ``address``, ``spoken`` (the language),
    ``promised`` (ISO 8601, may be empty) and ``why`` (a text under ``why_``). Nothing for a draft
    without them.

    All of these are there, unless the mapping is empty as a whole.
    """
    known = shown.shown
    if not known:
        return []
    place = ", ".join(part for part in (known["place"], known["address"]) if part)
    lines = [
        draft.say(
            "way",
            route=route_name(known["route"], draft.language),
            place=f" ({escape(place)})" if place else "",
            language=label(draft.language, Language(known["spoken"])),
        )
    ]
    if known["promised"]:
        at = slack_date(datetime.fromisoformat(known["promised"]), draft.language)
        lines.append(draft.say("promised", when=at))
    if draft.knows(f"why_{known['why']}"):
        lines.append(draft.say(f"why_{known['why']}"))
    if known["why"] == "legal":
        lines += _admitted(draft, shown)
    return [section("\n".join(lines))]


def _admitted(draft: FormContext, shown: DraftFacts) -> list[str]:
    """The words that can be read as admitting fault, a line each."""
    spoken = Language(shown.shown["spoken"])
    found = find_liability(shown.text, spoken, (draft.about().stake,))
    return [draft.say("admits", quote=escape(fit_plain(each, QUOTE_MAX))) for each in found]


@form_of("propose_template")
def propose_template_form(draft: FormContext) -> list[Block]:
    """New words for a kind of message, begun with those in use.

    ``prefill``: ``kind``, ``language``, ``body`` and ``expires``, a date.

    Kind and language are chosen among all that there are. Without ``expires`` the day is
    ``DAY_ONE``.
    """
    return [
        context(draft.say("how")),
        select_input(draft, "kind", word_options(draft.language, MessageKind)),
        select_input(draft, "language", word_options(draft.language, Language)),
        text_input(draft, "body"),
        text_input(draft, "why", lines=False),
        day_input(draft, "expires", draft.prefill.get("expires") or DAY_ONE),
    ]


@form_of("answer_template")
def answer_template_form(draft: FormContext) -> list[Block]:
    """Whether the words may be used; the message with the buttons shows them.

    ``prefill``: the id of the proposal, hidden; ``approve`` where the button said it.

    A remark is required only where the button said no; in the form that asks for the decision it
    may stay empty.
    """
    blocks = [] if "approve" in draft.prefill else [yes_no(draft, "approve")]
    returning = draft.prefill.get("approve") is False
    return [*blocks, text_input(draft, "remark", optional=not returning)]


@form_of("withdraw_template")
def withdraw_template_form(draft: FormContext) -> list[Block]:
    """Why the words are taken out of use; those before them, if any, are used again."""
    return [text_input(draft, "reason")]
