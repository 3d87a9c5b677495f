"""The case card: pinned in the case's channel, and true each time it is drawn.

It says how bad it is, what the customer has at stake, who has it, what must happen by when, what is
waited for, and the one thing to do next.

The pinned card is for the case's own channel, so it hides nothing of a restricted case; its
language is the team's. It is drawn from the facts alone, and drawing the same facts again gives the
same blocks, so a repeated update of the pinned message changes nothing. Buttons and menus are in
``messages/cases/card_actions.py``; ``show_answer`` in ``messages/cases/answers.py`` copies it.
"""

from bot.rules.facts import ActionFacts, CaseFacts, SentFacts, StandingFacts
from bot.rules.lifecycle import LIVE, OPEN, missing_confirmations
from bot.rules.words import Language, Role, Severity, Status
from messages.bugs.lines import bug_section, work_line
from messages.cases.card_actions import (
    case_menu,
    clock_menu,
    customer_menu,
    next_steps,
    people_menu,
)
from messages.customers.concessions import count_concessions
from messages.drills.marks import mark_drill
from messages.executives.legal_lines import legal_section
from messages.executives.lines import executive_section
from messages.focus.card import focus_lines
from messages.kit.blocks import (
    FIELDS_MAX,
    Block,
    Message,
    actions,
    button,
    context,
    fields,
    header,
    message,
    section,
)
from messages.kit.case_lines import (
    clock_line,
    component_lines,
    contest_lines,
    hold_line,
    letter_lines,
    merged_lines,
    open_clocks,
    owner_line,
    priority_line,
    reported_lines,
    short_text,
    sibling_line,
    spoken_clock,
    told_lines,
    unreached_line,
)
from messages.kit.mrkdwn import (
    escape,
    isolate_text,
    mention_user,
    mrkdwn_link,
    on_day,
    quote_text,
    slack_date,
)
from messages.kit.routes import route_name
from messages.kit.template_context import lower_first
from messages.kit.texts import label, plural, t
from messages.sponsorship.account_lines import account_lines

STAKE_SHOWN = 600  # characters; the whole stake is in the record
CLOCKS_SHOWN = 8  # lines
ACTIONS_SHOWN = 5  # sections with a button each
LINES_SHOWN = 5  # open handovers, and open questions to executives

MARKS = {Severity.SEV1: "🔴", Severity.SEV2: "🟠", Severity.SEV3: "🟡", Severity.SEV4: "⚪"}
CROWD = (Role.REPORTER,)  # said in the small print instead


def case_card(case: CaseFacts, language: Language) -> Message:
    """Draw the card of a case as of ``case.now``, for everybody in its channel.

    At most 8 clocks and 5 open action items, handovers and asks are shown; the record has the rest.
    """
    card = message(
        card_as_text(case, language),
        header(card_title(case, language)),
        section(_standing(case, language), case_menu(case, language)),
        section(_stake(case, language), customer_menu(case, language)),
        fields(*_people(case, language), accessory=people_menu(case, language)),
        section(_times(case, language), clock_menu(case, language)),
        _waiting(case, language),
        executive_section(case, language) if case.flagging or case.contacts or case.call else None,
        legal_section(case, language),
        _problem(case, language),
        bug_section(case, language),
        actions(*next_steps(case, language)),
        *_action_items(case, language),
        context(*_small_print(case, language)),
    )
    return mark_drill(card, case, language)


def _problem(case: CaseFacts, language: Language) -> Block | None:
    """Say that others have the same problem, with the way to it; None for a case on its own."""
    if case.problem is None:
        return None
    values = {"case": case.number, "problem": case.problem}
    said = t(language, "card.problem", problem=f"PRB-{case.problem}")
    return section(said, button("show:problem", t(language, "button.show"), values))


def card_title(case: CaseFacts, language: Language) -> str:
    """Return the case's name and customer in plain text, for a header, which has no markup."""
    customer = isolate_text(" ".join(case.customer.split()))
    return t(language, "card.title", reference=case.reference, customer=customer)


