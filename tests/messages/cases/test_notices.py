"""Notices: each in every language, inside Slack's limits, with a next step, and discreet."""

import json
from dataclasses import replace
from typing import Any

import pytest

from bot.rules.facts import CaseFacts
from bot.rules.words import Language, Role, Severity, Status
from messages.cases.notice_table import NOTICES
from messages.cases.notices import notice_message
from messages.kit.mrkdwn import escape
from messages.kit.render import TEMPLATES, MissingFactError
from messages.kit.texts import label, own_texts
from tests.messages.limits import check_all_harmless, check_blocks, check_harmless
from tests.messages.said import actions, buttons, check_buttons, everything, given
from tests.messages.sample_cases import HOSTILE, action, ask, case, clock, full, hostile, sent

EN, EL = Language.ENGLISH, Language.GREEK
NAMES = sorted(NOTICES)
SECRET = "Zephyros"
WORDS = "template.notices."  # a notice whose template stands among the texts


def told(**changes: Any) -> CaseFacts:
    """A case about which everything can be said."""
    rich = replace(full(case(Status.RESOLVED)), sensitive=False, actions=(action(),))
    return replace(rich, **changes)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", NAMES)
def test_a_notice_fits_slack_and_says_whose_case_it_is(name: str, language: Language) -> None:
    for inside in (True, False):
        said = notice_message(name, told(), language, inside=inside, **given(name))
        check_blocks(said.blocks)
        check_buttons(said)
        check_harmless(said.text)
        headline = said.text.partition("\n")[0]
        assert "ESC-7 Acme Hellas" in headline
        shown = said.blocks[0]["text"]["text"].partition("\n")[0]
        mark, named, rest = headline.partition("ESC-7 Acme Hellas: ")
        own = mark + rest[:1].upper() + rest[1:] if inside and named else headline
        assert shown.strip("*") == own, "its own channel need not be told which case it is"
        assert len(said.text) <= 1000
        assert not any(left in said.text for left in ("None", "{{", "{%", "  ", "\n\n"))


@pytest.mark.parametrize("name", NAMES)
def test_a_notice_is_written_in_both_languages(name: str) -> None:
    english, greek = (notice_message(name, told(), lang, **given(name)).text for lang in Language)
    assert english != greek
    assert any("α" <= letter <= "ω" for letter in greek)


def test_the_table_and_the_templates_name_the_same_notices() -> None:
    for language in (EN, EL):
        found = [p.name for p in (TEMPLATES / "notices").glob(f"*.{language.value}.j2")]
        words = [key.removeprefix(WORDS) for key in own_texts(language) if key.startswith(WORDS)]
        found += [f"{name}.{language.value}.j2" for name in words]
        assert sorted(found) == sorted(f"{name}.{language.value}.j2" for name in NAMES)


@pytest.mark.parametrize("name", [name for name in NAMES if NOTICES[name].needs])
def test_a_fact_that_is_not_given_is_named(name: str) -> None:
    for fact in NOTICES[name].needs:
        facts = given(name)
        del facts[fact]
        with pytest.raises(MissingFactError, match=rf"{name}.*{fact}"):
            notice_message(name, told(), EN, **facts)


def test_a_notice_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(KeyError):
        notice_message("gossip", told(), EN)


def test_an_id_that_the_case_does_not_have_is_named() -> None:
    with pytest.raises(MissingFactError, match="message 99"):
        notice_message("update_sent", told(), EN, message=99)


def test_what_is_given_survives_the_outbox() -> None:
    for name in NAMES:
        facts = json.loads(json.dumps(given(name)))
        assert notice_message(name, told(), EN, **facts) == notice_message(
            name, told(), EN, **given(name)
        )


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("name", NAMES)
def test_what_people_write_is_never_markup(name: str, text: str) -> None:
    subject = hostile(told(), text)
    subject = replace(subject, sent=(sent(text=text, recipient=text),), asks=(ask(question=text),))
    said = notice_message(name, subject, EL, inside=True, **given(name, text))
    check_blocks(said.blocks)
    check_all_harmless(said.blocks)
    check_harmless(said.text)
    check_buttons(said)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", NAMES)
def test_a_restricted_case_is_not_recognised_outside_its_channel(
    name: str, language: Language
) -> None:
    subject = replace(hostile(told(), SECRET), sensitive=True)
    outside = everything(notice_message(name, subject, language, **given(name, SECRET)))
    assert SECRET not in outside
    assert "1.2M" not in outside
    assert "ESC-7" in outside


def test_inside_its_channel_a_restricted_case_is_called_by_its_name() -> None:
    said = notice_message("resolved", told(sensitive=True), EN, inside=True)
    assert "Acme Hellas" in said.text


def test_a_restricted_question_is_read_where_it_is_answered() -> None:
    said = notice_message("ask_executive", told(sensitive=True), EN, **given("ask_executive"))
    assert actions(said) == ["ask:answer_ask"]
    open_said = notice_message("ask_executive", told(), EN, **given("ask_executive"))
    assert actions(open_said) == ["do:answer_ask", "ask:answer_ask"]  # a no has a reason


