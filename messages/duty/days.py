"""The shifts of the next fourteen days, by day in the reader's own zone."""

from collections.abc import Sequence
from datetime import datetime

from bot.rules.duty.plan import DutyDay, Stretch, day_end
from bot.rules.duty.ways import cut_name
from bot.rules.facts import DutyDaysFacts, PersonFacts
from bot.rules.local_time import known_zone
from bot.rules.words import Language
from messages.duty.rota import name_people, source_blocks
from messages.kit.blocks import Message, actions, button, message, section
from messages.kit.dates import short_day, zone_name
from messages.kit.mrkdwn import escape
from messages.kit.texts import plural, t

DAY_MAX = 2000  # characters of one day; a section has room for 3000
NAME_MAX = 60  # characters kept of a shift's name
PEOPLE_MAX = 8  # named in one place of a line


def days_answer(facts: DutyDaysFacts, viewer: PersonFacts) -> Message:
    """Show who is on duty when, a section a day, with absences and with holes marked.

    Without shifts, that all who lead escalations are on duty. Sources that could not be read stand
    below.
    """
    language, zone = viewer.language, viewer.timezone
    place = zone_name(known_zone(zone).key, language) or "UTC"
    head = t(language, "duty.days.head", zone=place)
    if not facts.shifts:
        head += "\n" + t(language, "duty.days.everybody")
    return message(
        head,
        section(head),
        *(section(_day(each, facts.now, zone, language)) for each in facts.days),
        *source_blocks(facts.sources, language),
        actions(
            button("show:duty", t(language, "duty.press.show"), {}),
            button("ask:away", t(language, "duty.press.away"), {}),
        ),
    )


def _day(day: DutyDay, now: datetime, zone: str, language: Language) -> str:
    """The day and a line for each stretch, as many as there is room for."""
    lines = [f"*{short_day(day.day, language)}*"]
    for place, each in enumerate(day.stretches):
        line = _line(each, day, now, zone, language)
        if sum(map(len, lines)) + len(line) > DAY_MAX:
            lines.append(plural(language, "duty.more", len(day.stretches) - place))
            break
        lines.append(line)
    return "\n".join(lines)


def _line(each: Stretch, day: DutyDay, now: datetime, zone: str, language: Language) -> str:
    """From when to when, which shift, who, who stands behind them, who is away."""
    watch = each.watch
    facts = {
        "when": _when(each, day, now, zone, language),
        "shifts": ", ".join(escape(cut_name(name, NAME_MAX)) for name in watch.shifts),
        "people": _named(watch.people or watch.backup, language),
    }
    key = "people" if watch.people else "backup_only" if watch.backup else "nobody"
    if key == "people" and not watch.shifts:
        key = "no_shift"
    said = [t(language, f"duty.days.{key}", **facts)]
    if watch.people and watch.backup:
        said.append(t(language, "duty.days.backup", people=_named(watch.backup, language)))
    if each.away:
        said.append(t(language, "duty.days.away", people=_named(each.away, language)))
    return " · ".join(said)


def _named(users: Sequence[str], language: Language) -> str:
    """Mention the first of them, and how many others there are."""
    left = len(users) - PEOPLE_MAX
    more = f" {plural(language, 'duty.more', left)}" if left > 0 else ""
    return name_people(users[:PEOPLE_MAX]) + more


def _when(each: Stretch, day: DutyDay, now: datetime, zone: str, language: Language) -> str:
    """The time by the wall clock of the zone: ``09:00–17:00``, ``now–17:00``, ``all day``."""
    place, over = known_zone(zone), day_end(day.day, zone)
    begins = each.begins.astimezone(place)
    whole = each.ends == over and begins.date() == day.day and begins.hour == begins.minute == 0
    if whole and each.begins != now:
        return t(language, "duty.days.all_day")
    first = t(language, "duty.days.now") if each.begins == now else f"{begins:%H:%M}"
    last = "24:00" if each.ends == over else f"{each.ends.astimezone(place):%H:%M}"
    return f"{first}–{last}"
