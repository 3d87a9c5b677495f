"""The sponsorship programme as tests of messages know it: each notice, the lists, the texts."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from bot.rules.business.outcomes import OutcomeResult
from bot.rules.facts.sponsorship import SponsorshipFacts, SponsorshipPage, TouchFacts
from bot.rules.sponsorship.brief import (
    Brief,
    BriefCase,
    BrokenPromise,
    OpenAsk,
    OpenCommitment,
    Renewal,
    build_quarter,
)
from bot.rules.sponsorship.metrics import (
    Member,
    ProgrammeFigures,
    RenewalRecord,
    count_programme,
)
from bot.rules.sponsorship.programme import Programme, ProgrammeText
from bot.rules.sponsorship.quarters import Adherence
from bot.rules.sponsorship.words import ExitGround, SponsorshipTopic, TouchKind
from bot.rules.states import SponsorshipState
from bot.rules.words import ClockKind, Language, Severity, Status
from messages.kit.blocks import Message
from messages.sponsorship.listing import (
    programme_texts,
    sponsor_brief,
    sponsorship_list,
)
from messages.sponsorship.notice_table import SPONSORSHIP_NOTICES
from messages.sponsorship.notices import sponsorship_notice
from tests.messages.sample_cases import IRIS, MAYA, NIKOS, NOW, TOM

EXTRA: dict[str, Any] = {
    "membership": 3, "customer": "Acme Hellas", "account": "acme", "sponsor": IRIS, "deputy": TOM,
    "by": NIKOS, "left": MAYA, "user": TOM, "offered_to": TOM, "reason": "They grow", "score": 70,
    "case": 7, "consent_by": "Ms Berg", "began_at": NOW.isoformat(), "review_on": "2026-08-10",
    "ends_on": "2027-02-10", "due": NOW.isoformat(), "touch_at": NOW.isoformat(), "how": "call",
    "exit_reason": "goals_met", "ground": "quiet", "topic": "purpose", "missing": [], "digest": "",
    "months": 12, "most": 4, "place": 0, "times": 1, "remark": "No time", "note": "All is well",
    "why_text": "They are content", "duties": "A call each quarter", "training": "Read this",
    "first_on": "2026-02-10", "last_on": "2026-05-10", "step": "call", "until": NOW.isoformat(),
    "again": False, "more": False, "begun": True, "why": "",
}  # fmt: skip
# What makes another sentence of a notice.
VARIANTS: dict[str, tuple[dict[str, Any], ...]] = {
    "text_saved": ({"missing": ["entry", "exit"]}, {"digest": "ab"}, {"again": True}),
    "sign_asked": ({"digest": "ab"}, {"digest": "ab", "again": True}),
    "nominated": ({"place": 2},),
    "nominate": ({"sponsor": ""},),
    "offered": ({"why": "place"}, {"why": "deputy"}, {"why": "successor"}, {"consent_by": ""}),
    "sponsor_wanted": ({"left": ""},),
    "passed": ({"place": 1},),
    "touch_missed": ({"sponsor": ""},),
    "brief_ready": ({"url": "https://desk.example/b/token"},),
    "touch_noted": ({"due": ""}, {"more": True}),
    "end_proposed": ({"ground": "length"}, {"ground": "review"}),
    "ended": ({"begun": False},),
    "ended_noted": ({"begun": False},),
}


def given_notices(text: str | None = None) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each notice with each of its facts; ``text`` stands wherever people wrote."""
    wrote = ("customer", "reason", "consent_by", "remark", "note", "why_text", "duties")
    facts = EXTRA | (dict.fromkeys(wrote, text) if text is not None else {})
    for name in SPONSORSHIP_NOTICES:
        for more in ({}, *VARIANTS.get(name, ())):
            yield name, facts | more


def membership(state: SponsorshipState = SponsorshipState.ACTIVE, **more: Any) -> SponsorshipFacts:
    """A membership of which its reader may know everything."""
    known: dict[str, Any] = {
        "sponsor": IRIS, "deputy": TOM, "began_at": NOW, "review_on": date(2026, 8, 10),
        "ends_on": date(2027, 2, 10), "mine": True, "leads": True, "whole": True,
        "reason": "They grow", "score": 70, "consent_by": "Ms Berg", "renewal": date(2026, 9, 1),
        "arr": 410_000, "currency": "EUR", "open_cases": 2, "adherence": Adherence(1, 2),
        "owed": TouchFacts(1, IRIS, NOW, late=True), "ground": ExitGround.QUIET,
    }  # fmt: skip
    return SponsorshipFacts(3, "acme", "Acme Hellas", state, **{**known, **more})


def programme(*, signed: bool = True, written: int = 6) -> Programme:
    """A programme with so many of its texts."""
    texts = {
        topic: ProgrammeText(topic, f"About {topic}", MAYA, NOW, 12 if topic == "exit" else None)
        for topic in list(SponsorshipTopic)[:written]
    }
    unsigned = Programme(texts)
    return Programme(texts, unsigned.digest, IRIS, NOW) if signed else unsigned


