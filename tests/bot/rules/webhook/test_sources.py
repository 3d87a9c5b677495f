"""Which programs may report, as an administrator writes it."""

import pytest

from bot.rules.webhook.sources import read_sources

SECRET = "0123456789abcdef"


def test_a_source_has_one_secret_or_two_while_one_is_changed() -> None:
    found = read_sources([f"shop={SECRET}", f"crm={SECRET}==", f"shop={SECRET}2"])
    assert found == {"shop": (SECRET, f"{SECRET}2"), "crm": (f"{SECRET}==",)}
    assert read_sources([]) == {}


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ([SECRET], "entry 1 is not source=secret"),
        ([f"Shop={SECRET}"], "small letters"),
        ([f"mail={SECRET}"], "a way of its own"),
        (["shop=short"], "at least 16 characters"),
        ([f"shop={SECRET}{n}" for n in range(3)], "more than 2 secrets"),
    ],
)
def test_what_is_wrong_is_said_without_the_secret(entries: list[str], said: str) -> None:
    with pytest.raises(ValueError, match=said) as caught:
        read_sources(entries)
    assert SECRET not in str(caught.value)
