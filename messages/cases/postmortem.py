"""The agenda of the postmortem: a Markdown file, and a short message beside it.

It is filled with the case's own facts and is blameless: the timeline speaks of roles, and names
appear only for people who are invited, hold a role or own an action. The words are in
``templates/postmortem/``. ``bot.learning.postmortem_file.py`` reads the facts and uploads the file,
in the team's language and the policy's zone; the message is also a private answer, in the
reader's language. Both are for people who may read the whole case: nothing is hidden here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from bot.rules.bugs.state import BugFacts
from bot.rules.facts import (
    ActionFacts,
    CaseFacts,
    ClockFacts,
    ConcessionFacts,
    DecisionFacts,
    SentFacts,
    TimelineFacts,
)
from bot.rules.sla import State
from bot.rules.words import ClockKind, Language, Role
from messages.cases.timeline import SYSTEM, Voice, entry_as_text
from messages.kit import mrkdwn
from messages.kit.blocks import Message
from messages.kit.dates import format_stamp, full_day, zone_name
from messages.kit.notice_spec import ButtonSpec, draw_buttons
from messages.kit.render import Safe, markdown_escape, markdown_text, slack_text
from messages.kit.template_context import (
    clock_label,
    lower_first,
    message_from_text,
    route_word,
    template_facts,
)
from messages.kit.texts import label, t
from messages.meetings.notice_rows import PLAN

QUIET = frozenset({"seen", "postmortem"})  # entries from which there is nothing to learn
APART = frozenset({ClockKind.HANDOFF, ClockKind.POSTMORTEM_HELD})
HELD = ButtonSpec("ask:postmortem_held", "postmortem_held", style="primary")
ADD_ACTION = ButtonSpec("ask:action_item", "add_action")
PRESSES = (HELD, ADD_ACTION, PLAN)


def agenda_markdown(
    case: CaseFacts,
    timeline: Sequence[TimelineFacts],
    invitees: Sequence[str],
    language: Language,
    *,
    decisions: Sequence[DecisionFacts] = (),
    names: Mapping[str, str] | None = None,
    zone: str = "UTC",
    begins: datetime | None = None,
) -> str:
    """Write the agenda as a Markdown file.

    ``timeline`` is the whole record, oldest first, as ``decisions`` are. ``invitees`` are user ids
    and ``names`` what people call them; a person without a name there appears by id. Times are
    written in ``zone``, an IANA name; ``begins`` is when the meeting is planned. Raises
    MissingFactError for a fact that the template needs and does not get.
    """
    paper = _Paper(case, language, names or {}, zone)
    facts = template_facts(case, language) | {
        "title": f"{case.reference} {case.customer}",
        "zone": zone_name(zone, language) or "UTC",
        "stamp": lambda instant: format_stamp(instant, language, zone),
        "quoted": _quoted,
        "hold_by": _held_by(case),
        "begins": begins,
        "invited": ", ".join(paper.name(user) for user in invitees),
        "entries": [paper.entry(each) for each in timeline if each.verb not in QUIET],
        "promises": [paper.promise(each) for each in _promises(case)],
        "messages": [paper.message(each) for each in case.sent],
        "roles": [paper.role(role, user) for role, user in case.roles.items()],
        "actions": [paper.action(each) for each in case.actions],
        "decisions": [paper.decision(each) for each in decisions],
        "offers": [paper.offer(each) for each in case.concessions],
    }
    return markdown_text(f"postmortem/agenda.{language.value}.md.j2", facts) + "\n"


def agenda_message(
    case: CaseFacts, entries: int, invitees: Sequence[str], language: Language
) -> Message:
    """Compose the agenda in a few lines; the file holds the rest. For readers who may see the case.

    ``entries`` is how many the whole record has.
    """
    missed = [clock for clock in _promises(case) if clock.breached_at]
    names = (lower_first(clock_label(clock.name, language), language) for clock in missed)
    facts = template_facts(case, language) | {
        "kept": len(_promises(case)) - len(missed),
        "missed": len(missed),
        "missed_names": ", ".join(dict.fromkeys(names)),
        "entries": entries,
        "invitees": tuple(invitees),
    }
    text = slack_text(f"postmortem/message.{language.value}.j2", facts)
    return message_from_text(text, *draw_buttons(PRESSES, facts, language, {"case": case.number}))


def _held_by(case: CaseFacts) -> datetime | None:
    """Return when the postmortem must be held; None once it was held, or where none is owed."""
    clock = case.clock(ClockKind.POSTMORTEM_HELD)
    return clock.due if clock and not clock.ended else None


def _promises(case: CaseFacts) -> list[ClockFacts]:
    """Return the rounds of clocks that were met or missed, each repetition by itself.

    Rounds that still run in time say nothing yet. Clocks between colleagues (``APART``) are no
    promises to the customer.
    """
    rounds = [each for clock in case.clocks for each in _rounds(clock)]
    ended = [each for each in rounds if each.state == State.MET or each.breached_at]
    return [each for each in ended if each.kind not in APART and each.due]


def _rounds(clock: ClockFacts) -> list[ClockFacts]:
    """The clock once for each finished round, and once for a round that is missed and still open.

    A clock of which no round is known counts as it is.
    """
    if not clock.rounds:
        return [clock]
    past = [
        replace(
            clock,
            state=State.BREACHED if each.missed else State.MET,
            due=each.due,
            breached_at=each.due if each.missed else None,
            stopped_at=each.fulfilled_at or each.due,
            overdue=None,
        )
        for each in clock.rounds
    ]
    return [*past, clock] if clock.breached_at and not clock.ended else past


def _quoted(text: str) -> Safe:
    """Quote text from people for Markdown, each line escaped; an empty text shows a dash."""
    lines = text.strip().splitlines() or ["-"]
    return Safe("\n".join(f"> {markdown_escape(line)}".rstrip() for line in lines))


class _Paper:
    """Lines of the file: every part is escaped for Markdown where it is put in.

    A person in several roles is spoken of by the first of them in the order of ``Role``.
    """

    def __init__(
        self, case: CaseFacts, language: Language, names: Mapping[str, str], zone: str
    ) -> None:
        self._language, self._names, self._zone = language, names, zone
        ranked = sorted(case.roles.items(), key=lambda held: list(Role).index(held[0]))
        self._roles = {user: role for role, user in ranked}  # the weightiest role is kept
        self._voice = Voice(language, self._part, markdown_escape, self._stamp)

    def name(self, user: str) -> str:
        """Return a person's name, or ``@`` and the user id where no name is known."""
        return self._names.get(user) or f"@{user}"

    def _part(self, user: str) -> str:
        """Write a person as the part they played; a person without a role is a colleague."""
        if user == SYSTEM:
            return t(self._language, "agenda.desk")
        role = self._roles.get(user)
        said = f"part.{role.value}" if role else "colleague"
        return t(self._language, f"agenda.{said}")

    def _stamp(self, instant: datetime) -> str:
        return format_stamp(instant, self._language, self._zone)

    def _say(self, key: str, **facts: str) -> Safe:
        return Safe(t(self._language, f"agenda.{key}", **facts))

    def entry(self, entry: TimelineFacts) -> Safe:
        """Write an entry of the timeline, spoken by roles, with its time in the file's zone."""
        said = entry_as_text(entry, self._voice)
        return Safe(f"{self._stamp(entry.at)}: {said[:1].upper()}{said[1:]}")

    def promise(self, clock: ClockFacts) -> Safe:
        """Say of a clock whether it was met, missed, or missed and still open, and how late it was.

        Lateness is the clock's own open time where it is known, else the wall clock.
        """
        due = clock.due or clock.started_at
        facts = {"clock": clock_label(clock.name, self._language), "due": self._stamp(due)}
        if not clock.breached_at:
            return self._say("kept", at=self._stamp(clock.stopped_at or due), **facts)
        if not clock.stopped_at:
            return self._say("missed_open", **facts)
        late = clock.overdue or max(clock.stopped_at - due, timedelta())
        return self._say("missed", late=mrkdwn.format_span(late, self._language), **facts)

    def message(self, sent: SentFacts) -> Safe:
        """Write that a message went to the customer, without its text, which the record holds.

        The next update that it promised is added where it promised one.
        """
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
        """Name how a message was sent; a route that a person typed is escaped."""
        return route_word(route, self._language) or markdown_escape(route)

    def role(self, role: Role, user: str) -> Safe:
        """Say who held a role."""
        name = markdown_escape(self.name(user))
        return self._say("role", role=label(self._language, role), name=name)

    def decision(self, each: DecisionFacts) -> Safe:
        """Write what was decided, why, instead of what, and how it came out where that is known."""
        text = self._say(
            "decision",
            at=self._stamp(each.at),
            who=self._part(each.decider),
            what=markdown_escape(each.words),
            why=markdown_escape(each.why),
        )
        if each.options:
            text = Safe(text + self._say("instead", options=markdown_escape(each.options)))
        if each.outcome is not None:
            text = Safe(text + self._say("came_out", result=label(self._language, each.outcome)))
        if each.lesson:
            text = Safe(text + self._say("lesson", lesson=markdown_escape(each.lesson)))
        return text

    def offer(self, each: ConcessionFacts) -> Safe:
        """Name what was granted and how it stands; its amount is for those who need to know."""
        kind = label(self._language, each.kind)
        state = lower_first(label(self._language, each.state), self._language)
        return self._say("offer", kind=kind, state=state)

    def action(self, action: ActionFacts) -> dict[str, Any]:
        """Describe an action item: ``done`` for its box, ``text`` with type, owner and due day.

        Its issue and its evidence follow if there are any.
        """
        text = self._say(
            "action",
            title=markdown_escape(action.title),
            type=lower_first(label(self._language, action.type), self._language),
            owner=markdown_escape(self.name(action.owner)),
            due=full_day(action.due, self._language),
        )
        if action.bug is not None:
            text = Safe(text + self._issue(action.bug))
        if action.evidence:
            seen = self._say("evidence", evidence=markdown_escape(action.evidence))
            text = Safe(text + seen)
        return {"done": action.done_at is not None, "text": text}

    def _issue(self, bug: BugFacts) -> Safe:
        """Name the issue in the developers' tracker, and its status there if it was read."""
        status = bug.state.status if bug.state else ""
        known = ", ".join(each for each in (bug.name, status) if each)
        return self._say("issue", issue=markdown_escape(known))
