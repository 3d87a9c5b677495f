"""The rest of the quarter: what ESC-1 taught is used, looked after, and looked back on.

Delphi Energy meets what Aegean Ferries met, weeks later. Scenes follow each other as in
``cli/workspace/tour_story.py``, and act only as people do in Slack.
"""

from datetime import timedelta

from bot.reports.quarterly import plan_reviews
from cli.workspace.tour import MissedError, Tour, draft_in, spoken
from sandbox.state import Channel, Message

MAYA, NIKOS, ELENI, TOMAS = "U0MAYA", "U0NIKOS", "U0ELENI", "U0TOMAS"
KATE, RICHARD = "U0KATE", "U0RICHARD"
STAKE = "Invoices stopped: is it an expired certificate again?"
GRANITE = "Granite's portal was back before anybody had looked; they withdrew it by telephone."
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
NUMBER = 3  # of the case that these scenes are about


async def play_quarter(tour: Tour) -> None:
    """Play from the middle of February into April; the story before it must have been played."""
    await _verifies(tour)
    await _has_time(tour)
    case = await _meets_it_again(tour)
    await _works_by_playbook(tour, case)
    await _stays_in_focus(tour, case)
    await _is_helped(tour, case)
    await _decides(tour, case)
    await _looks_back(tour, case)
    await _judges(tour, case)
    await _reviews_quarter(tour)


def _newest(tour: Tour, who: str, action: str) -> tuple[Channel, Message]:
    """Return the newest message that ``who`` got with such a button, and where it stands.

    Both what stands in a direct message and what only they see somewhere is looked at. Raises
    MissedError when there is none.
    """
    found = [
        (channel, message)
        for channel in tour.here.workspace.channels.values()
        for message in (*channel.messages.values(), *channel.ephemerals.values())
        if message.user == tour.bot
        and f"'{action}" in str(message.blocks)
        and (message.ephemeral_to == who or (channel.is_im and who in channel.members))
    ]
    if not found:
        raise MissedError(f"{tour.name(who)} has a button {action}")
    return max(found, key=lambda each: each[1].ts)


async def _press(tour: Tour, who: str, action: str) -> None:
    """Press the newest such button that ``who`` has."""
    channel, message = _newest(tour, who, action)
    await tour.press(who, channel, message.ts, action)


async def _verifies(tour: Tour) -> None:
    """Report ESC-1's action item as done, and have a colleague look at the evidence.

    ESC-1 is closed by then: what it taught goes on.
    """
    tour.scene("ESC-1's action item is done when a second person has seen it")
    await _press(tour, TOMAS, "ask:action_done")
    errors = await tour.fill(TOMAS, {"evidence": "The alarm rang in the trial on Tuesday"})
    tour.must(not errors and tour.told(ELENI, "The alarm rang"), "Eleni is asked to look at it")
    await _press(tour, ELENI, "do:verify_action")
    facts = await tour.here.services.reading.case(1, ELENI)
    tour.must(facts.actions[0].verifier == ELENI, "only now it counts as done")


async def _has_time(tour: Tour) -> None:
    """End ESC-2, which nobody needs any more, and let two weeks go by."""
    tour.scene("Two weeks later")
    granite = tour.channel("esc-2-")
    await tour.command(ELENI, granite, "/escalate dismiss")
    tour.must(not await tour.fill(ELENI, {"reason": GRANITE}), "ESC-2 is dismissed, with a reason")
    await tour.skip(timedelta(days=13, hours=23))


async def _meets_it_again(tour: Tour) -> Channel:
    """Escalate what has happened before; Tomás reads what worked then, and takes it up."""
    tour.scene("It happens again, elsewhere: what worked then is found")
    await tour.command(MAYA, tour.channel("support"), "/escalate " + STAKE)
    view = tour.form(MAYA)
    found = await tour.here.people.suggest(MAYA, "customer", "delphi", view_id=view.id)
    values: dict[str, object] = {
        "customer": found[0]["value"],
        "trigger": "technical",
        "severity": "2",
        "ticket_url": "https://tickets.example/5077",
    }
    tour.must(not await tour.fill(MAYA, values), "Delphi Energy's case is open")
    case = tour.channel(f"esc-{NUMBER}-")
    await tour.press(ELENI, case, tour.card(case).ts, "do:claim")
    await tour.command(MAYA, case, "/escalate update")
    draft = spoken(draft_in(tour.form(MAYA)))
    tour.must(not await tour.fill(MAYA, {"text": draft}), "the customer has heard from us")
    await tour.wait(HOUR)
    tour.must(tour.told(TOMAS, "ESC-1", "kept the expired certificate"), "Tomás reads what worked")
    await _press(tour, TOMAS, "do:try_solution")
    return case


