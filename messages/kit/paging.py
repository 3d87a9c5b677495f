"""Turning the pages of a list: the buttons to the one before and the one behind."""

from collections.abc import Mapping
from typing import Any

from bot.rules.words import Language
from messages.kit.blocks import Block, button
from messages.kit.texts import t


def nearest_page(page: int, count: int, size: int) -> tuple[int, int]:
    """The page there is that is nearest to ``page``, and how many there are, at least one.

    Pages count from 1; ``count`` entries stand on them, ``size`` on each.
    """
    pages = max(1, -(-count // size))
    return min(max(page, 1), pages), pages


def turn_pages(
    action: str, page: int, pages: int, language: Language, about: Mapping[str, Any]
) -> list[Block]:
    """The buttons from ``page`` to those beside it, as far as there are ``pages``.

    Each is ``action`` with the fields ``about`` and ``page``; the first and the last page have one.
    """
    return [
        button(f"{action}#{name}", t(language, f"answer.{name}"), {**about, "page": to})
        for name, to in (("earlier", page - 1), ("later", page + 1))
        if 1 <= to <= pages
    ]
