"""What people read about the rota: complete, inside Slack's limits, harmless, in each language."""

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.rules.calendars.calendar import Calendar
from bot.rules.duty import Absence, Gap, Rota, Shift, Stint, Watch
from bot.rules.duty.plan import plan_days
from bot.rules.duty.sources import SourceFault
from bot.rules.facts import DutyDaysFacts, DutyFacts, PersonFacts, SourceFacts
from bot.rules.words import Language
from messages.duty.days import days_answer
from messages.duty.rota import duty_answer, duty_notice
from messages.duty.shift import shift_notice
from tests.messages.limits import check_all_harmless, check_blocks
from tests.messages.sample_cases import HOSTILE, NOW

UNFILLED = re.compile(r"\{(user|by|deputy|begins|ends|when)\}")
ANNA, EMMA, KATE = "U0ANNA", "U0EMMA", "U0KATE"
LATER, DAY = NOW + timedelta(hours=5), timedelta(days=1)
WATCHES = {
    "shift": Watch((EMMA, ANNA), (KATE,), ("Athens",), LATER),
    "everybody": Watch((EMMA,)),
    "backup": Watch((), (KATE,), ("Athens",), LATER),
    "nobody": Watch(()),
}


def shown(watch: Watch, language: Language, many: int = 1, viewer: str = ANNA) -> str:
    absences = (Absence(EMMA, NOW, LATER, KATE), Absence(ANNA, NOW, LATER))
    gaps = (Gap(NOW + DAY, LATER + DAY), Gap(LATER, NOW + DAY, (EMMA,))) * many
    facts = DutyFacts(NOW, watch, absences * many, gaps)
    message = duty_answer(facts, PersonFacts(viewer, viewer, language))
    check_blocks(message.blocks)
    check_all_harmless(message.blocks)
    return str(message.blocks)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", WATCHES)
def test_the_rota_is_shown_however_it_stands(name: str, language: Language) -> None:
    for many in (1, 60):
        words = shown(WATCHES[name], language, many)
        assert all(f"<@{user}>" in words for user in (*WATCHES[name].people, KATE, EMMA))


def test_only_who_is_away_is_offered_to_be_back() -> None:
    assert "do:back" in shown(WATCHES["shift"], Language.ENGLISH)
    assert "do:back" not in shown(WATCHES["shift"], Language.ENGLISH, viewer=KATE)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_what_people_wrote_stays_text(text: str, language: Language) -> None:
    shown(Watch((EMMA,), (), (text,), LATER), language)
    extra = {
        "user": EMMA, "by": KATE, "deputy": ANNA, "note": text, "from_at": NOW, "until": LATER,
        "cases": list(range(1, 11)), "at": NOW,
    }  # fmt: skip
    for name in ("away_noted", "back_noted", "away", "back", "gap"):
        for yours in (True, False):
            message = duty_notice(name, language, {**extra, "yours": yours})
            check_blocks(message.blocks)
            check_all_harmless(message.blocks)
            assert not UNFILLED.search(message.text)


WAITS = [
    {"what": "hold", "reason": "waiting_customer", "until": LATER.isoformat()},
    {"what": "standing", "reason": "blocked", "user": ANNA},
    {"what": "letter", "user": ANNA},
    {"what": "ask", "user": KATE},
    {"what": "handover", "reason": "technical_lead", "user": KATE},
]
SHIFT = {
    "ends": ("user", "until", "cases"),
    "offered": ("by", "note", "cases"),
    "taken": ("user", "numbers"),
    "handed_over": ("given", "kept", "left"),
    "accepted": ("numbers", "left"),
    "undecided": ("owner", "user", "at", "cases"),
    "still_yours": ("owner", "at", "cases"),
    "settled": ("by", "user", "owner", "numbers"),
    "decided": ("by", "user", "owner", "numbers"),
    "inherited": ("by", "cases"),
}