async def _works_by_playbook(tour: Tour, case: Channel) -> None:
    """Put a playbook's checklist into the channel, and tick one of its steps.

    Where one has come by itself meanwhile, that one is worked by.
    """
    tour.scene("A playbook: who does what, and by when")
    lists = [m for m in case.messages.values() if "do:tick_step" in str(m.blocks)]
    if not lists:
        await tour.command(ELENI, case, "/escalate playbook outage")
        await _press(tour, ELENI, "do:apply_playbook")
        lists = [m for m in case.messages.values() if "do:tick_step" in str(m.blocks)]
    tour.must(len(lists) == 1, "its checklist stands in the channel, once")
    await tour.press(TOMAS, case, lists[0].ts, "do:tick_step")
    ticked = str(case.messages[lists[0].ts].blocks)
    tour.must("\N{WHITE HEAVY CHECK MARK}" in ticked, "a step is ticked in place")


async def _stays_in_focus(tour: Tour, case: Channel) -> None:
    """Let Tomás work undisturbed; Maya's question waits for the end, and is answered from there."""
    tour.scene("The technical lead is left in peace")
    await tour.command(TOMAS, case, "/escalate focus 45m")
    tour.must("in focus until" in str(tour.card(case).blocks), "the card says until when")
    count = len(tour.dms(TOMAS))
    await tour.press(MAYA, case, tour.card(case).ts, "ask:ask_lead")
    question = "Which of their gateways is it?"
    tour.must(not await tour.fill(MAYA, {"about": "other", "question": question}), "Maya asks")
    tour.must(len(tour.dms(TOMAS)) == count, "and Tomás is not disturbed")
    await tour.wait(46 * MINUTE)
    tour.must(tour.told(TOMAS, question), "when his focus is over he reads the question")
    await _press(tour, TOMAS, "ask:answer_question")
    errors = await tour.fill(TOMAS, {"answer": "The second; its certificate ended on Sunday."})
    tour.must(not errors and tour.posted(case, "ended on Sunday"), "the answer is for everybody")


async def _is_helped(tour: Tour, case: Channel) -> None:
    """Ask for people with a skill; Nikos joins, and Eleni stays the owner."""
    tour.scene("Help by skill")
    await tour.press(ELENI, case, tour.card(case).ts, "ask:swarm")
    asked: dict[str, object] = {
        "skill": "Certificates",
        "count": "1",
        "question": "How is it renewed by hand?",
    }
    tour.must(not await tour.fill(ELENI, asked), "those who know certificates are asked")
    tour.must(tour.told(NIKOS, "How is it renewed"), "Nikos reads what is asked of him")
    await _press(tour, NIKOS, "do:answer_swarm")
    card = str(tour.card(case).blocks)
    tour.must(f"<@{NIKOS}> (Certificates)" in card, "he is on the card")
    facts = await tour.here.services.reading.case(NUMBER, ELENI)
    tour.must(facts.owner == ELENI, "the owner stays the owner")


async def _decides(tour: Tour, case: Channel) -> None:
    """Log a decision with what else was possible, and why."""
    tour.scene("A decision that is remembered")
    await tour.press(ELENI, case, tour.card(case).ts, "ask:decide")
    made: dict[str, object] = {
        "decision": "We renew certificates by hand until summer",
        "options": "To buy the service that renews them",
        "why": "The service cannot be had before June",
        "decider": ELENI,
    }
    tour.must(not await tour.fill(ELENI, made), "what was decided, and why, is in the channel")
    tour.must(tour.posted(case, "cannot be had before June"), "for all who come later")


