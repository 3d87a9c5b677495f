"""The case card: true, legible, inside Slack's limits, whatever people wrote."""

import json
from dataclasses import replace

import pytest

from bot.rules.facts import HoldFacts
from bot.rules.lifecycle import LIVE
from bot.rules.words import HoldReason, Language, ResolutionType, Role, Severity, Status
from messages.cases.card import case_card
from messages.kit.blocks import Block
from tests.messages.limits import check_all_harmless, check_blocks, check_harmless, walk
from tests.messages.sample_cases import (
    ELENA,
    HOSTILE,
    MAYA,
    NIKOS,
    NOW,
    action,
    case,
    clock,
    full,
    hostile,
    minutes,
)

EN, EL = Language.ENGLISH, Language.GREEK


def buttons(blocks: list[Block]) -> list[Block]:
    """The buttons of the row under the card."""
    rows = [b["elements"] for b in blocks if b["type"] == "actions"]
    return [element for row in rows for element in row if element["type"] == "button"]


def menus(blocks: list[Block]) -> list[str]:
    """The interaction ids that the menus offer."""
    found = [o for o in walk(blocks) if o.get("type") == "overflow"]
    return [o["value"].partition("|")[0] for menu in found for o in menu["options"]]


def test_what_slack_shows_otherwise_is_one_line_with_a_button_while_the_case_lives() -> None:
    drift = full(case()).drift
    for status in Status:
        card = case_card(case(status, drift=drift), EN)
        assert ("topic changed, card unpinned" in words(card.blocks)) is (status in LIVE)
        mends = [b for b in buttons(card.blocks) if b["action_id"] == "do:mend"]
        assert len(mends) == (status in LIVE)


def words(blocks: list[Block]) -> str:
    """Everything that the card says."""
    return json.dumps(blocks, ensure_ascii=False)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("status", Status)
def test_every_card_is_one_that_slack_takes(status: Status, language: Language) -> None:
    for subject in (case(status), full(case(status))):
        card = case_card(subject, language)
        check_blocks(card.blocks)
        check_all_harmless(card.blocks)
        check_harmless(card.text)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", HOSTILE)
def test_what_people_write_stays_text(name: str, language: Language) -> None:
    for status in Status:
        card = case_card(hostile(full(case(status)), HOSTILE[name]), language)
        check_blocks(card.blocks)
        check_all_harmless(card.blocks)
        check_harmless(card.text)
        assert len(card.text) <= 3000


def test_a_case_of_which_little_is_known_has_a_card() -> None:
    bare = case(Status.NEW, account=None, contact_name="", contact_email="", ticket_url="",
                roles={}, clocks=(), stake="?")  # fmt: skip
    card = case_card(bare, EN)
    check_blocks(card.blocks)
    assert "No clock is running" in words(card.blocks)
    assert "nothing sent yet" in words(card.blocks)


@pytest.mark.parametrize(
    ("status", "primary"),
    [
        (Status.NEW, "do:claim"),
        (Status.ACKNOWLEDGED, "ask:update"),
        (Status.INVESTIGATING, "ask:update"),
        (Status.MITIGATED, "ask:update"),
        (Status.RESOLVED, "ask:confirm"),
        (Status.REVIEW, "ask:postmortem_held"),
    ],
)
def test_one_button_is_the_next_step(status: Status, primary: str) -> None:
    found = buttons(case_card(case(status), EN).blocks)
    styled = [b["action_id"].partition("#")[0] for b in found if b.get("style") == "primary"]
    assert styled == [primary]
    assert found[0].get("style") == "primary"
    assert all(json.loads(b["value"])["case"] == 7 for b in found)


def test_a_closed_case_asks_for_nothing() -> None:
    found = buttons(case_card(case(Status.CLOSED), EN).blocks)
    assert [b["action_id"] for b in found if b.get("style") == "primary"] == []
    assert "ask:reopen" in [b["action_id"] for b in found]


def test_a_dismissed_case_asks_for_nothing_and_a_merged_one_can_be_taken_back() -> None:
    assert buttons(case_card(case(Status.DISMISSED), EN).blocks) == []
    (only,) = buttons(case_card(case(Status.MERGED), EN).blocks)
    assert (only["action_id"], only.get("style")) == ("do:unmerge", None)


