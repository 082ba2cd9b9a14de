"""The composer on the stills page of a project, in a browser, with one character in the library."""

import re
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext, Locator, Page
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from elements import library
from elements.models import Element
from projects.models import Project
from tests.factories import make_element, make_project, make_user


@pytest.fixture
def lena() -> User:
    return make_user("lena@example.com", name="Lena")


@pytest.fixture
def project(lena: User) -> Project:
    return make_project(owner=lena)


@pytest.fixture
def mara(lena: User) -> Element:
    """A character with two photos and two outfits."""
    mara = make_element("mara", lena, colours=("#c08050", "#507090"))
    library.new_version(mara, library.Change(wardrobe=("Lab dress", "Travel coat")), lena)
    return mara


@pytest.fixture
def page(live_server: LiveServer, context: BrowserContext, project: Project, mara: Element) -> Iterator[Page]:
    """The stills page with its composer; nothing on it may fail."""
    client = Client()
    assert project.created_by
    client.force_login(project.created_by)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}])
    context.route(re.compile(r"/live(\?|$)"), lambda route: route.fulfill(status=204))
    page = context.new_page()
    page.set_viewport_size({"width": 1440, "height": 1000})
    trouble: list[str] = []
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.goto(f"{live_server.url}/projects/{project.slug}/")
    yield page
    assert trouble == []


@pytest.fixture
def prompt(page: Page) -> Locator:
    return page.locator("#composer-prompt")
