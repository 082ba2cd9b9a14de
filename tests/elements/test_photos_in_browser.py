"""Boxes over a photo in a real browser: by mouse, by keys, as numbers; no barrier and nothing sideways."""

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from elements import library, retouching
from elements.models import Angle, Element, Kind, Photo
from media import intake
from tests.factories import make_project, make_user

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SAMPLES = Path(__file__).resolve().parents[2] / "studio" / "sample_data"


@pytest.fixture
def photo(live_server: LiveServer) -> Photo:
    """Marie Curie beside Pierre: nobody has marked anything yet."""
    ana = make_user()
    make_project(owner=ana)
    picture = library.NewPhoto(intake.store(SAMPLES / "laboratory.jpg"), "laboratory.jpg", Angle.FRONT)
    suit = library.NewPhoto(intake.store(SAMPLES / "astronaut.jpg"), "suit.jpg", Angle.PROFILE, people=1)
    new = library.NewElement("curie", "Marie", Kind.CHARACTER, (picture, suit))
    return front(library.create(new, ana, None))


def front(element: Element) -> Photo:
    return Photo.objects.get(places__version=element.current_id, places__position=0)


@pytest.fixture
def page(browser: Browser, live_server: LiveServer, photo: Photo):
    context = browser.new_context(base_url=live_server.url, viewport={"width": 1440, "height": 900})
    client = Client()
    assert photo.element.created_by
    client.force_login(photo.element.created_by)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    page = context.new_page()
    trouble: list[str] = []
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("console", lambda said: trouble.append(said.text) if said.type == "error" else None)
    page.goto(f"/elements/photos/{photo.uuid}")
    yield page
    assert [line for line in trouble if "422" not in line] == []
    context.close()


def drag(page: Page, start: tuple[float, float], end: tuple[float, float]) -> None:
    """From one place of the photo to another, in fractions of it."""
    frame = page.locator("[data-box-picture]").bounding_box()
    assert frame
    places = [(frame["x"] + x * frame["width"], frame["y"] + y * frame["height"]) for x, y in (start, end)]
    page.mouse.move(*places[0])
    page.mouse.down()
    page.mouse.move(*places[1], steps=4)
    page.mouse.up()


def numbers(page: Page, form: str) -> list[float]:
    inputs = page.locator(f"[data-box-form={form}] .box-sides input")
    return [float(inputs.nth(index).input_value()) for index in range(4)]


def test_a_face_is_drawn_moved_sized_and_kept(page: Page, photo: Photo) -> None:
    box = page.locator("[data-box=face]")
    expect(box).to_be_hidden()
    drag(page, (0.3, 0.2), (0.45, 0.4))
    assert numbers(page, "face") == pytest.approx([0.3, 0.2, 0.15, 0.2], abs=0.01)
    drag(page, (0.37, 0.3), (0.47, 0.35))  # inside: it moves
    assert numbers(page, "face") == pytest.approx([0.4, 0.25, 0.15, 0.2], abs=0.01)
    drag(page, (0.55, 0.45), (0.6, 0.5))  # a corner: it grows
    assert numbers(page, "face") == pytest.approx([0.4, 0.25, 0.2, 0.25], abs=0.01)
    expect(page.locator("[data-box-said]")).to_contain_text("Face: ")
    page.get_by_label("People in the photo").fill("2")
    page.get_by_label("Neutral").check()
    page.get_by_role("button", name="Keep marks").click()
    expect(page.get_by_text("The marks are kept")).to_be_visible()
    photo.refresh_from_db()
    assert photo.face == pytest.approx((0.4, 0.25, 0.2, 0.25), abs=0.01)
    assert (photo.people, photo.measures["expression"]) == (2, "neutral")
    expect(page.get_by_text("Two people in the photo")).to_be_visible()


