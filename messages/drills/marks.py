"""Everything of a drill says that it is one: first, in words, wherever it is read."""

from dataclasses import replace

from bot.rules.facts import CaseFacts
from bot.rules.words import Language
from messages.kit.blocks import MESSAGE_BLOCKS_MAX, TEXT_MAX, Message, context, fit
from messages.kit.texts import t


def mark_drill(said: Message, case: CaseFacts | None, language: Language) -> Message:
    """The message below a line that says that this is a drill; of any other case as it is.

    Its text, which notifications show, begins with the same word.
    """
    if case is None or not case.drill:
        return said
    above = context(t(language, "drill.mark"))
    text = fit(f"{t(language, 'drill.word')} · {said.text}", TEXT_MAX)
    return replace(said, text=text, blocks=[above, *said.blocks][:MESSAGE_BLOCKS_MAX])
