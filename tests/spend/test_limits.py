"""Setting and lifting budgets, and where they show."""

from uuid import uuid4

import pytest

from projects.models import ProjectRole
from spend import budgets
from spend.models import Budget
from tests.factories import make_membership, make_project, make_user
from tests.spend.money import make_order

pytestmark = pytest.mark.django_db
DOLLAR = 1_000_000


def form(**more):
    return {"project": "night-market", "person": "", "period": "month", "limit": "12.50", **more}


def test_a_producer_sets_changes_and_lifts_budgets_of_the_own_project(web, project, ana):
    assert web.post("/spend/budgets", form()).status_code == 302
    web.post("/spend/budgets", form(person=str(ana.uuid)))
    web.post("/spend/budgets", form(limit="20"))
    assert sorted(Budget.objects.values_list("limit_micro_usd", flat=True)) == [12_500_000, 20_000_000]
    page = web.get("/spend/budgets").content.decode()
    assert "ana in Night Market" in page
    for budget in Budget.objects.all():
        web.post(f"/spend/budgets/{budget.uuid}/lift")
    assert not Budget.objects.exists()


def test_a_producer_sets_none_for_the_studio_for_others_or_elsewhere(web, project):
    make_project("Secret Desert")
    stranger = make_user("eve@example.com")
    for wrong in ({"project": ""}, {"project": "secret-desert"}, {"person": str(stranger.uuid)}):
        answer = web.post("/spend/budgets", form(**wrong))
        assert answer.status_code == 422
        assert 'value="12.50"' in answer.content.decode()
    budgets.set_limit(None, None, "month", DOLLAR)
    assert web.post(f"/spend/budgets/{Budget.objects.get().uuid}/lift").status_code == 404
    assert Budget.objects.count() == 1
    assert "The studio" not in web.get("/spend/budgets").content.decode()


def test_those_who_run_the_studio_set_every_kind(client, project, ana):
    client.force_login(make_user("boss@example.com", role="admin"))
    for scope in ({}, {"project": ""}, {"person": str(ana.uuid)}, {"project": "", "person": str(ana.uuid)}):
        for period in ("total", "month"):
            assert client.post("/spend/budgets", form(period=period, **scope)).status_code == 302
    assert Budget.objects.count() == 8


@pytest.mark.parametrize("limit", ["-1", "ten", "NaN", "1e400", "0.001", "", "1\0"])
def test_a_bad_limit_is_told(web, project, limit):
    assert web.post("/spend/budgets", form(limit=limit)).status_code == 422
    assert not Budget.objects.exists()


def test_an_artist_looks_and_sets_nothing(client, project):
    ben = make_user("ben@example.com")
    make_membership(project, ben, ProjectRole.ARTIST)
    budgets.set_limit(project, None, "total", DOLLAR)
    client.force_login(ben)
    page = client.get("/spend/budgets").content.decode()
    assert "Night Market, in all" in page
    assert "Set a budget" not in page
    assert client.post("/spend/budgets", form()).status_code == 404
    assert client.post(f"/spend/budgets/{Budget.objects.get().uuid}/lift").status_code == 404
    assert client.post(f"/spend/budgets/{uuid4()}/lift").status_code == 404
    assert Budget.objects.get().limit_micro_usd == DOLLAR


@pytest.mark.parametrize(
    ("reserved", "mark", "kind"),
    [(40, "", ""), (55, "50 % used", "ok"), (80, "80 % used", "warn"), (100, "Used up", "bad")],
)
def test_a_project_says_in_words_how_far_its_budget_is_used(web, project, ana, reserved, mark, kind):
    budgets.set_limit(project, None, "total", 100)
    make_order(project, ana, reserved=reserved)
    page = web.get("/projects/night-market/queue").content.decode()
    assert f'<span class="badge badge-{kind}">{mark}</span>' in page if mark else "% used" not in page
    spend = web.get("/spend/").content.decode()
    assert ("% reached on" in spend) == bool(mark)


def test_the_tightest_budget_of_a_project_stands_in_its_bar(web, project, ana):
    budgets.set_limit(project, None, "total", 100 * DOLLAR)
    budgets.set_limit(project, None, "month", 10 * DOLLAR)
    make_order(project, ana, reserved=9 * DOLLAR, spent=9 * DOLLAR)
    page = web.get("/projects/night-market/queue").content.decode()
    assert "of $10.00 this month" in page
    assert "80 % reached on" in page
