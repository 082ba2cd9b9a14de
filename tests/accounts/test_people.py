"""Roles of the studio: who may change whom, and that one owner always stays."""

import re
from urllib.parse import urlsplit

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import people
from accounts.models import User
from tests.examples import examples
from tests.factories import PASSWORD, make_project, make_user

pytestmark = pytest.mark.django_db


def sign_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_the_page_lists_people_with_roles_and_projects():
    owner = make_user("olga@example.com", role="owner", name="Olga")
    ben = make_user("ben@example.com", name="Ben")
    make_project(owner=ben)
    page = sign_in(owner).get("/people/").content.decode()
    assert "Ben" in page
    assert "1 project<" in page
    assert page.count("<tr>") == 3


def test_the_page_takes_the_same_number_of_queries_for_many_people(django_assert_num_queries):
    owner = make_user("olga@example.com", role="owner")
    client = sign_in(owner)
    client.get("/people/")
    with django_assert_num_queries(5):
        client.get("/people/")
    for number in range(20):
        make_user(f"p{number}@example.com")
    with django_assert_num_queries(5):
        client.get("/people/")


def test_a_deactivated_person_is_out_with_the_next_request_and_in_again_only_after_signing_in():
    owner, ben = make_user("o@example.com", role="owner"), make_user("ben@example.com", password=PASSWORD)
    theirs = Client()
    theirs.post("/account/login/", {"login": "ben@example.com", "password": PASSWORD})
    assert theirs.get("/projects/").status_code == 200
    boss = sign_in(owner)
    boss.post(f"/people/{ben.uuid}/deactivate")
    answer = theirs.get("/projects/")
    assert (answer.status_code, answer["Location"]) == (302, "/account/login/?next=/projects/")
    boss.post(f"/people/{ben.uuid}/reactivate")
    assert theirs.get("/projects/").status_code == 302
    theirs.post("/account/login/", {"login": "ben@example.com", "password": PASSWORD})
    assert theirs.get("/projects/").status_code == 200


def test_a_deactivated_person_cannot_sign_in():
    ben = make_user("ben@example.com", password=PASSWORD)
    User.objects.filter(pk=ben.pk).update(is_active=False)
    client = Client()
    client.post("/account/login/", {"login": "ben@example.com", "password": PASSWORD})
    assert client.get("/projects/").status_code == 302


def test_an_htmx_request_of_a_deactivated_person_goes_to_the_sign_in_page_as_a_whole():
    ben = make_user()
    theirs = sign_in(ben)
    User.objects.filter(pk=ben.pk).update(is_active=False)
    answer = theirs.get("/projects/", headers={"HX-Request": "true"})
    assert answer["HX-Redirect"].startswith("/account/login/")


def test_an_admin_cannot_touch_an_owner():
    owner = make_user("o@example.com", role="owner")
    client = sign_in(make_user("a@example.com", role="admin"))
    for act in ("role", "deactivate", "reactivate", "reset-link", "forget-second-step"):
        assert client.post(f"/people/{owner.uuid}/{act}", {"role": "member"}).status_code == 422
    owner.refresh_from_db()
    assert (owner.role, owner.is_active) == ("owner", True)


def test_an_admin_cannot_make_an_owner():
    admin, ben = make_user("a@example.com", role="admin"), make_user("ben@example.com")
    for person in (admin, ben):
        assert sign_in(admin).post(f"/people/{person.uuid}/role", {"role": "owner"}).status_code == 422
    assert not User.objects.filter(role="owner").exists()


def test_the_last_owner_stays_owner_and_active():
    owner = make_user("o@example.com", role="owner")
    answer = sign_in(owner).post(f"/people/{owner.uuid}/role", {"role": "admin"})
    assert answer.status_code == 422
    assert "The studio needs one active owner." in answer.content.decode()
    assert sign_in(owner).post(f"/people/{owner.uuid}/deactivate").status_code == 422
    owner.refresh_from_db()
    assert (owner.role, owner.is_active) == ("owner", True)


def test_an_owner_may_step_down_beside_another_active_owner():
    owner, other = make_user("o@example.com", role="owner"), make_user("p@example.com", role="owner")
    assert sign_in(owner).post(f"/people/{owner.uuid}/role", {"role": "member"}).status_code == 302
    assert sign_in(other).post(f"/people/{other.uuid}/role", {"role": "member"}).status_code == 422


def test_a_forged_role_is_refused_with_a_sentence():
    owner, ben = make_user("o@example.com", role="owner"), make_user("ben@example.com")
    for role in ("emperor", "", "owner\0"):
        assert sign_in(owner).post(f"/people/{ben.uuid}/role", {"role": role}).status_code == 422


def test_a_change_made_meanwhile_by_somebody_else_is_not_overwritten():
    owner, ben = make_user("o@example.com", role="owner"), make_user("ben@example.com")
    User.objects.filter(pk=ben.pk).update(role="admin")
    with pytest.raises(people.RefusedError, match="changed by somebody else"):
        people.deactivate(owner, ben)


STEPS = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.integers(0, 3),
        st.sampled_from(["owner", "admin", "member", "deactivate", "reactivate"]),
    ),
    max_size=12,
)


@settings(
    max_examples=examples(60), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=STEPS)
def test_whatever_people_do_one_active_owner_stays_and_no_admin_gains_ground(steps):
    User.objects.all().delete()
    first = ["owner", "owner", "admin", "member"]
    keys = [make_user(f"p{n}@example.com", role=role).pk for n, role in enumerate(first)]
    for who, whom, act in steps:
        actor, person = User.objects.get(pk=keys[who]), User.objects.get(pk=keys[whom])
        owners = set(User.objects.filter(role="owner").values_list("pk", flat=True))
        try:
            {"deactivate": people.deactivate, "reactivate": people.reactivate}.get(
                act, lambda a, p, act=act: people.change_role(a, p, act)
            )(actor, person)
        except people.RefusedError:
            continue
        assert actor.role != "member"
        after = set(User.objects.filter(role="owner").values_list("pk", flat=True))
        assert actor.role == "owner" or after == owners
        assert User.objects.filter(role="owner", is_active=True).exists()


def test_a_reset_link_sets_a_new_password_once_and_ends_old_sessions():
    owner, ben = make_user("o@example.com", role="owner"), make_user("ben@example.com", password=PASSWORD)
    old = Client()
    old.post("/account/login/", {"login": "ben@example.com", "password": PASSWORD})
    page = sign_in(owner).post(f"/people/{ben.uuid}/reset-link").content.decode()
    found = re.search(r'id="secret-link">([^<]+)<', page)
    assert found
    path = urlsplit(found[1]).path
    theirs = Client()
    form = theirs.get(path, follow=True)
    assert form.status_code == 200
    new = {"password1": "another fine password", "password2": "another fine password"}
    assert theirs.post(form.request["PATH_INFO"], new).status_code == 302
    assert old.get("/projects/").status_code == 302
    theirs.post("/account/login/", {"login": "ben@example.com", "password": "another fine password"})
    assert theirs.get("/projects/").status_code == 200
    assert "This link no longer works." in Client().get(path, follow=True).content.decode()


def test_a_lost_second_step_is_turned_off_by_an_owner():
    owner, ben = make_user("o@example.com", role="owner"), make_user("ben@example.com")
    Authenticator.objects.create(user=ben, type=Authenticator.Type.TOTP, data={"secret": "x"})
    assert "Turn off second step" in sign_in(owner).get("/people/").content.decode()
    assert sign_in(owner).post(f"/people/{ben.uuid}/forget-second-step").status_code == 302
    assert not Authenticator.objects.exists()
