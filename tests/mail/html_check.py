"""What a validator and an accessibility checker would say of our pages, as plain assertions.

Well-formed nesting, known elements, unique ids, labels for inputs, one h1, a language, a title,
nothing from elsewhere, no script and no style outside the one that the policy names.
"""

import re
from html.parser import HTMLParser

VOID = frozenset({"meta", "input", "br", "img"})
KNOWN = VOID | {
    "html", "head", "title", "style", "body", "header", "main", "footer", "h1", "h2", "p", "span",
    "a", "form", "fieldset", "legend", "label", "textarea", "button", "strong", "div", "ul", "li",
    "section", "dl", "dt", "dd", "table", "thead", "tbody", "tr", "th", "td",
}  # fmt: skip
ONLY_INLINE = frozenset({"p", "h1", "h2", "span", "a", "label", "legend", "button"})
BLOCKS = frozenset(
    {
        "p",
        "h1",
        "h2",
        "form",
        "fieldset",
        "main",
        "header",
        "footer",
        "div",
        "ul",
        "li",
        "section",
        "dl",
        "dt",
        "dd",
    }
)

FILE = re.compile(r"[\w-]+\.(pdf|csv)\?lang=[a-z]{2}")  # the same as a file, beside the page


class Page(HTMLParser):
    """Walks a page and asserts as it goes."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.count: dict[str, int] = {}
        self.ids: list[str] = []
        self.targets: list[str] = []
        self.named: list[tuple[str, str]] = []
        self.html: dict[str, str | None] = {}
        self.title = self.shown = ""
        self.headings: list[str] = []

    def handle_decl(self, decl: str) -> None:
        """The first line."""
        assert decl == "DOCTYPE html"
        self.count["doctype"] = 1

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element begins."""
        given = dict(attrs)
        assert tag in KNOWN, tag
        assert len(given) == len(attrs), f"an attribute of {tag} stands twice"
        assert not any(name.startswith("on") or name == "style" for name in given), tag
        if tag in BLOCKS:
            assert not set(self.open) & ONLY_INLINE, f"{tag} inside {self.open}"
        self.count[tag] = self.count.get(tag, 0) + 1
        self._note(tag, given)
        if tag not in VOID:
            self.open.append(tag)

    def _note(self, tag: str, given: dict[str, str | None]) -> None:
        if tag == "html":
            self.html = given
        if given.get("id"):
            self.ids.append(str(given["id"]))
        if tag == "label":
            self.targets.append(str(given["for"]))
        if tag in ("input", "textarea") and given.get("type") != "hidden":
            self.named.append((str(given["id"]), str(given["name"])))
        self.targets += str(given.get("aria-describedby") or "").split()
        for name in ("href", "action"):
            where = str(given.get(name, "?"))
            ours = where[:1] in {"?", "#"} or FILE.fullmatch(where)
            assert ours, f"{tag} leads elsewhere"
            self.targets += [where[1:]] if where.startswith("#") else []
        if tag == "img":  # inside the page's own text, and said in words
            assert str(given.get("src")).startswith("data:image/svg+xml;base64,")
            assert given.get("alt")
        else:
            assert "src" not in given
        if tag in ("h1", "h2"):
            self.headings.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """An element ends."""
        assert self.open
        assert self.open.pop() == tag, f"{tag} ends out of turn"

    def handle_data(self, data: str) -> None:
        """Text."""
        if self.open[-1:] == ["title"]:
            self.title += data
        elif "style" not in self.open:
            self.shown += data


def check_page(html: str) -> Page:
    """Assert that the page is well-formed and can be used by everybody."""
    page = Page()
    page.feed(html)
    page.close()
    assert page.open == []
    assert page.html.get("lang") in {"en", "el"}
    assert page.title.strip()
    for one in ("doctype", "html", "head", "body", "h1", "main", "style"):
        assert page.count.get(one) == 1, one
    assert page.headings[0] == "h1"
    assert len(page.ids) == len(set(page.ids))
    assert set(page.targets) <= set(page.ids)
    assert {identity for identity, _ in page.named} <= set(page.targets)
    assert page.count.get("fieldset", 0) == page.count.get("legend", 0)
    assert "{{" not in page.shown
    assert "None" not in page.shown
    return page
