"""Pages of a live server in a browser, signed in."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page

from accounts.models import User

type Opener = Callable[..., Page]


@contextmanager
def opening(browser: Browser, address: str, user: User) -> Iterator[Opener]:
    """Opens pages as `user`, each in a context of its own; without the content policy axe can read styles."""
    client = Client()
    client.force_login(user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    contexts: list[BrowserContext] = []

    def open_page(*, bypass_csp: bool = False, java_script_enabled: bool = True) -> Page:
        context = browser.new_context(
            base_url=address,
            viewport={"width": 1440, "height": 900},
            bypass_csp=bypass_csp,
            java_script_enabled=java_script_enabled,
        )
        contexts.append(context)
        # A stream would outlive the test's database.
        context.route(re.compile(r"/live(\?|$)"), lambda route: route.fulfill(status=204))
        named = {"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": address}
        context.add_cookies([named])  # type: ignore[list-item]
        return context.new_page()

    try:
        yield open_page
    finally:
        for context in contexts:
            context.close()
