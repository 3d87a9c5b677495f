"""How far a refusal, a question inside the house or another's giving reaches in a sentence."""

import pytest

from bot.rules.money.offers import find_offers


@pytest.mark.parametrize(
    ("none", "offer"),
    [
        ("We do not give refunds.", "We do not give refunds, but we refund you this one."),
        ("We never credit used tickets.", "We never forget to credit your account."),
        ("I asked finance whether you get a credit.", "I asked finance and you get a credit."),
        ("You asked for a refund of 80 EUR.", "You asked for a refund: we grant you 80 EUR."),
        ("Your bank refunds you the 80 EUR.", "Your bank was late and we will refund you 80 EUR."),
        ("We cannot refund the fee.", "We cannot let you pay the fee, so we refund it to you."),
        ("Δεν κάνουμε έκπτωση.", "Δεν κάνουμε εκπτώσεις, αλλά σας δίνουμε 10% έκπτωση."),
        ("Ρώτησα αν γίνεται πίστωση.", "Ρώτησα και ναι, σας πιστώνουμε 80 ευρώ."),
        ("Ζητήσατε επιστροφή 80 ευρώ.", "Ζητήσατε επιστροφή και θα σας επιστρέψουμε 80 ευρώ."),
        ("Η ασφάλειά σας πληρώνει 80 ευρώ.", "Σας πληρώνουμε εμείς 80 ευρώ."),
    ],
)
def test_what_takes_the_giving_out_of_a_sentence_ends_where_we_give_after_all(
    none: str, offer: str
) -> None:
    assert not find_offers(none)
    assert find_offers(offer)


@pytest.mark.parametrize(
    "text",
    [
        "Only one amount: single room 80 EUR, double room 120 EUR.",
        "You still owe us EUR 300.",
        "The shirt is 100% cotton and the price includes VAT.",
        "The free trial ended on 3 May.",
    ],
)
def test_an_amount_that_nobody_gives_is_no_offer(text: str) -> None:
    assert not find_offers(text)
