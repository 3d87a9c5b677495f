"""Which rows belong to a case or a problem: read off the schema and its table of columns.

Nothing is listed table by table where the schema says it: a row belongs by the columns that
``bot.rules.compliance.columns`` names, by a foreign key to the case or problem, by its lane, by its
name in the chain over the records, or by a foreign key to a row that belongs. So a new table is in
by itself. A table that belongs to neither stands in ``LEFT_OUT`` with the reason.

Conditions are built and nothing is read here: each is one for ``WHERE``, with what lies behind a
row as queries inside, so one statement finds the rows of one table on either database. What
``inbox`` and ``outbox`` have lost to pruning, and texts that went by rule, no record has any more.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Column, ColumnElement, Integer, String, Table, and_, cast, or_, select
from sqlmodel import SQLModel

import storage.models  # noqa: F401 - defines the tables
from bot.compliance.overdue import Subject
from bot.compliance.tables import rows_of
from bot.rules.compliance.columns import HOLDINGS

TABLES = SQLModel.metadata.tables
ROOTS = {"escalation": "number", "problem": "number"}
THROUGH_NONE = (*ROOTS, "account")  # what names one of these belongs by that alone, or not at all

_ORGANISATION = "of the organisation, for all cases"
_COLLEAGUES = "of colleagues and their time, about no case; cases name them by Slack's ids"
_ACCOUNTS = "of customers and channels, whether or not they have a case"
_WORK = "of the app's own work"
# Tables of which no row is in a record, and why; a test holds this to the schema.
LEFT_OUT: Mapping[str, str] = {
    "secret": "the key that signs customers' links",
    "audit_salt": "with them words that were erased later could be tried against the chain",
    **dict.fromkeys(("calendar_spec", "message_template", "own_playbook", "policy_version",
                     "quarter_decision", "quarterly_review", "sponsorship_signature",
                     "sponsorship_text", "access_review"), _ORGANISATION),
    **dict.fromkeys(("absence", "allowance", "digest", "person", "shift_end", "tip_reader"),
                    _COLLEAGUES),
    **dict.fromkeys(("connect_link", "form_link", "review", "review_edit", "strangers_post"),
                    _ACCOUNTS),
    **dict.fromkeys(("duty_source", "lead_list", "seen_request", "setup_choice"), _WORK),
}  # fmt: skip
# Columns that are left out of rows that are in, and why.
LEFT_COLUMNS: Mapping[tuple[str, str], str] = {
    ("inbox", "reply"): "where Slack takes an answer: an address that opens by itself",
}
# Columns that name a row by its id and are no foreign keys in the database.
NAMES = {("mail", "receipt"): ("receipt", "id")}
# Columns of JSON in which ``problem`` is a problem's number.
INSIDE = {"terminal_action": "about", "outbox": "payload"}
# Rows that say the same thing as a row that belongs: these columns of both are equal.
SAME: tuple[tuple[str, str, str], ...] = (
    ("account", "escalation", "key=account_key"),
    ("form_request", "signal", "key=key"),
    ("known_ticket", "escalation", "helpdesk=helpdesk ticket=ticket"),
    ("tracked_bug", "escalation", "key=bug_key"),
    ("tracked_bug", "action_item", "key=bug_key"),
    ("tracked_bug", "known_issue", "key=bug_key"),
    ("outbox", "mail", "id=outbox_id"),
    ("outbox", "connect_message", "id=outbox_id"),
    ("outbox", "ticket_reply", "id=outbox_id"),
    ("inbox", "outbox", "correlation=correlation"),  # the request that led to an effect
)


def is_of(table: Table, subject: Subject) -> ColumnElement[bool] | None:
    """The condition that a row belongs to it; None: no row of this table does.

    Of a case that has a problem, and of a problem's cases, only the numbers belong.
    """
    if table.name in LEFT_OUT:
        return None
    found = [*_direct(table, subject), *_through(table, subject), *_same(table, subject)]
    return or_(*found) if found else None


def _direct(table: Table, subject: Subject) -> Iterator[ColumnElement[bool]]:
    """The conditions that a row itself names it.

    By the table of columns, a key to it, a column of that name, its lane, a number inside of JSON,
    or, in the chain, the name that people read (``ESC-7``).
    """
    holding, root = HOLDINGS[table.name], "problem" if subject.problem else "escalation"
    if holding.problem if subject.problem else holding.case:
        yield rows_of(holding, subject)
    for column in table.c:
        own = any(key.column.table.name == root for key in column.foreign_keys)
        if own or (column.name == subject.column and table.name not in ROOTS):
            yield column == subject.number
    if "lane" in table.c:
        lane = f"{'problem' if subject.problem else 'case'}:{subject.number}"
        yield or_(table.c.lane == lane, table.c.lane.startswith(f"{lane}:"))
    if table.name == "audit_event":
        yield table.c.about == subject.name
    if subject.problem and (inside := INSIDE.get(table.name)):
        yield cast(table.c[inside]["problem"].as_string(), String) == str(subject.number)


def _through(table: Table, subject: Subject) -> Iterator[ColumnElement[bool]]:
    """The conditions that a row names another that belongs, and is of no other case or problem."""
    for column, theirs in _named_by(table):
        if theirs.table.name in THROUGH_NONE or theirs.table is table:
            continue
        other = is_of(theirs.table, subject)
        if other is None:
            continue
        belongs: ColumnElement[bool] = column.in_(select(theirs).where(other))
        if subject.column in table.c:
            belongs = and_(table.c[subject.column].is_(None), belongs)
        yield belongs


def _named_by(table: Table) -> Iterator[tuple[Column[Any], Column[Any]]]:
    """The columns of a table that name a row of another, with the column that they name it by."""
    for column in table.c:
        for key in column.foreign_keys:
            yield column, key.column
        if (named := NAMES.get((table.name, column.name))) is not None:
            yield column, TABLES[named[0]].c[named[1]]


def _same(table: Table, subject: Subject) -> Iterator[ColumnElement[bool]]:
    """The conditions that another row that belongs says the same thing.

    Empty text says nothing: two rows without a ticket are not of one ticket.
    """
    for name, other, pairs in SAME:
        theirs = TABLES[other]
        of = is_of(theirs, subject) if name == table.name else None
        if of is None:
            continue
        both = [pair.split("=") for pair in pairs.split()]
        alike = [table.c[own] == theirs.c[its] for own, its in both]
        said = [
            theirs.c[its] != "" for _, its in both if not isinstance(theirs.c[its].type, Integer)
        ]
        yield select(theirs).where(of, *alike, *said).correlate(table).exists()