def card_as_text(case: CaseFacts, language: Language) -> str:
    """Say the card in a few sentences of mrkdwn, for notifications and screen readers.

    Only the two clocks that are most pressing and the first handover are told.
    """
    said = [
        t(
            language,
            "card.said.opening",
            reference=case.reference,
            customer=short_text(case.customer, 80),
            severity=label(language, case.severity),
            status=label(language, case.status),
        ),
        owner_line(case, language, "card.said"),
        *(spoken_clock(clock, case, language) for clock in open_clocks(case)[:2]),
    ]
    if case.hold:
        said.append(t(language, "card.said.hold", until=slack_date(case.hold.until, language)))
    for handover in case.handovers[:1]:
        said.append(t(language, "card.said.handover", user=mention_user(handover.offered_to)))
    parties = waited_for(case)
    if parties:
        names = ", ".join(t(language, f"party.{party}") for party in parties)
        said.append(t(language, "card.said.waiting", parties=names))
    return " ".join(said)


def waited_for(case: CaseFacts) -> tuple[str, ...]:
    """Return the parties that have not yet confirmed the resolution.

    Empty before a resolution is described, and once the case is in review or closed.
    """
    described = case.resolution_type is not None
    ended = case.status in (Status.REVIEW, Status.CLOSED)
    return missing_confirmations(case) if described and not ended else ()


def last_sent(case: CaseFacts) -> SentFacts | None:
    """Return the newest message that reached the customer; None before there is one."""
    return max(case.sent, key=lambda sent: sent.sent_at, default=None)


def _stake(case: CaseFacts, language: Language) -> str:
    """Quote the stake, cut to ``STAKE_SHOWN`` characters; an empty one shows a dash.

    It is called the customer's words only where it was marked as such.
    """
    stake = case.stake.strip()
    cut = stake if len(stake) <= STAKE_SHOWN else stake[: STAKE_SHOWN - 1].rstrip() + "…"
    key = "card.stake_quoted" if case.stake_quoted else "card.stake"
    return t(language, key, quote=quote_text(cut or "-"))


def _standing(case: CaseFacts, language: Language) -> str:
    """Write severity, status and marks, below what the severity means and the priority."""
    severity, status = label(language, case.severity), label(language, case.status)
    mark = MARKS[case.severity]
    parts = [t(language, "card.standing", mark=mark, severity=severity, status=status)]
    parts += [t(language, "card.on_hold")] if case.hold else []
    parts += [t(language, "card.executive")] if case.executive else []
    parts += [t(language, "card.sensitive")] if case.sensitive else []
    meaning = escape(t(language, f"severity_meaning.{case.severity.name.lower()}"))
    ranked = f"\n{priority_line(case, language)}" if case.status in OPEN else ""
    return "\n".join(["  ·  ".join(parts), meaning + ranked, *component_lines(case, language)])


def _people(case: CaseFacts, language: Language) -> list[str]:
    """List who holds which role, one person a line, the owner first, at most ten lines.

    The reporter is named in the small print instead.
    """
    owned = [role for role in Role if role not in CROWD and case.roles.get(role) == case.owner]
    also = "".join(f", {label(language, role)}" for role in owned)
    lines = [owner_line(case, language, "card") + also]
    for holder in dict.fromkeys(case.roles.get(role) for role in Role):
        theirs = [r for r in Role if case.roles.get(r) == holder and r not in (*CROWD, *owned)]
        if holder and theirs:
            names = ", ".join(label(language, role) for role in theirs)
            lines.append(t(language, "card.role", role=names, user=mention_user(holder)))
    return lines[:FIELDS_MAX]


def _times(case: CaseFacts, language: Language) -> str:
    """List the open clocks, most pressing first, and when the customer was last written to."""
    lines = [clock_line(clock, case, language) for clock in open_clocks(case)[:CLOCKS_SHOWN]]
    if not lines:
        lines.append(t(language, "card.no_clock"))
    sent = last_sent(case)
    if sent is None:
        lines.append(t(language, "card.none_sent"))
    else:
        moment, route = slack_date(sent.sent_at, language), route_name(sent.route, language)
        lines.append(
            t(language, "card.last_sent", when=moment, user=mention_user(sent.sent_by), route=route)
        )
    return "\n".join(lines)


