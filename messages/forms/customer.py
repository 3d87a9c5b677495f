"""Forms about what the customer was told and what the customer said.

The composer is drawn here, for ``update`` and ``resolve``; what surrounds its text is in
``composer_checks``.
"""

from datetime import date

from bot.rules.facts import CaseFacts
from bot.rules.letters import chosen_letter, list_letters
from bot.rules.lifecycle import OPEN
from bot.rules.words import MessageKind, ResolutionType
from messages.forms import composer_checks
from messages.forms.inputs import (
    LINE_MAX,
    URL_MAX,
    FormContext,
    checkboxes_input,
    day_input,
    person_input,
    route_options,
    routes_of_ours,
    select_input,
    text_input,
    time_input,
    word_options,
    yes_no,
)
from messages.forms.table import form_of
from messages.kit.blocks import Block, context, option
from messages.kit.mrkdwn import escape
from messages.kit.template_context import clip_line
from messages.kit.texts import t

TALKED = ("call", "meeting", "message", "not_reached")
PARTIES = ("customer", "escalation_manager", "technical_lead")


@form_of("update", "warned")
def update_form(draft: FormContext) -> list[Block]:
    """Record what was sent, word for word, and when the customer hears from us next.

    ``prefill``: ``kind``; ``text``, the approved words for it; ``revision``, a number that is
    raised when another kind's words replace them; ``next_update_at``, the suggested promise;
    ``desk`` and ``mails``, whether the app can send it itself, in the ticket or by mail;
    ``findings`` and ``preview`` once the message was looked at. Hidden: ``warned``, the marks of
    the advice that was shown. Only letters that fit the case are offered, and the chosen one.

    The promise ``next_update_at`` is required while the case is open. ``workaround`` is asked for
    after the letter of that kind alone. Times are instants, to the minute. Raises ValueError
    without a case.
    """
    case = draft.about()
    kind = chosen_letter(case, draft.choice("kind"))
    fitting = list_letters(case)
    offered = word_options(draft.language, fitting if kind in fitting else (kind, *fitting))
    blocks = [
        *composer_checks.route_blocks(draft, by_us=bool(routes_of_ours(draft))),
        *composer_checks.template_blocks(draft),
        *composer_checks.approval_blocks(draft),
        *composer_checks.may_offer(draft),
        *composer_checks.advice_blocks(draft),
        select_input(draft, "kind", offered, initial=kind.value, dispatch=True),
        *_message(draft),
        time_input(draft, "next_update_at", None, optional=case.status not in OPEN),
        time_input(draft, "sent_at", None, optional=True),
        _gone(draft),
    ]
    if kind is MessageKind.WORKAROUND:  # choosing another kind draws the form again
        at = next(n for n, block in enumerate(blocks) if block.get("block_id") == "kind")
        blocks.insert(at + 1, text_input(draft, "workaround", lines=False))
    return [*blocks, *composer_checks.preview_blocks(draft)]


def _message(draft: FormContext) -> list[Block]:
    """The words, whom they went to and how; another template's words get another block id.

    ``route`` begins with a way in which the app sends, else with email. ``link`` is for what a
    person sent themselves.

    ``recipient`` has at most ``LINE_MAX`` characters, ``link`` ``URL_MAX``. The recipient is by
    default the contact (``contact_line``).
    """
    revision = draft.prefill.get("revision")
    by_us = routes_of_ours(draft)
    known = dict(draft.prefill)
    known["recipient"] = draft.typed("recipient") or contact_line(draft.about())
    named = FormContext(draft.verb, draft.language, draft.viewer, draft.case, known)
    return [
        text_input(draft, "text", block_id=f"text~{revision}" if revision else ""),
        text_input(named, "recipient", lines=False),
        *_second_contact(draft),
        select_input(
            draft, "route", route_options(draft.language, by_us), initial=(*by_us, "email")[0]
        ),
        text_input(draft, "link", lines=False, limit=URL_MAX, optional=True),
    ]


def _second_contact(draft: FormContext) -> list[Block]:
    """Whom to write to where the contact cannot be reached; nothing where no one is known."""
    case = draft.about()
    name = ", ".join(part for part in (case.second_name, case.second_email) if part)
    if not name:
        return []
    return [context(t(draft.language, "compose.second_contact", name=escape(clip_line(name))))]


def _gone(draft: FormContext) -> Block:
    """The box to tick when the customer has the message already, so that nothing can stop it."""
    said = option("true", draft.say("already_sent_true"), draft.say("already_sent_note"))
    return checkboxes_input(draft, "already_sent", [said])


