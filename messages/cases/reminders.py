"""What a clock says when it warns, breaches, or climbs the ladder: one template a clock.

``templates/reminders/<clock>.<language>.j2`` has a branch for each kind of threshold, and
``overdue.<language>.j2`` the words of the mornings after the ladder; ``PRESSES``
has the buttons with which the reader does what is asked. When a threshold passes and who hears it
is decided in ``bot/sla/reminders.py``, which queues what these messages are composed from.

A template sees the facts of ``template_facts`` and those of the reminder:
    ``threshold``: ``warn``, ``breach``, ``ladder`` or ``overdue``. ``clock``, ``cycle``: which
    clock, which round of it. ``at``: when it is or was due. ``left``, ``late``: spans in words, of
    open time on the clock's own calendar while the case has this cycle, else by the wall clock.
    ``fresh``: less than a minute late. ``acts``: this reader is the one to act. ``yours``: this
    reader owns the case. ``offered``: the role was offered to this reader. ``promise``: the
    clock's name inside a sentence.
    ``id``: the number behind the colon of the clock's name, or None. ``offered_to``,
    ``offered_by``: of the handover with that number.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bot.rules.facts import CaseFacts, ClockFacts, ReminderFacts
from bot.rules.sla.thresholds import ThresholdKind, kind_of_threshold
from bot.rules.words import ClockKind, Language, MessageKind, Role
from messages.cases.notice_table import SHOW, STANDINGS
from messages.kit.blocks import Message
from messages.kit.mrkdwn import format_lateness, format_span
from messages.kit.notice_spec import ButtonSpec, Facts, draw_buttons
from messages.kit.render import Safe, slack_text
from messages.kit.template_context import (
    clock_label,
    lower_first,
    mention_person,
    message_from_text,
    place_facts,
    template_facts,
)
from messages.kit.texts import label, plural, t

FRESH = timedelta(minutes=1)  # so late only that "late" says it better than a figure
WARN, BREACH, LADDER = ThresholdKind.WARN, ThresholdKind.BREACH, ThresholdKind.LADDER
OVERDUE = ThresholdKind.OVERDUE
_MARKS = {WARN: "", BREACH: "⚠️ ", LADDER: "🚨 ", OVERDUE: "⚠️ "}
# Clocks that end in a question to a person, and not in a broken promise.
_ASKING = frozenset({ClockKind.CHECK_IN, ClockKind.CUSTOMER_CONFIRMATION})
# Promises to the customer, of which a legal case speaks in words of its own.
_PROMISES = frozenset(
    {ClockKind.FIRST_RESPONSE, ClockKind.NEXT_REPLY, ClockKind.NEXT_UPDATE, ClockKind.WORKAROUND,
     ClockKind.RESOLUTION}
)  # fmt: skip


_TECHNICAL = frozenset({ClockKind.WORKAROUND, ClockKind.RESOLUTION})


def _late(facts: Facts) -> bool:
    """True from the breach on: such a reminder can be marked as seen, and offers the apology."""
    return bool(facts["threshold"] != WARN)


def _acting(facts: Facts) -> bool:
    """True for the reader who is to act."""
    return bool(facts["acts"])


def _told(facts: Facts) -> bool:
    """True for a reader who is told while another person acts.

    The button offered then only shows the case.
    """
    return not facts["acts"]


def _climbing(facts: Facts) -> bool:
    """True on the ladder, where the reader may have to find another person.

    Late acknowledgements, answers and updates offer to appoint an escalation manager, a late
    check-in a technical lead.
    """
    return bool(facts["threshold"] == LADDER)


def _to_holder(facts: Facts) -> bool:
    """True before the ladder: the button is for the person who holds the task."""
    return not _climbing(facts)


def _write(kind: MessageKind, text: str, **options: Any) -> ButtonSpec:
    """Make a button that opens the composer on a kind of message; by default the actor's alone."""
    given = {"offered": _acting} | options
    return ButtonSpec("ask:update", text, lambda facts: {"kind": kind.value}, **given)


def _assign(role: Role) -> ButtonSpec:
    """Make a button, offered on the ladder, that gives the role to another person."""
    return ButtonSpec("ask:assign", "assign", lambda facts: {"role": role.value}, offered=_climbing)


