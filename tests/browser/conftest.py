"""One running studio for all browser tests of a process, an owner signed in, pages that report trouble."""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, StorageState

from tests.running import OWNER, Studio, running, wait_for

SAMPLE = "/projects/the-inheritance/"
DRAWN_WITHIN = 300.0


@pytest.fixture(scope="session")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Studio]:
    with running(tmp_path_factory.mktemp("browser") / "data", {"WORKERS": "2"}) as studio:
        yield studio


@pytest.fixture(scope="session")
def signed_in(studio: Studio, browser: Browser) -> StorageState:
    """The owner, made through the one-time link."""
    context = browser.new_context(base_url=studio.url)
    page = context.new_page()
    page.goto(studio.owner_link())
    email, password = OWNER
    page.get_by_label("Name").fill("Mara Lind")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_label("Password again").fill(password)
    page.locator("main button[type=submit], form button[type=submit]").first.click()
    page.wait_for_url("**/projects/**")
    state = context.storage_state()
    context.close()
    return state


@pytest.fixture(scope="session")
def sample(studio: Studio, signed_in: StorageState) -> str:
    """The address of the sample project, with all its pictures drawn."""
    assert studio.manage("sample").returncode == 0
    waiting = "SELECT count(*) FROM generations_output WHERE state = 'pending'"
    wait_for(lambda: studio.rows(waiting) == [(0,)], DRAWN_WITHIN, studio.log.read_text)
    return SAMPLE


class Trouble:
    """What a page did that no page may do."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def watch(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.found.append(f"error: {error}"))
        page.on("request", self._request)

    def forgive(self, words: str) -> None:
        """Drop what a test brought about itself."""
        self.found = [found for found in self.found if words not in found]

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.found.append(f"console: {message.text}")

    def _request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in ("http", "https") and address.hostname not in ("localhost", "127.0.0.1"):
            self.found.append(f"left this machine: {request.url}")


@pytest.fixture
def trouble() -> Iterator[Trouble]:
    """Ends the test with what its pages did wrong: script errors, policy violations, requests that left."""
    trouble = Trouble()
    yield trouble
    assert trouble.found == []


@pytest.fixture
def context(
    browser: Browser, studio: Studio, signed_in: StorageState, trouble: Trouble
) -> Iterator[BrowserContext]:
    context = browser.new_context(
        base_url=studio.url, storage_state=signed_in, viewport={"width": 1440, "height": 900}
    )
    context.set_default_timeout(20_000)
    context.on("page", trouble.watch)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()
