"""The process map, drawn by matplotlib: a fixed layout of which only the table of steps is read.

The way of a case goes down the middle. An end to which steps lead stands beside the rows that lead
there, the first on the right, others on the left. A step that skips a status, or leads back, runs
in a lane of its own on the right. The caller has the lock of ``charts.py``, and its look.
"""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Any

from messages.reports.sheet import MapArrow, MapBox, ProcessMap

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROW = 1.0  # from one box of the way to the next
BOX_HEIGHT, BOX_HALF = 0.56, 1.5  # in rows, and half a width
MIDDLE, LEFT = 3.4, 0.7  # where boxes stand, of WIDE
LANES, LANE = 5.25, 0.42  # the first lane, and from one to the next
END_HALF = 0.66
WIDE = 8.0
SIZE = 8.5  # points
LABEL = 7.0
DOWN_MAX = 25  # letters of a label beside an arrow, so that no lane is crossed


def map_height(drawn: ProcessMap) -> float:
    """How high the map is, in inches, at the width of charts."""
    return 0.95 * len(drawn.way)


def draw_map(drawn: ProcessMap, axes: Axes, *, ink: str, soft: str, paper: str, mark: str) -> None:
    """Draw the map with these colours; ``mark`` fills the box of the case that was asked about."""
    _Map(drawn, axes, ink, soft, paper, mark).draw()


