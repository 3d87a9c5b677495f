"""What a report looks like before it is drawn: parts with a table each, most with a chart.

Page, PDF, pictures in Slack and rows of a spreadsheet are drawn of the same sheet. Everything is
plain text, which is escaped where it is drawn.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.rules.words import Language


class ChartKind(StrEnum):
    """How numbers are drawn."""

    COLUMNS = "columns"  # a column for each category, of its series one on another
    BARS = "bars"  # from left to right, the first category on top; one series
    HEAT = "heat"  # a field for each category and series, the fuller the more


@dataclass(frozen=True, slots=True)
class Chart:
    """Numbers to be drawn; the table beside it says the same.

    ``series`` has a name and a value for each of ``categories``, None for what is not told.
    ``said`` says in a sentence what is seen. ``percent``: values are shares of 0 to 100.
    """

    kind: ChartKind
    title: str
    categories: tuple[str, ...]
    series: tuple[tuple[str, tuple[float | None, ...]], ...]
    said: str
    percent: bool = False

    @property
    def empty(self) -> bool:
        """Whether there is nothing to be drawn."""
        return not any(value for _, values in self.series for value in values)


@dataclass(frozen=True, slots=True)
class MapBox:
    """A status on the map; ``note`` stands below its name, ``here``: the case that was asked about.

    ``key`` names it in arrows.
    """

    key: str
    name: str
    note: str = ""
    here: bool = False


@dataclass(frozen=True, slots=True)
class MapArrow:
    """The steps from one box to another, ``label`` says which."""

    source: str
    target: str
    label: str


@dataclass(frozen=True, slots=True)
class MapGuide:
    """A playbook at a status, with its steps in their order."""

    status: str
    title: str
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProcessMap:
    """The process as it is drawn: the way of a case from top to bottom, its other ends beside it.

    The table beside it says the same. ``said`` says in a sentence what is seen.

    Attributes:
        way: The statuses from the first to the close, from top to bottom.
        ends: Other ends, beside the rows from which steps lead there.
        arrows: Steps, by the keys of their boxes; several of the same two boxes are one arrow.
        guides: Playbooks at a status of the way, each a chain of steps.

    """

    title: str
    said: str
    way: tuple[MapBox, ...]
    ends: tuple[MapBox, ...]
    arrows: tuple[MapArrow, ...]
    guides: tuple[MapGuide, ...] = ()

    @property
    def empty(self) -> bool:
        """There is always a process to be drawn."""
        return False


@dataclass(frozen=True, slots=True)
class Table:
    """A table: headings, then rows of as many cells; the first cell of a row is its heading."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Part:
    """A part under its heading; ``key`` names it in addresses and file names."""

    key: str
    heading: str
    table: Table
    chart: Chart | ProcessMap | None = None
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure that is seen first, and what it was in the period before."""

    name: str
    value: str
    remark: str


@dataclass(frozen=True, slots=True)
class ReportSheet:
    """A report in the words of one language, from the first figure to the footnotes."""

    language: Language
    title: str
    subtitle: str
    tiles: tuple[Tile, ...]
    parts: tuple[Part, ...]
    notes: tuple[str, ...]
    made_at: datetime
    key: str  # of the period, for names of files
