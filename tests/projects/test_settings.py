"""Settings, members and deletion of a project."""

import pytest
from django.test import Client

from accounts.models import User
from elements.models import Element, LibraryEvent, Reference
from generations.models import Generation, Output
from projects.cast import cast
from projects.models import Membership, Project
from spend import budgets
from spend.models import LedgerEntry
from tests.factories import (
    make_element,
    make_generation,
    make_membership,
    make_project,
    make_reference,
    make_stored,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(client) -> User:
    person = make_user(name="Ana")
    client.force_login(person)
    return person


def test_name_and_budget_are_saved_and_the_address_stays(client, ana):
    project = make_project(owner=ana)
    client.post("/projects/night-market/settings", {"name": "Day Market", "budget": "12.50"})
    project.refresh_from_db()
    assert (project.name, project.slug) == ("Day Market", "night-market")
    assert budgets.limit_of(project) == 12_500_000
    client.post("/projects/night-market/settings", {"name": "Day Market", "budget": ""})
    assert budgets.limit_of(project) is None


def test_bad_settings_are_told_and_change_nothing(client, ana):
    make_project(owner=ana)
    answer = client.post("/projects/night-market/settings", {"name": "Other", "budget": "-3"})
    assert answer.status_code == 422
    assert 'value="Other"' in answer.content.decode()
    assert Project.objects.get().name == "Night Market"


def test_people_of_the_studio_can_be_added_changed_and_removed(client, ana):
    project, ben = make_project(owner=ana), make_user("ben@example.com", name="Ben")
    client.post("/projects/night-market/members", {"person": str(ben.uuid), "role": "reviewer"})
    assert Membership.objects.get(user=ben).role == "reviewer"
    client.post(f"/projects/night-market/members/{ben.uuid}/role", {"role": "artist"})
    assert Membership.objects.get(user=ben).role == "artist"
    assert "Ben" in client.get("/projects/night-market/settings").content.decode()
    client.post(f"/projects/night-market/members/{ben.uuid}/remove")
    assert list(project.memberships.values_list("user", flat=True)) == [ana.pk]


def test_a_removed_member_finds_nothing_with_the_next_request(client, ana):
    project, ben = make_project(owner=ana), make_user("ben@example.com")
    make_membership(project, ben)
    theirs = Client()
    theirs.force_login(ben)
    assert theirs.get("/projects/night-market/settings").status_code == 200
    client.post(f"/projects/night-market/members/{ben.uuid}/remove")
    assert theirs.get("/projects/night-market/settings").status_code == 404


@pytest.mark.parametrize("who", ["ana", "inactive", "nobody", "nonsense"])
def test_members_strangers_and_deactivated_people_cannot_be_added(client, ana, who):
    make_project(owner=ana)
    inactive = make_user("gone@example.com")
    User.objects.filter(pk=inactive.pk).update(is_active=False)
    keys = {"ana": ana.uuid, "inactive": inactive.uuid, "nobody": Project.objects.get().uuid, "nonsense": "x"}
    make_user("free@example.com")
    answer = client.post("/projects/night-market/members", {"person": str(keys[who]), "role": "artist"})
    assert answer.status_code == 422
    assert Membership.objects.count() == 1


@pytest.mark.parametrize("role", ["owner", "", "producer\0"])
def test_a_forged_project_role_is_refused(client, ana, role):
    project, ben = make_project(owner=ana), make_user("ben@example.com")
    answer = client.post("/projects/night-market/members", {"person": str(ben.uuid), "role": role})
    assert answer.status_code == 422
    make_membership(project, ben)
    assert client.post(f"/projects/night-market/members/{ben.uuid}/role", {"role": role}).status_code == 422
    assert Membership.objects.get(user=ben).role == "artist"


def test_the_last_producer_stays(client, ana):
    make_project(owner=ana)
    for path, form in (("leave", {}), (f"members/{ana.uuid}/role", {"role": "artist"})):
        answer = client.post(f"/projects/night-market/{path}", form)
        assert answer.status_code == 422
        assert "A project needs one producer." in answer.content.decode()
    assert client.post(f"/projects/night-market/members/{ana.uuid}/remove").status_code == 422
    assert Membership.objects.get().role == "producer"


def test_a_member_can_leave(client, ana):
    project = make_project(owner=make_user("boss@example.com"))
    make_membership(project, ana)
    assert client.post("/projects/night-market/leave")["Location"] == "/projects/"
    assert client.get("/projects/night-market/settings").status_code == 404


def test_deleting_asks_for_the_address_typed(client, ana):
    make_project(owner=ana)
    for typed in ("", "night", "Night Market", "night-market "[:-1].upper()):
        answer = client.post("/projects/night-market/delete", {"typed": typed})
        assert answer.status_code == 422
        assert "Nothing was deleted. Type night-market exactly." in answer.content.decode()
    assert client.post("/projects/night-market/delete", {"typed": "night-market"}).status_code == 302
    assert not Project.objects.exists()


def test_the_sample_is_deleted_in_one_click(client, ana):
    make_stored(make_project("The Inheritance", owner=ana), ana)
    Project.objects.update(is_sample=True)
    assert client.post("/projects/the-inheritance/delete").status_code == 302
    assert not Project.objects.exists()


def test_a_project_with_running_generations_is_not_deleted(client, ana):
    make_generation(make_project(owner=ana), ana)
    answer = client.post("/projects/night-market/delete", {"typed": "night-market"})
    assert answer.status_code == 422
    assert "1 generation is still running. Nothing was deleted." in answer.content.decode()
    assert Project.objects.exists()


def test_deleting_takes_pictures_and_references_along_and_leaves_the_ledger(client, ana):
    project = make_project(owner=ana)
    make_stored(project, ana)
    make_reference(project)
    other = make_reference(make_project("Other", owner=ana))
    entries = LedgerEntry.objects.count()
    client.post("/projects/night-market/delete", {"typed": "night-market"})
    assert not Output.objects.exists()
    assert not Generation.objects.exists()
    assert list(Reference.objects.all()) == [other]
    assert LedgerEntry.objects.count() == entries


def test_requiring_consent_is_switched_on_and_off(web, project):
    sent = {"name": "Night Market", "budget": "", "requires_consent": "on"}
    assert web.post("/projects/night-market/settings", sent).status_code == 302
    assert "checked" in web.get("/projects/night-market/settings").content.decode()
    project.refresh_from_db()
    assert project.requires_consent
    del sent["requires_consent"]
    web.post("/projects/night-market/settings", sent)
    project.refresh_from_db()
    assert not project.requires_consent


def test_deleting_purges_the_elements_of_the_project_and_no_shared_one(client, ana):
    project = make_project(owner=ana)
    make_element("mara", ana, project)
    shared = make_element("shared", colours=("#0c0c01",))
    cast(project, shared)
    client.post("/projects/night-market/delete", {"typed": "night-market"})
    assert list(Element.objects.all()) == [shared]
    assert LibraryEvent.objects.filter(handle="mara", text__startswith="Purged").exists()
