"""The picture of a clock's life shows what the engine says, where it says it."""

from io import BytesIO

import pytest
from PIL import Image, ImageColor

from bot.rules.sla import Event, replay
from bot.rules.words import Language
from messages.clocks import picture as clock_picture
from messages.clocks.life import MarkKind, life_of
from messages.clocks.picture import (
    CLOSED,
    COUNTED,
    HEIGHT,
    LEFT,
    OPEN,
    RIGHT,
    WAITED,
    WIDTH,
    draw_clock,
)
from tests.bot.rules.cases import CALENDARS, event, feb, pausable, pause, resume, start

MIDDLE = 212  # pixels from the top: through the band
EDGE = 176  # above what counted, still in the band


def picture(*events: Event, now: int = 16, language: Language = Language.ENGLISH) -> Image.Image:
    at = feb(10, now)
    state = replay(events, CALENDARS, at)["resolution"]
    life = life_of(state, CALENDARS, at, language, "Europe/Athens")
    assert life is not None
    return Image.open(BytesIO(draw_clock(life))).convert("RGB")


def colour(image: Image.Image, share: float, height: int = MIDDLE) -> object:
    return image.getpixel((round(LEFT + (RIGHT - LEFT) * share), height))


def test_what_counted_and_what_waited_are_where_they_were() -> None:
    image = picture(pausable(feb(10, 9)), pause(feb(10, 11)), resume(feb(10, 13)))
    assert image.size == (WIDTH, HEIGHT)
    rgb = ImageColor.getrgb
    assert colour(image, 0.05) == rgb(COUNTED)
    assert colour(image, 0.05, EDGE) == rgb(OPEN)
    found = [image.getpixel((x, MIDDLE)) for x in range(LEFT, RIGHT)]
    assert found.index(rgb(COUNTED)) < found.index(rgb(WAITED))
    assert rgb(CLOSED) in found  # the night before what is left


def test_the_life_of_a_breached_clock_has_its_rungs() -> None:
    at = feb(10, 16)
    state = replay([start(feb(10, 9), minutes=240, ladder_minutes=(0, 30, 120))], CALENDARS, at)
    life = life_of(state["resolution"], CALENDARS, at, Language.ENGLISH, "Europe/Athens")
    assert life is not None
    assert [(mark.kind, mark.at) for mark in life.marks] == [
        (MarkKind.BREACH, feb(10, 13)),
        (MarkKind.LEVEL, feb(10, 13, 30)),
        (MarkKind.LEVEL, feb(10, 15)),
        (MarkKind.NOW, at),
    ]


def test_a_finished_life_ends_when_it_was_done() -> None:
    at = feb(12, 16)
    state = replay([start(feb(10, 9)), event(feb(10, 12), "stop")], CALENDARS, at)["resolution"]
    life = life_of(state, CALENDARS, at, Language.ENGLISH, "Europe/Athens")
    assert life is not None
    assert [mark.kind for mark in life.marks] == [MarkKind.DONE, MarkKind.DUE]
    assert life.end < feb(10, 18)


def test_nothing_owed_has_no_picture() -> None:
    state = replay([start(feb(10, 9), "next_reply")], CALENDARS)["next_reply"]
    assert life_of(state, CALENDARS, feb(10, 9), Language.ENGLISH, "Europe/Athens") is None


def test_a_machine_without_a_greek_font_draws_in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock_picture, "FONT", "no-such-font.ttf")
    clock_picture._font.cache_clear()
    image = picture(start(feb(10, 9)), language=Language.GREEK)
    clock_picture._font.cache_clear()
    assert image.size == (WIDTH, HEIGHT)
