"""What a newcomer does: the owner link, a project, a prompt, Generate, and the first still in the gallery."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Trouble
from tests.running import Studio

pytestmark = pytest.mark.browser


def test_a_prompt_becomes_a_still_in_the_gallery_without_a_reload(page: Page):
    page.goto("/projects/new")
    page.get_by_label("Name").fill("First light")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/projects/first-light/")
    page.evaluate("() => { window.notReloaded = true }")
    page.locator("textarea[name=prompt]").fill(
        "Wide shot, 24mm lens. A figure stands on a dune at golden hour."
    )
    page.get_by_role("button", name=re.compile("^Generate")).click()
    tiles = page.locator("figure.tile")
    expect(tiles).to_have_count(4)
    expect(page.locator("figure.tile img")).to_have_count(4, timeout=180_000)
    loaded = page.locator("figure.tile img").first.evaluate(
        "image => image.decode().then(() => image.naturalWidth)"
    )
    assert loaded > 0
    assert page.evaluate("() => window.notReloaded") is True


def test_a_tab_that_was_closed_finds_its_pictures_again(page: Page, sample: str):
    page.goto(sample)
    page.locator("textarea[name=prompt]").fill("Overhead view. Two people cross fresh snow.")
    page.get_by_role("button", name=re.compile("^Generate")).click()
    expect(page.locator("figure.tile-wait").first).to_be_visible()
    later = page.context.new_page()
    page.close()
    later.goto(sample)
    expect(later.locator("figure.tile-wait")).to_have_count(0, timeout=180_000)


def test_pictures_arrive_after_the_web_process_was_killed(
    page: Page, studio: Studio, sample: str, trouble: Trouble
):
    page.goto(sample)
    page.locator("textarea[name=prompt]").fill("Low angle. A woman walks in night rain, neon.")
    page.get_by_role("button", name=re.compile("^Generate")).click()
    expect(page.locator("figure.tile-wait").first).to_be_visible()
    for pid in studio.pids("gunicorn"):
        studio.kill(pid)
    expect(page.locator("figure.tile-wait")).to_have_count(0, timeout=180_000)
    trouble.forgive("Failed to fetch")  # the page asked while nobody answered


def test_the_owner_link_works_once(page: Page, studio: Studio):
    answer = page.goto(studio.owner_link())
    assert answer is not None
    assert answer.status == 404