SEEN = ButtonSpec(
    "do:seen", "seen", lambda facts: {"clock": facts["clock"], "cycle": facts["cycle"]},
    offered=_late,
)  # fmt: skip
APOLOGY = _write(
    MessageKind.APOLOGY,
    "write_apology",
    offered=lambda facts: _late(facts) and _acting(facts) and not facts["case"].legal,
)
HAVE_IT = ButtonSpec("do:claim", "have_it", style="primary")
CANNOT = ButtonSpec("ask:decline_page", "cannot", offered=_acting)
LOOK = replace(SHOW, offered=_told)  # for a reader who is told while another person acts
MANAGER = _assign(Role.ESCALATION_MANAGER)


def _asked(facts: Facts) -> bool:
    """True for the reader who was offered the role; before the breach no other is reminded."""
    return not _late(facts) or bool(facts["offered"])


def _answer_handover(text: str, accept: bool, **options: Any) -> ButtonSpec:
    """Make a button that answers the offer: an acceptance at once, a refusal through a form.

    Offered to the person whom it was made to, and only while the clock's name carries its number.
    """
    action = "do:answer_handover" if accept else "ask:answer_handover"
    return ButtonSpec(action, text, lambda facts: {"handover": facts["id"], "accept": accept},
                 offered=lambda facts: _asked(facts) and facts["id"] is not None,
                 **options)  # fmt: skip


def _customer_yes(facts: Facts) -> Facts:
    """Return a button's values that record the customer's confirmation."""
    return {"party": "customer", "comfortable": True}


PRESSES: Mapping[ClockKind, tuple[ButtonSpec, ...]] = {
    ClockKind.ACKNOWLEDGE: (HAVE_IT, CANNOT, MANAGER, SEEN),
    ClockKind.FIRST_RESPONSE: (
        _write(MessageKind.ACKNOWLEDGEMENT, "write_first", style="primary"),
        LOOK,
        MANAGER,
        SEEN,
    ),
    ClockKind.NEXT_REPLY: (
        _write(MessageKind.UPDATE, "write_reply", style="primary"),
        LOOK,
        MANAGER,
        SEEN,
    ),
    ClockKind.NEXT_UPDATE: (
        _write(MessageKind.UPDATE, "write_update", style="primary"),
        APOLOGY,
        LOOK,
        MANAGER,
        SEEN,
    ),
    ClockKind.CHECK_IN: (
        *(replace(press, offered=_to_holder) for press in STANDINGS),
        _assign(Role.TECHNICAL_LEAD),
    ),
    ClockKind.WORKAROUND: (_write(MessageKind.WORKAROUND, "workaround"), APOLOGY, LOOK, SEEN),
    ClockKind.RESOLUTION: (
        ButtonSpec("ask:resolve", "resolve", offered=_acting),
        APOLOGY,
        LOOK,
        SEEN,
    ),
    ClockKind.HANDOFF: (
        _answer_handover("accept", True, style="primary"),
        _answer_handover("refuse", False),
        ButtonSpec("ask:hand_over", "offer_again", offered=lambda facts: not _asked(facts)),
    ),
    ClockKind.CUSTOMER_CONFIRMATION: (
        ButtonSpec("ask:confirm", "customer_said_yes", _customer_yes, "primary"),
        _write(MessageKind.LAST_REMINDER, "remind_customer"),
        ButtonSpec("ask:reopen", "not_fixed"),
    ),
    ClockKind.EXECUTIVE_ACKNOWLEDGE: (SHOW, SEEN),
    ClockKind.EXECUTIVE_CALL: (ButtonSpec("ask:log_contact", "log_contact"), SEEN),
    ClockKind.POSTMORTEM_HELD: (
        ButtonSpec("show:postmortem", "agenda"),
        ButtonSpec("ask:postmortem_held", "postmortem_held"),
        SEEN,
    ),
}


def reminder_template(words: str, language: Language) -> str:
    """Return the template's name below ``templates/``: ``words`` is a kind of clock, or legal."""
    return f"reminders/{words}.{language.value}.j2"


