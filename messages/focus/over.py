"""What was kept while a technical lead was in focus, in one direct message when it is over."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.rules.facts import CaseFacts
from bot.rules.focus.facts import FocusEnd
from bot.rules.words import Language
from messages.cases.notice_table import STANDINGS
from messages.kit.blocks import (
    MESSAGE_BLOCKS_MAX,
    Block,
    Message,
    actions,
    button,
    context,
    divider,
    message,
    section,
)
from messages.kit.mrkdwn import escape, mention_user, quote_text, slack_date
from messages.kit.notice_spec import draw_buttons
from messages.kit.texts import plural, t

LAST = 3  # blocks that ask how it is going
ROOM = MESSAGE_BLOCKS_MAX - 1 - LAST  # for all that waited, below the title

Compose = Callable[[str, Mapping[str, Any], CaseFacts, Language], Message]


def focus_message(
    name: str, case: CaseFacts, language: Language, extra: Mapping[str, Any], compose: Compose
) -> Message:
    """Compose ``over``; ``extra`` is what ``bot.focus.period`` tells.

    ``items`` are questions, each with the button that answers it, and messages as they would have
    been said, with their own buttons; ``compose`` makes these. Of a restricted case a question's
    words are not shown outside its channel. Raises KeyError for another name.
    """
    if name != "over":
        raise KeyError(name)
    items = list(extra["items"])
    title = _title(case, language, extra, int(extra.get("total", len(items))))
    text, blocks = [title], [section(title)]
    room = ROOM // max(len(items), 1)
    for number, item in enumerate(items, start=1):
        if "query" in item:
            said = _question(case, language, item, number)
        else:
            said = _kept(case, language, item, compose)
        text.append(said.text)
        blocks += [divider(), *_fit(said.blocks, room - 1)]
    if not extra["more"] and extra["ended"] == FocusEnd.OVER:
        subject = {"case": case.number}
        presses = draw_buttons(STANDINGS, {"case": case, "it": {}}, language, subject)
        ask = t(language, "focus.how_is_it")
        blocks += [divider(), section(ask), *_row(*presses)]
    return message("\n\n".join(text), *blocks)


def _fit(blocks: Sequence[Block], room: int) -> list[Block]:
    """As many of an item's blocks as have room; what can be pressed goes before words."""
    pressed = [each for each in blocks if each["type"] == "actions"]
    words = max(room - len(pressed), 1)
    found: list[Block] = []
    for each in blocks:
        if each["type"] == "actions" or (words := words - 1) >= 0:
            found.append(each)
    return found[:room]


def _title(case: CaseFacts, language: Language, extra: Mapping[str, Any], count: int) -> str:
    """Say that it is over and why, and how much was kept and let through."""
    if extra["more"]:
        return t(language, "focus.more", reference=case.reference)
    if extra.get("passed"):
        return t(
            language, "focus.passed", reference=case.reference, user=mention_user(extra["user"])
        )
    why = t(
        language, f"focus.ended.{extra['ended']}",
        reference=case.reference, user=mention_user(str(extra["by"])),
    )  # fmt: skip
    kept = plural(language, "focus.kept", count) if count else t(language, "focus.nothing_kept")
    through = int(extra["interruptions"])
    broken = f" {plural(language, 'focus.through', through)}" if through else ""
    return f"*{why}*\n{kept}{broken}"


def _when(item: Mapping[str, Any], language: Language) -> str:
    return slack_date(datetime.fromisoformat(str(item["kept_at"])), language)


def _question(case: CaseFacts, language: Language, item: Mapping[str, Any], number: int) -> Message:
    """A question with who asked when, and the button that answers it.

    ``number`` tells the buttons of one message apart.
    """
    lead = t(
        language, "focus.asked", user=mention_user(str(item["by"])), when=_when(item, language)
    )
    hidden = t(language, "focus.in_record")
    words = f"\n{hidden if case.sensitive else quote_text(str(item['words']))}"
    values = {"case": case.number, "query": item["query"]}
    press = button(
        f"ask:answer_question#{number}", t(language, "press.answer_question"), values,
        style="primary",
    )  # fmt: skip
    return Message(lead + words, [section(lead + words), *_row(press)])


def _row(*presses: Block) -> list[Block]:
    row = actions(*presses)
    return [row] if row else []


def _kept(
    case: CaseFacts, language: Language, item: Mapping[str, Any], compose: Compose
) -> Message:
    """A message as it would have been said, below a line that says since when it was kept.

    Where what it was about is gone, that there was one: the others must be told all the same.
    """
    when = _when(item, language)
    try:
        said = compose(str(item["text"]), item["extra"], case, language)
    except (LookupError, ValueError):  # what it was about is no more, and the rest must be told
        gone = t(language, "focus.gone", when=when, reference=escape(case.reference))
        return Message(gone, [section(gone)])
    at = t(language, "focus.kept_at", when=when)
    return Message(f"{at}\n{said.text}", [context(at), *said.blocks])
