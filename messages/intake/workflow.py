"""What a step of Workflow Builder hands on to the workflow when it ends.

``outcome`` is a word for the workflow's branches and never changes; ``summary`` is a sentence for
people, in the asker's language. Slack shows an error where it reads no mark-up.
"""

import html
from collections.abc import Mapping
from typing import Any

from bot.rules.facts.workflow import StepEnd
from bot.rules.states import CandidateState
from bot.rules.words import Language
from messages.cases.answers import refusal_message, without_marks
from messages.kit.texts import t

RESTRICTED = "restricted"
OUTCOMES: Mapping[CandidateState, str] = {
    CandidateState.ESCALATED: "case",
    CandidateState.ADDED: "already_open",
    CandidateState.LOGGED: "logged",
    CandidateState.DISMISSED: "dismissed",
}


def step_outputs(end: StepEnd, language: Language) -> dict[str, str]:
    """Return the outputs that the manifest names, as texts; what does not apply is left out."""
    outcome = RESTRICTED if end.restricted else OUTCOMES[end.state]
    reference = _reference(end)
    said = {"outcome": outcome, "summary": t(language, f"step.{outcome}", reference=reference)}
    if end.restricted:
        return said
    more = {"reference": reference, "link": end.link, "told": end.told}
    return said | {name: text for name, text in more.items() if text}


def _reference(end: StepEnd) -> str:
    return f"ESC-{end.case}" if end.case else f"CAN-{end.candidate}"


def step_mismatch(end: StepEnd, language: Language) -> str:
    """Say that the workspace has an older manifest, and that the report is safe."""
    summary = step_outputs(end, language)["summary"]
    return t(language, "step.mismatch", summary=summary)


def step_refusal(key: str, language: Language, facts: Mapping[str, Any]) -> str:
    """Say why a step was not taken in; ``key`` and ``facts`` are those of the UserError."""
    return html.unescape(without_marks(refusal_message(key, language, **facts).text))
