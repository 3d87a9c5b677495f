"""What happens in the tour, scene by scene. Northwind's customer Aegean Ferries cannot sell.

One function is one scene; each takes up the case where the scene before it left it, so none can be
played alone. Scenes act only as people do in Slack; some look at the case through the bot's
reading, as Eleni. The words that they print are what ``python app.py tour`` shows.
"""

import re
from datetime import timedelta

from bot.rules.sla import State
from cli.workspace.demo import import_demo_accounts
from cli.workspace.tour import Tour, draft_in, spoken
from cli.workspace.tour_customers import ask_in_channel
from cli.workspace.tour_quarter import play_quarter
from sandbox.state import Channel

MAYA, ELENI, TOMAS, PRIYA = "U0MAYA", "U0ELENI", "U0TOMAS", "U0PRIYA"
DAN, SOFIA, RICHARD, KATE = "U0DAN", "U0SOFIA", "U0RICHARD", "U0KATE"
STAKE = "Δεν μπορούμε να πουλήσουμε εισιτήρια· χάνουμε κρατήσεις κάθε λεπτό."
EMPTY = "Κυρία Δήμου, λυπούμαστε για την όποια ταλαιπωρία. Θα το δούμε σύντομα."
APOLOGY = (
    "Κυρία Δήμου, σας υποσχεθήκαμε νέα για τις 10:15 και δεν γράψαμε. Λυπάμαι."
    " Βρήκαμε ότι έληξε ένα πιστοποιητικό. Σας γράφω ξανά σε μία ώρα."
)
HOUR = timedelta(hours=1)


async def tell_story(tour: Tour) -> None:
    """Play the whole story. Raises MissedError at the first thing that does not happen."""
    await import_demo_accounts(tour.here)
    case = await _escalates(tour)
    await _takes_charge(tour, case)
    await _answers_the_customer(tour, case)
    await _is_reminded(tour, case)
    await _flags_and_asks(tour, case)
    await _works(tour, case)
    await _resolves(tour, case)
    await _confirms(tour, case)
    await _learns_and_closes(tour, case)
    await _executives_read(tour)
    await _takes_in(tour)
    await ask_in_channel(tour)
    await _looks_things_up(tour, case)
    await play_quarter(tour)


async def _escalates(tour: Tour) -> Channel:
    """Open ESC-1 with a mistake in the form and without; return the channel of the case."""
    tour.scene("Maya escalates")
    workspace = tour.here.workspace
    support = tour.channel("support")
    await tour.command(MAYA, support, "/escalate " + STAKE)
    view = tour.form(MAYA)
    tour.must(view.callback_id == "open_case", "a form opens at once, with her words in it")
    options = await tour.here.people.suggest(MAYA, "customer", "aegean", view_id=view.id)
    tour.must(
        any(o["value"] == "account:aegean-ferries" for o in options),
        "the customer is found among the accounts",
    )
    values: dict[str, object] = {
        "customer": "account:aegean-ferries",
        "trigger": "technical",
        "severity": "1",
        "ticket_url": "not a link",
    }
    errors = await tour.fill(MAYA, values)
    tour.must("ticket_url" in errors, "a mistake is answered at its field, nothing is lost")
    errors = await tour.fill(MAYA, {"ticket_url": "https://tickets.example/5001"})
    tour.must(not errors and not tour.here.people.views(MAYA), "the form is accepted")
    case = tour.channel("esc-1-")
    tour.must(case.name == "esc-1-aegean-ferries", "the channel is named for the case")
    wanted = {MAYA, ELENI, TOMAS, PRIYA, DAN}
    tour.must(wanted <= set(case.members), "the right people are in it")
    tour.must(STAKE in str(tour.card(case).blocks), "the card is pinned and says what is lost")
    tour.must(case.topic.value, "the channel has a topic")
    tour.must(case.bookmarks, "the ticket is bookmarked")
    tour.must(tour.told(MAYA, case.id), "Maya gets a link to the channel")
    here = [m.text for m in support.ephemerals.values() if m.ephemeral_to == MAYA]
    tour.must(any(case.id in text for text in here), "and the same where she typed")
    tour.must(tour.told(ELENI, "ESC-1"), "the escalation manager is paged")
    tour.must(tour.told(SOFIA, "ESC-1"), "the executive hears of a SEV1 at once")
    tour.must(len(workspace.channels) > 0 and case.is_private is False, "the channel is public")
    return case