def _waiting(case: CaseFacts, language: Language) -> Block | None:
    """Say what holds the case up, and how it ended; None when there is nothing to say."""
    lines = [*_held_up(case, language), *_outcome(case, language)]
    return section("\n".join(lines)) if lines else None


def _held_up(case: CaseFacts, language: Language) -> list[str]:
    """List what holds the case up: the hold, open handovers, asks and concessions, and the like.

    Differences are told only while the case is live, dated by the oldest of them.
    """
    lines = [hold_line(case.hold, language)] if case.hold else []
    lines += [*focus_lines(case, language), *contest_lines(case, language)]
    lines += [*reported_lines(case, language), *told_lines(case, language)]
    lines += [sibling_line(each, language) for each in case.siblings]
    if case.standing and case.status in LIVE:
        lines.append(_standing_line(case.standing, language))
    for offer in case.handovers[:LINES_SHOWN]:
        lines.append(
            t(
                language,
                "card.handover",
                to=mention_user(offer.offered_to),
                role=label(language, offer.role),
                by=mention_user(offer.offered_by),
                since=slack_date(offer.offered_at, language),
            )
        )
    if case.status in LIVE and case.drift:
        what = ", ".join(lower_first(label(language, each.what), language) for each in case.drift)
        since = slack_date(min(each.at for each in case.drift), language)
        lines.append(t(language, "card.drift", what=what, when=since))
    if case.unreached:
        lines.append(unreached_line(case, language))
    for ask in [a for a in case.asks if a.answer is None][:LINES_SHOWN]:
        question = short_text(ask.question)
        lines.append(t(language, "card.ask", user=mention_user(ask.asked_of), question=question))
    return [*lines, *count_concessions(case, language)]


def _standing_line(found: StandingFacts, language: Language) -> str:
    """Say what stands in the way, who said so and when, and by when it should be over."""
    said = t(language, f"standing.{found.standing}")
    if found.expected:
        said += t(language, "card.standing_until", day=on_day(found.expected, language))
    said += f": {short_text(found.remark)}" if found.remark else ""
    by, at = mention_user(found.by), slack_date(found.at, language)
    return t(language, "card.in_the_way", said=said, by=by, at=at)


def _outcome(case: CaseFacts, language: Language) -> list[str]:
    """List the workaround (while mitigated), resolution, confirmations, opinions and closure.

    A resolution without ``resolved_at`` is proposed: it waits for confirmations.
    """
    lines = merged_lines(case, language)
    if case.workaround_note and case.status is not Status.INVESTIGATING:
        lines.append(t(language, "card.workaround", note=short_text(case.workaround_note)))
    if case.resolution_type:
        kind, note = label(language, case.resolution_type), short_text(case.resolution_note)
        if case.resolved_at is None:
            lines.append(t(language, "card.resolution_proposed", type=kind, note=note))
        else:
            at = slack_date(case.resolved_at, language)
            lines.append(t(language, "card.resolution", type=kind, when=at, note=note))
    lines += letter_lines(case, language)
    if case.confirmations or waited_for(case):
        lines.append(t(language, "card.confirmations", said=_confirmations(case, language)))
    lines += _opinions(case, language)
    if case.postmortem_at:
        held = slack_date(case.postmortem_at, language)
        lines.append(t(language, "card.postmortem_held", when=held))
    if case.closure_code:
        at = slack_date(case.closed_at, language) if case.closed_at else "…"
        cause = label(language, case.root_cause) if case.root_cause else "…"
        code = label(language, case.closure_code)
        if case.duplicate_of:
            original = f"ESC-{case.duplicate_of}"
            lines.append(
                t(language, "card.closed_duplicate", code=code, original=original, when=at)
            )
        else:
            lines.append(t(language, "card.closed", code=code, when=at, cause=cause))
    return lines


