"""Every form: light, prefilled, inside Slack's limits, and named after the intent's fields."""

import json
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from bot.engine.intent import OnCase
from bot.registry import INTENTS
from bot.rules.facts import ConcessionFacts, ConcessionView
from bot.rules.states import ConcessionState, ProblemState
from bot.rules.words import (
    ClosureCode,
    ConcessionKind,
    ConcessionReason,
    Language,
    MessageKind,
    ResolutionType,
    Severity,
    Status,
)
from handlers.forms.drawing import hidden_fields
from messages.forms import FORMS, draw_form
from messages.forms.customer import contact_line
from messages.forms.inputs import LINE_MAX
from messages.forms.open_case import severity_suggestion
from messages.kit.blocks import Block
from tests.messages.limits import check_all_harmless, check_view
from tests.messages.sample_candidates import candidate
from tests.messages.sample_cases import (
    HOSTILE,
    IRIS,
    MAYA,
    NIKOS,
    NOW,
    VIEWER,
    action,
    ask,
    case,
    full,
    hostile,
)
from tests.messages.sample_problems import affected, broadcast, points, problem
from tests.messages.sample_sponsorship import membership

EN = Language.ENGLISH
FORM_ID = "5f0c2d1e-8a43-4b3e-9a55-0d6f6f1b2a77"
ON_PROBLEM: dict[str, Any] = {"problem": 3, "about": problem()}
ON_ISSUE: dict[str, Any] = {"problem": 3, "about": problem(state=ProblemState.KNOWN)}
SPONSORED: dict[str, Any] = {"membership": 3, "shown": membership()}
NO_CASE = {"picker"} | {verb for verb, each in INTENTS.items() if not issubclass(each, OnCase)}
ABOUT = {
    "answer_handover": {"handover": 4, "accept": False},
    "edit_sponsorship_text": {"topic": "exit", "suggested": True, "body": "Enough"},
    "answer_sponsorship": {**SPONSORED, "approve": True},
    "pass_sponsorship": SPONSORED,
    "log_touch": SPONSORED,
    "keep_sponsorship": SPONSORED,
    "end_sponsorship": SPONSORED,
    "answer_ask": {"ask": 5},
    "answer_concession": {"concession": 3, "digest": "ab"},
    "withdraw_concession": {"concession": 3},
    "void_concession": {"concession": 3},
    "promise_concession": {"concession": 3},
    "fulfil_concession": {"concession": 3},
    "unfulfil_concession": {"concession": 3},
    "record_outcome": {"outcome": 3},
    "write_quarterly_review": {"review": 1},
    "decide_quarter": {"review": 1},
    "end_quarter_decision": {"decision": 1},
    "verify_quarter_decision": {"decision": 1, "accept": False},
    "correct_outcome": {"outcome": 3},
    "action_done": {"action": 3},
    "drop_action": {"action": 3},
    "edit_action": {"action": 3},
    "reassign_action": {"action": 3},
    "verify_action": {"action": 3, "accept": False},
    "answer_action_offer": {"action": 3, "accept": False},
    "judge_decision": {"decision": 4},
    "spare_customer": {"outreach": 4},
    "tell_csms": {"count": 2, "languages": ["en", "el"], "worked": "Sign in again"},
    "answer_question": {"query": 4, "shown": "Is it the cache?"},
    "swarm": {"skills": ["Database"]},
    "set_component": {"components": ("Checkout", "Search")},
    "breach_talk": {"talk": 1},
    "answer_template": {"template": 2},
    "withdraw_template": {"template": 2},
    "admit_mail": {"mail": 9},
    "answer_draft": {"draft": 9, "digest": "0" * 64},
    "merge": {"others": [case(number=8)]},
    "add_candidate": {"candidate": 7, "found": candidate(), "cases": [case(number=8)]},
    "dismiss_candidate": {"candidate": 7, "found": candidate()},
    "log_candidate": {"candidate": 7, "found": candidate(customer="")},
    "link_case": {"problems": [problem()]},
    "edit_problem": ON_PROBLEM,
    "resolve_problem": ON_PROBLEM,
    "add_affected": ON_PROBLEM,
    "add_affected_lines": ON_PROBLEM,
    "remove_affected": {**ON_PROBLEM, "affected": 1, "shown": affected(1)},
    "propose_broadcast": {
        **ON_PROBLEM,
        "audiences": {"all": 12, "tier:gold": 3},
        "languages": ["en", "el"],
        "approvers": [NIKOS],
    },
    "answer_broadcast": {
        **ON_PROBLEM, "broadcast": 4, "digest": "0" * 64, "shown": broadcast("waiting"),
    },
    "sent_by_hand": {**ON_PROBLEM, "receipt": 5},
    "propose_points": ON_PROBLEM,
    "answer_points": {**ON_PROBLEM, "points": 2, "shown": points("proposed")},
    "withdraw_points": {**ON_PROBLEM, "points": 2},
    "record_review_reply": {"review": 2},
    "edit_issue": ON_ISSUE,
    "add_waiter": ON_ISSUE,
    "remove_waiter": {**ON_ISSUE, "affected": 1, "shown": affected(1)},
    "ship_issue": ON_ISSUE,
    "slip_issue": ON_ISSUE,
    "drop_issue": ON_ISSUE,
}  # fmt: skip
# Inputs that steer the form and are no field of the intent.
ASKED_ELSEWHERE = {"signs", "kind", "letter", "into_other", "escalate"}


