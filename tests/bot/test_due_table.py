"""The table of all that comes due: each row can be found by index, is heard, and has its words."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import col

from bot import effects
from bot.due_table import DUE
from bot.engine.due import Audience, DueRow, Reminder
from bot.engine.unit_of_work import UnitOfWork
from bot.rules.learning.tips import WEEKLY_TIPS
from bot.rules.sla import ThresholdKind
from bot.rules.words import ClockKind, Language, Role
from bot.sla.reminders import REMINDERS, WORDS, ClockReminder
from messages.cases import notices
from messages.cases import reminders as clock_words
from messages.kit.render import template_path, template_text
from messages.kit.texts import load_texts
from storage.models import Case, Outbox
from tests.bot.stage import DORA, EMMA, LEAH, Stage

ROWS = [pytest.param(row, id=row.what) for row in DUE]
SAID = [
    pytest.param(reminder, id=f"{row.what}-{reminder.what}") for row in DUE for reminder in row.says
]


def has_words(reminder: Reminder, language: Language) -> bool:
    """Whether what the reminder says stands in the language."""
    place, _, name = reminder.template.partition(":")
    if place == "reminder":
        assert isinstance(reminder, ClockReminder)
        files = [clock_words.reminder_template(clock.value, language) for clock in reminder.clocks]
        branch = f'threshold == "{reminder.threshold}"'
        return all(branch in template_text(f) or _is_last(f) for f in files)
    if place == "notice":
        file = template_path(notices.notice_template(name, language))
        return file is not None or f"template.notices.{name}" in load_texts(language)
    if place == "sponsorship":
        said = f"sponsorship.said.{name}"
        return any(key == said or key.startswith(f"{said}_") for key in load_texts(language))
    if place == "problem":
        threshold = f"_{reminder.threshold}" if reminder.threshold else ""
        return f"problem.said.{name}{threshold}" in load_texts(language)
    if place == "list":
        return {f"list.{name}.other", f"{name}.title"} & set(load_texts(language)) != set()
    if place in ("quarterly", "outcome", "access"):
        return f"{place}.{name}" in load_texts(language)
    if place == "candidate":
        return f"candidate.said.{name}" in load_texts(language)
    if place == "playbook":
        return f"checklist.{name.removeprefix('step_')}" in load_texts(language)
    if place == "tip":
        return all(f"tip.{name}.{each}" in load_texts(language) for each in WEEKLY_TIPS)
    if place == "shift":
        return f"shift.said.{name}.other" in load_texts(language)
    if place == "digest":
        return template_path(f"digest/headline.{language.value}.j2") is not None
    return reminder.template in load_texts(language)


def _is_last(file: str) -> bool:
    """A template's last branch, for the ladder, has no condition of its own."""
    return "{% else %}" in template_text(file)


@pytest.mark.parametrize("row", ROWS)
def test_what_is_due_is_found_by_an_index(row: DueRow) -> None:
    for column in row.when:
        first = {next(iter(index.columns)).name for index in column.class_.__table__.indexes}
        assert column.key in first


@pytest.mark.parametrize("row", ROWS)
def test_all_instants_of_a_row_stand_in_the_table_of_its_key(row: DueRow) -> None:
    assert {column.class_ for column in row.when} == {row.key.class_}


@pytest.mark.parametrize("reminder", SAID)
def test_what_comes_due_is_heard(reminder: Reminder) -> None:
    assert reminder.who
    assert all(name in set(Audience) | set(Role) for name in reminder.who)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("reminder", SAID)
def test_what_comes_due_has_words(reminder: Reminder, language: Language) -> None:
    assert has_words(reminder, language)


def test_names_are_unique() -> None:
    assert len({row.what for row in DUE}) == len(DUE)
    for row in DUE:
        assert len({reminder.what for reminder in row.says}) == len(row.says)


async def remind_of_silence(work: UnitOfWork, case: Case, says: Sequence[Reminder]) -> None:
    """What a new row of the table might do: say that nothing happened, and wait again."""
    case.changed_at = work.now + timedelta(hours=1)
    work.session.add(case)
    await effects.queue_reminder(work, case, says[0], {"by": EMMA})


SILENCE = DueRow(
    "a case that nobody touches",
    (col(Case.changed_at),),
    col(Case.number),
    remind_of_silence,
    (Reminder("silence", (Audience.OWNER, Role.DIRECTOR), "notice:claimed"),),
)


async def test_a_row_more_makes_something_come_due_and_be_heard(stage: Stage) -> None:
    number = await stage.claimed()
    await stage.said(number)
    await stage.sweep((SILENCE,))
    assert await stage.heard(number) == {EMMA: ["claimed"], DORA: ["claimed"]}
    await stage.sweep((SILENCE,))
    assert await stage.heard(number) == {}  # it has been moved on


async def test_a_restricted_case_is_not_told_to_those_whom_only_the_policy_names(
    stage: Stage,
) -> None:
    number = await stage.claimed(sensitive=True)
    await stage.said(number)
    await stage.sweep((SILENCE,))
    assert await stage.heard(number) == {EMMA: ["claimed"]}


async def test_a_reminder_more_of_a_clock_is_heard(stage: Stage) -> None:
    early = ClockReminder(
        "directors_know", (Role.DIRECTOR,), WORDS, ThresholdKind.WARN,
        frozenset({ClockKind.ACKNOWLEDGE}), each=True,
    )  # fmt: skip
    clocks = next(row for row in DUE if row.says is REMINDERS)
    number = await stage.opened()
    await stage.said(number)
    stage.later(minutes=16)  # past half of the acknowledgement's time at SEV2
    await stage.sweep((replace(clocks, says=(early, *REMINDERS)),))
    said = [each for each in await stage.said(number) if each.text == "reminder"]
    assert [(each.to, each.extra["threshold"]) for each in said] == [(DORA, "warn:50")]


async def test_a_role_more_in_a_row_hears_it_too(stage: Stage) -> None:
    number = await stage.reviewed()
    await stage.do(
        EMMA, "action_item", number, title="Watch the queue", type="process", owner=EMMA,
        due=(stage.now + timedelta(days=1)).date(),
    )  # fmt: skip
    await stage.said(number)
    actions = next(r for r in DUE if r.says and r.says[0].what == "action_due")
    both = replace(actions.says[0], who=(Audience.OWNER, Role.SUPPORT_LEAD))
    stage.later(days=1)
    await stage.sweep((replace(actions, says=(both,)),))
    told = [r.payload["user"] for r in await stage.rows(Outbox) if "action_due" in str(r.payload)]
    assert told == [EMMA, LEAH]
