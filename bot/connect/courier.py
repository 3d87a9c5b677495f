"""Queueing a person's message for the channel that the customer shares."""

from bot import effects
from bot.connect.links import channel_lane
from bot.customers.shared_place import BY_CHANNEL, find_shared_place
from bot.engine.unit_of_work import UnitOfWork
from bot.errors import UserError
from bot.rules.states import MessageState
from storage.models import Case, ConnectMessage, SentMessage


class ChannelCourier:
    """Posts the messages of cases in the channels that customers share, each channel's in order."""

    medium = BY_CHANNEL

    async def queue_message(
        self, work: UnitOfWork, case: Case, message: SentMessage, receipt: int | None
    ) -> None:
        """Queue the message; its thread is the case's as it is when it is sent.

        The row of the outbox, with an empty payload, and the ``ConnectMessage`` that names it as
        ``outbox_id`` are stored together; ``receipt`` is not kept in it.

        Raises UserError ``no_connect`` where the customer shares no working channel.
        """
        place = await find_shared_place(work.session, case.number, case.account_key)
        if place is None:
            raise UserError("no_connect")
        lane = channel_lane(place.channel)
        row = await work.queue(BY_CHANNEL, lane, case=case, priority=effects.INTERACTIVE)
        work.session.add(
            ConnectMessage(
                channel_id=place.channel,
                direction="out",
                case_number=case.number,
                user=message.sent_by,
                sent_message=message.id,
                outbox_id=row,
                state=MessageState.QUEUED,
                at=work.now,
            )
        )