class _Map:
    """One map on its way."""

    def __init__(
        self, drawn: ProcessMap, axes: Axes, ink: str, soft: str, paper: str, mark: str
    ) -> None:
        self._drawn, self._axes = drawn, axes
        self._ink, self._soft, self._paper, self._mark = ink, soft, paper, mark
        self._rows = {box.key: place for place, box in enumerate(drawn.way)}

    def draw(self) -> None:
        """Everything: lanes first, so that boxes cover them.

        An arrow that leads to no status of the way belongs to an end, which draws its own. Lanes
        are given to the shortest steps first, so that they cross as little as possible.
        """
        self._axes.set_xlim(0, WIDE)
        self._axes.set_ylim(len(self._rows) - 0.45, -0.55)
        self._axes.axis("off")
        skips: dict[tuple[str, str], list[MapArrow]] = {}
        for arrow in self._drawn.arrows:
            if arrow.target not in self._rows:
                continue
            if self._rows[arrow.target] - self._rows[arrow.source] == 1:
                self._down(arrow)
            else:
                skips.setdefault((arrow.target, arrow.label), []).append(arrow)
        for lane, some in enumerate(sorted(skips.values(), key=self._length)):
            self._skip(LANES + lane * LANE, some)
        for place, end in enumerate(self._drawn.ends):
            self._end(end, WIDE - LEFT if place == 0 else LEFT)
        for box in self._drawn.way:
            self._box(box, MIDDLE, self._rows[box.key], BOX_HALF, BOX_HEIGHT / 2)

    def _length(self, arrows: list[MapArrow]) -> int:
        """How many rows a lane spans: the shortest runs next to the boxes."""
        rows = [self._rows[each.source] for each in arrows] + [self._rows[arrows[0].target]]
        return max(rows) - min(rows)

    def _down(self, arrow: MapArrow) -> None:
        """A step to the next status, with its label beside it.

        The label is broken into lines that end before the first lane.
        """
        row = self._rows[arrow.source]
        self._arrow((MIDDLE, row + BOX_HEIGHT / 2), (MIDDLE, row + ROW - BOX_HEIGHT / 2))
        self._axes.text(
            MIDDLE + 0.1, row + ROW / 2, "\n".join(wrap(arrow.label, DOWN_MAX)), fontsize=LABEL,
            va="center", color=self._ink,
        )  # fmt: skip

    def _skip(self, lane: float, arrows: list[MapArrow]) -> None:
        """Steps that skip a status or lead back: from each box into one lane, and on.

        They leave in the lower half of a box and come in in its upper one.
        """
        target, edge = self._rows[arrows[0].target], MIDDLE + BOX_HALF
        rows = [self._rows[each.source] for each in arrows]
        off = 0.02 + 0.08 * round((lane - LANES) / LANE)
        back = min(rows) >= target
        end = target - 0.1 if back else target - 0.02 - off
        out = [row + (0.24 if back else off) for row in rows]
        for row in out:
            self._line([edge, lane], [row, row])
        self._line([lane, lane], [min(*out, end), max(*out, end)])
        self._arrow((lane, end), (edge, end))
        self._axes.text(
            lane + 0.06, (min(*out, end) + max(*out, end)) / 2, arrows[0].label, fontsize=LABEL,
            rotation=270, va="center", ha="left", color=self._ink, zorder=2,
            bbox={"facecolor": self._paper, "edgecolor": "none", "pad": 0.6},
        )  # fmt: skip

    def _end(self, end: MapBox, at: float) -> None:
        """Another end: as high as the rows that lead there, with one label for all of them.

        ``at`` is where its middle stands. On the right arrows leave in the upper part of a box, as
        lanes leave below. An end to which no step leads is not drawn.
        """
        leading = [each for each in self._drawn.arrows if each.target == end.key]
        rows = [self._rows[each.source] for each in leading]
        if not rows:
            return
        right = at > MIDDLE
        for row in rows:
            x = MIDDLE + (BOX_HALF if right else -BOX_HALF)
            high = row - 0.2 if right else row
            self._arrow((x, high), (at - END_HALF if right else at + END_HALF, high))
        middle, half = (min(rows) + max(rows)) / 2, (max(rows) - min(rows)) / 2 + BOX_HEIGHT / 2
        self._box(end, at, middle, END_HALF, half)
        self._axes.text(
            at, middle + half + 0.06, "\n".join(wrap(leading[0].label, 16)), fontsize=LABEL,
            ha="center", va="top", color=self._ink,
        )  # fmt: skip

    def _box(self, box: MapBox, x: float, y: float, half: float, high: float) -> None:
        """A status with its note; that of the case is filled.

        ``half`` and ``high`` are half its width and height. In a narrow box, which is an end, words
        are broken earlier and the note stands further below the name.
        """
        from matplotlib.patches import FancyBboxPatch

        self._axes.add_patch(
            FancyBboxPatch(
                (x - half, y - high), 2 * half, 2 * high,
                boxstyle="round,pad=0,rounding_size=0.08",
                facecolor=self._mark if box.here else self._paper, edgecolor=self._ink,
                linewidth=1.6 if box.here else 0.9, zorder=3,
            )
        )  # fmt: skip
        colour = self._paper if box.here else self._ink
        narrow = half < BOX_HALF
        name = "\n".join(wrap(box.name, 14)) if narrow else box.name
        notes = "\n".join(wrap(box.note, 14 if narrow else 44))
        lines = notes.count("\n") + 1 if notes else 0
        up = (0.06 + 0.06 * lines) if lines else 0.0
        self._axes.text(
            x, y - up, name, ha="center", va="center", color=colour, zorder=4,
            fontsize=SIZE if narrow else SIZE + 1,
        )  # fmt: skip
        if notes:
            self._axes.text(
                x, y + (0.12 if not narrow else 0.2), notes, ha="center", va="center",
                fontsize=LABEL, color=colour, zorder=4,
            )  # fmt: skip

    def _line(self, x: list[float], y: list[float]) -> None:
        self._axes.plot(x, y, color=self._soft, linewidth=1.0, zorder=1)

    def _arrow(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """An arrow that ends at a box's edge."""
        look: dict[str, Any] = {
            "arrowstyle": "-|>", "color": self._soft, "linewidth": 1.0, "shrinkA": 0, "shrinkB": 0,
        }  # fmt: skip
        self._axes.annotate("", xy=end, xytext=start, arrowprops=look, zorder=2)
