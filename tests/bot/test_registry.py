"""Every verb has its use case, and everything that use cases say has its words."""

import importlib
import pkgutil
import re
from pathlib import Path
from typing import ClassVar

import pytest

import bot
from bot.cases.correction.parts import PARTS
from bot.core import snapshot
from bot.engine.intent import Intent, OnCase
from bot.registry import INTENTS, USE_CASES, IncompleteVerbError, require_rows, require_rules
from bot.rules.lifecycle import STATUSES, TABLE
from bot.rules.permissions import ENTRUSTED, PERMISSIONS
from bot.rules.words import Language
from messages.compose import compose_message
from messages.kit.texts import load_texts
from storage.models import Outbox
from tests.bot.stage import ANNA, BILL, CARL, EMMA, EVAN, EXEC, LEAH, TINA, TOM, Stage
from tests.postmortems import REVIEWED

SOURCE = "\n".join(p.read_text() for p in Path(bot.__file__).parent.rglob("*.py"))


class Juggle(Intent):
    """A verb that has nothing but its name."""

    verb: ClassVar[str] = "juggle"


class JuggleCase(OnCase):
    """The same about a case."""

    verb: ClassVar[str] = "juggle_case"


class HoldOddly(OnCase):
    """A verb whose name is taken, and whose form is governed by a row that does not exist."""

    verb: ClassVar[str] = "hold"
    form_permission: ClassVar[str] = "hold_oddly"


def test_every_verb_has_one_use_case_and_a_row_of_permissions() -> None:
    assert set(USE_CASES) == set(INTENTS)
    assert set(INTENTS) <= set(PERMISSIONS)
    require_rules(INTENTS.values())


@pytest.mark.parametrize("model", [Juggle, JuggleCase, HoldOddly])
def test_a_verb_without_a_row_of_permissions_is_refused(model: type[Intent]) -> None:
    row = model.form_permission or model.verb
    with pytest.raises(IncompleteVerbError) as refused:
        require_rules([model])
    assert f"{model.verb} (tests.bot.test_registry.{model.__name__})" in str(refused.value)
    assert f"has no row {row!r} in PERMISSIONS of bot/rules/permissions.py" in str(refused.value)


def test_a_verb_about_a_case_without_statuses_is_refused() -> None:
    with pytest.raises(IncompleteVerbError, match=r"juggle_case \(.*STATUSES.*lifecycle\.py"):
        require_rules([JuggleCase])
    with pytest.raises(IncompleteVerbError) as refused:
        require_rules([Juggle])
    assert "STATUSES" not in str(refused.value)


def test_a_verb_that_stands_there_twice_is_refused() -> None:
    with pytest.raises(IncompleteVerbError, match=r"hold \(.*\) stands in VERBS twice"):
        require_rules([*INTENTS.values(), HoldOddly])


def test_an_intent_that_no_row_names_is_refused() -> None:
    without_hold = [model for verb, model in INTENTS.items() if verb != "hold"]
    with pytest.raises(IncompleteVerbError) as refused:
        require_rows(without_hold)
    assert str(refused.value) == (
        "hold (bot.cases.hold.Hold) has no row in VERBS of bot/registry.py"
    )


def test_every_intent_in_any_module_of_bot_has_its_row() -> None:
    for module in pkgutil.walk_packages(bot.__path__, "bot."):
        importlib.import_module(module.name)
    require_rows(INTENTS.values())


def test_the_lifecycle_and_the_permissions_name_no_verb_that_is_gone() -> None:
    steps = {
        "open",
        "add_report",  # what the form that escalates does where the case is there already
        "investigate",
        "mitigate",
        "review",
        "give_up_waiting",
        "close_duplicate",
    }
    assert (
        set(STATUSES) | {verb for _, verb in TABLE}
        == {verb for verb, model in INTENTS.items() if issubclass(model, OnCase)} | steps
    )
    parts = set(PARTS.values())  # rows that the verb which corrects asks for
    assert set(INTENTS) | parts >= ENTRUSTED


@pytest.mark.parametrize("language", list(Language))
def test_every_refusal_has_its_words(language: Language) -> None:
    keys = set(re.findall(r'UserError\(\s*"(\w+)"', SOURCE))
    assert len(keys) > 30
    assert {k for k in keys if f"refusal.{k}" not in load_texts(language)} == set()


async def story(stage: Stage) -> int:
    """Everything that can be said of one case, and of the same case reopened."""
    number = await stage.opened(severity=3, ticket_url="https://help.example/7")
    await stage.do(EMMA, "claim", number)
    await stage.in_channel(number)
    await stage.do(ANNA, "severity", number, severity=1, reason="Orders are lost")
    await stage.update(number, kind="acknowledgement")
    await stage.do(EMMA, "assign", number, role="technical_lead", user=TOM)
    await stage.do(TOM, "hand_over", number, role="technical_lead", user=TINA, summary="Logs")
    await stage.do(TINA, "answer_handover", number, handover=1, accept=False, reason="Away")
    await stage.do(TOM, "hand_over", number, role="technical_lead", user=TINA, summary="Logs")
    await stage.do(TINA, "answer_handover", number, handover=2, accept=True)
    until = stage.now.replace(day=20)
    await stage.do(EMMA, "hold", number, reason="scheduled_change", until=until, note="Window")
    await stage.do(EMMA, "resume", number)
    await stage.do(ANNA, "customer_replied", number, summary="Still <down>")
    await stage.do(TINA, "status", number, standing="blocked", remark="No access")
    await stage.do(CARL, "executive_flag", number, trigger="threat_to_cancel", reason="Angry")
    await stage.do(CARL, "ask_executive", number, user=EXEC, question="A month for free?")
    await stage.do(EXEC, "answer_ask", number, ask=1, approve=False, remark="Two weeks")
    await stage.update(number, EMMA, kind="workaround", workaround="Use the old page")
    await stage.resolve(number)
    await stage.do(TINA, "confirm", number, party="technical_lead", comfortable=True)
    await stage.do(ANNA, "reopen", number, reason="It is back")
    await stage.resolve(number, TINA)
    await stage.do(EMMA, "confirm", number, party="escalation_manager", comfortable=True)
    await stage.do(ANNA, "confirm", number, party="customer", comfortable=True, remark="Thanks")
    action = {"title": "Test releases", "type": "process", "owner": BILL, "due": "2026-03-01"}
    await stage.do(EMMA, "action_item", number, **action)
    await stage.do(BILL, "action_done", number, action=1, evidence="Pull request 7")
    await stage.do(EMMA, "postmortem_held", number, **REVIEWED)
    await stage.do(LEAH, "close", number, code="fixed", root_cause="change", no_action="None")
    return number


@pytest.mark.parametrize("language", list(Language))
async def test_everything_queued_in_a_whole_story_can_be_said(
    stage: Stage, language: Language
) -> None:
    number = await story(stage)
    other = await stage.opened(trigger="legal", who=EVAN)
    await stage.do(EVAN, "dismiss", other, reason="Not for us")
    spoken = set()
    async with stage.database.read() as session:
        for row in await stage.rows(Outbox):
            if row.kind not in {"post", "dm"}:
                continue
            case = await snapshot.load_number(session, row.case_number or 0, stage.now)
            message = compose_message(row.payload["text"], row.payload["extra"], case, language)
            assert message.text
            spoken.add(row.payload["text"])
    assert len(spoken) >= 24
    assert number