def said_of_sponsorship(language: Language, count: int = 2) -> Iterator[tuple[str, Message]]:
    """Everything that is said of the programme, with some count in places for one."""
    for name, extra in given_notices():
        counts = {"months": count or 1, "most": count or 1}
        yield f"sponsorship {name}", sponsorship_notice(name, language, extra | counts)
    waits = membership(
        SponsorshipState.WAITING, place=count or 1, owed=None, ground=None, ends_on=None
    )
    found = (
        membership(open_cases=count),
        membership(read=True, mine=False, offered_to=MAYA, asked=True),
        waits,
        membership(SponsorshipState.SEEKING, sponsor="", deputy="", ends_on=None, whole=False),
    )
    page = SponsorshipPage(programme(), found, count, "", (IRIS,))
    yield "sponsorships", sponsorship_list(page, language)
    for which in (programme(), programme(signed=False), programme(written=2)):
        empty = SponsorshipPage(which)
        yield "no sponsorships", sponsorship_list(empty, language)
        yield "programme", programme_texts(which, language)
    for some in (few_figures(), many_figures()):
        yield "figures", programme_texts(programme(), language, some)
    yield "none of", sponsorship_list(SponsorshipPage(programme(), customer="Acme"), language)
    touch = TouchFacts(1, IRIS, NOW, NOW, TouchKind.VISIT, "All is well")
    yield "brief", sponsor_brief(membership(), programme(), (touch,), language)


ZONE = ZoneInfo("Europe/Athens")


def brief(**more: Any) -> Brief:
    """A brief with something in every part, read a week after its quarter ended."""
    quarter = build_quarter(date(2026, 2, 10), 1, ZONE)
    early, late = datetime(2026, 3, 2, 9, tzinfo=UTC), datetime(2026, 3, 4, 9, tzinfo=UTC)
    known: dict[str, Any] = {
        "customer": "Acme Hellas", "quarter": quarter, "reader": "Iris Kallas",
        "made_at": datetime(2026, 5, 17, 9, tzinfo=UTC), "state": SponsorshipState.ACTIVE,
        "sponsor": "Iris Kallas", "deputy": "Tom Reed", "began_on": date(2026, 2, 10),
        "review_on": date(2026, 8, 10), "ends_on": date(2027, 2, 10),
        "cases": (
            BriefCase(
                "ESC-7", "No shipment leaves the warehouse since the update", Severity.SEV1,
                Status.INVESTIGATING, True, early, False,
            ),
            BriefCase("ESC-3", "Invoices twice", Severity.SEV3, Status.CLOSED, False, early, True),
        ),
        "restricted": 2, "kept": 14,
        "broken": (
            BrokenPromise("ESC-7", ClockKind.NEXT_UPDATE, early, late),
            BrokenPromise("ESC-7", ClockKind.RESOLUTION, late, None),
        ),
        "commitments_kept": 1,
        "commitments": (
            OpenCommitment("ESC-7", "A monthly report", "Maya Lind", date(2026, 5, 1), True),
            OpenCommitment("ESC-7", "A second engineer", "Tom Reed", date(2026, 6, 1), False),
        ),
        "scores": (5, 2, 4), "arr": 410_000, "currency": "EUR", "money": True,
        "renewal": Renewal(date(2026, 9, 1), OutcomeResult.SAVED, date(2025, 9, 8)),
        "asks": (
            OpenAsk("ESC-7", "May we send two people on site?", "Iris Kallas", late, True),
            OpenAsk("ESC-7", "Who speaks to their board?", "Nikos Pappas", None),
        ),
        "touches": (
            TouchFacts(1, "Iris Kallas", None, early, TouchKind.VISIT, "They want a monthly call"),
        ),
        "missed": (TouchFacts(2, IRIS, quarter.ends, late=True),),
        "owed": TouchFacts(2, IRIS, quarter.ends, late=True), "adherence": Adherence(1, 2),
        "unread": True, "end_proposed": True, "for_sponsor": True,
    }  # fmt: skip
    return Brief(**{**known, **more})


def few_figures() -> ProgrammeFigures:
    """Figures of a programme that is young."""
    return count_programme([Member("a", date(2026, 1, 1))], [], Adherence(1, 2), date(2026, 5, 1))


def many_figures() -> ProgrammeFigures:
    """Figures of a programme that goes on well."""
    day = date(2026, 1, 1)
    found = [Member(str(n), day, None, (date(2025, 11, 1),), ((day, 4),)) for n in range(6)]
    renewals = [
        RenewalRecord(str(n), date(2026, 3, 1), OutcomeResult.SAVED, Decimal(10), Decimal(12))
        for n in range(5)
    ]
    return count_programme(found, renewals, Adherence(11, 12), date(2026, 9, 1))
