"""The channel that a customer shares with Northwind Support in the demo, linked from the start.

Cedar Clinics is an organisation of its own: its Amal Haddad can be played like anybody, sees this
channel alone, and what she marks there waits for a decision.
"""

from bot.engine.actors import Actor, ReplyTo
from bot.registry import INTENTS
from cli.workspace.local import Local
from sandbox import connect, conversations
from sandbox.people import people_of
from sandbox.state import User

CUSTOMER, ACCOUNT = "Cedar Clinics", "cedar-clinics"
AMAL, TEAM = "U0AMAL", "T0CEDAR"
CHANNEL, NAME = "C0CEDAR", "shared-cedar-clinics"
MAYA, ELENI, PRIYA = "U0MAYA", "U0ELENI", "U0PRIYA"
SAID = (
    (AMAL, "Good morning! Appointment reminders went out twice to every patient today."),
    (MAYA, "Good morning, Dr Haddad. Thank you, I am looking into it."),
    (AMAL, "The phones at three clinics have not stopped ringing since. This is the second time."),
)


async def share_customer_channel(here: Local) -> None:
    """Let the customer share a channel, and the manager link it to their account.

    A few words are said there before anything is linked: the app is told of none of them. Everybody
    has read them. The accounts must have been imported.
    """
    ws, people = here.workspace, people_of(here.workspace)
    amal = User(
        AMAL, "amal.haddad", "Amal Haddad", "Amal", title=CUSTOMER, team_id=TEAM,
        tz="Europe/London", color="97266d",
    )  # fmt: skip
    connect.add_outsider(ws, amal, CUSTOMER)
    bot = next(iter(ws.apps.values())).bot_user_id
    conversations.create(ws, MAYA, NAME, channel_id=CHANNEL)
    conversations.set_purpose(ws, MAYA, CHANNEL, f"With {CUSTOMER}, by Slack Connect")
    conversations.invite(ws, MAYA, CHANNEL, [ELENI, PRIYA])
    connect.share_channel(ws, MAYA, CHANNEL, TEAM, AMAL)
    for who, text in SAID:
        await people.say(who, CHANNEL, text)
    conversations.invite(ws, MAYA, CHANNEL, [bot])
    for member in ws.channels[CHANNEL].members:
        conversations.mark_read(ws, member, CHANNEL)
    linked = INTENTS["connect"].model_validate({"channel": CHANNEL, "customer": CUSTOMER})
    await here.services.accept(linked, Actor(ELENI, "form"), "demo:connect", ReplyTo(ELENI))
    await here.settle()
