"""The app's own HTML: the customer's pages, the HTML part of mails, the emergency file.

Jinja itself escapes. The templates are the ``.html`` files beside this module; ``style.css`` is put
into each page.
"""

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
    """Render the file of this name beside this module; every value is escaped unless it is markup.

    Raises jinja2.UndefinedError for a fact that the file uses and is not given.
    """
    return _environment().get_template(name).render(facts)
