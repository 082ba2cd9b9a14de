"""Our ledger beside the providers' bills."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from django.utils import timezone

from spend import bills, ledger
from spend.models import BillLine
from tests.factories import make_user
from tests.spend.money import make_order

pytestmark = pytest.mark.django_db
CENT = 10_000


def line(remote_id: str, micro_usd: int = 3 * CENT, at: datetime | None = None) -> bills.Line:
    return bills.Line(1, "fal", remote_id, micro_usd, at or timezone.now())


def differences(route: str = "fal") -> list[int]:
    return [one.difference for one in bills.compare(route, None, None)]


def test_what_agrees_is_no_difference_and_what_does_not_is_told_with_both_figures(project, ana):
    same = make_order(project, ana, reserved=3 * CENT, spent=3 * CENT)
    more = make_order(project, ana, reserved=3 * CENT, spent=3 * CENT)
    bills.record([line("a"), line("b", 5 * CENT)], {"a": same.generation, "b": more.generation})
    (found,) = bills.compare("fal", None, None)
    assert (found.generation, found.ours, found.theirs) == (more.generation, 3 * CENT, 5 * CENT)
    assert found.difference == 2 * CENT
    ledger.adjust(more, 2 * CENT, "As billed.")
    assert differences() == []


def test_an_order_without_a_line_and_a_line_without_an_order_both_differ(project, ana):
    make_order(project, ana, reserved=CENT, spent=CENT)
    bills.record([line("nobody", 2 * CENT)], {})
    assert sorted(differences()) == [-CENT, 2 * CENT]


def test_two_jobs_of_one_order_are_added_up(project, ana):
    order = make_order(project, ana, reserved=6 * CENT, spent=6 * CENT)
    bills.record([line("a"), line("b")], {"a": order.generation, "b": order.generation})
    assert differences() == []


def test_a_line_read_again_takes_its_newest_figure_and_keeps_its_order(project, ana):
    order = make_order(project, ana, reserved=CENT, spent=CENT)
    bills.record([line("a", 9 * CENT)], {"a": order.generation})
    bills.record([line("a", CENT)], {})
    assert BillLine.objects.get().micro_usd == CENT
    assert differences() == []


def test_what_still_runs_and_what_was_given_back_is_no_difference(project, ana):
    running = make_order(project, ana, reserved=CENT)
    bills.record([line("a", CENT)], {"a": running.generation})
    ledger.release(make_order(project, ana, reserved=CENT))
    assert differences() == []


def test_midnight_between_order_and_bill_makes_no_difference(project, ana):
    order = make_order(project, ana, reserved=CENT, spent=CENT)
    bills.record([line("a", CENT, datetime(2020, 1, 1, tzinfo=UTC))], {"a": order.generation})
    today = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    assert bills.compare("fal", today, None) == []
    assert bills.compare("fal", None, today) == []


def test_other_routes_are_left_out(project, ana):
    make_order(project, ana, reserved=CENT, spent=CENT, route="runware")
    bills.record([replace(line("a"), route="kling")], {})
    assert differences("fal") == []
    assert differences("kling") == [3 * CENT]


def test_the_page_shows_days_and_orders_that_differ(client, project, ana):
    client.force_login(make_user("boss@example.com", role="owner"))
    order = make_order(project, ana, reserved=CENT, spent=CENT)
    assert "No bill of a provider was read yet." in client.get("/spend/").content.decode()
    bills.record([line("job-1", 3 * CENT)], {"job-1": order.generation})
    page = client.get("/spend/").content.decode()
    assert "They charge more" in page
    assert "job-1" in page
    assert 'data-label="Difference">$0.02<' in page
    ledger.adjust(order, 2 * CENT, "As billed.")
    assert "Every order costs what the provider says." in client.get("/spend/").content.decode()
