"""What people type is understood without a dictionary of exceptions."""

import json
import re
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from bot.registry import INTENTS
from bot.rules.languages import LanguageError, read_data
from bot.rules.words import (
    ClockKind,
    ClosureCode,
    HoldReason,
    Language,
    MessageKind,
    Role,
    RootCause,
    Severity,
    Trigger,
)
from handlers.commands import ALIASES, TABLE, Subcommand, read_command, vocabulary
from handlers.commands.parser import READERS, Command, Unknown, Unread
from handlers.commands.vocabulary import FAMILIES, choices_of, fold_word
from handlers.slack.answers import SHOWN
from handlers.slack.dispatch import KINDS
from messages.cases.help import typed_usage
from messages.forms import FORMS
from messages.kit.texts import label, load_texts


@pytest.mark.parametrize(
    ("text", "name", "arguments", "case"),
    [
        ("", "open", {}, None),
        ("   ", "open", {}, None),
        ("Customers cannot pay", "open", {"stake": "Customers cannot pay"}, None),
        ("open They  leave\non Friday", "open", {"stake": "They  leave\non Friday"}, None),
        ("help", "help", {}, None),
        ("HELP", "help", {}, None),
        ("?", "help", {}, None),
        ("list", "list", {}, None),
        ("list mine", "list", {"scope": "mine"}, None),
        ("list breaching", "list", {"scope": "breaching"}, None),
        ("list customer Acme Corp", "list", {"scope": "customer", "customer": "Acme Corp"}, None),
        ("list Acme", "list", {"customer": "Acme"}, None),
        ("show", "show", {}, None),
        ("show ESC-12", "show", {}, 12),
        ("show esc-12", "show", {}, 12),
        ("show #12", "show", {}, 12),
        ("show 12", "show", {}, 12),
        ("show <#C0123|esc-12-acme>", "show", {}, 12),
        ("ESC-12", "show", {}, 12),
        ("#12", "show", {}, 12),
        ("ESC-12 claim", "claim", {}, 12),
        ("esc-12 hold vendor: part", "hold",
         {"reason": HoldReason.WAITING_THIRD_PARTY, "note": "part"}, 12),
        ("claim ESC-12.", "claim", {}, 12),
        ("assign <@U123>, tl", "assign", {"user": "U123", "role": Role.TECHNICAL_LEAD}, None),
        ("assign <@U123> υπεύθυνος λογαριασμού", "assign",
         {"user": "U123", "role": Role.ACCOUNT_EXECUTIVE}, None),
        ("why προσωρινή λύση", "why", {"clock": ClockKind.WORKAROUND}, None),
        ("close Workaround accepted product defect", "close",
         {"code": ClosureCode.WORKAROUND_ACCEPTED, "root_cause": RootCause.PRODUCT_DEFECT}, None),
        ("reopen <@U123|ada> says it fails &amp; burns", "reopen",
         {"reason": "@ada says it fails & burns"}, None),
        ("<!channel> everything burns", "open", {"stake": "@channel everything burns"}, None),
        ("ticket <https://t.example/7?a=1&amp;b=2|t.example/7>", "ticket",
         {"url": "https://t.example/7?a=1&b=2"}, None),
        ("claim 12", "claim", {}, 12),
        ("assign <@U123|bob> tl", "assign", {"user": "U123", "role": Role.TECHNICAL_LEAD}, None),
        ("assign tl <@U123>", "assign", {"user": "U123", "role": Role.TECHNICAL_LEAD}, None),
        ("assign technical lead <@W9A>", "assign",
         {"user": "W9A", "role": Role.TECHNICAL_LEAD}, None),
        ("assign #7 <@U123> csm", "assign", {"user": "U123", "role": Role.CSM}, 7),
        ("severity 1 data is lost", "severity",
         {"severity": Severity.SEV1, "reason": "data is lost"}, None),
        ("severity SEV2", "severity", {"severity": Severity.SEV2}, None),
        ("sev sev-3 it  is\nbetter", "severity",
         {"severity": Severity.SEV3, "reason": "it  is\nbetter"}, None),
        ("severity 12 2 worse", "severity",
         {"severity": Severity.SEV2, "reason": "worse"}, 12),
        ("severity 2 1 site is down", "severity",
         {"severity": Severity.SEV2, "reason": "1 site is down"}, None),
        ("severity 5 is not one", "severity", {"reason": "5 is not one"}, None),
        ("update", "update", {}, None),
        ("update ack", "update", {"kind": MessageKind.ACKNOWLEDGEMENT}, None),
        ("update apology ESC-3", "update", {"kind": MessageKind.APOLOGY}, 3),
        ("hold", "hold", {}, None),
        ("hold vendor waiting for a part", "hold",
         {"reason": HoldReason.WAITING_THIRD_PARTY, "note": "waiting for a part"}, None),
        ("hold waiting customer", "hold", {"reason": HoldReason.WAITING_CUSTOMER}, None),
        ("reopen 12 orders failed", "reopen", {"reason": "12 orders failed"}, None),
        ("reopen 12", "reopen", {}, 12),
        ("reopen ESC-12 failed again", "reopen", {"reason": "failed again"}, 12),
        ("handover <@U123> em read the card", "handover",
         {"user": "U123", "role": Role.ESCALATION_MANAGER, "summary": "read the card"}, None),
        ("hand-over <@U123>", "handover", {"user": "U123"}, None),
        ("status on track all good", "status",
         {"standing": "on_track", "remark": "all good"}, None),
        ("status", "status", {}, None),
        ("done 3 shipped", "done", {"action": 3, "evidence": "shipped"}, None),
        ("flag legal a letter came", "flag",
         {"trigger": Trigger.LEGAL, "reason": "a letter came"}, None),
        ("ask <@U9A|iris> may we refund?", "ask",
         {"user": "U9A", "question": "may we refund?"}, None),
        ("timeline 2", "timeline", {"page": 2}, None),
        ("timeline ESC-4 2", "timeline", {"page": 2}, 4),
        ("why", "why", {}, None),
        ("why next update", "why", {"clock": ClockKind.NEXT_UPDATE}, None),
        ("Βοήθεια", "help", {}, None),
        ("ΒΟΗΘΕΙΑ", "help", {}, None),
        ("λίστα δικές μου", "list", {"scope": "mine"}, None),
        ("σοβαροτητα 1 χάθηκαν δεδομένα", "severity",
         {"severity": Severity.SEV1, "reason": "χάθηκαν δεδομένα"}, None),
        ("αναμονή πελάτης", "hold", {"reason": HoldReason.WAITING_CUSTOMER}, None),
    ],
)  # fmt: skip
def test_a_command_is_read(
    text: str, name: str, arguments: dict[str, Any], case: int | None
) -> None:
    assert read_command(text) == Command(name, arguments, case)


