"""The record in sentences: every verb, in both languages, on one line, whatever was recorded."""

import re

import pytest

from bot.rules.facts import TimelineFacts
from bot.rules.words import HelpDesk, Language
from messages.cases.timeline import timeline_line
from messages.kit.texts import t
from tests.messages.limits import CONTROL, check_harmless
from tests.messages.said import entries, entry
from tests.messages.sample_cases import HOSTILE, NIKOS, TOM

EN, EL = Language.ENGLISH, Language.GREEK
ALL = list(entries())


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("one", ALL, ids=lambda one: one.verb)
def test_every_verb_has_its_sentence(one: TimelineFacts, language: Language) -> None:
    said = timeline_line(one, language)
    general = t(language, "event.other", actor=f"<@{one.actor}>", verb=one.verb.replace("_", " "))
    assert not said.startswith(general)
    assert "\n" not in said
    assert not any(left in CONTROL.sub("", said) for left in ("{", "None", "_"))
    check_harmless(said)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("one", ALL, ids=lambda one: one.verb)
def test_only_the_reason_stands_behind_a_colon(one: TimelineFacts, language: Language) -> None:
    said = re.sub(r" \([^()]*\)", "", timeline_line(one, language))
    assert said.count(": ") <= 1
    assert not one.why or said.endswith(t(language, "event.why", why=one.why))


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("desk", HelpDesk)
def test_a_help_desk_keeps_its_name_inside_a_sentence(desk: HelpDesk, language: Language) -> None:
    queued = {"kind": "update", "route": desk.value, "desk": desk.value}
    name = t(language, f"route.{desk.value}")
    assert name in timeline_line(entry("ticket_queued", queued), language)
    assert name in timeline_line(entry("update", queued), language)


def test_what_changed_is_told_from_before_to_after() -> None:
    one = entry("severity", {"severity": 1}, {"severity": 3}, "It spreads")
    assert timeline_line(one, EN) == (
        f"<@{NIKOS}> changed the severity from SEV3 Moderate to SEV1 Critical: “It spreads”"
    )


def test_a_status_is_told_when_it_changes() -> None:
    moved = entry("claim", {"status": "acknowledged"}, {"status": "new"})
    stayed = entry("claim", {"status": "new"}, {"status": "new"})
    assert timeline_line(moved, EN).endswith("claimed the case, now “acknowledged”")
    assert timeline_line(stayed, EN) == f"<@{NIKOS}> claimed the case"


def test_how_it_came_out_decides_the_sentence() -> None:
    facts = {"role": "csm", "user": TOM}
    yes = timeline_line(entry("answer_handover", {"accept": True, **facts}), EN)
    no = timeline_line(entry("answer_handover", {"accept": False, **facts}), EN)
    assert "accepted" in yes
    assert "did not accept" in no


@pytest.mark.parametrize(
    "one",
    [
        entry("danced", {"shoes": "red"}),
        entry("severity"),
        entry("update", {"kind": "limerick", "route": "pigeon"}),
        entry("hold", {"reason": "siesta", "until": "2026-02-24"}),
        entry("breach", {"clock": "cuckoo"}),
        entry("assign", {"role": None, "user": None}),
    ],
    ids=lambda one: one.verb,
)
def test_what_is_not_known_here_is_still_shown(one: TimelineFacts) -> None:
    for language in Language:
        assert f"<@{NIKOS}>" in timeline_line(one, language) or one.verb == "breach"
        check_harmless(timeline_line(one, language))


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_what_people_write_is_never_markup(text: str) -> None:
    action = {"title": text, "owner": TOM, "due": "2026-02-24", "type": "product"}
    for one in (
        entry("reopen", why=text),
        entry("action_item", action),
        entry("update", {"kind": "update", "route": text}),
        entry(text, {"status": text}),
    ):
        said = timeline_line(one, EN)
        check_harmless(said)
        assert "\n" not in said
