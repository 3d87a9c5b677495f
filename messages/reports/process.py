"""The process in words: its map with the cases that are in each status, and pauses that stand out.

Texts: ``process.*`` and ``figures.pauses.*``. The map is read from the lifecycle, so whatever step
there is stands on it. Without figures it is the process alone, as everybody may see it.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from bot.rules.facts import CaseFacts
from bot.rules.learning.playbooks import Playbook, load_playbooks
from bot.rules.reports.figures import Report
from bot.rules.reports.handling import FEW
from bot.rules.reports.lifecycle_map import (
    Arrow,
    playbooks_by_status,
    read_arrows,
    read_ends,
    read_way,
)
from bot.rules.reports.process import StatusFigure
from bot.rules.words import Language, Status
from messages.kit.dates import format_rough_duration
from messages.kit.mrkdwn import format_span
from messages.kit.texts import label, plural, t
from messages.reports.sheet import MapArrow, MapBox, MapGuide, Part, ProcessMap, Table
from messages.reports.writing import Writer


def process_parts(report: Report, language: Language) -> Iterator[Part]:
    """The parts of a report about the process itself: the map, then the pauses."""
    yield map_part(language, report.statuses)
    yield _pauses(report, language)


def map_part(
    language: Language, figures: Sequence[StatusFigure] = (), case: CaseFacts | None = None
) -> Part:
    """The map with its table; ``case`` is where one is, for who may read it.

    Without ``figures`` nothing is told of other cases. The table has a row for each status, in the
    lifecycle's order: its name, with figures how many cases have it, the median time in it and of
    how many that is, what leads on from it, and the playbooks that stand there. The remark names
    the playbooks that stand nowhere, as they may be begun in any open status.
    """
    known = {each.status: each for each in figures}
    playbooks = load_playbooks().values()
    at, arrows = playbooks_by_status(playbooks), read_arrows()
    columns = tuple(t(language, f"process.{'columns' if known else 'steps'}").split("|"))
    rows = tuple(
        (
            _named(status, case, language),
            *(_told(known[status], language) if known else ()),
            _leads(status, arrows, language),
            " · ".join(each.wording(language).title for each in at.get(status, ())),
        )
        for status in (*read_way(), *read_ends())
    )
    drawn = ProcessMap(
        t(language, "process.title"),
        _said(language, figures, case),
        tuple(_box(status, known, case, language) for status in read_way()),
        tuple(_box(status, known, case, language) for status in read_ends()),
        tuple(
            MapArrow(each.source, each.target, name_steps(each, language)) for each in arrows
        ),
        tuple(
            _guide(status, each, language) for status, some in at.items() for each in some
        ),
    )  # fmt: skip
    beside = [each for each in playbooks if not any(each in some for some in at.values())]
    remark = t(
        language, "process.beside",
        playbooks=" · ".join(each.wording(language).title for each in beside),
    )  # fmt: skip
    few = t(language, "process.few", few=FEW) if known else ""
    heading = t(language, "process.title")
    return Part(
        "process", heading, Table(columns, rows), drawn, " ".join(filter(None, (few, remark)))
    )


def name_steps(arrow: Arrow, language: Language) -> str:
    """What leads from one status to another, as people say it: ``confirmed, or no answer``."""
    return f"{t(language, 'process.or')} ".join(
        t(language, f"process.step.{v}") for v in arrow.verbs
    )


def here_line(case: CaseFacts, language: Language) -> str:
    """Where a case is on the map: ``ESC-7 is here``."""
    return t(language, "process.here", reference=case.reference)


def _named(status: Status, case: CaseFacts | None, language: Language) -> str:
    """The status, with the case where it is there.

    An arrow stands between the two, so that the table says it without colour.

    Cases of other channels are never named.
    """
    name = label(language, status)
    here = case is not None and case.status is status
    return f"{name} ← {here_line(case, language)}" if case is not None and here else name


def _told(figure: StatusFigure, language: Language) -> tuple[str, str, str]:
    """How many are there, the median, and of how many.

    A candidate is no case yet, so how many there are is not told here; an end that no case leaves
    has no time.
    """
    write = Writer(language)
    return (
        write.whole(figure.now) if figure.status is not Status.CANDIDATE else write.say("unknown"),
        write.span(figure.median) if figure.left else write.say("unknown"),
        write.whole(figure.left) if figure.left else "",
    )


def _leads(status: Status, arrows: Sequence[Arrow], language: Language) -> str:
    """The statuses to which steps lead, with these steps."""
    return " · ".join(
        f"{label(language, each.target)} ({name_steps(each, language)})"
        for each in arrows
        if each.source is status
    )


def _box(
    status: Status,
    known: dict[Status, StatusFigure],
    case: CaseFacts | None,
    language: Language,
) -> MapBox:
    """A box; below its name how many cases are there, and how long they stayed.

    Without figures there is only the case that was asked about; a median of too few is left out,
    since the table says that there are too few.
    """
    here = case is not None and case.status is status
    lines = [here_line(case, language)] if case is not None and here else []
    figure = known.get(status)
    if figure is not None and status is not Status.CANDIDATE:
        lines.append(plural(language, "process.now", figure.now))
        if figure.median is not None:
            span = format_rough_duration(figure.median, language)
            lines.append(t(language, "process.median", span=span))
    return MapBox(status.value, label(language, status), " · ".join(lines), here)


def _guide(status: Status, playbook: Playbook, language: Language) -> MapGuide:
    """A playbook at a status: each step with who does it and by when.

    The words are the organisation's own; they are escaped where they are drawn or written.
    """
    said = playbook.wording(language)
    return MapGuide(
        status.value,
        said.title,
        tuple(
            t(
                language,
                "process.guide_step",
                text=text,
                role=label(language, step.role),
                within=format_span(timedelta(minutes=step.minutes), language),
            )
            for text, step in zip(said.steps, playbook.steps, strict=True)
        ),
    )


def _said(language: Language, figures: Sequence[StatusFigure], case: CaseFacts | None) -> str:
    """What is seen: where the case is, and where most cases are and stay longest.

    It is read out to those who do not see the picture. Candidates and closed cases are not compared
    with the rest, as there are always most of them.
    """
    way = set(read_way()) - {Status.CANDIDATE, Status.CLOSED}
    live = [each for each in figures if each.status in way]
    said = [here_line(case, language) + "."] if case is not None else []
    said.append(t(language, "process.said"))
    if (most := max(live, key=lambda each: each.now, default=None)) and most.now:
        name = label(language, most.status)
        said.append(t(language, "process.most", status=name, count=most.now))
    timed = [each for each in live if each.median is not None]
    if longest := max(timed, key=lambda each: each.median or each.left, default=None):
        span = format_rough_duration(longest.median, language) if longest.median else ""
        name = label(language, longest.status)
        said.append(t(language, "process.longest", status=name, span=span))
    return " ".join(said)


def _pauses(report: Report, language: Language) -> Part:
    """Pauses of clocks that stand out, by why: a reason to ask, no verdict, so no name is told.

    With fewer than ``FEW`` pauses only their number is told, as the signs would point at one. A
    pause may have several signs, so the rows do not add up to the first.
    """
    write, found = Writer(language), report.pauses
    rate = found.standing_out
    rows = [(write.say("pauses.all"), write.whole(rate.part), write.rate(rate))]
    rows += [
        (write.say(f"pauses.{sign}"), write.whole(count), write.share(count, rate.n))
        for sign, count in found.signs
        if rate.percent is not None
    ]
    columns = tuple(write.say("pauses.columns").split("|"))
    remark = plural(language, "figures.pauses.remark", rate.n)
    return Part("pauses", write.say("pauses.heading"), Table(columns, tuple(rows)), None, remark)
