"""Approved customer messages: complete, dated, in plain words, and never filled in by guessing."""

import re
import unicodedata
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot.rules.facts import (
    CaseFacts,
    ConcessionFacts,
    ConfirmationFacts,
    HoldFacts,
    PersonFacts,
)
from bot.rules.letters import OF_ISSUES, PROMISING, TO_MANY, TO_OTHERS
from bot.rules.money.concessions import Allowance
from bot.rules.states import ConcessionState
from bot.rules.tone.first_response import Part, find_gaps
from bot.rules.tone.lint import Setting, lint_message
from bot.rules.words import (
    ClockKind,
    ConcessionKind,
    HoldReason,
    Language,
    MessageKind,
    ResolutionType,
    Severity,
    Status,
)
from messages.customers.letter_facts import LetterSetting, Target, missed_promise
from messages.customers.templates import (
    approved_text,
    customer_template,
    keep_one_stop,
    required_facts,
    template_approval,
    text_to_many,
    unfilled_placeholders,
)
from messages.kit.render import TEMPLATES, MissingFactError
from tests.messages.sample_cases import (
    HOSTILE,
    MAYA,
    NIKOS,
    NOW,
    T0,
    VIEWER,
    account,
    case,
    clock,
    minutes,
    sent,
)

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
NEXT = {EN: "Tue 10 Feb, 16:00 (Athens time)", EL: "την Τρίτη 10/2 στις 16:00 (ώρα Ελλάδας)"}
PUBLIC = MessageKind.REVIEW_REPLY  # says nothing of the case
OF_A_CASE = [kind for kind in KINDS if kind not in {PUBLIC, *TO_OTHERS}]
ADDRESS = {EN: "Ms Papadaki", EL: "κυρία Παπαδάκη"}
FIRST = {EN: "Dear Ms Papadaki,", EL: "Κυρία Παπαδάκη,"}
PHONE = "+30 210 123 4567"
INTERNAL = re.compile(
    r"(?i)sev-?\d|severity|σοβαρότητ|escalat|κλιμάκωσ|policy|triage|owner\b|war room"
)


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
        "phone": PHONE,
        "next_update_at": PROMISED,
        "confirm_by": NOW + timedelta(days=3),
        "targets": TARGETS,
    }
    body = more.pop("body", "")
    setting = LetterSetting(**facts | more)
    return approved_text(kind, about or known(language), language, setting, body=body)


OFFER = ConcessionFacts(
    1, ConcessionKind.GOODWILL, Decimal(1500), "EUR", ConcessionState.APPROVED,
    NOW + timedelta(days=30),
)  # fmt: skip


def known(language: Language, **changes: Any) -> CaseFacts:
    """A case of which everything is known that a letter may say."""
    offer = OFFER
    facts: dict[str, Any] = {
        "language": language,
        "account": account(language=language, greeting=ADDRESS[language]),
        "clocks": (
            clock("next_update", -41, breached_at=NOW - minutes(41)),
            clock("workaround", 200),
            clock("resolution", 1285),
        ),
        "stake_quoted": True,
        "reported_at": T0 - minutes(90),
        "sent": (sent(sent_at=NOW - minutes(65)),),
        "hold": HoldFacts(HoldReason.WAITING_CUSTOMER, NOW + timedelta(days=2), "", NOW, MAYA),
        "concessions": (offer,),
        "confirmations": (ConfirmationFacts("customer", True, MAYA, NOW),),
    }
    return case(**facts | changes)


def broken() -> CaseFacts:
    """A case on which an update is 40 minutes late."""
    late = clock("next_update", -40, breached_at=NOW - minutes(40))
    return case(clocks=(late, clock("resolution", 500)))


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", OF_A_CASE)
def test_a_letter_has_a_reference_a_greeting_a_name_and_no_gap(
    kind: MessageKind, language: Language
) -> None:
    text = draft(kind, language)
    assert "ESC-7" in text
    assert text.splitlines()[0] == FIRST[language]
    assert text.rstrip().endswith("Maya Lind")
    assert not any(left in text for left in ("None", "{", "\n\n\n", "&amp;", " ,", " ."))


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", sorted(PROMISING))
def test_the_next_time_stands_first_short_and_with_its_zone(
    kind: MessageKind, language: Language
) -> None:
    text = draft(kind, language)
    assert any(NEXT[language] in part for part in text.split("\n\n")[1:3])


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", KINDS)
def test_dates_are_short_and_words_of_ours_stay_inside(
    kind: MessageKind, language: Language
) -> None:
    text = draft(kind, language)
    assert "2026" not in text
    assert "UTC" not in text
    assert not INTERNAL.search(text.replace("ESC-7", ""))


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", KINDS)
def test_a_letter_has_one_stop_at_the_end_of_a_sentence(
    kind: MessageKind, language: Language
) -> None:
    for stake in ("We cannot ship.", "We cannot ship", "Why?", "They said “no.”"):
        for phone in (PHONE, "+30 210 123 4567."):
            text = draft(kind, language, known(language, stake=stake, sent=(sent(),)), phone=phone)
            assert not re.search(r"(?<!\.)\.\.(?!\.)|[.?!;][”»\"]\.", text)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", KINDS)
