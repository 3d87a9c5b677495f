"""The steps in words: what is missing, the next step, lines that load as they are pasted."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.rules.policy.load import load_policy
from bot.rules.setup import (
    Lack,
    MailTrial,
    SetupPage,
    SetupRow,
    SetupStep,
    StepState,
    TrialEnd,
    find_lacks,
)
from bot.rules.words import Language
from messages.setup.lines import lines_to_paste
from messages.setup.listing import setup_answer, setup_blocks, step_text
from messages.setup.mail_trial import compose_trial, setup_notice
from tests.messages.limits import check_blocks

NOW = datetime(2027, 2, 8, 8, 0, tzinfo=UTC)
BOTH = (Language.ENGLISH, Language.GREEK)
ME, ZONE = "U0ADA", "Europe/London"


def page(*, sends_mail: bool = False, state: StepState = StepState.OPEN) -> SetupPage:
    """All steps of the default policy, which lacks each of them."""
    found = find_lacks(load_policy(), NOW, {"C1": "not_in_channel"}, sends_mail=sends_mail)
    rows = [SetupRow(step, state, tuple(lacks), ME) for step, lacks in found.items()]
    return SetupPage(tuple(rows), sends_mail)


@pytest.mark.parametrize("language", BOTH)
@pytest.mark.parametrize("state", StepState)
def test_every_step_is_drawn_within_slacks_limits(language: Language, state: StepState) -> None:
    found = page(state=state)
    answer = setup_answer(found, ME, ZONE, language)
    check_blocks(answer.blocks)
    ids = re.findall(r"'action_id': '([^']+)'", str(answer.blocks))
    assert len(ids) == len(set(ids))
    assert ("do:choose_setup#1" in ids) is (state is not StepState.DONE)


def test_what_is_pasted_loads_and_fills_every_step_of_the_policy(tmp_path: Path) -> None:
    pasted = [
        lines_to_paste(row.step, row.lacks, ME, ZONE)
        for row in page().rows
        if row.step is not SetupStep.MAIL
    ]
    file = tmp_path / "policy.toml"
    pasted.sort(key=lambda lines: not lines.startswith("timezone"))  # a key without a table first
    file.write_text("\n\n".join(pasted).replace("C…", "C0TRIAGE"))
    policy = load_policy(file)
    lacks = find_lacks(policy, NOW, {}, sends_mail=True)
    assert [step for step, found in lacks.items() if found] == []
    assert policy.timezone == ZONE


def test_a_calendar_without_its_part_is_pasted_with_one(tmp_path: Path) -> None:
    lack = Lack("part", {"calendar": "berlin", "country": "DE", "parts": "BB (Brandenburg), BE"})
    lines = lines_to_paste(SetupStep.CALENDAR, [lack], ME, "Europe/Berlin")
    assert '[calendars.berlin]\ncountry = "DE"\nsubdiv = "BB"' in lines
    (tmp_path / "policy.toml").write_text(f'{lines}\n[calendars.business]\nunion = ["berlin"]\n')
    assert load_policy(tmp_path / "policy.toml").calendars["berlin"].offices[0].subdiv == "BB"


@pytest.mark.parametrize("language", BOTH)
def test_what_the_mail_server_said_is_shown_word_for_word(language: Language) -> None:
    said = "535 5.7.8 <bad> `credentials`"
    trial = MailTrial(ME, NOW, TrialEnd.FAILED, said)
    row = SetupRow(SetupStep.MAIL, StepState.OPEN, (Lack("untried"),), trial=trial)
    text = step_text(row, ME, ZONE, language)
    assert "`535 5.7.8 &lt;bad&gt;  credentials `" in text
    blocks = str(setup_blocks(SetupPage((row,), sends_mail=True), ME, ZONE, language))
    assert "do:test_mail" in blocks
    told = setup_notice(
        "mail_tried", language, {"end": "failed", "said": said, "address": "a@b.example"}
    )
    assert "&lt;bad&gt;" in told.text
    assert "do:test_mail" in str(told.blocks)


def test_a_mail_server_that_is_not_there_is_not_tried() -> None:
    blocks = str(setup_blocks(page(), ME, ZONE, Language.ENGLISH))
    assert "do:test_mail" not in blocks
    assert "SMTP_HOST=" in blocks


@pytest.mark.parametrize("language", BOTH)
def test_the_test_mail_says_that_it_is_one(language: Language) -> None:
    mail = compose_trial("Northwind <help@n.example>", "ada@n.example", "<1@n>", NOW, language)
    assert str(mail["Subject"]).split()[0] in ("TEST", "ΔΟΚΙΜΗ")
    assert mail["Auto-Submitted"] == "auto-generated"
    with pytest.raises(ValueError, match="no domain"):
        compose_trial("Northwind <help@n.example>", "ada at n", "<1@n>", NOW, language)
