"""A quarterly brief in words: title, parts, lines. The page and the PDF are drawn of the same.

Texts: ``brief.*``. Everything is plain text; whoever draws it escapes it. What people wrote is
shortened, and read as they saw it in Slack.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from bot.rules.facts import AccountFacts
from bot.rules.facts.sponsorship import TouchFacts
from bot.rules.sponsorship.brief import (
    Brief,
    BriefCase,
    BrokenPromise,
    OpenAsk,
    OpenCommitment,
    list_next_steps,
    mean_score,
)
from bot.rules.words import Language
from messages.kit.amounts import format_revenue
from messages.kit.dates import format_stamp, full_day
from messages.kit.slack_text import read_tokens
from messages.kit.template_context import clip_line, clock_label
from messages.kit.texts import cldr_locale, label, plural, t

STEPS = 5  # what one can keep in mind before a call; the rest is in the parts
LISTED = 12  # of a kind, so that a brief stays one or two sheets
WORDS_MAX, NOTE_MAX = 140, 400  # characters


@dataclass(frozen=True, slots=True)
class Part:
    """A part under its heading: pairs of what and how much, then lines, then a remark."""

    heading: str
    pairs: tuple[tuple[str, str], ...] = ()
    lines: tuple[str, ...] = ()
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A whole brief in the words of one language; ``steps`` is what the sponsor does next.

    ``parts`` come in the order in which they are read, ``footer`` says as of when it is and for
    whom. ``made_at`` is for the file's own date.
    """

    language: Language
    title: str
    subtitle: str
    steps: Part
    parts: tuple[Part, ...]
    footer: tuple[str, ...]
    made_at: datetime


def compose_brief(brief: Brief, language: Language) -> Sheet:
    """Put a brief into words, for its reader.

    Raises MissingTextError where the language has no text for something; a test renders all.
    """
    zone = str(brief.quarter.begins.tzinfo)
    made = format_stamp(brief.made_at, language, zone)
    return Sheet(
        language,
        t(language, "brief.title", customer=_short(brief.customer)),
        _period(brief, language),
        _steps(brief, language),
        tuple(part for part in _parts(brief, language) if part is not None),
        (
            t(language, "brief.as_of", at=made),
            t(language, "brief.for_reader", reader=_short(brief.reader)),
        ),
        brief.made_at,
    )


def _period(brief: Brief, language: Language) -> str:
    """The days of the quarter; of one that goes on, that it does."""
    going = brief.made_at < brief.quarter.ends
    key = "brief.period_so_far" if going else "brief.period"
    return t(
        language, key, first=full_day(brief.quarter.first, language),
        last=full_day(brief.quarter.last, language),
    )  # fmt: skip


def _steps(brief: Brief, language: Language) -> Part:
    """What the sponsor does next, with what it is about: at most ``STEPS``, as sentences.

    To a reader who is neither sponsor nor deputy the heading says that it is for the sponsor.
    """
    grave = [each.reference for each in brief.cases if not each.closed and each.severity <= 2]
    renewal, owed = brief.renewal.day, brief.owed
    facts = {
        "cases": ", ".join(grave),
        "renewal": full_day(renewal, language) if renewal else "",
        "due": _day_of(owed.due_at, brief, language) if owed and owed.due_at else "",
        "asks": ", ".join(each.reference for each in brief.asks if each.mine),
        "broken": plural(language, "brief.promises", len(brief.broken)),
    }
    said = [t(language, f"brief.step.{step}", **facts) for step in list_next_steps(brief)[:STEPS]]
    key = "brief.next" if brief.for_sponsor else "brief.next_of_sponsor"
    return Part(t(language, key), lines=tuple(said))


def _parts(brief: Brief, language: Language) -> Iterator[Part | None]:
    """The parts in the order in which they are read; None for one that has nothing to say."""
    yield Part(t(language, "brief.glance"), pairs=tuple(_glance(brief, language)))
    yield _cases(brief, language)
    yield _listed("broken", [_broken(each, brief, language) for each in brief.broken], language)
    yield _listed(
        "commitments", [_commitment(each, language) for each in brief.commitments], language
    )
    yield _listed("asks", [_ask(each, brief, language) for each in brief.asks], language)
    yield _contacts(brief, language)


