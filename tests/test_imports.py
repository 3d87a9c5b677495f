"""No module imports a module that imports it, whether at run time or for its types alone."""

from collections.abc import Iterator
from pathlib import Path

import grimp
import pytest

PACKAGES = ("benchmarks", "bot", "cli", "handlers", "messages", "sandbox", "storage")


@pytest.fixture
def graph(monkeypatch: pytest.MonkeyPatch) -> grimp.ImportGraph:
    monkeypatch.syspath_prepend(Path(__file__).parents[1])
    return grimp.build_graph(*PACKAGES, exclude_type_checking_imports=False, cache_dir=None)


def ways_back(graph: grimp.ImportGraph) -> Iterator[str]:
    """Every module from which imports lead back to it, with the module that it imports first."""
    for module in sorted(graph.modules):
        for imported in sorted(graph.find_modules_directly_imported_by(module)):
            if graph.chain_exists(importer=imported, imported=module):
                yield f"{module} -> {imported}"


def test_no_module_imports_a_module_that_imports_it(graph: grimp.ImportGraph) -> None:
    assert list(ways_back(graph)) == []


def test_a_cycle_would_be_seen(graph: grimp.ImportGraph) -> None:
    graph.add_import(importer="bot.clock", imported="bot.services")

    assert "bot.clock -> bot.services" in list(ways_back(graph))
