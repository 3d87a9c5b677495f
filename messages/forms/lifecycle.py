"""Forms about the case's course: severity, hold, close, reopen, dismiss, and what is learned.

All but ``reopen`` and ``dismiss`` look at the case to suggest something; what may be done at all
was judged before they are drawn.
"""

from collections.abc import Sequence
from datetime import timedelta

from bot.rules.facts import CaseFacts
from bot.rules.lifecycle import MINOR
from bot.rules.severity import urgency_of
from bot.rules.words import (
    ActionType,
    ClosureCode,
    HoldReason,
    ResolutionType,
    RootCause,
    Status,
    Urgency,
)
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
from messages.kit.blocks import Block, context, option, section
from messages.kit.case_lines import priority_line
from messages.kit.mrkdwn import escape, mention_user, on_day, quote_text
from messages.kit.texts import label

IN_THE_WAY = ("blocked", "need_help", "eta_moved")  # the answers to a check-in that take a word
HOLD_FOR = timedelta(days=1)  # until the first look again, unless another time is chosen
NUMBER_MAX = 12  # characters of a case's number as people write it
ACTION_WITHIN = timedelta(days=14)  # the suggested due date of an action item


# What the customer was promised is recorded by forms of its own.
IMPROVEMENTS = tuple(
    each for each in ActionType if each not in (ActionType.OWED, ActionType.COMMITMENT)
)


@form_of("severity")
def severity_form(draft: FormContext) -> list[Block]:
    """Another severity, and why; the present one is chosen.

    Raising it asks for less permission than lowering it, so the form opens for both.
    """
    now = str(draft.about().severity.value)
    return [
        select_input(draft, "severity", severity_options(draft.language), initial=now),
        text_input(draft, "reason"),
    ]


@form_of("set_urgency")
def set_urgency_form(draft: FormContext) -> list[Block]:
    """How fast the harm grows, the customer's own deadline, and what the priority rests on now."""
    case = draft.about()
    chosen = [option(each.value, label(draft.language, each), draft.say(f"means_{each}"))
              for each in Urgency]  # fmt: skip
    return [
        context(priority_line(case, draft.language)),
        select_input(draft, "urgency", chosen, initial=urgency_of(case).value),
        time_input(draft, "deadline", case.deadline, optional=True),
        text_input(draft, "reason", lines=False, optional=True),
    ]


@form_of("contest")
def contest_form(draft: FormContext) -> list[Block]:
    """What the customer says against our ranking, in their own words."""
    shown = context(priority_line(draft.about(), draft.language))
    return [shown, text_input(draft, "words")]


@form_of("answer_contest")
def answer_contest_form(draft: FormContext) -> list[Block]:
    """What the customer was told; above it their words, where they are known.

    ``prefill``: ``contest``, the id, hidden; without it the newest that waits.
    """
    number = draft.prefill.get("contest")
    waiting = [each for each in draft.about().contests if number in (None, each.id)]
    theirs = [section(quote_text(each.words)) for each in waiting[-1:]]
    return [*theirs, text_input(draft, "answer")]


@form_of("hold")
def hold_form(draft: FormContext) -> list[Block]:
    """Why the case waits, and when it is looked at again: a day from now unless it is changed.

    For SEV1 and SEV2 the form says that updates to the customer stay due.

    ``until`` is an instant and required. How long a hold may last is the policy's, and is judged
    when it is carried out.
    """
    case = draft.about()
    urgent = case.severity not in MINOR
    return [
        context(draft.say("how_urgent" if urgent else "how")),
        select_input(draft, "reason", word_options(draft.language, HoldReason)),
        time_input(draft, "until", case.now + HOLD_FOR),
        text_input(draft, "note", optional=True),
    ]


@form_of("status")
def status_form(draft: FormContext) -> list[Block]:
    """What stands in the way, in a sentence, and by when it should be over or ready.

    A moved date must be named, anything else may be.

    ``prefill``: ``standing``, one of ``IN_THE_WAY``, by default ``blocked``; only where it is
    ``eta_moved`` beforehand is the day required, since a choice does not draw the form again.
    """
    chosen = str(draft.prefill.get("standing") or "blocked")
    options = [option(each, draft.say(f"standing_{each}")) for each in IN_THE_WAY]
    needs_day = chosen == "eta_moved"
    return [
        select_input(draft, "standing", options, initial=chosen),
        text_input(draft, "remark"),
        day_input(draft, "expected", None, optional=not needs_day),
    ]


