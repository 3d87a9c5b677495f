"""The policy's terms of a help desk, put in force in a running app."""

from dataclasses import replace

from bot.rules.helpdesks.terms import CandidateRule, HelpDeskTerms, Moment
from bot.rules.words import HelpDesk
from tests.helpdesk.conftest import Desk
from tests.mail.conftest import World

# The status of a ticket that needs no one any more, and of one that does.
ENDS = {"helpscout": "closed", "zendesk": "solved", "intercom": "closed"}
OPEN = {"helpscout": "active", "zendesk": "open", "intercom": "open"}


def watch_for(world: World, double: Desk, *rules: CandidateRule) -> None:
    """Have tickets become candidates by these rules, and write back whatever can be."""
    terms = HelpDeskTerms(
        candidates=rules,
        notes=frozenset(Moment),
        tags={Moment.ESCALATED: "escalated", Moment.RESOLVED: "resolved-here"},
        statuses={Moment.RESOLVED: ENDS[double.name], Moment.REOPENED: OPEN[double.name]},
    )
    services = world.here.services
    services.policy = replace(services.policy, helpdesks={HelpDesk(double.name): terms})
