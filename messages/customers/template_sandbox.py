"""Templates that people write: checked when they are proposed, rendered in a sandbox.

What such a template may do is listed, not what it may not: text, facts, conditions on facts, and
one loop over the targets. There are no calls, no attributes, no arithmetic and no filters, so that
neither time nor size can run away; what is printed is cut off at a limit all the same. Jinja's own
sandbox is a second barrier behind the list.

An example: ``Dear {{ contact }}, {% if last_contact %}we wrote {{ last_contact }}.{% endif %}``

``template_readings.py`` lists the letters that a template can become; who approves one is in
``bot/customers/templates.py``.
"""

import difflib
import re
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from typing import Any

from jinja2 import StrictUndefined, TemplateSyntaxError, UndefinedError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from messages.kit.render import MissingFactError

BODY_MAX = 3000  # characters; what one text input of Slack takes
OUTPUT_MAX = 3000  # characters; what can be sent as one update
DEPTH_MAX = 12  # nodes inside each other
FACTS = (
    "greeting", "contact", "sender", "sender_email", "manager", "manager_email", "executive",
    "phone", "leads", "received", "last_contact", "next_update", "workaround_by", "resolution_by",
    "hold_until", "resolved", "confirm_by", "confirmed_on", "close_on", "reopen_until", "review_by",
    "promise", "promised_at", "late_by", "reference", "quote", "stake", "priority", "severity",
    "urgency", "meaning", "targets", "kind", "offer", "resolution", "workaround", "expected_on",
)  # fmt: skip
LISTS = frozenset({"targets"})  # the facts over which a template may loop
ALWAYS = ("next_update",)  # facts that a template must print where the shipped one needs them

ALLOWED: tuple[type[nodes.Node], ...] = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.If,
    nodes.For, nodes.CondExpr, nodes.Not, nodes.And, nodes.Or, nodes.Compare, nodes.Operand,
)  # fmt: skip
REASONS: Mapping[type[nodes.Node], str] = {
    nodes.Call: "call",
    nodes.Getattr: "attribute",
    nodes.Getitem: "attribute",
    nodes.Filter: "filter",
    nodes.Include: "include",
    nodes.Import: "include",
    nodes.FromImport: "include",
    nodes.Extends: "include",
}  # what is not named here is "not_allowed"


class BadTemplateError(ValueError):
    """A template that is not taken: ``reason`` is a text under ``template.bad.``.

    ``line`` counts from 1; ``facts`` fill the text. Reasons: ``call``, ``attribute``, ``filter``,
    ``include``, ``not_allowed``, ``loop``, ``unknown_fact``, ``fact_missing``, ``empty``,
    ``syntax``, ``too_deep``, ``too_long``, ``too_much``, ``too_many_conditions``, or a rule of
    tone.
    """

    def __init__(self, line: int, reason: str, **facts: str) -> None:
        super().__init__(f"line {line}: {reason}")
        self.line = line
        self.reason = reason
        self.facts = facts


class _Sandbox(ImmutableSandboxedEnvironment):
    """An environment in which nothing has attributes and nothing can be called."""

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        return False

    def is_safe_callable(self, obj: Any) -> bool:
        return False


def _printed(value: object) -> str:
    """Write a value; None raises, so that a letter never says "None"."""
    if value is None:
        raise MissingFactError("(proposed)", "(it is None)")
    return str(value)


@cache
def _sandbox() -> _Sandbox:
    """Jinja in which a template has nothing but what it is given: no globals, no filters."""
    sandbox = _Sandbox(
        undefined=StrictUndefined,
        finalize=_printed,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
    )
    sandbox.globals.clear()
    sandbox.filters.clear()
    return sandbox


def check_template(body: str, required: Collection[str]) -> None:
    """Refuse a template that could not be used; ``required`` are the facts of the shipped one.

    It is parsed, held to the list node by node, and rendered twice: with every fact, and with only
    those that are always there; neither letter may be empty. Raises BadTemplateError with line and
    reason.
    """
    tree = parse_template(body)
    named: set[str] = set()
    for node, depth, looping in _walk(tree):
        _allowed(node, depth, looping)
        if isinstance(node, nodes.Name) and node.ctx == "load":
            named.add(node.name)
    for fact in ALWAYS:
        if fact in required and fact not in named:
            raise BadTemplateError(_lines(body), "fact_missing", fact=fact)
    for filled in (True, False):
        if not render_stored(body, _samples(filled=filled)).strip():
            raise BadTemplateError(1, "empty")