def drawn(verb: str, language: Language = EN, subject: Any = None, **prefill: Any) -> Block:
    """A form with what usually comes with it."""
    known: dict[str, Any] = dict(ABOUT.get(verb, {}))
    if verb == "picker":
        known = {"cases": [case(), case(number=8)], "then": "ask:hold"}
    about = None if verb in NO_CASE else subject or full(case())
    return draw_form(
        verb,
        language,
        case=about,
        viewer=VIEWER,
        prefill=known | prefill,
        form_id=FORM_ID,
        hidden=hidden_fields(verb),
    )


def inputs(view: Block) -> dict[str, Block]:
    """The form's input blocks by the field that each fills."""
    found = [b for b in view["blocks"] if b["type"] == "input"]
    return {b["element"]["action_id"]: b for b in found}


def hidden(view: Block) -> dict[str, Any]:
    """What the form carries unseen."""
    return dict(json.loads(view["private_metadata"]))


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("verb", FORMS)
def test_every_form_is_one_that_slack_opens(verb: str, status: Status, language: Language) -> None:
    for subject in (case(status), full(case(status))):
        view = drawn(verb, language, subject)
        check_view(view)
        check_all_harmless(view["blocks"])
        assert view["callback_id"] == verb


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("verb", FORMS)
def test_what_people_write_stays_text(verb: str, name: str, language: Language) -> None:
    text = HOSTILE[name]
    fields = ("customer", "stake", "text", "summary", "reason", "note", "recipient", "title",
              "question", "remark", "contact_name", "evidence", "better", "waived")  # fmt: skip
    known: dict[str, Any] = dict.fromkeys(fields, text)
    if verb == "picker":
        known["cases"] = [hostile(case(), text)]
    view = drawn(verb, language, hostile(full(case()), text), **known)
    check_view(view)
    check_all_harmless(view["blocks"])


@pytest.mark.parametrize("verb", sorted(set(FORMS) - {"picker"}))
def test_a_form_asks_only_for_fields_of_its_intent(verb: str) -> None:
    view = drawn(verb)
    known = set(INTENTS[verb].model_fields)
    assert set(inputs(view)) <= known | ASKED_ELSEWHERE
    assert set(hidden(view)) <= known | {"form"}


@pytest.mark.parametrize("verb", sorted(set(FORMS) - {"picker"}))
def test_a_form_asks_for_everything_that_its_intent_requires(verb: str) -> None:
    view = drawn(verb)
    required = {n for n, f in INTENTS[verb].model_fields.items() if f.is_required()}
    assert required <= set(inputs(view)) | set(hidden(view))


