"""A job on the bill that no order knows is imported: fetched, shown and booked at what was charged."""

import csv
import io
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import StudioRole
from generations import orphans
from generations.models import Attempt, Flag, Generation, Output, State
from projects.models import Project
from spend import bills, budgets, ledger
from spend.figures import usd
from spend.models import BillLine, Budget, EntryKind, LedgerEntry, Period
from tests.dispatch.test_bills import read_bill
from tests.factories import make_project, make_user
from tests.paid import ENDPOINTS, Sandbox, dispatch_all, make_key, order

ROUTES = ["fal", "kling"]


@pytest.fixture
def boss(client: Client, db: None) -> Client:
    client.force_login(make_user("boss@example.com", role=StudioRole.ADMIN))
    return client


def orphan(project: Project, route: str, count: int = 1) -> BillLine:
    """Paid by an order that was deleted with its attempt."""
    make_key(route)
    generation = order(project, ENDPOINTS[route], count=count)
    dispatch_all()
    generation.delete()
    LedgerEntry.objects.all().delete()
    read_bill()
    return BillLine.objects.get()


def bring_in(web: Client, line: BillLine, project: Project, endpoint: str) -> Client:
    answer = web.post(f"/spend/orphans/{line.pk}", {"project": project.slug, "endpoint": endpoint})
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/generations/{Generation.objects.get().uuid}/"
    return web


@pytest.mark.parametrize("route", ROUTES)
def test_an_import_ends_with_its_pictures_here_and_the_charge_in_the_books(
    project: Project, room: Sandbox, boss: Client, route: str
) -> None:
    line = orphan(project, route, count=2)
    page = boss.get("/spend/").content.decode()
    assert f"/spend/orphans/{line.pk}" in page
    bring_in(boss, line, project, ENDPOINTS[route])
    assert ledger.balance(project.pk) == ledger.Balance(spent=0, reserved=0)
    dispatch_all()
    generation = Generation.objects.get()
    assert (generation.state, generation.count, generation.prompt) == (State.SUCCEEDED, 2, "")
    assert generation.cost_micro_usd == line.micro_usd == room.charged()
    assert ledger.balance(project.pk) == ledger.Balance(spent=line.micro_usd, reserved=0)
    assert Output.objects.filter(blob__isnull=False).count() == 2
    assert len(room.submits()) == 1
    read_bill()
    assert bills.compare(route, None, None) == []
    assert boss.get(f"/generations/{generation.uuid}/").status_code == 200


def test_what_the_bill_says_is_settled_even_where_the_result_says_less(
    project: Project, room: Sandbox
) -> None:
    line = orphan(project, "fal")
    BillLine.objects.update(micro_usd=line.micro_usd + 1000)
    line.refresh_from_db()
    orphans.bring_in(line, ENDPOINTS["fal"], project, make_user("boss@example.com"))
    dispatch_all()
    assert Generation.objects.get().cost_micro_usd == line.micro_usd


def test_what_was_charged_in_another_month_counts_there(
    project: Project, room: Sandbox, boss: Client
) -> None:
    line = orphan(project, "fal")
    now = timezone.now()
    line.at = now - timedelta(days=40)
    line.save()
    budgets.set_limit(project, None, Period.MONTH, line.micro_usd * 10)
    bring_in(boss, line, project, ENDPOINTS["fal"])
    dispatch_all()
    charged = {entry.ordered_at for entry in LedgerEntry.objects.all()}
    assert charged == {line.at}
    assert [(row.kind, row.reserved, row.spent) for row in LedgerEntry.objects.order_by("pk")] == [
        (EntryKind.RESERVE, 0, 0),
        (EntryKind.SETTLE, 0, line.micro_usd),
    ]
    (standing,) = budgets.standings(list(Budget.objects.all()))
    assert (standing.used, ledger.balance(project.pk).spent) == (0, line.micro_usd)
    assert bills.compare("fal", line.at - timedelta(hours=1), line.at + timedelta(hours=1)) == []
    Output.objects.update(flag=Flag.PICK)
    day = f"since={line.at:%Y-%m-%d}&until={line.at:%Y-%m-%d}"
    assert usd(line.micro_usd) in boss.get(f"/spend/?{day}").content.decode()
    picked = boss.get(f"/spend/rows.csv?group=day&{day}")
    (row,) = csv.DictReader(io.StringIO(b"".join(picked).decode("utf-8-sig")))
    assert (row["day"], row["picks"]) == (f"{line.at:%Y-%m-%d}", "1")


def test_a_line_from_tomorrow_counts_today(project: Project, room: Sandbox) -> None:
    line = orphan(project, "fal")
    line.at = timezone.now() + timedelta(days=1)
    orphans.bring_in(line, ENDPOINTS["fal"], project, make_user("boss@example.com"))
    assert LedgerEntry.objects.get().ordered_at <= timezone.now()


