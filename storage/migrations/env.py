"""Run by Alembic with the connection, and its transaction, that ``storage.schema`` hands over.

Tables are altered by batches: SQLite changes most columns only by copying the table. What a
migration may do while replicas run is told by ``schema.upgrade_schema``.
"""

from typing import Any, Literal

from alembic import context
from sqlmodel import AutoString, SQLModel

import storage.models  # noqa: F401 - defines the tables
from storage.types import Instant


def render_item(kind: str, item: Any, autogen_context: Any) -> str | Literal[False]:
    """Write column types by names that need no import of theirs."""
    if kind == "type" and isinstance(item, AutoString):
        return "sa.String()"
    if kind == "type" and isinstance(item, Instant):
        autogen_context.imports.add("import storage.types")
        return "storage.types.Instant()"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    render_item=render_item,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
