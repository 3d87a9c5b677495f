"""Who knows what their role asks, as a private answer; and the card of one role.

Texts: ``readiness.*``, ``role_card.*`` and, by role, ``duties.*``.
"""

from collections.abc import Iterator

from bot.rules.learning.readiness import DrillRow, Readiness, ReadinessPage, ReadinessRow
from bot.rules.words import Language, Role
from messages.kit.blocks import Block, Message, actions, button, divider, message, section
from messages.kit.mrkdwn import mention_user, slack_date
from messages.kit.template_context import lower_first, role_duties
from messages.kit.texts import label, plural, t


def readiness_answer(found: ReadinessPage, language: Language) -> Message:
    """List how people stand in their roles, the most pressing first, each with what is missing.

    Below what is the viewer's own stand buttons to read the cards; then the drills.
    """
    title = t(language, f"readiness.{'own' if found.own else 'title'}")
    lines = [f"*{title}*"]
    if not found.total:
        lines.append(t(language, "readiness.none"))
    else:
        key = "own_count" if found.own else "count"
        lines.append(t(language, f"readiness.{key}", ready=found.ready, total=found.total))
    lines += [readiness_line(row, language, named=not found.own) for row in found.rows]
    if (left := found.total - len(found.rows)) > 0:
        lines.append(plural(language, "readiness.more", left))
    if not found.own and found.ready < found.total:
        lines.append(t(language, "readiness.next"))
    text = "\n".join(lines)
    drills = "\n".join(drill_lines(found, language))
    begin = button("ask:start_drill", t(language, "drill.start"), {}) if found.own else None
    return message(
        f"{text}\n{drills}",
        section(text),
        actions(*_cards(found, language)),
        section(drills, begin) if drills else None,
    )


def readiness_line(row: ReadinessRow, language: Language, *, named: bool) -> str:
    """One person in one role: what is on record, and since when; ``named``: with the person."""
    role = label(language, row.reading.role)
    if named:
        role = f"{mention_user(row.reading.user)}, {lower_first(role, language)}"
    day = slack_date(row.since, language) if row.since else ""
    return t(language, f"readiness.{row.standing}", who=role, day=day)


def drill_lines(found: ReadinessPage, language: Language) -> Iterator[str]:
    """Say who did a drill: of the viewer's own one line, of others who has none that counts.

    Nothing where no one is asked about.
    """
    drills = found.drills
    if found.own:
        yield from (_own_drill(row, language) for row in drills.rows[:1])
        return
    if not drills.total:
        return
    counted = {"done": drills.done, "total": drills.total, "days": drills.days}
    yield t(language, "drill.count", **counted)
    missing = [row for row in drills.rows if not row.counts]
    for row in missing:
        day = slack_date(row.done_at, language) if row.done_at else ""
        key = "old" if day else "never"
        yield t(language, f"drill.{key}", who=mention_user(row.user), day=day)
    if (left := drills.missing - len(missing)) > 0:
        yield plural(language, "drill.more", left)
    if drills.missing:
        yield t(language, "drill.next")


def _own_drill(row: DrillRow, language: Language) -> str:
    """Say when the viewer last did a drill, and how another is begun where none counts."""
    day = slack_date(row.done_at, language) if row.done_at else ""
    return t(language, f"drill.own_{'done' if row.counts else 'old' if day else 'never'}", day=day)


def _cards(found: ReadinessPage, language: Language) -> Iterator[Block]:
    """Buttons to the cards of the viewer's own roles, those to read first.

    Five at most; where all are confirmed, to these, so that they can be read again.
    """
    if not found.own:
        return
    wanted = [row for row in found.rows if row.standing is not Readiness.READY] or found.rows
    for number, row in enumerate(wanted[:5], start=1):
        words = t(
            language,
            "readiness.read",
            role=lower_first(label(language, row.reading.role), language),
        )
        yield button(f"show:role_card#{number}", words, {"role": row.reading.role.value})


def unconfirmed_cards(count: int, language: Language) -> list[Block | None]:
    """Say to who leads how many role cards nobody confirmed, with the way to them; none for 0."""
    if not count:
        return []
    way = button("show:readiness#2", t(language, "readiness.who"), {})
    return [divider(), section(plural(language, "readiness.unconfirmed_cards", count), way)]


def card_answer(role: Role, language: Language) -> Message:
    """The card of a role by itself, with the button that says that it was understood."""
    text = f"*{t(language, 'readiness.card', role=lower_first(label(language, role), language))}*"
    text = f"{text}\n{role_duties(role, language)}"
    press = button(
        "do:understood", t(language, "press.understood"), {"role": role.value}, style="primary"
    )
    return message(text, section(text), actions(press))
