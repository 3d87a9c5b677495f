"""A table of actors, kinds of case and doors: what each gets, and that nothing leaks to them.

Every pair of an actor and a kind of case tries every kind of door, each door one actor; with
``DOORS=all`` (``make doors``) all try all. What an actor gets is said in ``CELLS``. Whatever they
were sent, the words of a case that is not theirs stand in none of it, in either language.
"""

import json
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import Enum
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from pypdf import PdfReader

from bot.registry import USE_CASES
from bot.rules.permissions import ANYONE, PERMISSIONS
from bot.rules.words import Language, Role
from cli.workspace.local import demo_policy
from handlers.slack.manifest import GLOBAL_SHORTCUT
from messages.cases.answers import refusal_message
from sandbox.state import User
from tests.e2e.doors import Door, knocked
from tests.e2e.office import DAN, ELENI, KATE, MAYA, NIKOS, SOFIA, STRANGER, Office, office
from tests.e2e.test_every_door import ALL, DOORS, KINDS, LATER, NOBODYS, carried, without_number
from tests.e2e.test_members import GONE, GUEST, OUTSIDER, ROBOT, counted, let_in
from tests.ports import free_port

pytestmark = pytest.mark.asyncio(loop_scope="module")

SINGLE, GREEK_GUEST, GREEK = "U0SINGLE", "U0GREEKG", "U0GREEK"
AUDITOR = "U0AUDIT"
NOT_KNOWN = "U0NOBODY"  # Slack knows no such account


class Cell(Enum):
    """What an actor gets at a door to a case."""

    REFUSED = "why such people are let in nowhere"
    ABSENT = "what is said of a number that no case has"
    WITHOUT_ROLE = "that they may not, or what does not concern the case"
    READS = "the case, or why not just now"


@dataclass(frozen=True)
class Who:
    """An actor. ``standing`` is the refusal of those who are no members, None for members.

    ``reachable``: Slack takes messages to them. ``reads`` are kinds of case that they may read.
    """

    user: str
    standing: str | None = None
    language: Language = Language.ENGLISH
    reachable: bool = True
    reads: frozenset[str] = frozenset()


OPENLY = frozenset({"open", "legal", "problem", "closed"})
ACTORS: Mapping[str, Who] = {
    "manager": Who(ELENI, reads=OPENLY | {"restricted"}),
    "agent": Who(NIKOS, language=Language("el"), reads=OPENLY),
    "account executive": Who(DAN, reads=OPENLY),
    "administrator": Who(KATE, reads=OPENLY),
    "executive": Who(SOFIA, reads=OPENLY),
    "auditor": Who(AUDITOR, reads=OPENLY | {"restricted"}),
    "outsider": Who(STRANGER),
    "outsider who reads Greek": Who(GREEK, language=Language("el")),
    "guest in several channels": Who(GUEST, "guest"),
    "guest who reads Greek": Who(GREEK_GUEST, "guest", Language("el")),
    "guest in one channel": Who(SINGLE, "guest"),
    "stranger": Who(NOT_KNOWN, "unknown", reachable=False),
    "person who left": Who(GONE, "deactivated", reachable=False),
    "app": Who(ROBOT, "bot", reachable=False),
    "person of another workspace": Who(OUTSIDER, "outsider"),
}
CASES = ("open", "restricted", "legal", "problem", "drill", "closed")
PAIRS = [(actor, kind) for actor in ACTORS for kind in CASES]
STRIDE = 5  # so that neighbouring doors are tried by different people
# Doors at which Slack takes no answer for who cannot be sent a message.
MUTE = frozenset({"message", "app_mention", "redraw", "home"})
SILENCE = frozenset({"null", "{}", "200"})  # what Slack is told then


def cell(actor: str, kind: str) -> Cell:
    """What stands in the table."""
    who = ACTORS[actor]
    if who.standing:
        return Cell.REFUSED
    if kind in who.reads:
        return Cell.READS
    return Cell.ABSENT if kind in ("restricted", "drill") else Cell.WITHOUT_ROLE


def mark(kind: str) -> str:
    """The word that stands in all that people wrote of a case of this kind."""
    return f"Xylo{kind}"


def words(kind: str) -> dict[str, Any]:
    """The fields of its opening, the word in each."""
    word = mark(kind)
    return {
        "account": "",
        "customer": f"{word} Holdings",
        "stake": f"{word} cannot invoice",
        "contact_name": f"{word} Person",
        "contact_email": f"{word}@{word}.example".lower(),
        "ticket_url": f"https://tickets.example/{word}",
        "severity": 2,
    }


