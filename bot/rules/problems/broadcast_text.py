"""What each customer reads of a broadcast, and what an approver is shown of it."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.rules.problems import audience
from bot.rules.problems.facts import AffectedFacts, BroadcastFacts
from bot.rules.states import RecipientState

BY_HAND = "hand"  # the route by which a person writes
PAGE_MAX = 20_000  # characters of lines in one direct message, which has room for more

Line = tuple[int, str, str, str]  # affected, language, recipient, what they read


def digest_broadcast(lines: Iterable[Line], promised: datetime) -> str:
    """What an approval is bound to: SHA-256 of every line and the promise, as hexadecimal.

    The order of lines does not matter; a line more, another address or another word does.
    """
    said = json.dumps([sorted(lines), promised.isoformat()], ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()


def write_line(texts: Mapping[str, str], each: AffectedFacts) -> Line:
    """What one customer gets, as an approval is bound to it."""
    return (
        each.id,
        each.language.value,
        audience.recipient_line(each),
        audience.text_for(texts, each),
    )


def choose_samples(to: Sequence[AffectedFacts]) -> list[AffectedFacts]:
    """The first customer of each language: an approver is shown the whole text for each."""
    return list({each.language: each for each in reversed(to)}.values())


def list_pages(
    texts: Mapping[str, str], to: Sequence[AffectedFacts]
) -> list[list[tuple[str, str]]]:
    """Pairs of customer and text for all others, the parts that differ; a page fits one message.

    Customers of ``choose_samples`` are left out, and those with nothing of their own to read.
    """
    whole = choose_samples(to)
    lines = [(each.customer, audience.own_parts(texts, each)) for each in to if each not in whole]
    pages: list[list[tuple[str, str]]] = []
    room = 0
    for line in (each for each in lines if each[1]):
        room -= len(line[0]) + len(line[1])
        if room < 0:
            pages.append([])
            room = PAGE_MAX - len(line[0]) - len(line[1])
        pages[-1].append(line)
    return pages


def describe_sending(sent: BroadcastFacts) -> dict[str, Any]:
    """What goes how, as JSON, right after a broadcast was sent.

    ``routes``: pairs of a route of ours and how many customers it carries to; ``hand``: of each
    customer whom a person writes to, the name ("" where it must not be said), recipient and that
    person's user id; ``withheld``: how many were left out.
    """
    gone = [each for each in sent.receipts if each.state != RecipientState.LEFT]
    ours = Counter(each.route for each in gone if each.route != BY_HAND)
    hand = [[each.customer, each.recipient, each.owner] for each in gone if each.route == BY_HAND]
    left = sent.count(RecipientState.LEFT)
    return {"routes": [list(pair) for pair in sorted(ours.items())], "hand": hand, "withheld": left}
