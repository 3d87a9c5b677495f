"""What every Slack template may use: the case's facts in the reader's language, and markup."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from bot.rules.facts import CaseFacts, ClockFacts, UnreachedFacts
from bot.rules.lifecycle import missing_confirmations
from bot.rules.membership import USER_ID
from bot.rules.money.masking import mask_offers
from bot.rules.money.matrix import EURO
from bot.rules.tone.first_response import name_parts
from bot.rules.words import ClockKind, Drift, Language, Role
from messages.kit import mrkdwn
from messages.kit.amounts import format_amount, format_revenue, say_amount
from messages.kit.blocks import TEXT_MAX, Block, Message, actions, fit_plain, message, section
from messages.kit.dates import format_duration
from messages.kit.mail_lines import mail_lines
from messages.kit.privacy import hide_restricted
from messages.kit.render import Safe
from messages.kit.routes import HELP_DESKS, ROUTES, route_name
from messages.kit.texts import label, t

BRIEF_MAX = 300  # characters of people's text where the whole would bury the next step
LINE_MAX = 160  # characters of people's text inside a sentence
TITLE_CUSTOMER_MAX = 60  # characters of a customer's name in a headline

_OPEN_END = re.compile(r"(?:&[a-z]*|<[^>]*)$")
_BOLD = re.compile(r"^\*(.+?)\*", re.MULTILINE)


def template_facts(case: CaseFacts, language: Language, *, hidden: bool = False) -> dict[str, Any]:
    """Return the facts and functions of a template. ``hidden``: a restricted case, told outside it.

    ``case``, ``title``, ``severity``; ``where`` (the channel, or words for none) and ``link`` (the
    channel, or ""); ``owner``, ``em``, ``executive`` and ``legal`` as mentions, "" where vacant;
    ``due(kind)`` and ``next_due``; ``last_sent``; ``breached``, ``confirmed``, ``waiting`` (the
    parties that have not confirmed, in words), ``open_actions`` (a count), ``no_channel``; and all
    of ``template_functions``.
    """
    shown = hide_restricted(case) if hidden else case
    sent = sorted(case.sent, key=lambda each: each.sent_at)
    missing = [t(language, f"party.{party}") for party in missing_confirmations(case)]
    manager = case.roles.get(Role.ESCALATION_MANAGER)
    executive = case.roles.get(Role.EXECUTIVE_OWNER)
    lawyer = case.roles.get(Role.LEGAL)
    return template_functions(language) | {
        "case": shown,
        "hidden": hidden,
        "title": case_title(case, language, hidden=hidden),
        "severity": label(language, case.severity),
        "where": _channel(case, language),
        "link": _channel(case, language) if case.channel_id else "",
        "no_channel": no_channel(case),
        "owner": mention_person(case.owner, language),
        "em": mention_person(manager, language) if manager else "",
        "executive": mention_person(executive, language) if executive else "",
        "legal": mention_person(lawyer, language) if lawyer else "",
        "due": partial(clock_due, case),
        "next_due": next_clock_due(case),
        "last_sent": sent[-1] if sent else None,
        "breached": case.breached,
        "confirmed": not missing,
        "waiting": ", ".join(lower_first(name, language) for name in missing),
        "open_actions": sum(action.done_at is None for action in case.actions),
    }


def name_way_fault(code: str, language: Language) -> str:
    """Why a page did not go by a way, as ``WayFault`` or ``http:403`` says it."""
    fault, _, status = code.partition(":")
    return t(language, f"way_fault.{fault}", status=status)


def template_functions(language: Language) -> dict[str, Any]:
    """Return what templates call; the results are safe markup unless they return plain text."""
    return {
        "user": partial(mention_person, language=language),
        "unreached": partial(unreached_line, language=language),
        "pager": lambda name: t(language, f"pager.{name}"),
        "way_fault": lambda code: name_way_fault(code, language),
        "place": lambda channel: Safe(mrkdwn.mention_channel(channel)),
        "when": lambda instant: Safe(mrkdwn.slack_date(instant, language)),
        "lateness": lambda length: Safe(mrkdwn.format_lateness(length, language)),
        "minutes": lambda count: format_duration(timedelta(minutes=count), language),
        "span": lambda length: Safe(mrkdwn.format_span(length, language)),
        "day": lambda on: mrkdwn.on_day(on, language),
        "quote": lambda text: Safe(mrkdwn.quote_text(text)),
        "brief": lambda text: fit_plain(text.strip(), BRIEF_MAX),
        "line": clip_line,
        "all": lambda text: " ".join(text.split()),
        "route": lambda route: Safe(route_name(route, language)),
        "label_of_language": lambda code: label(language, Language(code)),
        "discreet": mask_offers,
        "cash": lambda carried: say_amount(carried, language),
        "euro": lambda amount: format_amount(amount, EURO, language),
        "label": partial(label, language),
        "word": lambda word: lower_first(label(language, word), language),
        "text": lambda key, **facts: t(language, key, **facts),
        "party_name": lambda party: lower_first(t(language, f"party.{party}"), language),
        "label_of_clock": lambda name: clock_label(name, language),
        "word_of_clock": lambda name: lower_first(clock_label(name, language), language),
        "mail_lines": partial(mail_lines, language=language),
        "money": partial(format_revenue, language=language),
        "duties": lambda role, **how: Safe(role_duties(role, language, **how)),
        "parts": lambda names: name_parts(names, language),
    }


def role_duties(role: Role, language: Language, *, whole: bool = True) -> str:
    """What a role asks: what one does, which clocks are one's own, what not, what comes next.

    Four lines of mrkdwn, each with its heading in bold. Not ``whole``: without what comes next,
    which the message around it says. The texts are ours, so nothing in them is escaped.
    """
    parts = ("do", "clocks", "avoid", "next")[: 4 if whole else 3]
    said = ((t(language, f"role_card.{part}"), _duty(role, part, language)) for part in parts)
    return "\n".join(f"*{name}* {text}" for name, text in said)


def _duty(role: Role, part: str, language: Language) -> str:
    return t(language, f"duties.{role.value}.{part}")


def mention_person(user_id: str, language: Language) -> Safe:
    """Mention a person; what is no user id, such as ``system``, is the app's own name."""
    if USER_ID.fullmatch(user_id):
        return Safe(mrkdwn.mention_user(user_id))
    return Safe(mrkdwn.escape(t(language, "notice.itself")))


