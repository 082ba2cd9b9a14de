"""Live streams opened by these tests end with them."""

import time
from collections.abc import Iterator

import pytest

from generations import live


@pytest.fixture(autouse=True)
def quiet_afterwards() -> Iterator[None]:
    yield
    live.end_streams()
    while not live.feed.is_idle:
        time.sleep(0.01)
    live.accept_streams()
