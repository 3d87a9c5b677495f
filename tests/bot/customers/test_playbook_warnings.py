"""A message that does what a playbook says never to do is warned of, and not stopped."""

from typing import Any

import pytest

from bot.customers.composer import _as_finding, _playbooks_of
from bot.rules.learning.playbooks import load_playbooks
from bot.rules.learning.warned import find_warned
from bot.rules.tone.lint import Rule
from bot.rules.words import Language, Status, Trigger
from tests.bot.stage import EMMA, Stage
from tests.messages.sample_cases import case


async def keys(stage: Stage, number: int, **facts: Any) -> set[str]:
    """The playbooks that are asked about a message of this case."""
    calm = {"trigger": Trigger.EXTRAORDINARY, "stake": "It is odd", "number": number}
    async with stage.database.read() as session:
        found = await _playbooks_of(session, case(Status.INVESTIGATING, **(calm | facts)))
    return {each.key for each in found}


async def test_those_that_fit_and_those_that_were_chosen_are_asked(stage: Stage) -> None:
    number = await stage.claimed()
    assert await keys(stage, number) == set()
    assert await keys(stage, number, trigger=Trigger.THREAT_TO_CANCEL) == {"churn"}
    await stage.do(EMMA, "apply_playbook", number, name="breach")
    assert await keys(stage, number) == {"breach"}
    await stage.do(EMMA, "drop_playbook", number, applied=1)
    assert await keys(stage, number) == set()


@pytest.mark.parametrize("language", Language)
def test_the_warning_has_the_words_and_what_never_to_do(language: Language) -> None:
    churn = load_playbooks()["churn"]
    text = "We can offer a discount."
    [warned] = find_warned([churn], text)
    found = _as_finding(warned, text, language)
    assert (found.rule, found.quote, found.stops) == (Rule.PLAYBOOK, "discount", False)
    assert churn.wording(language).never[0] in found.suggestion
