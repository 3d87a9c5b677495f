"""The language that a person chose: what they are told of it."""

from bot.rules.words import AS_IN_SLACK, Language
from messages.kit.blocks import Message, actions, button, message, section
from messages.kit.texts import label, t


def language_chosen(language: Language, chosen: str) -> Message:
    """Tell a person, in the language that is theirs from now on, that it is; with a way back.

    ``chosen`` is a language's code, or ``slack``: then the language is what Slack tells of them.
    """
    key = "language.as_in_slack" if chosen == AS_IN_SLACK else "language.chosen"
    words = t(language, key, language=_named(language))
    change = button("ask:choose_language", t(language, "language.change"), {})
    return message(words, section(words), actions(change))


def _named(language: Language) -> str:
    name = label(language, language)
    return name.lower() if language.data.lower_names else name
