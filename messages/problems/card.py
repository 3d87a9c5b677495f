"""A problem that many customers have, as people see it: its card, its list, its affected.

Counts and lists are those of ``ProblemFacts``, in its order. The button ids are those of
``messages/kit/blocks.py``; each button's value names the problem.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.rules.facts import CaseFacts
from bot.rules.problems.audience import ALL, UNTOLD
from bot.rules.problems.facts import AffectedFacts, BroadcastFacts, ProblemFacts, RecordFacts
from bot.rules.states import ApprovalState, RecipientState
from bot.rules.words import Language
from messages.cases.card import MARKS
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
from messages.kit.case_lines import short_text
from messages.kit.mrkdwn import (
    at_time,
    escape,
    mention_channel,
    mention_user,
    mrkdwn_link,
    quote_text,
    slack_date,
)
from messages.kit.template_context import clip_line, mention_person, text_chunks
from messages.kit.texts import MissingTextError, label, plural, t

AFFECTED_SHOWN = 8  # customers on the card; the list has them all
PAGE = 20  # customers on a page of the list
BAR = 10  # squares of a progress bar
TITLE_SHOWN = 120  # characters
LISTED = 15  # problems in a list


def problem_card(problem: ProblemFacts, language: Language) -> Message:
    """Draw the card of a problem as of ``problem.now``, for everybody in its channel.

    A resolved problem keeps the card, without menu and buttons for what comes next.
    """
    title = _title(problem)
    standing = _standing(problem, language)
    return message(
        f"{escape(title)}. {standing}",
        header(title),
        section(standing, _menu(problem, language)),
        *_known(problem, language),
        section(_clock(problem, language)),
        section(_affected(problem, language), _open_list(problem, language)),
        *_broadcasts(problem, language),
        _points(problem, language),
        _steps(problem, language),
        context(t(language, "card.as_of", time=at_time(problem.now))),
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
        severity=label(language, problem.severity),
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


def _title(problem: ProblemFacts) -> str:
    """Write the reference and the title, cut to 120 characters, not escaped."""
    return f"{problem.reference} · {clip_line(problem.title, TITLE_SHOWN)}"


def problem_name(problem: int, title: str) -> str:
    """Name a problem inside a sentence, escaped."""
    return f"PRB-{problem} {escape(clip_line(title, TITLE_SHOWN))}"


def _standing(problem: ProblemFacts, language: Language) -> str:
    return t(
        language,
        "problem.standing",
        mark=MARKS[problem.severity],
        severity=label(language, problem.severity),
        state=t(language, f"problem.state.{problem.state}"),
        owner=mention_user(problem.owner),
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


def _clock(problem: ProblemFacts, language: Language) -> str:
    """Say when the next update to all is due; ``promised`` where a broadcast promised the time."""
    if not problem.open or problem.next_update_at is None:
        return t(language, "problem.clock.stopped")
    moment = slack_date(problem.next_update_at, language)
    if problem.next_update_at <= problem.now:
        return t(language, "problem.clock.late", when=moment)
    form = "promised" if problem.promised else "due"
    return t(language, f"problem.clock.{form}", when=moment)


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


def affected_line(each: AffectedFacts, language: Language, *, full: bool = False) -> str:
    """Write a customer with the segment and the case.

    ``full``: with the evidence and who said so.
    """
    marks = [escape(each.tier), escape(each.region), label(language, each.language)]
    marks += [f"ESC-{each.case}"] if each.case else []
    marks += [t(language, "problem.told")] if each.told else []
    line = f"*{short_text(each.customer, 80)}*  ({', '.join(mark for mark in marks if mark)})"
    if not full:
        return line
    said = t(
        language,
        "problem.evidence",
        evidence=short_text(each.evidence),
        by=mention_person(each.said_by, language),
        when=slack_date(each.said_at, language),
    )
    place = f"  {mrkdwn_link(each.link, t(language, 'problem.evidence_link'))}" if each.link else ""
    return f"{line}\n{said}{place}"


def affected_list(problem: ProblemFacts, language: Language, page: int = 1) -> Message:
    """List everybody affected with the evidence, a page of 20 at a time; each can be removed.

    ``page`` counts from 1; another number gives the nearest page.
    """
    pages = max(1, -(-len(problem.affected) // PAGE))
    page = min(max(page, 1), pages)
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
    turning = [
        button(
            f"show:affected#{name}",
            t(language, f"answer.{name}"),
            {"problem": problem.number, "page": to},
        )
        for name, to in (("earlier", page - 1), ("later", page + 1))
        if 1 <= to <= pages
    ]
    about = {"problem": problem.number}
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


def broadcast_line(each: BroadcastFacts, language: Language) -> str:
    """Write a broadcast in a line or two: what it waits for, or how far it got.

    One without ``sent_at`` is said by its state alone.
    """
    facts = {
        "audience": audience_name(each.audience, language),
        "count": each.total,
        "author": mention_user(each.author),
        "approver": mention_user(each.approver) if each.approver else "",
    }
    if each.state != ApprovalState.SENT or each.sent_at is None:
        return t(language, f"problem.broadcast.{each.state}", **facts)
    moment = slack_date(each.sent_at, language)
    return (
        t(language, "problem.broadcast.sent", when=moment, **facts)
        + "\n"
        + progress_line(each, language)
    )


def progress_line(each: BroadcastFacts, language: Language) -> str:
    """Write ``▓▓▓▓▓▓▓▓░░  12 of 15 delivered, 1 failed, 2 replied``; a square is a full tenth."""
    done, total = each.count(RecipientState.DELIVERED), each.total
    full = done * BAR // total if total else 0
    bar = "▓" * full + "░" * (BAR - full)
    parts = [t(language, "problem.progress.delivered", done=done, count=total)]
    hand = sum(r.state == RecipientState.QUEUED and r.route == "hand" for r in each.receipts)
    queued = each.count(RecipientState.QUEUED) - hand
    for name, number in (
        ("failed", each.count(RecipientState.FAILED)),
        ("replied", each.replied),
        ("queued", queued),
        ("by_hand", hand),
    ):
        if number:
            parts.append(t(language, f"problem.progress.{name}", count=number))
    return f"{bar}  {', '.join(parts)}"


def audience_name(audience: str, language: Language) -> str:
    """Name an audience as people say it, escaped.

    Raises ValueError for an unknown language and MissingTextError for an unknown kind of audience.
    """
    if audience in (ALL, UNTOLD):
        return t(language, f"problem.audience.{audience}")
    kind, _, value = audience.partition(":")
    if kind == "language":
        value = label(language, Language(value))
    return t(language, f"problem.audience.{kind}", value=escape(value))


# -- talking points, steps, record


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


def send_button(each: BroadcastFacts, language: Language) -> Block:
    """Send what was approved."""
    return button(
        "do:send_broadcast",
        t(language, "problem.button.send", count=each.total),
        {"problem": each.problem, "broadcast": each.id},
        style="primary",
    )


def _joining(problem: ProblemFacts, case: CaseFacts | None, language: Language) -> Block | None:
    """Offer what the case from which the viewer looks can do with the problem."""
    if case is None or not problem.open:
        return None
    if case.problem == problem.number:
        text = t(language, "problem.button.unlink", reference=case.reference)
        return actions(button("do:unlink_case", text, {"case": case.number}))
    if case.problem is None:
        text = t(language, "problem.button.link", reference=case.reference)
        values = {"case": case.number, "problem": problem.number}
        return actions(button("do:link_case", text, values, style="primary"))
    return None


def record_line(entry: RecordFacts, language: Language) -> str:
    """Write one line of a problem's record; a verb that has no sentence is still shown.

    A case that is restricted by now comes as None and a customer as "": other words hide both.
    """
    who = mention_person(entry.actor, language)
    facts = {key: short_text(str(value), 120) for key, value in entry.after.items()}
    key = entry.verb
    if entry.after.get("case", "") is None:  # it is restricted by now
        key += "_hidden"
    if entry.after.get("customer") == "":
        facts["customer"] = t(language, "problem.somebody")
    if "approve" in entry.after:
        key += "_yes" if entry.after["approve"] else "_no"
    if entry.after.get("audience"):
        facts["audience"] = audience_name(str(entry.after["audience"]), language)
    try:
        said = t(language, f"problem.event.{key}", actor=who, **facts)
    except MissingTextError:
        said = t(language, "event.other", actor=who, verb=escape(key.replace("_", " ")))
    why = t(language, "event.why", why=short_text(entry.why, 200)) if entry.why else ""
    return f"{slack_date(entry.at, language)}  {said}{why}"


def problem_list(
    found: Sequence[ProblemFacts], language: Language, case: CaseFacts | None = None
) -> Message:
    """List the open problems, at most 15. Seen from a case, each can be linked, or a new one begun.

    The order is the caller's. For a restricted case the buttons are drawn too, and refused when
    pressed.
    """
    joins = case is not None and case.problem is None
    title = t(language, "problem.open_title")
    if case is not None and joins:
        title = t(language, "problem.which", reference=case.reference)
    lines, rows = [title], []
    for number, each in enumerate(found[:LISTED], start=1):
        cases = plural(language, "problem.cases", len(each.cases))
        line = f"*{problem_name(each.number, each.title)}*\n{_standing(each, language)}  ·  {cases}"
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
