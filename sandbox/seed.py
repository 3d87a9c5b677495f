"""A small team to begin with: who works at Northwind Support."""

from sandbox import conversations
from sandbox.clock import WorkspaceClock
from sandbox.state import User, Usergroup
from sandbox.workspace import Workspace

OWNER = "U0KATE"  # made the channels

PEOPLE = (
    # Slack speaks no Greek, so its locale is no sign that a person does.
    # id, real name, title, time zone, locale, colour
    ("U0KATE", "Kate Morris", "Support lead", "Europe/London", "en-GB", "2b6cb0"),
    ("U0MAYA", "Maya Lind", "Support agent", "Europe/Athens", "en-US", "b83280"),
    ("U0NIKOS", "Nikos Pappas", "Support agent", "Europe/Athens", "en-GB", "2f855a"),
    ("U0ELENI", "Eleni Georgiou", "Escalation manager", "Europe/Athens", "en-GB", "c05621"),
    ("U0TOMAS", "Tomás Ruiz", "Technical lead", "Europe/Madrid", "en-GB", "6b46c1"),
    ("U0PRIYA", "Priya Nair", "Customer success manager", "Asia/Kolkata", "en-IN", "b7791f"),
    ("U0DAN", "Dan Cole", "Account executive", "America/New_York", "en-US", "2c7a7b"),
    ("U0SOFIA", "Sofia Papadaki", "Chief Customer Officer", "Europe/Athens", "en-GB", "9b2c2c"),
    ("U0RICHARD", "Richard Stone", "COO", "America/New_York", "en-US", "4a5568"),
)
PLAIN_LETTERS = str.maketrans("áéíóú", "aeiou")

CHANNELS = (
    # id, name, purpose, members besides the owner ("*": everybody)
    ("C0GENERAL", "general", "Company-wide news", "*"),
    ("C0SUPPORT", "support", "Customers, tickets, questions", "*"),
    ("C0TRIAGE", "triage", "What just came in", "U0MAYA U0NIKOS U0ELENI U0TOMAS"),
)


def demo_workspace(clock: WorkspaceClock | None = None) -> Workspace:
    """Northwind Support: nine people in five time zones, three channels, two groups, no app.

    The first app that is installed gets the bot user ``U0DESK``. ``clock`` tells when all this
    was made, and goes on being the workspace's.
    """
    ws = Workspace("Northwind Support", domain="northwind-support", clock=clock)
    ws.reserved_bot_ids = ["U0DESK"]
    for user_id, name, title, zone, locale, color in PEOPLE:
        first, _, last = name.partition(" ")
        handle = f"{first}.{last}".lower().translate(PLAIN_LETTERS)
        ws.add_user(
            User(
                id=user_id,
                name=handle,
                real_name=name,
                display_name=first,
                title=title,
                email=f"{handle}@northwind.example",
                tz=zone,
                locale=locale,
                color=color,
            )
        )
    for channel_id, name, purpose, members in CHANNELS:
        general = name == "general"
        channel = conversations.create(ws, OWNER, name, channel_id=channel_id, is_general=general)
        conversations.set_purpose(ws, OWNER, channel.id, purpose)
        wanted = list(ws.users) if members == "*" else members.split()
        conversations.invite(ws, OWNER, channel.id, [u for u in wanted if u != OWNER])
    ws.usergroups["S0SUPPORT"] = Usergroup(
        "S0SUPPORT", "support", "Support", ["U0MAYA", "U0NIKOS", "U0KATE"], ws.epoch()
    )
    ws.usergroups["S0EXECS"] = Usergroup(
        "S0EXECS", "executives", "Executives", ["U0SOFIA", "U0RICHARD"], ws.epoch()
    )
    for user in ws.people():
        for channel in ws.channels.values():
            conversations.mark_read(ws, user.id, channel.id)
    return ws
