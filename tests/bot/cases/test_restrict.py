"""A case that becomes restricted: out of its problem, on in a private channel, closed to others."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from bot.core.access import on_case
from bot.effects import IN_CHANNEL
from bot.errors import UserError
from bot.problems import snapshot as problem_snapshot
from bot.rules.problems.facts import ProblemFacts
from bot.rules.words import Language, Role, Severity
from bot.slack import move_to_private
from messages.problems.broadcast import broadcast_shown
from messages.problems.card import affected_list, problem_shown
from storage.models import (
    Affected,
    Broadcast,
    BroadcastRecipient,
    Case,
    Draft,
    Outbox,
    Problem,
    SentMessage,
)
from tests.bot.problems.test_broadcasts import COCO, decide, propose, send
from tests.bot.problems.test_problem import accounts, begun
from tests.bot.stage import (
    ANNA,
    BILL,
    EMMA,
    EVAN,
    EXEC,
    EXTRA,
    LAWYER,
    ROLES,
    TINA,
    Stage,
)

REASON = "Their lawyer wrote to us"
SECRETS = ("Acme", "Checkout is down", "Maria")


async def flagged(stage: Stage, number: int) -> None:
    """The customer threatens legal action."""
    await stage.do(ANNA, "executive_flag", number, trigger="legal", reason=REASON)


async def shown(stage: Stage) -> str:
    """Everything that anybody at work can read of the problem, in both languages."""
    async with stage.database.read() as session:
        row = await session.get(Problem, 1)
        assert row is not None
        known: ProblemFacts = await problem_snapshot.load_problem(session, row, stage.now)
        sent = [
            await problem_snapshot.load_broadcast(session, each) for each in await rows(session)
        ]
    found = []
    for language in Language:
        found += [problem_shown(known, language), affected_list(known, language)]
        found += [broadcast_shown(each, known.title, language) for each in sent]
    return "\n".join(m.text + str(m.blocks) for m in found)


async def rows(session: Any) -> list[Broadcast]:
    """All broadcasts."""
    return list((await session.exec(select(Broadcast))).all())


async def told_of(stage: Stage, case: int, channel: str = "C1") -> None:
    """The case has a public channel with a card, and all was said."""
    await stage.in_channel(case, channel)
    async with stage.database.write() as session:
        row = await session.get(Case, case)
        assert row is not None
        row.channel_name, row.card_ts, row.topic = "esc-1-acme", "1.1", f"ESC-{case} · SEV2 · Acme"
        row.ticket_url = "https://tickets.example/1"
        session.add(row)


def queued(rows: list[Outbox], kind: str) -> list[Outbox]:
    """The rows of a kind that still wait."""
    return [row for row in rows if row.kind == kind and row.state == "pending"]


# -- the problem


@pytest.fixture
def many(stage: Stage) -> Stage:
    """A stage with somebody who approves messages to many."""
    stage.policy = replace(stage.policy, roles={**ROLES, Role.COMMS_APPROVER: (COCO,)})
    return stage


async def test_the_flag_takes_the_case_out_of_its_problem_and_names_nobody_there(
    stage: Stage,
) -> None:
    case = await begun(stage)
    assert "Acme Hellas" in await shown(stage)
    assert f"ESC-{case}" in await shown(stage)
    await flagged(stage, case)
    assert (await stage.case(case)).problem is None
    text = await shown(stage)
    assert not [each for each in (*SECRETS, f"ESC-{case}", REASON) if each in text]
    assert queued(await stage.rows(Outbox), "problem_card")  # drawn again at once
    verbs = [e.verb for e in await stage.timeline(case)]
    assert "unlink_case" in verbs


async def test_what_was_broadcast_to_the_customer_names_them_no_more(many: Stage) -> None:
    case = await begun(many)
    await propose(many)
    await decide(many, COCO)
    await send(many)
    assert "Acme Hellas" in await shown(many)
    await flagged(many, case)
    text = await shown(many)
    assert not [each for each in (*SECRETS, f"ESC-{case}") if each in text]
    assert "a customer" in text
    assert "ένας πελάτης" in text


async def test_a_broadcast_that_was_approved_before_does_not_reach_them(many: Stage) -> None:
    await accounts(many)
    case = await begun(many)
    await many.do(ANNA, "add_affected_lines", problem=1, lines="boreal, Errors in their log")
    await propose(many)
    await decide(many, COCO)
    await flagged(many, case)
    await send(many)
    async with many.database.read() as session:
        query = select(BroadcastRecipient.state, Affected.customer).join(
            Affected, col(Affected.id) == col(BroadcastRecipient.affected)
        )
        states = {customer: state for state, customer in (await session.exec(query)).all()}
    assert states["Acme Hellas"] == "left"
    assert states["Boreal Bank"] != "left"


async def test_a_customer_whom_others_saw_stays_but_is_not_written_to(many: Stage) -> None:
    await accounts(many)
    other = await begun(many)
    given = {"account": "boreal", "customer": "Boreal Bank", "evidence": "Seen in their log"}
    await many.do(ANNA, "add_affected", problem=1, **given)
    case = await many.investigating(account="boreal", customer="Boreal Bank", stake="No orders")
    await many.do(ANNA, "link_case", case, problem=1)
    await flagged(many, case)
    text = await shown(many)
    assert "Boreal Bank" in text
    assert "Seen in their log" in text
    assert f"ESC-{case}" not in text
    await many.said(case)
    await propose(many)
    await decide(many, COCO)
    await send(many)
    receipts = {r.state for r in await many.rows(BroadcastRecipient) if "Boreal" in r.text}
    assert receipts == {"left"}
    assert "broadcast_withheld" in (await many.heard(case))["post"]
    assert other != case


async def test_another_case_of_the_customer_speaks_for_them_in_its_own_words(
    stage: Stage,
) -> None:
    case = await begun(stage)
    other = await stage.investigating(stake="Nobody can log in")
    await stage.do(ANNA, "link_case", other, problem=1)
    await flagged(stage, case)
    text = await shown(stage)
    assert f"ESC-{other}" in text
    assert "Nobody can log in" in text
    assert f"ESC-{case}" not in text
    assert "Checkout is down" not in text


async def test_a_case_that_had_left_its_problem_before_is_forgotten_there_too(
    stage: Stage,
) -> None:
    case = await begun(stage)
    await stage.do(EMMA, "unlink_case", case)
    await flagged(stage, case)
    text = await shown(stage)
    assert not [each for each in (*SECRETS, f"ESC-{case}") if each in text]


async def test_posts_about_the_case_are_taken_back_from_the_problems_channel(
    stage: Stage,
) -> None:
    await accounts(stage)
    await begun(stage)
    case = await stage.investigating(account="boreal", customer="Boreal Bank", stake="No orders")
    await stage.do(ANNA, "link_case", case, problem=1)
    (said,) = [r for r in await stage.rows(Outbox) if r.payload.get("text") == "problem:linked"]
    await stage.in_channel(case)
    await flagged(stage, case)
    (back,) = queued(await stage.rows(Outbox), "problem_take_back")
    assert back.payload["post"] == said.id


async def test_a_post_that_still_waits_is_not_said(stage: Stage) -> None:
    await accounts(stage)
    await begun(stage)
    case = await stage.investigating(account="boreal", customer="Boreal Bank", stake="No orders")
    await stage.do(ANNA, "link_case", case, problem=1)
    await flagged(stage, case)
    (said,) = [r for r in await stage.rows(Outbox) if r.payload.get("text") == "problem:linked"]
    assert said.state == "dropped"


async def test_a_customer_who_is_added_again_by_others_is_named_again(stage: Stage) -> None:
    case = await begun(stage)
    await flagged(stage, case)
    given = {"account": "acme", "customer": "Acme", "evidence": "Seen in our own log"}
    await stage.do(BILL, "add_affected", problem=1, **given)
    text = await shown(stage)
    assert "Acme Hellas" in text
    assert f"ESC-{case}" not in text


# -- the channel


async def test_the_case_goes_on_in_a_channel_with_the_people_on_it(stage: Stage) -> None:
    number = await stage.claimed()
    await told_of(stage, number)
    await flagged(stage, number)
    case = await stage.case(number)
    assert (case.channel_id, case.card_ts, case.topic) == (None, None, None)
    rows = await stage.rows(Outbox, case_number=number)
    (create,) = queued(rows, "create_channel")
    on_it = {u for row in queued(rows, "invite") for u in row.payload["users"]}
    assert on_it == {ANNA, EMMA, TINA, EXEC, LAWYER, *set((await stage.roles(number)).values())}
    posts = queued(rows, "post")
    assert [p.payload["text"] for p in posts] == ["notice:moved", "notice:executive_flag"]
    assert {p.after for p in posts} == {create.id}


async def test_the_public_channel_hears_only_that_it_goes_on_elsewhere(stage: Stage) -> None:
    number = await stage.claimed()
    await told_of(stage, number)
    await flagged(stage, number)
    old = [r for r in await stage.rows(Outbox, case_number=number) if r.kind.startswith("old_")]
    assert {r.kind for r in old} == {
        "old_card", "old_topic", "old_name", "old_bookmark", "old_post"
    }  # fmt: skip
    assert all(r.payload["channel"] == "C1" for r in old)
    assert REASON not in str([r.payload for r in old])


async def test_what_waits_for_the_old_channel_is_said_in_the_new_one(stage: Stage) -> None:
    number = await stage.claimed()
    await told_of(stage, number)
    await stage.do(ANNA, "customer_replied", number, summary="We call our lawyers")
    (waiting,) = queued(await stage.rows(Outbox, case_number=number), "post")
    (card,) = queued(await stage.rows(Outbox, case_number=number), "card")
    await flagged(stage, number)
    rows = {r.id: r for r in await stage.rows(Outbox, case_number=number)}
    (create,) = queued(list(rows.values()), "create_channel")
    assert rows[waiting.id].after == create.id
    assert rows[card.id].state == "dropped"
    assert len(queued(list(rows.values()), "card")) == 1


async def test_a_repair_under_way_gives_the_old_channel_no_name_of_the_customer_again(
    stage: Stage,
) -> None:
    number = await stage.claimed()
    await told_of(stage, number)
    async with stage.database.write() as session:
        (await session.get_one(Case, number)).drift = {"renamed": {"at": "", "seen": "esc-1-x"}}
    await stage.do(EMMA, "mend", number, way="same")
    async with stage.database.write() as session:
        (rename,) = (await session.exec(select(Outbox).where(col(Outbox.kind) == "rename"))).all()
        rename.lease_until = stage.now + timedelta(minutes=1)  # it is being performed
    await flagged(stage, number)
    rows = {r.kind: r for r in await stage.rows(Outbox, case_number=number, state="pending")}
    assert rows["old_name"].lane == rows["rename"].lane
    assert rows["old_name"].id > rows["rename"].id


def test_each_kind_of_what_a_channel_shows_is_said_or_shown_anew_in_the_new_one() -> None:
    assert {*move_to_private.SAID, *move_to_private.SHOWN_ANEW} >= IN_CHANNEL


async def test_nobody_off_the_case_is_told_what_was_on_its_way_to_them(stage: Stage) -> None:
    number = await stage.claimed()
    await told_of(stage, number)
    await stage.do(EMMA, "ask_executive", number, user=EXTRA, question="May we call them?")
    await stage.do(EXTRA, "answer_ask", number, ask=1, approve=True)
    await stage.do(EMMA, "ask_executive", number, user=EXEC, question="May we call them twice?")
    await flagged(stage, number)
    said = [r for r in await stage.rows(Outbox, case_number=number) if r.kind == "dm"]
    states = {r.payload["user"]: r.state for r in said if r.payload["text"].endswith("executive")}
    assert (states[EXTRA], states[EXEC]) == ("dropped", "pending")


async def test_a_channel_that_is_still_to_come_is_private(stage: Stage) -> None:
    number = await stage.claimed()
    await flagged(stage, number)
    rows = await stage.rows(Outbox, case_number=number)
    assert len(queued(rows, "create_channel")) == 1
    assert not [r for r in rows if r.kind.startswith("old_")]


# -- who sees it


async def sees(stage: Stage, number: int, who: str) -> bool:
    """Whether the case exists for somebody."""
    async with stage.database.read() as session:
        case = await session.get(Case, number)
        assert case is not None
        return await on_case(session, case, who)


async def test_a_question_opens_a_restricted_case_until_it_is_answered(stage: Stage) -> None:
    number = await stage.claimed(sensitive=True)
    await stage.do(EMMA, "ask_executive", number, user=EXEC, question="May we?")
    assert await sees(stage, number, EXEC)
    await stage.do(EXEC, "answer_ask", number, ask=1, approve=True)
    assert not await sees(stage, number, EXEC)
    with pytest.raises(UserError, match="no_such_case"):
        await stage.do(EXEC, "answer_ask", number, ask=1, approve=False)


async def test_a_question_to_somebody_with_a_role_takes_nothing_from_them(stage: Stage) -> None:
    number = await stage.claimed(sensitive=True)
    await stage.do(EMMA, "assign", number, role="executive_owner", user=EXTRA)
    await stage.do(EMMA, "ask_executive", number, user=EXTRA, question="May we?")
    await stage.do(EXTRA, "answer_ask", number, ask=1, approve=True)
    assert await sees(stage, number, EXTRA)


async def test_an_offer_opens_a_restricted_case_until_it_is_refused(stage: Stage) -> None:
    number = await stage.claimed(sensitive=True)
    await stage.do(
        EMMA, "hand_over", number, role="escalation_manager", user=EVAN, summary="All in the log"
    )
    assert await sees(stage, number, EVAN)
    await stage.do(EVAN, "answer_handover", number, handover=1, accept=False, reason="Away")
    assert not await sees(stage, number, EVAN)


async def test_an_action_item_opens_a_restricted_case_until_it_is_done(stage: Stage) -> None:
    number = await stage.claimed(sensitive=True)
    given = {"title": "Keep the log", "type": "process", "due": date(2026, 3, 1)}
    await stage.do(EMMA, "action_item", number, owner=BILL, **given)
    assert await sees(stage, number, BILL)
    await stage.do(BILL, "action_done", number, action=1, evidence="It is kept")
    assert await sees(stage, number, BILL)  # it may come back to them
    await stage.do(EMMA, "verify_action", number, action=1, accept=True)
    assert not await sees(stage, number, BILL)


# -- what the customer is told


async def waits(stage: Stage, number: int, who: str = ANNA, text: str = "We received it.") -> Draft:
    """A message that waits for an answer."""
    await stage.update(number, who, text=text)
    return (await stage.rows(Draft))[-1]


async def answer(stage: Stage, number: int, who: str, draft: Draft) -> None:
    """Say yes."""
    await stage.do(
        who, "answer_draft", number, draft=draft.id, digest=draft.digest, approve=True, remark=""
    )


async def test_a_message_of_a_legal_case_waits_for_legal_and_for_nobody_else(
    stage: Stage,
) -> None:
    number = await stage.claimed(trigger="legal", severity=3)
    draft = await waits(stage, number)
    assert draft.state == "waiting"
    asked = [r for r in await stage.rows(Outbox) if "approval_asked" in str(r.payload)]
    assert [r.payload["user"] for r in asked] == [LAWYER]
    with pytest.raises(UserError, match="legal_answers"):
        await answer(stage, number, EMMA, draft)
    await answer(stage, number, LAWYER, draft)
    await stage.update(number, text="We received it.")
    assert [m.text for m in await stage.rows(SentMessage)] == ["We received it."]


@pytest.mark.parametrize("verb", ["assign", "hand_over"])
async def test_nobody_lends_legals_yes_to_somebody_whom_the_policy_does_not_name(
    stage: Stage, verb: str
) -> None:
    number = await stage.claimed(trigger="legal", severity=3)
    summary = {"summary": "Yours"} if verb == "hand_over" else {}
    with pytest.raises(UserError, match="not_named_for_role"):
        await stage.do(EMMA, verb, number, role="legal", user=BILL, **summary)


async def test_who_has_legals_role_on_the_case_without_the_policys_word_approves_nothing(
    stage: Stage,
) -> None:
    stage.policy = replace(stage.policy, roles={**ROLES, Role.LEGAL: (BILL,)})
    number = await stage.claimed(trigger="legal", severity=3)  # which brings BILL in
    stage.policy = replace(stage.policy, roles=ROLES)
    await stage.do(EMMA, "assign", number, role="csm", user=LAWYER)
    draft = await waits(stage, number)
    with pytest.raises(UserError, match="legal_answers"):
        await answer(stage, number, BILL, draft)
    await answer(stage, number, LAWYER, draft)


async def test_where_the_policy_names_no_legal_nobody_is_asked(stage: Stage) -> None:
    stage.policy = replace(
        stage.policy, roles={k: v for k, v in ROLES.items() if k is not Role.LEGAL}
    )
    number = await stage.claimed(trigger="legal", severity=3)
    await stage.update(number)
    assert await stage.rows(Draft) == []


async def test_an_approval_from_before_the_threat_counts_no_more(stage: Stage) -> None:
    stage.policy = replace(
        stage.policy,
        roles={**ROLES, Role.COMMS_APPROVER: (COCO,)},
        severities_needing_two_approvals=frozenset(Severity),
    )
    number = await stage.claimed()
    draft = await waits(stage, number)
    await answer(stage, number, COCO, draft)
    await flagged(stage, number)
    assert [d.state for d in await stage.rows(Draft)] == ["void"]


async def test_a_confidential_case_with_executives_can_still_become_legal(stage: Stage) -> None:
    number = await stage.claimed(sensitive=True)
    await stage.do(ANNA, "executive_flag", number, trigger="extraordinary", reason="Press")
    await flagged(stage, number)
    assert (await stage.case(number)).legal
    with pytest.raises(UserError, match="already_flagged"):
        await flagged(stage, number)


async def test_legal_approves_nothing_but_legal_cases(stage: Stage) -> None:
    stage.policy = replace(
        stage.policy,
        roles={**ROLES, Role.COMMS_APPROVER: (COCO,)},
        severities_needing_two_approvals=frozenset(Severity),
    )
    number = await stage.claimed()
    draft = await waits(stage, number)
    with pytest.raises(UserError, match="not_your_role"):
        await answer(stage, number, LAWYER, draft)
