"""What the card says of a legal case: who agrees to messages, and since when all of it is kept.

And of one whose texts were deleted by rule: since when.
"""

from bot.rules.facts import CaseFacts
from bot.rules.words import Language
from messages.cases.card_actions import legal_menu
from messages.kit.blocks import Block, section
from messages.kit.dates import full_day
from messages.kit.mrkdwn import slack_date
from messages.kit.texts import t


def legal_section(case: CaseFacts, language: Language) -> Block | None:
    """Say what a legal case brings; None where it is none, nothing is held, nothing deleted."""
    said = _lines(case, language)
    if case.forgotten_at:
        day = full_day(case.forgotten_at.date(), language)
        forgotten = t(language, "card.forgotten", day=day)
        return section("\n".join([forgotten, said]).strip())
    return section(said, legal_menu(case, language)) if said else None


def _lines(case: CaseFacts, language: Language) -> str:
    """Say what came of the threat and whether Legal was told, and since when all is kept.

    Empty where the case is none of Legal's and nothing is held.
    """
    lines = []
    if case.legal:
        what = "filed" if case.legal_filed else "threat"
        who = "told" if case.legal_told else "untold"
        lines.append(t(language, f"card.legal_{what}") + " " + t(language, f"card.legal_{who}"))
    if case.legal_hold_at:
        lines.append(t(language, "card.legal_hold", since=slack_date(case.legal_hold_at, language)))
    return "\n".join(lines)