def test_a_letter_passes_our_own_rules_of_tone(kind: MessageKind, language: Language) -> None:
    text = draft(kind, language)
    filled = re.sub(r"\[[^\]\n]+\]", "OK", text).replace("{greeting}", FIRST[language])
    setting = Setting(
        language,
        contact="" if kind is PUBLIC else "Eleni Papadaki" if language is EN else "Ελένη Παπαδάκη",
        customer="Acme Hellas",
        time="16:00",
        quoted=(known(language).stake,),
        promises=kind in PROMISING or kind in TO_MANY,
        allowance=Allowance(granted=(OFFER,)),
    )
    assert lint_message(filled, setting) == ()


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", KINDS)
def test_a_draft_keeps_to_plain_words(kind: MessageKind, language: Language) -> None:
    for about in (known(language), known(language, clocks=(), hold=None, confirmations=())):
        text = folded(draft(kind, language, about))
        for phrase in BANNED[language]:
            assert not re.search(rf"(?<!\w){re.escape(folded(phrase))}(?!\w)", text), phrase


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", KINDS)
def test_a_draft_is_short(kind: MessageKind, language: Language) -> None:
    about = known(language, stake="x")
    assert len(draft(kind, language, about).split()) <= WORDS_MAX


@pytest.mark.parametrize("language", Language)
def test_an_acknowledgement_says_all_that_it_owes(language: Language) -> None:
    text = draft(MessageKind.ACKNOWLEDGEMENT, language, known(language, sent=()))
    assert case().stake in text
    assert "nikos@example.com" in text
    assert "Nikos Alexiou" in text
    assert PHONE in text
    assert {EN: "Tue 10 Feb, 09:30", EL: "την Τρίτη 10/2 στις 09:30"}[language] in text  # reported
    assert {EN: "Tue 10 Feb, 16:55", EL: "την Τρίτη 10/2 στις 16:55"}[language] in text
    assert {EN: "Wed 11 Feb, 11:00", EL: "την Τετάρτη 11/2 στις 11:00"}[language] in text
    assert {EN: "critical priority", EL: "την υψηλότερη προτεραιότητα"}[language] in text
    assert len(unfilled_placeholders(text)) == 1  # what has started already


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("severity", Severity)
def test_a_priority_is_said_in_words(language: Language, severity: Severity) -> None:
    for kind in (MessageKind.ACKNOWLEDGEMENT, MessageKind.SEVERITY_CHANGED):
        text = draft(kind, language, known(language, severity=severity))
        assert "priority" in text or "προτεραιότητα" in text
        assert not INTERNAL.search(text)


def test_without_a_reported_time_the_case_itself_tells_when() -> None:
    text = draft(MessageKind.ACKNOWLEDGEMENT, EN, known(EN, reported_at=None))
    assert "your report of Tue 10 Feb, 11:00" in text


@pytest.mark.parametrize("language", Language)
def test_only_the_customers_own_words_are_quoted_and_once_a_case(language: Language) -> None:
    own = known(language, sent=())
    colleague = replace(own, stake_quoted=False)
    told = replace(own, sent=(sent(text=f"You wrote: {own.stake}"),))
    for about, quotes in ((own, True), (colleague, False), (told, False)):
        text = draft(MessageKind.ACKNOWLEDGEMENT, language, about)
        assert (about.stake in text) is quotes
        assert ("“" in text or "«" in text) is quotes
    for kind in KINDS:
        if kind is not MessageKind.ACKNOWLEDGEMENT:
            assert own.stake not in draft(kind, language, own)


def test_words_that_people_approved_quote_no_colleague_either() -> None:
    text = draft(
        MessageKind.UPDATE, EN, case(), body='You told us: "{{ stake }}". Until {{ next_update }}.'
    )
    assert case().stake not in text
    assert unfilled_placeholders(text) == ("[what the customer has at stake, in their own words]",)


