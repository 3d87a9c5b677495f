"""The agenda from which everybody learns: a Markdown file, and a short message beside it.

It is filled with the case's own facts and is blameless: the timeline speaks of roles, and names
appear only where somebody is invited, holds a role or owns an action.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from bot.rules.facts import ActionFacts, CaseFacts, ClockFacts, SentFacts, TimelineFacts
from bot.rules.words import ClockKind, Language, Role
from messages.cases.timeline import SYSTEM, Voice, entry_as_text
from messages.kit import mrkdwn
from messages.kit.blocks import Message
from messages.kit.dates import format_stamp
from messages.kit.notice_spec import ButtonSpec, draw_buttons
from messages.kit.render import Safe, markdown_escape, markdown_text, slack_text
from messages.kit.template_context import (
    clock_label,
    lower_first,
    message_from_text,
    template_facts,
)
from messages.kit.texts import MissingTextError, label, t

QUIET = frozenset({"seen", "postmortem"})  # entries that teach nobody anything
APART = frozenset({ClockKind.HANDOFF, ClockKind.ACTION_ITEM, ClockKind.POSTMORTEM_HELD})
PRESSES = (
    ButtonSpec("ask:postmortem_held", "postmortem_held", style="primary"),
    ButtonSpec("ask:action_item", "add_action"),
)


def agenda_markdown(
    case: CaseFacts,
    timeline: Sequence[TimelineFacts],
    invitees: Sequence[str],
    language: Language,
    *,
    names: Mapping[str, str] | None = None,
    zone: str = "UTC",
) -> str:
    """The agenda as a Markdown file.

    ``invitees`` are user ids and ``names`` what people call them; somebody without a name there
    appears by id. Times are written in ``zone``, an IANA name.
    """
    paper = _Paper(case, language, names or {}, zone)
    facts = template_facts(case, language) | {
        "title": f"{case.reference} {case.customer}",
        "zone": zone,
        "stamp": lambda instant: format_stamp(instant, zone),
        "quoted": _quoted,
        "hold_by": _held_by(case),
        "invited": ", ".join(paper.name(user) for user in invitees),
        "entries": [paper.entry(each) for each in timeline if each.verb not in QUIET],
        "promises": [paper.promise(each) for each in _promises(case)],
        "messages": [paper.message(each) for each in case.sent],
        "roles": [paper.role(role, user) for role, user in case.roles.items()],
        "actions": [paper.action(each) for each in case.actions],
    }
    return markdown_text(f"postmortem/agenda.{language.value}.md.j2", facts) + "\n"


def agenda_message(
    case: CaseFacts, timeline: Sequence[TimelineFacts], invitees: Sequence[str], language: Language
) -> Message:
    """The agenda in a few lines; the file holds the rest. For readers who may see the case."""
    missed = [clock for clock in _promises(case) if clock.breached_at]
    names = (lower_first(clock_label(clock.name, language), language) for clock in missed)
    facts = template_facts(case, language) | {
        "kept": len(_promises(case)) - len(missed),
        "missed": len(missed),
        "missed_names": ", ".join(dict.fromkeys(names)),
        "entries": len(timeline),
        "invitees": tuple(invitees),
    }
    text = slack_text(f"postmortem/message.{language.value}.j2", facts)
    return message_from_text(text, *draw_buttons(PRESSES, facts, language, {"case": case.number}))


def _held_by(case: CaseFacts) -> datetime | None:
    clock = case.clock(ClockKind.POSTMORTEM_HELD)
    return clock.due if clock and not clock.ended else None


def _promises(case: CaseFacts) -> list[ClockFacts]:
    """The clocks that were met or missed; those that still run in time say nothing yet."""
    ended = [c for c in case.clocks if c.state == "met" or c.breached_at]
    return [clock for clock in ended if clock.kind not in APART and clock.due]


def _quoted(text: str) -> Safe:
    lines = text.strip().splitlines() or ["-"]
    return Safe("\n".join(f"> {markdown_escape(line)}".rstrip() for line in lines))


class _Paper:
    """Lines of the file: every part is escaped for Markdown where it is put in."""

    def __init__(
        self, case: CaseFacts, language: Language, names: Mapping[str, str], zone: str
    ) -> None:
        self._language, self._names, self._zone = language, names, zone
        ranked = sorted(case.roles.items(), key=lambda held: list(Role).index(held[0]))
        self._roles = {user: role for role, user in ranked}  # the weightiest role is kept
        self._voice = Voice(language, self._part, markdown_escape, self._stamp)

    def name(self, user: str) -> str:
        """A person by name, or by user id where no name is known."""
        return self._names.get(user) or f"@{user}"

    def _part(self, user: str) -> str:
        """A person as the part they played."""
        if user == SYSTEM:
            return t(self._language, "agenda.desk")
        role = self._roles.get(user)
        known = lower_first(label(self._language, role), self._language) if role else ""
        return known or t(self._language, "agenda.colleague")

    def _stamp(self, instant: datetime) -> str:
        return format_stamp(instant, self._zone)

    def _say(self, key: str, **facts: str) -> Safe:
        return Safe(t(self._language, f"agenda.{key}", **facts))

    def entry(self, entry: TimelineFacts) -> Safe:
        """An entry of the timeline, spoken by roles."""
        said = entry_as_text(entry, self._voice)
        return Safe(f"{self._stamp(entry.at)}: {said[:1].upper()}{said[1:]}")

    def promise(self, clock: ClockFacts) -> Safe:
        """A clock that was met or missed."""
        due = clock.due or clock.started_at
        facts = {"clock": clock_label(clock.name, self._language), "due": self._stamp(due)}
        if not clock.breached_at:
            return self._say("kept", at=self._stamp(clock.stopped_at or due), **facts)
        if not clock.stopped_at:
            return self._say("missed_open", **facts)
        late = clock.overdue or max(clock.stopped_at - due, timedelta())
        return self._say("missed", late=mrkdwn.format_span(late, self._language), **facts)

    def message(self, sent: SentFacts) -> Safe:
        """A message to the customer, without its text, which the record holds."""
        said = self._say(
            "message",
            at=self._stamp(sent.sent_at),
            kind=lower_first(label(self._language, sent.kind), self._language),
            route=self._route(sent.route),
        )
        if sent.next_update_at is None:
            return said
        return Safe(said + self._say("promised", next=self._stamp(sent.next_update_at)))

    def _route(self, route: str) -> str:
        try:
            return lower_first(t(self._language, f"route.{route}"), self._language)
        except MissingTextError:
            return markdown_escape(route)

    def role(self, role: Role, user: str) -> Safe:
        """Who held a role."""
        name = markdown_escape(self.name(user))
        return self._say("role", role=label(self._language, role), name=name)

    def action(self, action: ActionFacts) -> dict[str, Any]:
        """An action item, done or not."""
        text = self._say(
            "action",
            title=markdown_escape(action.title),
            type=lower_first(label(self._language, action.type), self._language),
            owner=markdown_escape(self.name(action.owner)),
            due=action.due.isoformat(),
        )
        if action.evidence:
            seen = self._say("evidence", evidence=markdown_escape(action.evidence))
            text = Safe(text + seen)
        return {"done": action.done_at is not None, "text": text}
