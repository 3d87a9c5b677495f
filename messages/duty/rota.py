"""Who is on duty, as people ask for it; and what the app says when someone goes or comes back.

The rota itself is read in ``bot/duty``, which gives ``DutyFacts``; texts are ``duty.*``. Instants
are shown in each reader's own zone by Slack.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.rules.duty import Absence, Gap
from bot.rules.duty.sources import is_schedule, split_schedule
from bot.rules.facts import DutyFacts, PersonFacts, SourceFacts
from bot.rules.words import Language
from messages.kit.blocks import Block, Message, actions, button, context, message, section
from messages.kit.mrkdwn import escape, mention_user, quote_text, slack_date
from messages.kit.texts import plural, t

LINES_MAX = 20  # absences or gaps in one message


def duty_answer(facts: DutyFacts, viewer: PersonFacts) -> Message:
    """Say who is on duty and until when, who is away, and when no one is on duty.

    At most ``LINES_MAX`` absences and as many gaps are listed, with the number of the others. The
    button to come back is there for a reader who is away or will be.
    """
    language = viewer.language
    head = _now(facts, language)
    mine = [each for each in facts.absences if each.user == viewer.user_id]
    return message(
        head,
        section(head),
        *_listed("away", [_absence(each, language) for each in facts.absences], language),
        *_listed("gaps", [_gap(each, language) for each in facts.gaps], language),
        *source_blocks(facts.sources, language),
        actions(
            button("do:back", t(language, "duty.press.back"), {}) if mine else None,
            button("ask:away", t(language, "duty.press.away"), {}),
            button("show:duty_days", t(language, "duty.press.days"), {}),
            button("ask:hand_over_shift", t(language, "shift.press.my_cases"), {}),
            button("do:test_page", t(language, "duty.press.test_page"), {}),
        ),
    )


def own_absence(absence: Absence | None, language: Language) -> list[Block]:
    """Draw the reader's own absence and the way back; nothing where there is none."""
    if absence is None:
        return []
    key = "duty.own.deputy" if absence.deputy else "duty.own.away"
    words = t(
        language, key, deputy=mention_user(absence.deputy),
        begins=slack_date(absence.begins, language), ends=slack_date(absence.ends, language),
    )  # fmt: skip
    return [section(words, button("do:back", t(language, "duty.press.back"), {}))]


def _now(facts: DutyFacts, language: Language) -> str:
    """Say who has the duty, until when and under which shifts, and who stands behind them.

    Where only the backup is there, they are named in place of the others. ``until`` is when the
    first of the open shifts ends; without it no shift is told.
    """
    watch = facts.watch
    if not watch.people and not watch.backup:
        return t(language, "duty.nobody")
    key = "duty.backup_only" if not watch.people else "duty.now"
    lines = [t(language, key, people=name_people(watch.people or watch.backup))]
    if watch.until is not None:
        shifts = ", ".join(escape(name) for name in watch.shifts)
        at = slack_date(watch.until, language)
        lines.append(t(language, "duty.shift", shifts=shifts, until=at))
    if watch.people and watch.backup:
        lines.append(t(language, "duty.backup", people=name_people(watch.backup)))
    return "\n".join(lines)


def name_people(users: Sequence[str]) -> str:
    """Mention each person, with commas between them."""
    return ", ".join(mention_user(user) for user in users)


def _listed(key: str, lines: Sequence[str], language: Language) -> Iterator[Block]:
    """Yield a list under its headline; nothing for no absences, a sentence for no gaps.

    ``key`` is ``away`` or ``gaps``, a text below ``duty.``.
    """
    if lines:
        left = len(lines) - LINES_MAX
        more = [plural(language, "duty.more", left)] if left > 0 else []
        yield section("\n".join([t(language, f"duty.{key}"), *lines[:LINES_MAX], *more]))
    elif key == "gaps":
        yield section(t(language, "duty.no_gaps"))


def source_blocks(sources: Sequence[SourceFacts], language: Language) -> list[Block]:
    """Say which schedules and groups could not be read, and of when the others are."""
    faults = [section(_fault(each, language)) for each in sources if each.fault]
    return [*faults, *_read_well(sources, language)]