async def _takes_charge(tour: Tour, case: Channel) -> None:
    """Claim the case by its card's button, then again by a command: that changes nothing."""
    tour.scene("Eleni claims the case")
    card = tour.card(case)
    await tour.press(ELENI, case, card.ts, "do:claim")
    tour.must(f"<@{ELENI}>" in str(tour.card(case).blocks), "the card shows her as the owner")
    before = len(case.messages)
    await tour.command(ELENI, case, "/escalate claim")
    tour.must(len(case.messages) == before, "claiming twice changes nothing; she is told so")


async def _answers_the_customer(tour: Tour, case: Channel) -> None:
    """Send the approved words: first response is met, the next update is promised."""
    tour.scene("Maya answers the customer")
    await tour.command(MAYA, case, "/escalate update")
    view = tour.form(MAYA)
    words = draft_in(view)
    tour.must("Κατερίνα" in words or "Δήμου" in words, "the template is in Greek, by name")
    errors = await tour.fill(MAYA, {"text": spoken(words)})
    tour.must(not errors, "the update is recorded")
    tour.must(tour.posted(case, "ESC-1"), "the channel sees what was sent")
    names = {c.name: c for c in (await tour.here.services.reading.case(1, ELENI)).clocks}
    tour.must(names["first_response"].state == State.MET, "the first-response clock is met")
    tour.must(names["next_update"].due is not None, "the next update is due, and promised")


async def _is_reminded(tour: Tour, case: Channel) -> None:
    """Let the promise be broken, 75 minutes in all, and apologise: first badly, then well."""
    tour.scene("Time passes; the app nudges before the promise is broken, and says when it is")
    count = len(tour.dms(MAYA))
    await tour.wait(timedelta(minutes=45))
    tour.must(len(tour.dms(MAYA)) > count, "Maya is nudged before the update is due")
    nudge = tour.dms(MAYA)[-1]
    tour.must("ask:update" in str(nudge.blocks), "the nudge opens the composer")
    posts = len(case.messages)
    await tour.wait(timedelta(minutes=30))
    tour.must(len(case.messages) > posts, "the missed promise is said in the channel")
    tour.must(
        tour.told(ELENI, "τηλεφωνήστε στον πελάτη"), "its owner is asked to call the customer"
    )
    tour.must(tour.told(KATE, "ESC-1"), "the support lead hears of it")
    facts = await tour.here.services.reading.case(1, ELENI)
    tour.must(facts.breached, "the card says that an update is overdue")
    await tour.command(ELENI, case, "/escalate update apology")
    errors = await tour.fill(ELENI, {"text": EMPTY})
    hints = str(tour.form(ELENI).blocks)
    tour.must(
        not errors and "όποια ταλαιπωρία" in hints and "σύντομα" in hints,
        "an empty apology is answered with better words, beside the text",
    )
    errors = await tour.fill(ELENI, {"text": APOLOGY})
    facts = await tour.here.services.reading.case(1, ELENI)
    tour.must(not errors and not facts.breached, "an apology with a new time puts it right")


async def _flags_and_asks(tour: Tour, case: Channel) -> None:
    """Raise a flag on the case, and have an executive answer a question by a button."""
    tour.scene("The customer threatens to leave; executives decide")
    await tour.command(PRIYA, case, "/escalate flag")
    errors = await tour.fill(
        PRIYA,
        {"trigger": "threat_to_cancel", "reason": "They asked for the exit terms."},
    )
    tour.must(not errors and tour.told(SOFIA, "ESC-1"), "the executive owner hears at once")
    await tour.command(ELENI, case, "/escalate ask @sofia.papadaki May we call them today?")
    if tour.here.people.views(ELENI):
        await tour.fill(ELENI, {"question": "May we call them today?"})
    tour.must(tour.told(SOFIA, "call them today"), "Sofia is asked for a decision")
    dm = next(c for c in tour.here.workspace.channels.values() if c.is_im and SOFIA in c.members)
    asked = next(m for m in reversed(dm.messages.values()) if "do:answer_ask" in str(m.blocks))
    await tour.press(SOFIA, dm, asked.ts, "do:answer_ask")
    tour.must(tour.told(ELENI, "Sofia") or tour.posted(case, SOFIA), "her answer arrives")


