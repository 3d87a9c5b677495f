"""Forms about the case's course: severity, hold, close, reopen, dismiss, and what is learned."""

from datetime import timedelta

from bot.rules.facts import CaseFacts
from bot.rules.words import ActionType, ClosureCode, HoldReason, ResolutionType, RootCause, Severity
from messages.forms.inputs import (
    FormContext,
    day_input,
    person_input,
    select_input,
    severity_options,
    text_input,
    time_input,
    word_options,
)
from messages.forms.table import form_of
from messages.kit.blocks import Block, context, section
from messages.kit.mrkdwn import escape, mention_user, on_day

HOLD_FOR = timedelta(days=1)  # until the first look again, unless somebody chooses otherwise
ACTION_WITHIN = timedelta(days=14)  # the suggested due date of an action item
MINOR = (Severity.SEV3, Severity.SEV4)  # may close without a postmortem, with a reason


@form_of("severity")
def severity_form(draft: FormContext) -> list[Block]:
    """Another severity, and why."""
    now = str(draft.about().severity.value)
    return [
        select_input(draft, "severity", severity_options(draft.language), initial=now),
        text_input(draft, "reason"),
    ]


@form_of("hold")
def hold_form(draft: FormContext) -> list[Block]:
    """Why the case waits, and when somebody looks again."""
    case = draft.about()
    urgent = case.severity not in MINOR
    return [
        context(draft.say("how_urgent" if urgent else "how")),
        select_input(draft, "reason", word_options(draft.language, HoldReason)),
        time_input(draft, "until", case.now + HOLD_FOR),
        text_input(draft, "note", optional=True),
    ]


@form_of("close")
def close_form(draft: FormContext) -> list[Block]:
    """How it ended and why it happened; why no postmortem, where none was held and none must be."""
    case = draft.about()
    blocks = [
        select_input(
            draft,
            "code",
            word_options(draft.language, ClosureCode),
            initial=_likely_end(case).value,
        ),
        select_input(draft, "root_cause", word_options(draft.language, RootCause)),
    ]
    if case.postmortem_at is None and case.severity in MINOR:
        blocks.append(text_input(draft, "waived"))
    open_items = sum(item.done_at is None for item in case.actions)
    return [*blocks, context(draft.say("how", count=open_items))]


def _likely_end(case: CaseFacts) -> ClosureCode:
    if not any(c.party == "customer" and c.comfortable for c in case.confirmations):
        return ClosureCode.NO_RESPONSE
    if case.resolution_type is ResolutionType.WORKAROUND:
        return ClosureCode.WORKAROUND_ACCEPTED
    return ClosureCode.FIXED


@form_of("reopen")
def reopen_form(draft: FormContext) -> list[Block]:
    """What is not fixed."""
    return [text_input(draft, "reason")]


@form_of("dismiss")
def dismiss_form(draft: FormContext) -> list[Block]:
    """Why it is no escalation; the reporter reads it."""
    return [text_input(draft, "reason")]


@form_of("postmortem_held")
def postmortem_held_form(draft: FormContext) -> list[Block]:
    """What the meeting found."""
    return [
        text_input(draft, "root_cause"),
        text_input(draft, "better"),
        person_input(draft, "facilitator", optional=True),
    ]


@form_of("action_item")
def action_item_form(draft: FormContext) -> list[Block]:
    """One thing that will be done, by one person, by one day."""
    due = (draft.about().now + ACTION_WITHIN).date()
    return [
        text_input(draft, "title", lines=False),
        select_input(draft, "type", word_options(draft.language, ActionType)),
        person_input(draft, "owner", initial=draft.viewer.user_id),
        day_input(draft, "due", due),
    ]


@form_of("action_done")
def action_done_form(draft: FormContext) -> list[Block]:
    """What shows that an action item is done."""
    number = draft.prefill.get("action")
    item = next((a for a in draft.about().actions if a.id == number), None)
    blocks = [text_input(draft, "evidence")]
    if item is None:
        return blocks
    due = on_day(item.due, draft.language)
    said = draft.say("item", title=escape(item.title), user=mention_user(item.owner), due=due)
    return [section(said), *blocks]
