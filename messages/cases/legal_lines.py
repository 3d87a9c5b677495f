"""What the card says of a legal case: who agrees to messages, and since when all of it is kept."""

from bot.rules.facts import CaseFacts
from bot.rules.words import Language
from messages.kit.mrkdwn import slack_date
from messages.kit.texts import t


def legal_text(case: CaseFacts, language: Language) -> str:
    """Lines of mrkdwn; empty for a case that is neither legal nor held for Legal."""
    lines = []
    if case.legal:
        what = "filed" if case.legal_filed else "threat"
        who = "told" if case.legal_told else "untold"
        lines.append(t(language, f"card.legal_{what}") + " " + t(language, f"card.legal_{who}"))
    if case.legal_hold_at:
        lines.append(t(language, "card.legal_hold", since=slack_date(case.legal_hold_at, language)))
    return "\n".join(lines)