@pytest.mark.parametrize(
    ("text", "word", "nearest"),
    [
        ("clam", "clam", "claim"),
        ("resolv", "resolv", "resolve"),
        ("updates", "updates", "update"),
        ("postmortm", "postmortm", "postmortem"),
        ("βοηθια", "βοηθια", "help"),
        ("xyzzy", "xyzzy", None),
        ("asign <@U123> tl", "asign", "assign"),
        ("severty 1 worse", "severty", "severity"),
    ],
)
def test_a_slip_of_the_finger_gets_the_nearest_command(
    text: str, word: str, nearest: str | None
) -> None:
    assert read_command(text) == Unknown(word, nearest)


@pytest.mark.parametrize(
    "text",
    [
        "Updates fail every night",
        "Case 1 stands still",
        "Lost all orders since noon",
        "Shop is down",
        "Our claims are not processed",
        "Δεν μπορούμε να τιμολογήσουμε",
        "help us, all our stores are down",
        "close to losing the customer",
        "list of invoices is empty",
        "Problems with login since noon",
        "claim forms are lost on the way",
    ],
)
def test_prose_is_what_is_at_stake(text: str) -> None:
    assert read_command(text) == Command("open", {"stake": text})


@pytest.mark.parametrize(
    ("text", "command", "word", "wants"),
    [
        ("assign @bob em", "assign", "@bob", "user"),
        ("assign bob em", "assign", "bob", "user"),
        ("assign <!subteam^S1|@support> em", "assign", "@support", "group"),
        ("assign <@U123> boss", "assign", "boss", "role"),
        ("assign <@U123> υπεύθυνος", "assign", "υπεύθυνος", "role"),
        ("handover @kate em on leave", "handover", "@kate", "user"),
        ("ask @iris may we?", "ask", "@iris", "user"),
        ("why foo", "why", "foo", "clock"),
        ("templates foo", "templates", "foo", "kind"),
        ("close ESC-7 somehow", "close", "somehow", "closure"),
        ("claim ESC-7 please", "claim", "please", ""),
        ("show <#C0123|general>", "show", "#general", ""),
    ],
)
def test_what_nothing_reads_is_named_with_what_it_was_for(
    text: str, command: str, word: str, wants: str
) -> None:
    found = read_command(text)
    assert isinstance(found, Unread)
    assert (found.command.name, found.word, found.wants) == (command, word, wants)