def summary(number: int, customer: str = "Acme", waits: object = WAITS) -> dict[str, object]:
    return {
        "case": number, "severity": 2, "status": "investigating", "customer": customer,
        "promised": LATER.isoformat(), "clock": "next_update", "due": LATER.isoformat(),
        "late": number % 2 == 0, "waits": waits, "handover": number,
    }  # fmt: skip


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("many", [1, 2, 40])
@pytest.mark.parametrize("name", SHIFT)
def test_the_end_of_a_shift_is_said_of_one_case_and_of_many(
    name: str, many: int, language: Language
) -> None:
    for text in ("Acme", *HOSTILE.values()):
        extra = {
            "user": KATE, "by": EMMA, "owner": EMMA, "until": LATER.isoformat(),
            "at": NOW.isoformat(), "note": text, "left": many,
            "cases": [summary(n, text) for n in range(1, many + 1)],
            "numbers": list(range(1, many + 1)), "kept": [3], "given": {KATE: [1, 2]},
        }  # fmt: skip
        given = {key: extra[key] for key in SHIFT[name]}
        for more in ({}, {"user": EMMA} if "user" in given else {}, {"user": ""}):
            if name in ("taken", "settled", "decided") and more.get("user") == "":
                continue
            message = shift_notice(name, language, {**given, **more})
            check_blocks(message.blocks)
            check_all_harmless(message.blocks)
            assert not UNFILLED.search(message.text)


def test_a_restricted_case_is_named_by_its_number_alone() -> None:
    shown = shift_notice("offered", Language.ENGLISH, {"by": EMMA, "cases": [summary(7, "", [])]})
    assert "restricted case" in str(shown.blocks)
    assert "ESC-7" in str(shown.blocks)


def plan(language: Language, *shifts: Shift, text: str = "Athens", zone: str = "UTC") -> str:
    """The shifts of fourteen days as a reader sees them."""
    rota = Rota(shifts, {"always": Calendar.always("UTC")}, (EMMA,), (Absence(EMMA, NOW, LATER),))
    days = tuple(plan_days(rota, NOW, zone))
    sources = (SourceFacts(f"opsgenie:{text}", NOW, SourceFault.AWAY), SourceFacts("@leads", NOW))
    viewer = PersonFacts(ANNA, "Anna", language, zone)
    shown = days_answer(DutyDaysFacts(NOW, days, bool(shifts), sources), viewer)
    check_blocks(shown.blocks)
    check_all_harmless(shown.blocks)
    assert len(shown.blocks) < 25
    return "\n".join(text for block in shown.blocks for text in str(block).splitlines())


@pytest.mark.parametrize("language", Language)
def test_the_shifts_of_the_days_to_come_name_everybody_and_mark_the_holes(
    language: Language,
) -> None:
    for text in ("Athens", *HOSTILE.values()):
        shift = Shift(text, "always", (EMMA,), (KATE,), (Stint(ANNA, LATER, LATER + DAY),))
        words = plan(language, shift, text=text)
        assert all(f"<@{user}>" in words for user in (EMMA, KATE, ANNA))
    assert "⚠️" in plan(language, Shift("Athens", "always", (EMMA,)), zone="Europe/Athens")
    many = tuple(Stint(f"U0{n:04}", NOW + n * DAY / 80, LATER + DAY) for n in range(80))
    assert "U00000" in plan(language, Shift("Pager", "always", (), stints=many))
    assert f"<@{EMMA}>" in plan(language)


def test_a_line_says_from_when_to_when_by_the_readers_clock() -> None:
    words = plan(
        Language.ENGLISH, Shift("Athens", "always", (EMMA,), (KATE,)), zone="Europe/Athens"
    )
    hour = f"{LATER.astimezone(ZoneInfo('Europe/Athens')):%H:%M}"
    assert f"⚠️ now–{hour} Athens: nobody of the shift is there; backup: <@{KATE}>" in words
    assert f"{hour}–24:00 Athens: <@{EMMA}> · backup: <@{KATE}>" in words
    assert words.count("all day") == 13
