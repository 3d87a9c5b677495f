"""Forms of focus, and of questions to the technical lead."""

from datetime import timedelta

from bot.rules.focus.facts import About
from messages.forms.inputs import FormContext, select_input, text_input, time_input, word_options
from messages.forms.table import form_of
from messages.kit.blocks import Block, context, section
from messages.kit.mrkdwn import quote_text

FOCUS_FOR = timedelta(minutes=90)
QUESTION_SHOWN = 300  # characters


@form_of("focus")
def focus_form(draft: FormContext) -> list[Block]:
    """Until when the technical lead is left alone; 90 minutes from now unless it is changed.

    Of a focus that runs its end is offered, so that it can be moved. How long one may last is
    judged when it is carried out.
    """
    case = draft.about()
    until = case.focus.until if case.focus else case.now + FOCUS_FOR
    return [context(draft.say("how")), time_input(draft, "until", until)]


@form_of("interrupt_focus")
def interrupt_form(draft: FormContext) -> list[Block]:
    """What cannot wait, and why; the form says that it is counted.

    One field: a reason apart from the words would be written twice.
    """
    return [context(draft.say("how")), text_input(draft, "reason")]


@form_of("ask_lead")
def ask_lead_form(draft: FormContext) -> list[Block]:
    """What the question is about, which the card may know, and the question."""
    return [
        context(draft.say("focus" if draft.about().focus else "how")),
        select_input(draft, "about", word_options(draft.language, About)),
        text_input(draft, "question", limit=300, optional=True),
    ]


@form_of("answer_question")
def answer_question_form(draft: FormContext) -> list[Block]:
    """The answer, below the question.

    ``prefill``: ``query``, its id, hidden, and ``shown``, its words.
    """
    asked = draft.typed("shown", QUESTION_SHOWN)
    above = [section(quote_text(asked))] if asked else []
    return [*above, text_input(draft, "answer")]


@form_of("report_finding")
def report_finding_form(draft: FormContext) -> list[Block]:
    """What the work has shown.

    It is for colleagues: the customer hears of it by an update, in words of its own.
    """
    return [text_input(draft, "finding")]
