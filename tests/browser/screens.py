"""Takes the pictures of docs/screens: `python -m tests.browser.screens [FOLDER]`.

Starts a studio of its own, fills the sample project, and photographs every screen at 1440 and 390 px.
"""

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from playwright.sync_api import Browser, Page, sync_playwright

from tests import chromium
from tests.running import OWNER, ROOT, Studio, running

WIDTHS = {1440: 900, 390: 844}
P = "/projects/the-inheritance/"


@dataclass(frozen=True)
class Sample:
    """UUIDs of what the sample project holds; outputs newest first."""

    outputs: list[str]
    generation: str
    series: str
    element: str
    photo: str


def look_up(studio: Studio) -> Sample:
    def uuids(query: str) -> list[str]:
        return [str(UUID(str(uuid))) for (uuid,) in studio.rows(query)]

    element = "SELECT id FROM elements_element WHERE handle = 'mara'"
    return Sample(
        outputs=uuids(
            "SELECT uuid FROM generations_output WHERE state = 'stored' ORDER BY created_at DESC, id DESC"
        ),
        generation=uuids("SELECT uuid FROM generations_generation ORDER BY id DESC")[0],
        series=uuids("SELECT uuid FROM generations_series ORDER BY id")[0],
        element=uuids("SELECT uuid FROM elements_element WHERE handle = 'mara'")[0],
        photo=uuids(f"SELECT uuid FROM elements_photo WHERE element_id = ({element})")[0],
    )


def pages(sample: Sample) -> dict[str, str]:
    """Name of the picture to the address of the screen."""
    outputs = sample.outputs
    several = "&".join(f"id={output}" for output in outputs[:4])
    return {
        "elements": "/elements/",
        "new-element": "/elements/new",
        "element": f"/elements/{sample.element}/",
        "element-used": f"/elements/{sample.element}/used",
        "element-versions": f"/elements/{sample.element}/versions",
        "consent": f"/elements/{sample.element}/consent",
        "photo": f"/elements/photos/{sample.photo}",
        "element-moves": "/elements/moves",
        "cast": f"{P}cast",
        "series": f"/series/{sample.series}/",
        "all-series": f"{P}series",
        "code": f"/generations/{sample.generation}/code",
        "projects": "/projects/",
        "new-project": "/projects/new",
        "stills": P,
        "viewer": f"/outputs/{outputs[1]}/",
        "compare": f"{P}compare?{several}",
        "queue": f"{P}queue",
        "generation": f"/generations/{sample.generation}/",
        "exports": f"{P}exports",
        "trash": f"{P}trash",
        "project-settings": f"{P}settings",
        "spend": "/spend/",
        "budgets": "/spend/budgets",
        "routes": "/routes/",
        "project-routes": f"{P}routes/",
        "people": "/people/",
        "preferences": "/people/preferences",
        "security": "/account/2fa/",
        "sessions": "/account/sessions/",
        "health": "/studio/health",
    }


def first_start(page: Page, studio: Studio, folder: Path) -> None:
    page.goto(studio.owner_link())
    page.screenshot(path=folder / "first-start-1440.jpg", quality=80, type="jpeg")
    email, password = OWNER
    page.get_by_label("Name").fill("Mara Lind")
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_label("Password again").fill(password)
    page.locator("main button[type=submit], form button[type=submit]").first.click()
    page.wait_for_url("**/projects/**")
    page.screenshot(path=folder / "empty-studio-1440.jpg", quality=80, type="jpeg")
    page.get_by_role("button", name="sample").first.click()
    page.wait_for_url(f"**{P}**")
    page.wait_for_timeout(1500)
    page.screenshot(path=folder / "stills-arriving-1440.jpg", quality=80, type="jpeg")
    page.wait_for_function("document.querySelectorAll('figure.tile-wait').length === 0", timeout=240_000)


def shoot(browser: Browser, studio: Studio, folder: Path) -> None:
    context = browser.new_context(
        base_url=studio.url, viewport={"width": 1440, "height": 900}, bypass_csp=True
    )
    page = context.new_page()
    first_start(page, studio, folder)
    addresses = pages(look_up(studio))
    for width, height in WIDTHS.items():
        page.set_viewport_size({"width": width, "height": height})
        for name, address in addresses.items():
            page.goto(address)
            page.wait_for_timeout(700)
            page.screenshot(path=folder / f"{name}-{width}.jpg", quality=80, type="jpeg")
    context.close()
    stranger = browser.new_context(base_url=studio.url, viewport={"width": 1440, "height": 900}).new_page()
    stranger.goto("/account/login/")
    stranger.screenshot(path=folder / "sign-in-1440.jpg", quality=80, type="jpeg")


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs/screens"
    folder.mkdir(parents=True, exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as data,
        running(Path(data) / "data") as studio,
        sync_playwright() as driver,
    ):
        browser = driver.chromium.launch(executable_path=chromium.find(), args=chromium.flags())
        shoot(browser, studio, folder)
        browser.close()


if __name__ == "__main__":
    main()