@pytest.mark.parametrize("language", Language)
def test_a_draft_never_promises_what_is_missed_already(language: Language) -> None:
    late = (clock("workaround", -30, breached_at=NOW - minutes(30)), clock("resolution", 1285))
    text = draft(MessageKind.ACKNOWLEDGEMENT, language, known(language, clocks=late, sent=()))
    assert {EN: "working again by", EL: "εργάζεστε ξανά"}[language] not in text
    assert {EN: "solved by Wed 11 Feb", EL: "λυθεί έως την Τετάρτη"}[language] in text
    body = "{% for target in targets %}- {{ target }}\n{% endfor %}{{ next_update }}"
    spans = (Target(ClockKind.WORKAROUND, timedelta(hours=4)), *TARGETS)
    old = draft(
        MessageKind.UPDATE, language, known(language, clocks=late), body=body, targets=spans
    )
    assert {EN: "keep working", EL: "συνεχίσετε"}[language] not in old
    assert {EN: "a solution", EL: "λύση"}[language] in old


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", KINDS)
def test_what_the_team_noted_for_itself_is_in_no_letter(
    kind: MessageKind, language: Language
) -> None:
    note = "Rolled back deploy 4812, k8s pods ok. Their admin misconfigured SSO."
    about = known(
        language, resolution_note=note, workaround_note=note, resolution_type=ResolutionType.FIX
    )
    for body in ("", "{{ resolution }} {{ workaround }} {{ next_update }}"):
        assert "4812" not in draft(kind, language, about, body=body)


@pytest.mark.parametrize("language", Language)
def test_another_person_or_language_is_greeted_plainly(language: Language) -> None:
    plain = {EN: "Hello,", EL: "Καλημέρα σας,"}[language]
    mine = known(language)
    assert mine.account is not None
    others = (
        replace(mine, contact_name="Someone Else"),
        replace(mine, account=None),
        replace(mine, account=replace(mine.account, greeting="")),
        replace(mine, account=replace(mine.account, language=EL if language is EN else EN)),
    )
    for about in others:
        assert draft(MessageKind.UPDATE, language, about).splitlines()[0] == plain


def test_who_leads_the_case_writes_of_themselves() -> None:
    for kind in (MessageKind.ACKNOWLEDGEMENT, MessageKind.NEW_CONTACT):
        assert "I am responsible" in draft(kind, EN, manager=None)
        assert "Nikos Alexiou is responsible" in draft(kind, EN)


def test_an_executive_signs_their_own_letter() -> None:
    iris = PersonFacts("U0IRIS", "Iris Vale")
    text = draft(MessageKind.EXECUTIVE, EN, executive=iris)
    assert "I am Iris Vale" in text
    assert text.rstrip().endswith("Iris Vale")


@pytest.mark.parametrize(("language", "said"), [(EN, "€1,500"), (EL, "1.500\xa0€")])
def test_goodwill_names_what_was_approved_and_nothing_without_it(
    language: Language, said: str
) -> None:
    assert said in draft(MessageKind.GOODWILL, language)
    with pytest.raises(MissingFactError, match="offer"):
        draft(MessageKind.GOODWILL, language, known(language, concessions=()))


@pytest.mark.parametrize("language", Language)
def test_a_public_reply_names_neither_case_nor_person(language: Language) -> None:
    text = draft(PUBLIC, language)
    for private in ("ESC-7", "Papadaki", "Παπαδάκη", "Acme"):
        assert private not in text


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", TO_MANY)
def test_a_letter_to_many_is_greeted_for_each_and_dated_once(
    kind: MessageKind, language: Language
) -> None:
    text = text_to_many(kind, language, sender="Maya Lind", next_update=NEXT[language])
    assert text.startswith("{greeting}\n")
    assert NEXT[language] in text
    undated = text_to_many(kind, language, sender="Maya Lind", next_update="")
    assert {EN: "[time]", EL: "[ώρα]"}[language] in unfilled_placeholders(undated)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("kind", OF_ISSUES.values())
def test_a_notice_of_a_known_issue_is_greeted_for_each_and_promises_no_update(
    kind: MessageKind, language: Language
) -> None:
    said = {"sender": "Maya Lind", "next_update": NEXT[language], "expected_on": "Mon 2 Mar"}
    text = text_to_many(kind, language, **said)
    assert text.startswith("{greeting}\n")
    assert NEXT[language] not in text
    assert ("Mon 2 Mar" in text) is (kind is MessageKind.ISSUE_SLIPPED)
    undated = text_to_many(kind, language, sender="Maya Lind", next_update="")
    day = {EN: "[the new day]", EL: "[η νέα ημερομηνία]"}[language]
    assert (day in unfilled_placeholders(undated)) is (kind is MessageKind.ISSUE_SLIPPED)


def test_a_stop_of_the_customers_own_is_left_alone() -> None:
    assert keep_one_stop("Odd.. words. Yes..", "Odd.. words.") == "Odd.. words. Yes."
    assert keep_one_stop("He wrote: “Stop.”.", "Stop.") == "He wrote: “Stop.”"
    assert keep_one_stop("Wait... 1.2.. v2..x") == "Wait... 1.2. v2..x"


