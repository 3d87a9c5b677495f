"""The message about a candidate: what arrived, from whom, why it may matter, and what to do.

Where it stands it is edited, so it always shows the candidate as it is: while it waits with its
buttons, afterwards with what was decided. Its readers decide between a case and none.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.rules.facts import CandidateFacts, SignalFacts
from bot.rules.names import fold_name
from bot.rules.problems.facts import name_number
from bot.rules.states import CandidateState
from bot.rules.words import Language, Severity
from messages.kit.amounts import format_amount
from messages.kit.blocks import (
    Block,
    Message,
    actions,
    button,
    context,
    fit_plain,
    message,
    section,
)
from messages.kit.case_lines import NOTE_SHOWN, short_text
from messages.kit.mrkdwn import (
    escape,
    mail_link,
    mention_user,
    mrkdwn_link,
    on_day,
    quote_text,
    slack_date,
)
from messages.kit.template_context import mention_person
from messages.kit.texts import label, load_texts, plural, t

STAKE_SHOWN, SIGNAL_SHOWN, DETAIL_SHOWN = 600, 200, 120  # characters
DETAILS_SHOWN = 6
# Words of help desks for how a customer rates an answer, folded; by the text that names them.
RATINGS: Mapping[str, str] = {
    "great": "great", "good": "good", "okay": "okay", "not good": "bad", "bad": "bad",
}  # fmt: skip
NAME_SHOWN = 80  # characters of a customer's name
MARKS: Mapping[CandidateState, str] = {
    CandidateState.WAITING: "📥",
    CandidateState.ESCALATED: "🚨",
    CandidateState.ADDED: "🔁",
    CandidateState.LOGGED: "📝",
    CandidateState.DISMISSED: "🚫",
}


def candidate_message(facts: CandidateFacts, language: Language) -> Message:
    """Compose the message; of one that was decided only who, what and when is left to do."""
    waits = facts.state is CandidateState.WAITING
    head = headline(facts, language)
    return message(
        head,
        section(f"{MARKS[facts.state]} *{head}*"),
        section(quote_text(fit_plain(facts.stake, STAKE_SHOWN))) if facts.stake else None,
        section("\n".join(_about(facts, language))),
        *(section(line) for line in _further(facts, language)),
        None if waits else section(_decision(facts, language)),
        section(undone) if (undone := _undone(facts, language)) else None,
        candidate_buttons(facts, language) if waits else _undo_button(facts, language),
    )


def withdrawn_message(facts: CandidateFacts, language: Language) -> Message:
    """What is left in a channel of one that was restricted since; it names nothing."""
    said = t(language, "candidate.restricted_since", reference=facts.reference)
    return message(said, section(said))


def _undo_button(facts: CandidateFacts, language: Language) -> Block | None:
    """The button by which the decision is taken back; None where it cannot be any more."""
    if not facts.may_undo:
        return None
    words = t(language, "candidate.press.undo")
    return actions(button("do:undo_decision", words, {"candidate": facts.id}))


def _undone(facts: CandidateFacts, language: Language) -> str:
    """The decision that was taken back, and what the customer had heard of it by then."""
    undone = facts.undone
    if undone is None:
        return ""
    said = t(
        language,
        "candidate.undone",
        state=t(language, f"candidate.state.{undone.state.value}"),
        user=mention_person(undone.by, language),
        when=slack_date(undone.at, language),
        other=mention_person(undone.undone_by, language),
        at=slack_date(undone.undone_at, language),
    )
    told = t(language, "candidate.told", quote=quote_text(fit_plain(undone.told, NOTE_SHOWN)))
    return f"{said}\n{told}" if undone.told else said


def headline(facts: CandidateFacts, language: Language) -> str:
    """``CAN-7 of Acme: to be decided since …``, the state in words."""
    key = "waits" if facts.state is CandidateState.WAITING else "decided"
    return t(
        language,
        f"candidate.{key}",
        reference=facts.reference,
        customer=customer_name(facts.customer, language),
        severity=facts.severity.label,
        when=slack_date(facts.received_at, language),
        state=t(language, f"candidate.state.{facts.state.value}"),
    )


def customer_name(name: str, language: Language) -> str:
    """The customer's name, short enough for a line and escaped, or that it is not known."""
    return short_text(name, NAME_SHOWN) or t(language, "candidate.unknown_customer")