@pytest.mark.parametrize("verb", sorted(set(FORMS) - {"picker"}))
def test_what_an_intent_can_do_without_is_optional(verb: str) -> None:
    """Otherwise Slack lets the form go and the person hears of it only afterwards."""
    fields = INTENTS[verb].model_fields
    for name, block in inputs(drawn(verb)).items():
        if name in fields and fields[name].is_required() and name != "severity":
            assert not block.get("optional"), name


def test_every_input_is_found_again_by_its_block() -> None:
    for verb in FORMS:
        for name, block in inputs(drawn(verb)).items():
            assert block["block_id"].partition("~")[0] == name


def test_a_form_carries_its_id_and_its_case() -> None:
    assert hidden(drawn("hold")) == {"form": FORM_ID, "case": 7}


def test_a_form_says_which_case_it_is_about() -> None:
    assert "*ESC-7*  ·  Acme Hellas" in drawn("update")["blocks"][0]["elements"][0]["text"]


def test_a_form_about_a_case_needs_one() -> None:
    with pytest.raises(ValueError, match="hold is about a case"):
        draw_form("hold", EN, case=None, viewer=VIEWER, prefill={}, form_id=FORM_ID, hidden=())


def test_the_signs_suggest_a_severity() -> None:
    view = drawn("open_case", signs=["no_workaround", "many_users"])
    block = inputs(view)["signs"]
    assert block["dispatch_action"] is True
    assert [o["value"] for o in block["element"]["initial_options"]] == [
        "no_workaround", "many_users",
    ]  # fmt: skip
    said = next(b for b in view["blocks"] if b.get("block_id") == "suggestion")
    assert said == severity_suggestion(["no_workaround", "many_users"], EN)
    assert "SEV2 Major" in said["elements"][0]["text"]
    assert "Tick what is true" in severity_suggestion([], EN)["elements"][0]["text"]


def test_a_known_account_and_a_new_customer_are_told_apart() -> None:
    known = inputs(drawn("open_case", customer="Acme", account="acme"))["customer"]
    new = inputs(drawn("open_case", customer="Acme"))["customer"]
    assert known["element"]["initial_option"]["value"] == "account:acme"
    assert new["element"]["initial_option"]["value"] == "new:Acme"
    assert "initial_option" not in inputs(drawn("open_case"))["customer"]["element"]


def test_a_message_shortcut_carries_the_messages_address() -> None:
    view = drawn("open_case", stake="All is lost", source_link="https://x.example/p1")
    assert hidden(view)["source_link"] == "https://x.example/p1"
    assert inputs(view)["stake"]["element"]["initial_value"] == "All is lost"


def test_the_composer_opens_with_approved_words_contact_and_promise() -> None:
    promise = NOW + timedelta(hours=1)
    view = drawn("update", subject=case(), kind=MessageKind.UPDATE, text="Dear Eleni,",
                 next_update_at=promise)  # fmt: skip
    found = inputs(view)
    assert found["text"]["element"]["initial_value"] == "Dear Eleni,"
    assert found["recipient"]["element"]["initial_value"] == "Eleni Papadaki, eleni@acme.example"
    assert found["kind"]["element"]["initial_option"]["value"] == "update"
    assert found["kind"]["dispatch_action"] is True
    assert found["next_update_at"]["element"]["initial_date_time"] == int(promise.timestamp())
    assert not found["next_update_at"].get("optional")


def test_another_templates_words_stand_in_a_fresh_block() -> None:
    found = inputs(drawn("update", text="Sorry", kind="apology", revision=2))
    assert found["text"]["block_id"] == "text~2"


def test_the_first_message_is_an_acknowledgement() -> None:
    found = inputs(drawn("update", subject=case(Status.ACKNOWLEDGED)))
    assert found["kind"]["element"]["initial_option"]["value"] == "acknowledgement"


def test_a_workaround_is_asked_for_only_by_the_message_that_offers_one() -> None:
    offers = inputs(drawn("update", subject=case(), kind="workaround"))
    assert "optional" not in offers["workaround"]  # without it the clock would run on unseen
    assert "workaround" not in inputs(drawn("update", subject=case(), kind="update"))


