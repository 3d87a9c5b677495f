"""Others who may meet the same, in Slack: who leads is told, the CSM tells them, by a press."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.rules.policy.routing import Route
from sandbox.state import Message
from storage.models import Account, Case
from tests.e2e.office import ELENI, HOUR, KATE, MAYA, NIKOS, PRIYA, STRANGER, Office, texts_of

pytestmark = pytest.mark.asyncio(loop_scope="module")
PART = "Payments"
GREEK = (
    "{greeting}\n\nάλλοι συνάντησαν το εξής: οι πληρωμές σταματούν μετά από επανεκκίνηση.\n\n"
    "Τι βοηθά: νέα σύνδεση. Αν το δείτε, απαντήστε σε αυτό το μήνυμα.\n\nΜε εκτίμηση,\n{sender}"
)


async def customers(desk: Office, names: tuple[str, ...]) -> None:
    """Customers of Priya's who had a case about payments, alike to Delphi Energy."""
    services = desk.here.services
    at = services.clock.now() - timedelta(days=60)
    async with services.database.write() as session:
        delphi = await session.get_one(Account, "delphi-energy")
        for name in names:
            session.add(Account(
                key=name.lower(), name=name, folded=name.lower(), tier=delphi.tier,
                region=delphi.region, csm=PRIYA, language="el", contact_name="Άννα Ρήγα",
            ))  # fmt: skip
        await session.flush()
        for name in names:
            session.add(Case(
                number=9000 + len(name), account_key=name.lower(), customer=name, stake="It stops.",
                trigger="technical", severity=3, status="closed", component=PART, reporter=MAYA,
                owner=ELENI, received_at=at, opened_at=at, changed_at=at, resolved_at=at,
                closed_at=at, policy_version="v1",
            ))  # fmt: skip


async def helped(desk: Office) -> int:
    """A case about payments with a workaround, of which time has passed.

    The others' cases come later, as the numbers of what is staged go on from the newest.
    """
    services = desk.here.services
    services.policy = replace(services.policy, routing={PART: Route(PART, "Squad", (NIKOS,))})
    number = await desk.stage("investigating", component=PART)
    await customers(desk, ("Kleio", "Thaleia"))
    await desk.wants(ELENI, "update", {"case": number, "kind": "workaround",
                                       "workaround": "Νέα σύνδεση"})  # fmt: skip
    await desk.here.settle()
    await desk.pass_time(HOUR)
    return number


def newest(desk: Office, who: str, part: str) -> Message:
    """The newest direct message to somebody that has this in it."""
    return next(m for m in reversed(desk.dms(who)) if part in f"{m.text} {m.blocks}")


async def test_a_csm_is_asked_tells_spares_and_takes_it_back(desk: Office) -> None:
    number = await helped(desk)
    lead = next(who for who in (ELENI, *desk.ws.users) if any(
        "show:outreach" in str(m.blocks) for m in desk.dms(who)))  # fmt: skip
    told = newest(desk, lead, "show:outreach")
    await desk.press(lead, told, "show:outreach")
    shown = desk.answers(lead)[-1]
    assert {"Kleio", "Thaleia"} <= set(" ".join(texts_of(shown.blocks)).replace("*", " ").split())
    await desk.press(lead, shown, "ask:tell_csms")
    assert "{greeting}" in str(desk.form(lead).payload)
    errors = await desk.fill(lead, text_el="{greeting}\n\n[τι θα δείτε]\n\n{sender}")
    assert list(errors) == ["text_el"], "a placeholder is left"
    assert await desk.fill(lead, text_el=GREEK) == {}
    assert (lead, "tell_csms") in await desk.done(number)
    asked = newest(desk, PRIYA, "Kleio")
    await desk.press(PRIYA, asked, "show:outreach")
    listed = desk.answers(PRIYA)[-1]
    text = "\n".join(texts_of(listed.blocks))
    assert "νέα σύνδεση" in text
    assert "{greeting}" not in text, "each customer has their own, as the signature is"
    assert "{sender}" not in text
    await desk.press(PRIYA, listed, "do:told_customer")
    assert (PRIYA, "told_customer") in await desk.done(number)
    await desk.command(PRIYA, "outreach")
    left = desk.answers(PRIYA)[-1]
    await desk.press(PRIYA, left, "ask:spare_customer")
    assert await desk.fill(PRIYA, reason="They left it") == {}
    await desk.command(PRIYA, f"outreach ESC-{number}")
    answered = desk.answers(PRIYA)[-1]
    assert "They left it" in "\n".join(texts_of(answered.blocks))
    await desk.press(PRIYA, answered, "do:reopen_telling")
    assert (PRIYA, "reopen_telling") in await desk.done(number)
    await desk.command(STRANGER, f"outreach ESC-{number}")
    assert "Kleio" not in str(desk.answers(STRANGER)[-1].blocks)
    before = len(desk.dms(PRIYA))
    await desk.pass_time(50 * HOUR)
    assert any("show:outreach" in str(m.blocks) for m in desk.dms(PRIYA)[before:])
    await desk.command(ELENI, f"προειδοποίηση ESC-{number}")
    await desk.press(ELENI, desk.answers(ELENI)[-1], "ask:end_outreach")
    assert await desk.fill(ELENI, reason="Δεν κρατά") == {}
    assert (ELENI, "end_outreach") in await desk.done(number)
    assert any("Payments" in m.text for m in desk.dms(PRIYA)[-1:])


async def test_whoever_was_asked_nothing_reads_so_in_app_home(desk: Office) -> None:
    await desk.here.people.open_home(KATE)
    home = await desk.here.people.until(lambda: desk.here.people.home(KATE))
    assert "show:outreach" in str(home.blocks)
    await desk.command(KATE, "outreach")
    assert "Nobody has asked you" in desk.answers(KATE)[-1].text
