"""What ``check`` tells of the languages: which there are, and what each lacks.

How a language's folder is found and read is in ``bot/rules/languages.py``.
"""

import typer
from babel import UnknownLocaleError

from bot.rules.languages import LanguageError
from bot.rules.words import Language
from cli.checking.counts import count_things
from messages.customers.outward_texts import find_borrowed_texts
from messages.kit.texts import cldr_locale, own_texts, text_facts

NAMED_MOST = 10  # keys of missing texts that one line names


def check_languages() -> list[str]:
    """Print the languages; return what is wrong with them, a line each.

    A text for colleagues that is missing is no mistake: how many are said in the fallback is
    printed. One for customers is a mistake.
    """
    typer.echo(f"languages {', '.join(Language)}")
    wrong = _commands()
    for language in Language:
        wrong += _language(language)
        wrong += _outward(language)
        lacking = len(own_texts(Language.ENGLISH).keys() - own_texts(language).keys())
        if lacking and language is not Language.ENGLISH:
            said = f"{count_things(lacking, 'text')} said in {language.data.fallback} instead"
            typer.echo(f"          {language.value}: {said}")
    return wrong


def _commands() -> list[str]:
    """Return the mistake in the words that people may type, if there is one."""
    try:
        from handlers import commands
        from handlers.commands import vocabulary

        for family in vocabulary.FAMILIES:
            vocabulary.words_of(family)
    except LanguageError as error:
        return [str(error)]
    return [] if commands.TABLE else ["there are no commands"]


def _outward(language: Language) -> list[str]:
    """Return a line that names what customers would read in another language, if there is any."""
    borrowed = find_borrowed_texts(language)
    if not borrowed:
        return []
    further = len(borrowed) - NAMED_MOST
    named = ", ".join(borrowed[:NAMED_MOST]) + (f" and {further} more" if further > 0 else "")
    spoken = language.data.fallback
    return [f"{language.data.folder}: customers would read {spoken}; translate {named}"]


def _language(language: Language) -> list[str]:
    """Return a line for each text that names a fact which its English does not give.

    Where CLDR has no locale for the language, that is the only line.
    """
    try:
        cldr_locale(language)
    except (UnknownLocaleError, ValueError):
        return [f"{language.data.folder}: CLDR has no locale {language.data.cldr or language!s}"]
    english = own_texts(Language.ENGLISH)
    return [
        f"{language.data.folder}: {key} names a fact that does not exist"
        for key, text in own_texts(language).items()
        if key in english and not text_facts(text) <= text_facts(english[key])
    ]