def _fault(each: SourceFacts, language: Language) -> str:
    """Say why a schedule or group could not be read, and of when what is used instead is."""
    why = t(language, f"duty.fault.{each.fault}", source=_source(each, language))
    if each.known_at is None:
        return f"⚠️ {why} {t(language, 'duty.source.unknown')}"
    when = slack_date(each.known_at, language)
    return f"⚠️ {why} {t(language, 'duty.source.used', when=when)}"


def _read_well(sources: Sequence[SourceFacts], language: Language) -> Iterator[Block]:
    """Yield one small line on the sources that were read, and when."""
    said = [
        t(language, "duty.source.read", source=_source(each, language), when=when)
        for each in sources
        if each.known_at and not each.fault
        for when in (slack_date(each.known_at, language),)
    ]
    if said:
        yield context("\n".join(said))


def _source(each: SourceFacts, language: Language) -> str:
    """Name a schedule with its pager, or a user group."""
    if not is_schedule(each.reference):
        return t(language, "duty.source.group", name=escape(each.reference))
    pager, name = split_schedule(each.reference)
    return t(language, f"duty.source.{pager}", name=escape(name))


def _absence(each: Absence, language: Language) -> str:
    """Write an absence on one line, with the deputy where there is one."""
    key = "duty.line.deputy" if each.deputy else "duty.line.away"
    return t(
        language, key, user=mention_user(each.user), deputy=mention_user(each.deputy),
        begins=slack_date(each.begins, language), ends=slack_date(each.ends, language),
    )  # fmt: skip


def _gap(each: Gap, language: Language) -> str:
    """Write a gap on one line, with those who would be on duty and are away."""
    key = "duty.line.gap_away" if each.away else "duty.line.gap"
    return t(
        language, key, people=name_people(each.away),
        begins=slack_date(each.begins, language), ends=slack_date(each.ends, language),
    )  # fmt: skip


def duty_notice(name: str, language: Language, extra: Mapping[str, Any]) -> Message:
    """Compose what is said of the rota: ``away``, ``back``, their answers, and ``gap``.

    ``extra`` has ``user``, ``by``, ``deputy`` (empty for none), ``from_at``, ``until``, ``note``,
    ``cases`` (numbers) and ``yours`` as far as the text needs them; of a gap ``at``. Instants are
    no text any more.
    """
    key = f"duty.said.{name}"
    if name.endswith("_noted") and not extra.get("yours"):
        key += "_other"
    said = t(language, key, **_facts(extra, language))
    parts = [quote_text(str(extra["note"]))] if extra.get("note") else []
    if extra.get("deputy") and name == "away_noted":
        parts.append(t(language, "duty.deputy_told", deputy=mention_user(str(extra["deputy"]))))
    cases = list(extra.get("cases") or ())
    if cases:
        parts.append(plural(language, "duty.cases_stay", len(cases)))
    return message(
        "\n".join([said, *parts]),
        section(said),
        *(section(part) for part in parts),
        actions(*_presses(name, cases, language, yours=bool(extra.get("yours")))),
    )


def _facts(extra: Mapping[str, Any], language: Language) -> dict[str, str]:
    """Return the facts of the texts: people as mentions, instants as Slack's dates.

    ``from_at`` is ``begins``, ``until`` is ``ends`` and ``at`` is ``when`` in the texts; what is
    missing or empty is left out, and a text that needs it raises MissingTextError.
    """
    people = {n: mention_user(str(extra[n])) for n in ("user", "by", "deputy") if extra.get(n)}
    times = {
        fact: slack_date(extra[key], language)
        for fact, key in (("begins", "from_at"), ("ends", "until"), ("when", "at"))
        if extra.get(key)
    }
    return {**people, **times}


def _presses(
    name: str, cases: Sequence[int], language: Language, *, yours: bool
) -> Iterator[Block]:
    """Yield the buttons to hand over cases, then those to undo an absence and to see the rota.

    Who goes has one form for all of them; a manager who said it for a colleague has
    ``ask:hand_over#1`` and so on, with ``{"case": number}``.
    """
    if cases and yours:
        words = t(language, "shift.press.hand_over")
        yield button("ask:hand_over_shift", words, {}, style="primary")
    for number, case in enumerate(() if yours else cases, start=1):
        words = t(language, "duty.press.hand_over", reference=f"ESC-{case}")
        yield button(f"ask:hand_over#{number}", words, {"case": case})
    if name == "away_noted":
        yield button("do:back", t(language, "duty.press.undo"), {})
    yield button("show:duty", t(language, "duty.press.show"), {})
