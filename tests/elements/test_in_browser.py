"""Making and arranging an element in a real browser; no barrier and nothing sideways on its screens."""

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from accounts.models import User
from elements import library
from elements.library import NewElement, NewPhoto
from elements.looks import look
from elements.models import Angle, Element, Kind
from generations.models import Flag, GenerationElement, Output
from media import intake
from projects.cast import cast
from projects.models import Project
from tests.factories import make_stored
from tests.opening import Opener

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("project"),
]
SAMPLES = Path(__file__).resolve().parents[2] / "studio" / "sample_data"
CURIE, SUIT = SAMPLES / "laboratory.jpg", SAMPLES / "astronaut.jpg"
DROP = """([selector, names, texts]) => {
  const files = new DataTransfer();
  texts.forEach((text, index) => {
    const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    files.items.add(new File([bytes], names[index], { type: "image/jpeg" }));
  });
  const place = document.querySelector(selector);
  for (const kind of ["dragover", "drop"]) {
    place.dispatchEvent(new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: files }));
  }
}"""


@pytest.fixture
def page(opened: Opener) -> Iterator[Page]:
    page = opened()
    trouble: list[str] = []
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("console", lambda said: trouble.append(said.text) if said.type == "error" else None)
    yield page
    assert [line for line in trouble if "422" not in line] == []


@pytest.fixture
def mara(ana: User, project: Project) -> Element:
    """A character with two versions, pictures of both, and a project whose cast stands behind."""
    front = NewPhoto(intake.store(CURIE), "laboratory.jpg", Angle.FRONT, people=2, face=(0.3, 0.2, 0.1, 0.2))
    suit = NewPhoto(intake.store(SUIT), "suit.jpg", Angle.THREE_QUARTER, people=1)
    new = NewElement("mara", "Mara", Kind.CHARACTER, (front, suit), wardrobe=("Lab dress", "Travel coat"))
    mara = library.create(new, ana, None)
    cast(project, mara)
    use(mara, project, 2)
    library.new_version(mara, library.Change(description="Chemist in her thirties, striped dress"), ana)
    use(mara, project, 1)
    library.set_tags(mara, ["lead"])
    return mara


def use(element: Element, project: Project, count: int) -> list[Output]:
    outputs = make_stored(project, project.created_by, f"@{element.handle} waits by the window", count)
    named = {"element": element, "version": element.current, "name": element.handle, "position": 0}
    GenerationElement.objects.create(generation=outputs[0].generation, **named)
    Output.objects.filter(pk=outputs[0].pk).update(flag=Flag.PICK)
    return outputs


def drop(page: Page, selector: str, *files: Path) -> None:
    """Let files fall on a place, as from the desktop."""
    texts = [base64.b64encode(file.read_bytes()).decode() for file in files]
    page.evaluate(DROP, [selector, [file.name for file in files], texts])


def test_two_dropped_photos_become_an_element(page: Page, project: Project) -> None:
    page.goto("/elements/")
    drop(page, ".drop", CURIE)
    page.wait_for_url("**/elements/new?photo=*")
    drop(page, "main", SUIT)
    expect(page.locator("#making-chips [data-photo]")).to_have_count(2)
    angles = page.locator("#making-chips select")
    expect(angles.nth(0)).to_have_value("front")
    expect(angles.nth(1)).to_have_value("three-quarter")
    page.get_by_label("Name", exact=True).fill("Mära Lind")
    expect(page.get_by_label("Handle")).to_have_value("mara-lind")
    page.get_by_label("People in the front photo").select_option("2")
    page.get_by_role("button", name="Make the element").click()
    expect(page.locator("main")).to_contain_text("2 people are in the front photo")
    expect(page.locator("#making-chips [data-photo]")).to_have_count(2)

    sheet = page.locator(".making-front")
    expect(sheet).to_have_attribute("role", "application")  # the script is there
    expect(sheet).to_have_attribute("viewBox", "0 0 840 700")
    sheet.scroll_into_view_if_needed()
    frame = sheet.locator("[data-box-picture]").bounding_box()
    assert frame
    page.mouse.move(frame["x"] + frame["width"] * 0.3, frame["y"] + frame["height"] * 0.2)
    page.mouse.down()
    page.mouse.move(frame["x"] + frame["width"] * 0.5, frame["y"] + frame["height"] * 0.5, steps=4)
    page.mouse.up()
    page.get_by_role("button", name="Make the element").click()
    expect(page.locator(".handle").first).to_have_text("@mara-lind")
    mara = Element.objects.get()
    front, side = look(mara.current).photos
    assert (front.photo.name, side.photo.name, side.angle) == (CURIE.name, SUIT.name, "three-quarter")
    assert front.photo.face is not None
    assert front.photo.face == pytest.approx((0.3, 0.2, 0.2, 0.3), abs=0.02)


