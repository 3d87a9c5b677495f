"""What happened is said as it happened: facts that a message keeps, however late it is rendered.

``bot/effects.py`` puts them into the payload of a case's posts and direct messages, under ``then``:
the columns of ``KEPT_COLUMNS`` as they were when it was queued. Only the card, the topic and the
small print of what is due next show the case as it is when they are drawn. Whom a restricted case
may be told, and what it shows, is always judged by the present.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.rules.facts import CaseFacts
from bot.rules.words import ClosureCode, ResolutionType, Role, RootCause, Severity, Status


def recall_facts(case: CaseFacts, payload: Mapping[str, Any]) -> CaseFacts:
    """The case with the facts that the row keeps; rows of earlier versions keep none."""
    then: Mapping[str, Any] = payload.get("then") or {}
    if not then:
        return case
    owner = then["owner"]
    roles = dict(case.roles)
    if owner != case.owner and Role.ESCALATION_MANAGER in roles:
        roles[Role.ESCALATION_MANAGER] = owner
    return replace(
        case,
        severity=Severity(then["severity"]),
        status=Status(then["status"]),
        owner=owner,
        roles=roles,
        executive=then["executive"],
        resolution_type=_word(ResolutionType, then["resolution_type"]),
        resolution_note=then["resolution_note"],
        workaround_note=then["workaround_note"],
        closure_code=_word(ClosureCode, then["closure_code"]),
        root_cause=_word(RootCause, then["root_cause"]),
    )


def _word(kind: Any, value: Any) -> Any:
    return kind(value) if value else None
