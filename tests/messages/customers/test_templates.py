"""Approved customer messages: complete, dated, in plain words, and never filled in by guessing."""

import re
import unicodedata
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bot.rules.facts import CaseFacts, PersonFacts
from bot.rules.words import ClockKind, Language, MessageKind, ResolutionType, Status
from messages.customers.templates import (
    Target,
    approved_text,
    customer_template,
    missed_promise,
    required_facts,
    template_approval,
    unfilled_placeholders,
)
from messages.kit.render import TEMPLATES, MissingFactError
from tests.messages.sample_cases import HOSTILE, NIKOS, NOW, VIEWER, case, clock, minutes, sent

EN, EL = Language.ENGLISH, Language.GREEK
KINDS = list(MessageKind)
PROMISED = datetime(2026, 2, 10, 14, 0, tzinfo=UTC)  # 16:00 in Athens
MANAGER = PersonFacts(NIKOS, "Nikos Alexiou", email="nikos@example.com")
TARGETS = (
    Target(ClockKind.NEXT_UPDATE, timedelta(hours=1)),
    Target(ClockKind.RESOLUTION, timedelta(hours=24), working_time=True),
)
WORDS_MAX = 150  # of ours, without what we quote; longer messages are not read

# What support practice warns of; compared without accents, case and final sigma.
BANNED = {
    EN: (
        "any inconvenience", "sorry if", "asap", "soon", "shortly", "in due course", "you failed",
        "you should have", "user error", "as i said", "not our fault", "the other team",
        "our policy", "just", "simply", "calm down", "don't worry", "mistakes were made",
        "guarantee", "never again", "100%", "we're looking into it", "your call is important",
        "rollback", "rca", "p0",
    ),
    EL: (
        "για την ταλαιπωρία", "για την όποια ταλαιπωρία", "για την αναστάτωση", "συγγνώμη αν",
        "το συντομότερο δυνατό", "σύντομα", "άμεσα", "εντός των ημερών", "δεν κάνατε σωστά",
        "έπρεπε να", "λάθος δικό σας", "όπως ήδη σας είπαμε", "δεν ευθυνόμαστε",
        "δεν είναι αρμοδιότητά μας", "η πολιτική μας", "απλώς", "ηρεμήστε", "μην ανησυχείτε",
        "έγιναν λάθη", "εγγυόμαστε", "δεν θα ξανασυμβεί", "100%", "το κοιτάμε", "θα το δούμε",
        "η κλήση σας είναι σημαντική", "εσύ", "σου", "εσένα", "σε σένα",
    ),
}  # fmt: skip
ZONE = {EN: "16:00 Athens time (UTC+2)", EL: "στις 16:00 (ώρα Ελλάδας, UTC+2)"}


def folded(text: str) -> str:
    """``text`` without accents, case and final sigma."""
    plain = unicodedata.normalize("NFD", text.lower())
    return "".join(c for c in plain if not unicodedata.combining(c)).replace("ς", "σ")


def draft(
    kind: MessageKind, language: Language, about: CaseFacts | None = None, **more: Any
) -> str:
    """The approved text as the composer opens with it."""
    facts: dict[str, Any] = {
        "viewer": VIEWER,
        "manager": MANAGER,
        "zone": "Europe/Athens",
        "next_update_at": PROMISED,
        "targets": TARGETS,
    }
    return approved_text(kind, about or case(), language, **facts | more)


def broken() -> CaseFacts:
    """A case on which an update is 40 minutes late."""
    late = clock("next_update", -40, breached_at=NOW - minutes(40))
    return case(clocks=(late, clock("resolution", 500)))


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", KINDS)
def test_a_draft_has_a_reference_a_name_and_no_gap(kind: MessageKind, language: Language) -> None:
    text = draft(kind, language)
    assert "ESC-7" in text
    assert "Eleni Papadaki" in text.splitlines()[0]
    assert "Maya Lind" in text
    assert not any(left in text for left in ("None", "{{", "{%", "\n\n\n", "&amp;"))


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", [k for k in KINDS if k is not MessageKind.RESOLUTION])
def test_the_next_time_has_a_day_and_a_zone(kind: MessageKind, language: Language) -> None:
    assert ZONE[language] in draft(kind, language)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", KINDS)
def test_a_draft_keeps_to_plain_words(kind: MessageKind, language: Language) -> None:
    for about in (case(), broken()):
        text = folded(draft(kind, language, about))
        for phrase in BANNED[language]:
            assert not re.search(rf"(?<!\w){re.escape(folded(phrase))}(?!\w)", text), phrase


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", KINDS)
def test_a_draft_is_short(kind: MessageKind, language: Language) -> None:
    about = case(stake="x")
    assert len(draft(kind, language, about).split()) <= WORDS_MAX


@pytest.mark.parametrize("language", Language)
def test_an_acknowledgement_says_all_that_it_owes(language: Language) -> None:
    text = draft(MessageKind.ACKNOWLEDGEMENT, language)
    assert case().stake in text
    assert "SEV1" in text
    assert "nikos@example.com" in text
    assert "Nikos Alexiou" in text
    assert {EN: "at least every hour", EL: "τουλάχιστον κάθε ώρα"}[language] in text
    assert {EN: "24 business hours", EL: "24 εργάσιμες ώρες"}[language] in text
    assert {EN: "11:00 Athens time", EL: "στις 11:00 (ώρα Ελλάδας"}[language] in text
    assert unfilled_placeholders(text) == ()


