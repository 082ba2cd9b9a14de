"""Hands on the keyboard: the help, panels, the viewer and Back, selection, compare and undo."""

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser
# Past its last control the browser's own bar has the focus, never the page behind.
KEPT_INSIDE = (
    "() => document.activeElement === document.body || !!document.activeElement.closest('#keys-help')"
)


@pytest.fixture
def stills(page: Page, sample: str) -> Page:
    page.goto(sample)
    expect(page.locator(".tile-link").first).to_be_visible()
    return page


def test_the_question_mark_lists_the_keys_and_gives_the_focus_back(stills: Page):
    link = stills.locator(".tile-link").first
    link.focus()
    stills.keyboard.press("?")
    help_box = stills.get_by_role("dialog", name="Keyboard")
    for words in ("Generate", "Rate 1 to 5", "Pick", "Compare", "Search", "Projects"):
        expect(help_box.locator("dt", has_text=re.compile(f"^{words}$"))).to_be_visible()
    for _ in range(3):
        stills.keyboard.press("Tab")
        assert stills.evaluate(KEPT_INSIDE)
    stills.keyboard.press("Escape")
    expect(help_box).to_be_hidden()
    expect(link).to_be_focused()


def test_a_folded_composer_stays_folded_after_a_reload(stills: Page):
    composer = stills.locator("#composer")
    stills.locator(".tile-link").first.focus()
    stills.keyboard.press("[")
    expect(composer).to_be_hidden()
    stills.reload()
    expect(composer).to_be_hidden()
    button = stills.get_by_role("button", name="Composer", exact=True)
    expect(button).to_have_attribute("aria-expanded", "false")
    button.click()
    expect(composer).to_be_visible()


def test_letters_do_nothing_while_somebody_types(stills: Page):
    prompt = stills.locator("textarea[name=prompt]")
    prompt.fill("")
    prompt.press_sequentially("pick[?")
    expect(prompt).to_have_value("pick[?")
    expect(stills.locator("#keys-help")).to_be_hidden()


def test_the_viewer_opens_steps_and_closes_by_key_and_by_back(stills: Page):
    here = stills.url
    links = stills.locator(".tile-link")
    links.nth(1).focus()
    stills.keyboard.press("Enter")
    viewer = stills.locator("dialog#viewer")
    expect(viewer).to_be_visible()
    expect(stills).to_have_url(re.compile("/outputs/"))
    first = stills.url
    stills.keyboard.press("ArrowRight")
    expect(stills).not_to_have_url(first)
    stills.keyboard.press("Escape")
    expect(viewer).to_be_hidden()
    expect(stills).to_have_url(here)
    expect(links.nth(2)).to_be_focused()
    stills.keyboard.press("Enter")
    expect(viewer).to_be_visible()
    stills.go_back()
    expect(viewer).to_be_hidden()
    expect(stills).to_have_url(here)


def test_two_selected_stills_are_compared(stills: Page):
    links = stills.locator(".tile-link")
    links.nth(0).focus()
    stills.keyboard.press("s")
    stills.keyboard.press("ArrowRight")
    stills.keyboard.press("s")
    bar = stills.locator("#selection")
    expect(bar).to_contain_text("2 selected")
    stills.keyboard.press("Escape")
    expect(bar).to_be_hidden()
    for index in (0, 1):
        links.nth(index).focus()
        stills.keyboard.press("s")
    stills.keyboard.press("c")
    expect(stills.locator(".compare-cell")).to_have_count(2)
    stills.keyboard.press("w")
    expect(stills.locator(".compare-over")).to_be_visible()
    expect(stills).to_have_url(re.compile("mode=wipe"))


def test_a_discarded_still_comes_back_by_the_undo_key(stills: Page):
    tile = stills.locator("figure.tile").first
    tile.locator(".tile-link").focus()
    stills.keyboard.press("Delete")
    notice = stills.locator(".toast", has_text="Moved to the trash")
    expect(notice.get_by_role("button", name="Undo")).to_be_visible()
    expect(tile).to_be_hidden()
    stills.keyboard.press("Control+z")
    expect(tile).to_be_visible()


def test_a_closed_export_dialog_leaves_nothing_behind(stills: Page):
    stills.locator(".tile-link").first.focus()
    stills.keyboard.press("s")
    export = stills.get_by_role("button", name="Export", exact=True)
    for _ in range(2):
        export.click()
        expect(stills.locator("dialog#export-dialog")).to_be_visible()
        stills.keyboard.press("Escape")
        expect(stills.locator("dialog#export-dialog")).to_have_count(0)
        expect(export).to_be_focused()
    export.click()
    stills.get_by_role("button", name=re.compile("^Export 1 still")).click()
    expect(stills.locator(".toast .export")).to_be_visible()
    expect(export).to_be_focused()


def test_the_generate_button_names_the_key_of_this_machine(stills: Page):
    keys = stills.locator("#composer-foot kbd:visible")
    expect(keys).to_have_count(1)
    expect(keys).to_have_text("Ctrl ↵")
