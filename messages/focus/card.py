"""What the card says of a focus, and what it offers."""

from bot.rules.facts import CaseFacts
from bot.rules.lifecycle import OPEN
from bot.rules.words import Language, Role
from messages.kit.mrkdwn import escape, mention_user, slack_date
from messages.kit.texts import plural, t


def focus_lines(case: CaseFacts, language: Language) -> list[str]:
    """Who is in focus until when, with what was kept back and what interrupted; who helps.

    Questions that wait and messages that were kept are one number: both are told at the end.
    """
    helped = _helpers(case, language)
    if case.focus is None:
        return helped
    waits = case.focus.kept + case.focus.questions
    said = t(
        language, "focus.card",
        user=mention_user(case.focus.lead), until=slack_date(case.focus.until, language),
    )  # fmt: skip
    kept = plural(language, "focus.card_kept", waits) if waits else t(language, "focus.card_none")
    through = case.focus.interruptions
    broken = f" {plural(language, 'focus.through', through)}" if through else ""
    return [f"{said} {kept}{broken}", *helped]


def _helpers(case: CaseFacts, language: Language) -> list[str]:
    """Who helps with what, on one line; empty without helpers.

    The skill is a name of the policy, escaped like every text that people wrote.
    """
    found = [f"{mention_user(user)} ({escape(skill)})" for user, skill in case.helpers.items()]
    return [t(language, "swarm.card", people=", ".join(found))] if found else []


def focus_offered(case: CaseFacts) -> list[str]:
    """The interaction ids that the card's menu has for a case that is open, at most five.

    Where the lead is the owner too, or there is none, no focus is offered: it would be refused.
    """
    if case.status not in OPEN:
        return []
    led = case.roles.get(Role.TECHNICAL_LEAD)
    if case.focus is not None:
        changes = ("ask:interrupt_focus", "do:end_focus", "ask:focus")
        return ["ask:ask_lead", *changes, "ask:report_finding"]
    begins = ["ask:focus"] if led and led != case.owner else []
    return ["ask:ask_lead", *begins, "ask:report_finding"]
