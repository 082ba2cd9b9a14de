"""Adding a key in a real browser until its test is answered; no barrier and nothing sideways on the pages."""

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from projects.models import Project
from routes.models import Credential
from tests.factories import make_project, make_user
from tests.opening import Opener, opening
from tests.routes.filling import REAL, answer_test, close, make_key

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
OWN = "/projects/night-market/routes/"
SERIOUS = ("serious", "critical")


@pytest.fixture
def olga(live_server: LiveServer) -> User:
    return make_user("olga@example.com", role="owner", name="Olga")


@pytest.fixture
def project(olga: User) -> Project:
    return make_project(owner=olga)


@pytest.fixture
def opened(browser: Browser, live_server: LiveServer, olga: User, project: Project) -> Iterator[Opener]:
    """Opens a page as Olga; without the content policy axe can read styles."""
    with opening(browser, live_server.url, olga) as opener:
        yield opener


@pytest.fixture
def keys(project: Project) -> list[Credential]:
    """A key in every state that a page can show."""
    works, broken, new = make_key(name="House account"), make_key(name="Old account"), make_key("runware")
    own = make_key("kling", project, "Night Market only")
    answer_test(works, said="The key works.", balance=182_450_000)
    answer_test(broken, works=False, said="fal.ai does not know this key.")
    close(broken, "fal.ai does not know this key.")
    answer_test(own, said="The key works.")
    Credential.objects.filter(pk=own.pk).update(paused_at=own.created_at)
    return [works, broken, new, own]


def test_a_key_is_added_and_its_test_seen_to_end(opened: Opener) -> None:
    page = opened()
    trouble: list[str] = []
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("console", lambda said: trouble.append(said.text) if said.type == "error" else None)
    page.goto("/routes/")
    page.get_by_text("Add a key of fal.ai").click()
    page.locator("#fal-name").fill("House account")
    page.locator("#fal-key").fill(REAL["fal"])
    page.locator("#fal-key").press("Enter")
    row = page.get_by_role("list", name="Keys of fal.ai").get_by_role("listitem")
    expect(row).to_contain_text("Being tested…")
    answer_test(Credential.objects.get(), said="The key works.", balance=5_000_000)
    expect(row).to_contain_text("Balance $5.00")
    expect(row).not_to_contain_text("Being tested…")
    row.get_by_role("button", name="Pause House account").click()
    expect(row).to_contain_text("Paused")
    assert trouble == []


@pytest.mark.parametrize("width", [1440, 390, 320])
def test_the_pages_have_no_barrier_and_do_not_scroll_sideways(
    opened: Opener, keys: list[Credential], width: int
) -> None:
    page = opened(bypass_csp=True)
    page.set_viewport_size({"width": width, "height": 900})
    found = []
    for path in ("/routes/", OWN, f"/routes/keys/{keys[1].uuid}/", "/projects/night-market/settings"):
        page.goto(path)
        page.locator("details").evaluate_all("all => all.forEach((one) => { one.open = true; })")
        for violation in Axe().run(page).response["violations"]:
            if violation["impact"] in SERIOUS:
                found.append(
                    f"{path}: {violation['id']} {[node['target'] for node in violation['nodes'][:3]]}"
                )
        over = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
        if page.evaluate(over) > 0:
            found.append(f"{path}: wider than {width} px")
    assert found == []
