"""Blame of colleagues in their own posts: found seldom rather than wrongly.

``courtesy_blaming.toml`` and ``courtesy_innocent_*.toml`` are what the rule was made with, as is
``courtesy_first.toml``, which another hand wrote and which judged it before it was read.
``courtesy_judge2.toml`` judges it: its writer saw neither the rule nor a list, it was run once,
unread, and nothing of the rule was changed since. What was found then is the least that is allowed.
"""

import tomllib
from pathlib import Path

import pytest

from bot.rules.tone.courtesy import READ, blames_colleague
from bot.rules.words import Language

DATA = Path(__file__).parents[3] / "data" / "tone"
BLAME = "this is Maria's fault"


def read(name: str) -> dict[str, list[str]]:
    """The posts of a list, by kind and language."""
    return tomllib.loads((DATA / name).read_text(encoding="utf-8"))


BLAMING, FIRST = read("courtesy_blaming.toml"), read("courtesy_first.toml")
JUDGE = read("courtesy_judge2.toml")
FOUND_OF_OWN = {"en": 156, "el": 162}  # of 183 and 181; many of them are left unseen in doubt
FOUND_BY_JUDGE = {"en": 11, "el": 12}  # of 30 each, before a word of the list was read


def find_blaming(posts: list[str], language: str) -> list[str]:
    """The posts that the rule takes for blame."""
    return [post for post in posts if blames_colleague(post, Language(language))]


@pytest.mark.parametrize("language", ["en", "el"])
def test_the_posts_it_was_made_with(language: str) -> None:
    innocent = read(f"courtesy_innocent_{language}.toml")["posts"]
    assert find_blaming(innocent + FIRST[f"innocent_{language}"], language) == []
    assert len(find_blaming(BLAMING[language], language)) >= FOUND_OF_OWN[language]
    assert len(find_blaming(FIRST[f"blaming_{language}"], language)) >= 24  # of 25


@pytest.mark.parametrize("language", ["en", "el"])
def test_no_innocent_post_of_another_hand_is_accused(language: str) -> None:
    posts = JUDGE[f"innocent_{language}"]
    assert (find_blaming(posts, language), len(posts)) == ([], 40)


@pytest.mark.parametrize("language", ["en", "el"])
def test_blame_of_another_hand_is_found_as_often_as_at_first(language: str) -> None:
    posts = JUDGE[f"blaming_{language}"]
    assert (len(find_blaming(posts, language)) >= FOUND_BY_JUDGE[language], len(posts)) == (
        True,
        30,
    )


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


def test_they_stand_for_a_team_named_before_and_for_no_outsider() -> None:
    said = "They dropped the ball."
    assert blames_colleague(f"We asked the data team twice. {said}", Language.ENGLISH)
    assert not blames_colleague(said, Language.ENGLISH)
    assert not blames_colleague(f"The data team asked the vendor twice. {said}", Language.ENGLISH)


@pytest.mark.parametrize(
    ("post", "blames"),
    [
        ("billing never reads the runbook", True),
        ("billing never answers the ping", False),
        ("nice job <@U1>, not even a heads up", True),
        ("nice job <@U1>, three hours of downtime ended", False),
        ("The customer says nice job <@U1>, not even a heads up", False),
        ("who on earth deployed this", True),
        ("who deployed this?", False),
    ],
)
def test_systems_thanks_and_questions_are_no_blame_but_sarcasm_is(post: str, blames: bool) -> None:
    assert blames_colleague(post, Language.ENGLISH) is blames


@pytest.mark.parametrize("expected", Language)
def test_the_writers_language_is_no_condition(expected: Language) -> None:
    assert blames_colleague(BLAME, expected)
    assert blames_colleague("φταίει η Μαρία", expected)
    assert blames_colleague("ftaiei i Maria", Language.GREEK)


def test_any_text_is_read_without_a_fault() -> None:
    for odd in ("<@", "<!subteam^S1", "`" * 9, '"' * 7, "> " * 50, "😀" * 3, "\0", "&amp;#0;"):
        assert not blames_colleague(odd, Language.ENGLISH)
