"""What a policy without mistakes may still not mean."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.rules.policy.load import PolicyError, load_policy
from bot.rules.policy.remarks import describe_reading, list_remarks
from bot.rules.words import Severity

HOLIDAYS = Path("tests/data/holidays")
HOURS = 'weekly_hours = { mon = [["09:00", "17:00"]] }\n'


def remarks_on(tmp_path: Path, text: str) -> list[str]:
    """What is said of a policy with this text."""
    file = tmp_path / "policy.toml"
    file.write_text(text, encoding="utf-8")
    return list_remarks(load_policy(file))


def test_a_country_without_its_part_is_told_its_parts() -> None:
    (said,) = list_remarks(load_policy(HOLIDAYS / "policy-gb.toml"))
    assert said.startswith("calendars.business.country: only holidays that all of GB keeps count")
    assert said.endswith("ENG (England), NIR (Northern Ireland), SCT (Scotland), WLS (Wales)")


def test_a_part_in_place_of_its_country_is_refused_with_both() -> None:
    with pytest.raises(PolicyError) as refused:
        load_policy(HOLIDAYS / "policy-uk.toml")
    (mistake,) = refused.value.problems
    assert mistake.key == "calendars.business.country"
    assert 'did you mean country = "GB", subdiv = "ENG"?' in str(mistake)


def test_every_calendar_without_its_part_is_named(tmp_path: Path) -> None:
    text = "".join(
        f'[calendars.{name}]\ncountry = "{country}"\n{more}{HOURS}'
        for name, country, more in [
            ("london", "GB", ""),
            ("berlin", "DE", 'subdiv = "BE"\n'),
            ("boston", "US", ""),
            ("athens", "GR", ""),
        ]
    )
    text += '[calendars.all]\nunion = ["london", "boston", "athens"]\n'
    said = remarks_on(tmp_path, text)
    assert [line.partition(":")[0] for line in said] == [
        "calendars.london.country",
        "calendars.boston.country",
    ]
    assert "MA (Massachusetts)" in said[1]


def test_an_unknown_part_is_a_mistake_at_its_own_key(tmp_path: Path) -> None:
    with pytest.raises(PolicyError) as refused:
        remarks_on(tmp_path, f'[calendars.x]\ncountry = "GB"\nsubdiv = "Skotland"\n{HOURS}')
    (mistake,) = refused.value.problems
    assert mistake.key == "calendars.x.subdiv"
    assert "SCT (Scotland)" in mistake.message
    assert mistake.message.endswith("did you mean 'SCT'?")


def test_a_part_without_a_country_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(PolicyError) as refused:
        remarks_on(tmp_path, f'[calendars.x]\nsubdiv = "ENG"\n{HOURS}')
    assert [str(each) for each in refused.value.problems] == [
        "calendars.x.subdiv: subdiv needs a country"
    ]


def test_nothing_is_remarked_of_what_is_acted_on(tmp_path: Path) -> None:
    assert remarks_on(tmp_path, "[retention]\ncase_months = 12\n") == []
    assert list_remarks(load_policy()) == []


def test_a_team_that_reads_and_is_named_nowhere_is_remarked(tmp_path: Path) -> None:
    team = '[privacy]\nreading = "team"\n'
    (said,) = remarks_on(tmp_path, team)
    assert said.startswith('privacy.reading: "team" and nobody is named')
    assert remarks_on(tmp_path, team + '[roles]\nagent = ["U0KATE"]\n') == []
    assert remarks_on(tmp_path, '[privacy]\nreading = "everybody"\n') == []


ROLES = '[roles]\nagent = ["U0ADA"]\nescalation_manager = ["U0BEN"]\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "everybody, as nobody is named for escalation_manager, support_lead, agent;"),
        (ROLES, "everybody, as nobody is named for support_lead; channels are public"),
        (f'{ROLES}support_lead = ["U0KATE"]', "team, as agents, managers and leads are named; but"),
        ('[privacy]\nreading = "everybody"', "everybody, as privacy.reading says"),
        ('[privacy]\nreading = "team"', "team, as privacy.reading says"),
    ],
)
def test_who_reads_is_said_and_why(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(text, encoding="utf-8")
    assert describe_reading(load_policy(file)).startswith(said)


def test_reading_is_one_of_two_words(tmp_path: Path) -> None:
    with pytest.raises(PolicyError) as refused:
        remarks_on(tmp_path, '[privacy]\nreading = "teams"')
    (mistake,) = refused.value.problems
    assert mistake.key == "privacy.reading"
    assert "did you mean 'team'?" in str(mistake)


def test_what_an_action_item_is_said_like_a_clock_is_named_and_holds_nothing(
    tmp_path: Path,
) -> None:
    text = '[severities.SEV2.clocks.action_item]\nwarn_pct = [50]\npause_on = ["waiting_customer"]'
    said = remarks_on(tmp_path, text)
    assert said == [
        f"severities.SEV2.clocks.action_item.{key}: nothing in this version acts on it"
        for key in ("warn_pct", "pause_on")
    ]


def test_the_day_suggested_for_an_action_item_is_the_policys(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    said = 'action_item = { target = "3 business days", calendar = "business" }'
    file.write_text(f"[severities.SEV2.clocks]\n{said}", encoding="utf-8")
    policy, friday = load_policy(file), datetime(2026, 2, 20, 10, tzinfo=UTC)
    assert policy.action_by(Severity.SEV2, friday) == datetime(2026, 2, 26, 15, tzinfo=UTC)
    assert policy.action_by(Severity.SEV3, friday) == datetime(2026, 3, 9, 15, tzinfo=UTC)


def test_a_wrong_target_of_an_action_item_is_a_mistake(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"severities.SEV1.clocks.action_item.target"):
        remarks_on(tmp_path, '[severities.SEV1.clocks]\naction_item = { target = "soon" }')
