"""Forms of the decision log, of action items, of drills, and of customers to be told."""

from collections.abc import Sequence

from bot.rules.facts import ActionFacts
from bot.rules.learning.outreach import OutreachLine
from bot.rules.states import DecisionOutcome
from bot.rules.words import Language
from messages.forms.inputs import (
    FormContext,
    day_input,
    person_input,
    select_input,
    text_input,
    word_options,
)
from messages.forms.lifecycle import IMPROVEMENTS
from messages.forms.table import form_of
from messages.kit.blocks import Block, context, section
from messages.kit.case_lines import short_text
from messages.kit.mrkdwn import escape, mention_user, on_day, quote_text
from messages.kit.template_context import text_chunks
from messages.kit.texts import label, t
from messages.learning.decisions import decision_lines


@form_of("decide")
def decide_form(draft: FormContext) -> list[Block]:
    """What was decided, instead of what, why, by whom, and when it is looked at again."""
    return [
        text_input(draft, "decision"),
        text_input(draft, "options", optional=True),
        text_input(draft, "why"),
        person_input(draft, "decider", initial=draft.viewer.user_id),
        day_input(draft, "ask_on", None, optional=True),
    ]


@form_of("judge_decision")
def judge_decision_form(draft: FormContext) -> list[Block]:
    """The decision, how it came out, and what we know now.

    ``prefill``: ``shown``, a DecisionFacts; ``decision``, its id, hidden.
    """
    known = draft.prefill.get("shown")
    shown = [section(decision_lines(known, draft.language))] if known else []
    return [
        *shown,
        select_input(draft, "outcome", word_options(draft.language, DecisionOutcome)),
        text_input(draft, "lesson"),
    ]


def _item(draft: FormContext) -> ActionFacts | None:
    """The action item that the form is about; None where the case has it no more."""
    number = draft.prefill.get("action")
    return next((each for each in draft.about().actions if each.id == number), None)


def _shown(draft: FormContext) -> list[Block]:
    """The item, above what is asked about it: its title, whose it is, by when."""
    item = _item(draft)
    if item is None:
        return []
    due = on_day(item.due, draft.language)
    said = draft.say("item", title=escape(item.title), user=mention_user(item.owner), due=due)
    return [section(said)]


@form_of("verify_action")
def verify_action_form(draft: FormContext) -> list[Block]:
    """What is missing before an action item counts as done.

    ``prefill``: ``accept``, hidden and False; ``action``, its id, hidden.
    """
    return [*_shown(draft), text_input(draft, "remark")]


@form_of("drop_action")
def drop_action_form(draft: FormContext) -> list[Block]:
    """Why an action item is not done any more. ``prefill``: ``action``, its id, hidden."""
    return [*_shown(draft), text_input(draft, "reason")]


@form_of("edit_action")
def edit_action_form(draft: FormContext) -> list[Block]:
    """What an action item says, its kind, day and issue; the kind of a promise stays."""
    item = _item(draft)
    promised = item is not None and item.type not in IMPROVEMENTS
    kinds = [item.type] if item is not None and promised else IMPROVEMENTS
    return [
        text_input(draft, "title", lines=False),
        select_input(draft, "type", word_options(draft.language, kinds)),
        day_input(draft, "due", None),
        text_input(draft, "bug", lines=False, optional=True),
    ]


@form_of("reassign_action")
def reassign_action_form(draft: FormContext) -> list[Block]:
    """Who is asked to take an action item over, and what they need to know."""
    return [
        *_shown(draft),
        person_input(draft, "user"),
        text_input(draft, "note", optional=True),
    ]


@form_of("answer_action_offer")
def answer_action_offer_form(draft: FormContext) -> list[Block]:
    """Why one does not take an action item. ``prefill``: ``accept``, hidden and False."""
    return [*_shown(draft), text_input(draft, "reason")]


@form_of("start_drill")
def start_drill_form(draft: FormContext) -> list[Block]:
    """Who plays a drill along, up to two colleagues; no one is needed."""
    return [
        context(draft.say("how")),
        person_input(draft, "colleague", optional=True),
        person_input(draft, "another", optional=True),
    ]


@form_of("tell_csms")
def tell_csms_form(draft: FormContext) -> list[Block]:
    """The words for each language that the customers read, from the approved letter.

    ``prefill``: ``count``, ``languages`` (codes), ``text_<language>``, and ``worked``, what helped
    in the case, which is quoted above them.
    """
    languages: Sequence[str] = draft.prefill.get("languages") or ("en",)
    worked = str(draft.prefill.get("worked") or "")
    quoted = f"*{t(draft.language, 'outreach.worked')}*\n{quote_text(worked)}"
    return [
        context(draft.say("how", count=draft.prefill.get("count") or 0)),
        *(section(each) for each in text_chunks(quoted)[:1] if worked),
        *(_written(draft, Language(code)) for code in languages),
    ]


def _written(draft: FormContext, language: Language) -> Block:
    """The field ``text_<language>``, labelled with the language's name."""
    named = draft.say("text", language=label(draft.language, language))
    return text_input(draft, f"text_{language.value}", named=named)


@form_of("spare_customer")
def spare_customer_form(draft: FormContext) -> list[Block]:
    """Why a customer need not be told; ``prefill["shown"]`` is their OutreachLine."""
    shown: OutreachLine | None = draft.prefill.get("shown")
    about = [context(f"*{short_text(shown.customer, 120)}*")] if shown else []
    return [*about, text_input(draft, "reason")]


@form_of("end_outreach")
def end_outreach_form(draft: FormContext) -> list[Block]:
    """Why it is taken back; those who were asked and have not answered read that it is over."""
    return [context(draft.say("how")), text_input(draft, "reason")]
