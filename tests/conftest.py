"""What the whole test run needs: to say which browser tests this machine could not run, and how
many accidents were tried."""

import ast
import logging
import shutil
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any

import pytest
import structlog
from structlog.testing import LogCapture

from sandbox import lifetimes
from sandbox.delivery import outcome
from tests import postgres

PATIENCE = 60.0  # seconds
BROWSER_TESTS = Path(__file__).parent / "browser"
HAS_CHROMIUM = bool(shutil.which("chromium") or shutil.which("chromium-browser"))


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL server, one a test process."""
    with postgres.server(hasty=True) as url:
        yield url


@pytest.fixture(autouse=True)
def _logs_left_as_found() -> Iterator[None]:
    """A command that a test calls sets where the app logs to, which is closed after the test."""
    before = structlog.get_config()
    yield
    structlog.configure(**before)


@pytest.fixture(scope="session", autouse=True)
def _patient_slack() -> Iterator[None]:
    """A machine that stands still for three seconds fails no test of something else.

    What an app may take is tried in ``tests/sandbox``, where Slack's own seconds hold.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outcome, "ACK_SECONDS", PATIENCE)
        patch.setattr(lifetimes, "TRIGGER_SECONDS", PATIENCE)
        yield


@pytest.fixture
def logged() -> Iterator[list[MutableMapping[str, Any]]]:
    """The lines that the app logs from INFO on, whatever other tests have set."""
    capture, before = LogCapture(), structlog.get_config()
    structlog.configure(
        processors=[structlog.processors.add_log_level, capture],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )
    yield capture.entries
    structlog.configure(**before)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Without Chromium the browser tests are taken out: neither passed nor skipped."""
    if HAS_CHROMIUM:
        return
    absent = [item for item in items if item.get_closest_marker("browser")]
    if absent:
        config.hook.pytest_deselected(items=absent)
        items[:] = [item for item in items if item not in absent]


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Name them. Read from the files: with xdist the reporting process collects nothing."""
    _say_points(terminalreporter)
    wanted = [Path(config.rootpath, arg.split("::")[0]).resolve() for arg in config.args]
    if HAS_CHROMIUM or not any(BROWSER_TESTS.is_relative_to(path) for path in wanted):
        return
    terminalreporter.section("not run: no Chromium on this machine")
    for path in sorted(BROWSER_TESTS.glob("test_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith(
                "test_"
            ):
                terminalreporter.line(f"{path.name}::{node.name}")


def _say_points(reporter: pytest.TerminalReporter) -> None:
    """How many accidents were tried in how many runs (tests/faults)."""
    reports = [r for key in ("passed", "failed") for r in reporter.stats.get(key, [])]
    tried = [v for r in reports for k, v in r.user_properties if k == "points"]
    if tried:
        reporter.section("accidents")
        reporter.line(f"{sum(tried)} points struck in {len(tried)} runs")