@pytest.mark.parametrize("route", ROUTES)
def test_a_second_import_of_the_same_job_is_refused_with_a_sentence(
    project: Project, room: Sandbox, boss: Client, route: str
) -> None:
    line = orphan(project, route)
    bring_in(boss, line, project, ENDPOINTS[route])
    form = {"project": project.slug, "endpoint": ENDPOINTS[route]}
    answer = boss.post(f"/spend/orphans/{line.pk}", form)
    assert answer.status_code == 422
    assert "This job belongs to an order already. Nothing was spent now." in answer.content.decode()
    assert Generation.objects.count() == Attempt.objects.count() == 1
    assert "Nothing is left to import" in boss.get(f"/spend/orphans/{line.pk}").content.decode()


def test_a_job_that_an_attempt_holds_is_not_imported_though_the_bill_does_not_know_yet(
    project: Project, room: Sandbox, boss: Client
) -> None:
    line = orphan(project, "kling")
    bring_in(boss, line, project, ENDPOINTS["kling"])
    BillLine.objects.update(generation=None)
    form = {"project": project.slug, "endpoint": ENDPOINTS["kling"]}
    answer = boss.post(f"/spend/orphans/{line.pk}", form)
    assert answer.status_code == 422
    assert "This job belongs to an order already." in answer.content.decode()
    assert Generation.objects.count() == 1
    assert BillLine.objects.get().generation is None


def test_under_a_model_that_does_not_know_it_the_import_fails_and_the_job_shows_again(
    project: Project, room: Sandbox, boss: Client
) -> None:
    line = orphan(project, "kling")
    bring_in(boss, line, project, "kling-v3-text")
    dispatch_all()
    wrong = Generation.objects.get()
    assert (wrong.state, wrong.cost_micro_usd) == (State.FAILED, 0)
    assert "does not know" in wrong.error
    assert ledger.balance(project.pk) == ledger.Balance(spent=0, reserved=0)
    assert f"/spend/orphans/{line.pk}" in boss.get("/spend/").content.decode()
    boss.post(f"/spend/orphans/{line.pk}", {"project": project.slug, "endpoint": ENDPOINTS["kling"]})
    dispatch_all()
    right = Generation.objects.exclude(pk=wrong.pk).get()
    assert (right.state, right.cost_micro_usd) == (State.SUCCEEDED, line.micro_usd)


def test_a_job_that_fal_has_forgotten_costs_nothing_here_and_shows_again(
    project: Project, room: Sandbox, boss: Client
) -> None:
    line = orphan(project, "fal")
    room.reset()
    bring_in(boss, line, project, ENDPOINTS["fal"])
    dispatch_all()
    gone = Generation.objects.get()
    assert (gone.state, gone.cost_micro_usd) == (State.FAILED, 0)
    assert "Nothing was spent now." in gone.error
    assert bills.compare("fal", None, None)[0].line == line.pk


def test_an_import_has_no_words_to_send_again(project: Project, room: Sandbox, boss: Client) -> None:
    line = orphan(project, "fal")
    bring_in(boss, line, project, ENDPOINTS["fal"])
    dispatch_all()
    answer = boss.post(f"/generations/{Generation.objects.get().uuid}/retry", {}, follow=True)
    assert "It was imported from a bill, without its words" in answer.content.decode()
    assert Generation.objects.count() == 1
    assert len(room.submits()) == 1


def test_without_its_key_nothing_is_imported(project: Project, room: Sandbox, boss: Client) -> None:
    line = orphan(project, "fal")
    BillLine.objects.update(credential_id=10**6)
    form = {"project": project.slug, "endpoint": ENDPOINTS["fal"]}
    answer = boss.post(f"/spend/orphans/{line.pk}", form)
    assert answer.status_code == 422
    assert "not here any more" in answer.content.decode()
    assert not Generation.objects.exists()


@pytest.mark.parametrize("sent", [{}, {"project": "none"}, {"endpoint": "kling-o3-text"}, {"endpoint": "x"}])
def test_a_bad_form_comes_back_and_imports_nothing(
    project: Project, room: Sandbox, boss: Client, sent: dict[str, str]
) -> None:
    line = BillLine.objects.create(
        credential_id=make_key("fal").pk, route="fal", remote_id="a", micro_usd=1, at=project.created_at
    )
    form = {"project": project.slug, "endpoint": ENDPOINTS["fal"]} | sent if sent else {}
    assert boss.post(f"/spend/orphans/{line.pk}", form).status_code == 422
    assert not Generation.objects.exists()


def test_only_those_who_run_the_studio_import(project: Project, web: Client, room: Sandbox) -> None:
    line = BillLine.objects.create(
        credential_id=1, route="fal", remote_id="a", micro_usd=1, at=project.created_at
    )
    assert web.get(f"/spend/orphans/{line.pk}").status_code == 404
    assert web.post(f"/spend/orphans/{line.pk}", {"project": project.slug}).status_code == 404


def test_a_line_that_is_none_is_not_found(boss: Client) -> None:
    make_project("Elsewhere")
    for number in ("0", "12", "9" * 40):
        assert boss.get(f"/spend/orphans/{number}").status_code == 404
