"""What became of the app's own messages that named who was erased, as lines for administrators."""

from collections import Counter
from collections.abc import Sequence

import typer

from bot.rules.states import OutboxState
from storage.models import Outbox

SAID = {
    "left": "messages or files that Slack does not let the app change, for people to delete",
    "unread": "which the app cannot read, for people to look at",
    "held": "held for Legal since: erase again once Legal ends the hold",
}


def print_in_slack(rows: Sequence[Outbox]) -> None:
    """Print how far the app is, and what is left to people and where; nothing without rows.

    ``rows`` are the effects of one erasure, each of one page of a conversation; pages that another
    followed are counted with the last. Of direct messages it is not said with which person. What
    the outbox has pruned is not counted any more.
    """
    if not rows:
        return
    waits = sum(row.state == OutboxState.PENDING for row in rows)
    done = Counter[str]()
    for row in rows:
        if row.state == OutboxState.DONE and "seen" not in row.payload:
            done.update({name: int(value) for name, value in row.result.items()})
    typer.echo(
        f"the app's own messages in Slack: {done['rewritten']} rewritten, {done['deleted']}"
        f" deleted, {done['files']} files deleted; {waits} conversations are still to be gone"
        " through by the app while it runs (`erase list` tells)"
    )
    for name, words in SAID.items():
        where = Counter[str]()
        for row in rows:
            if row.state == OutboxState.DONE:
                where[row.payload["where"]] += int(row.result.get(name, 0))
        if named := ", ".join(f"{place} ({count})" for place, count in where.items() if count):
            typer.echo(f"  {words}: {named}")
