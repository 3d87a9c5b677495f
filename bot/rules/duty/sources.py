"""Where the people of the rota come from besides the policy: pagers' schedules, user groups. Pure.

The policy names a schedule as ``pagerduty:PI7DH85`` or ``opsgenie:Support nights`` among the people
of a shift, and a Slack user group by its id or handle wherever it names people.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from bot.rules.duty.pagers import PagerName

SCHEDULE = re.compile(r"pagerduty:[A-Z0-9]{1,30}|opsgenie:\S(?:[^\r\n]{0,98}\S)?")
HANDLE = re.compile(r"@[^\s@,]{1,80}")
SCHEDULE_FORM = "a schedule of a pager (pagerduty:P…, opsgenie:name)"
KNOWN_AHEAD = timedelta(days=30)  # asked for; the ends of shifts are planned 14 days before others
STALE = timedelta(days=1)  # after which administrators hear that a pager does not answer


class SourceFault(StrEnum):
    """Why a source could not be read the last time; stored."""

    KEY = "key_refused"  # 401, 403
    MISSING = "no_such_schedule"  # 404
    UNSET = "no_key"  # the app has no key for that pager
    REFUSED = "refused"  # for another reason
    LIMITED = "limited"  # 429
    AWAY = "away"  # no answer, or none that can be read


@dataclass(frozen=True, slots=True)
class Spell:
    """That somebody is on call from ``begins`` until before ``ends``, as a pager says.

    ``email`` is empty for what is no person there, such as a team; ``name`` may be empty.
    """

    email: str
    name: str
    begins: datetime
    ends: datetime

    def spec(self) -> dict[str, str]:
        """The spell as it is stored; instants in ISO 8601."""
        begins, ends = self.begins.isoformat(), self.ends.isoformat()
        return {"email": self.email, "name": self.name, "begins": begins, "ends": ends}


def read_spells(known: Mapping[str, Any]) -> list[Spell]:
    """The spells under ``spells`` of what is stored."""
    return [
        Spell(
            row["email"], row["name"],
            datetime.fromisoformat(row["begins"]), datetime.fromisoformat(row["ends"]),
        )
        for row in known.get("spells", ())
    ]  # fmt: skip


def join_spells(spells: Iterable[Spell]) -> list[Spell]:
    """The spells in order, those of one person that touch or overlap as one; empty ones left out.

    Pagers cut a spell at midnight, at now, or where a layer changes.
    """
    found: list[Spell] = []
    for spell in sorted(spells, key=lambda s: (s.email, s.name, s.begins, s.ends)):
        last = found[-1] if found else None
        if spell.begins >= spell.ends:
            continue
        if (
            last
            and (last.email, last.name) == (spell.email, spell.name)
            and (spell.begins <= last.ends)
        ):
            found[-1] = Spell(last.email, last.name, last.begins, max(last.ends, spell.ends))
        else:
            found.append(spell)
    return sorted(found, key=lambda s: (s.begins, s.email, s.name))


def is_schedule(reference: str) -> bool:
    """Whether a name in the policy is a schedule of a pager."""
    return SCHEDULE.fullmatch(reference) is not None


def is_group(reference: str) -> bool:
    """Whether a name in the policy is a user group of Slack, by its id or its handle."""
    return reference.startswith("@") or (reference.startswith("S") and "@" not in reference)


def split_schedule(reference: str) -> tuple[PagerName, str]:
    """The pager and the schedule's name there. Raises ValueError for what is no schedule."""
    if not is_schedule(reference):
        raise ValueError("not a schedule")
    pager, _, name = reference.partition(":")
    return PagerName(pager), name
