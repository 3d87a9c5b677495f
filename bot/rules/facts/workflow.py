"""What a step of Workflow Builder is told when it ends."""

from dataclasses import dataclass

from bot.rules.states import CandidateState


@dataclass(frozen=True, slots=True)
class StepEnd:
    """What became of what a step brought.

    ``candidate`` and ``case`` are numbers, ``case`` None where there is none. Of what is
    ``restricted`` the step may name neither: a workflow passes on what it gets. ``told`` are the
    words for the customer, ``link`` is the address of the case's card; either may be empty.
    """

    state: CandidateState
    candidate: int
    case: int | None
    restricted: bool
    told: str = ""
    link: str = ""
