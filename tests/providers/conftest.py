"""A sandbox of all three protocols for this folder, and an account of each kind in it."""

from collections.abc import Iterator

import httpx
import pytest

from sandbox.options import Options
from sandbox.server import running
from tests.providers.cases import CASES, KEYS, Case


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    with running(Options(queue_seconds=0.01, run_seconds=0.03, hook_retry_seconds=0.02)) as address:
        yield address


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with httpx.Client(trust_env=False, verify=False, timeout=10) as http:
        yield http


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest, base: str, client: httpx.Client) -> Case:
    client.post(f"{base}/_/reset", json={})
    return Case(request.param.partition("-")[0], KEYS[request.param], base, client)
