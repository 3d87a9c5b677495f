"""The approved words in which a customer hears of a decision that their report is no escalation."""

from datetime import datetime

from bot.rules.intake import Telling
from bot.rules.words import Language
from messages.kit.dates import format_moment
from messages.kit.texts import t


def telling_text(
    telling: Telling, language: Language, by: datetime | None = None, zone: str = "UTC"
) -> str:
    """The words in the customer's language, with the promised time in their ``zone``.

    Empty for ``NOTHING``. Without a time, its place is held by what a form calls it. ``by`` is an
    aware instant, ``zone`` an IANA name. Nothing is escaped: the words go out by mail and in
    tickets as well.
    """
    if telling is Telling.NOTHING:
        return ""
    when = format_moment(by, language, zone) if by else t(language, "telling.when")
    return t(language, f"telling.{telling.value}", when=when)
