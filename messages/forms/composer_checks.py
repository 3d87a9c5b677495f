"""What stands beside a customer message in the composer: advice, preview, who must approve.

All of it is drawn from ``prefill``, which ``bot.customers.composer`` and the composers in
``handlers.forms`` fill; a value that is missing draws nothing:

- ``approvers``, ``approved_by``: user ids; a second person is needed while the first is not empty.
- ``lead``: the user id of the technical lead who is asked before the customer is told.
- ``may_offer``: an amount as it is read.
- ``words``, ``expired``: the template used, and those that ended (TemplateFacts).
- ``findings``, ``preview``: what was found, and whether the message was looked at.
"""

from collections.abc import Sequence

from bot.rules.facts import ConcessionFacts, TemplateFacts
from bot.rules.local_time import local_day
from bot.rules.money.concessions import Gap, in_words
from bot.rules.money.kinds import likeliest_kind
from bot.rules.tone.lint import Finding
from bot.rules.words import Language
from messages.customers.template_library import expired_words, used_version
from messages.forms.inputs import FormContext
from messages.kit.amounts import format_amount, say_amount
from messages.kit.blocks import Block, actions, button, context, divider, fit_plain, section
from messages.kit.dates import full_day
from messages.kit.mrkdwn import escape, mail_link, mention_user, mrkdwn_link, quote_text, slack_date
from messages.kit.template_context import lower_first, text_chunks
from messages.kit.texts import label, plural, t

FINDINGS_SHOWN = 10  # more would not be read; the rest shows once these are dealt with
LINK_MAX = 500  # characters of an address that is linked beside the form
BUTTONS_MAX = 3  # amounts that can be asked for beside the findings
QUOTE_MAX = 120  # characters of what was found


def approval_blocks(draft: FormContext) -> list[Block]:
    """That another person approves this message first, or who has.

    In a legal case it says that Legal does.

    An approval that was given goes before people who could be asked. Nothing where neither is
    known. Raises ValueError for a form without a case where some would be asked.
    """
    approver = draft.prefill.get("approved_by")
    if approver:
        said = t(draft.language, "compose.approved", user=mention_user(str(approver)))
        return [context(said)]
    asked: Sequence[str] = draft.prefill.get("approvers") or ()
    if not asked:
        return []
    people = ", ".join(mention_user(each) for each in asked)
    if draft.about().legal:
        return [context(t(draft.language, "compose.by_legal", people=people))]
    return [context(t(draft.language, "compose.two", people=people))]


def lead_blocks(draft: FormContext) -> list[Block]:
    """Who is asked before the customer is told of the resolution, and who after them.

    ``prefill`` must have ``lead``. In a legal case the warning of ``route_blocks`` stands here,
    since ``route_blocks`` is left out then.
    """
    lead = str(draft.prefill["lead"])
    said = [t(draft.language, "compose.lead", user=mention_user(lead))]
    asked: Sequence[str] = draft.prefill.get("approvers") or ()
    if asked:
        people = ", ".join(mention_user(each) for each in asked)
        said.append(t(draft.language, "compose.lead_then", people=people))
    warning = [section(t(draft.language, "compose.legal"))] if draft.about().legal else []
    return [*warning, context(*said)]


def may_offer(draft: FormContext) -> list[Block]:
    """How much money these words may offer, where they may offer any.

    What was approved for this case, and what the writer may still offer alone, in euro.
    """
    amount = draft.prefill.get("may_offer")
    lines = [_approved_money(draft, each) for each in draft.about().concessions]
    if amount:
        said = say_amount(str(amount), draft.language)
        lines.append(t(draft.language, "compose.may_offer", amount=said))
    known = [line for line in lines if line]
    return [context(*known)] if known else []


def _approved_money(draft: FormContext, each: ConcessionFacts) -> str:
    """What was approved and not promised yet, for the one who writes; empty for all else."""
    if not each.is_promisable(draft.about().now):
        return ""
    return t(
        draft.language,
        "compose.approved_money",
        amount=format_amount(each.amount, each.currency, draft.language),
        kind=lower_first(label(draft.language, each.kind), draft.language),
        until=slack_date(each.ends, draft.language),
    )


def route_blocks(draft: FormContext, *, by_us: bool) -> list[Block]:
    """What becomes of the form; in a legal case what is not written, and why.

    ``by_us``: the app can send it, otherwise the form only records it.

    In a legal case with ``approvers`` the warning is all that is drawn, and below the line without
    them.
    """
    lines = [draft.say("how_sent" if by_us else "how"), *_ways(draft)]
    said = context(*lines)
    if not draft.about().legal:
        return [said]
    warning = section(t(draft.language, "compose.legal"))
    return [warning] if draft.prefill.get("approvers") else [said, warning]


def _ways(draft: FormContext) -> list[str]:
    """Links to where the text is pasted: the ticket, a new mail to the contact.

    An address of more than ``LINK_MAX`` characters is not linked; without a ticket and an address
    of the contact there is no line.
    """
    case, found = draft.about(), []
    if 0 < len(case.ticket_url) <= LINK_MAX:
        found.append(mrkdwn_link(case.ticket_url, t(draft.language, "compose.open_ticket")))
    if case.contact_email:
        found.append(mail_link(case.contact_email, t(draft.language, "compose.open_mail")))
    return [t(draft.language, "compose.ways", ways=" · ".join(found))] if found else []