@dataclass(frozen=True)
class Place:
    """The office, and the numbers of its cases by kind."""

    desk: Office
    numbers: Mapping[str, int]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def place(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Place]:
    """An office with one case of each kind, and all actors in its workspace."""
    folder, url = tmp_path_factory.mktemp("knows"), f"http://127.0.0.1:{free_port()}"
    roles = {**demo_policy().roles, Role.AUDITOR: (AUDITOR,)}
    policy = replace(demo_policy(), roles=roles)
    async with office(Path(folder), http=True, public_url=url, policy=policy) as desk:
        yield Place(desk, await make_cases(desk))


async def make_cases(desk: Office) -> dict[str, int]:
    """The cases; in each its word in what was written, sent, asked and decided."""
    numbers = {}
    for kind in ("open", "restricted", "legal", "problem", "closed"):
        stage = "closed" if kind == "closed" else "new"
        number = await desk.stage(stage, **words(kind), sensitive=kind == "restricted")
        numbers[kind] = number
        if stage == "new":
            await write(desk, number, mark(kind))
    legal = {"case": numbers["legal"], "trigger": "legal", "reason": f"{mark('legal')} sues"}
    await desk.wants(ELENI, "executive_flag", legal)
    about = {"title": "Gateway", "known": "x", "severity": 2, "case": numbers["problem"]}
    await desk.wants(ELENI, "open_problem", about)
    await desk.wants(MAYA, "start_drill", {})
    await desk.here.settle()
    desk.opened += 1
    numbers["drill"] = desk.opened
    let_in(desk)
    for user, given in {
        SINGLE: {"is_restricted": True, "is_ultra_restricted": True},
        GREEK_GUEST: {"is_restricted": True, "locale": "el-GR"},
        GREEK: {"locale": "el-GR"},
        AUDITOR: {},
    }.items():
        desk.ws.add_user(User(id=user, name=user.lower(), real_name=user, **given))
    await desk.pass_time(timedelta(minutes=3))  # what comes by itself has come
    return numbers


async def write(desk: Office, number: int, word: str) -> None:
    """What people write in a case, the word in all of it."""
    for who, verb, given in (
        (ELENI, "claim", {}),
        (MAYA, "update", {"kind": "acknowledgement", "text": f"Dear {word}, we are on it."}),
        (ELENI, "action_item", {"owner": MAYA, "title": f"Call {word}"}),
        (ELENI, "decide", {"decision": f"Wait for {word}", "why": f"{word} asked"}),
    ):
        await desk.wants(who, verb, {"case": number, **given})
    await desk.here.settle()


def tries(kind: str) -> Iterator[tuple[Door, str, str]]:
    """Who tries which door with which case: each door, and each pair at each kind of door."""
    doors = DOORS[kind]
    if ALL:
        for turn, door in enumerate(doors):
            one = CASES[turn % len(CASES)]  # to who is no member all cases are the same
            yield from ((door, a, c) for a, c in PAIRS if c == one or not ACTORS[a].standing)
        return
    pairs = PAIRS if any(door.of_case for door in doors) else [(a, "open") for a in ACTORS]
    for turn in range(max(len(doors), len(pairs))):
        yield doors[turn % len(doors)], *pairs[turn * STRIDE % len(pairs)]


def is_tried_elsewhere(door: Door, expected: Cell) -> bool:
    """Whether the knock would do something that the actor may do; tests/e2e/test_pressed.py."""
    acts = door.kind in ("do", "form") or ":do:" in door.name or door.verb in USE_CASES
    if expected is Cell.REFUSED or not acts:
        return False
    return expected is Cell.READS or not door.of_case or PERMISSIONS.get(door.verb) is ANYONE


def foreign(actor: str) -> list[str]:
    """The words that may stand in nothing that an actor is sent."""
    who = ACTORS[actor]
    return [mark(kind).lower() for kind in CASES if kind not in who.reads]


def leaked(told: str, actor: str) -> list[str]:
    """Those of these words that do."""
    return [word for word in foreign(actor) if word in told.lower()]


