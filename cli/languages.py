"""What ``check`` tells of the languages: which there are, and what each lacks.

How a language's folder is found and read is in ``bot/rules/languages.py``.
"""

import typer
from babel import UnknownLocaleError

from bot.rules.languages import LanguageError
from bot.rules.words import Language
from messages.kit.texts import cldr_locale, own_texts, text_facts


def check_languages() -> list[str]:
    """Print the languages; return what is wrong with them, a line each.

    A text that is missing is no mistake: how many are said in the fallback is printed.
    """
    typer.echo(f"languages {', '.join(Language)}")
    wrong = _commands()
    for language in Language:
        wrong += _language(language)
        lacking = len(own_texts(Language.ENGLISH).keys() - own_texts(language).keys())
        if lacking and language is not Language.ENGLISH:
            spoken = language.data.fallback
            typer.echo(f"          {language.value}: {lacking} texts are said in {spoken}")
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
        f"{language.data.folder}: {key} names a fact that there is not"
        for key, text in own_texts(language).items()
        if key in english and not text_facts(text) <= text_facts(english[key])
    ]