def test_the_box_obeys_the_keyboard_alone(page: Page, photo: Photo) -> None:
    page.locator("svg[data-boxes]").focus()
    page.keyboard.press("ArrowRight")
    first = numbers(page, "face")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowUp")
    left, top, width, height = first
    assert numbers(page, "face") == pytest.approx([left, top + 0.01, width + 0.01, height - 0.01])
    for _ in range(80):
        page.keyboard.press("ArrowLeft")
    assert numbers(page, "face")[0] == 0
    page.keyboard.press("Delete")
    expect(page.locator("[data-box-form=face] input[name=left]")).to_have_value("")
    page.keyboard.press("ArrowRight")
    page.get_by_role("button", name="Keep marks").press("Enter")
    expect(page.get_by_text("The marks are kept")).to_be_visible()
    photo.refresh_from_db()
    assert photo.face is not None


def test_typed_numbers_move_the_box(page: Page) -> None:
    form = page.locator("[data-box-form=face]")
    for side, value in (("left", "0.5"), ("top", "0.25"), ("width", "0.25"), ("height", "0.5")):
        form.locator(f"input[name={side}]").fill(value)
    box, frame = (page.locator(what).bounding_box() for what in ("[data-box=face]", "[data-box-picture]"))
    assert box
    assert frame
    assert (box["x"] - frame["x"]) / frame["width"] == pytest.approx(0.5, abs=0.01)
    assert box["height"] / frame["height"] == pytest.approx(0.5, abs=0.01)


def test_a_crop_keeps_its_preset_while_it_is_drawn(page: Page, photo: Photo) -> None:
    page.get_by_role("button", name="Crop", exact=True).click()
    page.locator("[data-box-form=crop]").get_by_text("4:5", exact=True).click()
    drag(page, (0.02, 0.02), (0.12, 0.1))  # outside the suggestion: a new box
    drag(page, (0.7, 0.9), (0.95, 0.99))
    _, _, width, height = numbers(page, "crop")
    assert width * 840 / (height * 700) == pytest.approx(0.8, abs=0.01)
    drag(page, (0.01, 0.5), (0.3, 0.98))
    page.get_by_role("button", name="Crop the photo").click()
    expect(page.get_by_text("Cropped the front photo. This is v2")).to_be_visible()
    photo.element.refresh_from_db()
    made = front(photo.element)
    assert made.crop_of == photo
    assert made.blob.width / made.blob.height == pytest.approx(0.8, abs=0.02)
    expect(page.get_by_role("link", name="the original")).to_be_visible()


def test_a_refused_box_stays_typed_with_its_sentence(page: Page, photo: Photo) -> None:
    page.locator("[data-box-form=face]").evaluate("form => { form.noValidate = true }")
    for side, value in (("left", "0.9"), ("top", "0.1"), ("width", "0.5"), ("height", "0.5")):
        page.locator(f"[data-box-form=face] input[name={side}]").fill(value)
    page.get_by_role("button", name="Keep marks").click()
    expect(page.get_by_role("alert")).to_contain_text("The box reaches outside the picture")
    assert numbers(page, "face") == [0.9, 0.1, 0.5, 0.5]


@pytest.mark.slow
@pytest.mark.parametrize("width", [1440, 900, 390, 320])
def test_no_barrier_and_nothing_sideways(browser: Browser, page: Page, photo: Photo, width: int) -> None:
    cookies = page.context.cookies()
    context = browser.new_context(
        base_url=page.url.partition("/elements")[0], bypass_csp=True, viewport={"width": width, "height": 844}
    )
    context.add_cookies(cookies)  # type: ignore[arg-type]
    looked = context.new_page()
    softened = retouching.crop(photo, (0.1, 0.1, 0.6, 0.7), None)
    for address in (f"/elements/photos/{softened.uuid}", f"/elements/{photo.element.uuid}/"):
        looked.goto(address)
        over = looked.evaluate("() => document.documentElement.scrollWidth - innerWidth")
        assert over <= 0
        violations = Axe().run(looked).response["violations"]
        assert [row["id"] for row in violations if row["impact"] in ("serious", "critical")] == []
    context.close()
