"""What a customer pays a year: on record in every channel, an amount only for those who may know.

Also what customers are granted. Everything that a case says is said here, in either language.
"""

from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal

import pytest
import pytest_asyncio
from sqlmodel import col, update

from bot.rules.facts import AccountFacts
from bot.rules.words import Language
from cli.workspace.demo import TRIAGE
from cli.workspace.local import demo_policy
from messages.kit.amounts import format_amount, format_revenue
from sandbox import conversations
from sandbox.state import Message
from storage.models import Account
from tests.e2e.office import (
    DAN,
    ELENI,
    KATE,
    MAYA,
    NIKOS,
    PRIYA,
    RICHARD,
    SOFIA,
    TOMAS,
    Office,
    office,
)

pytestmark = pytest.mark.asyncio(loop_scope="module")

KEY, ARR, GRANTED = "delphi-energy", 7_654_321, 543
MAY = {ELENI, KATE, SOFIA, RICHARD, PRIYA, DAN}  # who lead, executives, the account's own
MAY_NOT = {MAYA, NIKOS, TOMAS}  # agents and the technical lead
ON_RECORD = {Language.ENGLISH: "on record", Language.GREEK: "καταχωρισμένα"}


def bare(text: str) -> str:
    """A text without spaces of any kind, so that the same amount is the same."""
    return "".join(text.split())


def written(language: Language) -> set[str]:
    """How the revenue is written, long and short."""
    account = AccountFacts(KEY, "", arr=ARR)
    return {
        bare(format_amount(ARR, "EUR", language)), bare(format_revenue(account, language)),
    }  # fmt: skip


REVENUE = {str(ARR), *written(Language.ENGLISH), *written(Language.GREEK)}
MONEY = {bare(format_amount(Decimal(GRANTED), "EUR", language)) for language in Language} | {
    f"{GRANTED}EUR"
}


def amounts_in(text: str, amounts: set[str]) -> list[str]:
    """Those of the amounts that a text has."""
    return [each for each in amounts if each in bare(text)]


@pytest_asyncio.fixture(
    scope="module", loop_scope="module", params=[Language.ENGLISH, Language.GREEK], ids=str
)
async def desk(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Office]:
    """An office whose channels read a language, after the whole story of a case."""
    spoken = (request.param, *(each for each in Language if each is not request.param))
    policy = demo_policy()
    policy = replace(policy, languages=spoken, triage=replace(policy.triage, channel=TRIAGE))
    async with office(tmp_path_factory.mktemp("amounts"), http=True, policy=policy) as here:
        conversations.join(here.ws, here.bot, TRIAGE)
        async with here.here.services.database.write() as session:
            row = update(Account).where(col(Account.key) == KEY)
            await session.exec(row.values(arr=ARR))
        await tell_all(here)
        yield here


async def tell_all(desk: Office) -> None:
    """Candidate, case, flag, question, money, promise that is missed, postmortem, close."""
    call = {"customer": f"account:{KEY}", "account": KEY, "words": "They wait."}
    await desk.wants(MAYA, "log_call", call)
    await desk.here.settle()
    number = await desk.stage("asked", severity=1)
    about = {"case": number}
    for who, verb, given in (
        (ELENI, "executive_flag", {"trigger": "threat_to_cancel", "reason": "They may leave"}),
        (ELENI, "request_concession", {"amount": f"{GRANTED} EUR", "reason": "outage",
                                       "kind": "goodwill", "why": "They lost a day"}),
        (ELENI, "action_item", {"owner": TOMAS}),
        (ELENI, "decide", {"decision": "Call them", "why": "x"}),
        (ELENI, "open_problem", {"title": "A", "known": "x", "severity": 2}),
    ):  # fmt: skip
        await desk.wants(who, verb, about | given)
        await desk.here.settle()
    second = await desk.stage("reviewed")
    await desk.wants(ELENI, "close", {"case": second})
    await desk.here.settle()


def in_channels(desk: Office) -> str:
    """All that stands in channels: messages, topics, names, bookmarks, files."""
    found: list[str] = []
    for channel in desk.ws.channels.values():
        if channel.is_im:
            continue
        found += [channel.name, channel.topic.value, channel.purpose.value]
        found += [b.title + b.link for b in channel.bookmarks.values()]
        found += [m.text + str(m.blocks) for m in channel.messages.values()]
    files = (f.content or b"" for f in desk.ws.files.values())
    return "\n".join([*found, *(content.decode("utf-8", "replace") for content in files)])


async def test_no_channel_reads_an_amount_but_that_there_is_one(desk: Office) -> None:
    said = in_channels(desk)
    assert amounts_in(said, REVENUE | MONEY) == []
    spoken = desk.here.services.policy.languages[0]
    assert ON_RECORD[spoken] in str(desk.card(1).blocks)
    assert any(ON_RECORD[spoken] in str(m.blocks) for m in posted(desk, TRIAGE))
    assert any(f.name.endswith(".md") for f in desk.ws.files.values())  # the agenda was there


def posted(desk: Office, channel: str) -> list[Message]:
    """The messages of a channel."""
    return list(desk.ws.channels[channel].messages.values())


async def test_private_answers_have_it_for_those_who_may_know(desk: Office) -> None:
    for who in sorted(MAY | MAY_NOT):
        for line in ("show ESC-1", "digest"):
            before = len(desk.answers(who))
            await desk.command(who, line)
            told = "".join(m.text + str(m.blocks) for m in desk.answers(who)[before:])
            assert bool(amounts_in(told, REVENUE)) == (who in MAY), (who, line, told)


async def test_those_who_need_not_know_were_told_no_amount_in_private(desk: Office) -> None:
    for who in sorted(MAY_NOT):
        for line in ("timeline ESC-1", "concessions", "why ESC-1", "list", "problem 1", "triage"):
            await desk.command(who, line)
        told = "".join(m.text + str(m.blocks) for m in [*desk.dms(who), *desk.answers(who)])
        assert told
        assert amounts_in(told, REVENUE | MONEY) == [], who


async def test_executives_read_it_in_what_they_are_asked(desk: Office) -> None:
    told = "".join(m.text + str(m.blocks) for m in desk.dms(SOFIA))
    assert amounts_in(told, REVENUE)
