"""Everything that a proposed template can come to say, whichever way its conditions fall.

Words are judged as a customer reads them: a piece in an expression, or a branch that is never
taken, says nothing in the source and much, or nothing, in the letter. Each letter is held to the
same rules as a message that a person writes (``bot/customers/templates.py``).
"""

from collections.abc import Collection, Iterator, Mapping
from itertools import product
from typing import Any

from jinja2 import nodes

from messages.customers.template_sandbox import FACTS, BadTemplateError, parse_template, render_tree

CONDITIONS_MAX = 7  # that fall either way; 128 letters
Falls = Mapping[str, bool]


def list_readings(body: str, known: Collection[str] = ()) -> Iterator[tuple[str, bool]]:
    """Yield each letter once, and whether its facts are filled in.

    ``known`` facts are never missing. Every condition is tried true and false, facts filled (as
    ``(name)``) and empty, the targets none, one or two: at most 768 renderings. The same condition
    falls the same way throughout a letter. Raises BadTemplateError ``too_many_conditions``, and
    what ``parse_template`` and ``render_tree`` raise.
    """
    conditions = sorted({_key(each) for each in _tests(parse_template(body))} - {*known})
    if len(conditions) > CONDITIONS_MAX:
        raise BadTemplateError(1, "too_many_conditions", limit=str(CONDITIONS_MAX))
    sure = dict.fromkeys(known, True)
    seen: set[tuple[str, bool]] = set()
    for falls in product((True, False), repeat=len(conditions)):
        tree = _decided(parse_template(body), {**sure, **dict(zip(conditions, falls, strict=True))})
        for filled, targets in product((True, False), ([], ["(target)"], ["(target)"] * 2)):
            said = (render_tree(tree, _samples(targets, filled=filled)), filled)
            if said not in seen:
                seen.add(said)
                yield said


def _samples(targets: list[str], *, filled: bool) -> dict[str, Any]:
    """The facts of one letter: each ``(name)`` or "", and the given targets."""
    return {name: f"({name})" if filled else "" for name in FACTS} | {"targets": targets}


def _tests(tree: nodes.Node) -> Iterator[nodes.Node]:
    """Yield what decides which piece is printed."""
    yield from (node.test for node in _conditions(tree))
    for node in tree.find_all((nodes.Or, nodes.And)):
        yield node.left


def _conditions(tree: nodes.Node) -> Iterator[nodes.If | nodes.CondExpr]:
    """Yield every ``if``, as a statement and inside an expression."""
    yield from tree.find_all(nodes.If)
    yield from tree.find_all(nodes.CondExpr)


def _key(test: nodes.Node) -> str:
    """Conditions with the same key fall the same way; a denied one falls the other way."""
    while isinstance(test, nodes.Not):
        test = test.node
    return test.name if isinstance(test, nodes.Name) else repr(test)


def _decided(tree: nodes.Template, falls: Falls) -> nodes.Template:
    """Replace every condition of a tree by how it falls; the tree is changed and returned."""
    for node in _conditions(tree):
        node.test = nodes.Const(_falls(node.test, falls))
    _choose(tree, falls)
    return tree


def _falls(test: nodes.Node, falls: Falls) -> bool:
    """Return how a condition falls; each ``not`` in front turns it."""
    turned = 0
    while isinstance(test, nodes.Not):
        test, turned = test.node, turned + 1
    return falls[_key(test)] is not bool(turned % 2)


def _choose(node: nodes.Node, falls: Falls) -> None:
    """Put the operand that is printed in the place of each “or” and “and”."""
    for name in node.fields:
        value = getattr(node, name)
        if isinstance(value, list):
            setattr(node, name, [_chosen(each, falls) for each in value])
        elif isinstance(value, nodes.Node):
            setattr(node, name, _chosen(value, falls))


def _chosen(node: Any, falls: Falls) -> Any:
    """Return the operand that an “or” or “and” prints; any other node stays."""
    while isinstance(node, nodes.Or | nodes.And):
        left = _falls(node.left, falls) is isinstance(node, nodes.Or)
        node = node.left if left else node.right
    if isinstance(node, nodes.Node):
        _choose(node, falls)
    return node
