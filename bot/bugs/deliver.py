"""The outbox's rows of bug trackers: looks, and what is shown at a bug.

No transaction is open while the tracker is called. What was learned is stored in the transaction
that ends the row. When the tracker limits the app, every row of that kind waits as long as it says.
"""

from bot.bugs.looking import look_at_bug
from bot.bugs.showing import show_at_bug
from bot.bugs.tracked import LOOK
from bot.customers.channels import require_channels
from bot.engine.delivery import Delivery, EffectResult, Later
from bot.engine.outbox_claims import Job
from messages.clients.helpdesks import Limited


async def perform_bug(delivery: Delivery, job: Job) -> EffectResult:
    """Look at a bug, or show there who waits.

    A row that was queued for a tracker which is not set up any more ends without a call. Raises
    Later when the tracker limits the app, and Away when no usable answer came: the row is tried
    again.
    """
    tracker = require_channels(delivery.services).tracker
    if tracker is None:
        return EffectResult({"refused": f"{job.row.kind} is not set up any more"})
    perform = look_at_bug if job.row.payload["do"] == LOOK else show_at_bug
    try:
        return await perform(delivery, job, tracker)
    except Limited as limited:
        raise Later(limited.seconds, everywhere=True) from limited
