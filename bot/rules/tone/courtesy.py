"""Whether a colleague's post in a case's channel blames a person or a team. Pure.

The phrases are those of ``blame.toml``, in every language that has it, and of one with an alphabet
of its own also where it is typed with Latin letters. An innocent post that is taken for blame does
more harm than blame that is not seen: in doubt nothing is found. Blame of oneself, of machines and
causes is none; nor is what others are said to say, what is asked, supposed or denied, and whatever
stands in quotation marks, quoted lines and code.
"""

import html
import re
from collections.abc import Mapping, Sequence

from bot.rules.prose.books import Hit
from bot.rules.prose.reading import Prose, read_prose
from bot.rules.prose.scripts import script_of
from bot.rules.prose.sentences import Sentence
from bot.rules.words import Language

FILE = "blame.toml"
READ = 4_000  # characters of a post; Slack's own limit of one that is typed
PEOPLE = frozenset({"people"})
# What a list of ``[people]`` makes of a word; of two the one that is later in the alphabet holds.
KINDS = {
    "desk": "#desk",
    "person": "#person",
    "ambiguous": "#person",
    "team": "#team",
    "back": "#they",
}
# Words that stand for what Slack writes as a sign; ``blame.toml`` in English lists them.
PERSON, TEAM, CODE = " personmention ", " teammention ", " codemention "
_SIGNS: Sequence[tuple[re.Pattern[str], str]] = (
    (re.compile(r"```.*?(?:```|\Z)", re.DOTALL), "\n\n"),
    (re.compile(r"`[^`\n]+`"), CODE),
    (re.compile(r"^[ \t]*(?:&gt;|>){3}.*\Z", re.DOTALL | re.MULTILINE), ""),
    (re.compile(r"^[ \t]*(?:&gt;|>).*$", re.MULTILINE), "\n"),
    (re.compile("[\u201c\u201e][^\u201d\u201c]*[\u201d\u201c]|\u00ab[^\u00bb]*\u00bb"), CODE),
    (re.compile(r'"[^"\n]*"'), CODE),
    (re.compile(r"<@[^>]*>"), PERSON),
    (re.compile(r"<!subteam[^>]*>"), TEAM),
    (re.compile(r"<[#!][^>]*>"), " "),
    (re.compile(r"<(?:https?|mailto)[^>|]*\|([^>]*)>"), r"\1"),
    (re.compile(r"<(?:https?|mailto)[^>]*>"), CODE),
    (re.compile(r":[a-z0-9_+'-]+:"), " "),
    (re.compile(r"(?<!\w)[*_~]+|[*_~]+(?!\w)"), ""),
)
_QUESTION = re.compile(r"\?[\s)!?]*\Z")


def blames_colleague(post: str, expected: Language) -> bool:
    """Whether a post, as Slack writes it, blames a person or a team; False in doubt.

    ``expected`` is the writer's language. Only the first ``READ`` characters are read, and nothing
    of them is returned or kept.
    """
    text = post[:READ]
    for sign, meant in _SIGNS:
        text = sign.sub(meant, text)
    prose = read_prose(html.unescape(text), expected, lambda _word: False)
    named = [prose.find_phrases(FILE, each, tables=PEOPLE) for each in prose.sentences]
    outside = any(hit.name[1] == "outside" for hits in named for hit in hits)
    before = False
    for sentence, hits in zip(prose.sentences, named, strict=True):
        who = _people(hits, sentence, before=before, outside=outside)
        if _blames(prose, sentence, who):
            return True
        before = before or not {"#team", "#desk"}.isdisjoint(who.values())
    return False


def _blames(prose: Prose, sentence: Sentence, who: Mapping[int, str]) -> bool:
    """Whether a sentence does: a phrase that nothing in the sentence excuses.

    ``unless`` spares what it overlaps, ``spared`` the whole sentence, and a question is spared but
    for one that asks for no answer (``rhetorical``). Sarcasm (``bitter``) looks like thanks or a
    question: it is spared only where others are said to have said it (``quoted``), as all is.
    """
    hits = prose.find_phrases(FILE, sentence, who, frozenset({"blame"}))
    found = {
        kind: [hit for hit in hits if hit.name[1] == kind]
        for kind in ("phrases", "rhetorical", "bitter", "unless", "spared", "quoted")
    }
    if found["quoted"]:
        return False
    if found["bitter"] or found["spared"]:
        return bool(found["bitter"])
    said = found["rhetorical"]
    said += [] if _is_question(prose, sentence) else found["phrases"]
    return any(not _touches(hit, found["unless"]) for hit in said)


def _people(
    hits: Sequence[Hit], sentence: Sentence, *, before: bool, outside: bool
) -> Mapping[int, str]:
    """The words that name a person or a team, by place; a ``thing`` that has such a name is none.

    A name that is a word as well counts only where it is written as a name, and ``they`` only where
    the post named a team ``before`` it and no one ``outside`` the company.
    """
    things = {at for hit in hits if hit.name[1] == "thing" for at in range(hit.first, hit.last)}
    found: dict[int, str] = {}
    for hit in sorted(hits, key=lambda hit: (hit.first, hit.name)):
        kind = hit.name[1]
        written = "#name" in sentence.words[hit.first].kinds
        if kind in {"thing", "outside"} or (kind == "ambiguous" and not written):
            continue
        if kind == "back" and (outside or not (before or found)):
            continue
        for at in set(range(hit.first, hit.last)) - things:
            if KINDS[kind] >= found.get(at, ""):
                found[at] = KINDS[kind]
    return found


def _is_question(prose: Prose, sentence: Sentence) -> bool:
    end = prose.folded.text[sentence.start : sentence.end].rstrip()
    asks = str(script_of(prose.language).get("question_mark", "?"))
    return end.endswith(asks) or _QUESTION.search(end) is not None


def _touches(hit: Hit, spared: Sequence[Hit]) -> bool:
    return any(hit.first < other.last and other.first < hit.last for other in spared)
