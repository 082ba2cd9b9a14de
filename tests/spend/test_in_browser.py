"""The pages of money in a real browser: readable by everybody, at every width, without a script error."""

from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from spend import bills, budgets
from spend.models import LedgerEntry
from tests.factories import make_project, make_user
from tests.spend.money import make_order

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CENT = 10_000


def sign_in(page: Page, server: LiveServer, user: User) -> None:
    client = Client()
    client.force_login(user)
    cookie = next(iter(client.cookies.values()))
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value, "url": server.url}])


def serious(page: Page) -> list[str]:
    found = Axe().run(page, options={"preload": False}).response["violations"]
    return [f"{row['id']}: {row['nodes'][0]['html'][:120]}" for row in found]


def fill() -> User:
    """A month of orders in two projects, budgets of all states, and a bill that differs once."""
    boss = make_user("boss@example.com", role="owner", name="Mara Lind")
    market = make_project("Night Market", owner=boss, budget_micro_usd=600 * CENT)
    desert = make_project("Salt Desert", owner=boss)
    budgets.set_limit(None, None, "month", 2000 * CENT)
    budgets.set_limit(desert, boss, "month", 400 * CENT)
    budgets.set_limit(market, None, "month", 520 * CENT)
    orders = [
        make_order((market, desert)[number % 2], boss, reserved=price, spent=price)
        for number, price in enumerate(
            (28 * CENT, 56 * CENT // 2, 112 * CENT, 90 * CENT, 240 * CENT, 12 * CENT)
        )
    ]
    make_order(market, boss, reserved=84 * CENT)
    for number, order in enumerate(orders):
        LedgerEntry.objects.filter(generation=order.generation).update(
            ordered_at=timezone.now() - timedelta(days=number * 3)
        )
    lines = [bills.Line(1, "fal", f"job-{number}", 28 * CENT, timezone.now()) for number in range(2)]
    bills.record(lines, {f"job-{n}": orders[n].generation for n in range(2)})
    return boss


@pytest.mark.parametrize("width", [1440, 390, 320])
def test_spending_and_budgets_can_be_read_and_used_by_everybody(
    page: Page, live_server: LiveServer, width: int
) -> None:
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
    page.set_viewport_size({"width": width, "height": 900})
    sign_in(page, live_server, fill())
    page.goto(f"{live_server.url}/spend/")
    expect(page.get_by_role("img", name="Spent and reserved by day")).to_be_visible()
    assert serious(page) == []
    page.get_by_text("The figures as a table").click()
    assert page.evaluate("document.querySelector('main').scrollWidth <= innerWidth")
    page.get_by_label("Group by").select_option("day")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("heading", name="By day").first).to_be_visible()
    page.get_by_role("link", name="Budgets", exact=True).click()
    assert serious(page) == []
    page.get_by_label("Limit in USD").fill("12.50")
    page.get_by_role("button", name="Set the budget").click()
    expect(page.get_by_text("Budget set.")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert said == []


def test_the_empty_page_leads_on(page: Page, live_server: LiveServer) -> None:
    sign_in(page, live_server, make_user())
    page.goto(f"{live_server.url}/spend/")
    assert serious(page) == []
    page.get_by_role("link", name="Open a project").click()
    expect(page.get_by_role("heading", name="Projects")).to_be_visible()
