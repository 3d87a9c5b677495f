"""Which letter fits a case at this moment, and which one is the likeliest. Pure.

A letter is a ``MessageKind`` with approved words. One that does not fit is not offered: an offer of
goodwill without an approval, or an apology in a legal case, would only do harm. Those to many
(``TO_MANY``) belong to a problem, ``OF_ISSUES`` to a known issue, the precaution to those who may
meet the same, the resolution to the form that resolves.
"""

from collections.abc import Callable, Mapping

from bot.rules.facts import CaseFacts
from bot.rules.lifecycle import OPEN, RESOLVED
from bot.rules.states import KnownIssueState
from bot.rules.tone.first_response import Part
from bot.rules.words import ClockKind, HoldReason, MessageKind, Status

TO_MANY = (MessageKind.AFFECTED, MessageKind.NOT_AFFECTED, MessageKind.OVER)
# Of a known issue, by what became of it; they promise no next update.
OF_ISSUES: Mapping[KnownIssueState, MessageKind] = {
    KnownIssueState.SHIPPED: MessageKind.ISSUE_SHIPPED,
    KnownIssueState.SLIPPED: MessageKind.ISSUE_SLIPPED,
    KnownIssueState.DROPPED: MessageKind.ISSUE_DROPPED,
}
# Written to other customers than the case's own.
TO_OTHERS = frozenset({*TO_MANY, *OF_ISSUES.values(), MessageKind.PRECAUTION})
LEGAL = frozenset({MessageKind.LEGAL_HOLDING, MessageKind.UPDATE, MessageKind.WORKAROUND})
PROMISING = frozenset(
    {
        MessageKind.ACKNOWLEDGEMENT,
        MessageKind.UPDATE,
        MessageKind.HOLDING,
        MessageKind.SECURITY,
        MessageKind.LEGAL_HOLDING,
        MessageKind.NEW_CONTACT,
        MessageKind.SEVERITY_CHANGED,
        MessageKind.ON_HOLD,
        MessageKind.WAITING,
        MessageKind.REOPENED,
        MessageKind.CORRECTION,
    }
)  # must say when the customer hears from us next

Fits = Callable[[CaseFacts], bool]


def _open(case: CaseFacts) -> bool:
    return case.status in OPEN


def _known(case: CaseFacts) -> bool:
    """True while we work on it and the customer has heard from us."""
    return case.status in OPEN and bool(case.sent)


def _ended(case: CaseFacts) -> bool:
    return case.status in RESOLVED


def _reopened(case: CaseFacts) -> bool:
    """True for an open case whose customer was told of a resolution."""
    return case.status in OPEN and any(m.kind is MessageKind.RESOLUTION for m in case.sent)


def _awaited(case: CaseFacts) -> bool:
    """True while something is awaited of the customer: an answer, or their word on the solution."""
    held = case.hold is not None and case.hold.reason is HoldReason.WAITING_CUSTOMER
    return _known(case) or held or case.status in (Status.RESOLVED, Status.REVIEW)


def has_approved_offer(case: CaseFacts) -> bool:
    """True when something was approved that the customer was not told of yet."""
    return any(each.is_promisable(case.now) for each in case.concessions)


# In the order in which the composer offers them.
FITS: Mapping[MessageKind, Fits] = {
    MessageKind.LEGAL_HOLDING: lambda case: case.legal,
    MessageKind.ACKNOWLEDGEMENT: lambda case: _open(case) and not case.sent,
    MessageKind.UPDATE: lambda case: case.status not in (Status.CLOSED, Status.DISMISSED),
    MessageKind.HOLDING: _open,
    MessageKind.WORKAROUND: _open,
    MessageKind.SECURITY: lambda case: case.status is not Status.DISMISSED,
    MessageKind.APOLOGY: lambda case: case.status not in (Status.CLOSED, Status.DISMISSED),
    MessageKind.NEW_CONTACT: _known,
    MessageKind.SEVERITY_CHANGED: _known,
    MessageKind.ON_HOLD: lambda case: _open(case) and case.hold is not None,
    MessageKind.WAITING: _awaited,
    MessageKind.LAST_REMINDER: _awaited,
    MessageKind.REOPENED: _reopened,
    MessageKind.CORRECTION: _reopened,
    MessageKind.EXECUTIVE: lambda case: case.executive and case.status is not Status.DISMISSED,
    MessageKind.GOODWILL: has_approved_offer,
    MessageKind.REVIEW_REPLY: lambda case: True,
    MessageKind.MEETING: _ended,
    MessageKind.WHAT_CHANGED: _ended,
    MessageKind.CLOSED: lambda case: case.status is Status.CLOSED,
    MessageKind.NOT_ESCALATION: lambda case: case.status is Status.DISMISSED,
}


def fits_case(kind: MessageKind, case: CaseFacts) -> bool:
    """True when the composer of this case offers the letter.

    In a legal case only those in ``LEGAL``, whatever the status. Letters without a row in ``FITS``,
    such as those to many and the resolution, are never offered.
    """
    fits = FITS.get(kind)
    return fits is not None and fits(case) and (not case.legal or kind in LEGAL)


def parts_to_confirm(kind: MessageKind, case: CaseFacts) -> frozenset[Part]:
    """Return what a letter of this kind should confirm, were it the first that the customer gets.

    Empty for any later letter, for one that is public or ends the case, and in a legal case, in
    which Legal decides what is said. A case that no clock has to solve has no target to name.
    """
    aside = {MessageKind.REVIEW_REPLY, MessageKind.RESOLUTION, *TO_OTHERS}
    if case.sent or case.legal or case.status not in OPEN or kind in aside:
        return frozenset()
    clocks = (case.clock(name) for name in (ClockKind.WORKAROUND, ClockKind.RESOLUTION))
    solved = any(clock and clock.due for clock in clocks)
    return frozenset(Part) - (frozenset() if solved else {Part.TARGET})


def list_letters(case: CaseFacts) -> tuple[MessageKind, ...]:
    """Return the letters that fit the case, in the order in which they are offered."""
    return tuple(kind for kind in FITS if fits_case(kind, case))


def likely_letter(case: CaseFacts) -> MessageKind:
    """Return the letter with which the composer opens where none was chosen.

    First the acknowledgement, then updates; what ends a case has letters of its own, and in a legal
    case nothing but the holding statement.
    """
    if case.legal:
        return MessageKind.LEGAL_HOLDING
    ends = {Status.CLOSED: MessageKind.CLOSED, Status.DISMISSED: MessageKind.NOT_ESCALATION}
    if case.status in ends:
        return ends[case.status]
    began = bool(case.sent) or case.status not in OPEN
    return MessageKind.UPDATE if began else MessageKind.ACKNOWLEDGEMENT


def is_refused(kind: MessageKind, case: CaseFacts) -> bool:
    """True for a letter that is not sent from this case, though it was chosen.

    One that is for many or ends the case, and goodwill that was not approved.
    """
    if kind is MessageKind.GOODWILL:
        return not has_approved_offer(case)
    return kind is MessageKind.RESOLUTION or kind in TO_OTHERS


def chosen_letter(case: CaseFacts, chosen: object) -> MessageKind:
    """Return the letter that was chosen, else the likeliest.

    A button of an older card may name one that is not written in this case.
    """
    known = {kind.value: kind for kind in MessageKind}.get(str(chosen))
    if known is None or is_refused(known, case) or (case.legal and known not in LEGAL):
        return likely_letter(case)
    return known
