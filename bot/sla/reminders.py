"""Who is reminded of what by a case's clocks: one table. A new reminder is a row and a template.

Each (case, clock, cycle, threshold) is said once, for ever; what passed unseen while the app was
away is folded into one message that says so. That is kept by bot/sla/due.py; bot/sla/acts.py leaves
one message for each act, bot/sla/telling.py one for each person. The thresholds themselves come
from bot/rules/sla/thresholds.py.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from bot.engine.due import Audience, Reminder
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.sla import ThresholdKind, kind_of_threshold
from bot.rules.words import ClockKind, Role, Severity
from bot.sla.acts import LETTER
from bot.sla.nudges import NUDGED
from storage.models import Case

OWNER, CHANNEL, LADDER = Audience.OWNER, Audience.CHANNEL, Audience.LADDER
OFFERED, OFFERER = Audience.OFFERED, Audience.OFFERER
WORDS = "reminder"  # templates/reminders/<clock>, with a branch for each kind of threshold


@dataclass(frozen=True, slots=True)
class ClockReminder(Reminder):
    """A reminder of a case's clock at one kind of threshold.

    Of a clock's warnings the last but one is said, or the last where that one passed unseen; the
    others only colour the card. From the breach on the owner is told, whoever was warned; the
    others of ``who`` only where they have not heard of the same act yet.

    Attributes:
        clocks: The kinds of clock it is about.
        matrix: The policy's event that adds listeners of its own; they know, ``who`` act.
        spared: Roles that the event does not add: they could do nothing about it.
        each: All warnings are said.
        again: All of ``who`` hear it, whatever they have heard of the act: it says something new.
        apart: It asks a question with buttons of its own, so it is never joined to another.
        levels: Who hears the first, second … level of the ladder, instead of the policy's roles;
            further ones are heard by no person. All but the owner read the words of the breach
            again. Empty: the roles that the policy's ladder names.
        anew: Those of the levels read words of their own, not those of the breach.
    """

    clocks: frozenset[ClockKind] = frozenset()
    matrix: str = ""
    spared: frozenset[str] = frozenset()
    each: bool = False
    again: bool = False
    apart: bool = False
    levels: tuple[tuple[str, ...], ...] = ()
    anew: bool = False


K = ClockKind
WARN, BREACH, CLIMBS = ThresholdKind.WARN, ThresholdKind.BREACH, ThresholdKind.LADDER
TECHNICAL_CLOCKS = frozenset({K.WORKAROUND, K.RESOLUTION})

# What is due, who hears it, which words, at which threshold of which clocks.
REMINDERS: tuple[ClockReminder, ...] = (
    ClockReminder("acknowledge_soon", (OWNER,), WORDS, WARN, frozenset({K.ACKNOWLEDGE})),
    ClockReminder(
        "acknowledge_late",
        (CHANNEL, OWNER),
        WORDS,
        BREACH,
        frozenset({K.ACKNOWLEDGE}),
        matrix="breach",
        spared=frozenset({Role.TECHNICAL_LEAD, Role.CSM, Role.ACCOUNT_EXECUTIVE}),
    ),
    ClockReminder("customer_waits", (Role.AGENT,), WORDS, WARN, LETTER, matrix="at_risk"),
    ClockReminder(
        "customer_waited",
        (CHANNEL, OWNER, Role.AGENT),
        WORDS,
        BREACH,
        LETTER,
        matrix="breach",
        spared=frozenset({Role.TECHNICAL_LEAD}),
    ),
    ClockReminder(
        "solution_soon", (Role.TECHNICAL_LEAD,), WORDS, WARN, TECHNICAL_CLOCKS, matrix="at_risk"
    ),
    ClockReminder(
        "solution_late",
        (CHANNEL, OWNER, Role.TECHNICAL_LEAD),
        WORDS,
        BREACH,
        TECHNICAL_CLOCKS,
        matrix="breach",
    ),
    ClockReminder(
        "check_in", (Role.TECHNICAL_LEAD,), WORDS, BREACH, frozenset({K.CHECK_IN}), apart=True
    ),
    ClockReminder(
        "check_in_missed",
        (LADDER,),
        WORDS,
        CLIMBS,
        frozenset({K.CHECK_IN}),
        apart=True,
        levels=((Role.TECHNICAL_LEAD,), (OWNER,)),
    ),
    ClockReminder("handoff_soon", (OFFERED,), WORDS, WARN, frozenset({K.HANDOFF}), apart=True),
    ClockReminder(
        "handoff_waits",
        (OFFERED, OWNER, OFFERER),
        WORDS,
        BREACH,
        frozenset({K.HANDOFF}),
        again=True,
        apart=True,
    ),
    ClockReminder(
        "handoff_unanswered",
        (LADDER,),
        WORDS,
        CLIMBS,
        frozenset({K.HANDOFF}),
        apart=True,
        levels=((Role.SUPPORT_LEAD,),),
        anew=True,
    ),
    ClockReminder("postmortem_soon", (OWNER,), WORDS, WARN, frozenset({K.POSTMORTEM_HELD})),
    ClockReminder(
        "postmortem_late", (OWNER, CHANNEL), WORDS, BREACH, frozenset({K.POSTMORTEM_HELD})
    ),
    ClockReminder(
        "executive_late",
        (CHANNEL, OWNER),
        WORDS,
        BREACH,
        frozenset({K.EXECUTIVE_ACKNOWLEDGE, K.EXECUTIVE_CALL}),
    ),
    ClockReminder(
        "ask_customer",
        (Role.AGENT,),
        WORDS,
        WARN,
        frozenset({K.CUSTOMER_CONFIRMATION}),
        each=True,
        apart=True,
    ),
    ClockReminder(
        "customer_silent",
        (CHANNEL, OWNER, Role.AGENT),
        WORDS,
        BREACH,
        frozenset({K.CUSTOMER_CONFIRMATION}),
        again=True,
    ),
    ClockReminder(
        "ladder_climbed",
        (LADDER,),
        WORDS,
        CLIMBS,
        frozenset({K.ACKNOWLEDGE, *LETTER, *TECHNICAL_CLOCKS}),
    ),
    ClockReminder("still_overdue", (OWNER,), WORDS, ThresholdKind.OVERDUE, NUDGED),
)


def find_reminder(
    reminders: Iterable[ClockReminder], clock: str, threshold: str
) -> ClockReminder | None:
    """The row of the table for a clock's threshold; None where no person needs to hear.

    ``clock`` is a kind, or a kind with what it is about: ``handoff:12``. The first row that fits
    counts. Raises ValueError for a ``threshold`` that is none.
    """
    kind, passed = clock.partition(":")[0], kind_of_threshold(threshold)
    return next((r for r in reminders if kind in r.clocks and r.threshold == passed), None)


def warning_percentages(work: UnitOfWork, case: Case, clock: str) -> list[int]:
    """The percentages at which the policy in force warns for this clock, ascending.

    Empty where the case's severity does not have the clock.
    """
    terms = work.policy.severity(Severity(case.severity)).clocks.get(
        ClockKind(clock.partition(":")[0])
    )
    return sorted(terms.warn_pct) if terms else []


def is_said(
    entry: ClockReminder, threshold: str, warns: Sequence[int], folded: Collection[str] = ()
) -> bool:
    """True for a threshold that reaches a person, False for a warning that only colours the card.

    ``warns`` are the clock's percentages, ``folded`` the thresholds that this one stands for.
    """
    if entry.threshold != WARN or entry.each:
        return True
    names = [f"warn:{pct}" for pct in warns] or [threshold]
    said = names[-2:][0]
    return threshold == said or said in folded or threshold not in names