def typed_with(reader: str) -> tuple[str, str]:
    """A command that takes a word for this reader, and the field that it fills."""
    return next(
        (row.name, name)
        for row in TABLE
        for name, known in row.grammar.typed.items()
        if known == reader
    )


def shown_for(family: str, word: str, language: Language) -> str:
    """What the interface shows for a word."""
    if family == "language" and word in set(Language):
        return label(language, Language(word))
    return load_texts(language)[f"{family}.{word}"]


LABELS = [
    (family, each, language)
    for family, words in FAMILIES.items()
    for each in words
    for language in Language
    if family == "language" or f"{family}.{each}" in load_texts(language)
]


@pytest.mark.parametrize(("family", "word", "language"), LABELS)
def test_every_label_that_is_shown_can_be_typed(family: str, word: str, language: Language) -> None:
    shown = shown_for(family, word, language)
    assert shown in choices_of(family, language)
    command, field = typed_with(family)
    for typed in (shown, shown.upper(), fold_word(shown).replace("_", " "), f"{shown},"):
        found = read_command(f"{command} {typed}")
        assert isinstance(found, Command)
        assert found.arguments == {field: word}


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("severity", Severity)
def test_every_severity_can_be_typed_as_it_is_shown(severity: Severity, language: Language) -> None:
    found = read_command(f"severity {label(language, severity)} since noon")
    assert found == Command("severity", {"severity": severity, "reason": "since noon"})


def test_every_word_of_the_commands_files_leads_to_what_it_stands_for() -> None:
    for family, words in FAMILIES.items():
        for language in ("en", "el"):
            for name, typed in read_data(language, "commands.toml").get(family, {}).items():
                command, field = typed_with(family)
                for word in typed:
                    assert read_command(f"{command} {word}").arguments[field] == name
        assert words


RECORDED = Path(__file__).parents[2] / "data" / "slack_text" / "commands.json"


def test_what_slack_escapes_is_read_as_it_was_typed() -> None:
    texts = {each["name"]: each["text"] for each in json.loads(RECORDED.read_text("utf-8"))}
    found = {name: read_command(text) for name, text in texts.items()}
    stake = "Quill & Post cannot log in: response time > 30 s"
    severe = {"severity": Severity.SEV1, "reason": "Now all stores are down"}
    assert found["entities"] == Command("open", {"stake": stake})
    assert found["list customer"].arguments["customer"] == "Quill & Post"
    assert found["nbsp"] == Command("severity", severe)
    assert found["em dash"] == Command("severity", severe | {"reason": "now all stores are down"})
    assert found["smart quotes"].arguments["customer"] == "“Larkspur Rail”"
    assert found["rtl mark"].arguments == {"severity": Severity.SEV2, "reason": "mark in front"}
    assert found["linked"].arguments == {"url": "https://tickets.example/77"}
    assert isinstance(found["usergroup"], Unread)


def test_every_row_leads_to_something_that_exists() -> None:
    known = {"do": INTENTS, "ask": FORMS, "show": SHOWN}
    for row in TABLE:
        kind, _, name = row.leads_to.partition(":")
        assert kind in KINDS
        assert name in known[kind], row.name


def test_every_argument_that_is_read_is_a_field_of_what_it_leads_to() -> None:
    for row in TABLE:
        fields = {*row.grammar.typed, row.grammar.text} - {None}
        if row.verb in INTENTS:
            assert fields <= set(INTENTS[row.verb].model_fields), row.name
        assert set(row.grammar.typed.values()) <= set(READERS)


def test_every_command_can_be_typed_in_every_language() -> None:
    for code in ("en", "el"):
        typed = read_data(code, "commands.toml")["command"]
        assert all(
            ALIASES[fold_word(word)] == name for name, words in typed.items() for word in words
        )
    assert {row.name for row in TABLE} == {ALIASES[fold_word(row.name)] for row in TABLE}


