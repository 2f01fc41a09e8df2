"""What all tests share: databases, and being honest about what could not be checked."""

import os
from math import ceil
from pathlib import Path

import pytest

pytest_plugins = ["tests.databases"]

CHROMIUM = Path("/usr/bin/chromium")
STRICT = os.environ.get("AAROC_TEST_STRICT") == "1"
"""Set by `.ci/run`: whatever is skipped is a failure there."""

LONGEST = (
    "tests/conversations/test_main_job.py",
    "tests/web/test_demo.py",
    "tests/conversations/test_say.py",
    "tests/conversations/test_rollback.py",
    "tests/conversations/test_postgres.py",
    "tests/conversations/test_failing.py",
    "tests/alive/test_two_chats.py",
)
"""Begun first, so that no worker is left with one of them when the others have ended."""


def pytest_xdist_auto_num_workers() -> int:
    """Start three workers on two cores: a third of the suite's time is waiting."""
    return ceil(len(os.sched_getaffinity(0)) * 1.5)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the longest, and skip the tests of the page where there is no browser."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONGEST))
    if CHROMIUM.exists() or STRICT:
        return
    missing = pytest.mark.skip(reason=f"the page in a browser: {CHROMIUM} is missing")
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(missing)


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in the last lines what could not be checked, once for each reason."""
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = sorted({str(report.longrepr[2]) for report in skipped})
    for reason in reasons:
        terminalreporter.line(f"NOT CHECKED: {reason.removeprefix('Skipped: ')}", red=True)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail where something was skipped and nothing may be."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if STRICT and reporter is not None and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
