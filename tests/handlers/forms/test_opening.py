"""Opening a form when Slack's answer is lost: the form, or an apology, never both."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.engine.actors import Actor, ReplyTo
from bot.errors import UserError
from handlers.forms import opening, redraw
from handlers.forms.opening import open_view
from handlers.forms.redraw import redraw_form
from handlers.slack.requests import Asked
from messages.clients.slack import SlackRateLimited, SlackRefused, SlackUnknown
from tests.handlers.fakes import FakeDesk, FakeSlack

MAYA = Asked("trigger:1", Actor("U0MAYA", "command"), ReplyTo("U0MAYA"), "1.2")
VIEW = {"type": "modal", "private_metadata": '{"form": "f-1"}'}
LOST = SlackUnknown("views.open", "TimeoutError")
EXPIRED = SlackRefused("views.open", "expired_trigger_id")
THERE = SlackRefused("views.open", "exchanged_trigger_id")
NOT_THERE = SlackRefused("views.update", "not_found")


@dataclass
class Told(FakeSlack):
    """A Slack that answers ``views.open`` and ``views.update`` by turns as it is told."""

    opens: Sequence[Exception | None] = ()
    updates: Sequence[Exception | None] = ()
    asked: list[str] = field(default_factory=list)

    async def call(self, method: str, **arguments: Any) -> dict[str, Any]:
        """Answer the call that is due."""
        given = self.opens if method == "views.open" else self.updates
        fault = given[sum(each == method for each in self.asked)]
        self.asked.append(method)
        if fault is not None:
            raise fault
        return await super().call(method, **arguments)


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is waited for."""
    for module in (opening, redraw):
        monkeypatch.setattr(module, "PAUSES", (0.0,) * 3)


OUTCOMES: dict[str, tuple[Sequence[Exception | None], Sequence[Exception | None]]] = {
    "at once": ((None,), ()),
    "delivered again": ((THERE,), ()),
    "lost, and opened now": ((LOST, None), ()),
    "lost, and opened then": ((LOST, THERE), ()),
    "lost, known by its id": ((LOST, SlackRefused("views.open", "duplicate_external_id")), ()),
    "late, and opened then": ((LOST, EXPIRED), (None,)),
    "nothing is known": ((LOST, LOST, LOST), ()),
    "nothing is known of what is late": ((LOST, EXPIRED, EXPIRED), (LOST, LOST)),
}


@pytest.mark.parametrize("how", OUTCOMES)
async def test_no_apology_where_the_form_may_be_there(how: str) -> None:
    opens, updates = OUTCOMES[how]
    slack = Told(opens=opens, updates=updates)
    await open_view(FakeDesk(slack=slack), MAYA, VIEW)  # type: ignore[arg-type]
    assert len(slack.asked) == len(opens) + len(updates)


@pytest.mark.parametrize(
    ("opens", "updates"),
    [((EXPIRED,), ()), ((LOST, EXPIRED), (NOT_THERE,)), ((SlackRateLimited("views.open", 9),), ())],
    ids=["too late", "lost, and not there", "limited"],
)
async def test_a_form_that_is_not_there_is_told(
    opens: Sequence[Exception], updates: Sequence[Exception]
) -> None:
    slack = Told(opens=opens, updates=updates)
    with pytest.raises(UserError, match="too_slow"):
        await open_view(FakeDesk(slack=slack), MAYA, VIEW)  # type: ignore[arg-type]


async def test_each_try_shows_the_same_form_under_one_id() -> None:
    slack = Told(opens=(LOST, EXPIRED), updates=(None,))
    await open_view(FakeDesk(slack=slack), MAYA, VIEW)  # type: ignore[arg-type]
    ((_, update),) = slack.calls
    assert update["external_id"] == update["view"]["external_id"] == "f-1"


@pytest.mark.parametrize(
    "updates",
    [(LOST, None), (LOST, SlackRefused("views.update", "hash_conflict")), (LOST, LOST, LOST)],
    ids=["lost", "lost after it took effect", "nothing is known"],
)
async def test_a_change_of_unknown_fate_is_made_again_and_brings_no_apology(
    updates: Sequence[Exception | None],
) -> None:
    slack = Told(updates=updates)
    view = {"id": "V1", "hash": "h", "blocks": [{"block_id": "suggestion"}]}
    await redraw_form(FakeDesk(slack=slack), MAYA, view, "signs")  # type: ignore[arg-type]
    assert len(slack.asked) == len(updates)
