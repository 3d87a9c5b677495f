"""The growth curves as pictures."""

import re
from collections import defaultdict
from pathlib import Path

from benchmarks.growth import PART, RATIO

WIDTH, HEIGHT, LEFT, BOTTOM = 720, 360, 60, 50
COLOURS = ("#1d6fa5", "#b3541e", "#3a7d44", "#7b4fa3", "#a8324a", "#5f6b6d", "#b58900", "#2aa198",
           "#6c71c4")  # fmt: skip
NAME = re.compile(r"(?P<db>\w+), (?P<what>[\w ]+), (?P<cases>[\d,]+) cases over (?P<fewest>[\d,]+)")
MOST = 4.0  # the ratio at the top of the picture

Curves = dict[str, list[tuple[int, float]]]


def curves(figures: list[dict[str, object]]) -> dict[str, Curves]:
    """By database, then by read: the number of cases and the time over that at the fewest."""
    found: dict[str, Curves] = defaultdict(dict)
    for figure in figures:
        match = NAME.match(str(figure["name"]))
        if figure["part"] == PART and match:
            first = (int(match["fewest"].replace(",", "")), 1.0)
            line = found[match["db"]].setdefault(match["what"], [first])
            line.append((int(match["cases"].replace(",", "")), float(str(figure["ratio"]))))
    return found


def picture(title: str, lines: Curves) -> str:
    """An SVG: cases to the right on a logarithmic scale, the ratio upwards; dashed: the target."""
    sizes = sorted({x for line in lines.values() for x, _ in line})
    step = (WIDTH - LEFT - 170) / max(len(sizes) - 1, 1)
    across = {size: LEFT + step * index for index, size in enumerate(sizes)}

    def up(ratio: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - 40) * min(ratio, MOST) / MOST

    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
            f' font-family="sans-serif" font-size="12"><title>{title}</title>'
            f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>'
            f'<text x="{LEFT}" y="20" font-size="14">{title}</text>'
        )
    ]
    end = across[sizes[-1]]
    for ratio in (0, 1, 2, 3, 4):
        parts.append(_line(LEFT, up(ratio), end, up(ratio), "#ddd"))
        parts.append(f'<text x="{LEFT - 30}" y="{up(ratio) + 4:.0f}">{ratio} ×</text>')
    parts.append(_line(LEFT, up(RATIO), end, up(RATIO), "#444", dashed=True))
    for size, x in across.items():
        parts.append(f'<text x="{x:.0f}" y="{HEIGHT - 25}" text-anchor="middle">{size:,}</text>')
    for index, (what, line) in enumerate(lines.items()):
        colour = COLOURS[index % len(COLOURS)]
        points = " ".join(f"{across[x]:.0f},{up(y):.0f}" for x, y in line)
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
        )
        parts.append(
            f'<text x="{end + 12:.0f}" y="{60 + 20 * index}" fill="{colour}">{what}'
            f" {line[-1][1]:.1f} ×</text>"
        )
    return "\n".join([*parts, "</svg>\n"])


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, *, dashed: bool = False) -> str:
    dash = ' stroke-dasharray="5 4"' if dashed else ""
    return (
        f'<line x1="{x1:.0f}" y1="{y1:.0f}" x2="{x2:.0f}" y2="{y2:.0f}" stroke="{colour}"{dash}/>'
    )


def pictures(figures: list[dict[str, object]]) -> list[tuple[str, str, str]]:
    """One a database: its title, its file name, the SVG."""
    drawn = []
    for database, lines in curves(figures).items():
        title = f"Time of a read over that at the fewest cases, {database}"
        drawn.append((title, f"growth-{database.lower()}.svg", picture(title, lines)))
    return drawn


def draw(figures: list[dict[str, object]], folder: Path) -> None:
    """Write every picture into the folder."""
    for _, name, svg in pictures(figures):
        (folder / name).write_text(svg, encoding="utf-8")
