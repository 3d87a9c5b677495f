"""A field says by its marks what forms and buttons have to know of it."""

from datetime import date, datetime
from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from bot.cases.handover import HandOver
from bot.customers.updates import Update
from bot.engine.intent import (
    Future,
    Hidden,
    LocalDate,
    Mark,
    OnCase,
    Past,
    SlackUser,
    fields_marked,
    named_colleagues,
)
from bot.problems.broadcasts import AnswerBroadcast


class Juggle(OnCase):
    """A field of each kind."""

    verb: ClassVar[str] = "juggle"
    ball: Hidden[int | None] = None
    code: Hidden[Annotated[str, StringConstraints(max_length=3)]] = ""
    name: Hidden[str] = Field(default="", max_length=3)
    until: Future[datetime | None] = None
    since: Past[datetime | None] = None
    due: Future[LocalDate] = date(2026, 3, 1)
    who: SlackUser = "U0ANNA"


def test_marks_are_found_whatever_else_the_annotation_says() -> None:
    assert fields_marked(Juggle, Mark.HIDDEN) == ("ball", "code", "name")
    assert fields_marked(Juggle, Mark.FUTURE) == ("until", "due")
    assert fields_marked(Juggle, Mark.PAST) == ("since",)
    assert fields_marked(Juggle, Mark.LOCAL_DATE) == ("due",)
    assert fields_marked(Juggle, Mark.COLLEAGUE) == ("who",)


def test_a_mark_takes_nothing_from_what_is_validated() -> None:
    for wrong in ({"ball": "x"}, {"code": "long"}, {"name": "long"}, {"until": "soon"}):
        try:
            Juggle.model_validate({"case": 7, **wrong})
        except ValueError:
            continue
        raise AssertionError(wrong)


def test_a_subject_hides_what_all_its_verbs_are_about() -> None:
    assert fields_marked(AnswerBroadcast, Mark.HIDDEN) == (
        "problem", "broadcast", "digest", "approve",
    )  # fmt: skip
    assert fields_marked(Update, Mark.HIDDEN) == ("draft", "reply")


def test_those_who_get_a_part_are_known_by_their_field() -> None:
    given = {"case": 7, "role": "agent", "user": "U0ANNA", "summary": "Logs"}
    assert named_colleagues(HandOver.model_validate(given)) == {"user": "U0ANNA"}