def template_blocks(draft: FormContext) -> list[Block]:
    """Which template the words come from and until when; those that have expired are named.

    That there are no approved words is said where ``words`` is there and None, or some have
    expired; in a legal case only where some have.
    """
    shown: TemplateFacts | None = draft.prefill.get("words")
    gone: Sequence[TemplateFacts] = draft.prefill.get("expired") or ()
    lines = [expired_words(each, draft.language) for each in gone]
    if shown is not None:
        lines.insert(0, used_version(shown, draft.language))
    elif gone or ("words" in draft.prefill and not draft.about().legal):
        lines.append(t(draft.language, "compose.no_words"))
    return [context(*lines)] if lines else []


def advice_blocks(draft: FormContext) -> list[Block]:
    """What was found, each with a better wording; nothing before the message was looked at.

    Stops and advice alike, the first ``FINDINGS_SHOWN``; that nothing was found is said too.
    """
    found: Sequence[Finding] = draft.prefill.get("findings") or ()
    if not found:
        looked = draft.prefill.get("preview")
        return [context(t(draft.language, "compose.clean"))] if looked else []
    head = "compose.stopped" if any(each.stops for each in found) else "compose.found"
    lines = [section(plural(draft.language, head, len(found)))]
    lines += [section(_finding(draft, finding)) for finding in found[:FINDINGS_SHOWN]]
    return [*lines, *_ask_for_money(draft, found), divider()]


def _ask_for_money(draft: FormContext, found: Sequence[Finding]) -> list[Block]:
    """A button for each amount that is not covered: asking for exactly this one.

    What waits for a decision already is not asked for again.
    """
    wanted: dict[str, tuple[str, str]] = {}
    for each in found:
        gap = each.uncovered
        if gap and gap.amount and gap.amount.value and gap.gap is not Gap.WAITING:
            carried = in_words(gap.amount.value, gap.amount.unit)
            wanted[carried] = (carried, likeliest_kind(gap.money.kinds).value)
    buttons = [
        button(
            f"ask:request_concession#{number}",
            t(draft.language, "press.ask_amount", amount=say_amount(carried, draft.language)),
            {"case": draft.about().number, "amount": carried, "kind": kind},
        )
        for number, (carried, kind) in enumerate(list(wanted.values())[:BUTTONS_MAX], start=1)
    ]
    row = actions(*buttons) if buttons else None
    return [{**row, "block_id": "asking"}] if row else []


def say_gap(finding: Finding, language: Language, zone: str) -> str:
    """Why this money may not be offered, and what to do; plain text. Empty for other findings.

    A day in it is of the reader's IANA ``zone``.
    """
    gap = finding.uncovered
    if gap is None:
        return ""
    near = gap.near
    amount = gap.amount.value if gap.amount else None
    said = t(
        language,
        f"gap.{gap.gap.value}",
        amount=format_amount(amount, gap.amount.unit, language) if amount and gap.amount else "",
        near=format_amount(near.amount, near.currency, language) if near else "",
        kind=lower_first(label(language, near.kind), language) if near else "",
        on=_promised_on(near, language, zone),
    )
    asks = gap.gap in (Gap.NOTHING, Gap.AMOUNT, Gap.KIND, Gap.TWICE, Gap.AGAIN, Gap.UNNAMED)
    return f"{said} {t(language, 'gap.ask')}" if asks else said


def _promised_on(near: ConcessionFacts | None, language: Language, zone: str) -> str:
    """The day on which the customer was told; empty where they were not."""
    at = near.promised_at if near else None
    return full_day(local_day(at, zone), language) if at else ""


def _finding(draft: FormContext, finding: Finding) -> str:
    """One finding: the rule and whether it stops, the words found, and what would be better."""
    name = t(draft.language, f"tone.{finding.rule.value}")
    key = "compose.stop" if finding.stops else "compose.warn"
    said = t(draft.language, key, rule=name)
    if finding.quote:
        words = escape(fit_plain(" ".join(finding.quote.split()), QUOTE_MAX))
        said += "  " + t(draft.language, "compose.quoted", quote=words)
    gap = say_gap(finding, draft.language, draft.viewer.timezone)  # words and figures of ours alone
    return f"{said}\n{gap or escape(finding.suggestion)}"


def preview_blocks(draft: FormContext) -> list[Block]:
    """The message as the customer will see it, and the button that shows it so.

    The button's ``check`` is read by ``handlers.forms.redraw``.

    The preview is of ``text`` as it was written, for the recipient or else the customer. There is
    none before the message was looked at, nor of an empty text; the button is always there.
    """
    look = button("check", t(draft.language, "compose.check"))
    row = actions(look)
    blocks = [{**row, "block_id": "checking"}] if row else []
    text = draft.typed("text")
    if not draft.prefill.get("preview") or not text:
        return blocks
    to = escape(" ".join(draft.typed("recipient").split()) or draft.about().customer)
    title = section(t(draft.language, "compose.preview", recipient=to))
    return [*blocks, divider(), title, *map(section, text_chunks(quote_text(text)))]


def submit_label(draft: FormContext) -> str:
    """What the composer's own button says now; empty: what the form always says.

    In this order: ask the technical lead, ask for approval, send in spite of advice, send by mail.
    """
    if draft.prefill.get("lead"):
        return t(draft.language, "compose.ask_lead")
    if draft.prefill.get("approvers") and not draft.prefill.get("approved_by"):
        return t(draft.language, "compose.ask_approval")
    findings: Sequence[Finding] = draft.prefill.get("findings") or ()
    by_mail = "_mail" if draft.prefill.get("mails") else ""
    if findings and not any(each.stops for each in findings):
        return t(draft.language, f"compose.anyway{by_mail}")
    return t(draft.language, "compose.send_mail") if by_mail else ""