def unreached_line(each: UnreachedFacts, language: Language) -> Safe:
    """Say whom a case called for in vain, as what, and why."""
    role, reason = (
        lower_first(label(language, word), language) for word in (each.role, each.reason)
    )
    if not each.who:
        return Safe(t(language, "notice.unnamed", role=label(language, each.role), reason=reason))
    who = (
        mrkdwn.mention_user(each.who)
        if USER_ID.fullmatch(each.who)
        else f"`{mrkdwn.escape(each.who)}`"
    )
    return Safe(t(language, "notice.unreached", who=who, role=role, reason=reason))


def case_title(case: CaseFacts, language: Language, *, hidden: bool) -> str:
    """Write ``ESC-7 Acme Hellas``; for a restricted case outside its channel no customer."""
    if hidden:
        return t(language, "notice.restricted", reference=case.reference)
    return f"{case.reference} {clip_line(case.customer, TITLE_CUSTOMER_MAX)}".strip()


def clip_line(text: str, limit: int = LINE_MAX) -> str:
    """People's text inside a sentence: on one line, cut; still to be escaped."""
    return fit_plain(" ".join(text.split()), limit)


def lower_first(text: str, language: Language) -> str:
    """Write a label as it is inside a sentence of its language."""
    return text[:1].lower() + text[1:] if language.data.lower_labels else text


def route_word(route: str, language: Language) -> str:
    """Name a listed route inside a sentence, a help desk's name as it is; "" for one not listed."""
    if route in HELP_DESKS:
        return route_name(route, language)
    return lower_first(route_name(route, language), language) if route in ROUTES else ""


