"""What an installation lacks, by its policy alone: the check and App Home go by the same."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from bot.rules.membership import Unfilled
from bot.rules.policy.load import Policy, load_policy
from bot.rules.policy.model import Vacancy
from bot.rules.setup import SetupStep, find_lacks, list_unnamed
from bot.rules.words import Role
from cli.checking.rota import list_gaps
from cli.checking.setup import list_setup

NOW = datetime(2027, 2, 8, 8, 0, tzinfo=UTC)
OWN = """
[roles]
administrator = ["U0ADA"]
support_lead = ["U0KATE"]
escalation_manager = ["U0ELENI"]
[triage]
channel = "C0TRIAGE"
[calendars.always]
always_open = true
[calendars.business]
country = "GR"
[calendars.business.weekly_hours]
mon = [["08:00", "16:00"]]
"""


def lacking(policy: Policy, *, sends_mail: bool = True, **faults: str) -> dict[str, list[str]]:
    """What each step lacks, by the names of both; steps that lack nothing are left out."""
    found = find_lacks(policy, NOW, faults, sends_mail=sends_mail)
    return {step.value: [lack.what for lack in lacks] for step, lacks in found.items() if lacks}


def own(folder: Path, text: str = OWN) -> Policy:
    """A policy as an organisation writes it."""
    file = folder / "policy.toml"
    file.write_text(text)
    return load_policy(file)


def test_the_default_policy_lacks_every_step() -> None:
    assert lacking(load_policy(), sends_mail=False) == {
        "roles": ["unnamed"] * 3,
        "calendar": ["delivered"],
        "duty": ["gaps"],
        "channels": ["no_triage"],
        "mail": ["no_mail"],
    }


def test_a_policy_with_its_own_people_calendar_and_channel_lacks_nothing(tmp_path: Path) -> None:
    policy = own(tmp_path)
    assert lacking(policy) == {}
    assert list_setup(policy) == []


def test_a_channel_that_cannot_be_used_is_open_and_a_good_one_is_not(tmp_path: Path) -> None:
    policy = own(tmp_path)
    assert lacking(policy, C0TRIAGE="archived", C0AGENTS="") == {"channels": ["channel"]}


def test_a_role_whose_people_left_is_named_once(tmp_path: Path) -> None:
    policy = own(tmp_path)
    gone = Vacancy(Role.SUPPORT_LEAD, "U0KATE", Unfilled.DEACTIVATED, "U0KATE")
    roles = {**policy.roles, Role.SUPPORT_LEAD: ()}
    left = replace(policy, roles=roles, vacancies=(gone,))
    assert left.deserted == (Role.SUPPORT_LEAD,)
    assert lacking(left) == {"roles": ["vacancy", "deserted"]}


def test_people_of_a_shift_are_managers_and_hours_without_them_are_a_gap(tmp_path: Path) -> None:
    shift = '[[duty.shifts]]\nname = "Day"\ncalendar = "business"\npeople = ["U0ELENI"]\n'
    text = OWN.replace('escalation_manager = ["U0ELENI"]\n', "") + shift
    policy = own(tmp_path, text)
    assert list_unnamed(policy) == []
    (gap,) = find_lacks(policy, NOW, {}, sends_mail=True)[SetupStep.DUTY]
    assert f"{gap.about['hours']} of the next {gap.about['of']} hours" in list_gaps(policy, NOW)[0]


def test_the_check_says_what_the_default_policy_lacks() -> None:
    *roles, calendar = list_setup(load_policy())
    assert roles == [
        "[roles] administrator: nobody is named",
        "[roles] escalation_manager: nobody is named",
        "[roles] support_lead: nobody is named",
    ]
    assert calendar.startswith("calendars.business: as it came with the app")
