"""An executive's morning in at most ten lines: what only they can decide, then what to know.

The order is the order of importance: asks, what the reader owes customers, breaches, cases at
risk with where they are going, wins. What does not fit is
therefore what matters least; the last line then says how many lines were left out. Which cases
belong here is decided in ``bot/cases/queries.py``, the hour in ``bot/cases/digests.py``. The
words are in ``templates/digest/<name>.<language>.j2``.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.rules.facts import AskFacts, CaseFacts, DigestFacts, TrendFacts
from bot.rules.words import Language
from messages.executives.owed import NAME_SHOWN, owed_line
from messages.kit import mrkdwn
from messages.kit.blocks import Block, Message, button, message, section
from messages.kit.render import Safe, slack_text
from messages.kit.template_context import clip_line, mention_person, template_facts
from messages.kit.texts import label, t

LINES_MAX = 10  # lines of a digest; executives read it on a telephone
QUESTION_MAX = 140  # characters of a question on its line
STAKE_MAX = 80  # characters of a stake on its line


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of mrkdwn; ``ask`` is what its button answers, None for what is only to be known."""

    text: str
    ask: AskFacts | None = None


def digest_message(news: DigestFacts, language: Language) -> Message:
    """Compose the digest as a direct message, one button for each decision asked of its reader.

    A restricted case shows neither its customer nor what people wrote, its question neither.
    """
    lines = [_ask(ask, language) for ask in news.asks]
    lines += [_Line(f"📞 {owed_line(each, language)}") for each in news.owed]
    lines += [_case(name, case, language, news) for name, case in _told(news)]
    headline = slack_text(_template("headline", language), _counts(news, language))
    shown = _cut(lines, language)
    text = "\n".join([headline, *(line.text for line in shown)])
    return message(text, section(f"*{headline}*"), *_blocks(shown, language))


def _template(name: str, language: Language) -> str:
    """Return the template's name below ``templates/``."""
    return f"digest/{name}.{language.value}.j2"


def _told(news: DigestFacts) -> list[tuple[str, CaseFacts]]:
    """Return each case once, under the gravest of its headings, with its template's name."""
    found: dict[int, tuple[str, CaseFacts]] = {}
    for name, cases in (("breach", news.breaches), ("risk", news.at_risk), ("win", news.wins)):
        for case in cases:
            found.setdefault(case.number, (name, case))
    return list(found.values())


def _counts(news: DigestFacts, language: Language) -> dict[str, str | int]:
    """Return the facts of the headline; a case that is both late and a win counts as a risk."""
    risks = sum(name != "win" for name, _ in _told(news))
    return {
        "day": mrkdwn.on_day(news.local_day, language),
        "asks": len(news.asks),
        "owed": len(news.owed),
        "risks": risks,
        "wins": len(_told(news)) - risks,
    }


def _ask(ask: AskFacts, language: Language) -> _Line:
    """Write the line of an ask: of which customer, and by when an answer is awaited.

    A hidden question is "", for which the template has other words.
    """
    facts = {
        "reference": f"ESC-{ask.case_number}",
        "customer": clip_line(ask.customer, NAME_SHOWN),
        "due": Safe(mrkdwn.slack_date(ask.answer_by, language)) if ask.answer_by else "",
        "asker": mention_person(ask.asked_by, language),
        "question": "" if ask.restricted else clip_line(ask.question, QUESTION_MAX),
    }
    return _Line(slack_text(_template("ask", language), facts), ask)


def _case(name: str, case: CaseFacts, language: Language, news: DigestFacts) -> _Line:
    """Write the line of a case; its stake is cut to ``STAKE_MAX`` before it is escaped."""
    facts = template_facts(case, language, hidden=case.sensitive)
    facts["stake"] = clip_line(facts["case"].stake, STAKE_MAX)
    moved = news.trends.get(case.number) if name == "risk" else None
    facts["trend"] = _trend(moved, language) if moved else ""
    facts["new_owner"] = moved.owner if moved else ""
    return _Line(slack_text(_template(name, language), facts))


def _trend(moved: TrendFacts, language: Language) -> str:
    """Say where a case is going, with its arrow and the reason where there is one."""
    said = label(language, moved.trend)
    if moved.reason is None:
        return said
    return t(language, "digest.because", trend=said, reason=label(language, moved.reason))


def _cut(lines: Sequence[_Line], language: Language) -> list[_Line]:
    """Keep the first lines below the headline; the last line then counts the others.

    The line that counts is for at least two lines, and has no button.
    """
    room = LINES_MAX - 1  # below the headline
    if len(lines) <= room:
        return list(lines)
    left = len(lines) - room + 1
    return [*lines[: room - 1], _Line(t(language, "digest.more", count=left))]


def _blocks(lines: Sequence[_Line], language: Language) -> list[Block]:
    """Draw a section with its button for each ask; what is only to be known shares one section."""
    blocks = [
        section(line.text, _decide(line.ask, number, language))
        for number, line in enumerate(lines, start=1)
        if line.ask
    ]
    rest = "\n".join(line.text for line in lines if not line.ask)
    return [*blocks, section(rest)] if rest else blocks


def _decide(ask: AskFacts, number: int, language: Language) -> Block:
    """Draw the button of an ask, which opens the form for the answer."""
    text = t(language, "press.decide", reference=f"ESC-{ask.case_number}")
    values = {"case": ask.case_number, "ask": ask.id}
    return button(f"ask:answer_ask#{number}", text, values)
