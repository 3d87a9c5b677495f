"""Known issues as people see them: the list, and one with those who wait for it.

The buttons' values name it by ``problem``, as everything that a problem and a known issue share.
Its notices are drawn as the broadcasts that they are.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bot.rules.problems.known_issues import IssueFacts
from bot.rules.states import ApprovalState, KnownIssueState, RecipientState
from bot.rules.words import Language
from messages.bugs.lines import bug_line
from messages.kit.blocks import (
    Block,
    Message,
    actions,
    ask_first,
    button,
    divider,
    header,
    menu_item,
    message,
    overflow,
    section,
)
from messages.kit.case_lines import short_text
from messages.kit.mrkdwn import escape, mention_user, mrkdwn_link, on_day, quote_text
from messages.kit.paging import nearest_page, turn_pages
from messages.kit.template_context import clip_line, text_chunks
from messages.kit.texts import plural, t
from messages.problems.lines import (
    TITLE_SHOWN,
    affected_line,
    broadcast_line,
    problem_name,
    record_line,
    send_button,
)

_URL = re.compile(r"https?://[^\s<>|]+")

PAGE = 12  # known issues on a page
WAITERS_SHOWN = 20  # customers on a page of one
MARKS = {
    KnownIssueState.OPEN: "🕓",
    KnownIssueState.SLIPPED: "📅",
    KnownIssueState.SHIPPED: "✅",
    KnownIssueState.DROPPED: "🚫",
}


def issue_list(found: Sequence[IssueFacts], language: Language, page: int = 1) -> Message:
    """List known issues in the caller's order, a page of 12 at a time, each with its doors.

    ``page`` counts from 1; another number gives the nearest page.
    """
    page, pages = nearest_page(page, len(found), PAGE)
    title = t(language, "issue.list_title")
    none = t(language, "issue.none") if not found else ""
    rows: list[Block | None] = []
    lines = [title]
    for number, each in enumerate(found[(page - 1) * PAGE : page * PAGE], start=1):
        line = issue_lines(each, language)
        lines.append(line)
        rows += [
            section(line),
            actions(_show(each, language, number), *_steps(each, language, number)),
        ]
    turning = turn_pages("show:issues", page, pages, language, {})
    style = "" if found else "primary"
    add = button("ask:add_issue", t(language, "issue.button.add_issue"), {}, style=style)
    return message(
        "\n".join([*lines, none] if none else lines),
        section(f"*{title}*\n{none}" if none else f"*{title}*"),
        *rows,
        actions(*turning, add),
    )


def issue_lines(issue: IssueFacts, language: Language) -> str:
    """Write a known issue in a few lines: name, what became of it, who waits, bug, workaround."""
    name = problem_name(issue.number, issue.title, known=True)
    part = f"  ({short_text(issue.component, 60)})" if issue.component else ""
    lines = [f"*{name}*{part}", f"{_standing(issue, language)}  ·  {_waiting(issue, language)}"]
    if issue.tracked and (issue.tracked.state or issue.tracked.trouble):
        lines.append(bug_line(issue.tracked, language))
    elif issue.bug:
        lines.append(t(language, "issue.bug", bug=_bug(issue.bug, language)))
    if issue.waited_for and issue.workaround:
        lines.append(t(language, "issue.workaround", text=short_text(issue.workaround, 200)))
    return "\n".join(lines)


def _standing(issue: IssueFacts, language: Language) -> str:
    """Write the state with its mark, the expected day and whether it has passed, and the owner."""
    parts = [f"{MARKS[issue.state]} *{t(language, f'issue.state.{issue.state}')}*"]
    if issue.waited_for:
        parts.append(_expected(issue, language))
    parts.append(t(language, "issue.owner", owner=mention_user(issue.owner)))
    return "  ·  ".join(parts)


def _expected(issue: IssueFacts, language: Language) -> str:
    """Write the expected day; ``overdue`` once it has passed."""
    if issue.expected_on is None:
        return t(language, "issue.undated")
    form = "overdue" if issue.overdue else "expected"
    return t(language, f"issue.{form}", day=on_day(issue.expected_on, language))


def _waiting(issue: IssueFacts, language: Language) -> str:
    """Count those who wait, and of a known issue with news those who have not been told."""
    if not issue.waiting:
        return t(language, "issue.nobody")
    said = plural(language, "issue.waiting", issue.waiting)
    untold = t(language, "issue.untold", count=issue.untold) if issue.to_tell else ""
    return "  ·  ".join(part for part in (said, untold) if part)


def _bug(bug: str, language: Language) -> str:
    """Write the bug: a URL as a link that shows its end, anything else as it was typed."""
    if _URL.fullmatch(bug):
        return mrkdwn_link(bug, bug.rstrip("/").rpartition("/")[2] or bug)
    return escape(clip_line(bug, 80))


def issue_shown(issue: IssueFacts, language: Language, page: int = 1) -> Message:
    """Draw one known issue: what is said of it, its notices, who waits, what was done lately.

    ``page`` of those who wait counts from 1; another number gives the nearest page.
    """
    title = f"{issue.reference} · {clip_line(issue.title, TITLE_SHOWN)}"
    texts = (("workaround_title", issue.workaround), ("outcome", issue.outcome))
    quoted = [
        section(each)
        for name, text in texts
        if text
        for each in text_chunks(f"*{t(language, f'issue.{name}')}*\n{quote_text(text)}")[:1]
    ]
    lines = [record_line(entry, language) for entry in issue.record]
    return message(
        f"{escape(title)}. {_standing(issue, language)}",
        header(title),
        section(issue_lines(replace(issue, workaround=""), language).partition("\n")[2]),
        *quoted,
        *_notices(issue, language),
        actions(*_steps(issue, language, 1)),
        divider(),
        *_waiters(issue, language, page),
        section(f"*{t(language, 'problem.record')}*\n" + "\n".join(lines)) if lines else None,
    )


def _notices(issue: IssueFacts, language: Language) -> list[Block]:
    """Write each notice and how far it got, with the way to its recipients."""
    return [
        section(
            broadcast_line(each, language),
            button(
                f"show:broadcast#{number}",
                t(language, "problem.button.broadcast"),
                {"problem": issue.number, "broadcast": each.id},
            ),
        )
        for number, each in enumerate(issue.notices, start=1)
    ]


def _waiters(issue: IssueFacts, language: Language, page: int) -> list[Block | None]:
    """List those who wait, a page of 20, each with the way to take them off the list."""
    page, pages = nearest_page(page, len(issue.waiters), WAITERS_SHOWN)
    shown = issue.waiters[(page - 1) * WAITERS_SHOWN : page * WAITERS_SHOWN]
    said = t(language, "issue.waiters" if shown else "issue.nobody_waits")
    rows = [
        section(
            affected_line(each, language, full=True),
            button(
                f"ask:remove_waiter#{number}",
                t(language, "issue.button.remove_waiter"),
                {"problem": issue.number, "affected": each.id},
            ),
        )
        for number, each in enumerate(shown, start=1)
    ]
    turning = turn_pages("show:issue", page, pages, language, {"problem": issue.number})
    return [section(f"*{said}*" if shown else said), *rows, actions(*turning)]


# -- doors


def _show(issue: IssueFacts, language: Language, number: int) -> Block:
    """Make the button that shows the known issue whole."""
    return button(f"show:issue#{number}", t(language, "button.show"), {"problem": issue.number})


def _steps(issue: IssueFacts, language: Language, number: int) -> list[Block | None]:
    """What can be done with it, the most pressing first; ``number`` tells rows of a list apart."""
    about = {"problem": issue.number}

    def door(action: str, *, style: str = "", sure: Block | None = None, **facts: object) -> Block:
        name = action.partition(":")[2]
        text = t(language, f"issue.button.{name}", **facts)
        return button(f"{action}#{number}", text, about, style=style, sure=sure)

    row: list[Block | None] = [*_telling(issue, language, number)]
    row.append(door("ask:add_waiter"))
    if issue.waited_for:
        row += [door("ask:ship_issue"), door("ask:slip_issue")]
    else:
        row.append(door("ask:slip_issue"))
    if issue.undoable:
        row.append(door("do:undo_issue"))
    row.append(door("do:issue_to_problem", sure=_sure_grave(language)))
    return [*row, _menu(issue, language, number)]


def _telling(issue: IssueFacts, language: Language, number: int) -> list[Block]:
    """Send the notice that is approved, repeat what failed, or write to those not told."""
    about = {"problem": issue.number}
    approved = next((n for n in issue.notices if n.state == ApprovalState.APPROVED), None)
    if approved is not None:
        return [send_button(approved, language)]
    row = []
    sent = [n for n in issue.notices if n.state == ApprovalState.SENT]
    failed = next((n for n in sent if n.count(RecipientState.FAILED)), None)
    if failed is not None:
        count = failed.count(RecipientState.FAILED)
        again = t(language, "problem.button.retry", count=count)
        row.append(button(f"do:retry_receipts#{number}", again, {**about, "broadcast": failed.id}))
    if issue.to_tell:
        text = t(language, "issue.button.write_notice", count=issue.untold)
        name = f"ask:propose_broadcast#{number}"
        row.append(button(name, text, about, style="primary"))
    return row


def _menu(issue: IssueFacts, language: Language, number: int) -> Block | None:
    """Make the menu of what is rarely done; None once it has ended."""
    if not issue.waited_for:
        return None
    about: dict[str, Any] = {"problem": issue.number}
    offered = ("ask:edit_issue", "ask:drop_issue")
    items = [
        menu_item(name, t(language, f"issue.menu.{name.partition(':')[2]}"), about)
        for name in offered
    ]
    return overflow(number, items)


def _sure_grave(language: Language) -> Block:
    """Make the question before it becomes a problem, which cannot be undone."""
    return ask_first(
        t(language, "issue.sure.title"),
        t(language, "issue.sure.text"),
        t(language, "issue.sure.yes"),
        t(language, "problem.sure.no"),
    )
