"""The pages that customers open, in their language: HTML with nothing from elsewhere.

Every page is one answer: its style is inside it, named by hash in the policy that the browser
enforces, so no script, picture, font or frame can be added by anybody. Each page links to itself in
the other languages.

``handlers/http/pages.py`` answers requests and limits them, ``bot/feedback/pages.py`` decides what
a token opens. A page has only what was meant for the customer: status and last message, never the
record, the severity or what colleagues wrote to each other.
"""

import base64
import hashlib
from collections.abc import Mapping
from datetime import datetime
from functools import cache, partial
from typing import Any

from markupsafe import Markup

from bot.rules.words import Language
from messages.customers.html import PAGES, render_page
from messages.kit.dates import format_moment
from messages.kit.texts import t


@cache
def page_style() -> str:
    """Read the style of every page, without the blank space around it.

    The page has exactly these characters between its tags, so that the hash matches.
    """
    return (PAGES / "style.css").read_text("utf-8").strip()


@cache
def page_headers() -> Mapping[str, str]:
    """Return the headers of every page: nothing loads, nothing is indexed, no address is passed on.

    The policy names the style by its hash, so a changed style needs a new process.
    """
    digest = base64.b64encode(hashlib.sha256(page_style().encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; form-action 'self';"
        " frame-ancestors 'none'; base-uri 'none'"
    )
    return {
        "Content-Security-Policy": policy,
        "X-Robots-Tag": "noindex, nofollow, noarchive",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    }


def draw_page(
    name: str, language: Language, title: str, reference: str, *, company: str, **facts: Any
) -> str:
    """Render a page; ``say`` gives templates the texts under ``page.``.

    ``others`` are the other languages, for the links at the top. ``company`` says whose page it is;
    where it or the reference is empty, it is left out.
    """
    return render_page(
        name,
        language=language.value,
        others=[(each.value, each.data.name) for each in Language if each is not language],
        title=title,
        company=company,
        reference=t(language, "page.reference", reference=reference) if reference else "",
        style=Markup(page_style()),  # noqa: S704 - our own file, the same for everybody
        say=partial(_say, language),
        **facts,
    )


def _say(language: Language, key: str) -> str:
    return t(language, f"page.{key}")


def question_page(
    kind: str,
    language: Language,
    reference: str,
    given: Mapping[str, Any],
    *,
    answered: bool,
    problem: str = "",
    company: str = "",
) -> str:
    """Draw the form of a pulse or a survey; ``kind`` is ``pulse`` or ``survey``.

    ``given`` has ``score`` and ``effort``, each 1 to 5 or None, and ``comment``, "" for none; a
    pulse does not ask for the effort. ``answered`` offers to change the answer, ``problem`` is the
    name of the field that was refused.
    """
    scales = [("score", _say(language, f"{kind}_score"))]
    if kind == "survey":
        scales.append(("effort", _say(language, "effort")))
    return draw_page(
        "question.html",
        language,
        _say(language, f"{kind}_title"),
        reference,
        scales=scales,
        given=given,
        answered=answered,
        problem=problem,
        company=company,
    )


def thanks_page(
    language: Language,
    reference: str,
    until: datetime,
    zone: str,
    *,
    unhappy: str,
    back: str,
    company: str = "",
) -> str:
    """Draw the page after an answer, which can be changed until ``until``.

    ``unhappy`` promises a call to a customer who is, sooner after a ``pulse`` than after a
    ``survey``; empty for others. ``back`` is the query by which the form is opened again.
    """
    lines = [_say(language, f"thanks_low_{unhappy}")] if unhappy else []
    lines.append(t(language, "page.thanks", at=format_moment(until, language, zone)))
    title = _say(language, "thanks_title")
    return draw_page(
        "plain.html", language, title, reference, company=company, lines=lines, back=back
    )


def unavailable_page(language: Language, what: str, company: str = "") -> str:
    """Say that there is nothing to show, and what helps.

    ``what`` is ``gone``, the same for a link that expired, was revoked or never was, or ``busy``
    for too many requests.
    """
    lines, title = [_say(language, what)], _say(language, f"{what}_title")
    return draw_page("plain.html", language, title, "", company=company, lines=lines, back="")


def status_page(
    language: Language,
    *,
    reference: str,
    stage: str,
    zone: str,
    caller: str,
    phone: str,
    last_text: str,
    last_at: datetime | None,
    next_at: datetime | None,
    now: datetime,
    waiting: bool,
    words_language: Language,
    company: str = "",
) -> str:
    """Draw the status of a case, as far as its customer has been told.

    ``stage`` names a text under ``stage.``. ``last_text`` is the last message, word for word, in
    ``words_language``; without ``last_at`` there was none. ``next_at`` is the promised next update:
    one in the past is said to be late. ``now`` is shown without seconds, so that a page that is
    asked for again within a minute stays the same. ``waiting`` says that an answer of the customer
    is awaited.
    """
    when = partial(format_moment, language=language, zone=zone)
    key = "next_none" if next_at is None else "next_late" if next_at < now else "next_by"
    return draw_page(
        "status.html",
        language,
        t(language, "page.status_title", reference=reference),
        reference,
        company=company,
        stage=t(language, f"stage.{stage}"),
        waiting=waiting,
        next=t(language, f"page.{key}", at=when(next_at) if next_at else ""),
        last_title=t(language, "page.last", at=when(last_at)) if last_at else "",
        last_text=last_text,
        words_language=words_language.value,
        call=t(language, "page.call_who", name=caller),
        phone=t(language, "page.call_phone", phone=phone) if phone else "",
        as_of=t(language, "page.as_of", at=when(now.replace(second=0, microsecond=0))),
    )
