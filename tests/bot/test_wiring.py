"""The tables of reactions: nothing happens unheard, and nothing is listened for in vain."""

from collections.abc import Iterator
from types import CodeType, FunctionType, ModuleType

import pytest

from bot.core import reactions
from bot.core.reactions import CaseOpened, Event, react
from bot.customers.outgoing import BY_US
from bot.engine.actors import SYSTEM, Actor
from bot.engine.unit_of_work import Standalone, UnitOfWork
from bot.feedback.pages import take_answer
from bot.mail.receive import receive_mail
from bot.performers import PERFORMERS
from bot.registry import USE_CASES
from bot.rules.words import HelpDesk, Language
from bot.wiring import COURIERS, REACTIONS
from messages.cases.notices import NOTICES
from messages.kit.texts import load_texts
from storage.models import Case
from tests.bot.stage import Stage

EVENTS = [
    each
    for each in vars(reactions).values()
    if isinstance(each, type) and issubclass(each, Event) and each is not Event
]


def named_in(function: FunctionType) -> Iterator[object]:
    """Everything of its module, or of a module that it knows, that a function names."""
    codes: list[CodeType] = [function.__code__]
    for code in codes:
        codes += [each for each in code.co_consts if isinstance(each, CodeType)]
    names = {name for code in codes for name in code.co_names}
    known = [function.__globals__[name] for name in names if name in function.__globals__]
    yield from known
    for table in (each for each in known if isinstance(each, dict)):
        yield from table.values()
    for module in known:
        if isinstance(module, ModuleType) and module.__name__.startswith("bot."):
            yield from (vars(module)[name] for name in names if name in vars(module))


def reached() -> set[object]:
    """What use cases, performers, mail and answers on pages lead to, however far down."""
    waiting: list[object] = [*USE_CASES.values(), *PERFORMERS.values(), receive_mail, take_answer]
    seen: set[object] = set()
    while waiting:
        each = waiting.pop()
        if not isinstance(each, FunctionType | type) or each in seen:
            continue
        seen.add(each)
        if not each.__module__.startswith("bot."):
            continue
        if isinstance(each, FunctionType):
            waiting += named_in(each)
        else:  # a class leads to what its methods name
            waiting += [made for made in vars(each).values() if isinstance(made, FunctionType)]
    return seen


def test_every_event_has_a_reaction() -> None:
    assert set(REACTIONS) == set(EVENTS)
    assert all(REACTIONS.values())


def test_what_comes_in_leads_to_every_event() -> None:
    assert set(EVENTS) <= reached()


def test_every_reaction_is_a_function_of_a_unit_of_work_and_its_event() -> None:
    for event, called in REACTIONS.items():
        for reaction in called:
            taken = reaction.__annotations__["event"]
            assert event is taken or event in taken.__args__, reaction


def test_every_route_by_which_the_app_sends_has_a_courier() -> None:
    assert set(COURIERS) == BY_US
    assert {each.value for each in HelpDesk} <= set(COURIERS)


@pytest.mark.parametrize("medium", sorted({each.medium for each in COURIERS.values()}))
def test_what_a_courier_records_and_tells_has_its_words(medium: str) -> None:
    for language in Language:
        recorded = {f"event.{medium}_{verb}" for verb in ("queued", "delivered", "refused")}
        assert recorded <= set(load_texts(language))
    assert {f"{medium}_failed", f"{medium}_waits"} <= set(NOTICES)


async def test_a_unit_of_work_that_nothing_is_wired_to_refuses_an_event(stage: Stage) -> None:
    case = await stage.case(await stage.opened())
    async with stage.database.write() as session:
        services = Standalone(stage.database, stage.policy, stage.services().clock)
        work = UnitOfWork.join(session, services, Actor(SYSTEM, "test"))
        with pytest.raises(KeyError):
            await react(work, CaseOpened(case))


async def test_what_a_reaction_refuses_undoes_what_it_reacts_to(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(work: UnitOfWork, event: CaseOpened) -> None:
        raise RuntimeError

    monkeypatch.setitem(REACTIONS, CaseOpened, (refuse,))  # type: ignore[arg-type]
    with pytest.raises(RuntimeError):
        await stage.opened()
    monkeypatch.undo()
    number = await stage.opened()
    assert [case.number for case in await stage.rows(Case)] == [number]
