"""What people hear of the sponsorship programme: sentence, quotes, buttons.

The texts are named ``sponsorship:<name>`` in the outbox and in private answers; ``notice_table``
has the names and what each carries. Each is made of its row alone.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from bot.rules.sponsorship.quarters import last_minute
from bot.rules.sponsorship.words import (
    ExitGround,
    NextStep,
    SponsorshipExit,
    SponsorshipTopic,
    TouchKind,
)
from bot.rules.words import Language
from messages.kit.blocks import Message, actions, message, section
from messages.kit.case_lines import short_text
from messages.kit.mrkdwn import mention_user, mrkdwn_link, on_day, quote_text, slack_date
from messages.kit.notice_spec import Facts, draw_buttons
from messages.kit.render import MissingFactError
from messages.kit.template_context import text_chunks
from messages.kit.texts import label, plural, t
from messages.sponsorship.notice_table import ENDINGS, SPONSORSHIP_NOTICES

PEOPLE = ("sponsor", "deputy", "by", "left", "user", "offered_to")
DAYS = ("review_on", "ends_on", "first_on", "last_on")
INSTANTS = ("touch_at", "began_at", "until")  # beside "due", which is the end of a day
WORDS = {
    "how": TouchKind,
    "exit_reason": SponsorshipExit,
    "topic": SponsorshipTopic,
    "ground": ExitGround,
    "step": NextStep,
}
NUMBERS = ("score", "most", "place", "times", "case")
QUOTED = ("reason", "remark", "note", "why_text", "duties", "training")  # what people wrote


def sponsorship_notice(name: str, language: Language, extra: Mapping[str, Any]) -> Message:
    """Compose a message about the programme; ``extra`` has what the table's ``needs`` name.

    Raises KeyError for an unknown name, and MissingFactError for a needed fact that is absent.
    """
    spec = SPONSORSHIP_NOTICES[name]
    for fact in spec.needs:
        if extra.get(fact) is None:
            raise MissingFactError(f"sponsorship.said.{name}", fact)
    ending = ENDINGS[name](extra) if name in ENDINGS else ""
    key = f"sponsorship.said.{name}_{ending}" if ending else f"sponsorship.said.{name}"
    said = t(language, key, **sentence_facts(extra, language))
    parts = list(_parts(name, extra, language))
    return message(
        "\n".join([said, *parts]),
        section(said),
        *(section(chunk) for part in parts for chunk in text_chunks(part)),
        actions(*draw_buttons(spec.presses, {"it": extra}, language, {})),
    )


def sentence_facts(it: Facts, language: Language) -> dict[str, object]:
    """What a sentence may name, as mrkdwn; what is empty or not given is left out."""
    found: dict[str, object] = {n: mention_user(str(it[n])) for n in PEOPLE if it.get(n)}
    found |= {n: on_day(date.fromisoformat(it[n]), language) for n in DAYS if it.get(n)}
    found |= {n: slack_date(_instant(it[n]), language) for n in INSTANTS if it.get(n)}
    if it.get("due"):
        found["due"] = slack_date(last_minute(_instant(it["due"])), language)
    found |= {n: label(language, kind(it[n])) for n, kind in WORDS.items() if it.get(n)}
    found |= {n: it[n] for n in NUMBERS if it.get(n) is not None}
    if it.get("months"):
        found["months"] = plural(language, "sponsorship.months", int(it["months"]))
    if it.get("customer"):
        found["customer"] = short_text(str(it["customer"]), 100)
    if it.get("url"):
        found["link"] = mrkdwn_link(str(it["url"]), t(language, "sponsorship.open_brief"))
    if "missing" in it:
        found["missing"] = list_topics(it["missing"], language)
    return found


def list_topics(topics: Any, language: Language) -> str:
    """The topics by their names, in the order given."""
    return ", ".join(label(language, SponsorshipTopic(each)) for each in topics)


def _instant(value: Any) -> datetime:
    """The instant itself, or as a row of the outbox has it: in ISO 8601."""
    return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))


def _parts(name: str, it: Facts, language: Language) -> Iterator[str]:
    """Yield what stands below the sentence: quotes under their headings, and lines of facts."""
    for fact in SPONSORSHIP_NOTICES[name].defaults:
        text = str(it.get(fact) or "")
        if fact in QUOTED and text:
            heading = t(language, f"sponsorship.part.{fact}")
            yield f"{heading}\n{quote_text(text)}" if heading.strip("-") else quote_text(text)
        elif fact == "consent_by":
            key = "consent" if text else "no_consent"
            yield t(language, f"sponsorship.{key}", by=short_text(text, 100))
        elif fact == "standing":
            yield t(language, "sponsorship.entry", **sentence_facts(it, language))