def reminder_message(
    case: CaseFacts, about: ReminderFacts, language: Language, *, inside: bool = False
) -> Message:
    """Compose the reminder of one clock at one threshold, with the buttons that do what it asks.

    ``inside`` is true in the case's own channel; elsewhere a restricted case stays unnamed. When
    earlier thresholds were folded into this one after downtime, a last line counts them.
    Raises ValueError for a clock or a kind of threshold that does not exist.
    """
    kind = ClockKind(about.clock.partition(":")[0])
    threshold = kind_of_threshold(about.threshold)
    hidden = case.sensitive and not inside
    facts = template_facts(case, language, hidden=hidden) | _about(case, about, threshold, language)
    facts |= _subject(facts["case"], about, language)
    mark = "" if kind in _ASKING and threshold is BREACH else _MARKS[threshold]
    facts["promise"] = lower_first(label(language, kind), language)
    facts["legal_case"] = case.legal and kind in _PROMISES
    text = mark + slack_text(reminder_template(_words(case, kind, threshold), language), facts)
    text += "".join(f"\n{line}" for line in _last_lines(case, about, language, inside=inside))
    presses = draw_buttons(PRESSES[kind], facts, language, {"case": case.number})
    return message_from_text(text, *presses, **place_facts(facts, inside=inside))


def _words(case: CaseFacts, kind: ClockKind, threshold: ThresholdKind) -> str:
    """Choose the template: ``legal`` for a promise to the customer of a legal case.

    On the mornings after the ladder there is one for all clocks.

    A warning about the workaround keeps its own words: it asks for work, not for a message.
    """
    if threshold is OVERDUE:
        return threshold.value
    searching = kind is ClockKind.WORKAROUND and threshold is WARN  # that is work, and no message
    return "legal" if case.legal and kind in _PROMISES and not searching else kind.value


def _about(
    case: CaseFacts, about: ReminderFacts, threshold: ThresholdKind, language: Language
) -> dict[str, Any]:
    """Gather the facts of the reminder as the module describes them; spans are never negative."""
    clock = _running(case, about)
    left = clock.remaining if clock and clock.remaining is not None else about.due - case.now
    late = clock.overdue if clock and clock.overdue is not None else case.now - about.due
    if threshold is OVERDUE:
        late = case.now - about.due
    written = format_lateness if threshold is OVERDUE else format_span
    return {
        "threshold": threshold.value,
        "clock": about.clock,
        "cycle": about.cycle,
        "at": about.due,
        "left": Safe(format_span(max(left, timedelta()), language)),
        "late": Safe(written(max(late, timedelta()), language)),
        "fresh": late < FRESH,
        "acts": about.acts,
        "yours": about.yours,
        "offered": about.offered,
    }


def _last_lines(
    case: CaseFacts, about: ReminderFacts, language: Language, *, inside: bool
) -> list[str]:
    """Say below the words what else is due, who is to act, and what passed while we were away."""
    lines = []
    if about.also:
        names = (lower_first(clock_label(name, language), language) for name in about.also)
        lines.append(t(language, "reminder.also", clocks=", ".join(dict.fromkeys(names))))
    if inside and kind_of_threshold(about.threshold) is BREACH:
        people = _asked_to_act(case, about, language)
        lines += [t(language, "reminder.asked", people=people)] if people else []
    if about.missed:
        lines.append(plural(language, "reminder.missed", about.missed))
    return lines


def _asked_to_act(case: CaseFacts, about: ReminderFacts, language: Language) -> str:
    """Mention, where the channel reads it, who works on what is late, and the owner."""
    kind = ClockKind(about.clock.partition(":")[0])
    worker = Role.TECHNICAL_LEAD if kind in _TECHNICAL else Role.AGENT
    people = [case.roles.get(worker), case.owner] if kind in _PROMISES else [case.owner]
    return ", ".join(dict.fromkeys(mention_person(user, language) for user in people if user))


def _running(case: CaseFacts, about: ReminderFacts) -> ClockFacts | None:
    """Find the clock in the same cycle; None once the case has gone on to another cycle."""
    same = (c for c in case.clocks if c.name == about.clock and c.cycle == about.cycle)
    return next(same, None)


def _subject(case: CaseFacts, about: ReminderFacts, language: Language) -> dict[str, Any]:
    """Describe the handover that the clock is about.

    ``id`` is what the clock's name carries, also when the case no longer has the row; the people
    then default to the case's owner, and ``offered_to`` to "".
    """
    key = about.clock.partition(":")[2]
    number = int(key) if key.isdecimal() else None
    handover = next((each for each in case.handovers if each.id == number), None)
    return {
        "id": number,
        "offered_to": mention_person(handover.offered_to, language) if handover else "",
        "offered_by": mention_person(handover.offered_by if handover else case.owner, language),
    }
