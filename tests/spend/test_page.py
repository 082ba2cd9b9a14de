"""The page of spending: who sees what, filters, rows, and the same as CSV."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from generations.models import Output
from projects.models import ProjectRole
from spend import budgets, ledger
from spend.models import LedgerEntry
from tests.factories import make_membership, make_project, make_stored, make_user
from tests.spend.money import make_order

pytestmark = pytest.mark.django_db
DOLLAR = 1_000_000


def text(client, query="") -> str:
    answer = client.get(f"/spend/{query}")
    assert answer.status_code == 200
    return str(answer.content.decode())


def table(client, address) -> list[dict[str, str]]:
    answer = client.get(address)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    body = b"".join(answer.streaming_content).decode()
    return list(csv.DictReader(io.StringIO(body)))


def test_an_empty_ledger_says_what_will_stand_here(web):
    page = text(web)
    assert "Nothing has been ordered yet" in page
    assert "Drawing on this machine is free." in page


def test_the_figures_are_sums_of_what_was_ordered(web, project, ana):
    make_order(project, ana, reserved=2 * DOLLAR, spent=1_500_000)
    make_order(project, ana, reserved=250_000)
    budgets.set_limit(None, ana, "total", 3 * DOLLAR)
    page = text(web)
    assert "<dt>Spent</dt><dd>$1.50</dd>" in page
    assert "<dt>Reserved</dt><dd>$0.25</dd>" in page
    assert "<dt>Left</dt><dd>$1.25 <small>ana, in all</small></dd>" in page


def test_a_member_sees_own_orders_and_a_producer_all_of_the_project(client, project, ana):
    ben = make_user("ben@example.com", name="Ben")
    make_membership(project, ben, ProjectRole.ARTIST)
    secret = make_project("Secret Desert", owner=make_user("eve@example.com", name="Eve"))
    make_order(project, ana, reserved=2 * DOLLAR)
    make_order(project, ben, reserved=5 * DOLLAR)
    make_order(secret, ben, reserved=7 * DOLLAR)
    budgets.set_limit(secret, None, "total", 100 * DOLLAR)
    budgets.set_limit(project, ana, "total", 100 * DOLLAR)
    client.force_login(ben)
    page = text(client, "?group=person")
    assert "<dt>Reserved</dt><dd>$5.00</dd>" in page
    assert "Secret Desert" not in page
    assert "<bdi>ana" not in page
    assert "Provider's bill" not in page
    assert [row["reserved_usd"] for row in table(client, "/spend/entries.csv")] == ["5.000000"]
    client.force_login(ana)
    page = text(client, "?group=person")
    assert "<dt>Reserved</dt><dd>$7.00</dd>" in page
    assert "Secret Desert" not in page
    client.force_login(make_user("boss@example.com", role="admin"))
    assert "<dt>Reserved</dt><dd>$14.00</dd>" in text(client)
    assert "Secret Desert" in text(client)


def test_a_project_of_others_is_no_filter(web, project, ana):
    make_order(project, ana, reserved=DOLLAR)
    make_project("Secret Desert")
    answer = web.get("/spend/?project=secret-desert")
    assert answer.status_code == 422
    assert "Secret" not in answer.content.decode()


@pytest.mark.parametrize("query", ["since=never", "until=2020-01-01", "group=colour", "model=x", "page=x\0"])
def test_a_bad_filter_is_told_and_breaks_nothing(web, project, ana, query):
    make_order(project, ana, reserved=DOLLAR)
    for address in ("/spend/", "/spend/rows.csv", "/spend/entries.csv"):
        assert web.get(f"{address}?{query}").status_code == (200 if "page" in query else 422)


@pytest.mark.parametrize(
    ("query", "reserved"),
    [
        ("", "3.00"), ("project=other", "0.00"), ("model=v3", "2.00"), ("route=runware", "2.00"),
        ("since=", "103.00"), ("since=2020-02-01&until=2020-02-01", "100.00"),
        ("since=2020-02-02&until=2020-02-03", "0.00"),
    ],
)  # fmt: skip
def test_filters_hold_for_the_figures(web, project, ana, query, reserved):
    make_project("Other", owner=ana)
    make_order(project, ana, reserved=100 * DOLLAR)
    LedgerEntry.objects.update(ordered_at=datetime(2020, 2, 1, 23, 59, tzinfo=UTC))
    make_order(project, ana, reserved=DOLLAR)
    make_order(project, ana, reserved=2 * DOLLAR, model="v3", route="runware")
    assert f"<dt>Reserved</dt><dd>${reserved}</dd>" in text(web, f"?{query}")


@pytest.mark.parametrize(
    ("group", "labels"),
    [
        ("project", ["Night Market"]),
        ("person", ["Command line", "ana"]),
        ("model", ["Kling O3", "Kling V3"]),
        ("route", ["Runware", "fal.ai"]),
    ],
)
def test_rows_are_grouped_and_the_csv_has_the_same(web, project, ana, group, labels):
    make_order(project, ana, reserved=DOLLAR)
    make_order(project, None, reserved=2 * DOLLAR, model="v3", route="runware")
    page = text(web, f"?group={group}")
    rows = table(web, f"/spend/rows.csv?group={group}")
    assert sorted(row[group] for row in rows) == labels
    assert all(f"<bdi>{label}</bdi>" in page for label in labels)
    assert sum(float(row["reserved_usd"]) for row in rows) == 3


def test_days_are_drawn_and_stand_in_a_table(web, project, ana):
    make_order(project, ana, reserved=DOLLAR, spent=DOLLAR)
    page = text(web, "?group=day")
    today = f"{timezone.now():%-d %b %Y}"
    assert f"<title>{today}: $1.00 spent, $0.00 reserved</title>" in page
    assert f'<th scope="row">{today}</th><td class="num" data-label="Spent">$1.00</td>' in page
    assert page.count('<th scope="row">') == 30
    assert "style=" not in page


def test_long_times_are_drawn_by_the_month(web, project, ana):
    make_order(project, ana, reserved=DOLLAR)
    LedgerEntry.objects.update(ordered_at=timezone.now() - timedelta(days=300))
    assert "By month" in text(web, "?since=")


def test_the_cost_of_a_picked_picture_holds_what_was_not_picked(web, project, ana):
    outputs = make_stored(project, ana, count=4)
    generation = outputs[0].generation
    account = ledger.Account(generation.uuid, project.pk, ana.pk, generation.model, generation.route)
    ledger.adjust(account, DOLLAR, "As if it had been paid.")
    Output.objects.filter(pk__in=[outputs[0].pk, outputs[1].pk]).update(flag="pick")
    assert "<dd>$0.50 <small>2 picked</small></dd>" in text(web)
    assert table(web, "/spend/rows.csv")[0]["spent_per_pick_usd"] == "0.500000"


def test_a_deleted_project_stays_in_the_figures_of_the_studio(client, project, ana):
    make_order(project, ana, reserved=DOLLAR, spent=DOLLAR)
    number = project.pk
    project.delete()
    client.force_login(make_user("boss@example.com", role="owner"))
    assert f"Deleted project {number}" in text(client)


def test_entries_as_csv_are_safe_in_a_spreadsheet(web, project, ana):
    type(project).objects.filter(pk=project.pk).update(name="=HYPERLINK(1)")
    account = make_order(project, ana, reserved=DOLLAR, spent=DOLLAR)
    ledger.adjust(account, -250_000, "@SUM(A1)\n+1")
    rows = table(web, "/spend/entries.csv")
    assert [row["kind"] for row in rows] == ["reserve", "settle", "adjust"]
    assert rows[2]["project"] == "'=HYPERLINK(1)"
    assert rows[2]["note"] == "'@SUM(A1)\n+1"
    assert rows[2]["spent_usd"] == "-0.250000"


@pytest.mark.parametrize("group", ["project", "person", "model", "route", "day"])
def test_the_page_asks_as_much_for_many_as_for_one(client, django_assert_num_queries, ana, group):
    boss = make_user("boss@example.com", role="owner")
    client.force_login(boss)

    def grow(start, count):
        for number in range(start, start + count):
            user = make_user(f"p{number}@example.com")
            project = make_project(f"Project {number}", owner=user, budget_micro_usd=9 * DOLLAR)
            budgets.set_limit(project, user, "month", 5 * DOLLAR)
            make_order(project, user, reserved=DOLLAR, spent=3 * DOLLAR)

    grow(0, 2)
    text(client)
    queries = {"project": 14, "person": 14, "model": 13, "route": 13, "day": 12}[group]
    with django_assert_num_queries(queries):
        text(client, f"?group={group}")
    grow(2, 10)
    with django_assert_num_queries(queries):
        text(client, f"?group={group}")


def test_strangers_are_sent_to_the_sign_in(client):
    for address in ("/spend/", "/spend/rows.csv", "/spend/entries.csv", "/spend/budgets"):
        assert client.get(address).status_code == 302
