"""Strict Jinja: a template's path is its name, and a missing fact is an error that names it.

Three environments, one for each place a text goes to: customers (plain text), Slack (what people
wrote is escaped for mrkdwn) and Markdown files (what people wrote is escaped for Markdown).
"""

import re
import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, UndefinedError, pass_context
from jinja2.runtime import Context

from messages.kit import mrkdwn

TEMPLATES = Path(__file__).parent.parent / "templates"
FENCE = "+++"  # around the front matter, which is TOML

_MARKDOWN_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~!&])")


class MissingFactError(LookupError):
    """A template needs a fact that it was not given; the text names template and fact."""

    def __init__(self, template: str, fact: str) -> None:
        super().__init__(f"{template}: missing fact {fact}")
        self.template = template
        self.fact = fact


class Safe(str):
    """Text that already is markup of the place it goes to, and is not escaped again."""

    __slots__ = ()


def markdown_escape(text: str) -> str:
    """What a person wrote, as one line of Markdown that shows exactly that."""
    return _MARKDOWN_SPECIAL.sub(r"\\\1", " ".join(text.split()))


class _BodyLoader(FileSystemLoader):
    """Loads what stands below the front matter."""

    def get_source(
        self, environment: Environment, template: str
    ) -> tuple[str, str, Callable[[], bool]]:
        source, path, fresh = super().get_source(environment, template)
        return split(source)[1], path, fresh


def split(source: str) -> tuple[dict[str, Any], str]:
    """A template's front matter (empty when it has none) and its body."""
    if not source.startswith(FENCE):
        return {}, source
    _, matter, body = source.split(FENCE, 2)
    return tomllib.loads(matter), body.lstrip("\n")


def front_matter(name: str) -> dict[str, Any]:
    """The front matter of the template at this path below ``templates/``."""
    return split((TEMPLATES / name).read_text("utf-8"))[0]


def _absent(context: Context) -> str:
    return " or ".join(name for name, value in context.get_all().items() if value is None)


def _environment(escape: Callable[[str], str]) -> Environment:
    """An environment in which every printed value passes ``escape`` unless it is ``Safe``."""

    @pass_context
    def finalize(context: Context, value: object) -> str:
        if value is None:
            raise MissingFactError(str(context.name), _absent(context) or "(it is None)")
        return value if isinstance(value, Safe) else escape(str(value))

    return Environment(
        loader=_BodyLoader(TEMPLATES),
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


def _render(environment: Environment, name: str, facts: Mapping[str, Any]) -> str:
    try:
        text = environment.get_template(name).render(facts)
    except UndefinedError as error:
        raise MissingFactError(name, str(error.message)) from error
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def customer_text(name: str, facts: Mapping[str, Any]) -> str:
    """Plain text for a customer. Raises MissingFactError."""
    return _render(_customer(), name, facts)


def slack_text(name: str, facts: Mapping[str, Any]) -> str:
    """Slack mrkdwn; every value that is not ``Safe`` is escaped. Raises MissingFactError."""
    return _render(_slack(), name, facts)


def markdown_text(name: str, facts: Mapping[str, Any]) -> str:
    """Markdown for a file; every value that is not ``Safe`` is escaped. Raises MissingFactError."""
    return _render(_markdown(), name, facts)
