"""A test mail to an administrator, ready to be struck."""

from collections.abc import Awaitable, Callable, Mapping

from sqlmodel import select

from bot.rules.setup import SetupStep
from bot.setup.mail_trial import KIND
from storage.models import SetupChoice
from tests.faults.scenes import MAYA, Scene

Step, Count = Callable[[Scene], Awaitable[None]], Callable[[Scene], Awaitable[int]]
TEST = "TEST by Escalation Desk"


async def _asked(scene: Scene) -> None:
    """Nobody has a mail yet; each blow is about one of its own."""
    if not await scene.world.get(select(SetupChoice)):
        row = SetupChoice(
            step=SetupStep.MAIL.value, tried_by=MAYA, tried_at=scene.world.time(),
            trial_end="waits",
        )  # fmt: skip
        await scene.add(row)
    scene.box.raw.clear()


async def _queue(scene: Scene) -> None:
    await scene.leave(KIND, f"{KIND}:{MAYA}", None, user=MAYA)


async def _had(scene: Scene) -> int:
    """Test mails in the mailbox: one for each Message-ID, however often it came."""
    mails = [mail for mail in scene.box.mails if TEST in str(mail["Subject"])]
    return len({mail["Message-ID"] for mail in mails})


EFFECTS: Mapping[str, tuple[Step, Count, Step]] = {KIND: (_queue, _had, _asked)}
