"""People who left, guests and strangers: they hold no role, and what they held passes on."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import col, select

from bot.rules.policy.load import load_policy
from bot.rules.words import Role
from cli import admin
from cli.workspace.demo import import_demo_accounts
from cli.workspace.local import demo_policy, local_app
from sandbox import conversations
from sandbox.seed import demo_workspace
from sandbox.state import User, Usergroup
from sandbox.workspace import Workspace
from storage.models import Account, Outbox
from tests.e2e.office import (
    ELENI,
    HOUR,
    KATE,
    MAYA,
    NIKOS,
    PRIYA,
    RICHARD,
    SOFIA,
    STRANGER,
    SUPPORT,
    TOMAS,
    Office,
    without_limits,
)

DATA = Path(__file__).parent.parent / "data" / "people"
GONE, GUEST, THEIRS, APP = "U0GONE", "U0GUEST", "U0THEIRS", "U0APP"
OTHERS: Mapping[str, Mapping[str, Any]] = {
    GUEST: {"is_restricted": True},
    THEIRS: {"team_id": "T0LARKSPUR"},
    APP: {"is_bot": True},
}


def staffed() -> Workspace:
    """Northwind Support, with somebody who has left, a group, and people who are no members."""
    ws = demo_workspace()
    given = json.loads((DATA / "users.json").read_text(encoding="utf-8"))
    for user in given["add"]:
        ws.add_user(User(name=user["id"].lower(), **user))
    for group in given["groups"]:
        ws.usergroups[group["id"]] = Usergroup(handle="managers", name="Managers", **group)
    ws.add_user(User(id=STRANGER, name="sam", real_name="Sam Sales"))
    for user_id, flags in OTHERS.items():
        ws.add_user(User(id=user_id, name=user_id.lower(), real_name=user_id, **flags))
    conversations.join(ws, STRANGER, SUPPORT)
    conversations.invite(ws, MAYA, SUPPORT, [GUEST])  # no guest comes in by themselves
    return ws


@asynccontextmanager
async def at_work(folder: Path, **roles: tuple[str, ...]) -> AsyncIterator[Office]:
    """The demo's office with other people in some roles."""
    given = demo_policy()
    people = {**given.roles, **{Role(name): users for name, users in roles.items()}}
    async with local_app(staffed(), folder, policy=replace(given, roles=people)) as here:
        without_limits(here)
        await import_demo_accounts(here)
        yield Office(here)


@asynccontextmanager
async def by_file(folder: Path, name: str) -> AsyncIterator[Office]:
    """The office with a policy as somebody wrote it."""
    async with local_app(staffed(), folder, policy=load_policy(DATA / name)) as here:
        without_limits(here)
        await import_demo_accounts(here)
        yield Office(here)


async def follow(office: Office) -> None:
    """Wait until what Slack told of people is taken in and shown."""
    await office.here.settle()


def told(office: Office, who: str) -> str:
    """All that somebody was told in private."""
    return "\n".join(message.text for message in [*office.dms(who), *office.answers(who)])


async def test_a_role_whose_people_are_unknown_is_nobodys(tmp_path: Path) -> None:
    async with by_file(tmp_path, "policy-email.toml") as office:
        number = await office.stage("new")
        before = await office.case(number)
        for verb, fields in (("claim", {}), ("severity", {"severity": 4, "reason": "Calm"}),
                             ("dismiss", {"reason": "No"})):  # fmt: skip
            await office.wants(STRANGER, verb, {"case": number, **fields})
        await office.wants(MAYA, "claim", {"case": number})
        await office.here.settle()

        after = await office.case(number)
        assert (after.status, after.severity) == (before.status, before.severity)
        assert "gus.leaver@northwind.example" in office.card(number).text + str(
            office.card(number).blocks
        )


async def test_a_manager_who_left_is_passed_over_and_the_next_is_brought_in_and_told(
    tmp_path: Path,
) -> None:
    async with by_file(tmp_path, "policy-ids.toml") as office:
        number = await office.stage("new")

        assert (await office.case(number)).owner == ELENI
        assert ELENI in office.channel(number).members
        assert "Could not be reached" in str(office.card(number).blocks)
        assert f"<@{GONE}>" in str(office.card(number).blocks)
        assert f"<@{GONE}>" in told(office, ELENI)  # the owner hears of it
        assert f"<@{GONE}>" in told(office, KATE)  # and whoever looks after the app
        assert not office.dms(GONE)


