"""A bug as its tracker has it, in one shape for all of them, and what is said of it. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Any

# Resolutions, folded, with which an issue is done and nothing was repaired; as Jira names them by
# default. An organisation may name its own, which count as repairs.
WITHOUT_FIX = frozenset(
    {
        "won't do", "won't fix", "duplicate", "cannot reproduce", "declined", "incomplete",
        "not a bug", "rejected",
    }
)  # fmt: skip


class BugStage(StrEnum):
    """How far the repair is, for those who wait for it.

    ``FIXED``: done by the developers, and the version that brings it is not released yet.
    ``DROPPED``: done without a repair.
    """

    OPEN = "open"
    FIXED = "fixed"
    SHIPPED = "shipped"
    DROPPED = "dropped"


class BugTrouble(StrEnum):
    """Why a bug cannot be read: not there or not shown to us, deleted, or refused to us."""

    GONE = "gone"
    DELETED = "deleted"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True)
class FixVersion:
    """A version that brings the repair; ``day`` is that of its release, past or planned."""

    id: str
    name: str
    released: bool = False
    day: date | None = None


@dataclass(frozen=True, slots=True)
class BugState:
    """A bug as it is now. ``key`` differs from the one asked for where the bug was moved.

    ``status`` and ``resolution`` are in the tracker's words. ``done``: the developers are through
    with it. ``due`` is the day by which they want to be.
    """

    key: str
    id: str = ""
    summary: str = ""
    status: str = ""
    done: bool = False
    resolution: str = ""
    versions: tuple[FixVersion, ...] = ()
    due: date | None = None

    @property
    def stage(self) -> BugStage:
        """How far the repair is.

        A released version ships it, whatever its status says. Done without any version it has
        shipped too, because nothing else is to come.
        """
        if self.done and self.resolution.casefold().replace("’", "'") in WITHOUT_FIX:
            return BugStage.DROPPED
        if any(each.released for each in self.versions) or (self.done and not self.versions):
            return BugStage.SHIPPED
        return BugStage.FIXED if self.done else BugStage.OPEN

    @property
    def version(self) -> FixVersion | None:
        """The version with which customers get it: the first that is released, or will be."""
        out = [each for each in self.versions if each.released]
        dated = sorted(out or self.versions, key=lambda each: each.day or date.max)
        return dated[0] if dated else None

    @property
    def fix_day(self) -> date | None:
        """The day on which customers get it: that of the version, else the bug's own."""
        version = self.version
        return version.day if version is not None and version.day is not None else self.due

    def to_json(self) -> dict[str, Any]:
        """The state for a column: days in ISO 8601, None where there is none."""
        data = asdict(self)
        data["due"] = self.due.isoformat() if self.due else None
        for each in data["versions"]:
            each["day"] = each["day"].isoformat() if each["day"] else None
        return {**data, "versions": list(data["versions"])}


def read_state(data: Mapping[str, Any]) -> BugState | None:
    """The state as ``to_json`` wrote it; None where there is none."""
    if not data.get("key"):
        return None
    plain = {name: data[name] for name in ("key", "id", "summary", "status", "done", "resolution")}
    return BugState(
        **plain,
        versions=tuple(
            FixVersion(**{**each, "day": _day(each["day"])}) for each in data["versions"]
        ),
        due=_day(data["due"]),
    )


def _day(said: str | None) -> date | None:
    return date.fromisoformat(said) if said else None


@dataclass(frozen=True, slots=True)
class BugFacts:
    """What is shown of a linked bug.

    ``name`` is its key, or what people typed where no tracker knows it; ``url`` is empty where it
    is no address. ``state`` is None until it was read; ``trouble`` None while it can be read.
    """

    name: str
    url: str = ""
    state: BugState | None = None
    trouble: BugTrouble | None = None

    @property
    def is_done(self) -> bool:
        """Whether what it asks for was done; False while it cannot be read."""
        state = self.state if self.trouble is None else None
        return state is not None and state.done and state.stage is not BugStage.DROPPED


def describe_bug(typed: str, key: str, seen: Mapping[str, Any]) -> BugFacts | None:
    """The facts of a link as its columns hold it; None without one.

    ``typed`` is what the link was made with, ``key`` the bug's where a tracker knows it, ``seen``
    what the last look found: a ``BugState``, with ``url`` and ``trouble``.
    """
    if not typed:
        return None
    given = typed if typed.startswith(("https://", "http://")) else ""
    trouble = BugTrouble(seen["trouble"]) if seen.get("trouble") else None
    return BugFacts(key or typed, seen.get("url") or given, read_state(seen), trouble)