async def _works(tour: Tour, case: Channel) -> None:
    """Lower the severity, hold, end the hold by the customer's reply, mitigate."""
    tour.scene("The work: a hold, a workaround, a handover")
    await tour.command(ELENI, case, "/escalate severity 2 Two of three ports sell again")
    if tour.here.people.views(ELENI):
        await tour.fill(ELENI, {"severity": "2", "reason": "Two of three ports sell again"})
    facts = await tour.here.services.reading.case(1, ELENI)
    tour.must(facts.severity == 2, "the severity is lowered, with a reason")
    await tour.command(ELENI, case, "/escalate hold waiting_customer")
    errors = await tour.fill(ELENI, {"reason": "waiting_customer"})
    facts = await tour.here.services.reading.case(1, ELENI)
    paused = [c.kind for c in facts.clocks if c.paused]
    tour.must(not errors and "resolution" in paused, "the resolution clock waits")
    tour.must("next_update" not in paused, "the customer still gets updates")
    await tour.command(MAYA, case, "/escalate replied")
    errors = await tour.fill(MAYA, {"summary": "They sent the log file we asked for."})
    facts = await tour.here.services.reading.case(1, ELENI)
    tour.must(not errors and facts.hold is None, "the customer's reply ends the hold")
    await tour.command(ELENI, case, "/escalate update workaround")
    errors = await tour.fill(
        ELENI,
        {
            "text": "Κυρία Δήμου, μπορείτε να πουλάτε από το γραφείο του λιμανιού ως τη διόρθωση.",
            "workaround": "Sell from the port office until the fix.",
        },
    )
    facts = await tour.here.services.reading.case(1, ELENI)
    tour.must(not errors and facts.status == "mitigated", "a workaround mitigates the case")


async def _resolves(tour: Tour, case: Channel) -> None:
    """Resolve with the technical lead's agreement, which brings the postmortem's agenda."""
    tour.scene("Resolved: a fix, confirmed before the customer is told")
    await tour.command(ELENI, case, "/escalate resolve")
    errors = await tour.fill(
        ELENI,
        {
            "type": "fix",
            "note": "A certificate had expired; renewed at 11:20, and now watched.",
            "text": "Κυρία Δήμου, οι πωλήσεις λειτουργούν από τις 11:20. Δεν χάθηκε κάτι.",
        },
    )
    facts = await tour.here.services.reading.case(1, ELENI)
    tour.must(not errors and facts.letter, "the customer is not told before Tomás has confirmed")
    await _lead_confirms(tour)
    facts = await tour.here.services.reading.case(1, ELENI)
    tour.must(facts.status == "resolved", "Tomás confirms, the customer is told: it is resolved")
    files = [f for m in case.messages.values() for f in m.files]
    tour.must(files, "the postmortem's agenda is in the channel as a file")
    tour.must(tour.told(MAYA, "ESC-1"), "Maya, who raised it, is invited to the postmortem")


async def _lead_confirms(tour: Tour) -> None:
    """Tomás confirms the resolution; Eleni then sends the letter and records it."""
    for who, action in ((TOMAS, "do:confirm"), (ELENI, "ask:resolve")):
        dm = next(c for c in tour.here.workspace.channels.values() if c.is_im and who in c.members)
        asked = next(m for m in reversed(dm.messages.values()) if action in str(m.blocks))
        await tour.press(who, dm, asked.ts, action)
    await tour.fill(ELENI, {})


async def _confirms(tour: Tour, case: Channel) -> None:
    """Reopen because one port still fails, resolve again, and have the customer agree."""
    tour.scene("The customer says no, then yes")
    await tour.command(MAYA, case, "/escalate reopen One port still fails")
    if tour.here.people.views(MAYA):
        await tour.fill(MAYA, {"reason": "One port still fails"})
    facts = await tour.here.services.reading.case(1, ELENI)
    tour.must(facts.status == "investigating", "a case that is not fixed is open again")
    await tour.command(ELENI, case, "/escalate resolve")
    await tour.fill(
        ELENI,
        {
            "type": "fix",
            "note": "The third port's cache had kept the expired certificate; cleared at 13:05.",
            "text": "Κυρία Δήμου, και το τρίτο λιμάνι πουλά κανονικά από τις 13:05.",
        },
    )
    await _lead_confirms(tour)
    await tour.press(MAYA, case, tour.card(case).ts, "ask:confirm")
    await tour.fill(MAYA, {})
    facts = await tour.here.services.reading.case(1, ELENI)
    tour.must(facts.status == "review", "the customer confirms: the case is in review")


