"""Everything that the app says, in one language, with some count in every place for one."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from string import Formatter
from typing import Any

from bot.rules.facts import CasePageFacts, PersonFacts, PromiseFacts, ReminderFacts
from bot.rules.money.concessions import Gap
from bot.rules.states import CandidateState
from bot.rules.words import ClockKind, Language, MessageKind, Role, RootCause, Status
from messages.cases.answers import list_answer, promises_answer, refusal_message, timeline_answer
from messages.cases.card import case_card
from messages.cases.digest import digest_message
from messages.cases.home import home_view
from messages.cases.notice_table import NOTICES
from messages.cases.notices import notice_message
from messages.cases.operations import channel_waits, operations_notice, trouble_alert
from messages.cases.postmortem import agenda_markdown, agenda_message
from messages.cases.reminders import PRESSES, reminder_message
from messages.compose import compose_message
from messages.customers.letter_facts import Target
from messages.customers.mail_body import mail_text
from messages.customers.pages import question_page, status_page, thanks_page, unavailable_page
from messages.customers.template_library import NOTICES as LIBRARY
from messages.customers.template_library import library_notice
from messages.forms import FORMS
from messages.intake.candidate import candidate_message, candidate_notice, withdrawn_message
from messages.intake.triage import triage_answer
from messages.kit.blocks import Message
from messages.kit.texts import own_texts, plural
from messages.problems.card import problem_card, problem_list
from messages.problems.notice_table import PROBLEM_NOTICES
from messages.problems.notices import problem_notice
from tests.messages.cases.test_digest import morning
from tests.messages.cases.test_postmortem import ended
from tests.messages.customers.test_templates import draft
from tests.messages.forms.test_forms import drawn
from tests.messages.limits import text_objects
from tests.messages.said import entries, given
from tests.messages.sample_access import said_of_access
from tests.messages.sample_candidates import NOTICES as CANDIDATE_NOTICES
from tests.messages.sample_candidates import SAID, candidate, decided, lines
from tests.messages.sample_cases import (
    IRIS,
    MAYA,
    NIKOS,
    NOW,
    TOM,
    VIEWER,
    action,
    ask,
    case,
    clock,
    full,
    minutes,
)
from tests.messages.sample_problems import EXTRA, problem
from tests.messages.sample_quarterly import said_of_quarters
from tests.messages.sample_sponsorship import said_of_sponsorship

COUNTS = (0, 1, 2, 5)
PLURALS = ("zero", "one", "two", "few", "many", "other")
# Facts of short texts that are numbers; all others are words.
NUMBERS = frozenset({
    "count", "number", "kept", "made", "page", "pages", "position", "failing", "waiting",
    "done", "told", "version", "line", "read", "score", "ticket", "case", "problem", "by_hand",
    "effort", "most", "times",
})  # fmt: skip
SAMPLES = {
    "quote": "500 EUR", "url": "https://desk.example/p/1", "reference": "ESC-7", "code": "no_scope",
    "at": "10 Feb 2026, 11:35", "due": "10 Feb 2026", "until": "10 Feb 2026, 11:35",
    "minutes": "1 minute", "left": "2 h 10 min", "over": "3 days", "amount": "€1,000",
    "limit": 3000, "name": "Acme Hellas", "nearest": "claim", "word": "clam", "seconds": "20",
}  # fmt: skip
THRESHOLDS = ("warn:50", "warn:90", "breach", "ladder:1")
LONG = 14 * 24 * 60  # minutes


def everything_said(language: Language, count: int) -> Iterator[tuple[str, str]]:
    """Every text that a person may read, each with the place it comes from."""
    yield from short_texts(language, count)
    for place, message in messages(language, count):
        yield place, message.text
        for text in text_objects(message.blocks):
            yield place, text["text"]
    for place, view in views(language, count):
        for text in text_objects(view):
            yield place, text["text"]
    yield from papers(language, count)


def short_texts(language: Language, count: int) -> Iterator[tuple[str, str]]:
    """The texts of the locale files; of each plural the form for the count."""
    for key, text in own_texts(language).items():
        stem, _, form = key.rpartition(".")
        if key.startswith("template."):
            continue
        facts = {name: sample(name, count) for _, name, _, _ in Formatter().parse(text) if name}
        if form not in PLURALS:
            yield key, text.format_map(facts)
        elif form == "other":
            yield (
                key,
                plural(language, stem, count, **{k: v for k, v in facts.items() if k != "count"}),
            )


def sample(name: str, count: int) -> object:
    """What usually stands for a fact."""
    return count if name in NUMBERS else SAMPLES.get(name, "Maya")


def subject(count: int, status: Status = Status.INVESTIGATING, **changes: Any) -> Any:
    """A case with so many open action items, open decisions and people out of reach."""
    rich = replace(full(case(status)), sensitive=False, asks=(ask(),))
    rich = replace(rich, actions=(action(), *(action(id=10 + n) for n in range(count - 1)))[:count])
    return replace(rich, **changes)


def messages(language: Language, count: int) -> Iterator[tuple[str, Message]]:
    """What is posted, sent directly or answered in private."""
    yield from notices(language, count)
    yield from reminders(language, count)
    yield from answers(language, count)
    yield from problems(language, count)
    yield from arrived(language, count)
    yield from lead_lists(language, count)
    yield from said_of_sponsorship(language, count)
    yield from said_of_quarters(language, count)
    yield from said_of_access(language, count)
    many = {"vacancies": [VACANT] * (20 + count), "deserted": ["legal"] * min(count, 1)}
    yield "operations", operations_notice("roster", language, many)
    yield "operations", trouble_alert("ratelimited", count, count, NOW, language)
    yield "operations", channel_waits("ESC-7", count + 1, 20, language)
    for name in LIBRARY:
        about = PROPOSED | {"version": count}
        about |= {"approve": True} if name in ("answered", "noted") else {}
        yield f"library {name}", library_notice(name, language, about)


VACANT = {"role": "legal", "reference": "@law", "reason": "empty_group", "user": None}
PROPOSED: dict[str, Any] = {
    "template": 1, "kind": "update", "language": "el", "author": MAYA, "by": NIKOS,
    "people": [TOM], "remark": "Good",
}  # fmt: skip


def notices(language: Language, count: int) -> Iterator[tuple[str, Message]]:
    """Every notice about a case, inside its channel and outside; for those by role, to each."""
    numbers = {"count": count, "others": count, "days": count}
    for name in NOTICES:
        facts = given(name)
        facts |= {key: value for key, value in numbers.items() if key in facts}
        facts |= {"own_limit": count * 1000} if name == "breach_brief" else {}
        roles = [role.value for role in Role] if "role" in facts else [None]
        for role in roles:
            told = facts | ({"role": role} if role else {})
            for inside in (True, False):
                about = subject(max(count, "action" in facts), Status.RESOLVED)
                said = notice_message(name, about, language, inside=inside, **told)
                yield f"notice {name} {role}", said


def reminders(language: Language, count: int) -> Iterator[tuple[str, Message]]:
    """Every clock at every threshold, to whoever acts, knows or owns the case."""
    for kind in PRESSES:
        name = {"handoff": "handoff:4"}.get(kind, kind.value)
        for threshold in THRESHOLDS:
            due = NOW + minutes(25 if threshold.startswith("warn") else -LONG)
            for legal in (False, True):
                about = subject(count, sensitive=legal, legal=legal)
                for acts, yours in ((True, False), (False, False), (True, True)):
                    why = ReminderFacts(name, threshold, due, 1, count, acts, yours)
                    yield f"reminder {name} {threshold}", reminder_message(about, why, language)


def answers(language: Language, count: int) -> Iterator[tuple[str, Message]]:
    """Cards, lists, the record, promises, the digest and refusals with figures."""
    for status in Status:
        about = subject(count + 5, status, clocks=clocks(), opinions=())
        yield f"card {status}", case_card(about, language)
        yield (
            f"list {status}",
            list_answer(CasePageFacts((about,) * count, count), "list.open", language),
        )
    yield "timeline", timeline_answer(subject(count), list(entries()), 1, count + 1, language)
    kept = tuple(PromiseFacts(NOW - minutes(LONG + n), NOW) for n in range(count))
    yield "promises", promises_answer(subject(count), kept, language)
    few = [case(number=n + 20) for n in range(count)]
    yield "digest", digest_message(morning(at_risk=few, wins=few[:1]), language)
    yield "agenda", agenda_message(ended(), count, [MAYA], language)
    facts = {"limit": count, "minutes": count}
    yield "refusal", refusal_message("too_many_openings", language, **facts)
    money = {"left": "10000 EUR", "near": "480 EUR", "amount": "500 EUR", "near_kind": "goodwill",
             "promised": NOW.isoformat()}  # fmt: skip
    for gap in Gap:
        facts = {"quote": "all", "gap": gap.value, **money}
        yield "refusal", refusal_message("tone_concession", language, **facts)


def clocks() -> tuple[Any, ...]:
    """A clock of every kind: near, far, paused, overdue for an hour and for weeks."""
    kinds = [kind.value for kind in ClockKind]
    due = (1, 25, 600, None, -61, -LONG)
    return tuple(clock(kind, due[n % len(due)]) for n, kind in enumerate(kinds))


def problems(language: Language, count: int) -> Iterator[tuple[str, Message]]:
    """A problem's card, lists and notices."""
    about = problem(many=count)
    yield "problem card", problem_card(about, language)
    yield "problem list", problem_list([about], language, case())
    numbers = {"count": count, "by_hand": count, "version": count + 1, "approve": True}
    for name in PROBLEM_NOTICES:
        facts = EXTRA | numbers | {"hindrance": "setting", "code": "restricted_action"}
        facts |= {"threshold": "breach"} if name == "update_due" else {}
        yield f"problem {name}", problem_notice(name, language, facts)


