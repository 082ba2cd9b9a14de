"""Chips of references and elements in the hand: dragged, mended, brought up to date, waited for."""

import pytest
from playwright.sync_api import Locator, Page, expect

from accounts.models import User
from elements import library, references
from elements.models import Element, Reference, WantedReference
from projects.cast import cast
from projects.models import Project
from tests.composer.hands import drag, paste, upload
from tests.factories import make_blob, make_element, make_picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_references_and_elements_are_dragged_into_another_order(
    page: Page, lena: User, prompt: Locator
) -> None:
    for name, colour in (("harbour.png", "#204060"), ("dunes.png", "#a08040"), ("pier.png", "#602040")):
        upload(page, name, colour)
    drag(page, page.locator(".ref > img").nth(0), page.locator(".ref > img").nth(2))
    chips = page.locator(".ref")
    expect(chips.nth(2)).to_have_attribute("data-called", "ref-harbour")
    expect(chips.nth(2).locator("[data-number]")).to_have_text("3")
    drag(page, chips.nth(2).locator("[data-number]"), chips.nth(0).locator("[data-number]"))
    expect(chips.nth(0)).to_have_attribute("data-called", "ref-harbour")
    make_element("lamp", lena, kind="object", colours=("#908070",))
    for name in ("mara", "lamp"):
        prompt.press_sequentially(f"@{name}")
        expect(page.get_by_role("option", name=f"@{name}")).to_be_visible()
        prompt.press("Enter")
    cast_chips = page.locator(".cast-chip")
    expect(cast_chips).to_have_count(2)
    drag(page, cast_chips.nth(1).locator("img"), cast_chips.nth(0).locator("img"))
    expect(cast_chips.nth(0)).to_have_attribute("data-name", "lamp")
    page.get_by_role("button", name="Move @lamp back").click()
    expect(cast_chips.nth(0)).to_have_attribute("data-name", "mara")
    expect(page.get_by_role("button", name="Move @lamp back")).to_be_hidden()


def test_an_unfit_picture_is_mended_in_its_place(page: Page, prompt: Locator) -> None:
    picture = make_picture("#204060", (800, 600), "WEBP")
    into = page.locator("#composer-drop input")
    into.set_input_files({"name": "harbour.webp", "mimeType": "image/webp", "buffer": picture})
    page.get_by_label("Role of harbour.webp").select_option("scene")
    prompt.fill("A fox in @ref-harbour")
    page.evaluate(
        """() => {
            const route = document.getElementById("composer-route");
            for (const option of route.options) option.disabled = false;
            route.value = "kling";
            route.dispatchEvent(new Event("input", { bubbles: true }));
        }"""
    )
    expect(page.locator("#error-reference")).to_contain_text("Kling takes JPEG or PNG, and this is WebP.")
    page.get_by_role("button", name="Make a copy of @ref-harbour that fits").click()
    expect(page.locator("#error-reference")).to_have_count(0)
    expect(page.get_by_label("Role of harbour.webp")).to_have_value("scene")
    expect(prompt).to_have_value("A fox in @ref-harbour")
    assert Reference.objects.get(crop_of__isnull=False).blob.media_type == "image/jpeg"


def test_a_newer_version_is_taken_in_the_chip(
    page: Page, prompt: Locator, lena: User, project: Project
) -> None:
    mara = Element.objects.get()
    cast(project, mara)
    library.new_version(mara, library.Change(description="Chemist"), lena)
    prompt.fill("@mara waits ")
    chip = page.locator(".cast-chip")
    expect(chip).to_contain_text("v2, v3 is newer: take it")
    page.get_by_role("button", name="Take v3 of @mara").click()
    expect(chip).to_contain_text("v3")
    expect(chip).not_to_contain_text("newer")
    expect(prompt).to_have_value("@mara waits ")


def test_a_picture_by_its_address_waits_in_its_place(page: Page, project: Project, settings) -> None:
    settings.REFERENCE_HOSTS = ["pictures.example"]
    paste(page.locator("body"), "https://pictures.example/harbour.jpg")
    place = page.locator("[data-wanted]")
    expect(place).to_contain_text("pictures.example")
    expect(page.locator("#composer-words")).to_contain_text("A reference is still being fetched.")
    page.reload()
    expect(place).to_contain_text("pictures.example")
    kept = references.keep(project.pk, make_blob("#204060", (800, 600)), "harbour.jpg", None)
    WantedReference.objects.update(state="there", reference=kept)
    expect(page.locator(".ref[data-called=ref-harbour]")).to_be_visible()
    expect(place).to_have_count(0)
    expect(page.locator("#composer-words")).not_to_contain_text("still being fetched")
    paste(page.locator("body"), "https://pictures.example/gone.jpg")
    expect(place).to_have_count(1)
    WantedReference.objects.filter(state="waiting").update(state="failed", error="It answered 404.")
    expect(page.get_by_text("It answered 404.")).to_be_visible()
    expect(place).to_have_count(0)