@pytest.mark.parametrize("kind", KINDS)
async def test_what_each_actor_gets_at_each_door_to_each_kind_of_case(
    place: Place, kind: str
) -> None:
    desk, before = place.desk, await counted(place.desk)
    for door, actor, case in tries(kind):
        expected, who = cell(actor, case), ACTORS[actor]
        if is_tried_elsewhere(door, expected):
            continue
        number, at = place.numbers[case], (door.name, actor, case)
        told = await knocked(desk, door, who.user, carried(desk, door, number))
        assert leaked(told, actor) == [], at
        assert "went wrong" not in told, at
        if expected is Cell.REFUSED:
            assert is_refused(told, door, who), (at, told)
        elif expected is Cell.ABSENT and door.of_case:
            nobody = await knocked(desk, door, who.user, carried(desk, door, NOBODYS))
            assert without_number(told, number) == without_number(nobody, NOBODYS), at
        elif door.kind not in ("redraw", "options"):
            assert told not in SILENCE, at
    after = await counted(desk)
    assert {name for name in after if after[name] != before[name]} <= LATER


def is_refused(told: str, door: Door, who: Who) -> bool:
    """Refused in plain words, in their language; in silence only where Slack takes no answer."""
    mute = door.kind in MUTE or door.name == f"shortcut:{GLOBAL_SHORTCUT}"
    if mute and not who.reachable and told in SILENCE:
        return True
    if door.kind == "options":
        return told == '{"options": []}'
    assert who.standing
    why = refusal_message(who.standing, who.language).text
    return json.dumps(why, ensure_ascii=False)[1:-1] in told or why in told


def sent_to(desk: Office, who: str) -> str:
    """All that the app ever sent where a person reads, with the names and texts of its files.

    Of open channels only what they are members of: who may look into them, Slack decides.
    """
    places = [c for c in desk.ws.channels.values() if who in c.members]
    texts: list[str] = [m.text + json.dumps(m.blocks) for m in desk.answers(who)]
    files = []
    for place in places:
        said = [m for m in place.messages.values() if m.user == desk.bot]
        texts += [place.name, place.topic.value, place.purpose.value]
        texts += [m.text + json.dumps(m.blocks) + json.dumps(m.extra) for m in said]
        files += [desk.ws.files[key] for m in said for key in m.files]
    texts += [f"{f.name} {f.title} {f.alt_txt} {f.content!r}" for f in files]
    home = desk.here.people.home(who)
    return "\n".join([*texts, json.dumps(home.payload) if home else ""])


async def test_nothing_that_anybody_was_sent_holds_words_of_a_case_that_is_not_theirs(
    place: Place,
) -> None:
    desk = place.desk
    mine = place.numbers["restricted"]
    assert mark("restricted") in sent_to(desk, ELENI), "who owns it reads it"
    for actor, who in ACTORS.items():
        told = sent_to(desk, who.user)
        assert leaked(told, actor) == [], actor
        assert "restricted" in who.reads or f"esc-{mine}-" not in told.lower(), actor


async def test_figures_and_their_files_name_no_restricted_case_and_no_drill(place: Place) -> None:
    desk = place.desk
    async with httpx.AsyncClient(trust_env=False) as client:
        for actor in ("executive", "administrator", "manager"):
            who = ACTORS[actor].user
            await desk.command(who, "figures")
            (link, *_) = re.findall(r"https?://[^|\s>]+/g/[\w-]+", desk.answers(who)[-1].text)
            for ending in ("", "?lang=el", ".csv", ".pdf"):
                answer = await client.get(link + ending)
                assert answer.status_code == 200
                shown = pdf_text(answer.content) if ending == ".pdf" else answer.text
                shown += str(answer.headers)
                assert [w for w in (mark("restricted"), mark("drill")) if w in shown] == []


def pdf_text(content: bytes) -> str:
    """What a reader of a PDF reads."""
    return "".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages)


async def test_a_colleagues_link_opens_nothing_once_they_are_no_member(place: Place) -> None:
    desk = place.desk
    async with httpx.AsyncClient(trust_env=False) as client:
        await desk.command(SOFIA, "figures")
        (link, *_) = re.findall(r"https?://[^|\s>]+/g/[\w-]+", desk.answers(SOFIA)[-1].text)
        for change in ({"is_restricted": True}, {"deleted": True}):
            await desk.here.people.change_user(SOFIA, **change)
            await desk.here.settle()
            for ending in ("", ".csv", ".pdf"):
                answer = await client.get(link + ending)
                assert answer.status_code == 404, (change, ending)
                assert "Escalations" not in answer.text
            await desk.here.people.change_user(SOFIA, **dict.fromkeys(change, False))
            await desk.here.settle()
        assert (await client.get(link)).status_code == 200
