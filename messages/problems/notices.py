"""Compose what people hear about a problem, its broadcasts and its talking points.

The texts are named ``problem:<name>`` in the outbox; ``notice_table.py`` has the names and what
each carries. Unlike a case's notice, which shows the case as it is when the message is composed, a
problem's notice is made of its row alone: it says what was true when it was queued.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from bot.rules.words import Language
from messages.kit.blocks import TEXT_MAX, Message, actions, context, message, section
from messages.kit.case_lines import short_text
from messages.kit.mail_lines import mail_lines
from messages.kit.mrkdwn import (
    escape,
    mention_channel,
    mention_user,
    on_day,
    quote_text,
    slack_date,
)
from messages.kit.notice_spec import Facts, draw_buttons
from messages.kit.render import MissingFactError
from messages.kit.routes import route_name
from messages.kit.template_context import mention_person, text_chunks
from messages.kit.texts import plural, t
from messages.problems.broadcast import sample_of
from messages.problems.lines import audience_name, problem_name
from messages.problems.notice_table import PROBLEM_NOTICES
from messages.problems.talking_points import sections_of

NAMES_SHOWN = 20  # receivers named in a question; the list has them all
PEOPLE = frozenset({"by", "author", "left", "heir", "user"})
# Where receivers' messages are found in what was given: pairs of a customer and a text.
SAMPLES: Mapping[str, str] = {"broadcast_asked": "samples", "broadcast_lines": "lines"}


def problem_notice(
    name: str, language: Language, extra: Mapping[str, Any], *, inside: bool = False
) -> Message:
    """Compose a message about a problem; ``inside`` is said in its own channel.

    ``extra`` has what the table's ``needs`` name, and ``problem``, ``title`` and ``channel``; only
    outside the channel is the channel linked. Every button's value has ``problem``. The text is cut
    at 3000 characters, the sections are not. Raises KeyError for an unknown name, MissingFactError
    for a needed fact that is absent or None, and MissingTextError where the sentence uses a fact
    that is not given.
    """
    spec = PROBLEM_NOTICES[name]
    for fact in spec.needs:
        if extra.get(fact) is None:
            raise MissingFactError(f"problem.said.{name}", fact)
    sentence = f"problem.said.{name}{spec.ending(extra)}"
    said, parts = t(language, sentence, **_facts(extra, language)), _below(name, extra, language)
    if extra.get("note") or extra.get("files"):
        parts = [*parts, mail_lines(extra, language)]
    place = extra.get("channel") if not inside else None
    facts = {"it": extra, "inside": inside}
    return message(
        "\n".join([said, *parts])[:TEXT_MAX],
        section(said),
        *(section(part) for part in parts),
        context(t(language, "problem.place", channel=mention_channel(str(place))))
        if place
        else None,
        actions(*draw_buttons(spec.presses, facts, language, {"problem": extra.get("problem")})),
    )


def _facts(it: Facts, language: Language) -> dict[str, object]:
    """Turn ``extra`` into facts of a sentence, as mrkdwn that is ready for Slack.

    ``name`` is the problem's reference and title, ``people`` mentions, ``customers`` at most 20
    names and how many more there are, ``recipients`` the ``count`` of customers in words, ``why``
    the words for ``hindrance``. Keys that are None are left out.
    """
    facts: dict[str, object] = {
        "name": problem_name(
            int(it.get("problem", 0)), str(it.get("title", "")), known=bool(it.get("issue"))
        ),
        "people": ", ".join(mention_user(str(each)) for each in it.get("people", ())),
        "customers": _names(it.get("customers", ()), language),
    }
    for key, value in it.items():
        if key in facts or value is None:
            continue
        facts[key] = _fact(key, value, language)
    if it.get("count") is not None:
        facts["recipients"] = plural(language, "problem.recipients", int(it["count"]))
    if "hindrance" in it:
        why = t(language, f"no_channel.{it['hindrance']}", scope="channels:manage")
        facts["why"] = escape(why)
    return facts


def _fact(key: str, value: Any, language: Language) -> object:
    """Write one value: people as mentions, instants in the reader's zone, numbers as they are.

    Case numbers become references, and text is cut to 200 characters and escaped.
    """
    if key in PEOPLE:
        return mention_person(str(value), language)
    if key == "audience":
        return audience_name(str(value), language)
    if key in ("due", "next_update_at", "expires_at"):
        return slack_date(datetime.fromisoformat(str(value)), language)
    if key == "day":
        return on_day(date.fromisoformat(str(value)), language)
    if key == "cases":
        return ", ".join(f"ESC-{number}" for number in value) or "-"
    return value if isinstance(value, int) else short_text(str(value), 200)


def _names(customers: Sequence[str], language: Language) -> str:
    """List at most 20 customers, and count the others."""
    shown = ", ".join(short_text(each, 80) for each in customers[:NAMES_SHOWN])
    more = len(customers) - NAMES_SHOWN
    return shown + (", " + plural(language, "problem.more_affected", more) if more > 0 else "")


def _below(name: str, it: Facts, language: Language) -> list[str]:
    """List what is shown below the sentence: people's own words, samples, talking points.

    Each part fits one section. The two parts of ``edited`` have headings; other quotes have none.
    """
    if name in ("points_asked", "points_unread"):
        texts = {k: str(it.get(k) or "") for k in ("say", "dont_say", "questions", "scope")}
        return sections_of(language, **texts)
    if name == "went":
        return _went(it, language)
    if name in SAMPLES:
        samples = [sample_of(to, text, language) for to, text in it[SAMPLES[name]]]
        parts = [part for sample in samples for part in sample]
        return text_chunks("\n".join(parts)) if name == "broadcast_lines" else parts
    quoted = [(key, str(it[key])) for key in PROBLEM_NOTICES[name].quotes if it.get(key)]
    if name == "edited":
        return [
            part
            for key, text in quoted
            for part in text_chunks(f"*{t(language, f'problem.{key}')}*\n{quote_text(text)}")
        ]
    return [part for _, text in quoted for part in text_chunks(quote_text(text))]


def _went(it: Facts, language: Language) -> list[str]:
    """List how many messages go by which of our routes, then by name those that people send."""
    lines = [
        t(language, "problem.went.route", route=route_name(str(route), language), count=count)
        for route, count in it["routes"]
    ]
    if it.get("withheld"):
        lines.append(t(language, "problem.went.left", count=it["withheld"]))
    if it.get("hand"):
        lines.append(t(language, "problem.went.hand", count=len(it["hand"])))
    for customer, recipient, owner in it.get("hand", ()):
        name = short_text(customer, 80) or t(language, "problem.somebody")
        to = short_text(recipient, 120) or t(language, "problem.went.no_address")
        user = mention_user(owner)
        lines.append(t(language, "problem.went.one", customer=name, recipient=to, user=user))
    return text_chunks("\n".join(lines))
