"""Tips: complete in every language, with commands that exist."""

import re

import pytest

from bot.registry import INTENTS
from bot.rules.learning.tips import WEEKLY_TIPS
from bot.rules.words import Language
from handlers.commands import BY_NAME
from messages.forms import FORMS
from messages.kit.texts import own_texts
from messages.readiness.tips import form_tip, has_tip, tip_message, tip_switches
from tests.messages.limits import check_blocks

COMMAND = re.compile(r"`/escalate ([a-z-]+)[^`]*`")


def form_tips(language: Language) -> set[str]:
    """The forms for which this language has a tip of its own."""
    own = own_texts(language)
    return {key.removeprefix("tip.form.") for key in own if key.startswith("tip.form.")}


@pytest.mark.parametrize("language", Language)
def test_every_tip_has_its_words_and_no_words_are_without_a_tip(language: Language) -> None:
    own = own_texts(language)
    weekly = {key.removeprefix("tip.weekly.") for key in own if key.startswith("tip.weekly.")}
    assert form_tips(language) == form_tips(Language.ENGLISH)
    assert weekly == set(WEEKLY_TIPS)


def test_a_tip_of_a_form_is_of_a_form_that_there_is() -> None:
    forms = form_tips(Language.ENGLISH)
    assert len(forms) >= 10
    assert forms <= set(FORMS)
    assert forms <= set(INTENTS)
    assert has_tip("update", Language.GREEK)
    assert not has_tip("picker", Language.GREEK)


@pytest.mark.parametrize("language", Language)
def test_commands_in_tips_exist_and_each_weekly_tip_has_one(language: Language) -> None:
    for key, text in own_texts(language).items():
        if key.startswith(("tip.form.", "tip.weekly.")):
            named = COMMAND.findall(text)
            assert len(named) == text.count("/escalate")
            assert set(named) <= set(BY_NAME), key
            assert named or key.startswith("tip.form.")


@pytest.mark.parametrize("language", Language)
def test_what_is_drawn_fits_slack(language: Language) -> None:
    for name in WEEKLY_TIPS:
        check_blocks(tip_message("weekly", language, {"name": name}).blocks)
    check_blocks([form_tip("update", language)])
    check_blocks(tip_message("courtesy", language, {}).blocks)
    on, off, quiet = tip_switches((False, True, False), language)[1]["elements"]
    pressed = [each["action_id"] for each in (on, off, quiet)]
    assert pressed == ["do:choose_tips#1", "do:choose_tips#2", "do:choose_tips#3"]
    assert len(tip_switches((False, True, None), language)[1]["elements"]) == 2
    assert '"on":false' in on["value"].replace(" ", "")
    assert '"on":true' in off["value"].replace(" ", "")
