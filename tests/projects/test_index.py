"""The page of all projects."""

from dataclasses import replace
from uuid import uuid4

import pytest
from django.urls import reverse

from accounts.models import User
from projects.models import Project
from spend import budgets, ledger
from tests.factories import (
    make_element,
    make_generation,
    make_membership,
    make_project,
    make_stored,
    make_user,
)

pytestmark = pytest.mark.django_db


def spend(project: Project, settled: int = 0, reserved: int = 0) -> None:
    """Micro-USD in the ledger of `project`; what is settled was reserved at no cost, so no budget objects."""
    account = ledger.Account(uuid4(), project.pk, None, "o3", "fal")
    ledger.reserve(account, 0)
    ledger.settle(account, settled)
    ledger.reserve(replace(account, generation=uuid4()), reserved)


def page(client, user: User) -> str:
    client.force_login(user)
    return str(client.get("/projects/").content.decode())


def test_an_empty_studio_offers_the_sample_and_a_new_project(client):
    ana = make_user()
    text = page(client, ana)
    assert "Add the sample project" in text
    assert 'href="/projects/new"' in text
    answer = client.post("/projects/sample")
    assert answer["Location"] == "/projects/the-inheritance/"
    assert "The Inheritance" in page(client, ana)


def test_adding_the_sample_twice_makes_one(client):
    client.force_login(make_user())
    client.post("/projects/sample")
    assert client.post("/projects/sample").status_code == 302
    assert Project.objects.filter(is_sample=True).count() == 1


def test_the_sample_has_a_cast_of_three_whom_its_prompts_mention(client):
    client.force_login(make_user())
    make_element("mara", project=make_project("Elsewhere"))
    client.post("/projects/sample")
    sample = Project.objects.get(is_sample=True)
    assert sorted(sample.cast.values_list("element__handle", flat=True)) == ["ines", "mara-2", "nora"]
    mentioning = sample.generations.get(prompt__contains="@mara-2,")
    assert mentioning.elements.get(element__project_id=sample.pk).name == "mara-2"


def test_the_sample_of_others_is_neither_offered_nor_joined(client):
    client.force_login(make_user())
    client.post("/projects/sample")
    eve = make_user("eve@example.com")
    assert "Add the sample project" not in page(client, eve)
    assert client.post("/projects/sample").status_code == 404
    assert not eve.memberships.exists()


def test_a_project_called_like_the_sample_does_not_become_it(client):
    client.force_login(make_user())
    client.post("/projects/new", {"name": "The Inheritance"})
    mine = Project.objects.get()
    assert (mine.slug, mine.is_sample) == ("the-inheritance-2", False)
    client.post("/projects/sample")
    assert Project.objects.get(is_sample=True).slug == "the-inheritance"


def test_members_see_their_projects_and_those_who_run_the_studio_see_all(client):
    ana = make_user()
    make_project("Night Market", owner=ana)
    make_project("Secret Desert")
    assert "Secret Desert" not in page(client, ana)
    assert "Night Market" in page(client, ana)
    for role in ("admin", "owner"):
        assert "Secret Desert" in page(client, make_user(f"{role}@example.com", role=role))


def test_a_card_shows_spend_against_the_budget(client):
    ana = make_user()
    project = make_project(owner=ana, budget_micro_usd=45_000_000)
    spend(project, settled=18_420_000, reserved=2_700_000)
    text = page(client, ana)
    assert "$18.42" in text
    assert "of $45.00" in text
    assert '<rect width="40" height="4"' in text
    assert 'x="40" width="6"' in text
    assert "Over budget" not in text


def test_a_card_over_its_budget_says_so(client):
    ana = make_user()
    spend(make_project(owner=ana, budget_micro_usd=1_000_000), settled=1_000_001)
    assert "Over budget" in page(client, ana)


def test_a_budget_of_nothing_is_a_budget(client):
    ana = make_user()
    project = make_project(owner=ana, budget_micro_usd=0)
    assert "of $0.00" in page(client, ana)
    spend(project, settled=1)
    assert "Over budget" in page(client, ana)


