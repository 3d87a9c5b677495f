"""Interim policy (defaults in code)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bot.rules.calendars import Calendar
from bot.rules.sla import Target
from bot.rules.words import ClockKind, HoldReason, Language, Notice, Role, Severity


class PolicyError(Exception):
    pass


@dataclass(frozen=True)
class ClockPolicy:
    target: Target | None
    calendar: str
    pause_on: tuple[str, ...] = ()
    warn_pct: tuple[int, ...] = (50, 75, 90)
    stop_on: str = "stop"


@dataclass(frozen=True)
class Rung:
    after_minutes: int
    roles: tuple[str, ...]


@dataclass(frozen=True)
class SeverityPolicy:
    clocks: Mapping[ClockKind, ClockPolicy]
    ladder: tuple[Rung, ...]


@dataclass(frozen=True)
class Policy:
    severities: Mapping[Severity, SeverityPolicy]
    calendars: Mapping[str, Calendar]
    matrix: Mapping[tuple[str, Severity | None], Mapping[Role, Notice]]
    invite: Mapping[Severity, tuple[Role, ...]]
    roles: Mapping[Role, tuple[str, ...]] = field(default_factory=dict)
    version: str = "interim"
    digest_hour: str = "08:30"
    timezone: str = "Europe/Athens"
    language: Language = Language.ENGLISH

    def severity(self, s: Severity) -> SeverityPolicy:
        return self.severities[s]

    def matrix_for(self, event: str, s: Severity) -> Mapping[Role, Notice]:
        return self.matrix.get((event, s)) or self.matrix.get((event, None)) or {}

    def roles_of(self, user: str) -> set[Role]:
        return {r for r, us in self.roles.items() if user in us}


def load_policy(path: Path | None) -> Policy:
    H = {
        1: (15, 30, 60, 45, 240, 1440),
        2: (30, 60, 240, 180, 480, 1440),
        3: (120, 240, 480, 360, 1440, 4800),
        4: (480, 480, 2400, None, None, 9600),
    }
    K = ClockKind
    hold = tuple(h.value for h in HoldReason)
    sev = {}
    for n, t in H.items():
        ks = (
            K.ACKNOWLEDGE,
            K.FIRST_RESPONSE,
            K.NEXT_UPDATE,
            K.CHECK_IN,
            K.WORKAROUND,
            K.RESOLUTION,
        )
        clocks = {}
        for k, m in zip(ks, t, strict=True):
            cal = "always" if n == 1 or (n == 2 and k in ks[:3]) else "business"
            pause = (
                hold
                if k in (K.WORKAROUND, K.RESOLUTION)
                else (("waiting_customer",) if k is K.NEXT_UPDATE and n > 2 else ())
            )
            clocks[k] = ClockPolicy(
                Target(minutes=m) if m else None,
                cal,
                pause,
                stop_on="agent_public" if k is K.FIRST_RESPONSE else "stop",
            )
        clocks[K.NEXT_REPLY] = ClockPolicy(Target(minutes=t[2]), clocks[K.NEXT_UPDATE].calendar)
        clocks[K.HANDOFF] = ClockPolicy(Target(minutes={1: 15, 2: 60}.get(n, 240)), "always")
        clocks[K.POSTMORTEM_HELD] = ClockPolicy(
            Target(calendar_days=3) if n == 1 else Target(business_days=5 if n == 2 else 10),
            "business",
        )
        clocks[K.ACTION_ITEM] = ClockPolicy(None, "business")
        clocks[K.CUSTOMER_CONFIRMATION] = ClockPolicy(
            Target(business_days=3), "business", warn_pct=(33, 66)
        )
        rungs = (0, 15, 30, 60) if n == 1 else (0, 30, 120, 240)
        roles = (
            ("owner", "escalation_manager"),
            ("support_lead",),
            ("director",),
            ("executive_owner",),
        )
        sev[Severity(n)] = SeverityPolicy(
            clocks, tuple(Rung(a, r) for a, r in zip(rungs, roles, strict=True))
        )
    P, D = Notice.PAGE, Notice.DM
    R = Role
    week = {d: [["09:00", "17:00"]] for d in ("mon", "tue", "wed", "thu", "fri")}
    m: dict[tuple[str, Severity | None], Mapping[Role, Notice]] = {
        ("open", Severity.SEV1): {
            R.ESCALATION_MANAGER: P,
            R.TECHNICAL_LEAD: P,
            R.CSM: D,
            R.ACCOUNT_EXECUTIVE: D,
            R.SUPPORT_LEAD: P,
            R.EXECUTIVE_OWNER: D,
        },
        ("open", Severity.SEV2): {
            R.ESCALATION_MANAGER: P,
            R.TECHNICAL_LEAD: D,
            R.CSM: D,
            R.ACCOUNT_EXECUTIVE: D,
            R.SUPPORT_LEAD: D,
        },
        ("open", Severity.SEV3): {R.ESCALATION_MANAGER: D, R.TECHNICAL_LEAD: D},
        ("open", Severity.SEV4): {R.ESCALATION_MANAGER: D, R.TECHNICAL_LEAD: D},
        ("breach", None): {
            R.ESCALATION_MANAGER: P,
            R.TECHNICAL_LEAD: D,
            R.CSM: D,
            R.SUPPORT_LEAD: D,
        },
        ("executive_flag", None): {
            R.ESCALATION_MANAGER: P,
            R.CSM: D,
            R.ACCOUNT_EXECUTIVE: D,
            R.SUPPORT_LEAD: D,
            R.EXECUTIVE_OWNER: D,
        },
        ("resolved", None): {
            R.ESCALATION_MANAGER: D,
            R.TECHNICAL_LEAD: D,
            R.CSM: D,
            R.ACCOUNT_EXECUTIVE: D,
            R.SUPPORT_LEAD: D,
        },
        ("reopened", None): {
            R.ESCALATION_MANAGER: D,
            R.TECHNICAL_LEAD: D,
            R.CSM: D,
            R.ACCOUNT_EXECUTIVE: D,
            R.SUPPORT_LEAD: D,
        },
    }
    return Policy(
        sev,
        {
            "always": Calendar.always("Europe/Athens"),
            "business": Calendar.from_spec(
                {"tz": "Europe/Athens", "weekly_hours": week, "country": "GR"}
            ),
        },
        m,
        dict.fromkeys(
            Severity,
            (
                R.ESCALATION_MANAGER,
                R.TECHNICAL_LEAD,
                R.CSM,
                R.ACCOUNT_EXECUTIVE,
                R.SUPPORT_LEAD,
                R.AGENT,
            ),
        ),
    )
