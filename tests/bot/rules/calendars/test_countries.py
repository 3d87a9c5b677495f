"""Countries and their parts: a word that names none is told what there is."""

import holidays
import pytest

from bot.rules.calendars.calendar import Calendar, CalendarError
from bot.rules.calendars.countries import country_parts, country_problem, list_parts, part_problem

HOURS = {"mon": [["09:00", "17:00"]]}


def refusal(**law: object) -> str:
    """Why a calendar with this country and part is refused."""
    with pytest.raises(CalendarError) as refused:
        Calendar.from_spec({"tz": "Europe/London", "weekly_hours": HOURS, **law})
    return str(refused.value)


def test_the_parts_of_a_country_are_named_where_the_library_knows_names() -> None:
    assert list_parts("GB") == "ENG (England), NIR (Northern Ireland), SCT (Scotland), WLS (Wales)"
    assert country_parts("GR") == country_parts("ZZ") == {}


@pytest.mark.parametrize(
    "country", [k for k, v in holidays.list_supported_countries().items() if v]
)
def test_every_country_that_has_parts_lists_all_of_them(country: str) -> None:
    listed = list_parts(country)
    assert all(code in listed for code in holidays.country_holidays(country).subdivisions)
    assert country_problem(country) == ""


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("England", 'country = "GB", subdiv = "ENG"'),
        ("wales", 'country = "GB", subdiv = "WLS"'),
        ("ENG", 'country = "GB", subdiv = "ENG"'),
        ("Bayern", 'country = "DE", subdiv = "BY"'),
        ("gb", "'GB'"),
        ("United Kingdom", "'GB'"),
        ("germany", "'DE'"),
        ("Gemany", "'DE'"),
    ],
)
def test_a_word_that_is_no_country_is_answered_with_what_was_meant(word: str, meant: str) -> None:
    assert refusal(country=word).endswith(f"did you mean {meant}?")


@pytest.mark.parametrize("word", ["ZZ", "HolidayBase", "HolidaySum", "country_holidays", 5, ["GB"]])
def test_what_resembles_no_country_is_refused_plainly(word: object) -> None:
    assert refusal(country=word) == (
        f"no country {word!r} is known; write its code (ISO 3166), such as GR"
    )


def test_an_unknown_part_is_refused_with_the_parts_that_there_are() -> None:
    said = refusal(country="GB", subdiv="Englnd")
    assert said == f"GB has no part 'Englnd'; allowed: {list_parts('GB')}; did you mean 'ENG'?"
    assert "allowed: BB (Brandenburg), BE (Berlin)" in refusal(country="DE", subdiv=["BY"])
    assert "has no parts" in refusal(country="GR", subdiv="I")


def test_a_part_may_be_named_by_its_code_or_its_name() -> None:
    assert part_problem("GB", "SCT") == part_problem("GB", "Scotland") == ""
    assert (
        part_problem("GB", "UK") == ""
    )  # a word of stored policies, which the library still takes
