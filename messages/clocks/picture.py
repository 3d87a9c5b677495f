"""The small picture of a clock's life: when it was open, what counted, what waited, what is due.

1200 by 400 pixels: a title, a band, local times below it, labels above it, and a legend. The
drawing is done at once, in the caller's thread, and reads no file but the font. ``life.py`` has
what is drawn; ``bot/sla/explain.py`` sends the picture to its reader alone.
"""

from datetime import datetime, time, timedelta
from functools import lru_cache
from io import BytesIO
from zoneinfo import ZoneInfo

from PIL import Image, ImageDraw, ImageFont

from bot.rules.words import Language
from messages.clocks.life import ClockLife, Mark, MarkKind, Stretch
from messages.kit.dates import short_day
from messages.kit.texts import t

WIDTH, HEIGHT = 1200, 400  # pixels; Slack shows images about 360 points wide, twice for sharp ones
LEFT, RIGHT = 40, 1160
BAND_TOP, BAND_BOTTOM = 172, 252
LABEL_ROWS = (136, 104, 72)  # tops of the rows above the band, nearest first
AXIS, LEGEND = 262, 344
TEXT_SIZE, TITLE_SIZE = 24, 30
GAP = 10  # pixels kept between labels
TICKS_MAX = 7
STEPS = tuple(
    timedelta(hours=hours)
    for hours in (0.25, 0.5, 1, 2, 3, 6, 12, 24, 48, 96, 168, 336, 672, 1344, 2688, 8736)
)
FONT = "DejaVuSans.ttf"  # has Latin, Greek and Cyrillic; Pillow's own has hardly more than ASCII

INK, PALE_INK, PAPER, CLOSED = "#1d1c1d", "#616061", "#ffffff", "#ececec"
OPEN, COUNTED, WAITED = "#cfe3f7", "#1264a3", "#ecb22e"
MARK_COLOURS = {
    MarkKind.WARNING: "#b06a00",
    MarkKind.DUE: "#007a5a",
    MarkKind.BREACH: "#c01343",
    MarkKind.LEVEL: "#c01343",
    MarkKind.DONE: "#007a5a",
    MarkKind.NOW: INK,
}

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@lru_cache(maxsize=8)
def _font(size: int) -> tuple[Font, bool]:
    """Load a font, and say whether it has more than ASCII.

    Machines without DejaVu get Pillow's own. At most 8 sizes are kept.
    """
    try:
        return ImageFont.truetype(FONT, size), True
    except OSError:
        return ImageFont.load_default(size), False


def draw_clock(life: ClockLife) -> bytes:
    """Draw a PNG of a clock's life; in English where the machine has no font for the language.

    There a title that is not ASCII is left out.
    """
    picture = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    _Drawing(life, ImageDraw.Draw(picture)).everything()
    out = BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()