def test_the_first_response_opens_the_composer_with_the_acknowledgement() -> None:
    first = buttons(case_card(case(Status.ACKNOWLEDGED), EN).blocks)[0]
    assert json.loads(first["value"]) == {"case": 7, "kind": "acknowledgement"}


def test_once_the_postmortem_is_held_the_next_step_is_to_close() -> None:
    held = case(Status.REVIEW, postmortem_at=NOW)
    assert [b["action_id"] for b in buttons(case_card(held, EN).blocks)] == ["ask:close"]


def test_colleagues_who_must_still_be_comfortable_have_a_button() -> None:
    described = case(resolution_type=ResolutionType.FIX, resolution_note="Done")
    found = buttons(case_card(described, EN).blocks)
    asked = [json.loads(b["value"]) for b in found if b["action_id"].startswith("do:confirm")]
    assert [a["party"] for a in asked] == ["escalation_manager", "technical_lead"]
    assert all(a["comfortable"] is True for a in asked)


def test_a_resolution_is_no_fact_before_it_is_confirmed() -> None:
    described = case(resolution_type=ResolutionType.FIX, resolution_note="Done")
    assert "*Fix, not yet confirmed*" in words(case_card(described, EN).blocks)
    assert "not yet confirmed" not in words(case_card(case(Status.RESOLVED), EN).blocks)


def test_hold_and_resume_never_stand_side_by_side() -> None:
    assert "ask:hold" in menus(case_card(case(), EN).blocks)
    assert "do:resume" not in menus(case_card(case(), EN).blocks)
    assert "do:resume" in menus(case_card(full(case()), EN).blocks)
    assert "ask:hold" not in menus(case_card(full(case()), EN).blocks)


def test_everything_else_is_in_a_menu_beside_what_it_changes() -> None:
    offered = menus(case_card(case(Status.ACKNOWLEDGED), EN).blocks)
    assert set(offered) == {
        "ask:severity", "ask:hold", "ask:executive_flag", "ask:ask_executive", "ask:dismiss",
        "ask:assign", "ask:hand_over", "ask:customer_replied", "show:why", "show:promises",
        "show:timeline", "ask:action_item", "show:problem", "do:claim", "show:status", "ask:close",
        "ask:merge", "ask:set_urgency",
        "show:templates", "ask:link_ticket", "do:share_status", "ask:edit_case", "ask:link_bug",
        "ask:request_concession", "ask:decide", "show:similar", "show:playbook",
        "ask:ask_lead", "ask:focus", "ask:report_finding", "ask:swarm",
    }  # fmt: skip


def test_severity_is_a_word_and_a_number() -> None:
    for severity in Severity:
        assert f"{severity.label} " in words(case_card(case(severity=severity), EN).blocks)
    assert "SEV1 Κρίσιμη" in words(case_card(case(), EL).blocks)


def test_an_overdue_clock_stands_first() -> None:
    late = case(clocks=(clock("resolution", 600), clock("next_update", -12)))
    card = case_card(late, EN)
    said = words(card.blocks)
    assert "*overdue* since <!date^" in said
    assert said.index("Next customer update") < said.index("Resolution")
    assert "Next customer update overdue since" in card.text


def test_a_clock_past_due_that_nobody_judged_yet_is_shown_as_overdue() -> None:
    unjudged = clock("next_update", -3, state="running", overdue=None)
    assert "*overdue* since" in words(case_card(case(clocks=(unjudged,)), EN).blocks)


@pytest.mark.parametrize("language", Language)
def test_a_card_reads_the_same_however_late_it_is_read(language: Language) -> None:
    clocks = (clock("resolution", 900), clock("next_update", 25), clock("check_in", -40))
    drawn = case(clocks=clocks)
    later = replace(drawn, now=drawn.now + minutes(5))
    assert case_card(drawn, language) == case_card(later, language)


def test_what_the_customer_waits_for_stands_before_what_is_late_between_colleagues() -> None:
    late = case(clocks=(clock("check_in", -60), clock("next_update", -5), clock("resolution", 9)))
    said = words(case_card(late, EN).blocks)
    assert said.index("Next customer update") < said.index("Technical check-in")


