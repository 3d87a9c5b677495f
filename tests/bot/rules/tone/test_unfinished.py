"""Placeholders that a writer left, of every form, and what only looks like one."""

import pytest

from bot.rules.tone.lint import Rule, Setting, lint_message
from bot.rules.tone.unfinished import find_placeholders
from bot.rules.words import Language


@pytest.mark.parametrize(
    "blank",
    ["[name]", "[insert date]", "[όνομα]", "{{customer_name}}", "{% name %}", "${date}", "%NAME%",
     "%s", "{0}", "{first_name}", "{firstName}", "<insert date>", "<επώνυμο>", "(your name)",
     "(name)", "{name}", "«ΟΝΟΜΑ»", "XXXX", "ΧΧΧ", "XX:XX", "xx/xx/xxxx", "____", ".....", "???",
     "€ ???", "TODO", "FIXME", "*|FNAME|*", "##DATE##", "$FIRST_NAME", "Lorem ipsum"],
)  # fmt: skip
def test_a_placeholder_is_found_and_quoted_whole(blank: str) -> None:
    text = f"We call you at {blank} again"
    assert [text[start:end] for start, end in find_placeholders(text)] == [blank]


@pytest.mark.parametrize(
    "text",
    ["See [page 4] and [1].", "The [manual](https://x.example).", "<b>two</b><br>", "{Ctrl} and P",
     "{contact}, {greeting}", "Mail <maria@x.example>.", "See <https://x.example/a>.", "L, XL, XXL",
     "The card xxxx-0004", "He said so [sic].", "Main Street 4 (at the back)", "Really?", "Wait…",
     "The «Rose» is here", "100%soft", "a__b", "Είσοδος (από πίσω)"],
)  # fmt: skip
def test_what_only_looks_like_one_is_none(text: str) -> None:
    assert list(find_placeholders(text)) == []


def test_nothing_else_is_said_of_words_in_a_placeholder() -> None:
    found = lint_message("Dear {{customer}}, it works.", Setting(Language.ENGLISH, letter=False))
    assert [each.rule for each in found] == [Rule.PLACEHOLDER]
