"""One run: the story with a plan of accidents, compared with an undisturbed one."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults import story
from tests.faults.board import KINDS, Script
from tests.faults.picture import differences, picture
from tests.faults.processes import Nursery
from tests.faults.world import world

BEFORE, AFTER = "before", "after"
Plan = Mapping[str, str]
"""What happens where: a call (``method#n``) or a commit (``commit#n``) to its accident."""


@dataclass
class Run:
    """What came of it: the picture, the calls that were made, the points that were struck."""

    picture: dict[str, Any]
    calls: Sequence[str]
    commits: int
    struck: list[str] = field(default_factory=list)
    deaths: int = 0
    leaks: list[str] = field(default_factory=list)


async def run(nursery: Nursery, folder: Path, url: str, plan: Plan) -> Run:
    """Tell the story while the plan happens."""
    script = Script(plan={k: v for k, v in plan.items() if not k.startswith("commit#")})
    around = {when: _commits(plan, when) for when in (BEFORE, AFTER)}
    env = {"CRASH_BEFORE": _listed(around[BEFORE]), "CRASH_AFTER": _listed(around[AFTER])}
    async with world(nursery, folder, url, script, env=env) as here:
        await story.tell(here)
        commits = (folder / "commits").stat().st_size
        struck = [*script.tried]
        struck += [f"commit#{n}:{w}" for w, ns in around.items() for n in ns if n <= commits]
        log = (folder / "bot.log").read_text()
        secrets = (here.app.bot_token, here.app.app_token, story.STAKE, *story.WORDS)
        leaks = [secret for secret in secrets if secret in log or ascii(secret)[1:-1] in log]
        shown, calls = picture(here.workspace), list(script.seen)
        return Run(shown, calls, commits, struck, here.deaths, leaks)


def _commits(plan: Plan, when: str) -> list[int]:
    return [int(k[7:]) for k, v in plan.items() if k.startswith("commit#") and v == when]


def _listed(numbers: Iterable[int]) -> str:
    return ",".join(map(str, numbers))


def points(calls: Sequence[str], commits: int) -> list[tuple[str, str]]:
    """Every accident at every call and around every commit of an undisturbed run."""
    found = [(call, kind) for call in dict.fromkeys(calls) for kind in KINDS]
    return found + [
        (f"commit#{n}", when) for n in range(1, commits + 1) for when in (BEFORE, AFTER)
    ]


def plans(everything: Sequence[tuple[str, str]], apart: int) -> list[dict[str, str]]:
    """All points, spread over runs: in each run about one place in ``apart`` has its accident."""
    by_place: dict[str, list[str]] = {}
    for place, kind in everything:
        by_place.setdefault(place, []).append(kind)
    count = apart * max(len(kinds) for kinds in by_place.values())
    spread: list[dict[str, str]] = [{} for _ in range(count)]
    for index, (place, kinds) in enumerate(by_place.items()):
        for step, kind in enumerate(kinds):
            spread[(index + step * apart) % count][place] = kind
    return spread


def compared(expected: Run, found: Run) -> list[str]:
    """In what the workspace differs from the undisturbed one; empty when in nothing."""
    return differences(expected.picture, found.picture)