def _glance(brief: Brief, language: Language) -> Iterator[tuple[str, str]]:
    """The account in pairs: its people, its membership, its money, and the quarter in figures.

    Money stands only where the reader may know it; where it is not known, it says so.
    """
    none = t(language, "brief.none")
    yield t(language, "brief.sponsor"), _short(brief.sponsor) or none
    if brief.deputy:
        yield t(language, "brief.deputy"), _short(brief.deputy)
    if brief.began_on and brief.ends_on:
        days = {"began": full_day(brief.began_on, language)}
        days["ends"] = full_day(brief.ends_on, language)
        yield t(language, "brief.membership"), t(language, "brief.from_to", **days)
    if brief.money:
        yield t(language, "brief.revenue"), _revenue(brief, language)
    yield t(language, "brief.renewal"), _renewal(brief, language)
    yield t(language, "brief.satisfaction"), _satisfaction(brief.scores, language)
    yield t(language, "brief.promises_title"), _promises(brief, language)
    if brief.adherence.due:
        facts = {"made": brief.adherence.made, "due": brief.adherence.due}
        yield t(language, "brief.contacts_since"), t(language, "brief.made_of_due", **facts)


def _revenue(brief: Brief, language: Language) -> str:
    """Yearly revenue; that it is not known, where the accounts file does not have it."""
    if brief.arr is None:
        return t(language, "brief.unknown")
    account = AccountFacts("", brief.customer, arr=brief.arr, currency=brief.currency)
    return t(language, "brief.a_year", amount=format_revenue(account, language))


def _renewal(brief: Brief, language: Language) -> str:
    """The next renewal with the days until then, and what became of the last one.

    One that has passed is said to have, since the accounts file names no later one.
    """
    renewal, said = brief.renewal, []
    if renewal.day is None:
        said.append(t(language, "brief.unknown"))
    elif (days := (renewal.day - brief.today).days) < 0:
        said.append(t(language, "brief.renewal_past", day=full_day(renewal.day, language)))
    else:
        left = plural(language, "brief.in_days", days)
        said.append(f"{full_day(renewal.day, language)} ({left})")
    if renewal.result is not None and renewal.recorded_on is not None:
        facts = {"result": label(language, renewal.result)}
        facts["day"] = full_day(renewal.recorded_on, language)
        said.append(t(language, "brief.last_renewal", **facts))
    return "; ".join(said)


def _satisfaction(scores: Sequence[int], language: Language) -> str:
    """The mean with how many answered; of few answers each.

    Answers are in the order in which they came. The mean has one decimal, as the language writes
    it.
    """
    if not scores:
        return t(language, "brief.no_answers")
    count, mean = plural(language, "brief.answers", len(scores)), mean_score(scores)
    if mean is None:
        return t(language, "brief.each_score", scores=", ".join(map(str, scores)), count=count)
    written = f"{mean:.1f}".replace(".", cldr_locale(language).number_symbols["latn"]["decimal"])
    return t(language, "brief.mean_score", mean=written, count=count)


def _promises(brief: Brief, language: Language) -> str:
    """How many promises were kept, broken, and how many commitments of executives were kept.

    Where none fell due it says so, as two zeros would look like a failure.
    """
    if not (brief.kept or brief.broken or brief.commitments_kept):
        return t(language, "brief.no_promises")
    said = [t(language, "brief.kept_broken", kept=brief.kept, broken=len(brief.broken))]
    if brief.commitments_kept:
        said.append(plural(language, "brief.commitments_kept", brief.commitments_kept))
    return "; ".join(said)


def _cases(brief: Brief, language: Language) -> Part:
    """The cases of the quarter, the gravest first, and how many are restricted.

    The order is that of the brief. Without a case it says so, as far as the reader may know.
    """
    remarks = []
    if len(brief.cases) > LISTED:
        remarks.append(plural(language, "brief.more", len(brief.cases) - LISTED))
    if brief.restricted:
        remarks.append(plural(language, "brief.restricted", brief.restricted))
    lines = [_case(each, brief, language) for each in brief.cases[:LISTED]]
    if not brief.cases:
        lines = [t(language, "brief.no_cases")]
    return Part(t(language, "brief.cases"), lines=tuple(lines), remark=" ".join(remarks))


