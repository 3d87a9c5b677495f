"""The cards of the roles: complete in every language, short, with their button."""

import re

import pytest

from bot.rules.words import Language, Role
from handlers.commands import BY_NAME
from messages.cases.notices import notice_message
from messages.kit.template_context import role_duties
from messages.kit.texts import own_texts
from tests.messages.cases.test_notices import EN, told
from tests.messages.limits import check_blocks

PARTS = ("do", "clocks", "avoid", "next")
SHORT = 700  # characters of a card: it comes with a message that says more


@pytest.mark.parametrize("language", Language)
def test_every_role_has_its_card_and_no_card_is_without_a_role(language: Language) -> None:
    own = {key for key in own_texts(language) if key.startswith("duties.")}
    assert own == {f"duties.{role.value}.{part}" for role in Role for part in PARTS}


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("role", Role)
def test_a_card_is_short_and_names_commands_that_exist(role: Role, language: Language) -> None:
    text = role_duties(role, language)
    assert len(text.splitlines()) == len(PARTS)
    assert len(text) <= SHORT
    for command in re.findall(r"`/escalate (\S+?)`", text):
        assert command in BY_NAME


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", ["role_card", "role_card_waits"])
def test_the_button_carries_the_role(name: str, language: Language) -> None:
    said = notice_message(name, told(), language, role=Role.SPONSOR.value)
    check_blocks(said.blocks)
    (press,) = said.blocks[-1]["elements"]
    assert press["action_id"] == "do:understood"
    assert '"role": "sponsor"' in press["value"] or '"role":"sponsor"' in press["value"]


def test_the_card_stands_below_what_is_told_where_it_is_due_and_nowhere_else() -> None:
    facts = {"role": Role.TECHNICAL_LEAD.value, "notice": "dm", "reader": "UTINA"}
    plain = notice_message("opened", told(), EN, **facts)
    full = notice_message("opened", told(), EN, **facts, card=True)
    assert "answer my check-in with one tap" not in plain.text
    assert "answer my check-in with one tap" in full.text
    assert "do:understood" not in str(plain.blocks)
    assert "do:understood" in str(full.blocks)


def test_a_restricted_case_shows_the_card_and_nothing_of_the_customer() -> None:
    case = told(sensitive=True)
    said = notice_message("opened", case, EN, role="legal", notice="dm", card=True)
    assert "say what may be written" in said.text
    assert case.customer not in said.text