@pytest.mark.parametrize("language", Language)
def test_an_approver_reads_everything_that_they_approve(language: Language) -> None:
    text, recipient = "w" * 2990 + "end&done", "a" * 180 + "@acme.example"
    facts = {**given("approval_asked"), "text": text, "recipient": recipient}
    said = notice_message("approval_asked", told(), language, **facts)
    shown = "".join(block["text"]["text"] for block in said.blocks if block["type"] == "section")
    read = shown.replace("\n", "").replace(">", "")
    assert escape(text) in read
    assert recipient in read
    for fact in ("eleni@acme.example", "ESC-7", label(language, EN)):
        assert fact in read
    assert "<!date^" in read  # when the customer was promised to hear
    assert ":warning:" in read


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(("own", "said"), [(0, None), (250, "250"), (None, None)])
def test_the_callers_brief_says_how_much_they_may_offer(
    own: int | None, said: str | None, language: Language
) -> None:
    facts = {**given("breach_brief"), "own_limit": own, "next_limit": 0}
    text = notice_message("breach_brief", told(), language, **facts).text
    assert ("250" in text) is (said is not None)
    assert "€0" not in text
    assert "0 €" not in text.replace("250 €", "")


def test_a_direct_message_links_to_the_channel() -> None:
    said = notice_message("action_given", told(), EN, **given("action_given"))
    assert "<#C0ESC7>" in said.text
    within = notice_message("action_given", told(), EN, inside=True, **given("action_given"))
    assert "<#C0ESC7>" not in within.text


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("role", Role)
def test_every_role_hears_its_own_part(role: Role, language: Language) -> None:
    for name in ("opened", "role_card"):
        said = notice_message(name, told(), language, role=role.value, notice="dm")
        check_blocks(said.blocks)
        assert said.text.count("\n") >= 1


def test_only_who_may_claim_is_offered_the_case() -> None:
    unclaimed = told(roles={}, clocks=(clock("acknowledge", 12),))
    manager = notice_message("opened", unclaimed, EN, role="escalation_manager", notice="page")
    assert actions(manager) == ["do:claim", "show:show"]
    assert manager.text.startswith("🚨")
    other = notice_message("opened", unclaimed, EN, role="csm", notice="dm")
    assert actions(other) == ["show:show"]
    assert not other.text.startswith("🚨")


def test_a_due_time_that_has_passed_is_not_promised() -> None:
    late = told(clocks=(clock("next_update", -10),))
    said = notice_message("held", late, EN, inside=True, **given("held"))
    assert "update is still due" not in said.text


def test_a_changed_severity_asks_that_a_customer_who_knows_of_the_case_be_told() -> None:
    facts = given("severity_changed")
    known: dict[str, Any] = {"status": Status.INVESTIGATING, "sent": (sent(),)}
    unknown = known | {"sent": ()}
    raised = notice_message("severity_changed", told(severity=Severity.SEV1, **known), EN, **facts)
    lowered = notice_message("severity_changed", told(severity=Severity.SEV4, **known), EN, **facts)
    silent = notice_message(
        "severity_changed", told(severity=Severity.SEV4, **unknown), EN, **facts
    )
    assert "raised from SEV3 Moderate to SEV1 Critical" in raised.text
    assert "lowered from SEV3 Moderate to SEV4 Minor" in lowered.text
    assert actions(raised) == actions(lowered) == ["ask:update"]
    assert actions(silent) == []


def test_a_long_customer_message_is_quoted_to_its_last_word() -> None:
    text = " ".join(f"word{number}" for number in range(400))
    said = notice_message("update_sent", told(sent=(sent(text=text),)), EN, inside=True, message=1)
    shown = " ".join(block["text"]["text"] for block in said.blocks)
    assert "word0 " in shown
    assert "word399" in shown
    check_blocks(said.blocks)


@pytest.mark.parametrize("language", Language)
def test_a_case_that_left_its_public_channel_says_where_nothing_more_is_written(
    language: Language,
) -> None:
    case = told(sensitive=True)
    said = notice_message(
        "moved", case, language, inside=True, what="restricted", old="C1", called="x"
    )
    assert "<#C1>" in said.text
    private = {Language.ENGLISH: "private channel", Language.GREEK: "ιδιωτικό κανάλι"}
    assert private[language] in said.text


def test_an_action_item_says_how_many_days_are_left() -> None:
    due = {"due in 14 days": 14, "due tomorrow": 1, "due today": 0, "was due": -3}
    for words, days in due.items():
        said = notice_message("action_due", told(), EN, action=3, days=days)
        assert words in said.text
    assert "due in 14 days" in notice_message("action_due", told(), EN, action=3).text


def test_check_in_offers_four_answers_and_asks_for_nothing_else() -> None:
    said = notice_message("check_in", told(), EN)
    standings = [json.loads(button["value"])["standing"] for button in buttons(said)]
    assert standings == ["on_track", "blocked", "need_help", "eta_moved"]


def test_the_executive_alert_has_ten_lines_at_most() -> None:
    subject = told(executive_reason="Threatens to cancel", clocks=(clock("next_update", -5),))
    for language in Language:
        said = notice_message("executive_alert", subject, language, ask="Call them today")
        assert len(said.text.splitlines()) <= 10
        assert "1" in said.text


@pytest.mark.parametrize(
    ("language", "marked"),
    [
        (EN, "ℹ️ This first response does not say: that their report has arrived, by when"),
        (EL, "ℹ️ Η πρώτη αυτή απάντηση δεν λέει: ότι λάβαμε την αναφορά του πελάτη, έως πότε"),
    ],
)
def test_what_a_first_response_does_not_say_is_marked(language: Language, marked: str) -> None:
    short = sent(gaps=("receipt", "target"))
    said = notice_message("update_sent", told(sent=(short,)), language, inside=True, message=1)
    assert marked in everything(said)
    full_one = notice_message("update_sent", told(sent=(sent(),)), language, inside=True, message=1)
    assert "ℹ️" not in everything(full_one)
