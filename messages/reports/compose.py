"""From a report to its sheet in one language: which parts, in which order, in which words.

Texts: ``figures.*``. A rate of too few is not told; its place says of how many.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bot.rules.reports.customers import Money
from bot.rules.reports.figures import Report
from bot.rules.reports.handling import AGES, ClockRate, Rate, Span, Times
from bot.rules.words import ClockKind, Language, Severity
from messages.kit.dates import format_stamp, full_day
from messages.kit.template_context import clip_line, clock_label
from messages.kit.texts import label, plural
from messages.reports.process import process_parts
from messages.reports.sheet import Chart, ChartKind, Part, ReportSheet, Table, Tile
from messages.reports.writing import Writer, name_period

NAME_MAX = 60  # characters of a customer's name


def compose_report(report: Report, language: Language) -> ReportSheet:
    """Put a report into words. Amounts stand in it as far as the report has them."""
    return _Words(language, report).sheet()


@dataclass(frozen=True)
class _Words(Writer):
    """A report, put into words."""

    report: Report

    def sheet(self) -> ReportSheet:
        """The whole sheet, with its parts in the order in which they are read."""
        report = self.report
        about = self.say("of_customer", customer=_short(report.customer)) if report.customer else ""
        title = self.say("title", period=name_period(report.period, self.language))
        return ReportSheet(
            self.language,
            f"{title}{about}",
            self._subtitle(),
            tuple(self._tiles()),
            tuple(self._parts()),
            tuple(self._notes()),
            report.made_at,
            report.period.key,
        )

    def _subtitle(self) -> str:
        """The days, and as of when; of a period that goes on, that it does.

        Instants are in the organisation's zone, by which days are counted.
        """
        period = self.report.period
        going = self.report.made_at < period.ends
        days = {"first": full_day(period.first, self.language)}
        days["last"] = full_day(period.last, self.language)
        at = format_stamp(self.report.made_at, self.language, period.zone)
        return self.say("days_so_far" if going else "days", **days, at=at)

    # -- the first figures

    def _tiles(self) -> Iterator[Tile]:
        """What is seen first: how many, how well, how fast, how it came out.

        Six, each beside what it was in the period before.
        """
        report, now, before = self.report, self.report.handling, self.report.before
        yield Tile(
            self.say("tile.cases"), self.whole(report.received),
            self._than(self.whole(report.received_before)),
        )  # fmt: skip
        kept, kept_before = _all_kept(now.clocks), _all_kept(before.clocks)
        yield Tile(
            self.say("tile.kept"), self.rate(kept), self._of_before(kept, self.rate(kept_before))
        )
        for name, span in (("tile.respond", Span.RESPOND), ("tile.resolve", Span.RESOLVE)):
            times, earlier = _times(now.times, span), _times(before.times, span)
            yield Tile(self.say(name), self.span(times.median), self._than(self.median(earlier)))
        mean, earlier_mean = report.satisfaction.mean, report.satisfied_before.mean
        yield Tile(
            self.say("tile.satisfaction"), self.mean(mean), self._than(self.mean(earlier_mean))
        )
        yield Tile(
            self.say("tile.reopened"), self.rate(now.reopened),
            self._of_before(now.reopened, self.rate(before.reopened)),
        )  # fmt: skip

    def _than(self, before: str) -> str:
        return self.say("before", value=before)

    def _of_before(self, rate: Rate, before: str) -> str:
        return self.say("of_before", n=self.whole(rate.n), value=before)

    # -- the parts

    def _parts(self) -> Iterator[Part]:
        """Every part, in the order in which they are read."""
        yield self._cases()
        yield self._triggers()
        yield self._way()
        yield self._promises()
        yield self._times_part()
        yield self._came_back()
        yield self._backlog()
        yield self._satisfaction()
        yield self._causes()
        yield self._repeats()
        if self.report.money is not None:
            yield self._business(self.report.money)
        yield self._learning()
        yield from process_parts(self.report, self.language)

    def _part(
        self,
        key: str,
        rows: Sequence[tuple[str, ...]],
        *,
        chart: Chart | None = None,
        remark: str = "",
    ) -> Part:
        """A part whose heading and columns are texts of its name; ``|`` divides columns."""
        columns = tuple(self.say(f"{key}.columns").split("|"))
        return Part(key, self.say(f"{key}.heading"), Table(columns, tuple(rows)), chart, remark)

    def _chart(
        self,
        key: str,
        kind: ChartKind,
        categories: Sequence[str],
        series: Sequence[tuple[str, Sequence[float | None]]],
        said: str,
        *,
        percent: bool = False,
    ) -> Chart:
        """A chart with the heading of its part; ``said`` is the sentence that says what is seen.

        A series has a value for each category.
        """
        each = tuple((name, tuple(values)) for name, values in series)
        return Chart(kind, self.say(f"{key}.heading"), tuple(categories), each, said, percent)

    def _cases(self) -> Part:
        """What came: by severity, and month by month over a year.

        The remark says how many are restricted, and how many were merged or dismissed.
        """
        report = self.report
        rows = [
            (
                label(self.language, each.severity), self.whole(each.count),
                self.whole(each.before), self.number(each.per_100),
            )
            for each in report.volume
        ]  # fmt: skip
        months = [self.month(month) for month, _ in report.trend]
        series = [
            (label(self.language, severity), [float(counts[place]) for _, counts in report.trend])
            for place, severity in enumerate(Severity)
        ]
        totals = [sum(counts) for _, counts in report.trend]
        said = self.say(
            "cases.said", total=self.whole(sum(totals)), most=self.whole(max(totals, default=0)),
            month=months[totals.index(max(totals))] if totals else "",
        )  # fmt: skip
        chart = self._chart("cases", ChartKind.COLUMNS, months, series, said)
        remarks = []
        if report.restricted:
            remarks.append(plural(self.language, "figures.restricted", report.restricted))
        if report.elsewhere:
            remarks.append(plural(self.language, "figures.elsewhere", report.elsewhere))
        return self._part("cases", rows, chart=chart, remark=" ".join(remarks))

    def _triggers(self) -> Part:
        """Why customers or colleagues escalated."""
        pairs = [(label(self.language, each), n) for each, n in self.report.triggers]
        return self._ranked("triggers", pairs)

    def _ranked(self, key: str, pairs: Sequence[tuple[str, int]], remark: str = "") -> Part:
        """Names with their counts, the most frequent first, as bars.

        Shares are of all that is listed. ``key`` is the part's, ``remark`` stands below the table.
        """
        total = sum(n for _, n in pairs)
        rows = [(name, self.whole(n), self.share(n, total)) for name, n in pairs]
        said = ""
        if pairs:
            said = self.say(f"{key}.said", first=pairs[0][0], share=self.share(pairs[0][1], total))
        chart = self._chart(
            key, ChartKind.BARS, [name for name, _ in pairs], [("", [float(n) for _, n in pairs])],
            said,
        )  # fmt: skip
        return self._part(key, rows, chart=chart, remark=remark)

    def _way(self) -> Part:
        """How far cases got: each step is part of the one before.

        Shares are of what was received, also where that is little, as both are shown.
        """
        way = self.report.way
        steps = {
            "received": way.received, "acknowledged": way.acknowledged, "answered": way.answered,
            "solved": way.solved, "closed": way.closed,
        }  # fmt: skip
        names = [self.say(f"way.{step}") for step in steps]
        rows = [
            (name, self.whole(n), self.share(n, way.received))
            for name, n in zip(names, steps.values(), strict=True)
        ]
        said = self.say("way.said", received=way.received, closed=way.closed)
        chart = self._chart(
            "way", ChartKind.BARS, names, [("", [float(n) for n in steps.values()])], said
        )
        return self._part("way", rows, chart=chart)

    def _promises(self) -> Part:
        """What was broken, by clock; and by month as a field of colours.

        A clock that owed nothing in the period has no row, and a month without a rate no number.
        """
        before = {each.clock: each.rate for each in self.report.before.clocks}
        rows = [
            (
                clock_label(each.clock, self.language), self.whole(each.rate.n),
                self.whole(each.rate.part), self.rate(each.rate),
                self.rate(before.get(each.clock, Rate(0, 0))),
            )
            for each in self.report.handling.clocks
        ]  # fmt: skip
        worst = max(
            self.report.handling.clocks, key=lambda each: each.rate.percent or 0, default=None
        )
        said = ""
        if worst is not None and worst.rate.percent:
            name = clock_label(worst.clock, self.language)
            said = self.say("promises.said", clock=name, share=self.rate(worst.rate))
        months = [self.month(month) for month, _ in self.report.heat]
        clocks = [each.clock for each in self.report.handling.clocks]
        series = [(clock_label(clock, self.language), self._heat_row(clock)) for clock in clocks]
        chart = self._chart("promises", ChartKind.HEAT, months, series, said, percent=True)
        return self._part("promises", rows, chart=chart, remark=self.say("promises.remark"))

    def _heat_row(self, clock: ClockKind) -> list[float | None]:
        """The share of what a clock broke, month by month; None where it is not told."""
        found: list[float | None] = []
        for _, rates in self.report.heat:
            percent = next((r.rate.percent for r in rates if r.clock is clock), None)
            found.append(None if percent is None else float(percent))
        return found

    def _times_part(self) -> Part:
        """How long it took to each step, with the median of the period before.

        The last row leaves out what was spent waiting for others.
        """
        rows = [
            (
                self.say(f"times.{each.span}"), self.span(each.median), self.span(each.p90),
                self.whole(each.n), self.median(_times(self.report.before.times, each.span)),
            )
            for each in self.report.handling.times
        ]  # fmt: skip
        return self._part("times", rows, remark=self.say("times.remark"))

    def _came_back(self) -> Part:
        """Updates in time, and what came back.

        Each row has a share, of how many it is, and the share of the period before.
        """
        now, before = self.report.handling, self.report.before
        each = (
            ("updates", now.updates, before.updates), ("reopened", now.reopened, before.reopened),
            ("again", now.again, before.again),
            ("late_discovery", now.late_discovery, before.late_discovery),
        )  # fmt: skip
        rows = [
            (self.say(f"quality.{name}"), self.rate(rate), self.whole(rate.n), self.rate(old))
            for name, rate, old in each
        ]
        return self._part("quality", rows)

    def _backlog(self) -> Part:
        """What was open at the end, by age.

        The sentence of the chart stands below the table as well, as it has the median.
        """
        found = self.report.backlog
        days = [limit.days for limit in AGES]
        names = [self.say("backlog.below_one")]
        names += [self.say("backlog.between", low=low, high=high) for low, high in pairwise(days)]
        names.append(self.say("backlog.older", days=days[-1]))
        rows = [(name, self.whole(n)) for name, n in zip(names, found.counts, strict=True)]
        said = self.say(
            "backlog.said", total=self.whole(found.total), median=self.span(found.median)
        )
        series = [("", [float(n) for n in found.counts])]
        chart = self._chart("backlog", ChartKind.COLUMNS, names, series, said)
        return self._part("backlog", rows, chart=chart, remark=said if found.total else "")

    def _satisfaction(self) -> Part:
        """What customers answered: after cases, and month by month while cases went on.

        The difference has a sign where the answers were better than before.
        """
        found, before = self.report.satisfaction, self.report.satisfied_before
        rows = [
            (self.say("satisfaction.mean"), self.mean(found.mean), self.whole(found.mean.n),
             self.mean(before.mean)),
            (self.say("satisfaction.delta"), self.mean(found.delta, signed=True),
             self.whole(found.delta.n), self.mean(before.delta, signed=True)),
            (self.say("satisfaction.response"), self.rate(found.response),
             self.whole(found.response.n), self.rate(before.response)),
        ]  # fmt: skip
        for month, mean in found.pulses:
            name = self.say("satisfaction.pulse", month=self.month(month))
            rows.append((name, self.mean(mean), self.whole(mean.n), ""))
        return self._part("satisfaction", rows)

    def _causes(self) -> Part:
        """Root causes, the most frequent first."""
        pairs = [(label(self.language, each), n) for each, n in self.report.causes]
        unknown = self.report.unknown_causes
        remark = plural(self.language, "figures.causes.unknown", unknown) if unknown else ""
        return self._ranked("causes", pairs, remark)

    def _repeats(self) -> Part:
        """Accounts that escalated more than once."""
        rows = [(_short(name), self.whole(n)) for name, n in self.report.repeats]
        return self._part("repeats", rows)

    def _business(self, money: Money) -> Part:
        """Revenue and concessions, in euro.

        Only in the report of a reader who may know them; the counts say of how many they are.
        """
        rows = [
            (self.say("business.at_risk"), self.euro(money.at_risk), self.whole(money.accounts)),
            (self.say("business.saved"), self.euro(money.saved), self.whole(money.outcomes)),
            (self.say("business.lost"), self.euro(money.lost), self.whole(money.outcomes)),
        ]
        if (granted := self.report.concessions) is not None:
            rows.append((
                self.say("business.concessions"), self.euro(granted.worth),
                self.whole(granted.count),
            ))  # fmt: skip
        unknown = money.unknown
        remark = plural(self.language, "figures.business.unknown", unknown) if unknown else ""
        return self._part("business", rows, remark=remark)

    def _learning(self) -> Part:
        """Action items and sponsors' contacts, as far as they were due in the period."""
        actions, touches, cards = self.report.actions, self.report.touches, self.report.cards
        drills = self.report.drills
        made, in_time = Rate(touches.made, touches.due), actions.in_time
        rows = [
            (self.say("learning.in_time"), self.rate(in_time), self.whole(in_time.n)),
            (self.say("learning.overdue"), self.whole(actions.overdue), ""),
            (self.say("learning.touches"), self.rate(made), self.whole(made.n)),
            (self.say("learning.cards"), self.rate(cards), self.whole(cards.n)),
            (self.say("learning.drills"), self.rate(drills), self.whole(drills.n)),
            (self.say("learning.told"), self.whole(self.report.prevented.told), ""),
            (self.say("learning.prevented"), self.whole(self.report.prevented.prevented),
             self.whole(self.report.prevented.over)),
        ]  # fmt: skip
        return self._part("learning", rows)

    def _notes(self) -> Iterator[str]:
        """What one must know to read it, changes of policy in the period among it."""
        yield self.say("note.few")
        yield self.say("note.counted")
        for day in self.report.policies:
            yield self.say("note.policy", day=full_day(day, self.language))
        yield self.say("note.no_target")


def _times(times: Sequence[Times], span: Span) -> Times:
    """Those of one span; each span is among them."""
    return next(each for each in times if each.span is span)


def _all_kept(clocks: Sequence[ClockRate]) -> Rate:
    """Of everything that was owed what was kept in time."""
    rates = [each.rate for each in clocks]
    owed = sum(rate.n for rate in rates)
    return Rate(owed - sum(rate.part for rate in rates), owed)


def _short(name: str) -> str:
    """A customer's name in one line, cut at ``NAME_MAX`` characters."""
    return clip_line(" ".join(name.split()), NAME_MAX)
