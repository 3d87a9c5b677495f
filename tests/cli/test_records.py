"""A record has everything that is kept, and its table nothing that runs."""

import csv
from pathlib import Path

from sqlmodel import SQLModel

from cli.files import records
from storage import models
from tests.bot.stage import Stage


def test_every_table_about_a_case_stands_in_its_record() -> None:
    found = {records.name_record(model) for model in records.models_with("case_number")}
    assert found >= {
        "action_item", "ask", "asking", "breach_talk", "case_role", "clock", "clock_event",
        "confirmation", "customer_link", "draft", "handover", "mail", "sent_message",
        "terminal_action", "ticket_reply", "timeline_event",
    }  # fmt: skip


def test_every_other_table_is_left_out_by_name() -> None:
    """A new table is about a case, about a problem, or about neither: then it is named here."""
    of_neither = {
        "Absence", "AccessReview", "Account", "Allowance", "AuditEvent", "AuditSalt",
        "CalendarSpec", "Case", "ConnectLink", "Digest",
        "DutySource",
        "FormLink", "FormRequest", "Inbox", "KnownIssue", "KnownTicket", "LeadList",
        "MessageTemplate", "Outbox",
        "OwnPlaybook", "Person", "PointsPost", "PointsReader", "PolicyVersion", "Problem",
        "QuarterDecision", "QuarterlyReview", "Review",
        "ReviewEdit", "Secret", "SeenRequest", "SetupChoice", "ShiftEnd", "TipReader",
        "SponsorBrief", "SponsorTouch", "SponsorshipSignature", "SponsorshipText", "StrangersPost",
        "TrackedBug",
    }  # fmt: skip
    columns = ("case_number", "problem", "child", "parent")
    told = {model for column in columns for model in records.models_with(column)}
    tables = {
        value for value in vars(models).values()
        if isinstance(value, type) and issubclass(value, SQLModel)
    }  # fmt: skip
    assert {model.__name__ for model in tables - told} == of_neither


async def test_a_cases_record_has_its_account_and_its_timeline(
    stage: Stage, tmp_path: Path
) -> None:
    case = await stage.opened(stake="x;=1+1")
    found = await records.case_record(stage.database, case)
    assert found is not None
    assert found["account"]["name"] == found["case"]["customer"]
    records._write_csv(tmp_path / "timeline.csv", found["timeline_event"])
    with (tmp_path / "timeline.csv").open(encoding="utf-8", newline="") as file:
        [row] = [row for row in csv.DictReader(file) if row["verb"] == "open_case"]
    assert row["why"] == "x;'=1+1"


async def test_there_is_no_record_of_a_case_that_there_is_not(stage: Stage) -> None:
    assert await records.case_record(stage.database, 99) is None
    assert await records.problem_record(stage.database, 99) is None
