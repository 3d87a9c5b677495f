"""The real app in front of an app that only remembers."""

from collections.abc import AsyncIterator
from types import SimpleNamespace

import httpx
import pytest
from prometheus_client import CollectorRegistry

from handlers.http.app import web_app
from handlers.slack.app import slack_app
from tests.handlers.fakes import FakeDesk
from tests.handlers.requests_from_slack import SECRET, Workspace


@pytest.fixture
def desk() -> FakeDesk:
    """An app with one case."""
    return FakeDesk()


@pytest.fixture
async def slack(desk: FakeDesk) -> AsyncIterator[Workspace]:
    """Slack, talking to the app over HTTP."""
    bolt = slack_app(desk, SimpleNamespace(slack_signing_secret=SECRET))

    async def ready() -> bool:
        return True

    app = web_app(bolt, ready, CollectorRegistry(), signing_secret=SECRET)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://desk.test") as http:
        yield Workspace(http)
