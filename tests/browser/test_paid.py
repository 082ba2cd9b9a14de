"""Paid orders by hand: deciding, asking to stop and showing what was flagged, with no barrier on the way."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from accounts.models import User
from generations.models import Generation, Output, State
from media import intake
from projects.models import Project
from tests.factories import make_picture
from tests.generations import sent
from tests.opening import Opener

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SERIOUS = ("serious", "critical")


@pytest.fixture
def page(opened: Opener) -> Page:
    return opened()


@pytest.fixture
def undecided(ana: User, project: Project) -> Generation:
    return sent.undecided(project, ana)


@pytest.fixture
def flagged(ana: User, project: Project) -> Output:
    blob = intake.store(make_picture("#806040", (1360, 768)))
    return sent.finished(sent.submitted(project, ana, count=2), blob, flagged=(1,))[1]


def state(generation: Generation) -> str:
    return Generation.objects.values_list("state", flat=True).get(pk=generation.pk)


def test_a_wrong_number_is_said_beside_its_field_and_a_right_one_is_followed(
    page: Page, undecided: Generation
):
    page.goto(f"/projects/{undecided.project.slug}/queue")
    page.get_by_role("link", name=re.compile("^Needs a decision")).click()
    page.get_by_role("link", name="Decide", exact=True).click()
    number = page.get_by_label("It ran: here is its number")
    number.fill("not a number")
    page.get_by_role("button", name="It ran", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Nothing was changed.")
    expect(number).to_have_value("not a number")
    expect(number).to_have_attribute("aria-invalid", "true")
    number.fill("req-77")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Taken over as req-77")).to_be_visible()
    assert state(undecided) == State.SUBMITTED


def test_giving_up_works_without_a_script(opened: Opener, undecided: Generation):
    page = opened(java_script_enabled=False)
    page.goto(f"/generations/{undecided.uuid}/decision")
    page.get_by_role("button", name="Give up (releases $0.112)").click()
    expect(page.get_by_text("Given up: $0.112 is free again.")).to_be_visible()
    assert state(undecided) == State.FAILED


@pytest.mark.parametrize("scripted", [True, False])
def test_asking_to_stop_warns_before_it_asks(opened: Opener, ana: User, project: Project, scripted: bool):
    generation = sent.submitted(project, ana)
    page = opened(java_script_enabled=scripted)
    page.goto(f"/generations/{generation.uuid}/")
    ask = page.get_by_role("button", name="Ask to stop all the same")
    expect(ask).to_be_hidden()
    page.get_by_role("button", name="Ask to stop…").click()
    expect(page.get_by_text("$0.112 is charged, and it is kept.")).to_be_visible()
    ask.click()
    expect(page.locator(".queue-state")).to_contain_text("Asked to stop…")
    expect(ask).to_have_count(0)


def test_a_flagged_picture_is_shown_by_hand_and_blurred_again(page: Page, flagged: Output):
    page.goto(f"/projects/{flagged.project.slug}/")
    page.locator(f"#link-{flagged.uuid}").click()
    stage = page.locator(".stage-frame img")
    expect(stage).to_have_class(re.compile("flagged"))
    page.get_by_role("button", name="Show", exact=True).click()
    expect(stage).not_to_have_class(re.compile("flagged"))
    expect(page.get_by_role("link", name="Download")).to_be_visible()
    tile = page.locator(f"#tile-{flagged.uuid} img")
    expect(tile).not_to_have_class(re.compile("flagged"))
    page.get_by_role("button", name="Undo").click()
    expect(stage).to_have_class(re.compile("flagged"))
    expect(tile).to_have_attribute("alt", re.compile("^Flagged by the provider's safety check"))


@pytest.mark.parametrize("width", [1440, 390, 320])
def test_no_paid_screen_has_a_barrier_or_scrolls_sideways(
    opened: Opener, undecided: Generation, flagged: Output, width: int
):
    sent.submitted(undecided.project, undecided.user, number="req-2")
    page = opened(bypass_csp=True)
    page.set_viewport_size({"width": width, "height": 900})
    found = []
    for address in (
        f"/generations/{undecided.uuid}/decision",
        f"/generations/{undecided.uuid}/",
        f"/projects/{undecided.project.slug}/queue",
        f"/projects/{undecided.project.slug}/",
        f"/outputs/{flagged.uuid}/",
    ):
        page.goto(address)
        violations = Axe().run(page).response["violations"]
        found += [
            f"{address}: {one['id']} {one['nodes'][0]['target']}"
            for one in violations
            if one["impact"] in SERIOUS
        ]
        over = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        found += [f"{address} is {over} px too wide"] if over > 0 else []
    assert found == []
