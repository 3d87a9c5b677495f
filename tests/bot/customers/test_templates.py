"""The library: proposed by one, approved by another, versioned, expiring, withdrawn."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from bot.customers import library
from bot.engine.inbox import Answer
from bot.errors import UserError
from bot.rules.facts import TemplateFacts
from bot.rules.words import Language, MessageKind, Role
from storage.models import MessageTemplate, Outbox
from tests.bot.stage import ANNA, BILL, EMMA, EVAN, ROLES, STRANGER, Stage

COCO = "UCOCO"
BODY = "Dear {{ contact }},\n\n[what changed]\n\nI will write to you again by {{ next_update }}."
UPDATE, EN = MessageKind.UPDATE, Language.ENGLISH


@pytest.fixture
def shelf(stage: Stage) -> Stage:
    """A stage with a comms approver."""
    roles = {**ROLES, Role.COMMS_APPROVER: (COCO,)}
    stage.policy = replace(stage.policy, roles=roles)
    return stage


def later_day(stage: Stage, days: int = 30) -> date:
    return (stage.now + timedelta(days=days)).date()


async def propose(stage: Stage, who: str = ANNA, **fields: Any) -> Answer | None:
    wanted = {
        "kind": "update",
        "language": "en",
        "body": BODY,
        "why": "Shorter",
        "expires": later_day(stage),
    }
    return await stage.do(who, "propose_template", **{**wanted, **fields})


async def decide(stage: Stage, who: str = COCO, *, approve: bool = True, **fields: Any) -> None:
    row = (await stage.rows(MessageTemplate))[-1]
    given = {"template": row.id, "approve": approve, **fields}
    await stage.do(who, "answer_template", **given)


async def used(stage: Stage, on: date | None = None) -> TemplateFacts | None:
    async with stage.database.read() as session:
        found = await library.list_versions(session, UPDATE, EN)
    return library.in_force(found, on or stage.now.date())


async def told(stage: Stage) -> list[tuple[str, str]]:
    rows = [r for r in await stage.rows(Outbox, kind="dm") if "library" in r.payload["text"]]
    return [(r.payload["user"], r.payload["text"]) for r in rows]


async def test_words_are_used_once_somebody_else_approved_them(shelf: Stage) -> None:
    answer = await propose(shelf)
    assert answer is not None
    assert (answer["text"], answer["extra"]["people"]) == ("library:waits", [COCO])
    before = await used(shelf)
    assert before is not None
    assert before.id is None
    await decide(shelf)
    after = await used(shelf)
    assert after is not None
    assert (after.version, after.body, after.approver) == (before.version + 1, BODY, COCO)
    assert await told(shelf) == [(COCO, "library:proposed"), (ANNA, "library:answered")]


async def test_nobody_approves_their_own_words(shelf: Stage) -> None:
    await propose(shelf, who=EMMA)
    with pytest.raises(UserError, match="own_template"):
        await decide(shelf, EMMA)


async def test_only_approvers_answer_and_withdraw(shelf: Stage) -> None:
    await propose(shelf)
    for who in (BILL, STRANGER):
        with pytest.raises(UserError, match="not_your_role"):
            await decide(shelf, who)
        with pytest.raises(UserError, match="not_your_role"):
            await shelf.do(who, "withdraw_template", template=1, reason="Wrong")
    with pytest.raises(UserError, match="not_your_role"):
        await propose(shelf, who=STRANGER)


async def test_words_are_returned_with_a_remark(shelf: Stage) -> None:
    await propose(shelf)
    with pytest.raises(UserError, match="return_needs_remark"):
        await decide(shelf, approve=False)
    await decide(shelf, approve=False, remark="Too cold")
    with pytest.raises(UserError, match="template_answered"):
        await decide(shelf)
    found = await used(shelf)
    assert found is not None
    assert found.id is None


async def test_words_end_on_their_last_day_and_the_earlier_ones_hold_again(shelf: Stage) -> None:
    await propose(shelf)
    await decide(shelf)
    last = later_day(shelf)
    on_it, after = await used(shelf, last), await used(shelf, last + timedelta(days=1))
    assert on_it is not None
    assert after is not None
    assert (on_it.body, after.id) == (BODY, None)
    async with shelf.database.read() as session:
        found = await library.list_versions(session, UPDATE, EN)
    gone = library.expired_versions(found, last + timedelta(days=1))
    assert [each.version for each in gone] == [2]
    assert library.in_force(found, date(2040, 1, 1)) is None
    assert [each.version for each in library.expired_versions(found, date(2040, 1, 1))] == [2, 1]


async def test_withdrawn_words_are_not_used_again(shelf: Stage) -> None:
    await propose(shelf)
    with pytest.raises(UserError, match="template_not_in_use"):
        await shelf.do(COCO, "withdraw_template", template=1, reason="Scope changed")
    await decide(shelf)
    await propose(shelf, body=BODY + "\nThank you.")
    await decide(shelf)
    await shelf.do(EVAN, "withdraw_template", template=2, reason="Scope changed")
    found = await used(shelf)
    assert found is not None
    assert found.version == 2
    await propose(shelf)
    assert [row.version for row in await shelf.rows(MessageTemplate)] == [2, 3, 4]


@pytest.mark.parametrize(
    "body",
    [
        "{{ contact.__class__ }} {{ next_update }}",
        "We will refund you €500. {{ next_update }}",
        "Card 4111 1111 1111 1111 {{ next_update }}",
        "Dear {{ contact }}",
    ],
)
async def test_bad_words_are_not_stored(shelf: Stage, body: str) -> None:
    with pytest.raises(UserError, match="bad_template"):
        await propose(shelf, body=body)
    assert await shelf.rows(MessageTemplate) == []


async def test_a_last_day_in_the_past_is_refused(shelf: Stage) -> None:
    with pytest.raises(UserError, match="expires_in_past"):
        await propose(shelf, expires=shelf.now.date())


async def test_without_anybody_to_ask_the_author_is_told(shelf: Stage) -> None:
    shelf.policy = replace(shelf.policy, roles={Role.AGENT: (ANNA,)})
    with pytest.raises(UserError, match="no_approver_of_words"):
        await propose(shelf)


async def test_brackets_of_proposed_words_must_be_filled_too(shelf: Stage) -> None:
    await propose(shelf)
    await decide(shelf)
    number = await shelf.claimed()
    with pytest.raises(UserError, match="brackets"):
        await shelf.update(number, text="[what changed] I write again at 14:00.")


@pytest.mark.parametrize(
    "body",
    [
        "We will re{{ '' }}fund you €500. {{ next_update }}",
        "We will {{ 're' if leads else 're' }}fund you. {{ next_update }}",
        "We will re{{ resolution }}fund you. {{ next_update }}",
        "{% if severity == 'SEV3' %}We will refund you.{% endif %} {{ next_update }}",
        "{% if leads %}We will {% endif %}{% if not leads %}re{% else %}re{% endif %}fund you.",
        "{{ contact and 're' or 're' }}fund of €500 for you. {{ next_update }}",
        "We will re\u200bfund you. {{ next_update }}",
        "We will re{% for each in targets %}f{% endfor %}und you. {{ next_update }}",
        "We give you €500 o{% for each in targets %}f{% endfor %}. {{ next_update }}",
    ],
)
async def test_money_is_found_in_the_letter_however_the_words_are_put_together(
    shelf: Stage, body: str
) -> None:
    with pytest.raises(UserError, match="bad_template"):
        await propose(shelf, body=body)
    assert await shelf.rows(MessageTemplate) == []


@pytest.mark.parametrize(
    "body",
    [
        "Dear {{ contact }}{% if 1 == 2 %}{{ next_update }}{% endif %}",
        "Dear {{ contact }}{% if leads %}, by {{ next_update }}{% endif %}",
        "Dear {{ contact }}{% if next_update == '' %}{{ next_update }}{% endif %}",
        "Dear {{ contact }}{{ '' if next_update else next_update }}",
        "Dear {{ contact }}{% for each in targets %}{{ next_update }}{% endfor %}",
    ],
)
async def test_the_next_update_is_in_every_letter_and_not_in_a_branch(
    shelf: Stage, body: str
) -> None:
    with pytest.raises(UserError, match="bad_template"):
        await propose(shelf, body=body)


async def test_conditions_that_every_letter_survives_are_taken(shelf: Stage) -> None:
    body = BODY + "{% if leads %} I lead it.{% else %} {{ manager }} leads it.{% endif %}"
    await propose(shelf, body=body + "{{ resolution or '[what is different now]' }}")
    many = "".join(f"{{% if severity == 'SEV{n}' %}}{n}{{% endif %}}" for n in range(9))
    with pytest.raises(UserError, match="bad_template"):
        await propose(shelf, body=BODY + many)


async def test_a_manager_does_not_approve_words_where_comms_approvers_are_named(
    shelf: Stage,
) -> None:
    await propose(shelf)
    with pytest.raises(UserError, match="not_your_role"):
        await decide(shelf, EVAN)
    await decide(shelf)
