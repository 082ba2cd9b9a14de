"""One sandbox for all of this folder, forgetful between tests."""

from collections.abc import Iterator

import pytest

from sandbox import server
from sandbox.options import Options
from tests.paid import Sandbox, leading_to


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