def test_after_the_resolution_no_next_update_must_be_promised() -> None:
    found = inputs(drawn("update", subject=case(Status.RESOLVED)))
    assert found["next_update_at"]["optional"] is True


def test_without_a_contact_the_customer_is_the_recipient() -> None:
    assert contact_line(case(contact_name="", contact_email="")) == "Acme Hellas"


def test_a_contacts_address_is_never_cut() -> None:
    email = "maria@acme.example"
    line = contact_line(case(contact_name="M" * 300, contact_email=email))
    assert line.endswith(f", {email}")
    assert len(line) <= LINE_MAX
    long = f"{'m' * 240}@acme.example"
    assert contact_line(case(contact_name="Maria", contact_email=long)) == "Maria"


def test_a_long_link_is_shown_whole_in_the_form() -> None:
    link = "https://tickets.example/" + "x" * 900
    found = inputs(drawn("update", subject=case(), link=link))
    assert found["link"]["element"]["initial_value"] == link


def test_a_hold_ends_tomorrow_unless_somebody_chooses() -> None:
    found = inputs(drawn("hold"))["until"]["element"]["initial_date_time"]
    assert found == int((NOW + timedelta(days=1)).timestamp())


def test_a_hold_says_what_it_pauses() -> None:
    urgent = drawn("hold", subject=case(severity=Severity.SEV1))["blocks"][1]["elements"][0]["text"]
    minor = drawn("hold", subject=case(severity=Severity.SEV4))["blocks"][1]["elements"][0]["text"]
    assert "customer updates stay due" in urgent
    assert "customer updates stay due" not in minor


def test_a_minor_case_without_postmortem_asks_why_there_is_none() -> None:
    minor = {"severity": Severity.SEV3}
    assert "waived" in inputs(drawn("close", subject=case(Status.REVIEW, **minor)))
    held = case(Status.REVIEW, postmortem_at=NOW, **minor)
    assert "waived" not in inputs(drawn("close", subject=held))
    assert "waived" not in inputs(drawn("close", subject=case(Status.REVIEW)))


@pytest.mark.parametrize(("dropped", "asked"), [("", False), ("The product ends", True)])
def test_an_action_item_that_was_dropped_is_no_answer_to_why_none(
    dropped: str, asked: bool
) -> None:
    held = case(Status.REVIEW, postmortem_at=NOW, actions=(action(dropped_why=dropped),))
    assert ("no_action" in inputs(drawn("close", subject=held))) is asked


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, ClosureCode.FIXED),
        ({"resolution_type": ResolutionType.WORKAROUND}, ClosureCode.WORKAROUND_ACCEPTED),
        ({"confirmations": ()}, ClosureCode.NO_RESPONSE),
    ],
)
def test_how_it_ended_is_guessed_from_what_is_known(
    changes: dict[str, Any], code: ClosureCode
) -> None:
    found = inputs(drawn("close", subject=case(Status.REVIEW, **changes)))["code"]
    assert found["element"]["initial_option"]["value"] == code.value


def test_what_a_button_said_already_is_not_asked_again() -> None:
    view = drawn("confirm", party="customer", comfortable=True)
    assert list(inputs(view)) == ["remark"]
    assert hidden(view) == {"form": FORM_ID, "case": 7, "party": "customer", "comfortable": True}
    assert hidden(drawn("answer_ask", approve=False))["approve"] is False


def test_the_handover_form_refuses() -> None:
    view = drawn("answer_handover")
    assert hidden(view) == {"form": FORM_ID, "case": 7, "handover": 4, "accept": False}
    assert "All is in the log" in view["blocks"][1]["text"]["text"]


def test_one_hands_over_a_role_that_one_has() -> None:
    mine = inputs(drawn("hand_over", subject=case()))["role"]["element"]
    assert [o["value"] for o in mine["options"]] == ["agent"]
    assert mine["initial_option"]["value"] == "agent"
    assert MAYA != NIKOS