def contact_line(case: CaseFacts) -> str:
    """The customer's contact as one line; the customer's name when no contact is known.

    Name and address with a comma between them, in ``LINE_MAX`` characters. Of a long name a part
    stands there, of an address never: one that is too long is left out, and a mail without an
    address goes to the contact's own.
    """
    name, email = case.contact_name.strip(), case.contact_email.strip()
    if len(email) > LINE_MAX:
        email = ""
    name = name[: max(LINE_MAX - len(email) - len(", "), 0)] if email else name[:LINE_MAX]
    return ", ".join(filter(None, (name, email))) or case.customer[:LINE_MAX]


@form_of("customer_replied")
def customer_replied_form(draft: FormContext) -> list[Block]:
    """What the customer said, and when: now, unless it is changed.

    From that instant on we owe an answer, however late it is recorded.
    """
    return [text_input(draft, "summary"), time_input(draft, "at", draft.about().now)]


@form_of("resolve", "warned")
def resolve_form(draft: FormContext) -> list[Block]:
    """What ended the trouble, and the notice that the customer got.

    ``prefill`` as for ``update_form``, and ``note`` and ``type``, by default those of an earlier
    resolution. Choosing another ``type`` draws the form again: the fix that is still to come is
    asked for after a workaround only.
    """
    case = draft.about()
    known = {"note": case.resolution_note, "type": case.resolution_type} | dict(draft.prefill)
    told = FormContext(draft.verb, draft.language, draft.viewer, case, known)
    kinds = word_options(draft.language, ResolutionType)
    lead = bool(draft.prefill.get("lead"))
    by_us = bool(routes_of_ours(draft))
    first = composer_checks.lead_blocks if lead else composer_checks.approval_blocks
    return [
        *([] if lead else composer_checks.route_blocks(draft, by_us=by_us)),
        *first(draft),
        *composer_checks.template_blocks(draft),
        *composer_checks.may_offer(draft),
        *composer_checks.advice_blocks(draft),
        select_input(told, "type", kinds, initial=ResolutionType.FIX.value, dispatch=True),
        text_input(told, "note"),
        *(_fix_to_come(told) if told.choice("type") == ResolutionType.WORKAROUND else ()),
        *_message(told),
        _gone(told),
        *composer_checks.preview_blocks(told),
    ]


def _fix_to_come(draft: FormContext) -> list[Block]:
    """Ask who makes the fix that a workaround leaves to do, and by when: the policy's day.

    The day is asked for only where ``fix_due`` is a date or its text (``2030-01-31``).
    """
    due = draft.prefill.get("fix_due")
    day = [day_input(draft, "fix_due", due)] if isinstance(due, date | str) else []
    return [person_input(draft, "fix_owner", optional=True), *day]


@form_of("breach_talk")
def breach_call_form(draft: FormContext) -> list[Block]:
    """How the conversation about a broken promise went.

    ``way`` is one of ``TALKED``; after ``not_reached`` the conversation is still owed. What was
    offered counts against what may still be offered on the case. With a next time the conversation
    counts as an update.
    """
    ways = [option(way, t(draft.language, f"talk.{way}")) for way in TALKED]
    legal = draft.case is not None and draft.case.legal
    return [
        select_input(draft, "way", ways, initial=TALKED[0]),
        text_input(draft, "outcome"),
        time_input(draft, "next_update_at", None, optional=True),
        # Of a legal case nothing is offered; whatever was said all the same is the outcome.
        *([] if legal else [text_input(draft, "offered", lines=False, optional=True)]),
    ]


@form_of("link_ticket")
def link_ticket_form(draft: FormContext) -> list[Block]:
    """Which ticket the case is about, by its address; the help desk is told from it.

    The address has at most ``URL_MAX`` characters. What is wrong with it is told when it is sent.
    """
    return [text_input(draft, "url", lines=False, limit=URL_MAX)]


@form_of("link_bug")
def link_bug_form(draft: FormContext) -> list[Block]:
    """Which bug the case waits for, by key or address; what is wrong with it is told when sent."""
    return [text_input(draft, "bug", lines=False)]


@form_of("confirm", refuses="comfortable")
def confirm_form(draft: FormContext) -> list[Block]:
    """Is a party comfortable with the resolution? What is known already is not asked.

    ``prefill``: ``party`` and ``comfortable``, where a button said them. A no must say what is
    missing.
    """
    blocks = []
    if "party" not in draft.prefill:
        offered = [option(party, t(draft.language, f"party.{party}")) for party in PARTIES]
        blocks.append(select_input(draft, "party", offered, initial="customer"))
    if "comfortable" not in draft.prefill:
        blocks.append(yes_no(draft, "comfortable"))
    return [*blocks, text_input(draft, "remark", optional=draft.says != "no")]