def arrived(language: Language, count: int) -> Iterator[tuple[str, Message]]:
    """Candidates in every state, their lists, and what is said of them elsewhere."""
    for state in CandidateState:
        waits = state is CandidateState.WAITING
        facts = candidate(count=count + 1) if waits else decided(state)
        yield f"candidate {state}", candidate_message(facts, language)
    yield "candidate restricted", withdrawn_message(candidate(sensitive=True), language)
    for mine in (True, False):
        yield "triage", triage_answer(lines(count, more=count > 0), language, mine=mine)
    for name in CANDIDATE_NOTICES:
        yield f"candidate {name}", candidate_notice(name, language, SAID | {"count": count})


def lead_lists(language: Language, count: int) -> Iterator[tuple[str, Message]]:
    """What those who lead are sent from time to time, at its longest."""
    item = {"action": 1, "case": 7, "owner": IRIS, "due": "2026-02-27", "title": "Test " * 99,
            "customer": "Boreal <Bank> " * 9}  # fmt: skip
    late = {"items": [item] * min(count, 10), "count": count}
    yield "list actions_overdue", compose_message("list:actions_overdue", late, None, language)
    line = {"count": count, "customers": [["Boreal <Bank> " * 9, count]] * 5, "others": count,
            "cases": [count] * 5}  # fmt: skip
    lines = [{"cause": cause.value, **line} for cause in RootCause]
    found = {"period": "2026-02", "first": "2026-02-01", "restricted": count, "lines": lines}
    yield "list causes", compose_message("list:causes", found, None, language)


