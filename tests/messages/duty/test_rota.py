"""What people read about the rota: complete, inside Slack's limits, harmless, in each language."""

import re
from datetime import timedelta

import pytest

from bot.rules.duty import Absence, Gap, Watch
from bot.rules.facts import DutyFacts, PersonFacts
from bot.rules.words import Language
from messages.duty.rota import duty_answer, duty_notice
from tests.messages.limits import check_all_harmless, check_blocks
from tests.messages.sample_cases import HOSTILE, NOW

UNFILLED = re.compile(r"\{(user|by|deputy|begins|ends|when)\}")
ANNA, EMMA, KATE = "U0ANNA", "U0EMMA", "U0KATE"
LATER, DAY = NOW + timedelta(hours=5), timedelta(days=1)
WATCHES = {
    "shift": Watch((EMMA, ANNA), (KATE,), ("Athens",), LATER),
    "everybody": Watch((EMMA,)),
    "backup": Watch((), (KATE,), ("Athens",), LATER),
    "nobody": Watch(()),
}


def shown(watch: Watch, language: Language, many: int = 1, viewer: str = ANNA) -> str:
    absences = (Absence(EMMA, NOW, LATER, KATE), Absence(ANNA, NOW, LATER))
    gaps = (Gap(NOW + DAY, LATER + DAY), Gap(LATER, NOW + DAY, (EMMA,))) * many
    facts = DutyFacts(NOW, watch, absences * many, gaps)
    message = duty_answer(facts, PersonFacts(viewer, viewer, language))
    check_blocks(message.blocks)
    check_all_harmless(message.blocks)
    return str(message.blocks)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", WATCHES)
def test_the_rota_is_shown_however_it_stands(name: str, language: Language) -> None:
    for many in (1, 60):
        words = shown(WATCHES[name], language, many)
        assert all(f"<@{user}>" in words for user in (*WATCHES[name].people, KATE, EMMA))


def test_only_who_is_away_is_offered_to_be_back() -> None:
    assert "do:back" in shown(WATCHES["shift"], Language.ENGLISH)
    assert "do:back" not in shown(WATCHES["shift"], Language.ENGLISH, viewer=KATE)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_what_people_wrote_stays_text(text: str, language: Language) -> None:
    shown(Watch((EMMA,), (), (text,), LATER), language)
    extra = {
        "user": EMMA, "by": KATE, "deputy": ANNA, "note": text, "from_at": NOW, "until": LATER,
        "cases": list(range(1, 11)), "at": NOW,
    }  # fmt: skip
    for name in ("away_noted", "back_noted", "away", "back", "gap"):
        for yours in (True, False):
            message = duty_notice(name, language, {**extra, "yours": yours})
            check_blocks(message.blocks)
            check_all_harmless(message.blocks)
            assert not UNFILLED.search(message.text)
