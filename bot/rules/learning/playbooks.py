"""Playbooks: what is done in a situation, by whom and by when, and what never. Pure.

What they do stands in ``playbooks.toml`` beside this file, their words in ``playbooks.toml`` of
each language. A playbook fits a case by its facts alone, so everybody is offered the same.
"""

import tomllib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from bot.rules.facts import CaseFacts, ClockFacts
from bot.rules.languages import SOURCE, find_languages, read_data
from bot.rules.learning.search_words import fold_word, search_words
from bot.rules.words import ClockKind, HoldReason, Language, Role, RootCause, Trigger

FILE = "playbooks.toml"
SHIPPED = Path(__file__).with_name(FILE)
NEVER = datetime.max.replace(tzinfo=UTC)
LOOK_AGAIN = timedelta(hours=1)  # until a clock is asked again how much of its time it has used


class PlaybookError(ValueError):
    """A playbook that cannot be read; the message names it and what is wrong."""


@dataclass(frozen=True, slots=True)
class Step:
    """Who does a step, and how many minutes from the start it is due."""

    role: Role
    minutes: int


@dataclass(frozen=True, slots=True)
class Wording:
    """A playbook in one language; ``steps`` are in the order of the playbook's.

    ``say`` are talking points, ``never`` what must not be done, ``warn`` phrases of a message that
    it warns of, ``words`` phrases of a customer by which it fits, ``exit`` when it is over.
    """

    title: str
    steps: tuple[str, ...]
    say: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    warn: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    exit: str = ""


@dataclass(frozen=True, slots=True)
class When:
    """Conditions that hold together; one that is not set is not asked.

    ``triggers``, ``causes`` and ``holds`` are met by one of those that they name, ``legal``,
    ``problem`` and ``call`` by a case that is legal, has a problem, or owes the customer a call
    after a missed promise, ``words`` by a phrase of the playbook in what is at stake or what the
    customer wrote later.
    ``severity`` is the least grave that fits, ``late`` names clocks past their due time, ``used``
    has the percentage of its time that a clock has used while there is no root cause, ``held`` the
    hours since which the case is on hold.
    """

    triggers: frozenset[Trigger] = frozenset()
    severity: int | None = None
    causes: frozenset[RootCause] = frozenset()
    holds: frozenset[HoldReason] = frozenset()
    late: frozenset[ClockKind] = frozenset()
    used: Mapping[ClockKind, int] = field(default_factory=dict)
    held: int = 0
    legal: bool = False
    problem: bool = False
    call: bool = False
    words: bool = False


@dataclass(frozen=True)
class Playbook:
    """What is done in one situation. ``causes`` are the root causes that it is for.

    ``key`` is stored with the cases to which it is applied, so it never changes. ``rank`` says how
    special it is: of several that fit at once the one with the highest is applied by itself.
    """

    key: str
    when: tuple[When, ...]
    causes: frozenset[RootCause]
    steps: tuple[Step, ...]
    wordings: Mapping[str, Wording]
    rank: int = 0

    def wording(self, language: Language) -> Wording:
        """Its words in this language, else in one to which it falls back, else in any it has."""
        chain = [each.value for each in language.chain]
        codes = (*chain, SOURCE, *self.wordings)
        return next(self.wordings[code] for code in codes if code in self.wordings)

    def fits(self, case: CaseFacts) -> bool:
        """Whether one of its conditions holds for the case."""
        return any(_holds(each, self, case) for each in self.when)

    def because(self, case: CaseFacts) -> "Because | None":
        """What of the case makes it fit, the most telling part of it; None where it does not."""
        held = next((each for each in self.when if _holds(each, self, case)), None)
        return _because(held, self, case) if held else None


@dataclass(frozen=True, slots=True)
class Because:
    """Why a playbook fits: the name of a condition, and the word of the case that meets it.

    ``value`` is a word of ours, by its stored value; a phrase of the playbook for ``words``; empty
    for ``legal``, ``problem`` and ``call``.
    """

    kind: str
    value: str = ""


