"""The hand's habits in a real browser: select, judge, take back, look closer, return to the same place."""

import re
from datetime import timedelta

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from playwright.sync_api import BrowserContext, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from generations import pipeline
from generations.models import Output
from projects.models import Project
from tests.factories import make_blob, make_generation, make_picture, make_project, make_stored, make_user
from tests.gallery.filling import fill

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def project() -> Project:
    """Four stills of one generation, and an older one."""
    user = make_user()
    project = make_project(owner=user)
    make_stored(project, user, "A lighthouse in fog")
    make_stored(project, user, "A fox crosses wet asphalt", count=4)
    return project


def sign_in(context: BrowserContext, address: str, project: Project) -> None:
    client = Client()
    assert project.created_by
    client.force_login(project.created_by)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": address}])


@pytest.fixture
def stills(live_server: LiveServer, context: BrowserContext, project: Project) -> Page:
    """The stills page, signed in."""
    sign_in(context, live_server.url, project)
    # A stream would outlive the test's database; what it says is said by hand below.
    context.route(re.compile(r"/live(\?|$)"), lambda route: route.fulfill(status=204))
    page = context.new_page()
    page.goto(f"{live_server.url}/projects/{project.slug}/")
    expect(page.locator("figure.tile")).to_have_count(5)
    return page


def top(tile: Locator) -> float:
    box = tile.bounding_box()
    assert box
    return box["y"]


def flags() -> list[str]:
    return list(Output.objects.order_by("-created_at", "-id").values_list("flag", flat=True))


def test_culling_with_the_keyboard_and_taking_it_back(stills: Page):
    stills.keyboard.press("ArrowRight")
    stills.keyboard.press("s")
    stills.keyboard.press("ArrowRight")
    stills.keyboard.press("s")
    expect(stills.locator("#selection b")).to_have_text("2 selected")
    stills.keyboard.press("p")
    expect(stills.locator(".tile[data-flag=pick]")).to_have_count(2)
    assert flags() == ["pick", "pick", "", "", ""]
    expect(stills.locator(".tile-check:checked")).to_have_count(2)
    stills.keyboard.press("Control+z")
    expect(stills.locator(".tile[data-flag=pick]")).to_have_count(0)
    assert flags() == [""] * 5
    stills.keyboard.press("Escape")
    expect(stills.locator("#selection")).to_be_hidden()


def test_the_trash_can_be_undone_where_it_happened(stills: Page):
    first = stills.locator("figure.tile").first
    first.locator("a").focus()
    stills.keyboard.press("Delete")
    expect(first).to_be_hidden()
    assert Output.objects.filter(trashed_at__isnull=False).count() == 1
    stills.get_by_role("button", name="Undo").click()
    expect(first).to_be_visible()
    assert not Output.objects.filter(trashed_at__isnull=False).exists()


def test_a_range_is_selected_with_shift_and_all_with_control_a(stills: Page):
    links = stills.locator(".tile-link")
    links.nth(1).click(modifiers=["Control"])
    links.nth(3).click(modifiers=["Shift"])
    expect(stills.locator(".tile-check:checked")).to_have_count(3)
    stills.keyboard.press("Control+a")
    expect(stills.locator(".tile-check:checked")).to_have_count(5)


def test_the_viewer_opens_over_the_grid_and_back_closes_it(stills: Page):
    gallery = stills.url
    stills.locator(".tile-link").nth(1).click()
    viewer = stills.locator("dialog#viewer")
    expect(viewer).to_be_visible()
    assert "/outputs/" in stills.url
    first = stills.url
    stills.keyboard.press("ArrowRight")
    stills.wait_for_url(lambda url: url != first)
    stills.keyboard.press("3")
    expect(viewer.locator(".rate [aria-pressed=true]")).to_have_count(3)
    shown = viewer.locator(".viewer-top").get_attribute("data-output")
    stills.go_back()
    expect(viewer).to_be_hidden()
    assert stills.url == gallery
    expect(stills.locator(f"#link-{shown}")).to_be_focused()
    expect(stills.locator(f"#tile-{shown} .stars")).to_have_text("★★★☆☆")


