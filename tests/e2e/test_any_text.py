"""Any text at every door in Slack: an answer, no fault of ours, and it stays text.

Every command, every form and every button, and below what people type most with all that its case
needs, so that the text gets as far as cards, posts, files and App Home.
"""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from bot.registry import INTENTS
from handlers.commands import TABLE
from handlers.slack.answers import SHOWN
from messages.forms import FORMS
from tests.e2e import forged
from tests.e2e.any_text import Line, assert_only_text, texts, tries
from tests.e2e.office import ELENI, KATE, MAYA, SOFIA, SUPPORT, TOMAS, Office, office
from tests.handlers import requests_from_slack as slack

pytestmark = pytest.mark.asyncio(loop_scope="module")

BEFORE = "2027-01-31"
SOON = "2027-02-20"
# What people type into most, with who may, and what the form has beside its texts.
TYPED: dict[str, tuple[str, dict[str, Any]]] = {
    "open_case": (MAYA, {"trigger": "technical", "severity": "3"}),
    "update": (MAYA, {"kind": "acknowledgement", "route": "email"}),
    "customer_replied": (MAYA, {}),
    "status": (TOMAS, {"standing": "blocked"}),
    "severity": (ELENI, {"severity": "2"}),
    "hand_over": (TOMAS, {"role": "technical_lead", "user": MAYA}),
    "ask_executive": (ELENI, {"user": SOFIA}),
    "executive_flag": (ELENI, {"trigger": "threat_to_cancel"}),
    "action_item": (ELENI, {"owner": TOMAS, "type": "process", "due": SOON}),
    "decide": (ELENI, {"decider": ELENI, "ask_on": SOON}),
    "swarm": (ELENI, {"skill": "Database", "count": "1"}),
    "request_concession": (MAYA, {"reason": "outage", "kind": "discount", "amount": "100 EUR"}),
    "begin_legal_hold": (ELENI, {}),
    "plan_postmortem": (ELENI, {}),
    "open_problem": (ELENI, {"severity": "3"}),
    "add_issue": (ELENI, {}),
    "log_call": (MAYA, {}),
    "add_review": (MAYA, {"source": "g2", "rating": "1", "written": BEFORE}),
    "propose_template": (KATE, {"kind": "update", "language": "en", "expires": SOON}),
    "edit_case": (MAYA, {}),
    "away": (TOMAS, {}),
    "tell_csms": (ELENI, {}),
    "start_drill": (ELENI, {}),
    "write_quarterly_review": (KATE, {"review": 1, "step": "saved"}),
    "decide_quarter": (KATE, {"review": 1, "owner": TOMAS, "due": SOON}),
    "end_outreach": (ELENI, {}),
    "spare_customer": (ELENI, {"outreach": 1}),
    "log_contact": (SOFIA, {"way": "call", "executive": SOFIA}),
    "hold": (ELENI, {"reason": "waiting_customer"}),
    "resume": (ELENI, {}),
    "resolve": (ELENI, {"type": "fix", "already_sent": "true"}),
}
# Texts that are judged by their form (addresses, people, keys), so that few of these would pass.
NO_WORDS = frozenset(
    {"account", "answer_url", "bug", "call_back", "colleague", "another", "contact_email", "deputy",
     "from_channel", "link", "second_email", "seen", "source", "source_link", "ticket_url", "owner",
     "facilitator", "amount", "component", "follow", "decider", "route", "executive", "way",
     "fix_owner", "owed_owner"}
)  # fmt: skip
COMMANDS = [
    *sorted({row.name for row in TABLE}), "", "list customer", "figures customer", "quarter Q1",
    "case", "help", "show ESC-1", "new", "mine",
]  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def desk(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    """An office with two cases: forms that end one are tried on the second."""
    async with office(Path(tmp_path_factory.mktemp("any")), http=True) as here:
        await here.stage("investigating")
        await here.stage("investigating")
        yield here


def free_texts(verb: str) -> list[str]:
    """The fields of a verb that take words."""
    fields = INTENTS[verb].model_fields if verb in INTENTS else {}
    return [name for name, field in fields.items() if "str" in str(field.annotation)]


async def send_form(
    desk: Office, who: str, verb: str, filled: dict[str, Any], hidden: dict[str, Any]
) -> dict[str, Any]:
    """A form sent with these inputs; what Slack was answered."""
    inputs = {name: slack.text(str(value)) for name, value in filled.items()}
    view = slack.view(verb, inputs, {"form": desk.ws.new_id("f"), **hidden})
    more = {"user": forged.sender(desk, who), "trigger_id": desk.ws.new_id("1.")}
    return await forged.interact(desk, slack.submission(view, **more))


def shown_to(desk: Office, who: str) -> int:
    """How much one person has been shown: private answers, messages, forms."""
    return len(desk.answers(who)) + len(desk.dms(who)) + len(desk.here.people.views(who))


@tries(40)
@given(name=st.sampled_from(COMMANDS), text=texts(), who=st.sampled_from([ELENI, MAYA, KATE]))
async def test_any_words_after_a_command_are_answered(
    desk: Office, logged: list[Line], name: str, text: str, who: str
) -> None:
    before = shown_to(desk, who)
    await desk.command(who, f"{name} {text}".strip())
    assert shown_to(desk, who) > before
    assert_only_text(desk, logged)
    await desk.close_forms(who)


@pytest.mark.parametrize("verb", sorted(TYPED))
@tries(3)
@given(data=st.data())
async def test_any_words_in_what_people_fill_in_most_stay_words(
    desk: Office, logged: list[Line], verb: str, data: st.DataObject
) -> None:
    who, beside = TYPED[verb]
    free = [name for name in free_texts(verb) if name not in {*beside, *NO_WORDS}]
    filled = {name: data.draw(texts(), name) for name in free}
    usual = {k: v for k, v in desk.complete(verb, {}).items() if k not in free and k != "account"}
    answer = await send_form(desk, who, verb, {**usual, **beside, **filled}, {"case": 1})
    for field, problem in (answer.get("errors") or {}).items():
        assert field in filled | beside | usual
        assert problem
    assert_only_text(desk, logged)


@tries(40)
@given(verb=st.sampled_from(sorted(FORMS)), data=st.data())
async def test_any_words_in_any_form_are_answered(
    desk: Office, logged: list[Line], verb: str, data: st.DataObject
) -> None:
    filled = {name: data.draw(texts(2), name) for name in free_texts(verb)}
    hidden = dict.fromkeys(("problem", "candidate", "review", "outcome", "membership"), 1)
    answer = await send_form(desk, ELENI, verb, filled, {"case": 2, **hidden})
    assert all((answer.get("errors") or {"": "x"}).values())
    assert_only_text(desk, logged)


@tries(40)
@given(
    name=st.sampled_from(
        [*(f"do:{v}" for v in INTENTS), *(f"ask:{v}" for v in FORMS), *(f"show:{w}" for w in SHOWN)]
    ),
    data=st.data(),
)
async def test_any_value_of_a_button_is_answered(
    desk: Office, logged: list[Line], name: str, data: st.DataObject
) -> None:
    fields = list(INTENTS[verb].model_fields) if (verb := name.partition(":")[2]) in INTENTS else []
    keys = st.sampled_from([*fields, "case", "page", "at", "period", "customer", "version"])
    values = st.one_of(
        texts(2), st.just(2), st.integers(), st.none(), st.lists(texts(1), max_size=1)
    )
    value = data.draw(st.one_of(st.dictionaries(keys, values, max_size=5), texts(2)))
    who = {"user": forged.sender(desk, ELENI), "response_url": forged.answer_url(desk, ELENI)}
    about = {"trigger_id": desk.ws.new_id("1."), "channel": {"id": SUPPORT, "name": "support"}}
    raw = value if isinstance(value, str) else json.dumps(value)
    await forged.interact(desk, slack.pressed(name, raw, **who, **about))
    assert_only_text(desk, logged)
    await desk.close_forms(ELENI)


@tries(8)
@given(text=texts())
async def test_any_customer_and_period_of_figures_stay_text_in_their_table(
    desk: Office, logged: list[Line], text: str
) -> None:
    await send_form(
        desk, MAYA, "open_case",
        {"customer": text[:100] or "x", "stake": text, "trigger": "technical", "severity": "3"}, {},
    )  # fmt: skip
    for line in (f"figures {text}", f"quarter {text}", f"list customer {text}"):
        before = shown_to(desk, KATE)
        await desk.command(KATE, line)
        assert shown_to(desk, KATE) > before, line
    assert_only_text(desk, logged)
    await desk.close_forms(KATE)
