"""A message without what its reader would be refused, whatever it is about."""

from collections.abc import Iterator, Mapping, Sequence

from bot.registry import form_permission
from bot.rules.facts import CaseFacts, PersonFacts
from bot.rules.permissions import ANYONE, FOR_AUDITORS, PERMISSIONS
from bot.rules.words import Role
from handlers.ports import Services
from messages.kit.blocks import Message
from messages.kit.pressed import keep_offered

# Verbs that a further row of the permissions allows to some.
WIDER: Mapping[str, Sequence[str]] = {"mend": ("make_channel",), "severity": ("raise_severity",)}


async def keep_usable(
    services: Services, viewer: PersonFacts, said: Message, case: CaseFacts | None = None
) -> Message:
    """The message without what the viewer would be refused.

    Roles are those in the organisation, and those on ``case``; an auditor's is the one, whatever
    else they hold.
    """
    roles = {*await services.reading.roles(viewer.user_id, None), *_roles_on(case, viewer)}

    def offers(interaction: str) -> bool:
        kind, _, name = interaction.partition(":")
        if name == "action_done":  # its owner may, whatever they are besides
            return True
        rows = (form_permission(name), name) if kind == "ask" else (name,)
        if Role.AUDITOR in roles:
            return kind not in ("do", "ask") or not FOR_AUDITORS.isdisjoint(rows)
        wanted = [PERMISSIONS[row] for row in (*rows, *WIDER.get(name, ())) if row in PERMISSIONS]
        doing = kind in ("do", "ask") and bool(wanted)
        return not doing or any(row is ANYONE or row & roles for row in wanted)

    return keep_offered(said, offers)


def _roles_on(case: CaseFacts | None, viewer: PersonFacts) -> Iterator[Role]:
    """What the viewer is on the case, by what is known of it: nothing more is read."""
    if case is None:
        return
    yield from (role for role, holder in case.roles.items() if holder == viewer.user_id)
    if case.reporter == viewer.user_id:
        yield from (Role.REPORTER, Role.AGENT)
    if case.owner == viewer.user_id:
        yield Role.ESCALATION_MANAGER
