"""What is said of the sponsorship programme: whole, harmless, with buttons that do something."""

import json
from dataclasses import replace
from typing import Any

import pytest

from bot.registry import INTENTS
from bot.rules.facts.sponsorship import SponsorshipPage
from bot.rules.states import SponsorshipState
from bot.rules.words import Language
from handlers.slack.answers import SHOWN
from messages.forms import FORMS
from messages.kit.blocks import Message
from messages.kit.render import MissingFactError
from messages.sponsorship.listing import own_accounts, sponsor_brief, sponsorship_list
from messages.sponsorship.notices import sponsorship_notice
from tests.messages.limits import check_all_harmless, check_blocks
from tests.messages.said import buttons
from tests.messages.sample_cases import HOSTILE
from tests.messages.sample_sponsorship import (
    EXTRA,
    given_notices,
    membership,
    programme,
    said_of_sponsorship,
)

EN = Language.ENGLISH


def checked(said: Message) -> Message:
    """The message, which Slack takes, which harms no one and has buttons that do something."""
    check_blocks(said.blocks)
    check_all_harmless(said.blocks)
    for button in buttons(said):
        way, _, verb = button["action_id"].partition("#")[0].partition(":")
        values = json.loads(button["value"])
        if way == "do":
            INTENTS[verb].model_validate(values)
        elif way == "ask":
            assert verb in FORMS
        else:
            assert (way, verb in SHOWN) == ("show", True)
    return said


@pytest.mark.parametrize("language", Language)
def test_everything_is_said_in_each_language(language: Language) -> None:
    for _, said in said_of_sponsorship(language):
        checked(said)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("text", HOSTILE.values(), ids=list(HOSTILE))
def test_what_people_wrote_stays_text(text: str, language: Language) -> None:
    for name, extra in given_notices(text):
        if extra["customer"]:
            check_all_harmless(sponsorship_notice(name, language, extra).blocks)
    each = replace(membership(), customer=text, reason=text, consent_by=text)
    page = SponsorshipPage(programme(), (each,) * 12, 3, text)
    check_blocks(sponsorship_list(page, language).blocks)
    for said in (sponsorship_list(page, language), sponsor_brief(each, programme(), (), language)):
        check_all_harmless(said.blocks)


def test_a_fact_that_is_missing_is_an_error() -> None:
    with pytest.raises(MissingFactError):
        sponsorship_notice("offered", EN, {**EXTRA, "score": None})


def doors(said: Any) -> set[str]:
    """What the buttons do."""
    return {button["action_id"].partition("#")[0] for button in buttons(said)}


def test_with_a_consent_one_press_accepts_and_without_one_the_form_asks_for_it() -> None:
    assert "do:answer_sponsorship" in doors(sponsorship_notice("offered", EN, EXTRA))
    without = sponsorship_notice("offered", EN, {**EXTRA, "consent_by": ""})
    assert doors(without) == {"ask:answer_sponsorship"}


def test_one_press_nominates_where_the_sponsor_is_known() -> None:
    said = sponsorship_notice("nominate", EN, EXTRA)
    assert doors(said) == {"do:nominate_sponsorship", "ask:nominate_sponsorship"}
    values = json.loads(buttons(said)[0]["value"])
    assert (values["account"], values["case"], values["score"]) == ("acme", 7, 70)
    said = sponsorship_notice("nominate", EN, {**EXTRA, "sponsor": ""})
    assert doors(said) == {"ask:nominate_sponsorship"}


def test_those_who_may_not_know_read_neither_score_nor_revenue() -> None:
    seen = str(sponsorship_list(SponsorshipPage(programme(), (membership(),)), EN).blocks)
    assert "410" in seen
    hidden = membership(whole=False, mine=False, leads=False)
    seen = sponsorship_list(SponsorshipPage(programme(), (hidden,)), EN)
    assert "410" not in str(seen.blocks)
    assert "Score" not in str(seen.blocks)
    assert not any("ask:end" in door or "do:" in door for door in doors(seen))


def test_home_shows_what_one_sponsors_and_nothing_without() -> None:
    assert own_accounts([], EN) == []
    asked = membership(SponsorshipState.OFFERED, asked=True, ground=None)
    shown = str(own_accounts([membership(), asked], EN))
    for each in ("My accounts", "Contact late since", "2 open cases", "renewal", "I have read it"):
        assert each in shown
