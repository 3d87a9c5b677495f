"""HTML of ours: the customer's pages and the HTML part of mails, escaped by Jinja itself."""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

PAGES = Path(__file__).parent


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(PAGES),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def render_page(name: str, **facts: Any) -> str:
    """The page at this path below ``pages/``; every value is escaped."""
    return _environment().get_template(name).render(facts)
