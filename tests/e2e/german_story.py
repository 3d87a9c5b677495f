"""A case in a language that is files only; test_third_language.py runs it in a process of its own.

The languages are found when a program starts, so this cannot stand among the other tests.
"""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.rules.tone.lint import Rule, Setting, lint_message
from bot.rules.words import ClockKind, Language, MessageKind, Status
from cli.workspace.demo import import_demo_accounts
from cli.workspace.local import demo_policy, local_app
from messages.customers.templates import is_shipped
from messages.kit.dates import format_duration, format_moment
from messages.kit.template_context import lower_first
from messages.kit.texts import label, own_texts
from sandbox.clock import WorkspaceClock
from sandbox.seed import demo_workspace
from tests.e2e.office import BEGINS, ELENI, MAYA, Office, without_limits

GERMAN = Language("de")


@pytest.fixture
async def german(tmp_path: Path) -> AsyncIterator[Office]:
    """The office, whose team and whose escalation manager read German."""
    shift = BEGINS - datetime.now(UTC)
    ws = demo_workspace(WorkspaceClock(real_now=lambda: datetime.now(UTC) + shift))
    for user in (ELENI, MAYA):
        ws.users[user].locale = "de-DE"
    policy = replace(demo_policy(), languages=(GERMAN, Language.ENGLISH))
    async with local_app(ws, tmp_path, policy=policy) as here:
        without_limits(here)
        await import_demo_accounts(here)
        desk = Office(here)
        for user in (ELENI, MAYA):  # Eleni chose Greek
            await desk.wants(user, "choose_language", {"language": "de"})
        yield desk


async def test_a_case_runs_in_german(german: Office) -> None:
    number = await german.stage("new", language="de", contact_name="Anke Vogt")

    await german.pass_time(timedelta(minutes=50))
    assert any("niemand zuständig" in message.text for message in german.dms(ELENI))

    await german.command(ELENI, f"ÜBERNEHMEN ESC-{number}")
    card = str(german.card(number).blocks)
    assert "*Zuständig*" in card
    assert "Angenommen" in card
    assert "SEV2 Schwer" in card

    await german.command(ELENI, f"nachricht stand ESC-{number}")
    form = german.form(ELENI)
    written = next(b for b in form.blocks if b.get("block_id") == "text")
    text = written["element"]["initial_value"]
    assert text.startswith("Guten Tag Anke Vogt,")
    assert "Ich schreibe Ihnen wieder Mo. 8. Feb., " in text
    sent = text.replace("[was sich geändert hat]", "Die Rechnungen gehen wieder hinaus.")
    assert await german.fill(ELENI, text=sent) == {}
    advised = german.here.people.views(ELENI)
    assert "no rules for the tone of this language" in str(advised[-1].blocks)
    assert await german.fill(ELENI, text=sent) == {}
    assert (await german.case(number)).sent[-1].text == sent.strip()

    await german.command(ELENI, f"verlauf ESC-{number}")
    assert "hat den Fall übernommen" in str(german.answers(ELENI)[-1].blocks)


def test_a_language_without_rules_of_tone_is_said_to_be_unchecked() -> None:
    setting = Setting(GERMAN, promises=True, letter=False)
    (found,) = lint_message("Wir schreiben Ihnen um 14 Uhr wieder.", setting)
    assert (found.rule, found.stops) == (Rule.UNCHECKED, False)
    assert found.suggestion.startswith("There are no rules for the tone of this language.")


def test_money_and_secrets_are_looked_for_in_every_language() -> None:
    found = lint_message("Sie erhalten 500 €.", Setting(GERMAN, letter=False))
    assert Rule.CONCESSION in {each.rule for each in found if each.stops}


def test_what_the_folder_lacks_is_said_in_the_language_it_falls_back_to() -> None:
    assert label(GERMAN, Status.ACKNOWLEDGED) == "Angenommen"
    assert label(GERMAN, Status.NEW) == "New"
    assert "status.new" not in own_texts(GERMAN)


def test_dates_units_and_names_of_languages_need_no_file() -> None:
    winter = datetime(2026, 3, 10, 14, tzinfo=UTC)
    told = "am Dienstag, 10. März 2026 um 16:00 Uhr (Ortszeit Athen, UTC+2)"
    assert format_moment(winter, GERMAN, "Europe/Athens") == told
    assert format_duration(timedelta(minutes=61), GERMAN) == "1 Stunde 1 Minute"
    assert label(GERMAN, Language("el")) == "Griechisch"
    assert label(Language("el"), GERMAN) == "Γερμανικά"


def test_a_noun_keeps_its_capital_inside_a_sentence() -> None:
    name = label(GERMAN, ClockKind.FIRST_RESPONSE)
    assert lower_first(name, GERMAN) == "Erste Antwort"


def test_words_to_customers_are_never_those_of_another_language() -> None:
    assert is_shipped(MessageKind.UPDATE, GERMAN)
    assert not is_shipped(MessageKind.APOLOGY, GERMAN)


def test_people_and_accounts_are_known_to_speak_it() -> None:
    assert Language.named("de-AT") is GERMAN
    assert {Language.named(word) for word in ("de", "German", "Deutsch", "de_CH")} == {GERMAN}