async def _looks_back(tour: Tour, case: Channel) -> None:
    """Resolve and confirm; hold the postmortem with those who came, and close."""
    tour.scene("Solved, looked back on with those who were there, closed")
    await tour.command(ELENI, case, "/escalate resolve")
    answer = "Κύριε Ράπτη, τα τιμολόγια εκδίδονται ξανά από τις 11:00. Δεν χάθηκε κάτι."
    solved: dict[str, object] = {
        "type": "fix",
        "note": "The certificate was renewed by hand.",
        "text": answer,
    }
    await tour.fill(ELENI, solved)
    await _press(tour, TOMAS, "do:confirm")
    await _press(tour, ELENI, "ask:resolve")
    await tour.fill(ELENI, {})
    tour.must(not tour.here.people.views(ELENI), "the customer is told")
    tour.must(tour.told(NIKOS, "ευχαριστούμε για τη βοήθεια"), "Nikos is thanked")
    await tour.press(MAYA, case, tour.card(case).ts, "ask:confirm")
    await tour.fill(MAYA, {})
    await tour.press(ELENI, case, tour.card(case).ts, "ask:postmortem_held")
    held: dict[str, object] = {
        "root_cause": "The list of certificates had no owner.",
        "better": "Ask every customer with a gateway at once.",
        "prevention": "process",
        "no_action": "ESC-1's action item is done, and covers it",
        "facilitator": RICHARD,
        "came": [MAYA, TOMAS],
        "step": "reviewed",
    }
    tour.must(not await tour.fill(ELENI, held), "who came, who led it, and why no action")
    await tour.press(ELENI, case, tour.card(case).ts, "ask:close")
    errors = await tour.fill(ELENI, {"code": "fixed", "root_cause": "configuration"})
    facts = await tour.here.services.reading.case(NUMBER, ELENI)
    tour.must(not errors and facts.status == "closed", "the case is closed")


async def _judges(tour: Tour, case: Channel) -> None:
    """Ask, a month later, how the decision came out.

    The quarter's review is planned on the way, as the regular work does each hour of real time.
    """
    tour.scene("A month later: how did the decision come out?")
    await plan_reviews(tour.here.services)
    await tour.skip(timedelta(days=31))
    await _press(tour, ELENI, "ask:judge_decision")
    judged: dict[str, object] = {
        "outcome": "failed",
        "lesson": "One was forgotten again; buy the service",
    }
    tour.must(not await tour.fill(ELENI, judged), "Eleni says that it did not hold, and why")
    tour.must(tour.posted(case, "buy the service"), "which the channel reads, too")


async def _reviews_quarter(tour: Tour) -> None:
    """Answer the review that came by itself, write and decide it, and have the figures sent.

    The files are the charts and the PDF that ``/escalate figures`` sends.
    """
    tour.scene("The quarter is looked back on")
    await tour.skip(timedelta(days=14))
    tour.must(tour.told(KATE, "Q1 2027"), "the review of the quarter was prepared, and Kate asked")
    await _press(tour, KATE, "do:answer_quarterly_review#1")
    support = tour.channel("support")
    await tour.command(KATE, support, "/escalate quarter Q1 2027")
    await _press(tour, KATE, "ask:write_quarterly_review")
    parts: dict[str, object] = {
        "product": "Warn thirty days before a certificate ends.",
        "training": "Nothing: everybody knew what to do.",
        "process": "One owner for each certificate.",
        "documentation": "A page that lists every certificate.",
        "step": "saved",
    }
    tour.must(not await tour.fill(KATE, parts), "what the business could do is written down")
    await tour.command(KATE, support, "/escalate quarter Q1 2027")
    await _press(tour, KATE, "ask:decide_quarter")
    day = (tour.here.workspace.clock.now() + timedelta(days=20)).date().isoformat()
    decided: dict[str, object] = {
        "decision": "Buy the service that renews them",
        "owner": TOMAS,
        "due": day,
    }
    tour.must(not await tour.fill(KATE, decided), "what is decided has one owner and a day")
    tour.must(tour.told(TOMAS, "Buy the service"), "who hears of it at once")
    await tour.command(KATE, support, "/escalate quarter Q1 2027")
    await _press(tour, KATE, "show:figures")
    await _press(tour, KATE, "show:figures_files")
    files = [f for m in tour.dms(KATE) for f in m.files]
    tour.must(files, "Kate has the figures of the quarter as a file")
