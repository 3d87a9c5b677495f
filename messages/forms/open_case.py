"""The form that opens a case, and the one that asks which case is meant.

What the customer field and the signs change in an open form is in ``handlers.forms.redraw``; the
customers that it offers are in ``handlers.slack.options``.
"""

from collections.abc import Collection, Sequence

from bot.rules.facts import AccountFacts, CaseFacts
from bot.rules.severity import SIGNS, suggest_severity
from bot.rules.words import Language, Trigger
from messages.forms.inputs import (
    FormContext,
    checkboxes_input,
    external_input,
    radio_input,
    select_input,
    severity_options,
    text_input,
    time_input,
    word_options,
)
from messages.forms.roles import component_inputs
from messages.forms.table import form_of
from messages.kit.blocks import (
    LABEL_MAX,
    OPTION_VALUE_MAX,
    OPTIONS_MAX,
    PLACEHOLDER_MAX,
    Block,
    context,
    option,
    plain,
)
from messages.kit.case_lines import short_text
from messages.kit.mrkdwn import mention_channel, mention_user, slack_date
from messages.kit.texts import label, load_texts, t

ELSE = "else"  # the choice that the report is about none of the customer's cases
NEW_CASE = "new"  # the picker's choice of no case that there is
NEW_NAME_MAX = OPTION_VALUE_MAX - len("new:")  # characters; the option carries the whole name


@form_of("open_case")
def open_case_form(draft: FormContext) -> list[Block]:
    """Escalate: who, what is at stake, why, how bad; the rest is optional.

    ``customer`` is ``account:<key>`` or ``new:<name>``. ``signs`` only suggest a severity; one that
    is chosen goes before. Choosing a customer or a reason, or ticking a sign, draws parts anew.

    ``prefill``: ``known``, the case that came from the same place, and ``way``, which place;
    ``cases``, those of a customer who is known beforehand.
    """
    language = draft.language
    signs = [option(sign, t(language, f"sign.{sign}")) for sign in SIGNS]
    return [
        external_input(draft, "customer", known_customer(draft), dispatch=True),
        *open_cases(draft, _known_case(draft), draft.typed("way")),
        text_input(draft, "stake"),
        checkboxes_input(draft, "stake_quoted", [option("true", draft.say("stake_quoted_true"))]),
        time_input(draft, "reported_at", None, optional=True),
        select_input(
            draft,
            "trigger",
            word_options(language, Trigger),
            initial=Trigger.TECHNICAL.value,
            dispatch=True,
        ),
        checkboxes_input(draft, "signs", signs, dispatch=True),
        severity_suggestion(draft.prefill.get("signs") or (), language),
        severity_input(draft),
        *component_inputs(draft),
        text_input(draft, "ticket_url", kind="url_text_input", optional=True),
        *contact_inputs(draft),
        restricted_input(draft),
    ]


def _known_case(draft: FormContext) -> Sequence[CaseFacts] | None:
    """The case of the same place alone, else those of the customer; None where neither is known."""
    known = draft.prefill.get("known")
    cases: Sequence[CaseFacts] | None = draft.prefill.get("cases")
    return [known] if isinstance(known, CaseFacts) else cases


def open_cases(
    draft: FormContext, found: Sequence[CaseFacts] | None, way: str = "", revision: int = 0
) -> list[Block]:
    """What cases the customer has already, and the question whether this is one of them.

    None: no customer is chosen yet. With a ``way`` (``message``, ``ticket``) the first of them came
    from the same place, and nothing else can be chosen. The line's block is ``cases``, the
    question's ``same_as``, by which ``redraw`` finds them; another ``revision`` draws it afresh.

    ``same_as`` is a case's number as text, or ``ELSE``; it is required, and choosing it draws the
    severity anew.
    """
    language = draft.language
    if not found:
        words = draft.say("no_case" if found is None else "none_open")
        return [context(words) | {"block_id": "cases"}]
    head = draft.say(f"same_{way}", reference=found[0].reference) if way else draft.say("is_open")
    lines = [head, *open_case_lines(found, language)]
    options = [option(str(c.number), draft.say("add_to", reference=c.reference)) for c in found]
    options += [] if way else [option(ELSE, draft.say("something_else"))]
    asked = radio_input(draft, "same_as", options, dispatch=True)
    return [
        context("\n".join(lines)) | {"block_id": "cases"},
        asked | ({"block_id": f"same_as~{revision}"} if revision else {}),
    ]


def open_case_lines(cases: Sequence[CaseFacts], language: Language) -> list[str]:
    """A line for each of a customer's cases."""
    return [_open_case(case, language) for case in cases]


def _open_case(case: CaseFacts, language: Language) -> str:
    """One case: since when, how bad, who has it, and the way to its channel."""
    where = mention_channel(case.channel_id) if case.channel_id else case.reference
    return t(
        language,
        "form.open_case.open_since",
        reference=case.reference,
        customer=short_text(case.customer, 80),
        when=slack_date(case.received_at, language),
        severity=label(language, case.severity),
        status=label(language, case.status),
        owner=mention_user(case.owner),
        where=where,
    )


