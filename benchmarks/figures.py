"""Figures, each with its floor, and the table that shows them."""

import json
import math
import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

WIDTHS = (58, 12, 12, 8, 22, 6)


@dataclass(frozen=True, slots=True)
class Figure:
    """A measured value. ``floor`` is the least that is possible, measured or counted beside it.

    ``most`` is the greatest value (or ratio, where ``judged`` is ``"ratio"``) that the target
    allows; None for a figure that only informs.
    """

    part: str
    name: str
    value: float
    unit: str
    floor: float | None = None
    most: float | None = None
    judged: str = "ratio"
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Value over floor."""
        return self.value / self.floor if self.floor else None

    @property
    def met(self) -> bool | None:
        """Whether the target holds; None where there is none."""
        judged = self.ratio if self.judged == "ratio" else self.value
        return None if self.most is None or judged is None else judged <= self.most * 1.0001

    def cells(self) -> tuple[str, ...]:
        """The row as it is shown."""
        target = ""
        if self.most is not None:
            unit = " × floor" if self.judged == "ratio" else f" {self.unit}"
            target = f"≤ {self.most:g}{unit}"
        return (
            self.name,
            f"{short(self.value)} {self.unit}",
            f"{short(self.floor)} {self.unit}" if self.floor is not None else "—",
            f"{self.ratio:.2f}" if self.ratio is not None else "—",
            target,
            {True: "yes", False: "NO", None: ""}[self.met],
        )


def short(value: float) -> str:
    """Three digits, or all before the point."""
    return f"{value:.0f}" if value >= 100 else f"{value:.3g}"


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which ``share`` of the values lie (nearest rank)."""
    ordered = sorted(values) or [math.nan]
    return ordered[min(len(ordered) - 1, max(0, math.ceil(share * len(ordered)) - 1))]


def median(values: Sequence[float]) -> float:
    """The middle value."""
    return percentile(values, 0.5)


def table(figures: Iterable[Figure]) -> str:
    """All figures as Markdown, a heading for each part."""
    lines: list[str] = []
    part = ""
    for figure in figures:
        if figure.part != part:
            part = figure.part
            lines += ["", f"**{part}**", "", _row(("", "measured", "floor", "ratio", "target", ""))]
            lines.append("|" + "|".join("---" for _ in WIDTHS) + "|")
        lines.append(_row(figure.cells()))
    return "\n".join(lines).strip() + "\n"


def _row(cells: Sequence[str]) -> str:
    padded = (cell.ljust(width) for cell, width in zip(cells, WIDTHS, strict=True))
    return "| " + " | ".join(padded) + " |"


def machine() -> dict[str, str | int]:
    """Where this was measured."""
    model = "unknown"
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [s for s in info.read_text().splitlines() if s.startswith("model name")]
        model = names[0].partition(":")[2].strip() if names else model
    cores = len([s for s in info.read_text().splitlines() if s.startswith("processor")])
    return {
        "processor": model,
        "cores": cores,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()}",
    }


def load() -> float:
    """How many processes wanted a processor in the last five minutes, this run's own among them."""
    return round(os.getloadavg()[1], 1)


def write(path: Path, figures: Iterable[Figure], **more: object) -> None:
    """The figures as JSON."""
    rows = [{**asdict(f), "ratio": f.ratio, "met": f.met} for f in figures]
    text = json.dumps({"machine": machine(), **more, "figures": rows}, indent=1)
    path.write_text(text + "\n", encoding="utf-8")
