"""Which texts name an issue of this Jira, and what is made of odd answers."""

import pytest

from messages.clients.helpdesks import Away
from messages.clients.trackers import Forbidden, Missing
from messages.clients.trackers.jira import Jira
from messages.clients.trackers.jira_facts import read_issue
from tests.tracker.jira import EMAIL, SECRET, TOKEN, JiraDouble

CLOUD = "https://northwind.atlassian.net"


def jira(url: str = CLOUD, email: str = EMAIL, token: str = TOKEN) -> Jira:
    """A client that has asked nothing yet."""
    return Jira(url, email, token, [SECRET])


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("PAY-77", "PAY-77"),
        ("pay-77", "PAY-77"),
        ("  R2_D2-1 ", "R2_D2-1"),
        (f"{CLOUD}/browse/PAY-77", "PAY-77"),
        (f"{CLOUD}/browse/PAY-77?focusedCommentId=3#comment-3", "PAY-77"),
        ("https://NORTHWIND.atlassian.net/browse/pay-77/", "PAY-77"),
        (f"{CLOUD}/projects/PAY/issues/PAY-77?filter=all", "PAY-77"),
        (f"{CLOUD}/jira/software/c/projects/PAY/boards/4?selectedIssue=PAY-77", "PAY-77"),
        ("https://northwind.atlassian.net.evil.example/browse/PAY-77", ""),
        ("https://evil.example/browse/PAY-77?x=northwind.atlassian.net", ""),
        (f"{CLOUD}/wiki/spaces/PAY", ""),
        (f"{CLOUD}/browse/PAY", ""),
        ("PAY-0", ""),
        ("PAY-77 or so", ""),
        ("77", ""),
        ("", ""),
    ],
)
def test_a_key_or_an_address_of_this_site(typed: str, key: str) -> None:
    assert jira().key_of(typed) == key


def test_a_site_below_a_path_has_its_own_addresses() -> None:
    ours = jira("https://dev.example/jira/", email="")
    assert ours.key_of("https://dev.example/jira/browse/PAY-77") == "PAY-77"
    assert ours.key_of("https://dev.example/browse/PAY-77") == ""
    assert ours.url_of("PAY-77") == "https://dev.example/jira/browse/PAY-77"


@pytest.mark.parametrize(
    "odd",
    [
        {},
        {"key": "PAY-77"},
        {"key": "pay 77", "fields": {"status": {"name": "x"}}},
        {"key": 7, "fields": {"status": {"name": "x"}}},
        {"key": "PAY-77", "fields": []},
    ],
)
def test_what_is_no_issue_is_none(odd: dict[str, object]) -> None:
    assert read_issue(odd) is None


def test_odd_values_are_left_out() -> None:
    fields = {
        "status": {"name": ["x"], "statusCategory": "done"}, "summary": {"a": 1},
        "fixVersions": [7, {"name": "no id"}, {"id": 5, "releaseDate": "tomorrow", "released": 1}],
        "duedate": "2026-99-01", "resolution": "Fixed",
    }  # fmt: skip
    found = read_issue({"key": "PAY-77", "fields": fields})
    assert found is not None
    assert (found.summary, found.status, found.done, found.due) == ("", "", False, None)
    assert [(each.id, each.day, each.released) for each in found.versions] == [("5", None, False)]


async def test_refusals_are_told_apart() -> None:
    double = JiraDouble()
    double.issues["PAY-78"].forbidden = True
    async with double.running() as url:
        client, stranger = jira(url), jira(url, token="wrong")
        with pytest.raises(Missing):
            await client.state("PAY-4711")
        with pytest.raises(Forbidden):
            await client.state("PAY-78")
        with pytest.raises(Away) as away:
            await stranger.state("PAY-77")
        assert away.value.status == 401
        await client.remove_link("PAY-77", "nothing of ours")
        await client.close()
        await stranger.close()
