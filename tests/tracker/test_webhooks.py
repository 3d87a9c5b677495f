"""Jira's webhooks, by real requests against the running app."""

import json

import httpx
import pytest

from storage.models import Inbox, Outbox
from tests.helpdesk.test_whole_way import rows
from tests.mail.conftest import World
from tests.tracker.jira import JiraDouble
from tests.tracker.test_cases import link


async def looks(world: World) -> int:
    """How many looks were queued."""
    return len([row for row in await rows(world, Outbox) if row.payload.get("do") == "look"])


def updated(jira: JiraDouble, key: str = "PAY-77") -> bytes:
    """A webhook that tells another status."""
    jira.issues[key].status = "In Progress"
    body = {"webhookEvent": "jira:issue_updated", "timestamp": 1, "issue": jira.body_of(
        jira.issues[key]
    )}  # fmt: skip
    return json.dumps(body).encode()


async def test_a_signed_webhook_leads_to_one_look_however_often_it_comes(
    world: World, jira: JiraDouble
) -> None:
    await link(world)
    before, raw = await looks(world), updated(jira)
    for _ in range(3):  # the identifier beside it is another one each time
        assert await jira.send(jira.signed(raw, ""), raw) == 200
        await world.here.settle()
    outcomes = [json.loads(each)["outcome"] for each in jira.answers[-3:]]
    assert outcomes[0] == "accepted"
    assert set(outcomes[1:]) <= {"repeated", "echo"}
    assert await looks(world) == before + 1


async def test_what_is_not_signed_is_refused_before_it_is_read(
    world: World, jira: JiraDouble
) -> None:
    await link(world)
    before, raw = await looks(world), updated(jira)
    wrong = jira.signed(raw, "", secret="another secret of the tests")
    for headers in (
        wrong,
        {},
        {"X-Hub-Signature": "sha1=abc"},
        {"X-Hub-Signature": "sha256=" + "0" * 64},
        {"X-Hub-Signature-256": jira.signed(raw, "")["X-Hub-Signature"]},
    ):
        assert await jira.send(dict(headers), raw) == 401
    assert await jira.send(jira.signed(raw, ""), raw + b" ") == 401
    assert await looks(world) == before
    assert [row for row in await rows(world, Inbox) if row.verb == "bug_event"] == []


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"no json",
        b"[]",
        b'{"webhookEvent": "jira:issue_updated"}',
        b'{"webhookEvent": "jira:issue_updated", "issue": {"key": "../etc"}}',
        b'{"webhookEvent": "jira:version_released", "version": {"id": "1 OR 1"}}',
        b"[" * 100_000,
    ],
)
async def test_what_cannot_be_read_is_told_as_that(
    world: World, jira: JiraDouble, raw: bytes
) -> None:
    assert await jira.send(jira.signed(raw, ""), raw) == 400
    assert json.loads(jira.answers[-1]) == {"outcome": "unreadable"}


async def test_odd_values_in_an_issue_only_lead_to_a_look(world: World, jira: JiraDouble) -> None:
    await link(world)
    issue = {"key": "PAY-77", "id": 7, "fields": {"status": [], "fixVersions": "2.4", "duedate": 9}}
    raw = json.dumps({"webhookEvent": "jira:issue_updated", "issue": issue}).encode()
    assert await jira.send(jira.signed(raw, ""), raw) == 200
    assert json.loads(jira.answers[-1]) == {"outcome": "accepted"}


async def test_events_of_other_things_and_of_other_issues_leave_nothing(
    world: World, jira: JiraDouble
) -> None:
    await link(world)
    jira.plan("9.9", None)
    await jira.tell_issue("PAY-78")
    await jira.release()
    raw = b'{"webhookEvent": "comment_created"}'
    await jira.send(jira.signed(raw, ""), raw)
    assert [json.loads(each)["outcome"] for each in jira.answers[-3:]] == [
        "unknown", "unknown", "ignored",
    ]  # fmt: skip
    assert [row for row in await rows(world, Inbox) if row.verb == "bug_event"] == []


async def test_a_body_that_is_too_large_is_refused_and_another_method_too(
    world: World, jira: JiraDouble
) -> None:
    raw = b'{"a": "' + b"x" * (2 * 1024 * 1024) + b'"}'
    assert await jira.send(jira.signed(raw, ""), raw) == 413
    async with httpx.AsyncClient() as client:
        assert (await client.get(jira.hook)).status_code == 405
