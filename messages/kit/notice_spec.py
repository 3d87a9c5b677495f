"""What a notice is made of besides its words: the facts it needs, the buttons it offers.

The tables of notices (``messages/cases/notice_table.py``, ``messages/problems/notice_table.py``)
are rows of these. What the caller gives is JSON, so that a notice can wait in the outbox.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from bot.rules.words import Language
from messages.kit.blocks import Block, button
from messages.kit.texts import t

Facts = Mapping[str, Any]


def _nothing(facts: Facts) -> Facts:
    return {}


def _always(facts: Facts) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class ButtonSpec:
    """A button: its action, its text ``<family>.<text>``, its values, and when it is offered.

    ``values`` and ``offered`` get the notice's facts, in which ``it`` is what the caller gave. What
    ``values`` returns is sent back by Slack when the button is pressed, at most 2000 characters as
    JSON. ``sure`` makes the question that Slack asks first.
    """

    action: str
    text: str
    values: Callable[[Facts], Facts] = _nothing
    style: str = ""
    offered: Callable[[Facts], bool] = _always
    family: str = "press"
    sure: Callable[[Facts, Language], Block] | None = None


@dataclass(frozen=True, slots=True)
class NoticeSpec:
    """What a notice is made of. ``needs`` must be given and not None, ``defaults`` may be given.

    ``presses`` are its buttons, in order.
    """

    needs: tuple[str, ...] = ()
    presses: tuple[ButtonSpec, ...] = ()
    defaults: Facts = field(default_factory=dict)


def take_given(*names: str, **fixed: Any) -> Callable[[Facts], Facts]:
    """Make a function for a button's values: the given facts of these names, and fixed ones.

    Raises KeyError, when the button is drawn, for a name that the notice was not given.
    """
    return lambda facts: {name: _plain(facts["it"][name]) for name in names} | fixed


def _plain(value: Any) -> Any:
    """An enum as its value, since a button's values travel as JSON; anything else as it is."""
    return value.value if isinstance(value, Enum) else value


def draw_buttons(
    presses: tuple[ButtonSpec, ...], facts: Facts, language: Language, subject: Facts
) -> list[Block]:
    """Draw the buttons offered with these facts; a second one of the same action gets ``#2``.

    ``subject`` is what each button's value names its case or problem by: ``{"case": 7}``.
    """
    blocks: list[Block] = []
    for press in presses:
        if not press.offered(facts):
            continue
        before = sum(block["action_id"].partition("#")[0] == press.action for block in blocks)
        action = f"{press.action}#{before + 1}" if before else press.action
        values = {**subject, **press.values(facts)}
        text = t(language, f"{press.family}.{press.text}")
        sure = press.sure(facts, language) if press.sure else None
        blocks.append(button(action, text, values, style=press.style, sure=sure))
    return blocks
