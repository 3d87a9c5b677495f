"""Drills are cases that are found only where they are looked for.

A case that is only played (``Case.drill``) stands among the others, so that everything works on it
as on any case. But no list, count or figure may have it. So of all that is selected drills are left
out, whatever the query, unless it says that it ``sees_drills``. What is asked for by its number
(``Session.get``) is found: who may read it is the caller's question, as for a restricted case.

A condition alone hides nothing here: ``exists().where(Case.number == …)`` names the table only in
its condition, which no entity of the statement is. Such a question must ask for what is public or
the viewer's own, as ``bot.core.case_selection`` does; a drill is restricted, so it is neither.
"""

from typing import Any, TypeVar

from sqlalchemy import Executable, event
from sqlalchemy.orm import ORMExecuteState, with_loader_criteria
from sqlalchemy.orm import Session as AnySession
from sqlmodel import Session

from storage.models import Case

Q = TypeVar("Q", bound=Executable)

SEES_DRILLS = "sees_drills"  # the option of a statement that finds drills among other cases


def _is_no_drill(cls: Any) -> Any:
    """The condition, for the table or for each other name that a statement gives it."""
    return cls.drill.is_(False)


_HIDDEN = with_loader_criteria(Case, _is_no_drill, include_aliases=True)


class FindingSession(Session):
    """A session that finds by its number what no list has."""

    def get(self, entity: Any, ident: Any, **how: Any) -> Any:
        """As in any session, drills too."""
        options = {**(how.pop("execution_options", None) or {}), SEES_DRILLS: True}
        return super().get(entity, ident, execution_options=options, **how)


def sees_drills(query: Q) -> Q:
    """The same query, which finds drills too: of one case, or for work that drills need as well."""
    return query.execution_options(**{SEES_DRILLS: True})


@event.listens_for(AnySession, "do_orm_execute")
def _leave_out_drills(state: ORMExecuteState) -> None:
    """Add the condition to what is selected; what is loaded anew was found before.

    Changes by statement are not touched: each says itself which rows it is about.
    """
    again = state.is_column_load or state.is_relationship_load
    if state.is_select and not again and not state.execution_options.get(SEES_DRILLS):
        state.statement = state.statement.options(_HIDDEN)
