"""A step of Workflow Builder: what it brings waits for a decision, and what was decided ends it."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot.rules.states import CandidateState
from handlers.slack.manifest import INPUTS, OUTPUTS, STEP
from sandbox.delivery import delivery_of
from sandbox.state import User
from sandbox.workflows import Execution, workflows_of
from storage.models import Candidate, Outbox
from tests.e2e import shared_office as shared
from tests.e2e.office import ELENI, MAYA, NIKOS, Office, office

ASKED: dict[str, Any] = {"customer": "Delphi Energy", "stake": "No invoices for two days."}
GUEST, STRANGER = "U0GUEST", "U0NORA"


@pytest_asyncio.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Office]:
    async with office(tmp_path, http=False) as here:
        yield here


async def run(desk: Office, asker: str = MAYA, **inputs: Any) -> Execution:
    """A workflow that the asker started runs our step."""
    given = {**ASKED, "asker": asker, **inputs}
    begun = workflows_of(desk.ws).run(MAYA, STEP, given)
    await delivery_of(desk.ws).first_attempts()
    await desk.here.settle()
    return begun


async def decide(desk: Office, verb: str, **fields: Any) -> Candidate:
    """Eleni decides on what waits."""
    waiting = (await shared.candidates(desk))[-1]
    await desk.wants(ELENI, verb, desk.complete(verb, {"candidate": waiting.id, **fields}))
    await desk.here.settle()
    return (await shared.candidates(desk))[-1]


async def test_what_a_step_brings_waits_and_the_step_waits_with_it(desk: Office) -> None:
    begun = await run(
        desk, contact_name="Nora Vance", contact_email="nora@delphi.example", severity="SEV2",
        language="Greek",
    )  # fmt: skip
    (signal,), (waiting,) = await shared.signals(desk), await shared.candidates(desk)
    assert begun.state == "running"
    assert waiting.state is CandidateState.WAITING
    assert (waiting.account_key, waiting.language, waiting.severity) == ("delphi-energy", "el", 2)
    assert (signal.source, signal.key, signal.reported_by) == ("workflow", begun.id, MAYA)
    assert (signal.contact_name, signal.contact_email) == ("Nora Vance", "nora@delphi.example")


async def test_an_event_that_comes_again_changes_nothing(desk: Office) -> None:
    begun = await run(desk)
    await delivery_of(desk.ws).redeliver_last("function_executed")
    await desk.here.settle()
    assert len(await shared.signals(desk)) == 1
    await decide(desk, "dismiss_candidate", reason="A question")
    await delivery_of(desk.ws).redeliver_last("function_executed")
    await desk.here.settle()
    assert len(await shared.signals(desk)) == 1
    assert begun.state == "completed"


async def test_an_escalated_one_ends_with_the_case_and_its_place(desk: Office) -> None:
    begun = await run(desk)
    case = (await decide(desk, "open_case")).case_number
    assert begun.state == "completed"
    assert begun.outputs["outcome"] == "case"
    assert begun.outputs["reference"] == f"ESC-{case}"
    assert begun.outputs["link"].startswith("http")
    assert f"ESC-{case}" in begun.outputs["summary"]
    assert set(begun.outputs) <= set(OUTPUTS)


async def test_one_that_joins_a_case_says_so(desk: Office) -> None:
    case = await desk.stage("investigating")
    begun = await run(desk)
    await decide(desk, "add_candidate", into=case)
    assert (begun.outputs["outcome"], begun.outputs["reference"]) == ("already_open", f"ESC-{case}")


async def test_one_that_is_no_escalation_ends_with_the_words_for_the_customer(
    desk: Office,
) -> None:
    begun = await run(desk, language="English")
    decided = await decide(desk, "dismiss_candidate", reason="A question", told="support")
    assert begun.outputs["outcome"] == "dismissed"
    assert begun.outputs["told"] == decided.told != ""
    assert "A question" not in str(begun.outputs)  # the reason is for colleagues


async def test_of_a_restricted_one_a_workflow_learns_nothing(desk: Office) -> None:
    begun = await run(desk, stake="Our lawyers will take you to court over this.")
    candidate = await decide(desk, "dismiss_candidate", reason="A question", told="support")
    assert candidate.sensitive
    assert set(begun.outputs) == {"outcome", "summary"}
    assert begun.outputs["outcome"] == "restricted"
    assert "CAN-" not in begun.outputs["summary"]


async def test_several_steps_of_one_customer_end_together(desk: Office) -> None:
    first, second = await run(desk), await run(desk, asker=NIKOS)
    await decide(desk, "dismiss_candidate", reason="A question")
    assert {first.state, second.state} == {"completed"}
    greek = second.outputs["summary"]
    assert greek != first.outputs["summary"]  # Nikos reads Greek
    assert "CAN-1" in greek


async def test_a_decision_taken_anew_reaches_people_and_ends_nothing_twice(desk: Office) -> None:
    begun = await run(desk)
    number = (await decide(desk, "dismiss_candidate", reason="A question")).id
    await desk.wants(ELENI, "undo_decision", {"candidate": number})
    await desk.here.settle()
    await decide(desk, "open_case")
    ends = [row for row in await shared.rows(desk, Outbox) if row.kind == "workflow_end"]
    assert begun.outputs["outcome"] == "dismissed"
    assert [row.result["outcome"] for row in ends] == ["ended", "execution_not_in_running_state"]


@pytest.mark.parametrize(
    ("inputs", "says"),
    [
        ({"customer": " "}, "The customer is missing"),
        ({"stake": "\u200b"}, "business impact"),
        ({"stake": "x" * 3001}, "3000"),
        ({"customer": "x" * 201}, "200"),
        ({"severity": "0"}, "“0” is no severity"),
        ({"severity": "urgent"}, "“urgent” is no severity"),
        ({"language": "Klingon"}, "“Klingon” is no language"),
        ({"contact_email": "nora at delphi"}, "“nora at delphi” is no email address"),
        ({"asker": ""}, "who asks"),
    ],
)
async def test_what_is_wrong_ends_the_step_with_a_plain_sentence(
    desk: Office, inputs: dict[str, str], says: str
) -> None:
    begun = await run(desk, **inputs)
    assert begun.state == "failed"
    assert says in begun.error
    assert await shared.signals(desk) == []


async def test_the_reason_is_in_the_askers_language(desk: Office) -> None:
    begun = await run(desk, NIKOS, severity="<9>")
    assert begun.error.startswith("Το «<9>» δεν είναι σοβαρότητα")


@pytest.mark.parametrize(
    ("asker", "says"),
    [(GUEST, "guest"), (STRANGER, "another workspace"), ("U0NOBODY", "Slack does not know")],
)
async def test_guests_and_strangers_are_refused(desk: Office, asker: str, says: str) -> None:
    desk.ws.add_user(User(GUEST, "gus", "Gus Brand", is_restricted=True))
    desk.ws.users[STRANGER] = User(STRANGER, "nora", "Nora Vance", team_id="T0DELPHI")
    begun = await run(desk, asker)
    assert (begun.state, says in begun.error) == ("failed", True), begun.error
    assert await shared.signals(desk) == []


async def test_one_person_cannot_bury_others_by_a_workflow(desk: Office) -> None:
    services = desk.here.services
    limits = replace(services.policy.limits, requests_per_hour=1)
    services.policy = replace(services.policy, limits=limits)
    first, second = await run(desk, NIKOS), await run(desk, NIKOS)
    assert (first.state, second.state) == ("running", "failed")
    assert len(await shared.signals(desk)) == 1


async def test_a_workspace_with_an_older_manifest_reads_what_to_install(desk: Office) -> None:
    begun = await run(desk)
    step = begun.app.manifest["functions"][STEP]
    step["output_parameters"]["properties"].pop("reference")
    await decide(desk, "dismiss_candidate", reason="A question")
    assert begun.state == "failed"
    assert "CAN-1" in begun.error
    assert "manifest" in begun.error


def read_everything(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.glob("*") if path.is_file())


async def test_the_steps_own_token_is_nowhere_kept(desk: Office, tmp_path: Path) -> None:
    begun = await run(desk)
    await decide(desk, "dismiss_candidate", reason="A question")
    kept = await asyncio.to_thread(read_everything, tmp_path)
    assert begun.id.encode() in kept
    assert begun.token.encode() not in kept


def test_every_input_is_read() -> None:
    from bot.intake.workflow.inputs import NAMES

    assert set(INPUTS) == set(NAMES)
