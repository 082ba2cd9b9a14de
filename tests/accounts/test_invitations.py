"""Invitation links: made by owners and admins, good once."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Invitation, User
from projects.models import Membership
from tests.factories import PASSWORD, make_project, make_user

pytestmark = pytest.mark.django_db
ANSWER = {"name": "Ben Ode", "email": "ben@example.com", "password": PASSWORD, "again": PASSWORD}


def invite(by: str = "admin", **fields: str) -> str:
    """The path of a fresh invitation made through the people page."""
    inviter = User.objects.filter(role=by).first() or make_user(f"{by}@example.com", role=by)
    client = Client()
    client.force_login(inviter)
    answer = client.post("/people/invite", {"role": "member", **fields})
    assert answer.status_code == 200
    found = re.search(r'id="secret-link">([^<]+)<', answer.content.decode())
    assert found
    return urlsplit(found[1]).path


def test_an_invitation_makes_one_account_and_signs_it_in(client):
    path = invite()
    assert client.get(path).status_code == 200
    answer = client.post(path, ANSWER)
    assert (answer.status_code, answer["Location"]) == (302, "/projects/")
    assert client.get("/projects/").status_code == 200
    assert User.objects.get(email="ben@example.com").role == "member"
    again = Client().post(path, {**ANSWER, "email": "eve@example.com"})
    assert again.status_code == 404
    assert "Ask the person who sent it" in again.content.decode()
    assert not User.objects.filter(email="eve@example.com").exists()


def test_only_the_hash_of_the_token_is_kept():
    path = invite()
    token = path.rsplit("/", 1)[1]
    row = str(Invitation.objects.values().get())
    assert token not in row


def test_an_invitation_can_lead_into_a_project(client):
    project = make_project(slug="night-market")
    path = invite(project="night-market", project_role="reviewer")
    assert "Night Market" in client.get(path).content.decode()
    client.post(path, ANSWER)
    membership = Membership.objects.get(project=project)
    assert (membership.user.email, membership.role) == ("ben@example.com", "reviewer")


def test_an_invitation_into_a_deleted_project_still_makes_the_account(client):
    project = make_project(slug="night-market")
    path = invite(project="night-market", project_role="artist")
    project.delete()
    assert client.post(path, ANSWER).status_code == 302
    assert User.objects.filter(email="ben@example.com").exists()


def test_a_revoked_expired_or_unknown_invitation_is_one_and_the_same_404(client):
    revoked, expired = invite(), invite()
    boss = Client()
    boss.force_login(User.objects.get(role="admin"))
    boss.post(f"/people/invitations/{Invitation.objects.earliest('pk').uuid}/revoke")
    Invitation.objects.filter(pk=Invitation.objects.latest("pk").pk).update(expires_at=timezone.now())
    pages = {client.post(path, ANSWER) for path in (revoked, expired, "/people/invitation/nothing")}
    assert {page.status_code for page in pages} == {404}
    assert not User.objects.filter(email="ben@example.com").exists()


def test_an_invitation_lasts_seven_days():
    invite()
    invitation = Invitation.objects.get()
    assert invitation.expires_at - invitation.created_at == pytest.approx(
        timedelta(days=7), abs=timedelta(seconds=5)
    )


def test_an_invitation_for_an_address_takes_no_other(client):
    path = invite(email="Ben@Example.com")
    wrong = client.post(path, {**ANSWER, "email": "eve@example.com"})
    assert wrong.status_code == 422
    assert "This invitation is for ben@example.com." in wrong.content.decode()
    assert client.post(path, ANSWER).status_code == 302


def test_an_address_with_an_account_is_refused_and_the_invitation_stays_open(client):
    path = invite()
    make_user("ben@example.com")
    answer = client.post(path, {**ANSWER, "email": "BEN@example.com"})
    assert answer.status_code == 422
    assert "has an account already" in answer.content.decode()
    assert Invitation.objects.open().count() == 1


def test_fields_beyond_the_form_are_ignored(client):
    client.post(invite(), {**ANSWER, "role": "owner", "is_active": "0", "is_staff": "1"})
    person = User.objects.get(email="ben@example.com")
    assert (person.role, person.is_active) == ("member", True)


def test_an_admin_cannot_invite_an_owner(client):
    client.force_login(make_user(role="admin"))
    answer = client.post("/people/invite", {"role": "owner"})
    assert answer.status_code == 422
    assert not Invitation.objects.exists()


def test_an_owner_can_invite_an_owner(client):
    client.post(invite("owner", role="owner"), ANSWER)
    assert User.objects.get(email="ben@example.com").role == "owner"


def test_inviting_somebody_with_an_account_is_refused_with_a_sentence(client):
    boss = make_user(role="owner")
    client.force_login(boss)
    answer = client.post("/people/invite", {"role": "member", "email": "ANA@example.com"})
    assert answer.status_code == 422
    assert "has an account already" in answer.content.decode()


def test_the_invitations_of_a_deactivated_inviter_are_void(client):
    path = invite()
    boss = Client()
    boss.force_login(make_user("boss@example.com", role="owner"))
    boss.post(f"/people/{User.objects.get(role='admin').uuid}/deactivate")
    assert client.post(path, ANSWER).status_code == 404


def test_a_signed_in_person_is_told_so_and_the_invitation_stays_open(client):
    path = invite()
    client.force_login(make_user())
    assert "You have an account already." in client.post(path, ANSWER).content.decode()
    assert Invitation.objects.open().count() == 1


def test_the_link_is_built_from_the_public_address_and_not_the_host_header(client, settings):
    settings.PUBLIC_URL = "https://studio.example.org"
    client.force_login(make_user(role="owner"))
    page = client.post("/people/invite", {"role": "member"}, headers={"Host": "localhost"}).content.decode()
    assert 'id="secret-link">https://studio.example.org/people/invitation/' in page
