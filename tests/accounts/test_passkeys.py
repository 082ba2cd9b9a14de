"""Passkeys in a real browser under the strict content policy."""

import pytest
from django.core.cache import cache
from playwright.sync_api import BrowserContext, Page

from tests.factories import PASSWORD, make_user

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
]
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def plug_in_authenticator(context: BrowserContext, page: Page, *, verifies: bool) -> None:
    """A virtual security key in Chromium; one that does not verify its user makes the browser refuse."""
    wire = context.new_cdp_session(page)
    wire.send("WebAuthn.enable")
    options = {**AUTHENTICATOR, "isUserVerified": verifies}
    wire.send("WebAuthn.addVirtualAuthenticator", {"options": options})


def add_passkey(page: Page, base: str) -> None:
    page.goto(f"{base}/account/login/")
    page.get_by_label("Email").fill("ana@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/projects/")
    page.goto(f"{base}/account/2fa/webauthn/add/")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.get_by_label("Passwordless").check()
    page.get_by_role("button", name="Make the passkey").click()


def test_a_passkey_is_made_and_signs_in_without_the_password(live_server, page, context):
    cache.clear()
    broken: list[str] = []
    page.on("console", lambda m: broken.append(m.text) if "Content Security Policy" in m.text else None)
    page.on("pageerror", lambda error: broken.append(str(error)))
    make_user(password=PASSWORD)
    plug_in_authenticator(context, page, verifies=True)
    add_passkey(page, live_server.url)
    page.get_by_role("heading", name="Recovery codes").wait_for()
    page.get_by_role("button", name="Account: ana").click()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/projects/")
    assert broken == []


def test_a_refused_passkey_is_told_on_the_page(live_server, page, context):
    cache.clear()
    make_user(password=PASSWORD)
    plug_in_authenticator(context, page, verifies=False)
    add_passkey(page, live_server.url)
    page.get_by_text("No passkey was used.").wait_for()
