"""A quarterly brief as a page of ours, and what is said where there is none.

It is drawn as the customers' pages are: nothing from elsewhere, no script, headings, lists and
pairs that are read out as such, light and dark by the reader's own choice.
"""

from bot.rules.words import Language
from messages.customers.pages import draw_page
from messages.kit.texts import t
from messages.sponsorship.brief import Sheet


def brief_page(sheet: Sheet, pdf: str, company: str = "") -> str:
    """Draw the page; ``pdf`` is the address of the same as a file, in the page's language."""
    return draw_page(
        "brief.html", sheet.language, sheet.title, "", company=company, sheet=sheet, pdf=pdf,
        download=t(sheet.language, "brief.download"),
    )  # fmt: skip


def no_brief_page(language: Language, what: str, company: str = "") -> str:
    """Say that there is no brief to show, and what helps: ``what`` is ``gone`` or ``busy``.

    ``gone`` is the same for a link that expired, was altered or never was, and for a reader who may
    not know the account any more.
    """
    lines, title = [t(language, f"brief.{what}")], t(language, f"brief.{what}_title")
    return draw_page("plain.html", language, title, "", company=company, lines=lines, back="")
