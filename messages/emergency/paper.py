"""The emergency file: one HTML page that needs neither the app nor Slack, to be read and printed.

It has the open cases with their owners, contacts and due times, people's telephone numbers, what to
do, and room to write by hand. Of restricted cases it has the number, the owner and the due times.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from markupsafe import Markup

from bot.rules.facts import CaseFacts, PersonFacts
from bot.rules.words import Language, Role
from messages.cases.card import last_sent
from messages.customers.html import render_page
from messages.customers.pages import page_style
from messages.kit.case_lines import open_clocks
from messages.kit.dates import format_moment
from messages.kit.template_context import clock_label
from messages.kit.texts import label, plural, t

STAKE_SHOWN = 600  # characters
STEPS = 6
COLUMNS = ("name", "roles", "phone", "email")
SHEET = ("reported", "customer", "contact", "impact", "owner", "promised")


def emergency_page(
    cases: Sequence[CaseFacts],
    people: Mapping[str, PersonFacts],
    phones: Mapping[str, str],
    language: Language,
    *,
    zone: str,
    made_at: datetime,
    total: int,
) -> str:
    """Write the page; times are in ``zone`` (IANA).

    ``cases`` come first by priority of ``total`` open ones. ``people`` are those whom they name, by
    user id; ``phones`` the numbers of those that have one.
    """
    say, when = partial(_say, language), partial(format_moment, language=language, zone=zone)
    draw = partial(_case, people=people, language=language, when=when)
    left = total - len(cases)
    return render_page(
        "emergency.html",
        language=language.value,
        title=say("title"),
        style=Markup(page_style()),  # noqa: S704 - our own file
        made=say("made", when=when(made_at)),
        say=say,
        steps=[say(f"step_{number}") for number in range(1, STEPS + 1)],
        left_out=plural(language, "emergency.left_out", left) if left > 0 else "",
        cases=[draw(case) for case in cases],
        columns=[say(name) for name in COLUMNS],
        people=_people(cases, people, phones, language),
        sheet=[say(name) for name in SHEET],
    )


def _say(language: Language, key: str, **facts: object) -> str:
    return t(language, f"emergency.{key}", **facts)


def _case(
    case: CaseFacts, *, people: Mapping[str, PersonFacts], language: Language, when: Any
) -> dict[str, Any]:
    """What the page says of a case: ``title``, ``lines`` about it, and ``dues``.

    Each of ``dues`` is a clock's name and when it is due. Nothing is escaped here: the template
    does. Of a restricted case the lines name the owner alone.
    """
    say = partial(_say, language)
    customer = say("restricted") if case.sensitive else case.customer
    severity = label(language, case.severity)
    lines = [say("owned", who=_name(case.owner, people))]
    if not case.sensitive:
        lines = [say("impact_line", text=case.stake[:STAKE_SHOWN]), *lines, *_reach(case, language)]
        lines += [say("held", until=when(case.hold.until))] if case.hold else []
        sent = last_sent(case)
        lines.append(say("last_told", when=when(sent.sent_at)) if sent else say("never_told"))
    title = say("case", reference=case.reference, customer=customer, severity=severity,
                status=label(language, case.status))  # fmt: skip
    dues = [
        (clock_label(each.name, language), when(each.due) if each.due else say("paused"))
        for each in open_clocks(case)
    ]
    return {"title": title, "lines": lines, "dues": dues}


def _reach(case: CaseFacts, language: Language) -> list[str]:
    """How the customer is reached: the case's contacts, else the account's, and the ticket."""
    account = case.account
    found = [(case.contact_name, case.contact_email), (case.second_name, case.second_email)]
    if not any(name or email for name, email in found) and account:
        found = [(account.contact_name, account.contact_email)]
    said = [" ".join(filter(None, each)) for each in found if any(each)]
    lines = [_say(language, "contact_line", who=", ".join(said))] if said else []
    return lines + ([_say(language, "ticket", url=case.ticket_url)] if case.ticket_url else [])


def _people(
    cases: Sequence[CaseFacts],
    people: Mapping[str, PersonFacts],
    phones: Mapping[str, str],
    language: Language,
) -> list[tuple[str, ...]]:
    """Those who have a part in the cases, by name: their roles, telephone number and address."""
    roles: dict[str, dict[str, None]] = {}
    for case in cases:
        for role, user in case.roles.items():
            if role is not Role.REPORTER:
                roles.setdefault(user, {})[label(language, role)] = None
        roles.setdefault(case.owner, {})
    rows = [
        (_name(user, people), ", ".join(held), phones.get(user, ""),
         (people[user].email or "") if user in people else "")
        for user, held in roles.items()
    ]  # fmt: skip
    return sorted(rows)


def _name(user: str, people: Mapping[str, PersonFacts]) -> str:
    """The name of a person, or their Slack id where the directory does not know them."""
    return people[user].name if user in people else user
