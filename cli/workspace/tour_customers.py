"""Scenes of the tour in which the customer acts in Slack."""

from cli.workspace.customer_channel import AMAL, CHANNEL, share_customer_channel
from cli.workspace.tour import Tour

ELENI = "U0ELENI"


async def ask_in_channel(tour: Tour) -> None:
    """Let a customer mark a message in the channel that they share; it waits, and is answered."""
    tour.scene("A customer asks in the channel that they share")
    await share_customer_channel(tour.here)
    channel = tour.here.workspace.channels[CHANNEL]
    asked = next(m for m in channel.messages.values() if m.user == AMAL and not m.subtype)
    tour.did(AMAL, f"marks with ‼️: {asked.text}")
    await tour.here.people.react(AMAL, CHANNEL, asked.ts, "bangbang")
    await tour.settle()
    tour.must(len(channel.replies(asked.ts)) == 1, "the thread hears that people look at it")
    tour.must(tour.told(ELENI, "CAN-3", "Cedar Clinics"), "it waits with the manager on duty")
