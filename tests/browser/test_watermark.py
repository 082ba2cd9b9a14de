"""The box in the composer and the second download in the viewer, by hand and at both widths."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from accounts.models import User
from generations.models import Generation, Output
from projects.models import Project
from tests.generations.test_watermark import bring_copy, finish, marked
from tests.opening import Opener
from tests.paid import make_key

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SERIOUS = ("serious", "critical")
WIDTHS = {1440: 900, 390: 844}


@pytest.fixture
def still(project: Project, ana: User) -> Output:
    output = finish(marked(project, ana))
    bring_copy(output)
    return output


def check(page: Page) -> None:
    found = [one["id"] for one in Axe().run(page).response["violations"] if one["impact"] in SERIOUS]
    assert found == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("width", WIDTHS)
def test_the_other_download_stands_beside_the_first(opened: Opener, still: Output, width: int) -> None:
    page = opened(bypass_csp=True)
    page.set_viewport_size({"width": width, "height": WIDTHS[width]})
    page.goto(f"/outputs/{still.uuid}/")
    check(page)
    page.get_by_role("button", name="Other downloads").click()
    item = page.get_by_role("link", name="With Kling's watermark")
    expect(item).to_be_in_viewport(ratio=1)
    check(page)
    with page.expect_download() as download:
        item.click()
    assert download.value.suggested_filename.endswith("_01.watermark.png")


@pytest.mark.parametrize("width", WIDTHS)
def test_the_box_comes_with_the_route_and_is_sent(opened: Opener, project: Project, width: int) -> None:
    make_key("kling")
    page = opened(bypass_csp=True)
    page.set_viewport_size({"width": width, "height": WIDTHS[width]})
    page.goto(f"/projects/{project.slug}/")
    if width < 900:
        page.locator("[data-fold=composer]:visible").first.click()
    box = page.get_by_label("Also a copy with Kling's watermark")
    page.get_by_text("Advanced", exact=True).click()
    expect(box).to_have_count(0)
    page.get_by_label("Route").select_option("kling")
    expect(box).to_be_visible()
    box.check()
    check(page)
    page.get_by_label("Route").select_option("draft")
    expect(box).to_have_count(0)
    page.get_by_label("Route").select_option("kling")
    expect(box).to_be_checked()
    page.get_by_label("Prompt", exact=True).fill("A pier at dawn")
    page.get_by_role("button", name="Generate").click()
    expect(page.locator(".tile, .cell").first).to_be_visible()
    assert Generation.objects.get().request["watermark"] is True