def detail_name(name: str, language: Language) -> str:
    """The words for a fact that a source adds; one that has none is named as its source does."""
    return load_texts(language).get(f"detail.{name}") or escape(name)


def source_name(source: str, language: Language) -> str:
    """The words for a way in; a source that has none, such as a webhook, is named as it is."""
    known = load_texts(language).get(f"source.{source}")
    return known or escape(source)


def _about(facts: CandidateFacts, language: Language) -> Iterator[str]:
    """Who, from where, and why it may matter; a line each, without those of which nothing is known.

    From where is told of the oldest signal that was loaded. Suggested severity and trigger are
    always there.
    """
    if facts.signals:
        yield t(language, "candidate.from", source=_where(facts.signals[-1], language))
    contact = _contact(facts)
    if contact:
        yield t(language, "candidate.contact", contact=contact)
    if account := _account(facts, language):
        yield t(language, "candidate.account", account=account)
    if facts.reasons:
        words = ", ".join(t(language, f"reason.{each.value}") for each in facts.reasons)
        yield t(language, "candidate.why_here", reasons=words)
    suggested = label(language, facts.trigger)
    yield t(language, "candidate.suggested", severity=facts.severity.label, trigger=suggested)
    if facts.sensitive:
        yield t(language, "candidate.restricted")


def _account(facts: CandidateFacts, language: Language) -> str:
    """Tier, yearly revenue and renewal, as far as known; "" for none, or without an account."""
    account = facts.account
    if account is None:
        return ""
    parts = [short_text(account.tier, NAME_SHOWN)] if account.tier else []
    if account.arr is not None:
        amount = format_amount(account.arr, account.currency, language)
        parts.append(t(language, "card.arr", amount=amount))
    elif account.withheld:
        parts.append(t(language, "card.arr_withheld"))
    if account.renewal:
        parts.append(t(language, "card.renewal", day=on_day(account.renewal, language)))
    return "  ·  ".join(parts)


def _contact(facts: CandidateFacts) -> str:
    """Name, phone and address of the contact, as far as known; "" where none is."""
    address = mail_link(facts.contact_email, facts.contact_email) if facts.contact_email else ""
    name = short_text(facts.contact_name, NAME_SHOWN)
    phone = short_text(facts.contact_phone, NAME_SHOWN)
    parts = (name, f"☎ {phone}" if phone else "", address)
    return "  ·  ".join(part for part in parts if part)


def _where(signal: SignalFacts, language: Language) -> str:
    """From where, by whom, the rating, and the way there.

    A link that is no web address is left out.
    """
    parts = [source_name(signal.source, language)]
    if signal.reported_by:
        parts.append(mention_user(signal.reported_by))
    if signal.rating:
        parts.append(t(language, "candidate.rating", rating=_rating(signal.rating, language)))
    if signal.link.startswith(("https://", "http://")):
        parts.append(mrkdwn_link(signal.link, t(language, "candidate.open_source")))
    return "  ·  ".join(parts)


def _rating(said: str, language: Language) -> str:
    """A help desk's word for a rating in the reader's language; any other one as it was given."""
    known = fold_name(said.replace("_", " "))
    return t(language, f"rated.{RATINGS[known]}") if known in RATINGS else escape(said)


def _further(facts: CandidateFacts, language: Language) -> Iterator[str]:
    """What the source knows beside, and what arrived later, the newest first.

    Details are those of the newest signal, at most ``DETAILS_SHOWN``. Where not all signals were
    loaded, all that were are shown as later ones; the first is quoted above as ``stake`` in any
    case.
    """
    details = list(facts.signals[0].details.items())[:DETAILS_SHOWN] if facts.signals else []
    if details:
        yield "\n".join(
            f"*{detail_name(k, language)}*: {short_text(v, DETAIL_SHOWN)}" for k, v in details
        )
    later = facts.signals[:-1] if facts.count == len(facts.signals) else facts.signals
    if later:
        lines = [
            f"{slack_date(each.received_at, language)}  ·  {_where(each, language)}\n"
            + quote_text(fit_plain(each.text, SIGNAL_SHOWN))
            for each in later
        ]
        yield "\n".join([plural(language, "candidate.arrived", facts.count), *lines])


