"""A legal case: nothing invites an apology, a cause or money, and it is said why."""

from dataclasses import replace
from typing import Any

import pytest

from bot.rules.facts import CaseFacts
from bot.rules.letters import LEGAL
from bot.rules.tone.lint import Setting, lint_message
from bot.rules.words import ClockKind, Language, MessageKind, Role, Status
from messages.cases.notices import notice_message
from messages.cases.reminders import reminder_message
from messages.customers.holding_text import WITH_SUBSTANCE, holding_text
from messages.forms import draw_form
from tests.messages.cases.test_reminders import THRESHOLDS, about
from tests.messages.limits import check_blocks, walk
from tests.messages.said import actions, check_buttons, given
from tests.messages.sample_cases import NOW, VIEWER, case, full, minutes

LAWYER = "U0LAWYER"
PROMISES = ("first_response", "next_reply", "next_update", "workaround", "resolution")
INVITES = ("sorry", "Call first", "the cause as far", "€", "λυπόμαστε", "Ζητήστε συγγνώμη")


def legal(**changes: Any) -> CaseFacts:
    """A restricted case of a customer who threatens legal action."""
    rich = full(case(Status.INVESTIGATING))
    return replace(rich, sensitive=True, legal=True, roles={Role.LEGAL: LAWYER}, **changes)


def texts_of(view: Any) -> str:
    """All words of a form."""
    return "\n".join(str(each["text"]) for each in walk(view) if isinstance(each.get("text"), str))


@pytest.mark.parametrize("inside", [True, False])
@pytest.mark.parametrize("language", Language)
def test_the_brief_of_a_legal_case_waits_for_legal_and_offers_nothing(
    language: Language, inside: bool
) -> None:
    said = notice_message("breach_brief", legal(), language, inside=inside, **given("breach_brief"))
    check_blocks(said.blocks)
    assert f"<@{LAWYER}>" in said.text
    assert not [each for each in INVITES if each in said.text]
    assert "1000" not in said.text
    wanted = {
        Language.ENGLISH: ("only after Legal", "offer:* nothing", "*Why:*"),
        Language.GREEK: ("πριν απαντήσει η νομική υπηρεσία", "προσφέρετε:* τίποτα", "*Γιατί:*"),
    }
    text = said.text + str(said.blocks)
    assert all(each in text or each.replace("*", "") in text for each in wanted[language])


@pytest.mark.parametrize("language", Language)
def test_the_brief_names_legal_where_nobody_has_the_role(language: Language) -> None:
    said = notice_message(
        "breach_brief", replace(legal(), roles={}), language, inside=True, **given("breach_brief")
    )
    assert "()" not in said.text
    assert {Language.ENGLISH: "Legal", Language.GREEK: "νομική υπηρεσία"}[language] in said.text


@pytest.mark.parametrize("acts", [True, False])
@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("threshold", THRESHOLDS)
@pytest.mark.parametrize("name", PROMISES)
def test_a_reminder_of_a_legal_case_asks_for_no_apology(
    name: str, threshold: str, language: Language, acts: bool
) -> None:
    said = reminder_message(legal(), about(name, threshold, acts=acts), language)
    check_blocks(said.blocks)
    check_buttons(said)
    assert 2 <= len(said.text.splitlines()) <= 5
    assert len(said.text) <= 500
    assert not [each for each in INVITES if each in said.text]
    kinds = [each.get("value", "") for each in walk(said.blocks)]
    assert not [value for value in kinds if MessageKind.APOLOGY.value in str(value)]


def test_work_on_a_workaround_goes_on_as_ever() -> None:
    said = reminder_message(legal(), about("workaround", "warn:50"), Language.ENGLISH)
    assert "keep working meanwhile" in said.text


def test_what_is_between_us_is_asked_as_ever() -> None:
    said = reminder_message(legal(), about(ClockKind.CHECK_IN.value, "breach"), Language.ENGLISH)
    assert "do:status" in actions(said)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("verb", ["update", "resolve"])
def test_the_composer_of_a_legal_case_warns_and_names_who_must_agree(
    verb: str, language: Language
) -> None:
    prefill = {"kind": "update", "text": "x", "approvers": (LAWYER,)}
    view = draw_form(
        verb, language, case=legal(), viewer=VIEWER, prefill=prefill, form_id="f", hidden=()
    )
    words = texts_of(view)
    assert {Language.ENGLISH: "Legal case", Language.GREEK: "Νομική υπόθεση"}[language] in words
    assert f"<@{LAWYER}>" in words
    offered = [each["value"] for each in walk(view) if "value" in each and "text" in each]
    assert MessageKind.APOLOGY.value not in offered
    plain = draw_form(
        verb,
        language,
        case=replace(legal(), legal=False),
        viewer=VIEWER,
        prefill=prefill,
        form_id="f",
        hidden=(),
    )
    assert not {"Legal case", "Νομική υπόθεση"} & set(texts_of(plain).split("*"))


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", sorted(LEGAL))
def test_the_holding_text_is_plain_and_nothing_in_it_gives_cause_for_a_hint(
    kind: MessageKind, language: Language
) -> None:
    about_it = replace(legal(), contact_name="Eleni Papadaki")
    text = holding_text(
        kind,
        about_it,
        language,
        viewer=VIEWER,
        zone="Europe/Athens",
        next_update_at=NOW + minutes(60),
    )
    lines = text.splitlines()
    assert lines[-1] == VIEWER.name
    assert about_it.stake not in text
    if kind in WITH_SUBSTANCE:
        assert sum(line.startswith("[") for line in lines) == 1
        return
    assert about_it.reference in text
    setting = Setting(
        language,
        contact="Eleni Papadaki",
        customer=about_it.customer,
        approved=lines[0],  # the composer opened with this greeting
        promises=True,
    )
    assert lint_message(text, setting) == ()


@pytest.mark.parametrize("language", Language)
def test_the_form_of_the_call_offers_nothing_to_record_as_offered(language: Language) -> None:
    view = draw_form(
        "breach_talk",
        language,
        case=legal(),
        viewer=VIEWER,
        prefill={"talk": 1},
        form_id="f",
        hidden=(),
    )
    assert "offered" not in [block.get("block_id") for block in view["blocks"]]


@pytest.mark.parametrize("language", Language)
def test_escalating_says_that_a_legal_threat_is_confidential(language: Language) -> None:
    view = draw_form(
        "open_case", language, case=None, viewer=VIEWER, prefill={}, form_id="f", hidden=()
    )
    hints = [b["hint"]["text"] for b in view["blocks"] if b.get("block_id") == "sensitive"]
    words = {Language.ENGLISH: "legal threat", Language.GREEK: "απειλή νομικών ενεργειών"}
    assert [words[language] in hint for hint in hints] == [True]


@pytest.mark.parametrize("language", Language)
def test_an_executive_hears_of_a_threat_that_came_later(language: Language) -> None:
    said = notice_message("executive_alert", legal(), language)
    assert {Language.ENGLISH: "before Legal", Language.GREEK: "νομική υπηρεσία"}[
        language
    ] in said.text