def test_naming_a_photo_the_front_swaps_the_two(page: Page, project: Project) -> None:
    page.goto("/elements/new")
    page.locator("#making-drop input").set_input_files([CURIE, SUIT])
    expect(page.locator("#making-chips [data-photo]")).to_have_count(2)
    page.locator("#making-chips select").nth(1).select_option("front")
    images = page.locator("#making-chips img")
    expect(images.nth(0)).to_have_attribute("alt", SUIT.name)
    expect(page.locator("#making-chips select").nth(1)).to_have_value("three-quarter")
    page.get_by_role("button", name=f"Remove {CURIE.name}").click()
    expect(images).to_have_count(1)


def test_a_photo_dropped_into_a_slot_makes_a_version(page: Page, mara: Element) -> None:
    page.goto(f"/elements/{mara.uuid}/")
    page.get_by_label("Add a photo: Back").set_input_files(SAMPLES / "bartender.jpg")
    expect(page.locator("#angles")).to_contain_text("Back · photographed")
    expect(page.locator(".element-beside")).to_contain_text("Added back")
    page.get_by_role("button", name="Change back").click()
    page.get_by_role("button", name="Take it out").click()
    expect(page.locator(".element-beside")).to_contain_text("Removed back")


def test_a_fact_is_changed_where_it_stands(page: Page, mara: Element) -> None:
    page.goto(f"/elements/{mara.uuid}/")
    page.get_by_label("Change the description").click()
    page.get_by_role("textbox", name="Description").fill("Chemist")
    page.get_by_role("textbox", name="Description").press("Enter")
    expect(page.locator("#messages")).to_contain_text("Saved as version 3.")
    expect(page.locator(".element-hero")).to_contain_text("Chemist")


def test_old_pictures_are_made_again_after_the_price_was_shown(page: Page, mara: Element) -> None:
    before = Output.objects.count()
    page.goto(f"/elements/{mara.uuid}/used?version=old")
    boxes = page.locator("#tiles .tile-check")
    expect(boxes).to_have_count(2)
    boxes.first.check(force=True)
    page.get_by_role("button", name="Swap to v2 and redo").click()
    expect(page.get_by_role("dialog")).to_contain_text("1 request, 2 pictures")
    page.get_by_role("button", name="Make 2 again · free").click()
    page.wait_for_url("**/queue")
    assert Output.objects.count() == before + 2


def test_a_link_into_the_composer_loses_no_draft(page: Page, mara: Element, project: Project) -> None:
    stills = f"/projects/{project.slug}/"
    prompt = page.locator("#composer textarea[name=prompt]")
    page.goto(stills)
    prompt.fill("Night rain in a narrow street.")
    page.goto(f"/elements/{mara.uuid}/")
    page.get_by_role("link", name="Use in a prompt").click()
    expect(prompt).to_have_value("Night rain in a narrow street. @mara")
    page.goto(f"/elements/{mara.uuid}/")
    page.get_by_role("button", name="Make character sheet · free or $0.168").click()
    page.get_by_role("link", name="Draft").click()
    expect(page.locator("#composer")).to_contain_text("Generate series of 6")
    page.get_by_role("button", name="Take my draft").click()
    expect(prompt).to_have_value("Night rain in a narrow street. @mara")


def test_the_cast_is_updated_and_chosen_from_the_library(page: Page, mara: Element, project: Project) -> None:
    page.goto(f"/projects/{project.slug}/cast")
    page.get_by_role("button", name="v2 is newer: update").click()
    expect(page.get_by_role("list", name="Cast")).to_contain_text("Character · v2")
    page.get_by_role("button", name="Take Mara out of the cast").click()
    expect(page.get_by_role("heading", name="No cast yet")).to_be_visible()
    page.get_by_role("link", name="Add from the library").click()
    with page.expect_response(lambda answer: "q=mar" in answer.url):  # its list replaces the one before
        page.get_by_role("searchbox").fill("mar")
    page.get_by_role("button", name="Cast Mara").click()
    expect(page.get_by_role("list", name="Cast")).to_contain_text("@mara")


@pytest.mark.parametrize("width", [1440, 390, 320])
def test_no_screen_has_a_barrier_or_scrolls_sideways(
    opened: Opener, mara: Element, project: Project, width: int
) -> None:
    page = opened(bypass_csp=True)
    page.set_viewport_size({"width": width, "height": 900})
    base = f"/elements/{mara.uuid}"
    screens = ["/elements/", "/elements/new", f"{base}/", f"{base}/used", f"{base}/versions"]
    found = []
    for address in (*screens, f"/projects/{project.slug}/cast"):
        page.goto(address)
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if over > 0:
            found.append(f"{address} scrolls by {over} px")
        for violation in Axe().run(page).response["violations"]:
            if violation["impact"] in ("serious", "critical"):
                nodes = [node["target"] for node in violation["nodes"][:3]]
                found.append(f"{address}: {violation['id']} {nodes}")
    assert found == []