def test_the_executive_who_is_asked_is_the_accounts_sponsor() -> None:
    assert inputs(drawn("ask_executive"))["user"]["element"]["initial_user"] == IRIS


@pytest.mark.parametrize("language", Language)
def test_whoever_asks_an_executive_reads_that_a_yes_allows_no_money(language: Language) -> None:
    view = drawn("ask_executive", language)
    assert set(inputs(view)) == {"user", "question", "answer_by"}
    assert "/escalate concession" in str(view["blocks"])


@pytest.mark.parametrize("language", Language)
def test_whoever_decides_on_money_reads_all_that_it_is_about(language: Language) -> None:
    brief = ConcessionFacts(
        3, ConcessionKind.GOODWILL, Decimal("1200.50"), "EUR", ConcessionState.WAITING, NOW
    )
    shown = ConcessionView(
        brief, 7, "Acme Hellas", ConcessionReason.OUTAGE, "We were late", MAYA, "ab",
        had="250 EUR", fee="2000 EUR", months=12, mine=True,
    )  # fmt: skip
    view = drawn("answer_concession", language, shown=shown, concession=3, digest="ab")
    said = str(view["blocks"]).replace("\\xa0", "\xa0")
    amount = {Language.ENGLISH: "€1,200.50", Language.GREEK: "1.200,50\xa0€"}[language]
    had = {Language.ENGLISH: "€250", Language.GREEK: "250\xa0€"}[language]
    for each in (amount, had, "We were late", "Acme Hellas", MAYA):
        assert each in said


def test_an_action_item_is_due_in_two_weeks() -> None:
    assert inputs(drawn("action_item"))["due"]["element"]["initial_date"] == "2026-02-24"


def test_the_evidence_form_names_the_action_item() -> None:
    view = drawn("action_done", subject=case(actions=(action(),)))
    assert "Alert when the export queue grows" in view["blocks"][1]["text"]["text"]


def test_the_picker_passes_on_what_it_was_opened_for() -> None:
    known: dict[str, Any] = {"reason": "waiting_customer", "severity": Severity.SEV2, "until": NOW}
    more: dict[str, Any] = {"with": known}
    view = drawn("picker", **more)
    assert hidden(view) == {
        "form": FORM_ID,
        "then": "ask:hold",
        "with": {"reason": "waiting_customer", "severity": 2, "until": str(NOW)},
    }
    assert [o["value"] for o in inputs(view)["case"]["element"]["options"]] == ["7", "8"]


def test_a_picker_without_cases_says_what_to_do() -> None:
    view = draw_form(
        "picker", EN, case=None, viewer=VIEWER, prefill={"then": "x"}, form_id=FORM_ID, hidden=()
    )
    check_view(view)
    assert "/escalate" in view["blocks"][0]["elements"][0]["text"]


def test_an_unknown_choice_falls_back_to_the_default() -> None:
    found = inputs(drawn("update", kind="resolution"))["kind"]["element"]
    assert found["initial_option"]["value"] == "update"


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(("verb", "field"), [("confirm", "comfortable"), ("answer_ask", "approve")])
def test_a_no_has_a_form_of_its_own_that_asks_why(
    verb: str, field: str, language: Language
) -> None:
    subject = case(asks=(ask(),))
    yes, no = (
        drawn(verb, subject=subject, language=language, party="customer", **{field: answer})
        for answer in (True, False)
    )
    for part in ("title", "submit"):
        assert yes[part] != no[part]
    assert inputs(yes)["remark"]["optional"] is True
    assert "optional" not in inputs(no)["remark"]
    assert inputs(yes)["remark"]["label"] != inputs(no)["remark"]["label"]


def test_closing_counts_open_action_items_only_where_there_are_any() -> None:
    none, some = (
        str(drawn("close", subject=case(Status.REVIEW, actions=actions))["blocks"])
        for actions in ((), (action(),))
    )
    assert "Open action items" not in none
    assert "Open action items: 1" in some