def test_who_leads_the_case_writes_of_themselves() -> None:
    assert "I lead it" in draft(MessageKind.ACKNOWLEDGEMENT, EN, manager=None)
    assert "Nikos Alexiou leads it" in draft(MessageKind.ACKNOWLEDGEMENT, EN)


@pytest.mark.parametrize("language", Language)
def test_an_apology_names_the_promise_and_how_late_it_is(language: Language) -> None:
    text = draft(MessageKind.APOLOGY, language, broken())
    assert {EN: "an update by 12:55", EL: "ενημέρωση έως την Τρίτη"}[language] in text
    assert {EN: "40 minutes late", EL: "40 λεπτά"}[language] in text
    assert {EN: "I am sorry.", EL: "Σας ζητώ συγγνώμη."}[language] in text


def test_an_apology_without_a_missed_clock_asks_the_writer() -> None:
    text = draft(MessageKind.APOLOGY, EN)
    assert any("what we promised" in line for line in unfilled_placeholders(text))


def test_the_oldest_promise_still_owed_is_the_one_to_apologise_for() -> None:
    kept = clock("first_response", -90, breached_at=NOW, stopped_at=NOW - minutes(50))
    older = clock("next_update", -40, breached_at=NOW)
    newer = clock("resolution", -10, breached_at=NOW)
    private = clock("check_in", -300, breached_at=NOW)
    missed = missed_promise(case(clocks=(newer, kept, older, private)))
    assert missed is not None
    assert missed.name == "next_update"


@pytest.mark.parametrize("language", Language)
def test_a_resolution_tells_how_to_come_back(language: Language) -> None:
    about = case(Status.RESOLVED)
    text = draft(MessageKind.RESOLUTION, language, about)
    assert {EN: "24 February 2026", EL: "24 Φεβρουαρίου 2026"}[language] in text
    assert {EN: "12 February 2026", EL: "12 Φεβρουαρίου 2026"}[language] in text  # the review
    assert about.resolution_note in text


def test_a_workaround_is_not_called_a_correction() -> None:
    fixed = draft(MessageKind.RESOLUTION, EN, case(resolution_type=ResolutionType.FIX))
    around = draft(MessageKind.RESOLUTION, EN, case(resolution_type=ResolutionType.WORKAROUND))
    assert "is corrected" in fixed
    assert "is corrected" not in around
    assert "the cause itself is still there" in around


@pytest.mark.parametrize("kind", KINDS)
def test_a_missing_fact_is_an_error_that_names_it(kind: MessageKind) -> None:
    with pytest.raises(MissingFactError, match=rf"customer/{kind}.*stake|next_update"):
        draft(kind, EN, case(stake=" ", clocks=()), next_update_at=None)


def test_a_time_that_has_passed_is_never_promised() -> None:
    with pytest.raises(MissingFactError, match="next_update"):
        draft(MessageKind.UPDATE, EN, broken(), next_update_at=None)
    running = draft(MessageKind.UPDATE, EN, next_update_at=None)
    assert "14:00 Athens time" in running  # the running clock's own due time


@pytest.mark.parametrize("kind", KINDS)
def test_brackets_are_found_until_somebody_fills_them(kind: MessageKind) -> None:
    for language in Language:
        text = draft(kind, language, case(contact_name=""))
        left = unfilled_placeholders(text)
        assert left == tuple(re.findall(r"\[[^\]\n]+\]", text))
        assert left
        for line in left:
            text = text.replace(line, "filled [in] by hand")
        assert unfilled_placeholders(text) == ()


@pytest.mark.parametrize("stake", HOSTILE.values(), ids=HOSTILE)
def test_the_customers_words_are_quoted_as_they_are(stake: str) -> None:
    if not stake.strip():
        return
    text = draft(MessageKind.ACKNOWLEDGEMENT, EN, case(stake=stake))
    assert stake.strip() in text


def test_an_update_says_since_when() -> None:
    told = case(sent=(sent(sent_at=NOW - minutes(60)), sent(sent_at=NOW - minutes(5))))
    assert "since our message at 13:30 Athens time" in draft(MessageKind.UPDATE, EN, told)
    assert "What has changed so far" in draft(MessageKind.UPDATE, EN, case(sent=()))


@pytest.mark.parametrize("kind", KINDS)
def test_a_template_says_who_may_send_it_where_and_until_when(kind: MessageKind) -> None:
    for language in Language:
        front = template_approval(kind, language)
        assert front.name == kind.value
        assert front.audience == "customer"
        assert front.channel == ("email", "ticket", "call")
        assert front.approver == "comms_approver"
        assert front.version >= 1
        assert front.expires > date(2026, 1, 1)
        assert front.languages == tuple(Language)
        assert front.requires == required_facts(kind)
        assert (TEMPLATES / customer_template(kind, language)).exists()


@pytest.mark.parametrize("clock_kind", [ClockKind.FIRST_RESPONSE, ClockKind.NEXT_REPLY,
                                        ClockKind.NEXT_UPDATE, ClockKind.WORKAROUND,
                                        ClockKind.RESOLUTION])  # fmt: skip
def test_every_target_that_concerns_customers_can_be_told(clock_kind: ClockKind) -> None:
    for language in Language:
        targets = (Target(clock_kind, timedelta(minutes=90)),)
        text = draft(MessageKind.ACKNOWLEDGEMENT, language, targets=targets)
        assert {EN: "1 hour 30 minutes", EL: "1 ώρα και 30 λεπτά"}[language] in text


def test_unknown_targets_are_left_to_the_writer() -> None:
    text = draft(MessageKind.ACKNOWLEDGEMENT, EN, targets=())
    assert unfilled_placeholders(text) == ("[our targets for this severity]",)
