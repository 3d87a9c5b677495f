"""Letters are offered where they fit, and no letter is kept that no code reaches."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from itertools import product

import pytest

from bot.rules.facts import CaseFacts, ConcessionFacts, HoldFacts
from bot.rules.letters import (
    FITS,
    LEGAL,
    TO_OTHERS,
    chosen_letter,
    is_refused,
    likely_letter,
    list_letters,
)
from bot.rules.states import ConcessionState
from bot.rules.words import ConcessionKind, HoldReason, Language, MessageKind, Status
from messages.customers.templates import is_shipped
from tests.messages.sample_cases import MAYA, NOW, case, sent

LIKELIEST = {MessageKind.ACKNOWLEDGEMENT, MessageKind.UPDATE, MessageKind.LEGAL_HOLDING}
APPROVED = ConcessionFacts(
    1, ConcessionKind.GOODWILL, Decimal(500), "EUR", ConcessionState.APPROVED,
    NOW + timedelta(days=1),
)  # fmt: skip


def every_case() -> list[CaseFacts]:
    """Cases of every status, with and without what letters depend on."""
    hold = HoldFacts(HoldReason.WAITING_THIRD_PARTY, NOW, "", NOW, MAYA)
    told = (sent(MessageKind.RESOLUTION),)
    return [
        replace(case(status), legal=legal, executive=True, hold=held, sent=said, concessions=asks)
        for status, legal, held, said, asks in product(
            Status, (True, False), (None, hold), ((), told), ((), (APPROVED,))
        )
    ]


def test_every_letter_is_offered_somewhere_and_has_words_in_every_language() -> None:
    offered = {kind for each in every_case() for kind in list_letters(each)}
    elsewhere = {*TO_OTHERS, MessageKind.RESOLUTION}
    assert offered | elsewhere == set(MessageKind)
    assert set(FITS) == offered
    assert all(is_shipped(kind, language) for kind in MessageKind for language in Language)


def test_the_likeliest_letter_is_one_that_is_offered() -> None:
    for each in every_case():
        if each.status not in (Status.CANDIDATE, Status.MERGED):
            assert likely_letter(each) in list_letters(each)


def test_a_legal_case_begins_with_the_holding_statement_and_offers_no_apology() -> None:
    for each in every_case():
        if each.legal:
            assert likely_letter(each) is MessageKind.LEGAL_HOLDING
            assert set(list_letters(each)) <= LEGAL
            for kind in set(MessageKind) - LEGAL:
                assert chosen_letter(each, kind.value) is MessageKind.LEGAL_HOLDING


@pytest.mark.parametrize(
    ("ask", "allowed"),
    [
        (APPROVED, True),
        (replace(APPROVED, state=ConcessionState.WAITING), False),
        (replace(APPROVED, state=ConcessionState.PROMISED), False),
        (replace(APPROVED, ends=NOW), False),
    ],
)
def test_goodwill_is_written_only_with_an_approval(ask: ConcessionFacts, allowed: bool) -> None:
    about = case(concessions=(ask,))
    assert (MessageKind.GOODWILL in list_letters(about)) is allowed
    assert is_refused(MessageKind.GOODWILL, about) is not allowed
    assert (chosen_letter(about, "goodwill") is MessageKind.GOODWILL) is allowed


def test_what_belongs_to_many_or_to_the_resolution_is_not_sent_as_an_update() -> None:
    for kind in (*TO_OTHERS, MessageKind.RESOLUTION):
        assert is_refused(kind, case())
        assert chosen_letter(case(), kind.value) in LIKELIEST


@pytest.mark.parametrize(
    ("about", "wanted"),
    [
        (case(Status.NEW, sent=()), MessageKind.ACKNOWLEDGEMENT),
        (case(sent=(sent(),)), MessageKind.UPDATE),
        (case(Status.CLOSED), MessageKind.CLOSED),
        (case(Status.DISMISSED), MessageKind.NOT_ESCALATION),
        (case(sent=(sent(MessageKind.RESOLUTION),)), MessageKind.UPDATE),
    ],
)
def test_the_moment_decides_with_which_letter_the_composer_opens(
    about: CaseFacts, wanted: MessageKind
) -> None:
    assert chosen_letter(about, None) is wanted
