"""What developers see at a bug: that customers wait, and how many; never who.

Each case, each known issue and each action item has one link there, under a mark of its own, made
or replaced by the same call, so a lost answer is repeated without harm. What it says is read when
the row is performed. A restricted case shows nothing: in the tracker more people read along.
"""

import asyncio
from dataclasses import dataclass
from datetime import date

import structlog
from sqlmodel import col, select
from sqlmodel.ext.asyncio.session import AsyncSession

from bot import effects
from bot.bugs.actions import tell_issue_unshown
from bot.bugs.issues import lock_linked_issues
from bot.bugs.seen import UNSHOWN
from bot.customers.delivery import begin_work
from bot.engine.delivery import Delivery, EffectResult
from bot.engine.outbox_claims import Job
from bot.engine.unit_of_work import UnitOfWork
from bot.problems.snapshot import load_affected
from bot.problems.steps import tell_problem
from bot.rules.lifecycle import LIVE
from bot.rules.problems.facts import name_number
from bot.rules.problems.known_issues import WAITED_FOR
from bot.rules.states import KnownIssueState, ProblemState
from bot.rules.words import Language, Status
from messages.clients.helpdesks import Away, Refused
from messages.clients.trackers import BugLink, Missing, Tracker
from messages.kit.dates import full_day
from messages.kit.texts import plural, t
from storage.models import ActionItem, Case, KnownIssue, Problem

TOTAL_TIMEOUT = 30.0  # seconds for all requests of one row; less than delivery's lease
UNSEEN = (Status.MERGED, Status.DISMISSED)  # cases that show nothing at a bug

log = structlog.get_logger()


async def show_at_bug(delivery: Delivery, job: Job, tracker: Tracker) -> EffectResult:
    """Make the bug show who waits, or show it no longer.

    A bug that is not there is left to the look to tell. What the tracker refuses otherwise is told
    once in the case's channel, or to the owner of the known issue or the action item. The row's
    result has ``refused``.
    Raises Away, Limited, and SlackUnknown while Slack has not told our workspace's address.
    """
    key, team = str(job.row.payload["key"]), await delivery.services.slack.identity()
    words = Words(
        f"escalation-desk:{team.get('team_id', '')}:{_name(job)}",
        str(team.get("url") or "https://slack.com/"),
        delivery.services.policy.languages[0],
    )
    async with delivery.services.database.read() as session:
        link = await _link(session, job, words)
    refusal = ""
    try:
        async with asyncio.timeout(min(TOTAL_TIMEOUT, job.left)):
            await (tracker.put_link(key, link) if link else tracker.remove_link(key, words.mark))
    except TimeoutError as slow:
        raise Away("no answer in time") from slow
    except Missing as missing:
        return EffectResult({"refused": missing.reason})
    except Refused as refused:
        refusal = refused.reason

    async def save(session: AsyncSession) -> None:
        if refusal:
            await _tell_refused(begin_work(delivery, session, job), job, tracker, refusal)

    return EffectResult({"refused": refusal}, save)


@dataclass(frozen=True, slots=True)
class Words:
    """How a link is known again, where our workspace is, and in which language it is said."""

    mark: str
    home: str
    language: Language

    def link(self, title: str, waiting: int, channel: str | None, *, ended: bool) -> BugLink:
        """The link of a case or a known issue for which so many customers wait; it names none.

        It leads to the channel, which only its members can open, else to the workspace.
        """
        said = t(self.language, "bug.shown_ended" if ended else "issue.nobody")
        if waiting and not ended:
            said = plural(self.language, "issue.waiting", waiting)
        return BugLink(self.mark, self._way(channel), title, said, resolved=ended)

    def work_link(self, title: str, due: date, channel: str | None) -> BugLink:
        """The link of an action item that is to be done by a day; it names no customer either."""
        said = t(self.language, "bug.shown_due", day=full_day(due, self.language))
        return BugLink(self.mark, self._way(channel), title, said)

    def _way(self, channel: str | None) -> str:
        return f"{self.home}archives/{channel}" if channel else self.home


