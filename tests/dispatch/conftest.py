"""One sandbox for all of this folder, forgetful between tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox import server
from sandbox.options import Options
from tests.paid import Sandbox, leading_to

HERE = Path(__file__).parent
# Looked at in fast runs too: an order on each route, the books after it, that no form counts twice.
ALWAYS = {"test_paid_orders.py", "test_bills.py", "test_form_key.py"}


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Orders that a dispatcher takes to the sandbox are drills: each waits for real answers."""
    for item in items:
        drill = item.path.parent == HERE and {"room", "queue"} & set(getattr(item, "fixturenames", ()))
        if drill and item.path.name not in ALWAYS:
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def _server() -> Iterator[str]:
    with server.running(Options()) as base:
        yield base


@pytest.fixture
def room(_server: str) -> Iterator[Sandbox]:
    """A sandbox that nothing was ordered from yet."""
    with leading_to(_server) as found:
        found.reset()
        yield found
        found.reset()