def test_whoever_was_called_is_no_owner_before_the_case_is_claimed() -> None:
    called = words(case_card(case(Status.NEW), EN).blocks)
    assert f"*Called*  <@{NIKOS}>, not claimed yet" in called
    assert "*Owner*" not in called
    assert f"*Owner*  <@{NIKOS}>" in words(case_card(case(Status.ACKNOWLEDGED), EN).blocks)
    assert f"*Owner*  <@{MAYA}>" in words(case_card(case(Status.NEW, owner=MAYA), EN).blocks)


def test_a_paused_clock_shows_what_is_left() -> None:
    card = case_card(case(clocks=(clock("workaround", None),)), EN)
    assert "paused with 2 h left" in words(card.blocks)
    assert "Workaround paused with 2 h left." in card.text


def test_a_clock_that_ended_is_not_shown() -> None:
    met = clock("first_response", 5, state="met", stopped_at=NOW)
    late_but_done = clock("acknowledge", -5, stopped_at=NOW)
    said = words(case_card(case(Status.NEW, clocks=(met, late_but_done)), EN).blocks)
    assert "First response*" not in said
    assert "Acknowledgement*" not in said


@pytest.mark.parametrize(("language", "by"), [(EN, "set by"), (EL, "από")])
def test_a_hold_names_who_set_it(language: Language, by: str) -> None:
    hold = HoldFacts(HoldReason.WAITING_CUSTOMER, NOW, "Log files", approved_by=NIKOS)
    said = words(case_card(case(hold=hold), language).blocks)
    assert f", {by} <@{NIKOS}>. Log files" in said
    nobody = words(case_card(case(hold=replace(hold, approved_by=None)), language).blocks)
    assert f", {by} <@" not in nobody


def test_the_spoken_card_carries_what_matters() -> None:
    spoken = case_card(full(case()), EN).text
    for part in ("ESC-7", "Acme Hellas", "SEV1", "Investigating", f"<@{NIKOS}>", "On hold until",
                 "Handover waiting for", "Confirmation outstanding"):  # fmt: skip
        assert part in spoken


def test_somebody_who_owns_the_case_in_a_role_is_named_once() -> None:
    said = words(case_card(case(reporter=ELENA), EN).blocks)
    assert f"<@{NIKOS}>, Escalation manager" in said
    assert said.count(f"*  <@{NIKOS}>") == 1


def test_the_reporter_stands_in_the_small_print() -> None:
    card = case_card(case(roles={Role.REPORTER: MAYA}), EN)
    assert f"Raised by <@{MAYA}>" in words(card.blocks)
    assert "*Reporter*" not in words(card.blocks)


def test_an_open_action_item_has_a_button_and_a_done_one_is_gone() -> None:
    items = (action(), action(id=4, title="Old", done_at=NOW))
    card = case_card(case(Status.REVIEW, actions=items), EN)
    assert "Alert when the export queue grows" in words(card.blocks)
    assert "Old" not in words(card.blocks)
    pressed = next(o for o in walk(card.blocks) if o.get("action_id") == "ask:action_done#1")
    assert json.loads(pressed["value"]) == {"case": 7, "action": 3}


def test_many_action_items_are_counted_instead_of_listed() -> None:
    items = tuple(action(id=number) for number in range(20))
    card = case_card(case(Status.REVIEW, actions=items), EN)
    assert "15 more open action items" in words(card.blocks)


def test_a_long_stake_is_cut_and_every_line_is_quoted() -> None:
    card = case_card(case(stake="We wait.\n" * 400), EN)
    shown = next(b for b in card.blocks if "Business impact" in words([b]))["text"]["text"]
    assert len(shown) < 1000
    assert all(line.startswith(">") for line in shown.split("\n")[1:])
    assert shown.endswith("…")


@pytest.mark.parametrize(
    ("language", "words_of_theirs"),
    [(EN, "in the customer's words"), (EL, "με τα λόγια του πελάτη")],
)
def test_only_what_the_customer_said_is_called_their_words(
    language: Language, words_of_theirs: str
) -> None:
    theirs, ours = (
        words(case_card(case(stake_quoted=quoted), language).blocks) for quoted in (True, False)
    )
    assert words_of_theirs in theirs
    assert words_of_theirs not in ours
