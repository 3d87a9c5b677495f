"""Everything of a drill says that it is one, in words, and nothing of any other case does."""

from dataclasses import replace

import pytest

from bot.rules.facts import CaseFacts
from bot.rules.learning.drills import VERBS, Step, Went
from bot.rules.learning.readiness import DrillRow, DrillsPage, ReadinessPage
from bot.rules.words import Language, Status
from messages.cases.answers import show_answer
from messages.cases.card import case_card
from messages.cases.channel import channel_topic
from messages.cases.notice_table import NOTICES
from messages.compose import compose_message
from messages.drills.marks import mark_drill
from messages.kit.blocks import MESSAGE_BLOCKS_MAX, TEXT_MAX, Message, context, message
from messages.kit.texts import t
from messages.readiness.listing import readiness_answer
from tests.messages.cases.test_doors import pressed
from tests.messages.said import GIVEN
from tests.messages.sample_cases import NOW, TOM, case

WORD = {Language.ENGLISH: "DRILL", Language.GREEK: "ΑΣΚΗΣΗ"}


def drill(status: Status = Status.INVESTIGATING) -> CaseFacts:
    """A case that is played."""
    return replace(case(status), drill=True, sensitive=True, actions=())


def is_marked(said: Message, language: Language) -> bool:
    """Whether text and blocks say first that it is a drill."""
    word = WORD[language]
    return said.text.startswith(f"{word} · ") and f"*{word}*" in str(said.blocks[0])


@pytest.mark.parametrize("language", WORD)
def test_card_answer_topic_and_notices_are_marked(language: Language) -> None:
    here = drill()
    assert is_marked(case_card(here, language), language)
    assert WORD[language] in show_answer(here, language).text
    assert channel_topic(here, language).startswith(WORD[language])
    for inside in (True, False):
        facts = {name: GIVEN[name] for name in ("user",)}
        said = compose_message("notice:claimed", facts, here, language, inside=inside)
        assert is_marked(said, language)
    real = replace(here, drill=False)
    for said in (
        case_card(real, language),
        compose_message("notice:claimed", facts, real, language),
    ):
        assert WORD[language] not in said.text + str(said.blocks)
    assert WORD[language] not in channel_topic(real, language)


def test_the_mark_keeps_slacks_limits() -> None:
    blocks = [context("x")] * MESSAGE_BLOCKS_MAX
    said = mark_drill(message("x" * TEXT_MAX, *blocks), drill(), Language.ENGLISH)
    assert len(said.blocks) == MESSAGE_BLOCKS_MAX
    assert len(said.text) <= TEXT_MAX
    assert is_marked(said, Language.ENGLISH)


@pytest.mark.parametrize("status", Status)
def test_the_card_of_a_drill_offers_what_a_drill_has(status: Status) -> None:
    reads = {"timeline", "status", "why", "promises", "show"}
    offered = {press for press, _ in pressed(case_card(drill(status), Language.ENGLISH).blocks)}
    kinds = {tuple(each.split(":")) for each in offered}
    assert {verb for kind, verb in kinds if kind != "show"} <= VERBS
    assert {verb for kind, verb in kinds if kind == "show"} <= reads
    ends = {"do:end_drill", "do:cancel_drill"}
    assert offered & ends == (set() if status is Status.DISMISSED else ends)


@pytest.mark.parametrize("language", WORD)
def test_every_step_and_how_it_went_has_its_words(language: Language) -> None:
    for key in [*(f"step.{step}" for step in Step), *(f"went.{went}" for went in Went)]:
        assert t(language, f"drill.{key}")
    assert {"drill_begun", "drill_invited", "drill_reviewed", "drill_cancelled"} <= set(NOTICES)


def listing(*rows: DrillRow, own: bool, total: int) -> str:
    """What the list says of drills, in English."""
    done = sum(row.counts for row in rows)
    page = ReadinessPage((), 0, 0, own, drills=DrillsPage(rows, done, total, 365))
    return readiness_answer(page, Language.ENGLISH).text


def test_who_leads_reads_who_is_missing_and_what_to_do() -> None:
    rows = (DrillRow(TOM, None, counts=False), DrillRow("U0OLD", NOW, counts=False))
    said = listing(*rows, DrillRow("U0DONE", NOW, counts=True), own=False, total=4)
    assert "Drills: 1 of 4 did one in the last 365 days." in said
    assert f"<@{TOM}>: no drill yet" in said
    assert "<@U0OLD>: last drill" in said
    assert "U0DONE" not in said
    assert "One more has no drill that counts." in said
    assert "/escalate drill" in said


def test_everybody_reads_their_own_in_a_line() -> None:
    assert "none done yet" in listing(DrillRow(TOM, None, counts=False), own=True, total=1)
    assert "time for another" in listing(DrillRow(TOM, NOW, counts=False), own=True, total=1)
    assert "Drill: done" in listing(DrillRow(TOM, NOW, counts=True), own=True, total=1)
    assert "Drills:" not in listing(own=False, total=0)