def _name(job: Job) -> str:
    """``ESC-7``, ``KI-3`` or ``ACTION-5``, as the payload says it."""
    payload = job.row.payload
    if "action" in payload:
        return f"ACTION-{payload['action']}"
    return f"ESC-{payload['case']}" if "case" in payload else f"KI-{payload['issue']}"


async def _link(session: AsyncSession, job: Job, words: Words) -> BugLink | None:
    """What the bug is to show now; None for nothing: unlinked meanwhile, restricted, or no case."""
    key, payload = job.row.payload["key"], job.row.payload
    if "issue" in payload:
        return await _issue_link(session, int(payload["issue"]), key, words)
    if "action" in payload:
        return await _action_link(session, int(payload["action"]), key, words)
    case = await session.get(Case, int(payload["case"]))
    if case is None or case.bug_key != key or case.sensitive or Status(case.status) in UNSEEN:
        return None
    title = t(words.language, "bug.shown_case", reference=f"ESC-{case.number}")
    return words.link(title, 1, case.channel_id, ended=Status(case.status) not in LIVE)


async def _issue_link(session: AsyncSession, number: int, key: str, words: Words) -> BugLink | None:
    """The same of a known issue, or of the problem that it became."""
    issue, row = await session.get(KnownIssue, number), await session.get(Problem, number)
    if issue is None or row is None or issue.bug_key != key:
        return None
    ended = issue.state not in WAITED_FOR and row.state is not ProblemState.OPEN
    waiting = len(await load_affected(session, row))
    name = name_number(number, known=issue.state is not KnownIssueState.PROBLEM)
    title = t(words.language, "bug.shown_issue", reference=name)
    return words.link(title, waiting, row.channel_id, ended=ended)


async def _action_link(session: AsyncSession, which: int, key: str, words: Words) -> BugLink | None:
    """The same of an action item, until it is done or dropped; its title may name the customer."""
    item = await session.get(ActionItem, which)
    if item is None or item.bug_key != key or item.done_at is not None:
        return None
    case = await session.get_one(Case, item.case_number)
    if case.sensitive:
        return None
    title = t(words.language, "bug.shown_action", reference=f"ESC-{case.number}")
    return words.work_link(title, item.due, case.channel_id)


async def _tell_refused(work: UnitOfWork, job: Job, tracker: Tracker, refusal: str) -> None:
    """Say once that the bug does not show who waits.

    Timeline of a case: ``bug_not_shown`` with ``bug``, the reason as why. The notices are
    ``bug_not_shown`` with ``bug``, ``url`` and ``reason``.
    """
    key, payload = str(job.row.payload["key"]), job.row.payload
    log.warning("bug_not_shown", bug=key, reason=refusal)
    extra = {"bug": key, "url": tracker.url_of(key), "reason": refusal}
    if "case" in payload:
        case = await work.case(int(payload["case"]))
        if case.bug_key != key or case.bug_seen.get(UNSHOWN):
            return
        case.bug_seen = {**case.bug_seen, UNSHOWN: True}
        work.session.add(case)
        work.note(case, "bug_not_shown", after={"bug": key}, why=refusal)
        await effects.queue_post(work, case, "notice:bug_not_shown", extra)
        return
    if "action" in payload:
        which = col(ActionItem.id) == int(payload["action"])
        number = (await work.session.exec(select(ActionItem.case_number).where(which))).one()
        case = await work.case(number)
        item = (await work.session.exec(select(ActionItem).where(which))).one()
        if item.bug_key == key and item.done_at is None:
            await tell_issue_unshown(work, case, item, extra["url"], refusal)
        return
    for held in await lock_linked_issues(work, key):
        if held.number == payload["issue"] and not held.issue.bug_seen.get(UNSHOWN):
            held.issue.bug_seen = {**held.issue.bug_seen, UNSHOWN: True}
            work.session.add(held.issue)
            await tell_problem(work, held.row, "problem:bug_not_shown", extra)
