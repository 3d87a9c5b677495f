"""An erasure that is cut short goes on, whichever step it was; figures stay as they were."""

from typing import TYPE_CHECKING, Any, cast

import pytest

from bot.audit.proof import prove_records
from bot.audit.sealing import seal_records
from bot.clock import SystemClock
from bot.compliance.erasure.belongs import belonging_to_person
from bot.compliance.erasure.erasing import Erasing, HeldError
from bot.compliance.erasure.finding import find_named
from bot.compliance.rounds import forget_overdue
from bot.people.directory import People
from bot.reports.reading import read_report
from bot.rules.compliance.persons import Sought
from bot.rules.compliance.retention import Period
from messages.kit.mrkdwn import mention_user
from storage.models import (
    AuditEvent,
    Case,
    CaseRole,
    Forgotten,
    FormLink,
    FormRequest,
    Outbox,
    Person,
    TipReader,
)
from tests.bot.compliance.erasure.everywhere import (
    ADDRESS,
    ALIAS,
    ID,
    NAME,
    erasing,
    lived,
    named_in,
)
from tests.bot.compliance.old_cases import LATER, closed_case, dump, held, let_go, with_retention
from tests.bot.compliance.test_cut_short import KilledError
from tests.bot.compliance.test_cut_short import kill as kill
from tests.bot.reports import test_year
from tests.bot.reports.year import NOW, build_year
from tests.bot.stage import EMMA, T0, Stage
from tests.bot.store import Keeper

if TYPE_CHECKING:
    from messages.clients.slack import Slack


async def test_killed_at_every_step_it_goes_on_to_the_same_end(kept: Stage, kill: Any) -> None:
    await lived(kept)
    turns = 0
    while turns < 300:
        kill(kept, turns)
        try:
            await erasing(kept).run({})
        except KilledError:
            turns += 1
            continue
        break
    kill(kept, None)
    assert 10 < turns < 300  # each time a step further, until all of it is done
    await seal_records(kept)
    assert named_in(await dump(kept)) == set()
    assert (await prove_records(kept.database, kept.now)).findings == []
    verbs = [row.verb for row in await kept.rows(Forgotten) if row.verb.startswith("erase")]
    assert verbs == ["erase", "erased"]  # begun once, ended once
    links = [(link.record, link.row) for link in await kept.rows(AuditEvent)]
    assert len(links) == len(set(links))


