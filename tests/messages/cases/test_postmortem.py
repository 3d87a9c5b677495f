"""The agenda: filled with the case's own facts, blameless, and valid as it stands."""

import json
import re
from dataclasses import replace

import pytest

from bot.rules.facts import CaseFacts
from bot.rules.words import Language, Role, Status
from messages.cases.postmortem import agenda_markdown, agenda_message
from tests.messages.limits import check_all_harmless, check_blocks, check_harmless
from tests.messages.said import actions, check_buttons, entries, entry
from tests.messages.sample_cases import (
    ELENA,
    HOSTILE,
    IRIS,
    MAYA,
    NIKOS,
    NOW,
    TOM,
    action,
    case,
    clock,
    hostile,
    minutes,
)

EN, EL = Language.ENGLISH, Language.GREEK
INVITED = [MAYA, NIKOS, TOM]
NAMES = {MAYA: "Maya Lind", NIKOS: "Nikos Alexiou", ELENA: "Elena Rossi", TOM: "Tom Berg"}
TOPICS = 16


def ended() -> CaseFacts:
    """A resolved case with a promise kept, one missed, and one still owed."""
    return case(
        Status.RESOLVED,
        clocks=(
            clock("first_response", -40, state="met", stopped_at=NOW - minutes(50)),
            clock("next_update", -40, breached_at=NOW - minutes(40), stopped_at=NOW - minutes(10),
                  overdue=minutes(30)),
            clock("resolution", -5, breached_at=NOW - minutes(5)),
            clock("next_reply", 30),
            clock("handoff:4", -5, breached_at=NOW),
            clock("postmortem_held", 3000),
        ),
        actions=(action(), action(id=4, title="Write it down", done_at=NOW, evidence="Page 7")),
    )  # fmt: skip


def agenda(subject: CaseFacts, language: Language = EN) -> str:
    """The file."""
    names = NAMES
    return agenda_markdown(
        subject, list(entries()), INVITED, language, names=names, zone="Europe/Athens"
    )


def part(text: str, number: int) -> str:
    """One topic of the agenda."""
    return text.split(f"## {number}. ")[1].split("\n## ")[0]


@pytest.mark.parametrize("language", Language)
def test_the_agenda_has_every_topic_in_order(language: Language) -> None:
    text = agenda(ended(), language)
    assert re.findall(r"^## (\d+)\. \S", text, re.MULTILINE) == [
        str(number) for number in range(1, TOPICS + 1)
    ]
    assert text.startswith("# ")
    assert "\n\n\n" not in text
    assert not any(left in text for left in ("None", "{{", "{%", "<@"))


def test_the_customers_words_come_first() -> None:
    assert f"> {case().stake}" in part(agenda(ended()), 1)
    assert "€1.3M a year, renewal 30 Apr 2026" in part(agenda(ended()), 1)


def test_the_timeline_speaks_of_roles_and_names_nobody() -> None:
    text = part(agenda(ended()), 2)
    assert "The escalation manager claimed the case" in text
    for user, name in NAMES.items():
        assert user not in text
        assert name.split()[0] not in text


def test_a_person_without_a_role_is_a_colleague_in_the_timeline() -> None:
    text = agenda_markdown(ended(), [entry("claim", actor=IRIS)], [], EN)
    assert "A colleague claimed" in part(text, 2)


@pytest.mark.parametrize("quoted", [True, False])
def test_only_what_the_customer_said_is_called_their_words(quoted: bool) -> None:
    text = agenda(replace(ended(), stake_quoted=quoted))
    heading = text.partition("## 1. ")[2].partition("\n")[0]
    assert heading == ("Business impact, in the customer's words" if quoted else "Business impact")


@pytest.mark.parametrize("role", Role)
def test_every_role_acts_with_its_article_in_the_timeline(role: Role) -> None:
    acted = case(Status.RESOLVED, roles={role: IRIS})
    greek = part(agenda_markdown(acted, [entry("claim", actor=IRIS)], [], EL), 2)
    assert re.search(r": (Ο|Η|Το) .+ ανέλαβε την υπόθεση", greek)


def test_promises_are_told_as_they_ended() -> None:
    lines = part(agenda(ended()), 3).strip().splitlines()[1:]
    assert [line for line in lines if line] == [
        "- First response: kept, 10 Feb 2026, 12:45 (due 10 Feb 2026, 12:55)",
        "- Next customer update: missed by 30 min, due 10 Feb 2026, 12:55",
        "- Resolution: missed, due 10 Feb 2026, 13:30, still outstanding",
    ]


def test_messages_roles_invitees_and_actions_are_filled_in() -> None:
    text = agenda(ended())
    assert "Invited: Maya Lind, Nikos Alexiou, Tom Berg" in text
    assert "- 10 Feb 2026, 11:25: progress update, email" in part(text, 4)
    assert "- Technical lead: Elena Rossi" in part(text, 5)
    assert "- [ ] Alert when the export queue grows; product, Elena Rossi" in part(text, 16)
    assert "- [x] Write it down" in part(text, 16)
    assert "evidence: Page 7" in part(text, 16)


def test_somebody_whose_name_is_not_known_appears_by_id() -> None:
    assert f"Invited: @{MAYA}" in agenda_markdown(ended(), [], [MAYA], EN)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_what_people_write_is_not_markdown(text: str) -> None:
    subject = hostile(ended(), text)
    paper = agenda_markdown(subject, [entry("reopen", why=text)], INVITED, EN, names={MAYA: text})
    assert re.findall(r"^## (\d+)\.", paper, re.MULTILINE) == [str(n + 1) for n in range(TOPICS)]
    bare = re.sub(r"\\[\\`*_{}\[\]<>#|~!&]", "", paper)
    assert "<" not in bare
    assert "](" not in bare
    assert "`" not in bare
    assert len(re.findall(r"^# ", paper, re.MULTILINE)) == 1


@pytest.mark.parametrize("language", Language)
def test_the_message_is_short_and_leads_on(language: Language) -> None:
    said = agenda_message(ended(), 40, INVITED, language)
    check_blocks(said.blocks)
    check_all_harmless(said.blocks)
    check_harmless(said.text)
    check_buttons(said)
    assert len(said.text.splitlines()) <= 7
    assert len(said.text) < 1000
    assert actions(said) == ["ask:postmortem_held", "ask:action_item", "ask:plan_postmortem"]
    assert all(f"<@{user}>" in said.text for user in INVITED)


def test_the_message_counts_promises() -> None:
    said = agenda_message(ended(), 0, [], EN)
    assert "1 kept, 2 missed (next customer update, resolution)" in said.text


def test_the_message_survives_what_people_write() -> None:
    for text in HOSTILE.values():
        said = agenda_message(hostile(ended(), text), 0, INVITED, EN)
        check_all_harmless(said.blocks)
        assert json.dumps(said.blocks)
