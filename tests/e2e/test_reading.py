"""Every row of the permission table is enforced, those of what can only be read too."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from bot.registry import USE_CASES
from bot.rules.permissions import ANYONE, PERMISSIONS, READING
from bot.rules.words import Role
from handlers.slack.answers import SHOWN
from tests.e2e import forged
from tests.e2e.office import ELENI, KATE, MAYA, STRANGER, Office
from tests.e2e.test_members import MORE, refusals
from tests.e2e.test_permissions import fields

pytestmark = pytest.mark.asyncio(loop_scope="module")

SECRETS = ("Delphi", "invoice before", "Acknowledgement", "We are on it", "The gateway")
# These show whoever is no reader what they are on.
NARROWED = {
    "list", "home", "digest", "candidate", "triage", "sponsor", "sponsor_brief", "actions",
    "similar", "outreach",
}  # fmt: skip
# For leads and executives, not for agents.
ADMINISTERED = {"setup", "access_review", "access_file"}
LED = {"causes", "figures", "figures_files", "quarterly_review", "quarterly_file"}
REFUSED = ("have permission", "have access to it", "Δεν έχετε δικαίωμα", "δεν έχετε πρόσβαση")
ABOUT_A_CASE = {name for name, row in SHOWN.items() if row.of_case} | {"template", "templates"}
# Rows without a verb of their own: raising and lowering a severity are one verb, and what a
# workaround means for the case is decided where the update that tells of it is recorded. A case
# without a channel is given one by the verb that repairs, and a report of what has a case is
# added to that one by the verb that opens. What may be withdrawn, and what
# may be corrected, is one verb with a row a thing.
INSIDE = {
    **dict.fromkeys(
        (
            "withdraw_flag",
            "withdraw_legal",
            "withdraw_handover",
            "withdraw_ask",
            "lift_restriction",
        ),
        "withdraw",
    ),
    **dict.fromkeys(("edit_customer", "edit_contact"), "edit_case"),
    "raise_severity": "severity",
    "mitigate": "update",
    "make_channel": "mend",
    "add_report": "open_case",
    "all_concessions": "request_concession",
    "all_outcomes": "record_outcome",
    "setup": "choose_setup",
    "access_review": "sign_access_review",
    "readiness": "understood",
    "all_readiness": "understood",
    "read_revenue": "record_outcome",
    "all_sponsorships": "nominate_sponsorship",
    "manage_sponsorships": "pass_sponsorship",
}
GIVEN: dict[str, dict[str, Any]] = {
    "template": {"kind": "update", "language": "en"},
    "affected": {"problem": 1},
    "broadcast": {"problem": 1, "broadcast": 1},
    "problem": {"problem": 1},
    "issue": {"problem": 1},
    "picture": {"clock": "next_update"},
    "candidate": {"candidate": 1},
    "role_card": {"role": "csm"},
    "sponsor_brief": {"membership": 1},
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office_with_a_problem(http_desk: Office) -> AsyncIterator[Office]:
    """The office, with a case in work and a problem that it belongs to."""
    number = await http_desk.looked_at("investigating")
    about = {"title": "The gateway is down", "known": "x", "severity": 2, "case": number}
    await http_desk.wants(ELENI, "open_problem", about)
    await http_desk.here.settle()
    yield http_desk


def shown_to(desk: Office, who: str) -> str:
    """Everything private that somebody was shown."""
    return "".join(m.text + json.dumps(m.blocks) for m in [*desk.answers(who), *desk.dms(who)])


async def test_every_row_belongs_to_a_verb_or_to_something_that_is_read() -> None:
    assert set(PERMISSIONS) == set(USE_CASES) | set(READING.values()) | set(INSIDE)
    assert set(SHOWN) - {"help"} <= set(READING)
    assert set(READING.values()) <= set(PERMISSIONS)


@pytest.mark.parametrize("what", sorted(set(SHOWN) - {"help"}))
async def test_whoever_reads_nothing_is_shown_nothing(
    office_with_a_problem: Office, what: str
) -> None:
    desk = office_with_a_problem
    number = await desk.looked_at("investigating")
    before = len(shown_to(desk, STRANGER))
    case = {"case": number} if what in ABOUT_A_CASE else {}
    await forged.press(desk, STRANGER, f"show:{what}", case | GIVEN.get(what, {}))
    shown = shown_to(desk, STRANGER)[before:]
    assert shown, "they are told something"
    if PERMISSIONS[READING[what]] is not ANYONE:
        assert [secret for secret in SECRETS if secret in shown] == []
        told = "have permission" in shown or "have access to it" in shown
        assert told or what in NARROWED


@pytest.mark.parametrize("what", sorted(set(SHOWN) - {"help"}))
async def test_whoever_reads_is_shown_it(office_with_a_problem: Office, what: str) -> None:
    desk = office_with_a_problem
    number = await desk.looked_at("investigating")
    who = KATE if what in ADMINISTERED else ELENI if what in LED else MAYA
    before = len(shown_to(desk, who))
    case = {"case": number} if what in ABOUT_A_CASE else {}
    await forged.press(desk, who, f"show:{what}", case | GIVEN.get(what, {}))
    shown = shown_to(desk, who)[before:]
    assert [no for no in REFUSED if no in shown] == []


async def test_the_home_and_the_counts_of_whoever_reads_nothing_are_empty(
    office_with_a_problem: Office,
) -> None:
    desk = office_with_a_problem
    reading = desk.here.services.reading
    home = await reading.home(STRANGER)
    assert (home.mine, home.breaching, home.asks, home.open_count) == ((), (), (), 0)
    assert (await reading.home(MAYA)).open_count > 0
    await desk.here.people.open_home(STRANGER)
    await desk.here.settle()
    page = desk.here.people.home(STRANGER)
    assert page is not None
    assert "Delphi" not in json.dumps(page.payload)


async def test_whoever_raised_a_case_reads_it_and_no_other(office_with_a_problem: Office) -> None:
    desk = office_with_a_problem
    other = await desk.looked_at("investigating")
    desk.opened += 1
    mine = desk.opened
    given = {"account": "", "customer": "Quill Post", "severity": 3}
    await desk.wants(STRANGER, "open_case", given)
    await desk.here.settle()
    await desk.command(STRANGER, f"show {mine}")
    assert "Quill Post" in shown_to(desk, STRANGER)
    before = len(shown_to(desk, STRANGER))
    for line in (f"show {other}", f"timeline {other}", "list", "list customer Delphi", "digest"):
        await desk.command(STRANGER, line)
    assert "Delphi" not in shown_to(desk, STRANGER)[before:]


@pytest.mark.parametrize("verb", [v for v in sorted(USE_CASES) if PERMISSIONS[v] is not ANYONE])
async def test_a_verb_is_refused_to_whoever_has_no_role_for_it(
    office_with_a_problem: Office, verb: str
) -> None:
    desk = office_with_a_problem
    number = await desk.looked_at("investigating")
    values = fields(desk, verb, number) | MORE.get(verb, {})
    await desk.wants(STRANGER, verb, values)
    await desk.here.settle()
    assert (await refusals(desk, STRANGER))[-1] == "refusal:not_your_role"


async def test_the_severity_is_raised_by_those_of_its_own_row(
    office_with_a_problem: Office,
) -> None:
    desk = office_with_a_problem
    assert Role.AGENT in PERMISSIONS["raise_severity"] - PERMISSIONS["severity"]
    number = await desk.looked_at("investigating")
    for severity in (1, 3):
        given = {"case": number, "severity": severity, "reason": "x"}
        await desk.wants(STRANGER, "severity", given)
    await desk.here.settle()
    assert (await refusals(desk, STRANGER))[-2:] == ["refusal:not_your_role"] * 2
