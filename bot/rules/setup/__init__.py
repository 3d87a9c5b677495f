"""What an installation still lacks, step by step: the same for App Home and for the check.

Only what stands in the policy, in who has its roles, and in what Slack says of its channels. The
command line prints it as remarks, in English; App Home draws it in the reader's language
(``messages/setup/``). What stands in the environment alone (tokens, keys, addresses) is the
check's, since the app does not run without it.

A step lacks something as long as one of its ``Lack`` holds. Each names what is missing by a key of
the texts and carries the facts of that text as strings, so that it can be compared and drawn
anywhere. Whether a step that lacks something counts as open is said by an administrator, which
``bot/setup/queries.py`` reads.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache

from bot.rules.duty import AHEAD
from bot.rules.policy.load import load_policy
from bot.rules.policy.model import Policy
from bot.rules.policy.remarks import missing_parts
from bot.rules.words import Role

NEEDED = (Role.ADMINISTRATOR, Role.ESCALATION_MANAGER, Role.SUPPORT_LEAD)
BUSINESS = "business"  # the calendar by which the default policy counts working time
HOUR = timedelta(hours=1)


class SetupStep(StrEnum):
    """What has to be set up, in this order; stored, so a name never changes."""

    ROLES = "roles"
    CALENDAR = "calendar"
    DUTY = "duty"
    CHANNELS = "channels"
    MAIL = "mail"


class StepState(StrEnum):
    """How a step stands: ``SKIPPED`` where an administrator said that it is not needed here.

    A step that lacks nothing is done, also where it was skipped before.
    """

    DONE = "done"
    OPEN = "open"
    SKIPPED = "skipped"


class ChannelFault(StrEnum):
    """Why nothing can be said in a channel; any other refusal is Slack's own word for it."""

    ARCHIVED = "archived"
    OUTSIDE = "not_in_channel"


class TrialEnd(StrEnum):
    """What became of a test mail: the server took it, or its answer was lost.

    ``WAITS`` until the mail was handed in; ``FAILED`` where it certainly has nothing of it.
    """

    WAITS = "waits"
    TAKEN = "taken"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Lack:
    """One thing that a step lacks: ``what`` is a key of ``setup.lack``, ``about`` its facts."""

    what: str
    about: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shortage:
    """Hours, out of ``of`` to come, without anyone on duty; the first such time.

    Both figures are rounded to whole hours; ``begins`` and ``ends`` are aware.
    """

    hours: int
    of: int
    begins: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class MailTrial:
    """The last test mail: who asked for it, when, and what the server said, in its own words."""

    by: str
    at: datetime
    end: TrialEnd
    said: str = ""


@dataclass(frozen=True, slots=True)
class SetupRow:
    """A step as it stands; ``skipped_by`` is who said that it is not needed."""

    step: SetupStep
    state: StepState
    lacks: Sequence[Lack] = ()
    skipped_by: str = ""
    trial: MailTrial | None = None


@dataclass(frozen=True, slots=True)
class SetupPage:
    """All steps; ``sends_mail``: a mail server is set up, so a test mail can be sent."""

    rows: Sequence[SetupRow]
    sends_mail: bool = False

    @property
    def is_open(self) -> bool:
        """Whether a step is still to be done."""
        return any(row.state is StepState.OPEN for row in self.rows)


def list_unnamed(policy: Policy) -> list[Role]:
    """Roles without which the app cannot do its work and for which the policy has no names.

    Who stands in a shift is an escalation manager. A role of which the names reach no one is not
    among them; that is ``Policy.deserted``.
    """
    missing = [role for role in NEEDED if not policy.roles.get(role)]
    return [
        role
        for role in missing
        if role not in policy.deserted and not (role is Role.ESCALATION_MANAGER and policy.shifts)
    ]


def is_delivered_calendar(policy: Policy) -> bool:
    """Whether working time is counted by the calendar that came with the app."""
    return bool(policy.spec.get("calendars", {}).get(BUSINESS) == _delivered_calendar())


@cache
def _delivered_calendar() -> object:
    return load_policy().spec["calendars"][BUSINESS]


def measure_gaps(policy: Policy, now: datetime) -> Shortage | None:
    """How long no one will be on duty in the ``AHEAD`` to come; None where there is no gap.

    By the shifts alone: who is away is known to the store. Where the names of ``policy`` were not
    looked up, a shift counts as filled that names anybody.
    """
    gaps = policy.rota().find_gaps(now, now + AHEAD)
    if not gaps:
        return None
    open_time = sum((gap.ends - gap.begins for gap in gaps), timedelta())
    return Shortage(round(open_time / HOUR), round(AHEAD / HOUR), gaps[0].begins, gaps[0].ends)


def find_lacks(
    policy: Policy, now: datetime, faults: Mapping[str, str], *, sends_mail: bool
) -> dict[SetupStep, list[Lack]]:
    """What each step lacks, in the order of the steps; an empty list where that is nothing.

    ``policy`` is the one in force, with its people looked up. ``faults`` are its channels with the
    reason for which they cannot be used, a ``ChannelFault`` or Slack's own word, empty for one that
    can. ``sends_mail``: a mail server is set up, which says nothing of whether it works. The facts
    by name: ``role``; ``name`` and ``reason`` of a vacancy; ``calendar``, ``country``, ``parts``;
    ``hours`` and ``of``; ``channel`` and ``fault``.
    """
    roles = [Lack("unnamed", {"role": role.value}) for role in list_unnamed(policy)]
    roles += [
        Lack("vacancy", {"role": v.role.value, "name": v.reference, "reason": v.reason.value})
        for v in policy.vacancies
    ]
    roles += [Lack("deserted", {"role": role.value}) for role in policy.deserted]
    parts = missing_parts(policy)
    calendar = [Lack("part", {"calendar": n, "country": c, "parts": p}) for n, c, p in parts]
    if is_delivered_calendar(policy):
        calendar.append(Lack("delivered", {"calendar": BUSINESS}))
    short = measure_gaps(policy, now)
    gaps = {"hours": str(short.hours), "of": str(short.of)} if short else {}
    channels = [Lack("channel", {"channel": c, "fault": f}) for c, f in faults.items() if f]
    if not policy.triage.channel:
        channels.append(Lack("no_triage"))
    return {
        SetupStep.ROLES: roles,
        SetupStep.CALENDAR: calendar,
        SetupStep.DUTY: [Lack("gaps", gaps)] if short else [],
        SetupStep.CHANNELS: channels,
        SetupStep.MAIL: [] if sends_mail else [Lack("no_mail")],
    }