def _holds(when: When, playbook: Playbook, case: CaseFacts) -> bool:
    """Whether all that is set in the condition is so; one that sets nothing holds never."""
    asked = (
        (bool(when.triggers), case.trigger in when.triggers),
        (when.severity is not None, case.severity <= (when.severity or 0)),
        (bool(when.causes), case.root_cause in when.causes),
        (bool(when.holds), case.hold is not None and case.hold.reason in when.holds),
        (bool(when.late), any(c.kind in when.late and _is_late(c) for c in case.clocks)),
        (bool(when.used), any(_has_used(c, when.used, case) for c in case.clocks)),
        (bool(when.held), _held_until(when, case) <= case.now),
        (when.legal, case.legal),
        (when.problem, case.problem is not None),
        (when.call, case.call is not None),
        (when.words, bool(_said_of(playbook, case))),
    )
    return any(is_set for is_set, _ in asked) and all(so for is_set, so in asked if is_set)


def _because(when: When, playbook: Playbook, case: CaseFacts) -> Because:
    """Why this condition, which holds for the case, does: what tells most stands first."""
    late = (c.kind for c in case.clocks if c.kind in when.late and _is_late(c))
    used = (c.kind for c in case.clocks if _has_used(c, when.used, case))
    told = (
        (when.legal, "legal", ""),
        (when.problem, "problem", ""),
        (when.words, "words", _said_of(playbook, case)),
        (when.call, "call", ""),
        (bool(when.triggers), "triggers", case.trigger.value),
        (bool(when.causes), "causes", case.root_cause.value if case.root_cause else ""),
        (bool(when.holds or when.held), "holds", case.hold.reason.value if case.hold else ""),
        (bool(when.late), "late", next(late, "")),
        (bool(when.used), "used", next(used, "")),
        (True, "severity", case.severity.name.lower()),
    )
    return next(Because(kind, value) for is_set, kind, value in told if is_set)


def _held_until(when: When, case: CaseFacts) -> datetime:
    """From when on the case's hold is as long as ``held`` says; never for a case without one."""
    if case.hold is None or case.hold.since is None:
        return NEVER
    return case.hold.since + timedelta(hours=when.held)


def _is_late(clock: ClockFacts) -> bool:
    """Whether the clock is past its due time and not fulfilled.

    One that was late and is fulfilled by now fits nothing any more: its conversation is over.
    """
    return clock.breached_at is not None and clock.stopped_at is None


def _has_used(clock: ClockFacts, used: Mapping[ClockKind, int], case: CaseFacts) -> bool:
    """Whether the clock has used so much of its time, while the cause is not known."""
    share = next((pct for kind, pct in used.items() if kind == clock.kind), None)
    known = case.root_cause is not None or clock.stopped_at is not None
    return share is not None and not known and clock.share_used * 100 >= share


def find_phrases(playbooks: Iterable[Playbook], text: str) -> tuple[str, ...]:
    """The phrases by which playbooks fit, at most one of each, that a customer's words have."""
    by_words = (each for each in playbooks if any(when.words for when in each.when))
    return tuple(dict.fromkeys(said for each in by_words if (said := _said(each, text))))


def _said_of(playbook: Playbook, case: CaseFacts) -> str:
    """The phrase of the playbook in what is at stake, else in what the customer wrote later."""
    later = (_said(playbook, phrase) for phrase in case.phrases)
    return _said(playbook, case.stake) or next((phrase for phrase in later if phrase), "")


def _said(playbook: Playbook, text: str) -> str:
    """The first phrase of the playbook, in any language, of which all words are in the text.

    Empty for none. Their order and endings do not matter, so a phrase should have two words that
    tell something.
    """
    said = set(search_words(text))
    phrases = (phrase for each in playbook.wordings.values() for phrase in each.words)
    return next((p for p in phrases if (wanted := set(search_words(p))) and wanted <= said), "")


