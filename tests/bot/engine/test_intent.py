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
    people_fields,
)
from bot.problems.broadcasts import AnswerBroadcast
from bot.registry import INTENTS


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


class Share(OnCase):
    """People who may be named, or are named for several things."""

    verb: ClassVar[str] = "share"
    deputy: SlackUser | None = None
    to: Hidden[dict[int, SlackUser]]
    note: str = ""


def test_people_are_found_where_they_are_optional_or_several() -> None:
    assert people_fields(Share) == ("deputy", "to")
    some = Share.model_validate({"case": 7, "deputy": "U0ANNA", "to": {"3": "U0BEN", "4": "U0CY"}})
    assert named_colleagues(some) == {"deputy": "U0ANNA", "to_3": "U0BEN", "to_4": "U0CY"}
    assert named_colleagues(Share.model_validate({"case": 7, "to": {}})) == {}


RECORDED_ONLY = {"postmortem_held": ("came",)}


def test_every_field_of_a_verb_that_takes_a_slack_id_is_one_that_is_checked() -> None:
    """A person is refused at the door, so no field may take a Slack id as mere text.

    But for who was at a meeting: that gives nobody a part, and some may have left since.
    """
    pattern = r"^[UW]["
    for verb, model in INTENTS.items():
        people = {*people_fields(model), *RECORDED_ONLY.get(verb, ())}
        schema = model.model_json_schema()["properties"]
        assert {name for name, part in schema.items() if pattern in str(part)} == people