@form_of("close")
def close_form(draft: FormContext) -> list[Block]:
    """How it ended and why it happened; before the review, of which case it is a duplicate.

    For SEV3 and SEV4 without a postmortem: why it was waived. After one that no action item came
    of: why not. Open action items are counted where there are any; they outlive the case.

    ``root_cause`` is asked for only in the status of review. ``duplicate_of`` is a number as people
    write it, at most ``NUMBER_MAX`` characters, and required in every other status.
    """
    case = draft.about()
    open_items = sum(item.done_at is None for item in case.actions)
    items = [context(draft.say("how", count=open_items))] if open_items else []
    if case.status is not Status.REVIEW:
        only = word_options(draft.language, [ClosureCode.DUPLICATE])
        return [
            context(draft.say("how_duplicate")),
            select_input(draft, "code", only, initial=ClosureCode.DUPLICATE.value),
            text_input(draft, "duplicate_of", lines=False, limit=NUMBER_MAX),
            *items,
        ]
    likely = _likely_end(case).value
    return [
        select_input(draft, "code", word_options(draft.language, ClosureCode), initial=likely),
        select_input(draft, "root_cause", word_options(draft.language, RootCause)),
        *_reasons(draft, case),
        text_input(draft, "duplicate_of", lines=False, limit=NUMBER_MAX, optional=True),
        *items,
    ]


def _reasons(draft: FormContext, case: CaseFacts) -> list[Block]:
    """Ask why there was no postmortem, or why nothing came of it; for neither, nothing.

    An action item that was dropped is none. The latter may be empty: the postmortem has said it
    already, unless it is an old one.
    """
    if case.postmortem_at is None:
        minor = case.severity in MINOR
        return [text_input(draft, "waived")] if minor else []
    if any(not item.dropped_why for item in case.actions):
        return []
    return [text_input(draft, "no_action", optional=True)]


def _likely_end(case: CaseFacts) -> ClosureCode:
    """The closure that the confirmations speak for; without the customer's, ``no_response``."""
    if not any(c.party == "customer" and c.comfortable for c in case.confirmations):
        return ClosureCode.NO_RESPONSE
    if case.resolution_type is ResolutionType.WORKAROUND:
        return ClosureCode.WORKAROUND_ACCEPTED
    return ClosureCode.FIXED


@form_of("merge")
def merge_form(draft: FormContext) -> list[Block]:
    """In which of the customer's other open cases this one goes on.

    ``prefill``: ``others``, those that the viewer may see. Without any, nothing can be sent.

    A single one is chosen beforehand. Each option is the case's number; below it stands its stake.
    """
    others: Sequence[CaseFacts] = draft.prefill.get("others") or ()
    if not others:
        return [context(draft.say("none"))]
    offered = [
        option(
            str(case.number),
            f"{case.reference} · {case.severity.label} · {label(draft.language, case.status)}",
            " ".join(case.stake.split()),
        )
        for case in others
    ]
    only = offered[0]["value"] if len(offered) == 1 else ""
    return [context(draft.say("how")), select_input(draft, "into", offered, initial=only)]


@form_of("reopen")
def reopen_form(draft: FormContext) -> list[Block]:
    """What is not fixed: the reason of the timeline's entry, which the team reads."""
    return [text_input(draft, "reason")]


@form_of("dismiss")
def dismiss_form(draft: FormContext) -> list[Block]:
    """Why it is no escalation; the reporter reads it, word for word."""
    return [text_input(draft, "reason")]


@form_of("action_item")
def action_item_form(draft: FormContext) -> list[Block]:
    """One thing that will be done, by one person, by one day: the viewer, to be changed.

    Its issue in the developers' tracker may be named.

    ``prefill``: ``due``, the policy's day; without it two weeks from now.
    """
    due = (draft.about().now + ACTION_WITHIN).date()
    return [
        text_input(draft, "title", lines=False),
        select_input(draft, "type", word_options(draft.language, IMPROVEMENTS)),
        person_input(draft, "owner", initial=draft.viewer.user_id),
        day_input(draft, "due", due),
        text_input(draft, "bug", lines=False, optional=True),
    ]


@form_of("action_done")
def action_done_form(draft: FormContext) -> list[Block]:
    """What shows that an action item is done.

    ``prefill``: ``action``, its id, hidden; the item is shown where the case has it. ``evidence``
    where its issue is done.
    """
    number = draft.prefill.get("action")
    item = next((a for a in draft.about().actions if a.id == number), None)
    blocks = [text_input(draft, "evidence")]
    if item is None:
        return blocks
    due = on_day(item.due, draft.language)
    said = draft.say("item", title=escape(item.title), user=mention_user(item.owner), due=due)
    return [section(said), *blocks]
