"""The pages of people are there for owners and admins, and for nobody else."""

import uuid

import pytest
from django.test import Client

from accounts.models import Invitation
from tests.factories import make_user

pytestmark = pytest.mark.django_db
ACTS = ["role", "deactivate", "reactivate", "reset-link", "forget-second-step"]


def addresses() -> list[tuple[str, str]]:
    """Every address of the people page with its method, with ids that exist."""
    person = make_user("target@example.com")
    boss = make_user("boss@example.com", role="owner")
    client = Client()
    client.force_login(boss)
    client.post("/people/invite", {"role": "member"})
    invitation = Invitation.objects.get()
    acts = [("POST", f"/people/{person.uuid}/{act}") for act in ACTS]
    return [
        ("GET", "/people/"),
        ("POST", "/people/invite"),
        ("POST", f"/people/invitations/{invitation.uuid}/revoke"),
        *acts,
    ]


def test_members_find_nothing_and_change_nothing(client):
    client.force_login(make_user())
    for method, path in addresses():
        assert client.generic(method, path).status_code == 404, path
    assert Invitation.objects.open().count() == 1


def test_signed_out_people_are_sent_to_sign_in(client):
    for method, path in addresses():
        answer = client.generic(method, path)
        assert answer.status_code == 302, path
        assert answer["Location"].startswith("/account/login/")
    assert Invitation.objects.open().count() == 1


@pytest.mark.parametrize("role", ["owner", "admin"])
def test_owners_and_admins_are_answered(client, role):
    client.force_login(make_user(role=role))
    for method, path in addresses():
        assert client.generic(method, path).status_code in (200, 302, 422), path


@pytest.mark.parametrize("role", ["owner", "admin"])
def test_a_forged_id_is_a_404(client, role):
    client.force_login(make_user(role=role))
    wrong = [str(uuid.uuid4()), "1", "1 OR 1", "%00", "x" * 5000]
    for act in ACTS:
        for key in wrong:
            assert client.post(f"/people/{key}/{act}").status_code == 404
    assert client.post(f"/people/invitations/{uuid.uuid4()}/revoke").status_code == 404


def test_state_never_changes_by_get(client):
    client.force_login(make_user(role="owner"))
    for method, path in addresses():
        if method == "POST":
            assert client.get(path).status_code == 405, path
