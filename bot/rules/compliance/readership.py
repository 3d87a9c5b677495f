"""Who reads a case that is not restricted: the policy's table ``[privacy]``. Pure."""

from enum import StrEnum

from bot.rules.policy.reader import Table, one_of


class Readership(StrEnum):
    """The values of ``reading``; a policy that has none reads by the roles that it names.

    ``EVERYBODY``: each full member of the workspace. ``TEAM``: those named for a role that reads,
    and those on the case.
    """

    EVERYBODY = "everybody"
    TEAM = "team"


def read_privacy(top: Table) -> Readership | None:
    """What the policy says under ``[privacy]``; None where it does not say it."""
    table = top.table("privacy", ["reading"])
    return table.value("reading", one_of(Readership), None) if "reading" in table else None
