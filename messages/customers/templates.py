"""The approved customer messages: good words in two clicks, completed by a person before sending.

Where only a person knows what to say, the text has a line in brackets; ``unfilled_placeholders``
finds those that were not replaced. Fields of each message: support practice, see docs/glossary.md.

The words that ship are files ``templates/customer/<kind>.<language>.md.j2`` with front matter; a
version that people proposed and approved is a body in the store, in the sandbox's smaller language
(``messages/customers/template_sandbox.py``). Both get the same facts (``letter_facts.py``).
"""

import re
from dataclasses import dataclass
from datetime import date
from functools import cache

from bot.rules.facts import CaseFacts
from bot.rules.letters import TO_OTHERS
from bot.rules.problems.audience import GREETING
from bot.rules.words import Language, MessageKind
from messages.customers import template_sandbox
from messages.customers.letter_facts import LetterSetting, letter_facts
from messages.kit.render import (
    MissingFactError,
    customer_text,
    front_matter,
    split_front_matter,
    template_path,
    template_text,
)
from messages.kit.texts import load_texts, t, text_facts

_BRACKETS = re.compile(r"\[[^\[\]\n]+\]")
_TWO_STOPS = re.compile(r"(?<!\.)([.!?;…])([”\"»)]?)\.(?![.\w])")
_STOP_AFTER_QUOTE = re.compile(r"^([”\"»)])\.(?![.\w])")


@dataclass(frozen=True, slots=True)
class Approval:
    """A template's front matter: who may send it where, who approved it, and until when.

    ``expires`` is the last day on which the words count as approved; ``approver`` is a role;
    ``requires`` are the facts without which nothing is rendered.
    """

    name: str
    audience: str
    channel: tuple[str, ...]
    languages: tuple[Language, ...]
    approver: str
    version: int
    expires: date
    requires: tuple[str, ...]


def customer_template(kind: MessageKind, language: Language) -> str:
    """Return the template's name, below ``templates/``."""
    return f"customer/{kind.value}.{language.value}.md.j2"


@cache
def template_approval(kind: MessageKind, language: Language) -> Approval:
    """Read the front matter of one template; kept for the life of the process.

    Raises FileNotFoundError for a kind that has no file in this language.
    """
    matter = front_matter(customer_template(kind, language))
    return Approval(
        name=matter["name"],
        audience=matter["audience"],
        channel=tuple(matter["channel"]),
        languages=tuple(Language(code) for code in matter["languages"]),
        approver=matter["approver"],
        version=matter["version"],
        expires=matter["expires"],
        requires=tuple(matter["requires"]),
    )


def required_facts(kind: MessageKind) -> tuple[str, ...]:
    """Return the facts without which the message is not rendered; the English file lists them."""
    return template_approval(kind, Language.ENGLISH).requires


def approved_text(
    kind: MessageKind, case: CaseFacts, language: Language, given: LetterSetting, *, body: str = ""
) -> str:
    """Write the message as the composer opens with it, plain text in the customer's language.

    ``body`` is a template that people wrote, used instead of the file. A required fact that such a
    body does not name is not asked for. A letter to many keeps ``{greeting}`` for each receiver.
    Raises MissingFactError naming the first required fact that is not known, and BadTemplateError
    ``too_much`` for a body that prints more than fits.
    """
    facts = letter_facts(case, language, given)
    if kind in TO_OTHERS:
        facts["greeting"] = GREETING
    for fact in required_facts(kind):
        if facts[fact] in (None, "", []) and (
            not body or fact in template_sandbox.facts_used(body)
        ):
            raise MissingFactError(customer_template(kind, language), fact)
    name = customer_template(kind, language)
    text = template_sandbox.render_stored(body, facts) if body else customer_text(name, facts)
    return keep_one_stop(text, facts["quote"]) + "\n"


def text_to_many(
    kind: MessageKind,
    language: Language,
    *,
    sender: str,
    next_update: str,
    expected_on: str = "",
    body: str = "",
) -> str:
    """Write a letter to many as its form opens with it, ``{greeting}`` kept for each receiver.

    ``sender`` signs. Without a promised time, or the day on which a known issue is expected to be
    fixed, the text has brackets for it. ``body`` is a template
    that people wrote. Raises MissingFactError and BadTemplateError as ``approved_text`` does.
    """
    said = next_update or t(language, "customer.time")
    facts = dict.fromkeys(template_sandbox.FACTS, "") | {
        "greeting": GREETING,
        "sender": sender,
        "next_update": said,
        "expected_on": expected_on,
        "targets": [],
    }
    if body:
        return template_sandbox.render_stored(body, facts) + "\n"
    return customer_text(customer_template(kind, language), facts) + "\n"


def keep_one_stop(text: str, own: str = "") -> str:
    """Write one mark where a fact ends with one and the template adds its own: ``client."``.

    ``own`` are the customer's words, which stay as they are; a stop behind their quotation mark
    goes.
    """
    parts = text.split(own) if own else [text]
    parts[1:] = [_STOP_AFTER_QUOTE.sub(r"\1", part) for part in parts[1:]]
    return own.join(_TWO_STOPS.sub(r"\1\2", part) for part in parts)


def unfilled_placeholders(text: str, *bodies: str) -> tuple[str, ...]:
    """Find the bracketed lines of our templates, in any language, that are still in a text.

    ``bodies`` are templates that people wrote. Brackets in the text itself are the writer's. In the
    order of the text; a line that is there twice is found twice.
    """
    ours = _placeholders().union(*(_BRACKETS.findall(body) for body in bodies))
    return tuple(found for found in _BRACKETS.findall(text) if found in ours)


@cache
def _placeholders() -> frozenset[str]:
    """Collect the brackets of every shipped template and of the texts under ``customer.``."""
    found: set[str] = set()
    for language in Language:
        for kind in (each for each in MessageKind if is_shipped(each, language)):
            found.update(_BRACKETS.findall(template_source(kind, language)))
        found.update(
            text
            for key, text in load_texts(language).items()
            if key.startswith("customer.") and _BRACKETS.fullmatch(text) and not text_facts(text)
        )
    return frozenset(found)


def template_source(kind: MessageKind, language: Language) -> str:
    """Return what the file says, below its front matter."""
    return split_front_matter(template_text(customer_template(kind, language)))[1]


def is_shipped(kind: MessageKind, language: Language) -> bool:
    """True when a file has the words of this kind in this language."""
    return template_path(customer_template(kind, language)) is not None
