"""A verb that lacks its form or its words is refused before a person meets it."""

from typing import ClassVar

import pytest

from bot.due_table import DUE
from bot.engine.intent import Hidden, Intent, OnCase, Text
from bot.registry import INTENTS, IncompleteVerbError
from bot.rules.words import HelpDesk, Language
from handlers.commands import TABLE, Subcommand
from handlers.completeness import (
    MissingWordsError,
    asked_fields,
    require_desk_words,
    require_notices,
    require_words,
)
from handlers.slack.answers import SHOWN
from messages.cases.notice_table import NOTICES
from messages.forms import FORMS
from messages.kit.texts import own_texts

WHOLE = {each: set(own_texts(each)) for each in (Language.ENGLISH, Language.GREEK)}
WORDS = {
    "form.juggle.title", "form.juggle.submit", "event.juggle", "help.juggle", "help_group.end",
    "refusal.not_your_role",
}  # fmt: skip
COMMAND = Subcommand("juggle", "end", "[case]", "do:juggle")


class Juggle(OnCase):
    """A verb with a form and a command."""

    verb: ClassVar[str] = "juggle"
    ball: Hidden[int]
    reason: Text


def refusal_of(model: type[Intent], *without: str, forms: tuple[str, ...] = ("juggle",)) -> str:
    """Why the verb is refused where Greek lacks these texts; empty where it is not."""
    texts = {Language.ENGLISH: WORDS, Language.GREEK: WORDS - set(without)}
    try:
        require_words([model], [COMMAND], forms, (), texts)
    except IncompleteVerbError as refused:
        return str(refused)
    return ""


def test_every_verb_and_command_has_all_of_it() -> None:
    require_words(INTENTS.values(), TABLE, FORMS, SHOWN, WHOLE)
    assert refusal_of(Juggle) == ""


def test_a_command_that_leads_to_no_verb_is_refused() -> None:
    with pytest.raises(IncompleteVerbError, match="/escalate juggle leads to do:juggle, and no"):
        require_words((), [COMMAND], (), (), {Language.ENGLISH: WORDS})


def test_a_verb_that_asks_for_something_and_has_no_form_is_refused() -> None:
    said = "juggle (tests.handlers.test_completeness.Juggle) asks for reason and has no form"
    assert refusal_of(Juggle, forms=()) == said
    assert asked_fields(INTENTS["release_mail"]) == []  # its buttons carry the mail


@pytest.mark.parametrize("key", sorted(WORDS))
def test_a_text_that_one_language_lacks_is_named(key: str) -> None:
    assert refusal_of(Juggle, key).endswith(f"has no text {key} in el")


@pytest.mark.parametrize(
    ("verb", "key"),
    [
        ("update", "refusal.not_entrusted"),
        ("open_case", "refusal.too_many_openings"),
        ("hold", "refusal.wrong_status"),
        ("close", "refusal.postmortem_held"),
        ("release_mail", "event.mail_released"),
        ("confirm", "event.confirm"),
        ("edit_problem", "problem.event.edit_problem"),
    ],
)
def test_what_the_tables_refuse_and_the_record_tells_has_its_words(verb: str, key: str) -> None:
    greek = {each for each in WHOLE[Language.GREEK] if not each.startswith(key)}
    texts = {Language.ENGLISH: WHOLE[Language.ENGLISH], Language.GREEK: greek}
    with pytest.raises(IncompleteVerbError) as refused:
        require_words([INTENTS[verb]], (), FORMS, SHOWN, texts)
    model = INTENTS[verb]
    assert f"{verb} ({model.__module__}.{model.__name__}) has no text {key} in el" in str(
        refused.value
    )


@pytest.mark.parametrize("key", ["help_desk.zendesk", "route.zendesk", "route.zendesk_now"])
def test_a_help_desk_that_lacks_its_name_or_its_route_is_refused(key: str) -> None:
    require_desk_words(HelpDesk, WHOLE)
    texts = {**WHOLE, Language.GREEK: WHOLE[Language.GREEK] - {key}}
    with pytest.raises(MissingWordsError, match=f"help desk zendesk has no text {key} in el"):
        require_desk_words(HelpDesk, texts)


def test_a_reminder_whose_notice_has_no_row_is_refused() -> None:
    require_notices(DUE, NOTICES)
    with pytest.raises(MissingWordsError, match=r"action_due of an action item has no row"):
        require_notices(DUE, set(NOTICES) - {"action_due"})
