"""The command line's side of the examination: what it prints, and with what it ends.

What is compared and repaired is in ``bot/operations/doctor.py``.
"""

import json
from collections.abc import Sequence

import typer

from bot.operations.doctor import Doctor, Finding
from bot.operations.terminal_actions import note_action
from cli.admin import read_settings
from cli.checking.counts import count_things
from cli.failures import CommandError
from cli.logs import configure_logs
from cli.opened import terminal_user
from cli.running import build
from storage import schema


async def run_doctor(*, repair: bool, as_json: bool) -> int:
    """Compare the store with Slack and print what differs; queue repairs when ``repair`` is set.

    Returns 0 when nothing differs (notes do not count) or all of it is queued, 1 while something
    differs that is not being put right. Raises CommandError without a bot token, PolicyError,
    SchemaError, and SlackError where Slack is out of reach or refuses. Repairs go into the outbox;
    a running app shows them, otherwise the next one to start. ``as_json`` prints the findings as
    ``Finding.as_json`` has them, as a list.
    """
    settings = read_settings()
    if not settings.slack_bot_token:
        raise CommandError("SLACK_BOT_TOKEN is missing: the database is compared with Slack.")
    configure_logs("ERROR")  # what is found is printed, not logged
    desk = build(settings).services
    try:
        await schema.require_current(desk.database)
        await desk.prepare()
        desk.policy = await desk.people.resolved(desk.policy)
        doctor = Doctor(desk, desk.delivery)
        found = await doctor.examine()
        if repair:
            await doctor.repair()
            async with desk.database.write() as session:
                queued = sum(each.mends for each in found)
                note_action(session, terminal_user(), "doctor --repair", {"queued": queued})
    finally:
        await desk.close()
    typer.echo(_json(found) if as_json else report(found, repairing=repair))
    return 1 if [each for each in found if not each.note and not (repair and each.mends)] else 0


def _json(found: Sequence[Finding]) -> str:
    """The findings as a JSON list, on several lines."""
    return json.dumps([each.as_json() for each in found], indent=2, ensure_ascii=False)


def report(found: Sequence[Finding], *, repairing: bool) -> str:
    """Return what was found, a line each with what a person must do below it, and the count.

    ``✗`` differs, ``✓`` differs and was queued for repair, ``·`` is a note that needs nothing.
    """
    lines = [line for each in found for line in _lines(each, repairing=repairing)]
    wrong = [each for each in found if not each.note]
    repairable = sum(each.mends for each in wrong)
    if not wrong:
        return "\n".join([*lines, "Slack shows what the database says"])
    lines.append(count_things(len(wrong), "difference"))
    if repairable and repairing:
        lines.append(f"{repairable} of them queued; the app puts that right when it runs")
    elif repairable:
        lines.append(f"python app.py doctor --repair puts {repairable} of them right")
    return "\n".join(lines)


def _lines(found: Finding, *, repairing: bool) -> list[str]:
    """One finding: its mark, where and what, and below it what a person must do, if anything."""
    mark = "·" if found.note else "✓" if repairing and found.mends else "✗"
    first = f"{mark} {found.where}: {found.what}"
    return [first, *([f"    {found.do}"] if found.do else [])]
