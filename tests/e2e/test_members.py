"""Whoever is no full member changes nothing and is shown nothing, by whatever way they came in."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, get_origin

import pytest
from sqlmodel import SQLModel, col, func, select

from bot.engine.intent import people_fields
from bot.registry import INTENTS
from bot.rules.policy.model import Limits
from bot.rules.words import Standing
from sandbox import conversations
from sandbox.state import User
from storage.models import Inbox
from tests.e2e import forged
from tests.e2e.office import ELENI, MAYA, NIKOS, SOFIA, STRANGER, SUPPORT, Office
from tests.e2e.test_permissions import fields

pytestmark = pytest.mark.asyncio(loop_scope="module")

CASES = Path(__file__).parent.parent / "data" / "guests_and_outsiders"
GUEST, GONE, ROBOT, OUTSIDER = "U0GUEST", "U0GONE", "U0ROBOT", "U0OUTSIDE"
STANDINGS = {
    GUEST: Standing.GUEST, GONE: Standing.DEACTIVATED, ROBOT: Standing.BOT,
    OUTSIDER: Standing.OUTSIDER,
}  # fmt: skip
LATER = "2027-03-01T10:00:00+00:00"
MORE: dict[str, dict[str, Any]] = {  # what the forms of some verbs would carry besides
    "answer_handover": {"handover": 1, "accept": True},
    "hand_over_shift": {"to": {"1": "U0NIKOS"}},
    "accept_offers": {"offers": [1]},
    "set_urgency": {"urgency": "now"},
    "answer_action_offer": {"action": 1, "accept": True},
    "contest": {"words": "x"},
    "focus": {"until": LATER},
    "interrupt_focus": {"reason": "x"},
    "ask_lead": {"about": "other", "question": "x"},
    "answer_question": {"query": 1, "answer": "x"},
    "swarm": {"skill": "x"},
    "answer_swarm": {"helper": 1, "accept": True},
    "report_finding": {"finding": "x"},
    "decide": {"decision": "x", "why": "x"},
    "try_solution": {"other": 1},
    "tell_csms": {"text_en": "x"},
    "end_outreach": {"reason": "x"},
    "told_customer": {"outreach": 1},
    "spare_customer": {"outreach": 1, "reason": "x"},
    "reopen_telling": {"outreach": 1},
    "apply_playbook": {"name": "churn"},
    "drop_playbook": {"applied": 1},
    "tick_step": {"applied": 1, "step": 0},
    "untick_step": {"applied": 1, "step": 0},
    "judge_decision": {"decision": 1, "outcome": "worked"},
    "answer_contest": {"answer": "x"},
    "settle_shift": {"owner": "U0ELENI", "to": "U0NIKOS", "cases": [1]},
    "answer_ask": {"ask": 1, "approve": True},
    "begin_legal_hold": {"reason": "x"},
    "end_legal_hold": {"reason": "x"},
    "request_concession": {"amount": "5 EUR", "reason": "outage", "why": "x"},
    "answer_concession": {"concession": 1, "digest": "0", "approve": True},
    "withdraw_concession": {"concession": 1, "reason": "x"},
    "void_concession": {"concession": 1, "reason": "x"},
    "promise_concession": {"concession": 1, "how": "x"},
    "fulfil_concession": {"concession": 1, "evidence": "x"},
    "unfulfil_concession": {"concession": 1, "why": "x"},
    "sign_access_review": {"review": 1, "digest": "0"},
    "answer_quarterly_review": {"review": 1, "coming": True},
    "write_quarterly_review": {"review": 1, "step": "saved"},
    "decide_quarter": {
        "review": 1, "decision": "Alert before it ends", "owner": "U0NIKOS", "due": "2100-01-01",
    },
    "end_quarter_decision": {"decision": 1, "evidence": "x"},
    "verify_quarter_decision": {"decision": 1, "accept": True},
    "record_outcome": {"outcome": 1, "result": "saved"},
    "plan_postmortem": {"at": LATER},
    "cancel_postmortem": {"reason": "x"},
    "answer_postmortem": {"accept": True},
    "correct_outcome": {"outcome": 1, "result": "lost", "why": "x"},
    "log_contact": {"contact": "x", "said": "x"},
    "commit": {
        f"{name}{part}": value
        for name in ("first", "second", "third")
        for part, value in (("", name), ("_owner", "U0NIKOS"), ("_by", "2100-01-01"))
    },
    "edit_sponsorship_text": {"topic": "purpose", "body": "x"},
    "sign_sponsorship": {"digest": "ab"},
    "nominate_sponsorship": {
        "account": "cedar-clinics", "customer": "account:cedar-clinics",
        "sponsor": "U0NIKOS", "reason": "x", "score": 50,
    },
    "answer_sponsorship": {"membership": 1, "approve": True},
    "read_sponsor_brief": {"membership": 1},
    "pass_sponsorship": {"membership": 1, "user": "U0NIKOS"},
    "log_touch": {"membership": 1, "how": "call", "note": "x"},
    "send_brief": {"membership": 1},
    "touch_to_calendar": {"membership": 1},
    "call_to_calendar": {"what": "breach_call"},
    "keep_sponsorship": {"membership": 1, "review_on": "2100-01-01"},
    "end_sponsorship": {"membership": 1, "exit_reason": "other", "why": "x"},
    "seen": {"clock": "next_update"},
    "choose_language": {"language": "el"},
    "understood": {"role": "technical_lead"},
    "seen_tip": {"form": "update"},
    "choose_tips": {"kind": "weekly", "on": False},
    "quiet_word": {"user": "U0NIKOS"},
    "choose_setup": {"step": "mail", "needed": True},
    "answer_draft": {"draft": 1, "digest": "0" * 64, "approve": True},
    "propose_template": {
        "kind": "update", "language": "en", "body": "x", "why": "x", "expires": "2027-12-01",
    },
    "answer_template": {"template": 1, "approve": True},
    "withdraw_template": {"template": 1, "reason": "x"},
    "release_mail": {"mail": 1},
    "drop_mail": {"mail": 1},
    "make_contact": {"mail": 1},
    "admit_mail": {"mail": 1},
    "discard_mail": {"mail": 1},
    "share_form": {"account": "aegean-ferries"},
    "revoke_form": {"account": "aegean-ferries"},
    "breach_talk": {"talk": 1, "way": "call", "outcome": "x"},
    "link_ticket": {"url": "https://tickets.example/1"},
    "link_bug": {"bug": "PAY-77"},
    "propose_broadcast": {"audience": "all", "text_en": "x", "next_update_at": LATER},
    "sent_by_hand": {"receipt": 1, "route": "phone"},
    "propose_points": {"say": "x", "expires_at": LATER},
    "read_points": {"points": 1},
}  # fmt: skip
# What a refused request leaves; and links that records get by themselves, each a row counted here.
BOOKKEEPING = {"inbox", "person", "alembic_version", "audit_event", "audit_salt", "access_event"}


def let_in(desk: Office) -> None:
    """Guests and the like are in the workspace, and in the channel where people work."""
    if GUEST in desk.ws.users:
        return
    (guest,) = json.loads((CASES / "users.json").read_text())["add"]
    desk.ws.add_user(User(name="gil", **guest))
    desk.ws.add_user(User(id=GONE, name="gus", real_name="Gus Leaver", deleted=True))
    desk.ws.add_user(User(id=ROBOT, name="robot", real_name="Robot", is_bot=True))
    nora = User(id=OUTSIDER, name="nora", real_name="Nora Vance")
    nora.team_id, nora.is_stranger = "T0LARKSPUR", True
    desk.ws.add_user(nora)
    conversations.invite(desk.ws, MAYA, SUPPORT, [GUEST])


async def counted(desk: Office) -> Mapping[str, int]:
    """How many rows each table has; looks at Slack that the app queues by itself are none."""
    found = {}
    async with desk.here.services.database.read() as session:
        for name, table in SQLModel.metadata.tables.items():
            if name not in BOOKKEEPING:
                query = select(func.count()).select_from(table)
                query = query.where(table.c.kind != "look") if name == "outbox" else query
                found[name] = (await session.exec(query)).one()
    return found


async def refusals(desk: Office, who: str) -> list[str]:
    """What somebody's stored requests came to."""
    async with desk.here.services.database.read() as session:
        query = select(Inbox).where(col(Inbox.actor) == who).order_by(col(Inbox.id))
        rows = (await session.exec(query)).all()
    return [str(row.answer.get("text")) for row in rows]