def adds_to_case(chosen: object) -> bool:
    """Whether what was chosen in ``same_as`` is a case, to which the report is added.

    Empty, None and ``ELSE`` are no case.
    """
    return str(chosen or "").isdecimal()


def contact_inputs(draft: FormContext, revision: int = 0) -> list[Block]:
    """Whom we write to and how; with another ``revision`` Slack draws them afresh.

    ``language`` is the customer's; left empty, the account's is taken, else the policy's first.
    """
    mark = f"~{revision}" if revision else ""
    drawn = [
        text_input(draft, "contact_name", lines=False, optional=True),
        text_input(draft, "contact_email", kind="email_text_input", optional=True),
        select_input(draft, "language", word_options(draft.language, Language), optional=True),
    ]
    return [block | {"block_id": block["block_id"] + mark} for block in drawn]


def severity_suggestion(signs: Collection[str], language: Language) -> Block:
    """What the ticked signs speak for, in small print under them; its block id stays the same.

    The id is ``suggestion``, by which ``redraw`` finds the block again.
    """
    severity = suggest_severity(signs)
    if severity is None:
        words = t(language, "form.open_case.no_suggestion")
    else:
        meaning = t(language, f"severity_meaning.{severity.name.lower()}")
        name = label(language, severity)
        words = t(language, "form.open_case.suggestion", severity=name, meaning=meaning)
    return context(words) | {"block_id": "suggestion"}


def severity_input(draft: FormContext) -> Block:
    """How bad it is: to be chosen, unless the ticked signs or the case it is added to tell.

    Values are ``1`` to ``4``. It is required only where neither speaks for one.
    """
    options = severity_options(draft.language)
    if adds_to_case(draft.prefill.get("same_as")):  # which has its severity
        block = select_input(draft, "severity", options, optional=True)
        return block | {"hint": plain(draft.say("severity_known"), LABEL_MAX)}
    if suggest_severity(draft.prefill.get("signs") or ()) is not None:
        return select_input(draft, "severity", options, optional=True)
    block = select_input(draft, "severity", options)
    block["element"]["placeholder"] = plain(draft.say("severity_choose"), PLACEHOLDER_MAX)
    return {key: value for key, value in block.items() if key != "hint"}


def restricted_input(draft: FormContext, revision: int = 0) -> Block:
    """Whether the case is restricted; with another ``revision`` Slack draws it afresh.

    Ticked it comes back as ``["true"]``; it is never required.
    """
    box = option("true", draft.say("sensitive_true"), draft.say("sensitive_note"))
    block = checkboxes_input(draft, "sensitive", [box])
    return block | {"block_id": f"sensitive~{revision}" if revision else "sensitive"}


def account_option(account: AccountFacts) -> Block:
    """A known customer as a choice of the customer field, with its tier beside the name.

    A key is never longer than an option's value can be: the accounts file refuses such keys.
    """
    return option(f"account:{account.key}", account.name or "-", account.tier)


def new_customer_option(name: str, language: Language) -> Block:
    """“New customer …” as a choice of the customer field; its value is ``new:`` and the name.

    For a name that does not fit it is ``long:``: choosing it says how long a name may be.
    """
    if len(name) > NEW_NAME_MAX:
        most = t(language, "form.open_case.name_most", limit=NEW_NAME_MAX)
        return option("long:", t(language, "form.open_case.name_too_long"), most)
    said = t(language, "form.open_case.new_customer", name=name)
    return option(f"new:{name}", said)


def known_customer(draft: FormContext) -> Block | None:
    """The customer that is known beforehand: by ``account`` and ``customer``, or the name alone."""
    name = draft.typed("customer").strip()
    if not name:
        return None
    key = draft.typed("account")
    if key:
        return account_option(AccountFacts(key, name))
    return new_customer_option(name, draft.language)


@form_of("picker", "then", "with", "said")
def picker_form(draft: FormContext) -> list[Block]:
    """Which case? ``prefill["cases"]`` are those that the viewer may choose from, at most 100.

    Hidden: ``then``, the interaction to go on with, ``with``, the fields given for it so far, and
    ``said``, the whole text where it may have meant a new case: then that is a choice too.
    Without any case the form has no input, and nothing can be sent.
    """
    cases: Sequence[CaseFacts] = draft.prefill.get("cases") or ()
    offered = [
        option(
            str(case.number),
            f"{case.reference} · {case.customer}",
            f"{case.severity.label} · {label(draft.language, case.status)}",
        )
        for case in cases[:OPTIONS_MAX]
    ]
    if not offered:
        return [context(draft.say("none"))]
    only = offered[0]["value"] if len(offered) == 1 else ""
    if said := draft.typed("said"):
        offered = [*offered[: OPTIONS_MAX - 1], option(NEW_CASE, draft.say("new"), said)]
    return [*_what_for(draft), select_input(draft, "case", offered, initial=only)]


def _what_for(draft: FormContext) -> list[Block]:
    """What the case is chosen for: the title of the form that follows; nothing without one."""
    verb = draft.typed("then").partition(":")[2]
    title = load_texts(draft.language).get(f"form.{verb}.title")
    return [context(draft.say("then", what=title))] if title else []