async def test_whoever_looks_after_the_desk_is_told_once_a_change(tmp_path: Path) -> None:
    async with at_work(tmp_path, escalation_manager=(ELENI, GONE)) as office:
        await office.here.services.roster.refresh()
        await follow(office)
        assert [m.text.count(f"<@{GONE}>") for m in office.dms(KATE)] == [1]
        await office.here.people.change_user(GONE, deleted=False)
        await follow(office)
        assert "can have it again" in office.dms(KATE)[-1].text
        await office.here.people.change_user(GONE, deleted=True)
        await follow(office)
        assert f"<@{GONE}>" in office.dms(KATE)[-1].text
        assert len(office.dms(KATE)) == 3
    async with at_work(tmp_path, escalation_manager=(ELENI, GONE)) as office:
        async with office.here.services.database.read() as session:
            rows = (await session.exec(select(Outbox).where(col(Outbox.kind) == "roster"))).all()
        assert len(rows) == 3  # a start tells nothing that is known


async def test_a_deactivation_counts_at_once_and_the_case_passes_to_the_next(
    tmp_path: Path,
) -> None:
    async with at_work(tmp_path, escalation_manager=(ELENI, NIKOS)) as office:
        number = await office.stage("acknowledged")
        await office.here.people.change_user(ELENI, deleted=True)
        await follow(office)

        case = await office.case(number)
        assert (case.owner, case.roles[Role.ESCALATION_MANAGER]) == (NIKOS, NIKOS)
        assert NIKOS in office.channel(number).members
        assert f"<@{ELENI}>" in told(office, NIKOS)
        assert f"<@{ELENI}>" in office.said(number)[-1].text
        assert office.here.services.policy.roles[Role.ESCALATION_MANAGER] == (NIKOS,)

        second = await office.stage("new")
        assert (await office.case(second)).owner == NIKOS


async def test_a_technical_lead_who_becomes_a_guest_is_replaced_and_else_missed_on_the_card(
    tmp_path: Path,
) -> None:
    async with at_work(tmp_path) as office:
        number = await office.stage("acknowledged")
        assert (await office.case(number)).roles[Role.TECHNICAL_LEAD] == TOMAS
        await office.here.people.change_user(TOMAS, is_restricted=True)
        await follow(office)

        case = await office.case(number)
        assert Role.TECHNICAL_LEAD not in case.roles
        assert [(each.role, each.who) for each in case.unreached] == [(Role.TECHNICAL_LEAD, TOMAS)]
        await office.wants(
            ELENI, "assign", {"case": number, "role": "technical_lead", "user": NIKOS}
        )
        await office.here.settle()
        assert (await office.case(number)).unreached == ()


async def test_an_offer_to_somebody_who_left_can_be_made_to_another(tmp_path: Path) -> None:
    async with at_work(tmp_path) as office:
        number = await office.stage("offered")
        await office.here.people.change_user(NIKOS, deleted=True)
        await follow(office)

        assert (await office.case(number)).handovers == ()
        assert f"<@{NIKOS}>" in told(office, TOMAS)
        await office.wants(
            TOMAS, "hand_over", {"case": number, "role": "technical_lead", "user": PRIYA}
        )
        await office.here.settle()
        assert [o.offered_to for o in (await office.case(number)).handovers] == [PRIYA]


async def test_whoever_joins_a_group_of_the_policy_has_its_role_and_who_leaves_it_has_not(
    tmp_path: Path,
) -> None:
    async with at_work(tmp_path, escalation_manager=("S0MANAGERS",)) as office:
        policy = office.here.services.policy
        assert policy.roles[Role.ESCALATION_MANAGER] == (ELENI,)
        group = office.ws.usergroups["S0MANAGERS"]
        await office.here.people.change_group(group, [NIKOS, GUEST])
        await follow(office)

        assert office.here.services.policy.roles[Role.ESCALATION_MANAGER] == (NIKOS,)
        await office.here.people.change_group(group, [])
        await follow(office)
        assert Role.ESCALATION_MANAGER in office.here.services.policy.deserted


async def test_somebody_who_joins_under_an_address_of_the_policy_has_the_role(
    tmp_path: Path,
) -> None:
    async with at_work(tmp_path, escalation_manager=("new@northwind.example",)) as office:
        assert Role.ESCALATION_MANAGER in office.here.services.policy.deserted
        office.ws.add_user(
            User(id="U0NEW", name="new", real_name="New", email="New@northwind.example")
        )
        await office.here.people.delivery.first_attempts()
        await follow(office)

        assert office.here.services.policy.roles[Role.ESCALATION_MANAGER] == ("U0NEW",)


@pytest.mark.parametrize("who", [GUEST, THEIRS, APP, GONE, "U0NOBODY"])
async def test_no_part_in_a_case_is_given_to_somebody_who_is_no_member(
    tmp_path: Path, who: str
) -> None:
    async with at_work(tmp_path) as office:
        number = await office.stage("investigating")
        before = await office.case(number)
        for actor, verb, fields in (
            (ELENI, "assign", {"role": "technical_lead", "user": who}),
            (TOMAS, "hand_over", {"role": "technical_lead", "user": who}),
            (ELENI, "ask_executive", {"user": who}),
            (ELENI, "action_item", {"owner": who}),
        ):
            answers = len(office.answers(actor)) + len(office.dms(actor))
            await office.wants(actor, verb, {"case": number, **fields})
            await office.here.settle()
            assert len(office.answers(actor)) + len(office.dms(actor)) == answers + 1, verb

        after = await office.case(number)
        assert after.roles == before.roles
        assert (after.handovers, after.asks, after.actions) == ((), (), ())
        assert who not in office.channel(number).members


