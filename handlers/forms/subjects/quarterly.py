"""What forms of a quarterly review open with, and what must be written in them."""

from typing import Any

from bot.rules.facts import CaseFacts, PersonFacts
from bot.rules.prose.vague_actions import is_vague
from bot.rules.reports.quarterly import missing_parts
from bot.rules.states import PostmortemStep, Prevention
from handlers.forms.drawing import Fields
from handlers.forms.fields import BadFields, FieldError
from handlers.forms.prefill import whole_number
from handlers.ports import Services
from handlers.slack.requests import Asked, Body


async def fill_parts(
    services: Services, case: CaseFacts | None, viewer: PersonFacts, prefill: Fields
) -> dict[str, Any]:
    """What was written last; what a form that comes back has goes before it.

    Whether the viewer may write it was asked when it was opened. Raises UserError
    ``no_such_quarter``, ``stale``.
    """
    shown = await services.reports.review("", whole_number(prefill, "review"))
    seen = shown.changed_at.isoformat() if shown.changed_at else ""
    return {**{part.value: text for part, text in shown.findings.items()}, "seen": seen, **prefill}


async def require_parts(services: Services, asked: Asked, _view: Body, given: Fields) -> None:
    """A review that is held says each part, so that what was written stays in front of its writer.

    Raises BadFields at the parts that lack, or where another saved the review meanwhile.
    """
    shown = await services.reports.review("", whole_number(given, "review"))
    changed = shown.changed_at.isoformat() if shown.changed_at else ""
    if given.get("seen", changed) != changed:
        raise BadFields([FieldError(Prevention.PRODUCT.value, "quarter_changed")])
    if given.get("step") != PostmortemStep.REVIEWED:
        return
    written = {part: str(given.get(part.value) or "") for part in Prevention}
    if missing := missing_parts(written):
        raise BadFields([FieldError(part.value, "quarter_part") for part in missing])


async def require_concrete_decision(services: Services, given: dict[str, Any]) -> dict[str, Any]:
    """A decision says what will be different; raises BadFields at ``decision``."""
    if is_vague(str(given.get("decision") or "")):
        raise BadFields([FieldError("decision", "vague_action")])
    return given