def test_a_card_counts_what_runs_and_what_failed_and_was_not_tried_again(client):
    ana = make_user()
    project = make_project(owner=ana)
    make_generation(project, ana)
    failed, retried = make_generation(project, ana), make_generation(project, ana)
    for generation in (failed, retried):
        project.generations.filter(pk=generation.pk).update(state="failed", finished_at=generation.created_at)
    project.generations.exclude(pk__in=[failed.pk, retried.pk]).update(parent=retried)
    text = page(client, ana)
    assert "1 running" in text
    assert "1 failed" in text


def test_the_mosaic_holds_the_four_latest_pictures_and_none_from_the_trash(client):
    ana = make_user()
    project = make_project(owner=ana)
    old = make_stored(project, ana)
    new = make_stored(project, ana, count=5)
    type(new[0]).objects.filter(pk=new[4].pk).update(trashed_at=new[4].created_at)
    make_generation(project, ana)
    text = page(client, ana)
    shown = [
        o for o in old + new if reverse("generations:picture", kwargs={"uuid": o.uuid, "size": "512"}) in text
    ]
    assert {o.pk for o in shown} == {o.pk for o in new[:4]}


def test_the_page_takes_the_same_number_of_queries_for_three_and_for_thirty(
    client, django_assert_num_queries
):
    ana, ben = make_user(), make_user("ben@example.com")
    client.force_login(ana)
    client.get("/projects/")

    def grow(count: int, start: int) -> None:
        for number in range(start, start + count):
            project = make_project(f"Project {number}", owner=ana, budget_micro_usd=5_000_000)
            make_membership(project, ben)
            make_generation(project, ana)
            spend(project, settled=100)

    grow(3, 0)
    with django_assert_num_queries(9):
        client.get("/projects/")
    grow(27, 3)
    with django_assert_num_queries(9):
        assert client.get("/projects/").content.decode().count('class="card"') == 30


def test_names_are_shown_as_text(client):
    ana = make_user(name="<b>Ana</b>")
    make_project("<script>alert(1)</script>{{ 7 }}", owner=ana, slug="x")
    text = page(client, ana)
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{ 7 }}" in text


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Night & Market", "night-market"),
        ("Straße nach São Paulo", "strae-nach-sao-paulo"),
        ("夜市", "project"),
        ("New", "new-2"),
        ("sample", "sample-2"),
        ("x" * 80, "x" * 50),
        ("../../etc/passwd", "etcpasswd"),
    ],
)
def test_a_new_project_gets_an_address_from_its_name_and_its_maker_as_producer(client, name, slug):
    client.force_login(make_user())
    assert client.post("/projects/new", {"name": name})["Location"] == f"/projects/{slug}/"
    project = Project.objects.get()
    assert project.memberships.get().role == "producer"
    assert budgets.limit_of(project) is None


def test_two_projects_of_one_name_get_two_addresses(client):
    client.force_login(make_user())
    for slug in ("night", "night-2", "night-3"):
        assert client.post("/projects/new", {"name": "Night"})["Location"] == f"/projects/{slug}/"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "   "),
        ("name", "x" * 81),
        ("name", "x" * 10_000),
        ("name", "a\0b"),
        ("budget", "-1"),
        ("budget", "ten"),
        ("budget", "NaN"),
        ("budget", "1e400"),
        ("budget", "1" * 30),
        ("budget", "0.001"),
    ],
)
def test_a_bad_new_project_is_told_and_loses_nothing(client, field, value):
    client.force_login(make_user())
    answer = client.post("/projects/new", {"name": "Night Market", "budget": "45", field: value})
    assert answer.status_code == 422
    assert "field-error" in answer.content.decode()
    assert ("Night Market" if field == "budget" else 'value="45"') in answer.content.decode()
    assert not Project.objects.exists()


def test_invisible_characters_leave_no_nameless_project(client):
    client.force_login(make_user())
    assert client.post("/projects/new", {"name": "\u200b\u202e"}).status_code == 422
    assert not Project.objects.exists()


def test_fields_beyond_the_form_are_ignored(client):
    ana = make_user()
    client.force_login(ana)
    extra = {"slug": "mine", "is_sample": "1", "created_by": "99", "uuid": str(uuid4())}
    client.post("/projects/new", {"name": "Night", **extra})
    project = Project.objects.get()
    assert (project.slug, project.is_sample, project.created_by) == ("night", False, ana)
