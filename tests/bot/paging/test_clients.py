"""Pages reach the doubles of both pagers as their documentation wants them."""

from collections.abc import AsyncIterator, Callable

import pytest

from bot.settings import Settings
from cli.configured import pagers
from messages.clients.helpdesks import Away, Limited
from messages.clients.pagers import Page, Pager
from tests.bot.paging.double import PagerDouble

PAGE = Page("ESC-7.acknowledge.1.0", "ESC-7, SEV1 Critical: Acme", 1, "https://slack.com/x")


@pytest.fixture
async def double() -> AsyncIterator[tuple[PagerDouble, list[Pager]]]:
    """Both doubles, and the clients that the settings make of their address."""
    found = PagerDouble(people={"PKATE": "kate@northwind.example"})
    async with found.running() as url:
        settings = Settings.model_validate(found.settings(url))
        clients = pagers(settings)
        yield found, clients
        for each in clients:
            await each.close()


Both = tuple[PagerDouble, list[Pager]]


async def test_a_page_is_opened_acknowledged_and_over_under_its_key(double: Both) -> None:
    there, clients = double
    for pager in clients:
        await pager.trigger(PAGE)
        await pager.acknowledge(PAGE.key)
        await pager.resolve(PAGE.key)
        assert there.pages[f"{pager.name}:{PAGE.key}"] == ["trigger", "acknowledge", "resolve"]


async def test_a_lost_answer_and_a_limit_are_told_apart(double: Both) -> None:
    there, clients = double
    for pager in clients:
        calls: list[tuple[str, type[Exception]]] = [
            ("lost", Away), ("down", Away), ("limited", Limited),
        ]  # fmt: skip
        for fault, raised in calls:
            there.faults = [fault]
            with pytest.raises(raised):
                await pager.trigger(PAGE)


async def test_a_long_title_is_cut_to_what_each_takes(double: Both) -> None:
    there, clients = double
    for pager in clients:
        await pager.trigger(Page(PAGE.key, "x" * 2000, 4))
    assert len(there.pages) == len(clients)


async def test_only_pagerduty_is_asked_who_a_person_is(double: Both) -> None:
    _, clients = double
    assert [await each.email_of("PKATE") for each in clients] == ["kate@northwind.example", ""]
    assert await clients[0].email_of("../users") == ""


def test_settings_that_mean_nothing_without_a_key_are_named() -> None:
    wrong: Callable[..., list[str]] = lambda **given: Settings.model_construct(  # noqa: E731
        **{**Settings().model_dump(), **given}
    ).pager_contradictions()
    assert wrong(opsgenie_webhook_secret="s" * 16) == [
        "OPSGENIE_KEY is missing: other settings of that pager are there"
    ]
    assert wrong(opsgenie_key="k", opsgenie_webhook_secret="s" * 16) == []
