"""What an issue in Jira shows of an action item, and what is heard of it, ready to be struck."""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from sqlmodel import col, select

from storage.models import ActionItem, TimelineEvent
from tests.faults.scenes import MAYA, Scene

Step, Count = Callable[[Scene], Awaitable[None]], Callable[[Scene], Awaitable[int]]
KEY = "PAY-78"  # the issue of every item here; the bug of the case is another


async def item_linked(scene: Scene) -> None:
    """A new item whose issue is not done and shows nothing: each blow is about one of its own."""
    scene.jira.issues[KEY].links.clear()
    scene.jira.issues[KEY].status = "To Do"
    due = (scene.world.time() + timedelta(days=9)).date()
    row = ActionItem(
        case_number=1, title="Alarm", type="process", owner=MAYA, due=due, created_by=MAYA,
        bug=KEY, bug_key=KEY,
    )  # fmt: skip
    await scene.add(row)


async def _newest(scene: Scene) -> int:
    return max(await scene.world.get(select(ActionItem.id).where(col(ActionItem.bug_key) == KEY)))


async def show_item(scene: Scene) -> None:
    """The newest item is to be shown at its issue."""
    action = await _newest(scene)
    await scene.leave("jira", f"jira:{KEY}", None, do="show", key=KEY, action=action)


async def items_shown(scene: Scene) -> int:
    """How many links the issue has."""
    return len(scene.jira.issues[KEY].links)


async def issue_done(scene: Scene) -> None:
    """The issue is done, and is to be looked at."""
    scene.jira.issues[KEY].status = "Done"
    await scene.leave("jira", f"jira:{KEY}", None, do="look", key=KEY)


async def owner_asked(scene: Scene) -> int:
    """How often the owner of the newest item was asked for evidence."""
    action = await _newest(scene)
    asked = select(TimelineEvent.after).where(col(TimelineEvent.verb) == "action_bug_fixed")
    return sum(said["action"] == action for said in await scene.world.get(asked))


EFFECTS: Mapping[str, tuple[Step, Count, Step]] = {
    "jira:action": (show_item, items_shown, item_linked),
    "jira:action_look": (issue_done, owner_asked, item_linked),
}