def views(language: Language, count: int) -> Iterator[tuple[str, Any]]:
    """Every form, and the Home tab."""
    for verb in FORMS:
        if verb in ("answer_template", "withdraw_template", "answer_draft"):
            continue  # these show a text of a person's
        yield f"form {verb}", drawn(verb, language)
    some = [subject(count)] * count
    yield "home", home_view(VIEWER, some, [], [], count, language, decide=lines(count))
    yield "home", home_view(PersonFacts(IRIS, "Iris"), [], some, [ask()], count, language)


def papers(language: Language, count: int) -> Iterator[tuple[str, str]]:
    """The agenda, letters, mails and pages, as far as the app writes them."""
    names = {MAYA: "Maya Lind"}
    for zone in ("Europe/Athens", "UTC"):
        record = list(entries())
        paper = agenda_markdown(ended(), record, [MAYA], language, names=names, zone=zone)
        yield from ((f"agenda {zone}", line) for line in paper.splitlines())
    for line in letters(language, count):
        if case().stake not in line:  # what a person wrote
            yield "letter", line
    yield "mail", mail_text("Dear Eleni,", language, paged=True, reference="ESC-7")
    yield from ((name, re.sub(r"<[^>]+>|\n", " | ", page)) for name, page in pages(language))


def pages(language: Language) -> Iterator[tuple[str, str]]:
    """The bodies of the pages that customers open."""
    zone = "Europe/Athens"
    for name, page in shown_pages(language, zone):
        yield name, page.partition("<body>")[2]


def shown_pages(language: Language, zone: str) -> Iterator[tuple[str, str]]:
    """The pages, as HTML."""
    for kind in ("pulse", "survey"):
        given = {"score": None, "effort": None, "comment": ""}
        yield kind, question_page(kind, language, "ESC-7", given, answered=True)
    for kind in ("pulse", "survey"):
        yield f"thanks {kind}", thanks_page(language, "ESC-7", NOW, zone, unhappy=kind, back="")
    for what in ("gone", "busy"):
        yield what, unavailable_page(language, what)
    yield "status", status_page(
        language, reference="ESC-7", stage="working", zone=zone, caller="Nikos Alexiou",
        phone="+30 210", last_text="We are on it.", last_at=NOW, next_at=NOW, now=NOW,
        waiting=True, words_language=language, company="Northwind",
    )  # fmt: skip


def letters(language: Language, count: int) -> Iterator[str]:
    """The letters' drafts with targets of so many hours."""
    within = timedelta(hours=count or 1)
    targets = [
        Target(kind, within, working_time=hours)
        for kind in (ClockKind.FIRST_RESPONSE, ClockKind.NEXT_UPDATE, ClockKind.RESOLUTION)
        for hours in (False, True)
    ]
    for kind in MessageKind:
        yield from draft(kind, language, targets=targets).splitlines()