def _decision(facts: CandidateFacts, language: Language) -> str:
    """Who decided what and when, with the reason and what the customer was told, if any.

    The case or the known issue is named where the words of the state have a place for it.
    """
    by = mention_person(facts.decided_by or "", language)
    at = slack_date(facts.decided_at, language) if facts.decided_at else ""
    lines = [
        t(
            language,
            f"candidate.by.{facts.state.value}",
            user=by,
            when=at,
            reference=f"ESC-{facts.case_number}",
            issue=name_number(facts.issue or 0, known=True),
        )
    ]
    if facts.why:
        lines.append(quote_text(fit_plain(facts.why, NOTE_SHOWN)))
    if facts.told:
        lines.append(
            t(language, "candidate.told", quote=quote_text(fit_plain(facts.told, NOTE_SHOWN)))
        )
    return "\n".join(lines)


def candidate_buttons(facts: CandidateFacts, language: Language, number: int = 1) -> Block | None:
    """What can be decided; ``number`` keeps the buttons of several candidates apart.

    Each carries ``candidate``, its id. With live cases of the customer the first one also has a
    button that adds to it at once, with ``into``, its number. A restricted candidate has no such
    button, and cannot be logged as a known issue.
    """
    values: dict[str, Any] = {"candidate": facts.id}

    def press(action: str, text: str, given: Mapping[str, Any], style: str = "") -> Block:
        words = t(language, f"candidate.press.{text}", reference=f"ESC-{given.get('into')}")
        return button(f"{action}#{number}", words, given, style=style)

    into = {**values, "into": facts.live[0]} if facts.live and not facts.sensitive else None
    others = len(facts.live) > 1 or into is None
    return actions(
        press("ask:open_case", "escalate", values, "primary"),
        *([press("do:add_candidate", "add_to", into)] if into else []),
        *([press("ask:add_candidate", "add_other" if into else "add", values)] if others else []),
        *([] if facts.sensitive else [press("ask:log_candidate", "log", values)]),
        press("ask:dismiss_candidate", "dismiss", values),
    )


def candidate_notice(name: str, language: Language, extra: Mapping[str, Any]) -> Message:
    """Compose what is said of a candidate elsewhere: that it waits, or what became of it.

    ``extra`` has ``candidate`` and ``customer``; a decision, or that it was taken back, also
    ``by``, ``why``, ``told``, ``case``; a reminder ``severity``, ``since_at`` (an instant) and
    ``count``. One that was logged has ``issue``, the number of the known issue. ``severity`` is a
    number from 1 to 4, ``by`` a user id, ``case`` a number, ``told`` what the customer hears.
    """
    severity = extra.get("severity")
    since = extra.get("since_at")
    said = t(
        language,
        f"candidate.said.{name}",
        reference=f"CAN-{extra['candidate']}",
        customer=customer_name(str(extra.get("customer") or ""), language),
        user=mention_person(str(extra.get("by") or ""), language),
        case=f"ESC-{extra.get('case')}",
        issue=name_number(int(extra.get("issue") or 0), known=True),
        severity=Severity(severity).label if severity else "",
        when=slack_date(since, language) if since else "",
    )
    why = str(extra.get("why") or "")
    see = button(
        "show:candidate", t(language, "candidate.press.show"), {"candidate": extra["candidate"]}
    )
    quoted = [quote_text(fit_plain(why, NOTE_SHOWN))] if why else []
    return message(
        "\n".join([said, *quoted]),
        section(said),
        *(section(part) for part in quoted),
        context(t(language, "candidate.source_told", quote=short_text(str(extra["told"]))))
        if extra.get("told")
        else None,
        actions(see),
    )
