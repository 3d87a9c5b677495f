"""What a message that only one person sees becomes once its button did what it says.

The words of a verb are under ``done.``; where a button chooses between several outcomes, these are
the forms below it, by the value of the field that chooses. A verb without words of its own says
that it is done. What only sets something going says so, and never that it is done: whether it
worked is told later (``mend``, ``send_broadcast``, ``retry_receipts``, a message that we send).
"""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from bot.rules.words import HelpDesk, Language
from messages.kit import mrkdwn
from messages.kit.blocks import MESSAGE_BLOCKS_MAX, Block, Message, context, message
from messages.kit.texts import load_texts, t

# What a button is about; two buttons of one verb are the same choice where these agree.
ABOUT = frozenset(
    {"case", "problem", "ask", "draft", "handover", "action", "talk", "mail", "reply", "clock",
     "cycle", "template", "broadcast", "points", "receipt", "review", "membership", "topic",
     "query", "applied", "step", "helper"}
)  # fmt: skip
BY_US = frozenset(
    {"mail", "slack", *HelpDesk}
)  # routes by which the app sends, so delivery is still to come
# A verb that does for several what another does for one: its field with all of them, and that
# other verb with its field for the one.
FOR_ALL = {"accept_offers": ("offers", "answer_handover", "handover")}
TO_CALENDAR = frozenset({"call_to_calendar", "touch_to_calendar"})  # the file itself is the answer
TELLING = frozenset({"update", "resolve"})  # verbs with a message to the customer
WAITS = frozenset({"notice:approval_waits", "problem:approval_waits"})  # asked, not done yet


def done_line(
    verb: str, fields: Mapping[str, Any], at: datetime, language: Language, *, waits: bool = False
) -> str:
    """Say what the reader did, and when, in mrkdwn: “You declined, 14:02”.

    ``waits``: another person has to agree first. The first text that the reader's language has
    counts: ``done.<verb>.<value>`` for each field, ``done.<verb>``, ``done.other``. A message that
    the app still sends is ``done.sending``, and what waits for another person ``done.waits`` in any
    case.
    """
    outcomes = [f"done.{verb}.{str(value).lower()}" for value in fields.values()]
    if verb in TELLING and fields.get("route") in BY_US:
        outcomes = ["done.sending"]
    keys = ("done.waits",) if waits else (*outcomes, f"done.{verb}", "done.other")
    key = next(key for key in keys if key in load_texts(language))
    return t(language, key, at=mrkdwn.time_of_day(at))


def is_still_owed(verb: str, fields: Mapping[str, Any]) -> bool:
    """True where what else the message offers is still to be done.

    A customer who was not reached is called again; a call that stands in a calendar is to be made.
    """
    return verb in TO_CALENDAR or (verb == "breach_talk" and fields.get("way") == "not_reached")


def closed_message(
    line: str, text: str = "", blocks: Sequence[Block] = (), **about: Any
) -> Message:
    """Replace the buttons that led to it by the line; what else can be pressed stays.

    Without ``blocks``, which Slack does not show of a message that is visible to one person, the
    line is all. ``about``: ``verb`` and ``fields`` of the request.
    """
    if not blocks:
        return message(line, context(line))
    kept = [_without(block, about["verb"], about["fields"]) for block in blocks]
    shown = [block for block in kept if block is not None][: MESSAGE_BLOCKS_MAX - 1]
    return Message(text or line, [*shown, context(line)])


def _without(block: Block, verb: str, fields: Mapping[str, Any]) -> Block | None:
    """The block without what led to the request; None where nothing of it is left."""
    if block.get("type") == "actions":
        left = [each for each in block["elements"] if not _leads_to(each, verb, fields)]
        return {**block, "elements": left} if left else None
    if block.get("accessory") and _leads_to(block["accessory"], verb, fields):
        return {key: value for key, value in block.items() if key != "accessory"}
    return block


def _leads_to(element: Block, verb: str, fields: Mapping[str, Any]) -> bool:
    """True for a button of the verb about the same thing.

    Whether it runs the verb, asks for it or shows it makes no difference. Of the fields in
    ``ABOUT`` those count that both sides have; a value that is no JSON leads to nothing. What was
    done for all (``FOR_ALL``) needs the buttons of each no more.
    """
    name = str(element.get("action_id", "")).partition("#")[0].partition(":")[2]
    several, single, one = FOR_ALL.get(verb, ("", "", ""))
    if name not in {verb, single}:
        return False
    try:
        value = json.loads(element.get("value") or "{}")
    except ValueError:
        return False
    if name == single:
        return value.get(one) in fields.get(several, ())
    same = (key for key in ABOUT if key in value and key in fields)
    return all(str(value[key]) == str(fields[key]) for key in same)


def keep_offered(said: Message, offers: Callable[[str], bool]) -> Message:
    """Leave out buttons and entries of menus that lead to what ``offers`` says no to.

    ``offers`` is asked with an interaction id such as ``ask:close``.
    """
    kept = [_offered(block, offers) for block in said.blocks]
    return Message(said.text, [block for block in kept if block is not None])


def _offered(block: Block, offers: Callable[[str], bool]) -> Block | None:
    """The block without what is not offered; None where nothing of a row of buttons is left."""
    if block.get("type") == "actions":
        found = (_offered_element(each, offers) for each in block["elements"])
        left = [each for each in found if each is not None]
        return {**block, "elements": left} if left else None
    if "accessory" in block:
        element = _offered_element(block["accessory"], offers)
        rest = {key: value for key, value in block.items() if key != "accessory"}
        return rest if element is None else {**rest, "accessory": element}
    return block


def _offered_element(element: Block, offers: Callable[[str], bool]) -> Block | None:
    """The element, a menu with what is left of it; None where nothing is."""
    if element.get("type") == "overflow":
        left = [o for o in element["options"] if offers(str(o["value"]).partition("|")[0])]
        return {**element, "options": left} if left else None
    return element if offers(str(element.get("action_id", "")).partition("#")[0]) else None
