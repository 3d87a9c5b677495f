"""Forms about who does what, and about executives.

``ASSIGNABLE`` are the roles on a case that a person can be given. The reporter raised the case, and
the roles of the organisation (support lead, director, auditor, approver) come from the policy.
"""

from bot.rules.duty.stakeholders import COMMERCIAL
from bot.rules.lifecycle import OPEN
from bot.rules.words import EXECUTIVE_TRIGGERS, Role, Trigger, Withdrawable
from messages.forms.inputs import (
    FormContext,
    checkboxes_input,
    person_input,
    select_input,
    text_input,
    time_input,
    word_options,
    yes_no,
)
from messages.forms.table import form_of
from messages.kit.blocks import Block, context, fit_plain, option, section
from messages.kit.mrkdwn import mention_user, quote_text
from messages.kit.texts import label

ASSIGNABLE = (
    Role.ESCALATION_MANAGER,
    Role.TECHNICAL_LEAD,
    Role.AGENT,
    Role.CSM,
    Role.ACCOUNT_EXECUTIVE,
    Role.EXECUTIVE_OWNER,
    Role.FACILITATOR,
    Role.LEGAL,
)
ASKS_MAX, ASK_SHOWN = 20, 40  # questions offered, and characters of one
OPTIONS_MAX = 100  # Slack's most in a select
QUESTION_MAX = 300  # characters; an executive answers on a telephone


@form_of("assign")
def assign_form(draft: FormContext) -> list[Block]:
    """Give a role on the case to a person; who had it before has it no more.

    Slack offers all people of the workspace; one who is no member is refused at the field when the
    form is sent, if Slack tells of them in time.
    """
    return [
        select_input(draft, "role", word_options(draft.language, ASSIGNABLE)),
        person_input(draft, "user"),
    ]


@form_of("hand_over")
def hand_over_form(draft: FormContext) -> list[Block]:
    """Offer a role with what the next person needs; first the roles that the viewer holds.

    Only those are offered; all that can be given, where the viewer holds none. Whether they may is
    judged when it is sent.
    """
    case = draft.about()
    held = [role for role, holder in case.roles.items() if holder == draft.viewer.user_id]
    mine = [role for role in ASSIGNABLE if role in held] or list(ASSIGNABLE)
    return [
        select_input(draft, "role", word_options(draft.language, mine), initial=mine[0].value),
        person_input(draft, "user"),
        text_input(draft, "summary"),
    ]


@form_of("answer_handover")
def answer_handover_form(draft: FormContext) -> list[Block]:
    """Refuse an offered role: why, and who else could take it.

    ``prefill``: ``handover``, its id; ``accept``, hidden and False: accepting needs no form. The
    offer is shown with its summary where the case has it.

    Of an offer that is gone only the reason is asked.
    """
    number = draft.prefill.get("handover")
    offer = next((o for o in draft.about().handovers if o.id == number), None)
    blocks = [text_input(draft, "reason")]
    if offer is None:
        return blocks
    role, by = label(draft.language, offer.role), mention_user(offer.offered_by)
    said = draft.say("offer", role=role, user=by, quote=quote_text(offer.summary))
    return [section(said), *blocks]


@form_of("decline_page")
def decline_page_form(draft: FormContext) -> list[Block]:
    """Say that one cannot take the case, with or without a reason."""
    return [text_input(draft, "reason", optional=True)]


@form_of("name_stakeholder")
def name_stakeholder_form(draft: FormContext) -> list[Block]:
    """Name the customer success manager or the account executive; first the one who is missing."""
    missing = [role for role in COMMERCIAL if role not in draft.about().roles]
    first = (missing or COMMERCIAL)[0].value
    return [
        select_input(draft, "role", word_options(draft.language, COMMERCIAL), initial=first),
        person_input(draft, "user"),
        context(draft.say("kept")),
    ]