@pytest.mark.parametrize("who", STANDINGS)
async def test_whatever_they_want_is_refused_where_it_would_be_carried_out(
    http_desk: Office, who: str
) -> None:
    desk = http_desk
    let_in(desk)
    number = await desk.looked_at("investigating")
    before = await counted(desk)
    for verb in INTENTS:
        await desk.wants(who, verb, fields(desk, verb, number) | MORE.get(verb, {}))
    await desk.here.settle()
    assert await refusals(desk, who) == [f"refusal:{STANDINGS[who].value}"] * len(INTENTS)
    assert await counted(desk) == before


PEOPLE = [(verb, name) for verb, model in INTENTS.items() for name in people_fields(model)]


async def test_no_door_that_takes_a_person_takes_who_is_no_member(http_desk: Office) -> None:
    """Assigning, offering, naming a deputy, an owner, a facilitator: whatever names a person."""
    desk = http_desk
    let_in(desk)
    number = await desk.looked_at("investigating")
    before, done = await counted(desk), len(await refusals(desk, ELENI))
    for verb, name in PEOPLE:
        for who in STANDINGS:
            many = get_origin(INTENTS[verb].model_fields[name].annotation) is dict
            given = {**fields(desk, verb, number), **MORE.get(verb, {})}
            given[name] = {number: who} if many else who
            await desk.wants(ELENI, verb, given)
    await desk.here.settle()
    told = (await refusals(desk, ELENI))[done:]
    assert told == [f"refusal:{each.value}_named" for _ in PEOPLE for each in STANDINGS.values()]
    assert await counted(desk) == before