def clock_label(name: str, language: Language) -> str:
    """Name the clock of this name (``handoff:3`` too).

    Raises ValueError for an unknown kind.
    """
    return label(language, ClockKind(name.partition(":")[0]))


def clock_due(case: CaseFacts, kind: str) -> datetime | None:
    """Return when the running clock of this kind is due.

    None when none runs, it waits or it is late.
    """
    clock = case.clock(kind)
    coming = clock and not clock.ended and clock.due and clock.due > case.now
    return clock.due if clock and coming else None


def next_clock_due(case: CaseFacts) -> ClockFacts | None:
    """Return what we owe first, late ones included; what we only ask of each other is left out."""
    aside = {ClockKind.HANDOFF.value, ClockKind.CHECK_IN.value}
    running = [c for c in case.clocks if c.due and not c.ended and c.kind not in aside]
    return min(running, key=lambda clock: clock.due or case.now, default=None)


def _channel(case: CaseFacts, language: Language) -> Safe:
    if case.channel_id:
        return Safe(mrkdwn.mention_channel(case.channel_id))
    return Safe(t(language, "notice.channel_missing" if no_channel(case) else "notice.channel"))


def no_channel(case: CaseFacts) -> bool:
    """Slack does not let us make the case's channel: nothing may point there."""
    return case.channel_id is None and any(d.what is Drift.NO_CHANNEL for d in case.drift)


def place_facts(facts: Mapping[str, Any], *, inside: bool) -> dict[str, str]:
    """Return what ``message_from_text`` must know of the place.

    A case's own channel needs no link and no name.
    """
    return {"own": str(facts["title"])} if inside else {"aside": facts["link"]}


def message_from_text(text: str, *presses: Block | None, aside: str = "", own: str = "") -> Message:
    """Make a message of text with its first line as the headline, and its buttons below.

    ``aside`` is the link to the case's channel, added where the text does not have it. ``own`` is
    the case's title, shown only by the notification where the channel says it already.
    """
    if aside and aside not in text:
        text = f"{text}\n{aside}"
    headline, _, body = text.partition("\n")
    mark, named, rest = headline.partition(f"{mrkdwn.escape(own)}: ") if own else (headline, "", "")
    headline = mark + rest[:1].upper() + rest[1:] if named else headline
    shown = f"*{headline}*\n{body}" if body else f"*{headline}*"
    return message(_BOLD.sub(r"\1", text), *map(section, text_chunks(shown)), actions(*presses))


def text_chunks(text: str, limit: int = TEXT_MAX) -> list[str]:
    """Cut text between lines into sections of at most ``limit`` characters; nothing is lost.

    A line that is too long by itself is cut between words, and a word that is too long anywhere but
    inside an entity or a mention; a quoted one stays quoted.
    """
    found = [""]
    for line in text.split("\n"):
        for piece in _pieces(line, limit):
            if found[-1] and len(found[-1]) + 1 + len(piece) > limit:
                found.append("")
            found[-1] += ("\n" if found[-1] else "") + piece
    return [each for each in found if each]


def _pieces(line: str, limit: int) -> list[str]:
    """A line in pieces of at most ``limit`` letters, cut at spaces where there are any.

    Pieces of a quote are quotes.
    """
    mark, pieces = ">" if line.startswith(">") else "", []
    while len(line) > limit:
        cut = line.rfind(" ", 1, limit)
        if cut > len(mark):
            pieces.append(line[:cut])
            line = mark + line[cut + 1 :]
        else:
            cut = _whole_until(line, limit)
            pieces.append(line[:cut])
            line = mark + line[cut:]
    return [*pieces, line]


def _whole_until(line: str, limit: int) -> int:
    """Return the last place before ``limit`` that is inside no entity and no mention."""
    open_end = _OPEN_END.search(line[:limit])
    return open_end.start() if open_end and open_end.start() > 1 else limit
