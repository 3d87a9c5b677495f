"""What Slack tells of people: who joined, left, became a guest, who is in which user group.

It is taken in before Slack is told that it was received: what could not be stored is sent again.
``bot.people.directory`` keeps it; what follows for roles is in ``bot.operations``.
"""

from handlers.ports import Services
from handlers.slack.requests import Body, mapping

PEOPLE = frozenset({"user_change", "team_join"})
GROUPS = frozenset({"subteam_created", "subteam_updated", "subteam_members_changed"})


async def person_event(services: Services, event: Body) -> None:
    """Have the app follow what the event says of a person or a group, if it says anything.

    An event of another type, or a person without an id, changes nothing. Twice does no harm.

    ``user`` is a person as Slack's API describes them. Of a group only the id is taken, from
    ``subteam_id`` or ``subteam.id``.
    """
    kind = event.get("type")
    if kind in PEOPLE and isinstance(mapping(event.get("user")).get("id"), str):
        await services.person_changed(mapping(event["user"]))
    elif kind in GROUPS:
        group = event.get("subteam_id") or mapping(event.get("subteam")).get("id")
        await services.group_changed(str(group or ""))