def test_a_word_that_two_commands_claim_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    said = {"command": {"claim": ["nimm"], "assign": ["Nimm"]}}
    monkeypatch.setattr(vocabulary, "read_data", lambda code, name: said if code == "el" else {})
    with pytest.raises(LanguageError, match=r"commands.toml: .*'Nimm' already means 'claim'"):
        vocabulary.typed_words("command", ["claim", "assign"])


def test_a_word_for_a_command_that_does_not_exist_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(vocabulary, "read_data", lambda *_: {"command": {"calim": ["nimm"]}})
    with pytest.raises(LanguageError, match=r"\[command\] knows no 'calim'"):
        vocabulary.typed_words("command", ["claim"])


def test_a_command_about_a_case_can_name_it() -> None:
    for row in TABLE:
        if row.verb in SHOWN and SHOWN[row.verb].of_case:
            assert row.grammar.on_case, row.name


def test_every_command_but_help_is_governed_by_the_permission_table() -> None:
    assert {row.name for row in TABLE if row.permission is None} == {"help"}


def test_help_shows_every_subcommand_once_under_a_heading() -> None:
    assert len({row.name for row in TABLE}) == len(TABLE)
    headings = [group for group, _ in groupby(row.group for row in TABLE)]
    assert len(set(headings)) == len(headings), "the rows of a heading stand together"
    for language in Language:
        assert {f"help_group.{group}" for group in headings} <= set(load_texts(language))


@pytest.mark.parametrize("word", ["repair", "mend", "διόρθωση"])
def test_a_channel_is_repaired_by_its_old_word_too(word: str) -> None:
    assert read_command(f"{word} ESC-7") == Command("repair", {}, 7)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_what_help_shows_can_be_typed_as_it_stands(row: Subcommand, language: Language) -> None:
    word, _, arguments = typed_usage(row, language).partition(" ")
    assert read_command(word) == Command(row.name)
    for choices in re.findall(r"\[([^\]]*\|[^\]]*)\]", arguments):
        for choice in choices.split("|"):
            read = read_command(f"{word} {choice}")
            assert isinstance(read, Command)
            assert set(read.arguments) & set(row.grammar.typed), choice


def test_help_in_greek_shows_greek_words() -> None:
    shown = [typed_usage(row, Language.GREEK) for row in TABLE]
    latin = [usage for usage in shown if re.search("[A-Za-z]{2}", usage)]
    known = [
        "αίτημα URL", "αναθεώρηση CAN-7", "κριτική URL", "μοιράσου [yes]", "συγχώνευση ESC-7",
        "σφάλμα PROJ-123",
    ]  # fmt: skip
    assert sorted(latin) == known


@pytest.mark.parametrize("language", [Language.ENGLISH, Language.GREEK])
def test_every_command_that_a_text_names_exists(language: Language) -> None:
    texts = load_texts(language).values()
    templates = Path("messages/templates").rglob(f"*.{language.value}.j2")
    words = [*texts, *(page.read_text(encoding="utf-8") for page in templates)]
    named = {word for text in words for word in re.findall(r"/escalate ([^\W\d_][\w-]*)", text)}

    assert len(named) > 10
    named = {word for word in named if word[0].islower()}  # others begin a sentence of a customer
    assert {word for word in named if fold_word(word) not in ALIASES} == set()


@pytest.mark.parametrize(
    ("text", "until"),
    [
        ("focus 90m", "for 90 m"),
        ("focus 2 hours", "for 2 hours"),
        ("focus until 15:30", "until 15:30"),
        ("συγκέντρωση 90λ", "for 90 λ"),
        ("συγκέντρωση 2 ώρες", "for 2 ώρες"),
        ("συγκέντρωση έως 15:30", "έως 15:30"),
    ],
)
def test_a_focus_lasts_until_a_time_or_for_a_length(text: str, until: str) -> None:
    assert read_command(text) == Command("focus", {"until": until})


@pytest.mark.parametrize("text", ["focus 90 apples", "focus soon", "συγκέντρωση 90"])
def test_what_is_no_time_is_not_taken_for_one(text: str) -> None:
    read = read_command(text)
    assert not (isinstance(read, Command) and read.name == "focus")
