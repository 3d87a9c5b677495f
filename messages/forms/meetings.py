"""Forms about the postmortem: when it is, and what it found."""

from datetime import timedelta

from bot.rules.states import PostmortemStep, Prevention
from messages.forms.inputs import (
    FormContext,
    day_input,
    person_input,
    select_input,
    several_input,
    text_input,
    time_input,
    word_options,
)
from messages.forms.table import form_of
from messages.kit.blocks import Block, context, option
from messages.kit.dates import format_duration
from messages.kit.mrkdwn import mention_user, slack_date

OFFERED = 100  # people in a list of Slack's
LENGTHS, USUAL = (30, 45, 60, 90), 60  # minutes


@form_of("plan_postmortem")
def plan_postmortem_form(draft: FormContext) -> list[Block]:
    """When, how long, and where the postmortem is."""
    lengths = [
        option(str(each), format_duration(timedelta(minutes=each), draft.language))
        for each in LENGTHS
    ]
    return [
        context(draft.say("how")),
        *_answered(draft),
        time_input(draft, "at", None),
        select_input(draft, "minutes", lengths, initial=str(USUAL)),
        text_input(draft, "place", lines=False, optional=True),
    ]


def _answered(draft: FormContext) -> list[Block]:
    """Who of the invited said that they come, who that they do not; nothing before any did.

    ``prefill``: ``shown``, a PostmortemFacts.
    """
    shown = draft.prefill.get("shown")
    if shown is None or not (shown.yes or shown.no):
        return []
    yes, no = ([mention_user(user) for user in users] for users in (shown.yes, shown.no))
    said = draft.say("answered", yes=", ".join(yes) or "–", no=", ".join(no) or "–")
    return [context(said)]


@form_of("cancel_postmortem")
def cancel_postmortem_form(draft: FormContext) -> list[Block]:
    """Why it does not take place."""
    return [text_input(draft, "reason")]


@form_of("postmortem_held")
def postmortem_held_form(draft: FormContext) -> list[Block]:
    """What the meeting found, by what that is prevented, who led it, who came.

    ``prefill``: ``shown``, a PostmortemFacts, says who is invited, and who saved it when.
    """
    shown = draft.prefill.get("shown")
    saved: list[Block] = []
    if shown and shown.saved_at:
        when = slack_date(shown.saved_at, draft.language)
        saved = [context(draft.say("saved", user=mention_user(shown.saved_by), when=when))]
    steps = [option(each.value, draft.say(f"step_{each.value}")) for each in PostmortemStep]
    invited = [option(user, name) for user, name in (shown.invited if shown else ())[:OFFERED]]
    came = [*_answered(draft), several_input(draft, "came", invited)] if invited else []
    none = [] if shown and shown.actions else [text_input(draft, "no_action", optional=True)]
    return [
        *saved,
        text_input(draft, "root_cause", optional=True),
        text_input(draft, "better", optional=True),
        select_input(draft, "prevention", word_options(draft.language, Prevention), optional=True),
        *none,
        person_input(draft, "facilitator", optional=True),
        *came,
        select_input(draft, "step", steps, initial=PostmortemStep.REVIEWED.value),
    ]


@form_of("write_quarterly_review")
def write_quarterly_review_form(draft: FormContext) -> list[Block]:
    """The four parts, another time, and whether it is held; ``prefill``: ``meets_at``."""
    steps = [option(each.value, draft.say(f"step_{each.value}")) for each in PostmortemStep]
    return [
        context(draft.say("how")),
        *(text_input(draft, part.value, optional=True) for part in Prevention),
        time_input(draft, "at", None, optional=True),
        select_input(draft, "step", steps, initial=PostmortemStep.SAVED.value),
    ]


@form_of("decide_quarter")
def decide_quarter_form(draft: FormContext) -> list[Block]:
    """What is decided, who does it, until when."""
    return [
        text_input(draft, "decision"),
        person_input(draft, "owner"),
        day_input(draft, "due", None),
    ]


@form_of("end_quarter_decision")
def end_quarter_decision_form(draft: FormContext) -> list[Block]:
    """By what it can be seen that it is done."""
    return [text_input(draft, "evidence")]


@form_of("verify_quarter_decision")
def verify_quarter_decision_form(draft: FormContext) -> list[Block]:
    """What is missing before a decision counts as done.

    ``prefill``: ``accept``, hidden and False; ``decision``, its id, hidden.
    """
    return [text_input(draft, "remark")]