class _Drawing:
    """One picture being drawn; its methods share one pen.

    Times are local to the zone of ``life``; words are English where the font lacks letters.
    """

    def __init__(self, life: ClockLife, pen: ImageDraw.ImageDraw) -> None:
        self.life, self.pen = life, pen
        self.tz = ZoneInfo(life.zone)
        self.font, complete = _font(TEXT_SIZE)
        self.language = life.language if complete else Language.ENGLISH

    def everything(self) -> None:
        title, complete = _font(TITLE_SIZE)
        name = self.life.title if complete or self.life.title.isascii() else ""
        begun = self.life.start.astimezone(self.tz).replace(tzinfo=None)
        since = f"{self._date(begun)} {begun:%H:%M}"
        self.pen.text((LEFT, 18), f"{name}  ·  {since}  ·  {self.life.zone}", INK, title)
        self.pen.rectangle((LEFT, BAND_TOP, RIGHT, BAND_BOTTOM), CLOSED)
        self._band(self.life.open, OPEN, 0)
        self._band(self.life.counted, COUNTED, 18)
        self._band(self.life.waited, WAITED, 18)
        self._axis()
        self._marks()
        self._legend()

    def x(self, at: datetime) -> float:
        """Return how far from the left edge an instant is drawn, in pixels."""
        whole = self.life.end - self.life.start
        return LEFT + (RIGHT - LEFT) * ((at - self.life.start) / whole)

    def _band(self, stretches: tuple[Stretch, ...], colour: str, inset: int) -> None:
        """Fill stretches of the band; ``inset`` makes them lower.

        So the open hours below what counted and what waited stay visible.
        """
        for start, end in stretches:
            box = (self.x(start), BAND_TOP + inset, self.x(end), BAND_BOTTOM - inset)
            self.pen.rectangle(box, colour)

    def _axis(self) -> None:
        """Draw the ticks; a label that would touch the one before is left out."""
        taken = float(LEFT - GAP)
        for tick, label in self._ticks():
            at = self.x(tick)
            self.pen.line((at, BAND_BOTTOM, at, BAND_BOTTOM + 10), PALE_INK, 2)
            width = self.pen.textlength(label, self.font)
            left = max(LEFT, min(at - width / 2, RIGHT - width))
            if left >= taken + GAP:
                self.pen.text((left, AXIS + 4), label, PALE_INK, self.font)
                taken = left + width

    def _ticks(self) -> list[tuple[datetime, str]]:
        """List round local times with their labels; midnights carry their date.

        The step is the smallest that gives at most 7 ticks. An hour that daylight saving time skips
        or repeats is told by the wall clock.
        """
        whole = self.life.end - self.life.start
        step = next((s for s in STEPS if whole / s <= TICKS_MAX), STEPS[-1])
        local = self.life.start.astimezone(self.tz)
        wall = datetime.combine(local.date(), time())
        ticks: list[tuple[datetime, str]] = []
        last = self.life.end.astimezone(self.tz).replace(tzinfo=None)
        while wall <= last:
            at = wall.replace(tzinfo=self.tz)
            if self.life.start <= at <= self.life.end:
                ticks.append((at, self._tick_label(wall)))
            wall += step
        return ticks

    def _tick_label(self, wall: datetime) -> str:
        if wall.time() != time():
            return wall.strftime("%H:%M")
        return self._date(wall)

    def _date(self, wall: datetime) -> str:
        return short_day(wall.date(), self.language)

    def _marks(self) -> None:
        """Draw the marks; a label goes to the lowest row where it touches no other.

        Warnings come last and give way: a label that fits in no row is left out, its line stays.
        """
        loudest_first = sorted(self.life.marks, key=lambda mark: mark.kind is MarkKind.WARNING)
        taken: list[list[tuple[float, float]]] = [[] for _ in LABEL_ROWS]
        labels: list[tuple[float, int, str, str]] = []
        for mark in loudest_first:
            label = self._mark_label(mark)
            at, width = self.x(mark.at), self.pen.textlength(label, self.font)
            left = max(float(LEFT), min(at - width / 2, RIGHT - width))
            span = (left - GAP, left + width + GAP)
            row = next((n for n, spans in enumerate(taken) if _free(spans, span)), None)
            top = BAND_TOP if row is None else LABEL_ROWS[row] + TEXT_SIZE + 6
            colour = MARK_COLOURS[mark.kind]
            thick = 3 if mark.kind is MarkKind.WARNING else 5
            self.pen.line((at, top, at, BAND_BOTTOM), colour, thick)
            if row is not None:
                taken[row].append(span)
                labels.append((left, LABEL_ROWS[row], label, colour))
        for left, top, label, colour in labels:  # over the lines, on paper of their own
            width = self.pen.textlength(label, self.font)
            self.pen.rectangle((left - 3, top, left + width + 3, top + TEXT_SIZE + 5), PAPER)
            self.pen.text((left, top), label, colour, self.font)

    def _mark_label(self, mark: Mark) -> str:
        """Return a mark's own label, else the word of its kind and its local time."""
        if mark.kind in (MarkKind.WARNING, MarkKind.LEVEL):
            return mark.label
        return f"{self._word(mark.kind.value)} {mark.at.astimezone(self.tz):%H:%M}"

    def _legend(self) -> None:
        """What the colours mean, from left to right; waiting only where there was any."""
        left = float(LEFT)
        shown = [("counted", COUNTED), ("waited", WAITED), ("open", OPEN), ("closed", CLOSED)]
        for word, colour in shown:
            if word == "waited" and not self.life.waited:
                continue
            self.pen.rectangle((left, LEGEND, left + 24, LEGEND + 24), colour)
            said = self._word(word)
            self.pen.text((left + 34, LEGEND - 3), said, PALE_INK, self.font)
            left += 34 + self.pen.textlength(said, self.font) + 40

    def _word(self, key: str) -> str:
        return t(self.language, f"picture.{key}")


def _free(spans: list[tuple[float, float]], span: tuple[float, float]) -> bool:
    """True when ``span`` touches none of the others, in pixels."""
    return all(span[1] <= start or span[0] >= end for start, end in spans)
