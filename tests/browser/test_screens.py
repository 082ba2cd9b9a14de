"""Every screen at four widths: nothing serious for axe, nothing that scrolls sideways, no script trouble."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, StorageState

from tests.browser import screens
from tests.running import Studio

pytestmark = pytest.mark.browser
WIDTHS = [1440, 900, 390, 320]
SERIOUS = ("serious", "critical")


@pytest.fixture(scope="module")
def addresses(studio: Studio, sample: str) -> dict[str, str]:
    """Every screen of the sample project."""
    return screens.pages(screens.look_up(studio))


@pytest.fixture
def wide(browser: Browser, studio: Studio, signed_in: StorageState) -> Iterator[Page]:
    """A page without the content policy, which would keep axe from reading styles."""
    context = browser.new_context(base_url=studio.url, storage_state=signed_in, bypass_csp=True)
    yield context.new_page()
    context.close()


def test_no_screen_has_a_serious_barrier_or_scrolls_sideways(wide: Page, addresses: dict[str, str]):
    found = []
    for name, address in addresses.items():
        answer = wide.goto(address)
        assert answer is not None
        assert answer.status == 200, f"{name} answered {answer.status}"
        for width in WIDTHS:
            wide.set_viewport_size({"width": width, "height": 900})
            found += [f"{name} at {width}: {what}" for what in (*_barriers(wide), *_sideways(wide))]
    assert found == []


def _barriers(page: Page) -> list[str]:
    violations = Axe().run(page).response["violations"]
    serious = [violation for violation in violations if violation["impact"] in SERIOUS]
    return [f"{one['id']} {[node['target'] for node in one['nodes'][:3]]}" for one in serious]


def _sideways(page: Page) -> list[str]:
    over = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [f"{over} px too wide"] if over > 0 else []


def test_no_screen_makes_trouble(page: Page, addresses: dict[str, str]):
    for address in addresses.values():
        page.goto(address)
        page.wait_for_timeout(300)


def test_the_sign_in_page_has_no_serious_barrier(studio: Studio, browser: Browser):
    page = browser.new_page(bypass_csp=True)
    page.goto(f"{studio.url}/account/login/")
    assert _barriers(page) == []
    page.close()