_own: dict[str, Playbook] = {}  # the organisation's, as this process last read them


def load_playbooks() -> Mapping[str, Playbook]:
    """The playbooks in force, by key: those that ship, and the organisation's own after them.

    An own one takes the place of ours of the same key. Raises PlaybookError for ours alone.
    """
    return {**load_shipped(), **_own}


def use_own(playbooks: Mapping[str, Playbook]) -> None:
    """Have these, by key, as the organisation's own from now on, in this process.

    All readers ask ``load_playbooks`` anew each time, so nothing else has to be told.
    """
    _own.clear()
    _own.update(playbooks)


@cache
def load_shipped() -> Mapping[str, Playbook]:
    """The playbooks that ship, by key, in the order of their file. Raises PlaybookError."""
    rules = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))
    return {key: read_playbook(key, rule, _shipped_words(key)) for key, rule in rules.items()}


def _shipped_words(key: str) -> dict[str, Mapping[str, Any]]:
    """The words of a playbook in every language that has some."""
    tables = {code: read_data(code, FILE) for code in find_languages()}
    return {code: table[key] for code, table in tables.items() if key in table}


def read_playbook(
    key: str, rule: Mapping[str, Any], words: Mapping[str, Mapping[str, Any]]
) -> Playbook:
    """The playbook of this rule and these words, by language. Raises PlaybookError."""
    try:
        steps = tuple(_step(each) for each in rule["steps"])
        when = tuple(_when(each) for each in rule.get("when", ()))
        causes = frozenset(RootCause(each) for each in rule.get("causes", ()))
        rank = int(rule.get("rank", 0))
        wordings = {code: _wording(each) for code, each in words.items()}
    except KeyError as missing:
        raise PlaybookError(f"{key}: {missing} is missing") from missing
    except (TypeError, ValueError) as wrong:
        raise PlaybookError(f"{key}: {wrong}") from wrong
    for code, each in wordings.items():
        if len(each.steps) != len(steps):
            raise PlaybookError(f"{key}: {len(steps)} steps, {len(each.steps)} in {code}")
    if not wordings:
        raise PlaybookError(f"{key}: it has no words in any language")
    return Playbook(key, when, causes, steps, wordings, rank)


def as_data(playbook: Playbook) -> dict[str, Any]:
    """What those who work by it read, as JSON: steps and words, without when it fits.

    ``from_data`` reads it back, so a checklist goes on by the words with which it began.
    """
    words = {
        code: {
            "title": each.title, "steps": list(each.steps), "never": list(each.never),
            "warn": list(each.warn), "exit": each.exit,
        }
        for code, each in playbook.wordings.items()
    }  # fmt: skip
    return {"steps": [f"{each.role} {each.minutes}" for each in playbook.steps], "words": words}


def from_data(key: str, data: Mapping[str, Any]) -> Playbook | None:
    """The playbook of what ``as_data`` made; of nothing the one in force, None where none is.

    Nothing is what was stored before the words were kept.
    """
    if not data:
        return load_playbooks().get(key)
    return read_playbook(key, {"steps": data["steps"]}, data["words"])


def _step(text: str) -> Step:
    """``technical_lead 15``: who, and minutes from the start.

    Raises ValueError for a role that is none, or without a whole number of minutes.
    """
    role, _, minutes = text.partition(" ")
    if not minutes.isdigit():
        raise ValueError(f"step {text!r} has no minutes")
    return Step(Role(role), int(minutes))


def _wording(table: Mapping[str, Any]) -> Wording:
    """The words of one language. Raises KeyError without ``title`` or ``steps``."""
    lists = {name: tuple(table.get(name, ())) for name in ("say", "never", "warn", "words")}
    return Wording(table["title"], tuple(table["steps"]), exit=table.get("exit", ""), **lists)