@form_of("withdraw")
def withdraw_form(draft: FormContext) -> list[Block]:
    """Take back what the case has: a flag, a restriction, an offered role, a resolution; and why.

    ``prefill``: ``what``, which of them; of an offer that is named without its id the first. A case
    that has none of these is told so, without an input.
    """
    offered = _withdrawable(draft)
    if not offered:
        return [section(draft.say("nothing"))]
    chosen = str(draft.prefill.get("what") or "")
    fitting = [each["value"] for each in offered if each["value"].startswith(chosen)]
    first = (fitting or [offered[0]["value"]])[0]
    what = FormContext(draft.verb, draft.language, draft.viewer, draft.case, {"what": first})
    means = [context(draft.say(f"means_{each}")) for each in dict.fromkeys(
        each["value"].partition(":")[0] for each in offered)]  # fmt: skip
    return [select_input(what, "what", offered), *means, text_input(draft, "reason")]


def _withdrawable(draft: FormContext) -> list[Block]:
    """What of the case can be taken back, as options; a legal case stays restricted.

    Values are ``flag``, ``restriction`` and ``resolution``, ``handover:<id>`` for an offered role
    and ``ask:<id>`` for a question. A resolution can be taken back only while the case is open.
    """
    case = draft.about()
    there = {
        Withdrawable.FLAG: case.executive or case.legal,
        Withdrawable.RESTRICTION: case.sensitive and not case.legal,
        Withdrawable.RESOLUTION: case.resolution_type is not None and case.status in OPEN,
    }
    options = word_options(draft.language, [each for each, found in there.items() if found])
    for offer in case.handovers:
        role = label(draft.language, offer.role)
        options.append(option(f"handover:{offer.id}", draft.say("offer", role=role)))
    for ask in [each for each in case.asks if each.answer is None][:ASKS_MAX]:
        asked = fit_plain(" ".join(ask.question.split()), ASK_SHOWN)
        options.append(option(f"ask:{ask.id}", draft.say("ask", question=asked)))
    return options


@form_of("executive_flag")
def executive_flag_form(draft: FormContext) -> list[Block]:
    """Bring executives in: what happened, in one sentence they can act on.

    Only the triggers that concern them are offered (``EXECUTIVE_TRIGGERS``).
    """
    grave = [trigger for trigger in Trigger if trigger in EXECUTIVE_TRIGGERS]
    filed = option("true", draft.say("filed_true"), draft.say("filed_note"))
    return [
        select_input(draft, "trigger", word_options(draft.language, grave)),
        text_input(draft, "reason"),
        checkboxes_input(draft, "filed", [filed]),
    ]


@form_of("ask_executive")
def ask_executive_form(draft: FormContext) -> list[Block]:
    """One question that only an executive can decide; a yes allows no money.

    By default the executive owner of the case is asked, else the account's sponsor. ``question``
    has at most ``QUESTION_MAX`` characters.
    """
    account = draft.about().account
    sponsor = (account.sponsor if account else None) or ""
    known = draft.about().roles.get(Role.EXECUTIVE_OWNER) or sponsor
    return [
        person_input(draft, "user", initial=known),
        text_input(draft, "question", limit=QUESTION_MAX),
        time_input(draft, "answer_by", None, optional=True),
        context(draft.say("money")),
    ]


@form_of("answer_ask", refuses="approve")
def answer_ask_form(draft: FormContext) -> list[Block]:
    """An executive's decision, with a remark.

    ``prefill``: ``ask``, its id, hidden; ``approve`` where the button said it.
    """
    number = draft.prefill.get("ask")
    ask = next((a for a in draft.about().asks if a.id == number), None)
    blocks = [] if "approve" in draft.prefill else [yes_no(draft, "approve")]
    blocks.append(text_input(draft, "remark", optional=draft.says != "no"))
    if ask is None:
        return blocks
    said = draft.say("asked", user=mention_user(ask.asked_by), quote=quote_text(ask.question))
    return [section(said), *blocks]


def component_inputs(draft: FormContext, *, optional: bool = True) -> list[Block]:
    """The choice of a component, by ``components`` of the prefill; nothing where there are none."""
    names = draft.prefill.get("components") or ()
    if not names:
        return []
    options = [option(name, name) for name in names]
    return [select_input(draft, "component", options, optional=optional)]


@form_of("set_component")
def set_component_form(draft: FormContext) -> list[Block]:
    """Say the component; its team is offered the case. Without any in the policy it says so."""
    asked = component_inputs(draft, optional=False)
    if not asked:
        return [section(draft.say("none"))]
    return [*asked, context(draft.say("offers"))]