def _case(each: BriefCase, brief: Brief, language: Language) -> str:
    """A case in one line: reference, severity, where it stands, since when, what is at stake."""
    flag = f" · {t(language, 'brief.executive')}" if each.executive else ""
    return t(
        language, "brief.case", reference=each.reference, severity=each.severity.name,
        status=label(language, each.status), since=_day_of(each.received_at, brief, language),
        stake=_short(each.stake), flag=flag,
    )  # fmt: skip


def _listed(name: str, lines: Sequence[str], language: Language) -> Part | None:
    """A part with lines, as many as a brief holds; None without any.

    ``name`` is of the text of its heading. How many lines were left out stands below them.
    """
    if not lines:
        return None
    more = plural(language, "brief.more", len(lines) - LISTED) if len(lines) > LISTED else ""
    return Part(t(language, f"brief.{name}"), lines=tuple(lines[:LISTED]), remark=more)


def _broken(each: BrokenPromise, brief: Brief, language: Language) -> str:
    """A promise that was broken, and when it was made good.

    Instants are in the organisation's zone, which the whole brief uses.
    """
    key = "broken_late" if each.kept_at else "broken_never"
    return t(
        language, f"brief.{key}", reference=each.reference, what=clock_label(each.clock, language),
        due=_stamp(each.due, brief, language),
        at=_stamp(each.kept_at, brief, language) if each.kept_at else "",
    )  # fmt: skip


def _commitment(each: OpenCommitment, language: Language) -> str:
    """A commitment that is not done."""
    key = "commitment_late" if each.late else "commitment"
    return t(
        language, f"brief.{key}", reference=each.reference, title=_short(each.title),
        owner=_short(each.owner), day=full_day(each.due, language),
    )  # fmt: skip


def _ask(each: OpenAsk, brief: Brief, language: Language) -> str:
    """A question that waits for an executive."""
    key = "ask_by" if each.answer_by else "ask"
    return t(
        language, f"brief.{key}", reference=each.reference, question=_short(each.question),
        asked=_short(each.asked_of),
        by=_stamp(each.answer_by, brief, language) if each.answer_by else "",
    )  # fmt: skip


def _contacts(brief: Brief, language: Language) -> Part:
    """The contacts of the quarter with what came of them, and what was missed or is still due.

    A contact that was missed in this quarter is not said once more as one that is overdue.
    """
    lines = [_contact(each, brief, language) for each in brief.touches[:LISTED]]
    for each in brief.missed:
        due = _day_of(each.due_at, brief, language) if each.due_at else ""
        lines.append(t(language, "brief.contact_missed", due=due))
    owed = brief.owed
    if owed and owed.due_at and owed.id not in {each.id for each in brief.missed}:
        due = _day_of(owed.due_at, brief, language)
        lines.append(
            t(language, "brief.contact_late" if owed.late else "brief.contact_due", due=due)
        )
    if not lines:
        lines = [t(language, "brief.no_contacts")]
    return Part(t(language, "brief.contacts"), lines=tuple(lines))


def _contact(each: TouchFacts, brief: Brief, language: Language) -> str:
    """A contact that took place: its day, how, who made it, and what came of it.

    The note is cut at ``NOTE_MAX`` characters; the whole of it is in the list in Slack.
    """
    return t(
        language, "brief.contact", at=_day_of(each.done_at or brief.made_at, brief, language),
        how=label(language, each.how) if each.how else "", by=_short(each.sponsor),
        note=_short(each.note, NOTE_MAX),
    )  # fmt: skip


def _short(text: str, limit: int = WORDS_MAX) -> str:
    """What people wrote, in one line."""
    return clip_line(" ".join(read_tokens(text).split()), limit)


def _day_of(instant: datetime, brief: Brief, language: Language) -> str:
    """The day of an instant in the organisation's zone; of one at midnight the day that ends."""
    return full_day(_last_day(instant, brief), language)


def _last_day(instant: datetime, brief: Brief) -> date:
    local = instant.astimezone(brief.quarter.begins.tzinfo)
    midnight = (local.hour, local.minute, local.second) == (0, 0, 0)
    return date.fromordinal(local.date().toordinal() - midnight)


def _stamp(instant: datetime, brief: Brief, language: Language) -> str:
    """The day and the time of day in the organisation's zone."""
    return format_stamp(instant, language, str(brief.quarter.begins.tzinfo))
