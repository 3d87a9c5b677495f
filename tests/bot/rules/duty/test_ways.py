"""Ways are read strictly, and what is wrong with one is said without its address."""

import pytest

from bot.rules.duty.ways import cut_name, read_ways


def test_entries_are_names_and_addresses() -> None:
    assert read_ways(["kate-sms=twilio://a:b@c/d?x=1=2", "teams = msteams://x"]) == {
        "kate-sms": "twilio://a:b@c/d?x=1=2", "teams": "msteams://x",
    }  # fmt: skip
    assert read_ways([]) == {}


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        (["json://tok3n@x"], "entry 1 is not name=address"),
        (["a1=json://x", "Kate=json://tok3n@x"], "entry 2 is not name=address"),
        (["a1=json://x", "a1=json://tok3n@x"], "a1 is named twice"),
        (["a1=tok3n"], "the address of a1 does not begin with a scheme"),
    ],
)
def test_a_mistake_names_the_way_or_the_place_and_no_address(entries: list[str], said: str) -> None:
    with pytest.raises(ValueError, match=said) as wrong:
        read_ways(entries)
    assert "tok3n" not in str(wrong.value)


def test_a_long_name_is_cut_where_it_has_room() -> None:
    assert cut_name("Aegean\nFerries", 30) == "Aegean Ferries"
    assert cut_name("Aegean Ferries", 8) == "Aegean…"
    assert cut_name("Aegean Ferries", 1) == ""
