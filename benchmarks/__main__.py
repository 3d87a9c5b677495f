"""``python -m benchmarks``: measure, print the table, write it as JSON."""

import argparse
import asyncio
import contextlib
import importlib
import logging
import sys
import tempfile
from pathlib import Path

from benchmarks import report
from benchmarks.figures import Figure, load, machine, table, write
from benchmarks.plan import Plan
from bot.clock import stopwatch
from cli.logs import configure_logs
from tests import postgres

PARTS = (
    "counterpart", "acknowledging", "opening", "commands", "reminders", "growth", "starting",
    "triage", "replicas", "strangers", "storm", "audited",
)  # fmt: skip
NEEDED = {"history": {"growth"}, "open": {"reminders", "starting"}}  # data sets, by who reads them


async def _measure(plan: Plan, parts: list[str], out: Path) -> list[Figure]:
    figures: list[Figure] = []
    kinds = [kind for kind, needed in NEEDED.items() if needed & set(parts)]
    if kinds:
        await plan.prepare(kinds)
    for name in parts:
        begun = stopwatch()
        figures += await importlib.import_module(f"benchmarks.{name}").measure(plan)
        plan.say(f"{name} took {stopwatch() - begun:.0f} s")
        write(out, figures)  # what is known so far, should somebody lose patience
    return figures


def main() -> None:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of: {', '.join(PARTS)}")
    parser.add_argument("--quick", action="store_true", help="little of everything")
    parser.add_argument("--sqlite-only", action="store_true")
    parser.add_argument("--repeats", type=int, help="rounds of the acknowledgement")
    parser.add_argument("--write-docs", action="store_true", help="also into docs/performance.md")
    parser.add_argument("--out", type=Path, default=Path("benchmarks/latest.json"))
    asked = parser.parse_args()
    configure_logs("ERROR")
    for noisy in ("apscheduler", "sqlalchemy.pool"):  # an app that is stopped leaves queries behind
        logging.getLogger(noisy).setLevel(logging.CRITICAL)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="desk-bench-")))
        url = None if asked.sqlite_only else stack.enter_context(postgres.server())
        plan = Plan.quick(folder, url) if asked.quick else Plan(folder, url)
        plan.repeats = asked.repeats or plan.repeats
        begun = stopwatch()
        figures = asyncio.run(_measure(plan, asked.parts or list(PARTS), asked.out))
        took = round(stopwatch() - begun)
    sys.stdout.write(table(figures) + f"\n{took} s on {machine()}\n")
    write(asked.out, figures, seconds=took, quick=asked.quick, load=load())
    if asked.write_docs:
        report.write(asked.out)


if __name__ == "__main__":
    main()