def _opinions(case: CaseFacts, language: Language) -> list[str]:
    """Say the newest answer of each kind: the pulse on the way, the survey at the end."""
    newest = {said.kind: said for said in sorted(case.opinions, key=lambda said: said.at)}
    return [
        t(language, f"card_page.{kind}", score=said.score, when=slack_date(said.at, language))
        for kind, said in newest.items()
    ]


def _confirmations(case: CaseFacts, language: Language) -> str:
    """List the answers given, then the parties without one.

    A "no" stays listed as given, until the same party says something else.
    """
    answers = {c.party: c.comfortable for c in case.confirmations}
    said = [
        t(
            language,
            "card.comfortable" if comfortable else "card.uncomfortable",
            party=t(language, f"party.{party}"),
        )
        for party, comfortable in answers.items()
    ]
    waiting = [party for party in waited_for(case) if party not in answers]
    said += [t(language, "card.not_yet", party=t(language, f"party.{p}")) for p in waiting]
    return ", ".join(said)


def _action_items(case: CaseFacts, language: Language) -> list[Block]:
    """Draw a section for each of the first open items, and count the others."""
    open_items = [item for item in case.actions if item.done_at is None]
    blocks = [
        action_section(item, case, language, number)
        for number, item in enumerate(open_items[:ACTIONS_SHOWN], start=1)
    ]
    more = len(open_items) - ACTIONS_SHOWN
    if more > 0:
        rest = button("show:actions", t(language, "actions.all"), {"case": case.number})
        blocks.append(section(plural(language, "card.more_actions", more), rest))
    return blocks


def action_section(item: ActionFacts, case: CaseFacts, language: Language, number: int) -> Block:
    """Draw an open action item with its button; ``number`` tells the buttons of one message apart.

    It is late from the day after its due day, by the UTC date of ``case.now``.
    """
    late = item.due < case.now.date()
    key = "card.action_waits" if item.waits else "card.action_overdue" if late else "card.action"
    title, user, due = short_text(item.title), mention_user(item.owner), on_day(item.due, language)
    words = t(language, key, title=title, user=user, due=due)
    words += f"\n{work_line(item.bug, language)}" if item.bug else ""
    values: dict[str, object] = {"case": case.number, "action": item.id}
    if item.waits:
        look, yes = t(language, "press.verify_action"), values | {"accept": True}
        return section(words, button(f"do:verify_action#{number}", look, yes))
    return section(words, button(f"ask:action_done#{number}", t(language, "button.done"), values))


def _small_print(case: CaseFacts, language: Language) -> list[str]:
    """Say who raised the case, the contact, the account, and the links."""
    moment, trigger = slack_date(case.received_at, language), label(language, case.trigger)
    first = t(
        language, "card.raised", user=mention_user(case.reporter), when=moment, trigger=trigger
    )
    second = [_contact(case, language), *_second(case, language), *account_lines(case, language)]
    if case.ticket_url:
        second.append(mrkdwn_link(case.ticket_url, _ticket(case, language)))
    if case.source_link:
        second.append(mrkdwn_link(case.source_link, t(language, "card.source")))
    return [first, "  ·  ".join(second)]


def _ticket(case: CaseFacts, language: Language) -> str:
    """Name the ticket; one that the case is linked to says in which help desk it is."""
    if case.helpdesk is None:
        return t(language, "card.ticket")
    return t(language, "card.ticket_linked", desk=label(language, case.helpdesk))


def _contact(case: CaseFacts, language: Language) -> str:
    writes = label(language, case.language)
    name = ", ".join(part for part in (case.contact_name, case.contact_email) if part)
    if not name:
        return t(language, "card.no_contact", language=writes)
    return t(language, "card.contact", name=short_text(name), language=writes)


def _second(case: CaseFacts, language: Language) -> list[str]:
    """Name the second contact, where there is one."""
    name = ", ".join(part for part in (case.second_name, case.second_email) if part)
    return [t(language, "card.second_contact", name=short_text(name))] if name else []
