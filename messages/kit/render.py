"""Strict Jinja: a template's path is its name, and a missing fact is an error that names it.

Three environments, one for each place a text goes to: customers (plain text), Slack (what people
wrote is escaped for mrkdwn) and Markdown files (what people wrote is escaped for Markdown). A
printed None is an error in all of them.

A short template may be among the texts of its language instead of in a file of its own:
``notices/held.en.j2`` is ``held`` under ``[template.notices]``, beside a verb's other words. For
one name the order is: the language's own text, a file in the language or its fallbacks, a text of
its fallbacks. Templates are read once; a changed file needs a new process.
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import (
    Environment,
    FileSystemLoader,
    StrictUndefined,
    Template,
    TemplateNotFound,
    UndefinedError,
    pass_context,
)
from jinja2.runtime import Context

from bot.rules.words import Language
from messages.kit import mrkdwn
from messages.kit.texts import load_texts, own_texts

TEMPLATES = Path(__file__).parent.parent / "templates"
CUSTOMER = "customer/"  # the approved messages
FENCE = "+++"  # around the front matter, which is TOML

_IN_LANGUAGE = re.compile(r"(.+?)\.([a-z]{2,3})\.((?:md\.)?j2)")
_MARKDOWN_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~!&])")


class MissingFactError(LookupError):
    """A template needs a fact that it was not given; the text names template and fact.

    ``fact`` is the name, or Jinja's own words for it.
    """

    def __init__(self, template: str, fact: str) -> None:
        super().__init__(f"{template}: missing fact {fact}")
        self.template = template
        self.fact = fact


class Safe(str):
    """Text that already is markup of the place it goes to, and is not escaped again."""

    __slots__ = ()


def markdown_escape(text: str) -> str:
    """Write what a person wrote as one line of Markdown that shows exactly that."""
    return _MARKDOWN_SPECIAL.sub(r"\\\1", " ".join(text.split()))


class _BodyLoader(FileSystemLoader):
    """Loads what is below the front matter, in the first language that has the template."""

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str, Callable[[], bool]]:
        candidates = template_names(template)
        for name in candidates[:-1]:
            with suppress(TemplateNotFound):
                return self._body(environment, name)
        return self._body(environment, candidates[-1])

    def _body(self, environment: Environment, name: str) -> tuple[str, str, Callable[[], bool]]:
        source, path, fresh = super().get_source(environment, name)
        return split_front_matter(source)[1], path, fresh


def template_names(name: str) -> tuple[str, ...]:
    """Return the names under which a template is looked for: its language's, then its fallbacks'.

    What goes to customers is never sent in another language because a file is missing.
    """
    found = _IN_LANGUAGE.fullmatch(name)
    if found is None or name.startswith(CUSTOMER):
        return (name,)
    stem, code, ending = found.groups()
    return tuple(f"{stem}.{each.value}.{ending}" for each in Language(code).chain)


def template_folders() -> list[Path]:
    """Return where templates are: ours, and ``templates`` in each language's own folder."""
    return [TEMPLATES, *(each.data.folder / "templates" for each in Language)]


def template_path(name: str) -> Path | None:
    """Return the file of the template with this name; None where there is none."""
    return next((path for each in template_folders() if (path := each / name).is_file()), None)


def template_text(name: str) -> str:
    """Return a template's file as it is. Raises FileNotFoundError."""
    path = template_path(name)
    if path is None:
        raise FileNotFoundError(name)
    return path.read_text("utf-8")


def split_front_matter(source: str) -> tuple[dict[str, Any], str]:
    """Return a template's front matter (empty when it has none) and its body.

    The front matter is TOML between two lines ``+++`` at the top. Raises tomllib.TOMLDecodeError
    for what is no TOML, ValueError where the second line is missing.
    """
    if not source.startswith(FENCE):
        return {}, source
    _, matter, body = source.split(FENCE, 2)
    return tomllib.loads(matter), body.lstrip("\n")


def front_matter(name: str) -> dict[str, Any]:
    """Read the front matter of the template at this path below ``templates/``.

    Empty where it has none. Raises FileNotFoundError.
    """
    return split_front_matter(template_text(name))[0]


def _absent(context: Context) -> str:
    """Name the facts that are None, one of which was printed."""
    return " or ".join(name for name, value in context.get_all().items() if value is None)


def _environment(escape: Callable[[str], str]) -> Environment:
    """Make an environment in which every printed value passes ``escape`` unless it is ``Safe``."""

    @pass_context
    def finalize(context: Context, value: object) -> str:
        if value is None:
            raise MissingFactError(str(context.name), _absent(context) or "(it is None)")
        return value if isinstance(value, Safe) else escape(str(value))

    return Environment(
        loader=_BodyLoader(template_folders()),
        undefined=StrictUndefined,
        finalize=finalize,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        autoescape=False,  # noqa: S701  finalize escapes, for Slack and Markdown instead of HTML
    )


@cache
def _customer() -> Environment:
    return _environment(str)


@cache
def _slack() -> Environment:
    return _environment(mrkdwn.escape)


@cache
def _markdown() -> Environment:
    return _environment(markdown_escape)


@cache
def _template(environment: Environment, name: str) -> Template:
    """Return the language's own text, a file, or the text of the language's fallback.

    Raises jinja2.TemplateNotFound where there is none of them.
    """
    found = _IN_LANGUAGE.fullmatch(name)
    if found is None or name.startswith(CUSTOMER):
        return environment.get_template(name)
    language, key = Language(found[2]), f"template.{found[1].replace('/', '.')}"
    source = own_texts(language).get(key)
    if source is None:
        try:
            return environment.get_template(name)
        except TemplateNotFound:
            source = load_texts(language).get(key)
            if source is None:
                raise
    template = environment.from_string(source)
    template.name = name  # as errors name it
    return template


def _render(environment: Environment, name: str, facts: Mapping[str, Any]) -> str:
    """Render, with at most one empty line in a row and none around the text."""
    try:
        text = _template(environment, name).render(facts)
    except UndefinedError as error:
        raise MissingFactError(name, str(error.message)) from error
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def customer_text(name: str, facts: Mapping[str, Any]) -> str:
    """Render plain text for a customer. Raises MissingFactError."""
    return _render(_customer(), name, facts)


def slack_text(name: str, facts: Mapping[str, Any]) -> str:
    """Render Slack mrkdwn; every value that is not ``Safe`` is escaped. Raises MissingFactError."""
    return _render(_slack(), name, facts)


def markdown_text(name: str, facts: Mapping[str, Any]) -> str:
    """Render Markdown for a file; every value that is not ``Safe`` is escaped.

    Raises MissingFactError.
    """
    return _render(_markdown(), name, facts)
