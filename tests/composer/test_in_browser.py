"""The composer in the hand: names, pictures, panels and pasted requests, by keyboard where it can be."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from elements.models import Element, Reference
from generations.models import Generation
from projects.models import Project
from tests.composer.hands import paste, upload
from tests.factories import make_picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SERIES = "#composer label:has(input[name=mode][value=series])"


def test_a_name_is_chosen_by_keyboard_and_attached(page: Page, prompt: Locator, mara: Element) -> None:
    prompt.press_sequentially("Wide shot, @ma")
    expect(page.get_by_role("option", name="@mara")).to_have_attribute("aria-selected", "true")
    expect(page.locator("#mention-status")).to_contain_text("1 name. Arrows choose")
    expect(page.locator("#error-prompt")).to_have_count(0)
    prompt.press("Enter")
    expect(prompt).to_have_value("Wide shot, @mara ")
    expect(prompt).to_be_focused()
    chip = page.locator("#composer-elements .cast-chip")
    expect(chip).to_contain_text("@mara v2")
    expect(chip).to_contain_text("sends the front (of 2)")
    expect(page.locator("#composer-elements input[name=element]")).to_have_value(str(mara.uuid))
    expect(page.locator(".mirror mark")).to_have_text("@mara")
    prompt.press("Control+Enter")
    expect(page.locator("figure.tile-wait")).to_have_count(4)
    assert Generation.objects.get().elements.get().element == mara


def test_while_names_are_looked_up_what_is_typed_so_far_is_not_called_wrong(
    page: Page, prompt: Locator, mara: Element
) -> None:
    def slowly(route: Route) -> None:
        page.wait_for_timeout(1000)
        route.continue_()

    page.route("**/mentions*", slowly)
    prompt.press_sequentially("Wide shot, @ma")
    expect(page.get_by_role("option", name="@mara")).to_be_visible()
    expect(page.locator("#error-prompt")).to_have_count(0)


def test_a_name_that_nobody_has_looks_wrong_and_is_said(page: Page, prompt: Locator) -> None:
    prompt.press_sequentially("@nobody waits beside @mara ")
    expect(page.locator("#error-prompt")).to_contain_text("Nothing here is called @nobody")
    expect(page.locator(".mirror mark.wrong")).to_have_text("@nobody")
    expect(page.locator(".mirror mark:not(.wrong)")).to_have_text("@mara")


def test_what_was_read_of_a_long_word_stays_within_the_composer(page: Page, prompt: Locator) -> None:
    prompt.fill("A harbour at dusk, " + "x" * 80)
    said = page.locator(".lint", has_text="x" * 40)
    expect(said).to_be_visible()
    width, needed = said.evaluate("one => [one.clientWidth, one.scrollWidth]")
    assert needed <= width


def test_the_chips_stand_where_the_words_stand(page: Page, prompt: Locator) -> None:
    words = "A long sentence that wraps around before it comes to @mara who waits. " * 12
    prompt.fill(f"{words} ")
    boxes = page.evaluate(
        """() => {
            const area = document.getElementById("composer-prompt");
            const behind = area.previousElementSibling;
            return [[area.clientWidth, area.scrollHeight], [behind.clientWidth, behind.scrollHeight]];
        }"""
    )
    assert boxes[0][0] == boxes[1][0]
    assert abs(boxes[0][1] - boxes[1][1]) <= 20  # one line end more
    page.set_viewport_size({"width": 390, "height": 844})
    page.wait_for_timeout(100)
    expect(page.locator(".mirror mark")).to_have_count(12)


def test_marks_of_providers_become_names(page: Page, prompt: Locator) -> None:
    upload(page, "harbour.png", "#204060")
    paste(prompt, "As in @Image1 and <<<image_2>>>")
    expect(prompt).to_have_value("As in @ref-harbour and <<<image_2>>>")
    expect(page.locator(".mirror mark.wrong")).to_have_text("<<<image_2>>>")


def test_an_outfit_is_said_where_the_element_is_mentioned(page: Page, prompt: Locator) -> None:
    prompt.press_sequentially("@mara waits")
    wardrobe = page.get_by_label("Wardrobe of @mara")
    wardrobe.select_option("Lab dress")
    expect(prompt).to_have_value("@mara wearing: Lab dress, waits")
    wardrobe.select_option("Travel coat")
    expect(prompt).to_have_value("@mara wearing: Travel coat, waits")


def test_a_swapped_picture_keeps_role_and_name_and_is_redone_in_one_move(page: Page, prompt: Locator) -> None:
    upload(page, "harbour.png", "#204060")
    page.get_by_label("Role of harbour.png").select_option("scene")
    prompt.fill("A fox in @ref-harbour ")
    page.get_by_role("button", name="Name, crop or replace harbour.png").click()
    upload(page, "pier.png", "#602040", "[data-reference-replace]")
    expect(page.locator("#composer-uploads")).to_contain_text("@ref-harbour is pier.png now.")
    expect(page.get_by_label("Role of pier.png")).to_have_value("scene")
    expect(prompt).to_have_value("A fox in @ref-harbour ")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_label("Role of harbour.png")).to_have_value("scene")
    page.get_by_role("button", name="Name, crop or replace harbour.png").click()
    upload(page, "pier.png", "#602040", "[data-reference-replace]")
    page.get_by_role("button", name="Generate with it").click()
    expect(page.locator("figure.tile-wait")).to_have_count(4)
    used = Generation.objects.get().references.get()
    assert used.reference.name == "pier.png"


def test_a_picture_that_is_dropped_on_another_replaces_it(page: Page, prompt: Locator) -> None:
    upload(page, "harbour.png", "#204060")
    upload(page, "dunes.png", "#a08040")
    drop = """(chip, bytes) => {
        const data = new DataTransfer();
        data.items.add(new File([new Uint8Array(bytes)], "pier.png", { type: "image/png" }));
        for (const name of ["dragover", "drop"])
            chip.dispatchEvent(new DragEvent(name, { dataTransfer: data, bubbles: true, cancelable: true }));
    }"""
    page.locator(".ref").nth(0).evaluate(drop, list(make_picture("#602040", (800, 600))))
    expect(page.locator("#composer-uploads")).to_contain_text("@ref-harbour is pier.png now.")
    names = [chip.get_attribute("data-called") for chip in page.locator(".ref").all()]
    assert names == ["ref-harbour", "ref-dunes"]
    page.locator("#composer-drop").evaluate(drop, list(make_picture("#905040", (800, 600))))
    expect(page.locator(".ref")).to_have_count(3)


def test_rows_of_a_series_are_there_without_scripts(
    live_server: LiveServer, page: Page, browser: Browser, project: Project
) -> None:
    state = page.context.storage_state()
    plain = browser.new_context(java_script_enabled=False, storage_state=state)
    form = plain.new_page()
    form.goto(f"{live_server.url}/projects/{project.slug}/")
    rows = form.locator(".panel-row textarea")
    expect(rows.first).to_be_hidden()
    form.locator(SERIES).click()
    expect(rows).to_have_count(4)
    for index in range(4):
        rows.nth(index).fill(f"Beat {index}")
    form.locator("#composer-prompt").fill("Noir")
    form.get_by_role("button", name=re.compile("^Generate")).click()
    form.wait_for_url("**/")
    plain.close()
    assert Generation.objects.get().request["panels"] == ["Beat 0", "Beat 1", "Beat 2", "Beat 3"]


def test_a_reference_is_renamed_and_the_words_follow(page: Page, prompt: Locator) -> None:
    upload(page, "harbour.png", "#204060")
    prompt.fill("As in @ref-harbour, not @ref-harbour-2 ")
    page.get_by_role("button", name="Name, crop or replace harbour.png").click()
    dialog = page.get_by_role("dialog", name="harbour.png")
    dialog.get_by_label("Name in prompts").fill("!!")
    dialog.get_by_role("button", name="Rename").click()
    expect(dialog).to_contain_text("A name has at least one letter or digit")
    dialog.get_by_label("Name in prompts").fill("Old pier")
    dialog.get_by_role("button", name="Rename").click()
    expect(prompt).to_have_value("As in @ref-old-pier, not @ref-harbour-2 ")
    assert Reference.objects.get().handle == "ref-old-pier"


def test_a_crop_takes_the_place_and_the_original_stays(page: Page, prompt: Locator) -> None:
    upload(page, "harbour.png", "#204060")
    page.get_by_role("button", name="Name, crop or replace harbour.png").click()
    dialog = page.get_by_role("dialog", name="harbour.png")
    expect(dialog).to_contain_text("640 × 480 px")
    dialog.get_by_label("Width").fill("0.2")
    dialog.get_by_role("button", name="Use the crop").click()
    expect(dialog).to_contain_text("models want at least 300")
    dialog.get_by_label("Width").fill("0.8")
    dialog.get_by_role("radio", name="1:1").check(force=True)
    dialog.get_by_role("button", name="Use the crop").click()
    expect(page.locator("#composer-uploads")).to_contain_text("@ref-harbour is harbour.png now.")
    cropped = Reference.objects.get(crop_of__isnull=False)
    assert (cropped.blob.width, cropped.blob.height) == (480, 480)
    assert Reference.objects.count() == 2


def test_an_address_is_not_fetched_and_that_is_said(page: Page) -> None:
    paste(page.locator("body"), "https://pictures.example/harbour.jpg")
    expect(page.locator("#composer-uploads")).to_contain_text("pictures.example")
    expect(page.locator("#composer-uploads")).to_contain_text("nothing was fetched")


def test_the_relation_is_added_updated_and_taken_out(page: Page, prompt: Locator) -> None:
    upload(page, "harbour.png", "#204060")
    upload(page, "dunes.png", "#a08040")
    page.get_by_label("Role of harbour.png").select_option("composition")
    page.get_by_label("Role of dunes.png").select_option("palette")
    prompt.fill("A fox.")
    said = "Keep the composition of @ref-harbour, take palette and light from @ref-dunes."
    expect(page.locator("#composer-relation")).to_have_text(said)
    page.get_by_role("button", name="Add to the prompt").click()
    expect(prompt).to_have_value(f"A fox. {said}")
    expect(page.locator("#composer-relation")).to_have_count(0)
    page.get_by_label("Role of dunes.png").select_option("texture")
    page.get_by_role("button", name="Update the prompt").click()
    expect(prompt).to_have_value("A fox. Keep the composition of @ref-harbour, take texture from @ref-dunes.")
    page.get_by_role("button", name="Remove dunes.png").click()
    page.get_by_role("button", name="Take it out").click()
    expect(prompt).to_have_value("A fox.")


def choose(radio: Locator) -> None:
    """Press until it holds: an answer that comes just then replaces the row under the pointer."""
    for _ in range(5):
        radio.click(force=True)
        if radio.is_checked():
            return
    expect(radio).to_be_checked()


def test_what_to_keep_and_to_change_is_a_sentence(page: Page, prompt: Locator) -> None:
    expect(page.get_by_text("Keep and change")).to_be_hidden()
    upload(page, "harbour.png", "#204060")
    page.get_by_text("Keep and change").click()
    for part, choice in (("Composition", "keep"), ("Light", "change")):
        row = page.get_by_role("group", name=part)
        choose(row.get_by_role("radio", name=choice, exact=True))
    page.get_by_label("Change to").fill("a cold blue dusk")
    said = "Keep the composition; change the light to a cold blue dusk."
    expect(page.locator("#composer-kept")).to_have_text(said)
    page.get_by_role("button", name="Add to the prompt").click()
    expect(prompt).to_have_value(said)


def test_a_start_opens_places_that_pictures_fill(page: Page, prompt: Locator) -> None:
    page.get_by_role("button", name="Casting").click()
    expect(page.locator("#composer-starts")).to_be_hidden()
    expect(page.locator("#error-prompt")).to_have_count(0)
    upload(page, "face.png", "#c08050", "[data-slot='2'] input[type=file]")
    expect(prompt).to_have_value(re.compile("^Place the person of @ref-face into the scene of @Image1"))
    upload(page, "street.png", "#101010")
    expect(prompt).to_have_value(re.compile("^Place the person of @ref-face into the scene of @ref-street"))
    expect(page.get_by_label("Role of street.png")).to_have_value("scene")
    expect(page.get_by_label("Role of face.png")).to_have_value("character")
    expect(page.locator("[data-slot]")).to_have_count(0)


def test_panels_are_written_and_moved_by_keyboard_alone(page: Page, prompt: Locator) -> None:
    page.locator(SERIES).click()
    rows = page.locator(".panel-row textarea")
    expect(rows).to_have_count(4)
    prompt.fill("Noir")
    rows.nth(0).fill("One")
    rows.nth(1).fill("Two")
    rows.nth(1).press("Alt+ArrowUp")
    expect(rows.nth(0)).to_have_value("Two")
    expect(rows.nth(0)).to_be_focused()
    page.get_by_role("button", name="Remove panel 4").press("Enter")
    page.get_by_role("button", name="Remove panel 3").press("Enter")
    expect(rows).to_have_count(2)
    expect(page.locator("#composer-count [data-typed]")).to_have_text("30")
    expect(page.get_by_role("button", name=re.compile("^Generate series of 2"))).to_be_visible()
    rows.nth(1).press_sequentially(" with @mar")
    expect(page.get_by_role("option", name="@mara")).to_be_visible()
    page.keyboard.press("Enter")
    expect(rows.nth(1)).to_have_value("One with @mara ")
    page.keyboard.press("Control+Enter")
    expect(page.locator("figure.tile-wait")).to_have_count(2)
    assert Generation.objects.get().request["panels"] == ["Two", "One with @mara "]


def test_a_row_is_dragged_by_its_number(page: Page) -> None:
    page.locator(SERIES).click()
    rows = page.locator(".panel-row textarea")
    for index, words in enumerate(("One", "Two", "Three", "Four")):
        rows.nth(index).fill(words)
    page.locator("[data-panel-grip]").nth(0).hover()
    page.mouse.down()
    page.locator("[data-panel-grip]").nth(2).hover()
    page.mouse.up()
    expect(rows.nth(0)).to_have_value("Two")
    expect(rows.nth(2)).to_have_value("One")


def test_a_pasted_story_becomes_rows(page: Page, prompt: Locator) -> None:
    page.locator(SERIES).click()
    paste(prompt, "Ink wash. Panel 1: @mara enters. Panel 2: She waits. Panel 3: She leaves.")
    rows = page.locator(".panel-row textarea")
    expect(rows).to_have_count(3)
    expect(prompt).to_have_value("Ink wash.")
    expect(rows.nth(0)).to_have_value("@mara enters.")
    expect(page.locator(".panel-row .mirror mark")).to_have_text("@mara")


def test_the_count_makes_empty_rows_and_takes_none_with_words(page: Page) -> None:
    page.locator(SERIES).click()
    rows = page.locator(".panel-row textarea")
    for index in range(3):
        rows.nth(index).fill(f"Beat {index}")
    page.locator("[data-count='6']").click()
    expect(rows).to_have_count(6)
    page.locator("[data-count='2']").click()
    expect(rows).to_have_count(3)
    expect(page.get_by_text("3 panels have words")).to_be_visible()
    expect(page.locator("#composer-number")).to_have_value("3")


def test_a_model_without_series_offers_the_one_that_makes_them(page: Page, prompt: Locator) -> None:
    prompt.fill("Noir")
    page.locator("#composer-model").select_option("v3")
    page.locator(SERIES).click()
    page.locator(".panel-row textarea").nth(0).fill("A street")
    expect(page.locator("#composer-modes")).to_contain_text("does not make series")
    page.get_by_role("button", name="Use Kling O3").click()
    expect(page.locator("#composer-modes")).not_to_contain_text("does not make series")
    expect(page.locator("#composer-model")).to_have_value("o3")
    expect(page.locator(".panel-row textarea").nth(0)).to_have_value("A street")


def test_a_request_pasted_into_the_prompt_is_shown_taken_and_taken_back(page: Page, prompt: Locator) -> None:
    prompt.fill("A fox")
    body = '{"prompt": "A heron at dawn", "num_images": 2, "image_url": "https://x.example/a.png", "tint": 3}'
    paste(prompt, body)
    dialog = page.get_by_role("dialog", name="Paste a request")
    row = dialog.get_by_role("row", name=re.compile("^Prompt"))
    expect(row).to_contain_text("A fox")
    expect(row).to_contain_text("A heron at dawn")
    expect(dialog).to_contain_text("Picture 1 is at x.example and was not fetched")
    expect(dialog).to_contain_text("tint")
    expect(prompt).to_have_value("A fox")
    dialog.get_by_role("button", name="Fill the composer").click()
    expect(page.locator("#composer-prompt")).to_have_value("A heron at dawn")
    expect(page.get_by_role("button", name=re.compile("^Generate 2"))).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#composer-prompt")).to_have_value("A fox")


def test_what_was_pasted_may_be_words_after_all(page: Page, prompt: Locator) -> None:
    paste(prompt, 'curl "a sign that says so"')
    dialog = page.get_by_role("dialog", name="Paste a request")
    dialog.get_by_role("button", name="Put it into the prompt as words").click()
    expect(prompt).to_have_value('curl "a sign that says so"')


@pytest.mark.parametrize("width", [1440, 390])
def test_a_full_composer_has_no_barrier_and_no_sideways_scroll(
    page: Page, prompt: Locator, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    if width < 900:
        page.locator(".gallery-bar [data-fold=composer]").first.click()
    upload(page, "harbour.png", "#204060")
    upload(page, "dunes.png", "#a08040")
    page.locator(SERIES).click()
    prompt.fill("@mara as in @ref-harbour and @Image9 ")
    expect(page.locator(".mirror mark.wrong")).to_have_count(1)
    prompt.press_sequentially("@")
    expect(page.get_by_role("option").first).to_be_visible()
    found = [
        (violation["id"], [node["target"] for node in violation["nodes"][:3]])
        for violation in Axe().run(page).response["violations"]
        if violation["impact"] in ("serious", "critical")
    ]
    assert found == []
    scrolls = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(scrolls) <= 0
