"""The form by which customers ask for an escalation, and the pages that follow it.

They work without a script, are read aloud in order, and say what is wrong beside each field. They
have the style and headers of the other pages for customers (``pages.py``).
"""

from collections.abc import Mapping
from datetime import datetime

from bot.rules.intake.request_form import LIMITS, TRAP, Given, Impact
from bot.rules.words import Language
from messages.customers.pages import draw_page
from messages.kit.dates import format_moment
from messages.kit.texts import t

# How a browser helps with each field, and what kind of keyboard a telephone shows.
FILLED: Mapping[str, tuple[str, str]] = {
    "company": ("organization", "text"),
    "name": ("name", "text"),
    "email": ("email", "email"),
    "phone": ("tel", "tel"),
}


def form_page(
    language: Language,
    given: Given,
    ticket: str,
    *,
    customer: str,
    company: str,
    problems: Mapping[str, str] | None = None,
    reason: str = "",
) -> str:
    """Draw the form with what was typed; ``customer`` is the account's name, "" for the public one.

    ``problems`` maps fields to what is wrong with them, ``reason`` says why nothing was taken
    although every field is right: ``stale``, ``busy``, ``robot``, ``elsewhere``.
    """
    wrong = {name: _problem(name, what, given, language) for name, what in (problems or {}).items()}
    names = [name for name in FILLED if name != "company" or not customer]
    return draw_page(
        "request_form.html",
        language,
        t(language, "page.request_title"),
        "",
        company=company,
        customer=customer,
        fields=[_field(name, given, wrong, language) for name in names],
        given=given,
        problems=wrong,
        labels={name: t(language, f"page.request_{name}") for name in (*LIMITS, "impact")},
        impacts=[(i.value, t(language, f"page.request_impact_{i.value}")) for i in Impact],
        text_max=LIMITS["text"],
        ticket=ticket,
        trap=TRAP,
        reason=t(language, f"page.request_again_{reason}") if reason else "",
    )


def _field(
    name: str, given: Given, wrong: Mapping[str, str], language: Language
) -> Mapping[str, object]:
    """Return what the template draws a field by.

    Keys: ``name``, ``label``, ``value`` (what was typed), ``kind`` (the input's type), ``filled``
    (its autocomplete), ``most`` (in characters), ``problem`` ("" for none), ``optional`` (the
    phone).
    """
    filled, kind = FILLED[name]
    return {
        "name": name, "kind": kind, "filled": filled, "value": getattr(given, name),
        "optional": name == "phone", "most": LIMITS[name], "problem": wrong.get(name, ""),
        "label": t(language, f"page.request_{name}"),
    }  # fmt: skip


def _problem(name: str, what: str, given: Given, language: Language) -> str:
    """Say what is wrong with a field, and what to do."""
    if what == "too_long":
        typed, most = len(getattr(given, name)), LIMITS[name]
        return t(language, "page.request_too_long", count=typed, limit=most)
    key = f"page.request_{what}_{name}" if what == "missing" else f"page.request_bad_{what}"
    return t(language, key)


def check_mail_page(language: Language, company: str) -> str:
    """Say that a link was sent to the typed address, and that nothing counts until it is used."""
    lines = [t(language, "page.request_check"), t(language, "page.request_check_late")]
    title = t(language, "page.request_check_title")
    return draw_page("plain.html", language, title, "", company=company, lines=lines, back="")


def confirm_page(language: Language, company: str) -> str:
    """Ask whether the reader of the mail has sent the form; the button is a POST."""
    title = t(language, "page.request_confirm_title")
    return draw_page("request_confirm.html", language, title, "", company=company)


def request_page(
    language: Language,
    *,
    reference: str,
    stage: str,
    received_at: datetime,
    zone: str,
    told: str,
    words_language: Language,
    page: str,
    phone: str,
    company: str,
    fresh: bool,
) -> str:
    """Draw where a request stands; ``fresh`` thanks right after it was sent.

    ``told`` are words that a person chose for the customer, in ``words_language``; ``page`` is the
    address of the case's own page, "" where there is none.
    """
    title = t(language, "page.request_thanks" if fresh else "page.request_standing")
    return draw_page(
        "request.html",
        language,
        title,
        "",
        company=company,
        number=t(language, "page.request_number", reference=reference),
        stage=t(language, f"page.request_stage_{stage}"),
        next=t(language, f"page.request_next_{stage}"),
        told=told,
        words_language=words_language.value,
        page=page,
        received=t(
            language, "page.request_received", at=format_moment(received_at, language, zone)
        ),
        phone=t(language, "page.request_call", phone=phone) if phone else "",
        fresh=fresh,
    )


def request_gone_page(language: Language, what: str, company: str) -> str:
    """Say that there is nothing to show: ``gone``, ``busy`` or ``large``."""
    title = t(language, f"page.request_{what}_title")
    lines = [t(language, f"page.request_{what}")]
    return draw_page("plain.html", language, title, "", company=company, lines=lines, back="")


def confirm_text(until: datetime, company: str, language: Language) -> tuple[str, str]:
    """Write the subject and the text of the mail by which an address is confirmed.

    It repeats nothing of what was typed, so that no stranger can send words by it.
    """
    subject = t(language, "request_mail.subject")
    said = t(language, "request_mail.confirm", at=format_moment(until, language, "UTC"))
    return subject, f"{said}\n\n{company}" if company else said
