"""What the webhooks of others have in common: read, taken in once, counted."""

import pytest
from prometheus_client import CollectorRegistry, Counter
from sqlalchemy.exc import IntegrityError

from bot.webhooks import Hearing, take_once


class Woken:
    """Services that count how often they were woken."""

    times = 0

    async def happened(self) -> None:
        self.times += 1


@pytest.mark.parametrize(
    ("found", "accepted", "outcome", "woken"),
    [
        (ValueError("no JSON"), "", "unreadable", 0),
        (None, "", "ignored", 0),
        ("event", IntegrityError("", None, Exception()), "repeated", 0),
        ("event", "echo", "echo", 0),
        ("event", "accepted", "accepted", 1),
    ],
)
async def test_what_becomes_of_a_signed_webhook(
    found: object, accepted: object, outcome: str, woken: int
) -> None:
    services = Woken()

    def read() -> object:
        if isinstance(found, Exception):
            raise found
        return found

    async def accept(event: object) -> str:
        if isinstance(accepted, Exception):
            raise accepted
        return str(accepted)

    assert await take_once(services, read, accept) == outcome
    assert services.times == woken


def test_an_outcome_is_counted_under_who_sent_it() -> None:
    registry = CollectorRegistry()
    counter = Counter("heard", "Webhooks", ["desk", "outcome"], registry=registry)
    assert Hearing(counter, "heard", "desk").count_outcome("zendesk", "unsigned") == "unsigned"
    assert registry.get_sample_value(
        "heard_total", {"desk": "zendesk", "outcome": "unsigned"}
    ) == 1  # fmt: skip
