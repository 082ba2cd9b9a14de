"""The dialog, the notice that follows an export, and the list, in a real browser."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from delivery import tasks
from delivery.models import Export
from projects.models import Project
from tests.factories import make_project, make_stored, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def sign_in(page: Page, server: LiveServer, user: User) -> None:
    client = Client()
    client.force_login(user)
    cookie = next(iter(client.cookies.values()))
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": server.url}])


def open_dialog(page: Page, project: Project) -> None:
    """As the gallery's action bar does."""
    address = reverse("delivery:export_dialog", args=[project.slug]) + "?all=1"
    page.evaluate("address => htmx.ajax('GET', address, {target: 'body', swap: 'beforeend'})", address)
    expect(page.get_by_role("dialog", name="Export 2 stills")).to_be_visible()


def serious(page: Page) -> list[str]:
    found = Axe().run(page, options={"preload": False}).response["violations"]
    return [row["id"] for row in found if row["impact"] in ("serious", "critical")]


@pytest.mark.parametrize("width", [1440, 900, 390])
def test_an_export_is_ordered_followed_and_found_again(
    page: Page, live_server: LiveServer, width: int
) -> None:
    ana = make_user()
    project = make_project(owner=ana)
    make_stored(project, ana, count=2)
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
    page.set_viewport_size({"width": width, "height": 800})
    sign_in(page, live_server, ana)
    page.goto(live_server.url + reverse("delivery:exports", args=[project.slug]))
    expect(page.get_by_text("No exports yet")).to_be_visible()

    open_dialog(page, project)
    assert serious(page) == []
    page.get_by_role("radio", name="WebP").check()
    page.get_by_role("button", name="Export 2 stills · free").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    notice = page.locator(".toast")
    expect(notice.get_by_role("progressbar")).to_be_visible()
    tasks.export(Export.objects.get().pk)
    expect(notice.get_by_role("link", name="Download")).to_be_visible()
    assert serious(page) == []

    page.reload()
    with page.expect_download() as started:
        page.get_by_role("link", name="Download").click()
    assert started.value.suggested_filename.startswith("night-market_")
    assert serious(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Delete the archive of 2 stills as WebP").click()
    expect(page.get_by_text("2 stills as WebP")).to_have_count(0)
    assert said == []
