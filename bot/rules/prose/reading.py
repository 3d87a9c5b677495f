"""A text that was read: its sentences and words, its language, and the phrases in it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.rules.prose.books import Hit, books_of
from bot.rules.prose.disguises import unmask_text
from bot.rules.prose.folding import Folded, Span
from bot.rules.prose.scripts import own_letters, plain_latin, typed_in_latin
from bot.rules.prose.sentences import Sentence, split_sentences
from bot.rules.words import Language

NOTHING: Mapping[int, str] = {}


@dataclass(frozen=True, slots=True)
class Prose:
    """A text as it is judged.

    ``language`` is the text's; ``latin``: it has an alphabet of its own and was typed without it.
    """

    folded: Folded
    sentences: Sequence[Sentence]
    language: Language
    latin: bool
    _found: dict[tuple[str, int], list[Hit]] = field(default_factory=dict, compare=False)

    def find_phrases(
        self,
        file: str,
        sentence: Sentence,
        kinds: Mapping[int, str] = NOTHING,
        tables: frozenset[str] | None = None,
    ) -> list[Hit]:
        """The phrases of every language's ``file`` in a sentence.

        Phrases of a language typed with Latin letters are looked for only where the text is so
        typed. ``kinds`` are further kinds of words, by their place in the sentence, ``tables`` the
        only ones to look in. What was found without these is kept.
        """
        known = self._found.get((file, sentence.start))
        if known is None or kinds or tables is not None:
            known = [
                hit
                for book in books_of(file)
                for hit in book.find(
                    sentence,
                    latin=self.latin and book.language is self.language,
                    kinds=kinds,
                    tables=tables,
                )
            ]
            if not kinds and tables is None:
                self._found[file, sentence.start] = known
        return known

    def place_of(self, sentence: Sentence, hit: Hit) -> Span:
        """Where a phrase stands in the original text."""
        return self.folded.place(*sentence.span_of(hit.first, hit.last))


def read_prose(text: str, expected: Language, known: Callable[[str], bool]) -> Prose:
    """Read a text that should be in the ``expected`` language.

    ``known`` says whether a word is one that is looked for also where it is written as two.
    """
    folded = unmask_text(text, known)
    typed = typed_in_latin(folded.text, expected)
    language = own_letters(folded.text) or typed or plain_latin(folded.text, expected)
    return Prose(folded, split_sentences(folded), language, typed is not None)