async def test_a_hold_that_comes_in_between_ends_it_there(
    kept: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, _ = await lived(kept)
    begin = Erasing._begin

    async def begun_and_held(work: Erasing) -> None:
        await begin(work)
        await held(kept, number)

    monkeypatch.setattr(Erasing, "_begin", begun_and_held)
    with pytest.raises(HeldError, match=f"ESC-{number}"):
        await erasing(kept).run({})
    monkeypatch.undo()
    await held(kept, number, None)
    await erasing(kept).run({})
    assert named_in(await dump(kept)) == set()


async def test_what_slack_shows_of_open_cases_is_drawn_anew(kept: Stage) -> None:
    over, _ = await lived(kept)
    going = await kept.opened(stake=f"{NAME} waits")
    async with kept.database.write() as session:
        for number in (over, going):
            case = await session.get_one(Case, number)
            case.channel_id = f"C{number}"
            session.add(case)
    await let_go(kept)
    await erasing(kept).run({})
    drawn = [row for row in await kept.rows(Outbox) if row.state == "pending"]
    assert {(row.case_number, row.kind) for row in drawn} == {(going, "card"), (going, "topic")}
    assert len(drawn) == 2
    assert (await kept.case(going)).stake == f"{ALIAS} waits"


async def test_two_people_are_erased_in_one_row_and_its_words_forgotten_later(kept: Stage) -> None:
    number, _ = await lived(kept)
    await erasing(kept).run({})
    other = Sought("person-89abcdef", (EMMA,))
    await Erasing(kept.process(), other, "ada@desk", kept.now).run({})
    assert named_in(await dump(kept), EMMA.lower()) == set()
    assert (await prove_records(kept.database, kept.now)).findings == []
    await let_go(kept)
    with_retention(kept).now = T0 + LATER
    assert (await forget_overdue(kept.process()))[Period.WORDS] >= 1
    await seal_records(kept)
    assert (await kept.timeline(number))[0].actor != EMMA
    assert (await prove_records(kept.database, kept.now)).findings == []


async def test_what_was_forgotten_can_be_erased_as_well(kept: Stage) -> None:
    number = await closed_case(kept)
    with_retention(kept).now = T0 + LATER
    await forget_overdue(kept.process())
    await seal_records(kept)
    other = Sought("person-89abcdef", (EMMA,))
    await Erasing(kept.process(), other, "ada@desk", kept.now).run({})
    assert {e.actor for e in await kept.timeline(number)} & {"person-89abcdef"}
    assert (await prove_records(kept.database, kept.now)).findings == []


async def test_a_row_whose_key_is_there_already_makes_way(kept: Stage) -> None:
    await lived(kept)
    await erasing(kept).run({})
    await kept.add(Person(user_id=ID, name=NAME, email=ADDRESS, fetched_at=kept.now))
    await erasing(kept).run({})
    people = {row.user_id for row in await kept.rows(Person)}
    assert ALIAS in people
    assert ID not in people


async def test_news_of_who_was_erased_bring_no_name_back(kept: Stage) -> None:
    await kept.add(TipReader(user_id=ID), Person(user_id=ID, name=NAME, fetched_at=T0))
    await erasing(kept).run({})
    people = People(kept.database, SystemClock(), cast("Slack", None))
    assert await people.changed({"id": ID, "profile": {"display_name": NAME}}) is False
    assert await people.find_conversation(ID) is None
    assert named_in(await dump(kept)) == set()
    assert await kept.rows(TipReader) == []  # nothing is sent to a pseudonym
    assert mention_user(ALIAS) == ALIAS
    assert mention_user(EMMA) == f"<@{EMMA}>"


async def test_what_is_typed_brings_what_stands_beside_it(kept: Stage) -> None:
    request = FormRequest(
        key="k", link=1, company="Acme", name=NAME, email=ADDRESS, phone="+30 210 000", text="x",
        language="en", impact="x", made_at=T0, expires_at=T0,
    )  # fmt: skip
    await kept.add(FormLink(id=1, account_key="acme", made_by=EMMA, made_at=T0, expires_at=T0))
    await kept.add(Person(user_id=ID, name=NAME, email="zz@desk.example", fetched_at=T0), request)
    async with kept.database.read() as session:
        by_id = await belonging_to_person(session, ID)
        by_address = await belonging_to_person(session, ADDRESS.upper(), "Zo")
        by_name = await belonging_to_person(session, NAME)
    assert by_id == [ID, NAME, "zz@desk.example"]
    assert by_address == [ADDRESS.upper(), "Zo", NAME, ADDRESS, "+30 210 000"]
    assert by_name == [NAME]


async def test_the_figures_of_a_year_are_the_same_before_and_after(keeper: Keeper) -> None:
    await build_year(keeper.database, 60)
    services = test_year.services(keeper.database)
    assert test_year.Q3 is not None
    stage = Stage(keeper.database, services.policy, NOW)
    before = await read_report(services, test_year.Q3, money=True)
    found = await find_named(keeper.database, Sought(ALIAS, (EMMA,)))
    assert found.cases
    roles = len(await stage.rows(CaseRole))
    await Erasing(stage.process(), Sought(ALIAS, (EMMA,)), "ada@desk", NOW).run({})
    after = await read_report(services, test_year.Q3, money=True)
    assert repr(after).replace(ALIAS, EMMA) == repr(before).replace(ALIAS, EMMA)
    assert len(await stage.rows(CaseRole)) == roles
    assert (await prove_records(keeper.database, NOW)).findings == []
