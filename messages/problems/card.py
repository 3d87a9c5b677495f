"""A problem that many customers have, as people see it: its card, its list, its affected.

Counts and lists are those of ``ProblemFacts``, in its order. The button ids are those of
``messages/kit/blocks.py``; each button's value names the problem. The lines are those of
``messages/problems/lines.py``.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.rules.facts import CaseFacts
from bot.rules.problems.facts import ProblemFacts
from bot.rules.states import ApprovalState, RecipientState
from bot.rules.words import Language
from messages.kit.blocks import (
    Block,
    Message,
    actions,
    button,
    context,
    divider,
    header,
    menu_item,
    message,
    overflow,
    section,
)
from messages.kit.mrkdwn import (
    escape,
    mention_channel,
    mention_user,
    quote_text,
    slack_date,
)
from messages.kit.paging import nearest_page, turn_pages
from messages.kit.template_context import text_chunks
from messages.kit.texts import plural, t
from messages.problems.lines import (
    affected_line,
    broadcast_line,
    problem_name,
    problem_standing,
    problem_title,
    record_line,
    send_button,
    update_due_line,
)

AFFECTED_SHOWN = 8  # customers on the card; the list has them all
PAGE = 20  # customers on a page of the list
LISTED = 15  # problems in a list


def problem_card(problem: ProblemFacts, language: Language) -> Message:
    """Draw the card of a problem as of ``problem.now``, for everybody in its channel.

    A resolved problem keeps the card, without menu and buttons for what comes next.
    """
    title = problem_title(problem)
    standing = problem_standing(problem, language)
    return message(
        f"{escape(title)}. {standing}",
        header(title),
        section(standing, _menu(problem, language)),
        *_known(problem, language),
        section(update_due_line(problem, language)),
        section(_affected(problem, language), _open_list(problem, language)),
        *_broadcasts(problem, language),
        _points(problem, language),
        _steps(problem, language),
    )


def problem_shown(
    problem: ProblemFacts, language: Language, case: CaseFacts | None = None
) -> Message:
    """Draw the card in private, with why the clock is where it is and what was done lately.

    ``case`` is the one from which the viewer looks: it can be linked to, or taken out of, the
    problem.
    """
    card = problem_card(problem, language)
    why = "promised" if problem.promised else "by_policy"
    said = t(
        language,
        f"problem.why_{why}",
        since=slack_date(problem.cycle_began_at, language),
    )
    lines = [record_line(entry, language) for entry in problem.record]
    place = (
        t(language, "problem.place", channel=mention_channel(problem.channel_id))
        if (problem.channel_id)
        else ""
    )
    return message(
        card.text,
        *card.blocks[:-1],
        context(*(part for part in (said if problem.open else "", place) if part))
        if problem.open or place
        else None,
        divider(),
        section(f"*{t(language, 'problem.record')}*\n" + "\n".join(lines)) if lines else None,
        _joining(problem, case, language),
    )


def _known(problem: ProblemFacts, language: Language) -> list[Block]:
    """Quote what is known, the scope and the outcome; a long text shows its first section only."""
    parts = [("known", problem.known), ("scope", problem.scope), ("outcome", problem.outcome)]
    return [
        section(each)
        for name, text in parts
        if text
        for each in text_chunks(f"*{t(language, f'problem.{name}')}*\n{quote_text(text)}")[:1]
    ]


def _affected(problem: ProblemFacts, language: Language) -> str:
    """Count the affected, those with an open case and those who were told, and name the first 8."""
    found = problem.affected
    told = sum(each.told for each in found)
    cases = sum(each.case is not None for each in found)
    lines = [plural(language, "problem.affected", len(found), cases=cases, told=told)]
    lines += [f"• {affected_line(each, language)}" for each in found[:AFFECTED_SHOWN]]
    more = len(found) - AFFECTED_SHOWN
    lines += [plural(language, "problem.more_affected", more)] if more > 0 else []
    return "\n".join(lines)


def affected_list(problem: ProblemFacts, language: Language, page: int = 1) -> Message:
    """List everybody affected with the evidence, a page of 20 at a time; each can be removed.

    ``page`` counts from 1; another number gives the nearest page.
    """
    page, pages = nearest_page(page, len(problem.affected), PAGE)
    title = t(
        language, "problem.list_title", name=problem_name(problem.number, problem.title),
        count=len(problem.affected),
    )  # fmt: skip
    shown = problem.affected[(page - 1) * PAGE : page * PAGE]
    rows = [
        section(
            affected_line(each, language, full=True),
            button(
                f"ask:remove_affected#{number}",
                t(language, "problem.button.remove"),
                {"problem": problem.number, "affected": each.id},
            ),
        )
        for number, each in enumerate(shown, start=1)
    ]
    about = {"problem": problem.number}
    turning = turn_pages("show:affected", page, pages, language, about)
    adding = [
        button("ask:add_affected", t(language, "problem.button.add_affected"), about),
        button("ask:add_affected_lines", t(language, "problem.button.add_affected_lines"), about),
    ]
    lines = [affected_line(each, language, full=True) for each in shown]
    return message(
        "\n".join([title, *lines]), section(f"*{title}*"), *rows, actions(*turning, *adding)
    )


def _open_list(problem: ProblemFacts, language: Language) -> Block:
    about = {"problem": problem.number}
    return button("show:affected", t(language, "problem.button.affected"), about)


# -- what was broadcast


def _broadcasts(problem: ProblemFacts, language: Language) -> list[Block]:
    """A line for each broadcast, with the button that shows it."""
    return [
        section(
            broadcast_line(each, language),
            button(
                f"show:broadcast#{number}",
                t(language, "problem.button.broadcast"),
                {"problem": problem.number, "broadcast": each.id},
            ),
        )
        for number, each in enumerate(problem.broadcasts, start=1)
    ]


# -- talking points, steps


def _points(problem: ProblemFacts, language: Language) -> Block | None:
    """Say the version in force or waiting, and how many of its readers have read it."""
    points = problem.points
    if points is None:
        return None
    read = points.readers - len(points.unread)
    said = t(
        language,
        f"problem.points.{points.state}",
        version=points.version,
        until=slack_date(points.expires_at, language),
        read=read,
        count=points.readers,
        author=mention_user(points.author),
    )
    shown = {"problem": problem.number}
    return section(said, button("show:points", t(language, "problem.button.points"), shown))


def _menu(problem: ProblemFacts, language: Language) -> Block | None:
    """What is done to a problem less often; None once it is over."""
    if not problem.open:
        return None
    about = {"problem": problem.number}
    offered = ("ask:edit_problem", "ask:propose_points", "ask:resolve_problem")
    items = [
        menu_item(name, t(language, f"problem.menu.{name.partition(':')[2]}"), about)
        for name in offered
    ]
    return overflow(1, items)


def _steps(problem: ProblemFacts, language: Language) -> Block | None:
    """Offer the next step first: send what is approved, repeat what failed, else write to all."""
    if not problem.open:
        return None
    about: Mapping[str, Any] = {"problem": problem.number}
    newest = problem.broadcasts[0] if problem.broadcasts else None
    row: list[Block] = []
    if newest is not None and newest.state == ApprovalState.APPROVED:
        row.append(send_button(newest, language))
    sent = [b for b in problem.broadcasts if b.state == ApprovalState.SENT]
    failed = next((b for b in sent if b.count(RecipientState.FAILED)), None)
    if failed is not None:
        row.append(
            button(
                "do:retry_receipts",
                t(language, "problem.button.retry", count=failed.count(RecipientState.FAILED)),
                {**about, "broadcast": failed.id},
            )
        )
    row.append(
        button(
            "ask:propose_broadcast",
            t(language, "problem.button.write"),
            about,
            style="" if row else "primary",
        )
    )
    adding = button("ask:add_affected", t(language, "problem.button.add_affected"), about)
    return actions(*row, adding)


def _joining(problem: ProblemFacts, case: CaseFacts | None, language: Language) -> Block | None:
    """Offer what the case from which the viewer looks can do with the problem."""
    if case is None or not problem.open:
        return None
    if case.problem == problem.number:
        text = t(language, "problem.button.unlink", reference=case.reference)
        return actions(button("do:unlink_case", text, {"case": case.number}))
    if case.problem is None and not case.sensitive:
        text = t(language, "problem.button.link", reference=case.reference)
        values = {"case": case.number, "problem": problem.number}
        return actions(button("do:link_case", text, values, style="primary"))
    return None


def problem_list(
    found: Sequence[ProblemFacts], language: Language, case: CaseFacts | None = None
) -> Message:
    """List the open problems, at most 15. Seen from a case, each can be linked, or a new one begun.

    The order is the caller's. A restricted case is part of no problem, so it is offered none.
    """
    joins = case is not None and case.problem is None and not case.sensitive
    title = t(language, "problem.open_title")
    if case is not None and joins:
        title = t(language, "problem.which", reference=case.reference)
    lines, rows = [title], []
    for number, each in enumerate(found[:LISTED], start=1):
        cases = plural(language, "problem.cases", len(each.cases))
        name = problem_name(each.number, each.title)
        line = f"*{name}*\n{problem_standing(each, language)}  ·  {cases}"
        lines.append(line)
        values: dict[str, Any] = {"problem": each.number}
        press = button(f"show:problem#{number}", t(language, "button.show"), values)
        if joins and case is not None:
            text = t(language, "problem.button.link", reference=case.reference)
            press = button(f"do:link_case#{number}", text, {"case": case.number, **values})
        rows.append(section(line, press))
    none = t(language, "problem.none") if not found else ""
    about = {"case": case.number} if case is not None else {}
    begin = button("ask:open_problem", t(language, "problem.button.begin"), about)
    return message(
        "\n".join([*lines, none] if none else lines),
        section(f"*{title}*\n{none}" if none else f"*{title}*"),
        *rows,
        actions(begin if case is None or joins else None),
    )