async def test_a_button_pressed_from_another_workspace_does_nothing(http_desk: Office) -> None:
    desk = http_desk
    let_in(desk)
    number = await desk.stage("new")
    card, done = desk.card(number), await desk.done(number)
    text = (CASES / "outsider-button.json").read_text()
    for mark, value in {
        "T_TEAM": desk.ws.team_id, "{{CARD_TS}}": card.ts, "{{CHANNEL}}": desk.channel(number).id,
        "{{TRIGGER}}": "1.1.out", "{{RESPONSE_URL}}": "",
    }.items():  # fmt: skip
        text = text.replace(mark, value)
    payload: dict[str, Any] = json.loads(text)
    payload["actions"][0]["value"] = json.dumps({"case": number})
    await forged.interact(desk, payload)
    assert await desk.done(number) == done
    assert (await desk.case(number)).owner == ELENI


async def test_a_guest_is_told_why_in_every_place_where_they_ask(http_desk: Office) -> None:
    desk = http_desk
    let_in(desk)
    number = await desk.looked_at("investigating")
    for line in ("", "list", "digest", f"show {number}", f"timeline {number}", f"claim {number}"):
        before = len(desk.answers(GUEST))
        await desk.command(GUEST, line)
        (told,) = desk.answers(GUEST)[before:]
        assert told.text.startswith("You are a guest in this workspace"), line
        assert desk.here.people.views(GUEST) == [], line
    await desk.here.people.open_home(GUEST)
    await desk.here.settle()
    home = desk.here.people.home(GUEST)
    assert home is not None
    assert "You are a guest in this workspace" in json.dumps(home.payload)
    shown = [m.text + json.dumps(m.blocks) for m in [*desk.answers(GUEST), *desk.dms(GUEST)]]
    assert "Delphi" not in "".join(shown) + json.dumps(home.payload)


async def test_a_colleague_whom_nobody_has_asked_about_is_served_at_once(
    http_desk: Office,
) -> None:
    desk = http_desk
    await desk.looked_at("investigating")
    await desk.command(MAYA, "list")
    assert "Delphi Energy" in desk.answers(MAYA)[-1].text + str(desk.answers(MAYA)[-1].blocks)
    await forged.press(desk, STRANGER, "show:help", {})
    assert desk.answers(STRANGER) or desk.dms(STRANGER)


async def test_thirty_cases_in_a_row_are_not_thirty_messages_to_an_executive(
    http_desk: Office,
) -> None:
    desk = http_desk
    usual = desk.here.services.policy
    desk.here.services.policy = replace(usual, limits=Limits())
    before = len(desk.dms(SOFIA))
    await asyncio.gather(
        *(desk.wants(NIKOS, "open_case", {"severity": 1, "customer": f"C{n}"}) for n in range(30))
    )
    await desk.here.settle()
    await desk.command(NIKOS, "")  # nor is the form opened for them
    desk.here.services.policy = usual
    desk.opened += Limits().openings_per_hour
    assert len(desk.dms(SOFIA)) - before <= Limits().openings_per_hour
    refused = (await refusals(desk, NIKOS)).count("refusal:too_many_openings")
    assert refused == 30 - Limits().openings_per_hour
    assert desk.here.people.views(NIKOS) == []
    assert "όσες κλιμακώσεις επιτρέπονται" in desk.answers(NIKOS)[-1].text