@pytest.mark.parametrize("width", [1440, 390])
def test_a_flagged_still_turns_sharp_in_every_place_at_once_and_back(stills: Page, width: int):
    newest = Output.objects.order_by("-created_at", "-id")[0]
    Output.objects.filter(pk=newest.pk).update(is_flagged=True)
    stills.set_viewport_size({"width": width, "height": 900})
    stills.reload()
    stills.locator(f"#link-{newest.uuid}").click()
    places = {f"#tile-{newest.uuid} img": "512", ".stage-frame img": "1536", "[aria-current] > img": "512"}
    for act, veiled in (("", True), ("Show", False), ("Undo", True)):
        if act:
            stills.get_by_role("button", name=act, exact=True).click()
        for place, size in places.items():
            address = f"/outputs/{newest.uuid}/file/{'veiled' if veiled else size}"
            expect(stills.locator(place).first).to_have_attribute("src", address)
            shown = stills.locator(place).first
            width_sent = shown.evaluate(
                "async (image) => { await image.decode(); return image.naturalWidth; }"
            )
            assert (width_sent <= 32) == veiled


def test_compare_keeps_until_one_is_left(stills: Page):
    for number in (0, 1, 2):
        stills.locator(".tile-link").nth(number).click(modifiers=["Control"])
    stills.keyboard.press("c")
    stills.wait_for_url("**/compare**")
    expect(stills.locator("#verdict")).to_have_text("1 thing changed")
    stills.keyboard.press("w")
    expect(stills.locator(".wipe-handle")).to_be_visible()
    assert "mode=wipe" in stills.url
    stills.keyboard.press("s")
    stills.get_by_role("button", name="Take B out").click()
    expect(stills.locator(".compare-cell:visible")).to_have_count(2)
    stills.get_by_role("button", name="Keep only A").click()
    expect(stills.locator("#verdict")).to_have_text("1 still left")


def test_a_place_becomes_its_picture_where_it_stands(stills: Page, project: Project):
    generation = make_generation(project, project.created_by, count=2)
    outputs = list(generation.outputs.order_by("index"))
    ids = [str(output.uuid) for output in outputs]
    stills.evaluate("document.dispatchEvent(new CustomEvent('framehouse:started', { detail: {} }))")
    expect(stills.locator("figure.tile-wait")).to_have_count(2)
    expect(stills.locator("#strip .job")).to_have_count(1)
    expect(stills.locator("#stills-count")).to_have_text("7 stills")
    expect(stills.locator(".tabs .count")).to_have_text("7")
    expect(stills.locator(".day small").first).to_have_text("7")
    place = stills.locator(f"#tile-{ids[0]}").bounding_box()
    held = pipeline.claim(outputs[0].pk, "test")
    assert held
    pipeline.store(held, make_blob("#336699"), "test")
    stills.evaluate(
        "ids => document.dispatchEvent(new CustomEvent('framehouse:live', { detail: { outputs: ids } }))", ids
    )
    expect(stills.locator(f"#tile-{ids[0]} img")).to_be_visible()
    expect(stills.locator("figure.tile-wait")).to_have_count(1)
    assert stills.locator(f"#tile-{ids[0]}").bounding_box() == place


def test_scrolling_down_brings_older_stills(stills: Page, project: Project):
    noon = timezone.localtime().replace(hour=12)
    fill(project, 60, project.created_by, at=noon - timedelta(days=3))
    stills.reload()
    expect(stills.locator("figure.tile")).to_have_count(50)
    stills.locator("figure.tile").last.scroll_into_view_if_needed()
    expect(stills.locator("figure.tile")).to_have_count(65)
    expect(stills.locator(".more")).to_have_count(0)
    headings = stills.locator(".day").all_text_contents()
    assert len(headings) == len(set(headings)) == 2


def test_the_strip_never_moves_what_is_under_the_pointer(stills: Page, project: Project):
    tile = stills.locator("figure.tile").first
    generation = make_generation(project, project.created_by)
    tile.hover()
    place = top(tile)
    refresh = "htmx.trigger('#strip', 'framehouse:refresh')"
    stills.evaluate(refresh)
    expect(stills.locator("#strip .job")).to_have_count(1)
    assert abs(top(tile) - place) < 1
    pipeline.cancel(generation, "test")
    stills.evaluate(refresh)
    expect(stills.locator("#strip .job")).to_have_count(0)
    assert abs(top(tile) - place) < 1


def test_a_reference_sent_after_the_session_ended_leads_to_sign_in_and_keeps_the_words(
    stills: Page, project: Project, context: BrowserContext, live_server: LiveServer
):
    stills.locator("textarea[name=prompt]").fill("A heron over black water")
    Session.objects.all().delete()
    plate = {"name": "plate.png", "mimeType": "image/png", "buffer": make_picture()}
    stills.locator("#composer-drop input[type=file]").set_input_files(plate)  # type: ignore[arg-type]
    stills.wait_for_url(f"**/account/login/?next=/projects/{project.slug}/")
    sign_in(context, live_server.url, project)
    stills.goto(f"{live_server.url}/projects/{project.slug}/")
    expect(stills.locator("textarea[name=prompt]")).to_have_value("A heron over black water")
