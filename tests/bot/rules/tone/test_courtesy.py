"""Blame of colleagues in their own posts: found seldom rather than wrongly.

``courtesy_tuned.toml`` is what the rule was made with. ``courtesy_judge.toml`` was written by
another hand; what was found of it at the first run, unread, is the least that is allowed.
"""

import tomllib
from pathlib import Path

import pytest

from bot.rules.tone.courtesy import READ, blames_colleague
from bot.rules.words import Language

DATA = Path(__file__).parents[3] / "data" / "tone"
BLAME = "this is Maria's fault"


def read(name: str) -> dict[str, dict[str, list[str]]]:
    """The posts of a list, by kind and language."""
    return tomllib.loads((DATA / name).read_text(encoding="utf-8"))


TUNED, JUDGE = read("courtesy_tuned.toml"), read("courtesy_judge.toml")
FOUND_AT_FIRST = {"en": 6, "el": 6}  # of 25 each, before a word of the list was read


@pytest.mark.parametrize("language", ["en", "el"])
def test_the_posts_it_was_tuned_with(language: str) -> None:
    spoken = Language(language)
    missed = [p for p in TUNED["blaming"][language] if not blames_colleague(p, spoken)]
    accused = [p for p in TUNED["innocent"][language] if blames_colleague(p, spoken)]
    assert (len(missed) <= 4, accused) == (True, [])


@pytest.mark.parametrize("language", ["en", "el"])
def test_no_innocent_post_of_another_hand_is_accused(language: str) -> None:
    posts = JUDGE[f"innocent_{language}"]
    assert [p for p in posts if blames_colleague(p, Language(language))] == []
    assert len(posts) == 30


@pytest.mark.parametrize("language", ["en", "el"])
def test_blame_of_another_hand_is_found_as_often_as_at_first(language: str) -> None:
    posts = JUDGE[f"blaming_{language}"]
    found = [p for p in posts if blames_colleague(p, Language(language))]
    assert len(found) >= FOUND_AT_FIRST[language]
    assert len(posts) == 25


@pytest.mark.parametrize(
    "post",
    [
        f"```\n{BLAME}\n```",
        f"`{BLAME}`",
        f"&gt; {BLAME}",
        f"&gt;&gt;&gt; Dear all\n{BLAME}",
        f"“{BLAME}”",
        f'They wrote "{BLAME}" to us',
        f"The customer says {BLAME}",
        f"Is it so that {BLAME}?",
        "x" * READ + f". {BLAME}",
        "",
    ],
)
def test_code_quotations_and_what_others_say_are_no_blame(post: str) -> None:
    assert blames_colleague(BLAME, Language.ENGLISH)
    assert not blames_colleague(post, Language.ENGLISH)


@pytest.mark.parametrize("expected", Language)
def test_the_writers_language_is_no_condition(expected: Language) -> None:
    assert blames_colleague(BLAME, expected)
    assert blames_colleague("φταίει η Μαρία", expected)
    assert blames_colleague("ftaiei i Maria", Language.GREEK)


def test_any_text_is_read_without_a_fault() -> None:
    for odd in ("<@", "<!subteam^S1", "`" * 9, '"' * 7, "> " * 50, "😀" * 3, "\0", "&amp;#0;"):
        assert not blames_colleague(odd, Language.ENGLISH)