async def _learns_and_closes(tour: Tour, case: Channel) -> None:
    """Record an action item and the postmortem, close the case, and wait a day."""
    tour.scene("The postmortem, an action item, the close")
    await tour.command(ELENI, case, "/escalate action")
    due = (tour.here.workspace.clock.now() + timedelta(days=2)).date().isoformat()
    errors = await tour.fill(
        ELENI,
        {
            "title": "Watch every certificate's expiry",
            "type": "process",
            "owner": TOMAS,
            "due": due,
        },
    )
    tour.must(not errors and tour.told(TOMAS, "certificate"), "an action item with one owner")
    await tour.press(ELENI, case, tour.card(case).ts, "ask:postmortem_held")
    errors = await tour.fill(
        ELENI,
        {
            "root_cause": "A certificate nobody watched.",
            "better": "Say the next time in the first message.",
            "prevention": "process",
            "came": [MAYA, TOMAS],
        },
    )
    tour.must(not errors, "the meeting is recorded")
    await tour.command(KATE, case, "/escalate close")
    errors = await tour.fill(KATE, {"code": "fixed", "root_cause": "configuration"})
    facts = await tour.here.services.reading.case(1, ELENI)
    tour.must(not errors and facts.status == "closed", "the case is closed with its code")
    await tour.wait(timedelta(hours=24))
    tour.must(tour.told(TOMAS, "certificate"), "the action item's owner is reminded")


async def _executives_read(tour: Tour) -> None:
    """Look at the digests that came meanwhile: each has ten lines at most."""
    tour.scene("An executive's morning")
    digests = [m for m in tour.dms(SOFIA) if re.match(r"\d+ \w+ 2027", m.text)]
    tour.must(digests, "Sofia's digest came in her own morning")
    tour.must(all(len(m.text.splitlines()) <= 10 for m in digests), "it has at most ten lines")


async def _takes_in(tour: Tour) -> None:
    """Log three calls: two of one customer wait as one and are no escalation, the third is one."""
    tour.scene("What comes in waits for a decision, and is answered")
    await _log_call(tour, "juniper", "Where do we find last month's invoice?")
    tour.must(tour.told(ELENI, "CAN-1"), "a call that was logged waits with the manager on duty")
    await _log_call(tour, "juniper", "It is about the invoice again.")
    waiting = [m for m in tour.dms(ELENI) if "CAN-" in m.text]
    tour.must(len(waiting) == 1, "the same customer's second call is shown in the same message")
    place = next(c for c in tour.here.workspace.channels.values() if waiting[0].ts in c.messages)
    await tour.press(ELENI, place, waiting[0].ts, "ask:dismiss_candidate")
    answers: dict[str, object] = {"reason": "A question, answered", "told": "nothing"}
    tour.must(not await tour.fill(ELENI, answers), "that it is none wants a reason")
    tour.must(tour.told(MAYA, "A question, answered"), "who reported it hears the reason")
    await _log_call(tour, "granite", "Nobody can file a claim. If that goes on we cancel.")
    newest = [m for m in tour.dms(ELENI) if "CAN-2" in m.text][-1]
    await tour.press(ELENI, place, newest.ts, "ask:open_case")
    tour.must(not await tour.fill(ELENI, {"severity": "2"}), "the form has what was said already")
    tour.must(tour.channel("esc-2-"), "it is a case, which counts from when the customer called")


async def _log_call(tour: Tour, customer: str, words: str) -> None:
    """Have Maya log a call of ``words``; the first customer suggested for ``customer`` is taken."""
    await tour.command(MAYA, tour.channel("support"), f"/escalate phone {words}")
    view = tour.form(MAYA)
    found = await tour.here.people.suggest(MAYA, "customer", customer, view_id=view.id)
    tour.must(not await tour.fill(MAYA, {"customer": found[0]["value"]}), "the call is logged")


async def _looks_things_up(tour: Tour, case: Channel) -> None:
    """Read help, lists, the case and its timeline, one misspelt; all answered in private."""
    tour.scene("Looking things up")
    support = tour.channel("support")
    for line in ("help", "list", "list customer aegean", "show 1", "timeline 1", "clsoe"):
        before = len(support.ephemerals)
        await tour.command(MAYA, support, f"/escalate {line}")
        tour.must(len(support.ephemerals) > before, f"“{line}” is answered in private")
    entries, _ = await tour.here.services.reading.timeline(1, MAYA)
    tour.must(len(entries) >= 10, "the timeline tells the whole story")
    tour.must(case.id, "nothing else was made")
