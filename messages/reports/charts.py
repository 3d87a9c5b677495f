"""Charts, by matplotlib: as SVG for the page, as PNG for Slack and the PDF. One look for all.

Letters are drawn as shapes of Open Sans, so a picture looks the same everywhere and needs no font.
An SVG follows its reader's choice of light or dark. Drawing takes tenths of a second and is done
under a lock: not in the loop's own thread. The library is loaded with the first chart.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from io import BytesIO, StringIO
from threading import Lock
from typing import TYPE_CHECKING, Any

from messages.reports.map_drawing import draw_map, map_height
from messages.reports.sheet import Chart, ChartKind, ProcessMap

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

WIDTH = 6.4  # inches, at 100 dots
DOTS = 200  # an inch, of a PNG
ROW, COLUMN_HEIGHT, EDGE = 0.34, 3.0, 0.9  # inches
NAME_MAX = 30  # characters beside a bar

INK, SOFT, PAPER = "#1d1c1d", "#767676", "#ffffff"
DARK = {INK: "#f2f2f2", SOFT: "#a8a8a8", PAPER: "#17181a"}
# Apart in lightness too, so that they are told apart without seeing colours: the gravest darkest.
COLOURS = ("#8c1d18", "#d9652b", "#e8b04b", "#8fb8de")
BAR, FULL = "#3b73af", "#8c1d18"
DARK |= {"#8c1d18": "#e0665e", BAR: "#7fb2ea"}

_drawing = Lock()


def draw_svg(chart: Chart | ProcessMap) -> str:
    """The chart as SVG, with its title and what is seen in words.

    Its ground is that of the page, so that a file opened by itself can be read in the dark too.
    """
    with _drawing:
        out = StringIO()
        _draw(chart).savefig(out, format="svg", transparent=True, metadata={"Date": None})
    drawn = out.getvalue()
    drawn = drawn[drawn.index("<svg") :]
    said = f"<title>{escape(chart.title)}</title><desc>{escape(chart.said)}</desc>{_style()}"
    return re.sub(r"<svg\b([^>]*)>", lambda m: f'<svg{m[1]} role="img">{said}', drawn, count=1)


def _style() -> str:
    """The ground, and rules by which a dark reader sees other colours.

    The library writes colours into each shape, where only an important rule is heard.
    """
    rules = [
        f'[style*="fill: {light}"]{{fill:{dark}!important}}'
        f'[style*="stroke: {light}"]{{stroke:{dark}!important}}'
        for light, dark in DARK.items()
    ]
    rules.append(f"svg{{background:{DARK[PAPER]}}}")
    dark = f"@media (prefers-color-scheme:dark){{{''.join(rules)}}}"
    return f"<style>svg{{background:{PAPER}}}{dark}</style>"


def draw_png(chart: Chart | ProcessMap) -> bytes:
    """The chart as PNG on white, twice as many dots as it is shown with.

    Slack shows pictures on white and on black, so the ground is not left out here.
    """
    with _drawing:
        out = BytesIO()
        _draw(chart).savefig(out, format="png", dpi=DOTS, facecolor=PAPER)
    return out.getvalue()


def _draw(chart: Chart | ProcessMap) -> Figure:
    """The figure, as high as what it shows needs; the caller has the lock.

    The library's own defaults are not relied on: what is not set here is not used.
    """
    import matplotlib
    from matplotlib import font_manager
    from matplotlib.figure import Figure as NewFigure

    font = str(files("ttf_opensans") / "ttf" / "OpenSans-Regular.ttf")
    font_manager.fontManager.addfont(font)
    look: Any = {
        "font.family": "Open Sans", "font.size": 10, "text.color": INK,
        "axes.labelcolor": INK, "xtick.color": INK, "ytick.color": INK, "axes.edgecolor": SOFT,
        "svg.fonttype": "path", "svg.hashsalt": "figures",
    }  # fmt: skip
    with matplotlib.rc_context(look):
        figure: Figure = NewFigure(figsize=(WIDTH, _height(chart)), layout="constrained")
        axes = figure.add_subplot()
        if isinstance(chart, ProcessMap):
            draw_map(chart, axes, ink=INK, soft=SOFT, paper=PAPER, mark=BAR)
            return figure
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
        {ChartKind.COLUMNS: _columns, ChartKind.BARS: _bars, ChartKind.HEAT: _heat}[chart.kind](
            chart, axes
        )
    return figure


def _height(chart: Chart | ProcessMap) -> float:
    """How high a picture is, in inches."""
    if isinstance(chart, ProcessMap):
        return map_height(chart)
    rows = len(chart.categories) if chart.kind is ChartKind.BARS else len(chart.series)
    return COLUMN_HEIGHT if chart.kind is ChartKind.COLUMNS else EDGE + ROW * max(rows, 1)


def _columns(chart: Chart, axes: Axes) -> None:
    """Columns side by side, their series one on another; the sum stands on each.

    Several series have a legend above; a single one needs none.
    """
    places = range(len(chart.categories))
    ground = [0.0] * len(chart.categories)
    several = len(chart.series) > 1
    for number, (name, values) in enumerate(chart.series):
        heights = [value or 0.0 for value in values]
        colour = COLOURS[number % len(COLOURS)] if several else BAR
        axes.bar(places, heights, bottom=ground, color=colour, width=0.7, label=name or None)
        ground = [low + high for low, high in zip(ground, heights, strict=True)]
    for place, total in ((place, total) for place, total in enumerate(ground) if total):
        axes.annotate(f"{total:g}", (place, total), ha="center", va="bottom", fontsize=9)
    axes.set_xticks(list(places), _wrapped(chart.categories))
    axes.margins(y=0.12)
    _count_axis(axes.yaxis)
    if several:
        axes.legend(
            frameon=False, ncols=2, loc="lower center", bbox_to_anchor=(0.5, 1.0), fontsize=9
        )


def _bars(chart: Chart, axes: Axes) -> None:
    """Bars from left to right with their value at the end, the first on top.

    Long names are cut, as the table has them whole.
    """
    values = [value or 0.0 for value in chart.series[0][1]]
    places = list(range(len(values)))
    axes.barh(places, values, color=BAR, height=0.65)
    for place, value in zip(places, values, strict=True):
        axes.annotate(f" {value:g}", (value, place), va="center", fontsize=9)
    axes.set_yticks(places, [_cut(name) for name in chart.categories])
    axes.invert_yaxis()
    axes.margins(x=0.1)
    _count_axis(axes.xaxis)


def _heat(chart: Chart, axes: Axes) -> None:
    """A field for each category and series: the darker the more, with its number in it.

    So no two shades have to be told apart.
    """
    axes.set_xlim(-0.5, len(chart.categories) - 0.5)
    axes.set_ylim(len(chart.series) - 0.5, -0.5)
    for row, (_, values) in enumerate(chart.series):
        for place, value in enumerate(values):
            _field(axes, place, row, value)
    axes.set_xticks(range(len(chart.categories)), list(chart.categories))
    axes.set_yticks(range(len(chart.series)), [_cut(name) for name, _ in chart.series])
    axes.tick_params(length=0)
    for side in ("left", "bottom"):
        axes.spines[side].set_visible(False)


def _field(axes: Axes, place: int, row: int, value: float | None) -> None:
    """One field; ``value`` is a share of 0 to 100, and what is not told is a dash."""
    from matplotlib.patches import Rectangle

    if value is None:
        axes.annotate("–", (place, row), ha="center", va="center", color=SOFT)
        return
    share = min(value, 100) / 100
    axes.add_patch(
        Rectangle((place - 0.47, row - 0.44), 0.94, 0.88, color=FULL, alpha=0.08 + 0.92 * share)
    )
    colour = PAPER if share > 0.55 else INK
    axes.annotate(f"{value:.0f} %", (place, row), ha="center", va="center", color=colour)


def _count_axis(axis: Any) -> None:
    """Whole numbers, and lines behind what is drawn.

    At most six numbers stand along it, so that they do not touch on a phone.
    """
    from matplotlib.ticker import MaxNLocator

    axis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    axis.grid(visible=True, color=SOFT, alpha=0.25, linewidth=0.6)
    axis.axes.set_axisbelow(True)


def _wrapped(names: Sequence[str]) -> list[str]:
    """Names below columns, in two lines where they are long."""
    return [_two_lines(name) if len(names) < 8 else name for name in names]


def _two_lines(name: str) -> str:
    """A name broken at the space nearest to its middle."""
    spaces = [place for place, letter in enumerate(name) if letter == " "]
    if len(name) < 10 or not spaces:
        return name
    at = min(spaces, key=lambda place: abs(place - len(name) / 2))
    return f"{name[:at]}\n{name[at + 1 :]}"


def _cut(name: str) -> str:
    """A name that fits beside a bar or a field, in ``NAME_MAX`` letters."""
    return name if len(name) <= NAME_MAX else f"{name[: NAME_MAX - 1]}…"
