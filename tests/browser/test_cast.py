"""A character from two photos to a series: made, marked, cast, told in four panels, one made again."""

import hashlib
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
GIVEN = ROOT.parent / "shared" / "data" / "photos"
KEPT = ROOT / "studio" / "sample_data"  # the same pictures, for a checkout that stands alone
STORY = (
    "35mm film look, low key, tungsten and cold window light. "
    "Panel 1: Medium shot, @vera lifts a flask to a laboratory window. "
    "Panel 2: Close-up of @vera, key light from the left. "
    "Panel 3: Low angle, 24mm, @vera walks down a city street at night in rain, neon. "
    "Panel 4: Wide shot, @vera crosses desert dunes at golden hour."
)
DRAWN_WITHIN = 240_000


def photo(given: str, kept: str) -> Path:
    return GIVEN / given if (GIVEN / given).exists() else KEPT / kept


def shown(page: Page, number: int) -> str:
    """The SHA-256 of the original that a panel shows."""
    address = page.locator(f"#panel-{number} .panel-picture img").get_attribute("src")
    assert address is not None
    return hashlib.sha256(page.request.get(address.replace("/1536", "/original")).body()).hexdigest()


def test_a_character_is_made_marked_cast_and_told_in_a_series(page: Page) -> None:
    page.goto("/projects/new")
    page.get_by_label("Name").fill("Four panels")
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/projects/four-panels/")

    page.goto("/elements/new")
    photos = [photo("portrait.jpg", "laboratory.jpg"), photo("astronaut.png", "astronaut.jpg")]
    page.locator("input[type=file][name=file]").set_input_files(photos)
    expect(page.locator("#making-chips figure[data-photo]")).to_have_count(2)
    page.get_by_label("Name", exact=True).fill("Vera")
    page.get_by_role("button", name="Make the element").click()
    expect(page.locator(".handle").first).to_contain_text("@vera")

    page.locator("main a.angle-photo").first.click()
    for side, value in (("Left", "0.25"), ("Top", "0.2"), ("Width", "0.14"), ("Height", "0.2")):
        page.locator("form[data-box-form=face]").get_by_label(side, exact=True).fill(value)
    page.get_by_label("People in the photo").fill("2")
    page.get_by_role("button", name="Keep marks").click()
    expect(page.locator("main")).to_contain_text("face", ignore_case=True)

    page.goto("/projects/four-panels/cast")
    page.get_by_role("link", name="Add from the library").click()
    page.get_by_role("button", name=re.compile("Cast Vera")).click()
    expect(page.get_by_role("list", name="Cast")).to_contain_text("@vera")

    page.goto("/projects/four-panels/")
    page.locator("#composer input[name=mode][value=series]").check(force=True)
    page.locator("textarea[name=prompt]").fill(STORY)
    page.get_by_role("button", name=re.compile("^Generate series of 4")).click()
    expect(page.locator("figure.tile")).to_have_count(4)
    expect(page.locator("figure.tile img")).to_have_count(4, timeout=DRAWN_WITHIN)

    page.get_by_role("navigation", name="Four panels").get_by_role("link", name="Series").click()
    page.locator(".series-cards a").last.click()
    expect(page.locator(".panel-card")).to_have_count(4)
    before = [shown(page, number) for number in (1, 2, 3, 4)]
    for number in (1, 2, 4):
        page.locator(f"#panel-{number}").get_by_role("button", name=re.compile("^Lock")).click()
        expect(page.locator(f"#panel-{number}")).to_have_class(re.compile("panel-locked"))
    page.get_by_label("Words of panel 3").fill(
        "Low angle, 24mm, @vera runs down a city street at night, neon"
    )
    page.locator("#panel-3").get_by_role("button", name=re.compile("^Redo")).click()
    expect(page.locator("#panel-3 .takes li")).to_have_count(2)
    expect(page.locator("#panel-3 .takes img")).to_have_count(2, timeout=DRAWN_WITHIN)
    expect(page.locator("#panel-3 .spin")).to_have_count(0)
    after = [shown(page, number) for number in (1, 2, 3, 4)]
    assert [after[0], after[1], after[3]] == [before[0], before[1], before[3]]
    assert after[2] != before[2]
    assert len({*before, after[2]}) == 5
