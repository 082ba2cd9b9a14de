"""What every test stands on: folders of its own, no network but loopback, a browser where asked for."""

import gc
import os
import socket
import ssl
from collections.abc import Iterator
from functools import cache

import hypothesis
import pytest
from django.test import Client
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from projects.models import Project
from studio import ground
from tests import chromium, services
from tests.factories import make_project, make_user
from tests.opening import Opener, opening
from tests.sharing import TOGETHER, Sharing

expect.set_options(timeout=15_000)  # a machine at work on other tests is slow, and not wrong
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's loop runs in the test's thread
LOOPBACK = ("127.", "::1", "localhost", "0.0.0.0")
hypothesis.settings.register_profile("fast", max_examples=20)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """A fast run tries fewer examples; `--hypothesis-profile` has the last word."""
    if "not slow" in config.option.markexpr:
        hypothesis.settings.load_profile("fast")


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Sharing:
    return Sharing(config, log)


def pytest_collection_finish() -> None:
    """Thousands of collected tests live to the end, so looking for garbage among them is in vain."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _folders() -> None:
    ground.lay_folders()


@pytest.fixture(scope="session", autouse=True)
def _certificates_read_once() -> Iterator[None]:
    """A client that is made reads all certificates, which takes longer than most tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ssl, "create_default_context", cache(ssl.create_default_context))
        yield


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse every connection that would leave this machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: object) -> None:
        if isinstance(address, tuple) and not str(address[0]).startswith(LOOPBACK):
            raise AssertionError(f"A test tried to reach {address[0]}.")
        connect(self, address)  # type: ignore[arg-type]

    monkeypatch.setattr(socket.socket, "connect", guarded)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Fast tests first, browsers last; what this machine cannot run is left out unless it is required."""
    items.sort(key=_place)
    missing = set()
    if not chromium.required() and chromium.find() is None:
        missing.add("browser")
    if not services.required() and not services.reachable():
        missing.add("scale")
    items[:] = [item for item in items if not missing & set(item.keywords)]


def _place(item: pytest.Item) -> tuple[bool, bool, bool]:
    """Of the slow ones first those that one worker runs alone: begun late, they keep the others idle."""
    is_shared_out = not item.nodeid.startswith(TOGETHER)
    return "browser" in item.keywords, "slow" in item.keywords, is_shared_out


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, object]) -> dict[str, object]:
    return {**browser_type_launch_args, "executable_path": chromium.find(), "args": chromium.flags()}


@pytest.fixture
def ana(db: None) -> User:
    """A member of the studio."""
    return make_user()


@pytest.fixture
def project(ana: User) -> Project:
    """A project that Ana leads."""
    return make_project(owner=ana)


@pytest.fixture
def opened(browser: Browser, live_server: LiveServer, ana: User) -> Iterator[Opener]:
    """Opens a page as Ana; without the content policy axe can read styles."""
    with opening(browser, live_server.url, ana) as opener:
        yield opener


@pytest.fixture
def web(client: Client, ana: User) -> Client:
    """A browser without a screen, signed in as Ana."""
    client.force_login(ana)
    return client
