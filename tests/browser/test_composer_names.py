"""The composer's names and rows with a real keyboard: mentions, chips, panels, what will be sent."""

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser


@pytest.fixture
def composer(page: Page, sample: str) -> Page:
    page.goto(sample)
    page.evaluate("() => localStorage.clear()")
    page.goto(sample)
    return page


def test_a_mention_is_chosen_by_keyboard_and_becomes_a_chip(composer: Page) -> None:
    prompt = composer.locator("#composer-prompt")
    prompt.click()
    composer.keyboard.type("Medium shot, @ma")
    expect(composer.get_by_role("option", name=re.compile("@mara"))).to_be_visible()
    composer.keyboard.press("Enter")
    expect(prompt).to_have_value("Medium shot, @mara ")
    expect(composer.locator("#composer-elements")).to_contain_text("@mara")
    expect(composer.locator(".mirror mark").first).to_have_text("@mara")


def test_escape_closes_the_list_and_leaves_the_words(composer: Page) -> None:
    composer.locator("#composer-prompt").click()
    composer.keyboard.type("@in")
    expect(composer.get_by_role("listbox", name="Elements and references")).to_be_visible()
    composer.keyboard.press("Escape")
    expect(composer.get_by_role("listbox", name="Elements and references")).to_have_count(0)
    expect(composer.locator("#composer-prompt")).to_have_value("@in")


def test_taking_an_element_out_takes_its_mention_out(composer: Page) -> None:
    composer.locator("#composer-prompt").fill("@mara waits beside @ines")
    expect(composer.locator("#composer-elements")).to_contain_text("@ines")
    composer.get_by_role("button", name="Take @mara out").click()
    expect(composer.locator("#composer-prompt")).to_have_value(re.compile("^ ?waits beside @ines$"))
    expect(composer.locator("#composer-elements")).not_to_contain_text("@mara")


def test_a_pasted_story_becomes_rows_and_the_count_follows(composer: Page) -> None:
    composer.locator("#composer input[name=mode][value=series]").check(force=True)
    expect(composer.locator(".panel-row")).to_have_count(4)
    composer.locator("#composer-prompt").fill("Noir. Panel 1: A street. Panel 2: A door. Panel 3: A key.")
    composer.get_by_role("button", name="Split the prompt into panels").click()
    expect(composer.locator(".panel-row textarea")).to_have_count(3)
    expect(composer.locator("#composer-prompt")).to_have_value("Noir.")
    expect(composer.get_by_role("button", name=re.compile("^Generate series of 3"))).to_be_visible()
    composer.get_by_role("button", name="Remove panel 2").click()
    expect(composer.get_by_role("button", name=re.compile("^Generate series of 2"))).to_be_visible()
    composer.get_by_role("button", name="Undo").click()
    expect(composer.locator(".panel-row textarea").nth(1)).to_have_value("A door.")


def test_what_will_be_sent_is_shown_for_every_route(composer: Page) -> None:
    composer.locator("#composer-prompt").fill("@mara lifts a flask")
    composer.get_by_role("button", name="What will be sent").click()
    dialog = composer.get_by_role("dialog", name="What will be sent")
    expect(dialog).to_contain_text("@Element1 lifts a flask")
    expect(dialog).to_contain_text("<<<element_1>>> lifts a flask")
    expect(dialog).to_contain_text("Runware")


def test_a_pasted_request_fills_the_composer_after_it_was_shown(composer: Page) -> None:
    composer.get_by_role("button", name="Paste a request").click()
    body = '{"prompt": "A heron at dawn", "num_images": 2, "aspect_ratio": "1:1", "output_format": "webp"}'
    composer.get_by_label("JSON body or cURL line").fill(body)
    composer.get_by_role("button", name="Read it").click()
    composer.get_by_role("button", name="Fill the composer").click()
    expect(composer.locator("#composer-prompt")).to_have_value("A heron at dawn")
    expect(composer.get_by_role("button", name=re.compile("^Generate 2"))).to_be_visible()
