"""Talking points for agents: pushed with a “Read” button, struck through when they end.

They are posted to the policy's agent channels by ``bot/problems/performers.py`` and edited there
when they expire or are withdrawn. A correction is a new version with an approval of its own
(``bot/problems/talking_points.py``), so a post never changes its words while it is in force.
"""

from collections.abc import Sequence

from bot.rules.problems.facts import PointsFacts
from bot.rules.states import ApprovalState
from bot.rules.words import Language
from messages.kit.blocks import TEXT_MAX, Block, Message, actions, button, context, message, section
from messages.kit.mrkdwn import escape, mention_user, quote_text, slack_date
from messages.kit.template_context import text_chunks
from messages.kit.texts import plural, t
from messages.problems.lines import problem_name

UNREAD_SHOWN = 40  # people named; more are counted
STRUCK_MAX = 1200  # characters of the old words that stay readable


def pushed_points(points: PointsFacts, language: Language) -> Message:
    """Compose what the agents' channel reads, in the team's language.

    The press of the button is recorded for one person, once: pressing again changes nothing.
    """
    title = t(
        language,
        "points.title",
        name=problem_name(points.problem, points.title),
        version=points.version,
    )
    parts = points_text(points, language)
    until = t(
        language,
        "points.until",
        until=slack_date(points.expires_at, language),
        approver=mention_user(points.approver) if points.approver else "",
    )
    blocks: list[Block] = [section(f"📣 *{title}*"), *(section(p) for p in parts)]
    return message(
        "\n".join([title, *parts])[:TEXT_MAX],
        *blocks,
        context(until),
        actions(_read_button(points.problem, points.id, language)),
    )


def points_text(points: PointsFacts, language: Language) -> list[str]:
    """List say, do not say, questions and scope, each under its heading.

    A part without text is left out.
    """
    return sections_of(
        language,
        say=points.say,
        dont_say=points.dont_say,
        questions=points.questions,
        scope=points.scope,
    )


def sections_of(language: Language, **texts: str) -> list[str]:
    """Write the parts of talking points as mrkdwn, quoted; each fits one section.

    ``texts`` may have ``say``, ``dont_say``, ``questions`` and ``scope``; others are ignored.
    """
    found = []
    for name in ("say", "dont_say", "questions", "scope"):
        if texts.get(name):
            found += text_chunks(f"*{t(language, f'points.{name}')}*\n{quote_text(texts[name])}")
    return found


def _read_button(problem: int, points: int, language: Language) -> Block:
    """Draw the button that records that the person has read this version."""
    values = {"problem": problem, "points": points}
    return button("do:read_points", t(language, "points.read"), values, style="primary")


def ended_points(points: PointsFacts, language: Language) -> Message:
    """Compose what replaces the post once the points no longer hold: the old words struck through.

    At most 1200 characters of ``say`` stay readable, and the other parts go. ``ended_by`` and
    ``ended_why`` are said where a person withdrew them; without ``ended_at`` the expiry is the
    time.
    """
    expired = points.state == ApprovalState.EXPIRED
    key = ApprovalState.EXPIRED if expired else ApprovalState.WITHDRAWN
    by = mention_user(points.ended_by) if points.ended_by else ""
    moment = slack_date(points.ended_at or points.expires_at, language)
    title = t(
        language, f"points.ended_{key}", name=problem_name(points.problem, points.title),
        version=points.version, by=by, when=moment,
    )  # fmt: skip
    why = f"\n{quote_text(points.ended_why)}" if points.ended_why else ""
    struck = "\n".join(
        f"~{line}~" for line in escape(points.say[:STRUCK_MAX]).splitlines() if line.strip()
    )
    return message(title + why, section(f"🚫 *{title}*{why}"), section(struck) if struck else None)


def points_list(found: Sequence[PointsFacts], language: Language) -> Message:
    """List the talking points in force or waiting, each with who has not read them.

    Points in force can be withdrawn from here. A message ends after 50 blocks, so a long list is
    cut.
    """
    title = t(language, "points.list")
    if not found:
        none = t(language, "points.none")
        return message(f"{title}: {none}", section(f"*{title}*\n{none}"))
    blocks: list[Block | None] = [section(f"*{title}*")]
    lines = [title]
    for number, each in enumerate(found, start=1):
        head = t(
            language,
            "points.title",
            name=problem_name(each.problem, each.title),
            version=each.version,
        )
        said = _read(each, language)
        lines.append(f"{head}: {said}")
        blocks += [section(f"*{head}*\n{said}"), *(section(p) for p in points_text(each, language))]
        values = {"problem": each.problem, "points": each.id}
        if each.state == ApprovalState.APPROVED:
            withdraw = t(language, "points.withdraw")
            blocks.append(actions(button(f"ask:withdraw_points#{number}", withdraw, values)))
    return message("\n".join(lines), *blocks)


def _read(each: PointsFacts, language: Language) -> str:
    """Say who has read them and until when they hold; of waiting ones, who wrote them.

    At most 40 of those who have not read them are mentioned, the others counted.
    """
    if each.state != ApprovalState.APPROVED:
        return t(language, "points.waiting", author=mention_user(each.author))
    done = each.readers - len(each.unread)
    said = t(language, "points.receipts", read=done, count=each.readers)
    if each.unread:
        named_people = ", ".join(mention_user(one) for one in each.unread[:UNREAD_SHOWN])
        more = len(each.unread) - UNREAD_SHOWN
        named_people += ", " + plural(language, "points.more", more) if more > 0 else ""
        said += "\n" + t(language, "points.unread", people=named_people)
    until = slack_date(each.expires_at, language)
    return f"{said}\n{t(language, 'points.lasts', until=until)}"