async def test_an_invitation_that_slack_refuses_is_told_to_the_owner(tmp_path: Path) -> None:
    async with at_work(tmp_path) as office:
        office.ws.users[TOMAS].is_restricted = True  # and no event tells it
        number = await office.stage("new")

        assert TOMAS not in office.channel(number).members
        assert f"<@{TOMAS}>" in told(office, ELENI)
        await office.here.services.people.settled()
        await office.here.services.roster.refresh()
        await follow(office)
        assert Role.TECHNICAL_LEAD not in (await office.case(number)).roles


async def test_a_form_says_at_the_field_that_a_guest_can_have_no_role(tmp_path: Path) -> None:
    async with at_work(tmp_path) as office:
        number = await office.stage("acknowledged")
        await office.here.people.command(ELENI, office.channel(number).id, "/escalate assign")
        await office.here.settle()
        errors = await office.fill(ELENI, role="technical_lead", user=GUEST)

        assert "επισκέπτης" in errors["user"]


async def test_an_account_manager_who_left_gets_no_case_and_is_missed_on_the_card(
    tmp_path: Path,
) -> None:
    async with at_work(tmp_path) as office:
        number = await office.stage("new")
        known = (await office.case(number)).roles
        await office.here.people.change_user(known[Role.CSM], deleted=True)
        await follow(office)
        second = await office.stage("new")

        case = await office.case(second)
        assert Role.CSM not in case.roles
        assert known[Role.CSM] in {each.who for each in case.unreached}


async def test_an_executive_who_left_gets_no_morning_summary(tmp_path: Path) -> None:
    async with at_work(tmp_path) as office:
        await office.stage("investigating", severity=1)
        await office.here.people.change_user(SOFIA, deleted=True)
        await follow(office)
        before = len(office.dms(SOFIA)), len(office.dms(RICHARD))
        await office.pass_time(48 * HOUR)

        assert len(office.dms(SOFIA)) == before[0]
        assert len(office.dms(RICHARD)) > before[1]


async def test_a_sponsor_of_the_accounts_file_gets_the_morning_summary(tmp_path: Path) -> None:
    async with at_work(tmp_path) as office:
        database = office.here.services.database
        async with database.write() as session:
            for key in ("delphi-energy", "boreal-bank"):
                account = await session.get_one(Account, key)
                account.sponsor = NIKOS if key == "delphi-energy" else GUEST
        await office.stage("investigating", severity=1)
        await office.pass_time(48 * HOUR)
        async with database.read() as session:
            rows = (await session.exec(select(Outbox).where(col(Outbox.kind) == "digest"))).all()
        told = {row.payload["user"] for row in rows}
        assert NIKOS in told
        assert GUEST not in told


def settings_of(office: Office, folder: Path, policy: str) -> dict[str, str]:
    """The environment of somebody who runs the command line beside this office."""
    app = next(iter(office.ws.apps.values()))
    return {
        "SLACK_BOT_TOKEN": app.bot_token,
        "SLACK_APP_TOKEN": app.app_token,
        "SLACK_API_URL": f"{office.here.url}/api/",
        "POLICY_FILE": str(DATA / policy),
        "DATABASE_URL": f"sqlite:///{folder}/beside.db",
    }


async def test_the_check_names_role_reference_and_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    async with by_file(tmp_path, "policy-email.toml") as office:
        for policy in ("policy-email.toml", "policy-ids.toml"):
            for name, value in settings_of(office, tmp_path, policy).items():
                monkeypatch.setenv(name, value)
            assert await admin.check() == 1

    said = capsys.readouterr().err
    address = "gus.leaver@northwind.example: no active member in Slack has this address"
    assert f"[roles] escalation_manager: {address}" in said
    assert "[roles] support_lead: nobody is left" in said
    assert f"[roles] escalation_manager: {GONE}: account deactivated" in said


async def test_accounts_with_people_who_are_no_members_are_not_imported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "accounts.csv"
    file.write_text(f"name,csm,account_executive\nAcme,{GUEST},{GONE}\nBravo,{PRIYA},\n")
    async with at_work(tmp_path) as office:
        for name, value in settings_of(office, tmp_path, "policy-ids.toml").items():
            monkeypatch.setenv(name, value)
        await admin.migrate()
        assert await admin.import_accounts(file) == 1

    said = capsys.readouterr().err
    assert f"{GUEST} is a guest" in said
    assert f"{GONE} is deactivated" in said
    assert PRIYA not in said