def parse_template(body: str) -> nodes.Template:
    """Parse a template. Raises BadTemplateError ``too_long``, ``syntax`` or ``too_deep``."""
    if len(body) > BODY_MAX:
        raise BadTemplateError(_lines(body[:BODY_MAX]), "too_long", limit=str(BODY_MAX))
    try:
        return _sandbox().parse(body)
    except TemplateSyntaxError as error:
        raise BadTemplateError(error.lineno, "syntax", why=error.message or "") from error
    except RecursionError as error:
        raise BadTemplateError(1, "too_deep") from error


def _walk(
    node: nodes.Node, depth: int = 0, looping: frozenset[str] = frozenset()
) -> Iterator[tuple[nodes.Node, int, frozenset[str]]]:
    """Yield every node with its depth and the names of the loop around it.

    It stops one level below ``DEPTH_MAX``, so that a hostile tree cannot exhaust the stack.
    """
    yield node, depth, looping
    if depth > DEPTH_MAX:
        return
    if isinstance(node, nodes.For) and isinstance(node.target, nodes.Name):
        looping = looping | {node.target.name}
    for child in node.iter_child_nodes():
        yield from _walk(child, depth + 1, looping)


def _allowed(node: nodes.Node, depth: int, looping: frozenset[str]) -> None:
    """Refuse a node that is not on the list, a second or odd loop, and a name that is no fact."""
    line = node.lineno or 1
    if depth > DEPTH_MAX:
        raise BadTemplateError(line, "too_deep")
    if not isinstance(node, ALLOWED):
        raise BadTemplateError(line, REASONS.get(type(node), "not_allowed"))
    if isinstance(node, nodes.For):
        over = node.iter.name if isinstance(node.iter, nodes.Name) else ""
        plain = isinstance(node.target, nodes.Name) and not node.recursive and not node.test
        if looping or over not in LISTS or not plain:
            raise BadTemplateError(line, "loop")
    known = {*FACTS, *looping}
    if isinstance(node, nodes.Name) and node.ctx == "load" and node.name not in known:
        near = difflib.get_close_matches(node.name, FACTS, n=1, cutoff=0.0)[0]
        raise BadTemplateError(line, "unknown_fact", fact=node.name, nearest=near)


def render_stored(body: str, facts: Mapping[str, Any]) -> str:
    """Write plain text for a customer, at most OUTPUT_MAX characters.

    Raises MissingFactError, or BadTemplateError ``too_much`` for more text than that.
    """
    return render_tree(body, facts)


def render_tree(source: str | nodes.Template, facts: Mapping[str, Any]) -> str:
    """Render as ``render_stored`` does, of a parsed tree too.

    More than two line breaks in a row become two, and blank space around the text goes.
    """
    said: list[str] = []
    length = 0
    try:
        for piece in _sandbox().from_string(source).generate(**facts):
            said.append(piece)
            length += len(piece)
            if length > OUTPUT_MAX:
                raise BadTemplateError(1, "too_much", limit=str(OUTPUT_MAX))
    except UndefinedError as error:
        raise MissingFactError("(proposed)", str(error.message)) from error
    return re.sub(r"\n{3,}", "\n\n", "".join(said)).strip()


def facts_used(body: str) -> frozenset[str]:
    """Return the facts that a template names anywhere, also in a branch that is never taken."""
    found = _sandbox().parse(body).find_all(nodes.Name)
    return frozenset(node.name for node in found if node.ctx == "load" and node.name in FACTS)


def diff_bodies(old: str, new: str) -> str:
    """Return what changed between two bodies: lines that begin with ``-``, ``+`` or a space.

    One line of context is kept around each change; equal bodies give "".
    """
    lines = difflib.unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=1)
    return "\n".join(line for line in lines if not line.startswith(("---", "+++", "@@")))


def _lines(body: str) -> int:
    return body.count("\n") + 1


def _samples(*, filled: bool) -> dict[str, Any]:
    """Facts to try a template with: everything known, or only what is always there."""
    known = {name: f"({name})" if filled else "" for name in FACTS}
    return {**known, "leads": filled, "targets": ["(target)"] if filled else [], "kind": "fix"}