@pytest.mark.parametrize("language", Language)
def test_an_apology_names_the_promise_and_roughly_how_late_it_is(language: Language) -> None:
    text = draft(MessageKind.APOLOGY, language)
    assert {EN: "an update by Tue 10 Feb, 12:54", EL: "ενημέρωση έως την Τρίτη"}[language] in text
    assert {EN: "about 40 minutes late", EL: "περίπου 40 λεπτά"}[language] in text
    effect = text.index({EN: "For you this meant", EL: "Για εσάς αυτό σήμαινε"}[language])
    assert effect < text.index({EN: "I am sorry", EL: "Σας ζητώ συγγνώμη"}[language])


def test_an_apology_without_a_missed_clock_asks_the_writer() -> None:
    text = draft(MessageKind.APOLOGY, EN, known(EN, clocks=()))
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
    text = draft(MessageKind.RESOLUTION, language, case(Status.RESOLVED, language=language))
    assert {EN: "Tue 24 Feb", EL: "την Τρίτη 24/2"}[language] in text
    assert {EN: "by Fri 13 Feb", EL: "έως την Παρασκευή 13/2"}[language] in text  # to confirm
    assert {EN: "Thu 12 Feb", EL: "την Πέμπτη 12/2"}[language] in text  # the review


def test_a_workaround_is_not_called_a_correction() -> None:
    for chosen in (None, ResolutionType.FIX):
        assert "is fixed" in draft(MessageKind.RESOLUTION, EN, resolution=chosen)
    around = draft(MessageKind.RESOLUTION, EN, resolution=ResolutionType.WORKAROUND)
    assert "is fixed" not in around
    assert "the cause itself is still there" in around


@pytest.mark.parametrize("kind", [k for k in KINDS if "next_update" in required_facts(k)])
def test_a_missing_fact_is_an_error_that_names_it(kind: MessageKind) -> None:
    with pytest.raises(MissingFactError, match=rf"customer/{kind}.*next_update"):
        draft(kind, EN, next_update_at=None)


def test_a_time_that_has_passed_is_never_promised() -> None:
    with pytest.raises(MissingFactError, match="next_update"):
        draft(MessageKind.UPDATE, EN, broken(), next_update_at=None)
    running = draft(MessageKind.UPDATE, EN, case(), next_update_at=None)
    assert "14:00 (Athens time)" in running  # the running clock's own due time


@pytest.mark.parametrize("kind", KINDS)
def test_brackets_are_found_until_somebody_fills_them(kind: MessageKind) -> None:
    for language in Language:
        text = draft(kind, language)
        left = unfilled_placeholders(text)
        assert left == tuple(re.findall(r"\[[^\]\n]+\]", text))
        assert left or kind is MessageKind.LEGAL_HOLDING  # which a person need not complete
        for line in left:
            text = text.replace(line, "filled [in] by hand")
        assert unfilled_placeholders(text) == ()


@pytest.mark.parametrize("stake", HOSTILE.values(), ids=HOSTILE)
def test_the_customers_words_are_quoted_as_they_are(stake: str) -> None:
    if not stake.strip():
        return
    text = draft(MessageKind.ACKNOWLEDGEMENT, EN, known(EN, stake=stake, sent=()))
    assert stake.strip() in text


def test_an_update_says_since_when() -> None:
    told = known(EN, sent=(sent(sent_at=NOW - minutes(60)), sent(sent_at=NOW - minutes(5))))
    assert "since our message of Tue 10 Feb, 13:30" in draft(MessageKind.UPDATE, EN, told)
    assert "In short:" in draft(MessageKind.UPDATE, EN, known(EN, sent=()))


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
def test_words_that_people_approved_can_tell_every_target(clock_kind: ClockKind) -> None:
    body = "{% for target in targets %}{{ target }}{% endfor %} {{ next_update }}"
    for language in Language:
        targets = (Target(clock_kind, timedelta(minutes=90)),)
        about = known(language, clocks=())
        text = draft(MessageKind.UPDATE, language, about, targets=targets, body=body)
        assert {EN: "1 hour 30 minutes", EL: "1 ώρα και 30 λεπτά"}[language] in text
        unknown = draft(MessageKind.UPDATE, language, about, targets=(), body=body)
        assert unfilled_placeholders(unknown)


@pytest.mark.parametrize("language", [EN, EL])
@pytest.mark.parametrize("severity", list(Severity))
def test_the_acknowledgement_confirms_all_that_a_first_response_should(
    language: Language, severity: Severity
) -> None:
    for clocks in (("workaround", "resolution"), ("resolution",), ("workaround",)):
        about = known(language, severity=severity, clocks=tuple(clock(c, 200) for c in clocks))
        text = draft(MessageKind.ACKNOWLEDGEMENT, language, about)
        assert find_gaps(text, language, frozenset(Part)) == ()