def _when(table: Mapping[str, Any]) -> When:
    """One condition. Raises ValueError for a word that is none of ours, or an unknown key."""
    kinds: Mapping[str, Any] = {
        "triggers": Trigger, "causes": RootCause, "holds": HoldReason, "late": ClockKind,
    }  # fmt: skip
    found: dict[str, Any] = {}
    for name, value in table.items():
        if name in kinds:
            found[name] = frozenset(kinds[name](each) for each in value)
        elif name == "used":
            pairs = (each.split() for each in value)
            found[name] = {ClockKind(kind): int(share) for kind, share in pairs}
        elif name in When.__dataclass_fields__:
            found[name] = value
        else:
            raise ValueError(f"condition {name!r} is unknown")
    return When(**found)


def fitting(playbooks: Iterable[Playbook], case: CaseFacts) -> tuple[Playbook, ...]:
    """The playbooks that fit the case, in their order.

    Of a case of which not all was read, such as one of a list, some may be missing.
    """
    return tuple(each for each in playbooks if each.fits(case))


def choose(
    playbooks: Iterable[Playbook], case: CaseFacts, known: Collection[str], by_hand: Collection[str]
) -> tuple[Playbook | None, tuple[Playbook, ...]]:
    """The playbook that is applied by itself, and those that are offered beside it.

    Of those that fit and are not ``known`` (applied or offered before, by their keys) the one with
    the highest rank is applied, the first among equals; never one of ``by_hand``, which is only
    offered. Where none is applied, none is offered: a message about nothing else is one too many.
    """
    fresh = [each for each in fitting(playbooks, case) if each.key not in known]
    fresh.sort(key=lambda each: -each.rank)
    best = next((each for each in fresh if each.key not in by_hand), None)
    return (best, tuple(each for each in fresh if each is not best)) if best else (None, ())


def look_again_at(
    playbooks: Iterable[Playbook], case: CaseFacts, known: Collection[str]
) -> datetime | None:
    """When a playbook may begin to fit by time alone; None where only an event can make it fit.

    A clock past its due time is an event; how far it is beyond, or before, is asked each hour.
    """
    found = []
    for when in (w for each in playbooks if each.key not in known for w in each.when):
        if when.held and case.now < (at := _held_until(when, case)) < NEVER:
            found.append(at)
        running = [c for c in case.clocks if c.kind in when.used and not c.ended and not c.paused]
        if case.root_cause is None and any(_may_use_more(c, when.used) for c in running):
            found.append(case.now + LOOK_AGAIN)
    return min(found, default=None)


def _may_use_more(clock: ClockFacts, used: Mapping[ClockKind, int]) -> bool:
    """Whether the share that is asked for is still ahead, and no breach comes before it.

    A breach has a look planned of its own (``bot.feedback.breach_calls``).
    """
    share = next(share for kind, share in used.items() if kind == clock.kind)
    spent = clock.share_used * 100
    return spent < share and (share < 100 or spent >= 100)


def uncovered_causes(playbooks: Iterable[Playbook]) -> tuple[RootCause, ...]:
    """The root causes for which there is no playbook, in the order of ``RootCause``."""
    covered = {cause for each in playbooks for cause in each.causes}
    return tuple(cause for cause in RootCause if cause not in covered)


def find_playbook(playbooks: Mapping[str, Playbook], name: str) -> Playbook | None:
    """The playbook that is named so: by its key, or by its title in any language, or its beginning.

    None where none is, or several are.
    """
    wanted = fold_word(" ".join(name.split()))
    names = {key: _names(each) for key, each in playbooks.items()}
    exact = [key for key, known in names.items() if wanted in known]
    begun = [key for key, known in names.items() if any(n.startswith(wanted) for n in known)]
    found = exact or begun
    return playbooks[found[0]] if wanted and len(found) == 1 else None


def _names(playbook: Playbook) -> set[str]:
    """What people may call it, folded: its key, also with spaces, and its titles.

    So a title in another language than the reader's is found too.
    """
    titles = (each.title for each in playbook.wordings.values())
    return {fold_word(name) for name in (playbook.key, playbook.key.replace("_", " "), *titles)}
