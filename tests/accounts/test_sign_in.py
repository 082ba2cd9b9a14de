"""Signing in and out: throttled, without open redirects, and closed to strangers."""

import re

import pytest
from allauth.mfa.totp.internal import auth as totp
from django.core import mail
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from tests.factories import PASSWORD, make_project, make_user

pytestmark = pytest.mark.django_db
RIGHT = {"login": "ana@example.com", "password": PASSWORD}


@pytest.fixture(autouse=True)
def _fresh_limits():
    cache.clear()
    yield
    cache.clear()


def test_the_right_password_leads_to_the_projects(client):
    make_user(password=PASSWORD)
    answer = client.post("/account/login/", {**RIGHT, "login": "ANA@example.com"})
    assert answer["Location"] == "/projects/"


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer():
    make_user(password=PASSWORD)
    pages = [
        Client().post("/account/login/", {"login": login, "password": "wrong password"}).content.decode()
        for login in ("ana@example.com", "eve@example.com")
    ]
    first, second = (re.sub(r'value="[^"]*"|"x-csrftoken": "[^"]*"', "", page) for page in pages)
    assert first == second


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/account/login/", {**RIGHT, "password": "wrong password"}),
        ("/account/login/", {"login": "nobody", "password": ""}),
        ("/account/login/", {**RIGHT, "password": "x" * 100_000}),
        ("/account/login/", {**RIGHT, "password": "a\0b"}),
        ("/account/password/reset/", {"email": "a@b.example\nBcc: x@y.example"}),
    ],
)
def test_a_refused_form_of_allauth_is_a_422_with_a_sentence(client, path, form):
    make_user(password=PASSWORD)
    answer = client.post(path, form)
    assert answer.status_code == 422
    assert "field-error" in answer.content.decode() or "note-bad" in answer.content.decode()


def test_after_five_wrong_tries_even_the_right_password_waits():
    make_user(password=PASSWORD)
    for _ in range(5):
        Client().post("/account/login/", {**RIGHT, "password": "wrong password"})
    client = Client()
    answer = client.post("/account/login/", RIGHT)
    assert "Too many failed login attempts" in answer.content.decode()
    assert client.get("/projects/").status_code == 302


def test_many_tries_from_one_address_are_answered_429():
    answers = [Client().post("/account/login/", RIGHT).status_code for _ in range(31)]
    assert answers[-1] == 429


@pytest.mark.parametrize(
    "evil",
    [
        "//evil.example",
        "/\\evil.example",
        "https:evil.example",
        "https://evil.example/projects/",
        "javascript:alert(1)",
        "http:///evil.example",
        "\thttps://evil.example",
    ],
)
def test_a_next_address_elsewhere_is_ignored(client, evil):
    make_user(password=PASSWORD)
    answer = client.post("/account/login/", {**RIGHT, "next": evil})
    assert answer["Location"] == "/projects/"
    answer = client.post("/account/logout/", {"next": evil})
    assert answer["Location"] == "/"


def test_a_next_address_here_is_followed(client):
    make_user(password=PASSWORD)
    assert client.post("/account/login/", {**RIGHT, "next": "/projects/new"})["Location"] == "/projects/new"


@pytest.mark.parametrize(
    "path",
    ["signup/", "email/", "confirm-email/", "confirm-email/abc/", "password/set/", "login/code/confirm/"],
)
def test_pages_that_make_no_sense_here_do_not_exist(client, path):
    assert client.get(f"/account/{path}").status_code == 404
    assert client.post(f"/account/{path}", {"email": "eve@example.com"}).status_code == 404
    client.force_login(make_user())
    assert client.get(f"/account/{path}").status_code == 404


def test_nobody_exists_on_a_fresh_installation():
    assert not User.objects.exists()


def test_a_post_without_the_token_of_the_page_is_refused():
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(make_user(role="owner"))
    for path in (
        "/account/login/",
        "/people/invite",
        "/people/preferences",
        "/projects/new",
        "/projects/sample",
    ):
        assert strict.post(path, {"name": "x"}).status_code == 403


def test_another_host_is_refused(client):
    assert client.get("/account/login/", headers={"Host": "evil.example"}).status_code == 400


def test_a_reset_mail_carries_the_public_address(client, settings):
    settings.PUBLIC_URL = "https://studio.example.org"
    make_user()
    client.post("/account/password/reset/", {"email": "ana@example.com"}, headers={"Host": "localhost"})
    assert "https://studio.example.org/account/password/reset/key/" in str(mail.outbox[0].body)


def test_the_reset_page_answers_the_same_for_an_unknown_address(client):
    make_user()
    answers = [
        client.post("/account/password/reset/", {"email": email})
        for email in ("ana@example.com", "eve@example.com")
    ]
    assert {(answer.status_code, answer["Location"]) for answer in answers} == {
        (302, "/account/password/reset/done/")
    }


def test_without_mail_the_reset_page_says_whom_to_ask(client, settings):
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.dummy.EmailBackend"}}
    page = client.get("/account/password/reset/").content.decode()
    assert "Ask an owner or admin" in page
    assert "<button" not in page


def test_changing_the_password_keeps_this_session_and_ends_the_others():
    make_user(password=PASSWORD)
    here, elsewhere = Client(), Client()
    for client in (here, elsewhere):
        client.post("/account/login/", RIGHT)
    new = "another fine password"
    form = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert here.post("/account/password/change/", form).status_code == 302
    assert here.get("/projects/").status_code == 200
    assert elsewhere.get("/projects/").status_code == 302


def test_other_devices_can_be_signed_out():
    make_user(password=PASSWORD)
    here, elsewhere = Client(), Client()
    for client in (here, elsewhere):
        client.post("/account/login/", RIGHT)
    assert "Sign out all other devices" in here.get("/account/sessions/").content.decode()
    here.post("/account/sessions/")
    assert elsewhere.get("/projects/").status_code == 302
    assert here.get("/projects/").status_code == 200


def test_activity_is_written_once_and_not_on_every_request(client, django_assert_max_num_queries):
    make_user(password=PASSWORD)
    client.post("/account/login/", RIGHT)
    client.get("/people/preferences")
    assert User.objects.get().last_seen_at is not None
    with django_assert_max_num_queries(3) as captured:
        client.get("/people/preferences")
    assert not [q for q in captured.captured_queries if q["sql"].startswith(("UPDATE", "INSERT"))]


def test_a_second_step_is_asked_for_once_it_is_on():
    make_user(password=PASSWORD)
    here = Client()
    here.post("/account/login/", RIGHT)
    here.post("/account/reauthenticate/?next=/account/2fa/", {"password": PASSWORD})
    page = here.get("/account/2fa/totp/activate/").content.decode()
    found = re.search(r'class="secret">(\w+)<', page)
    assert found
    code = totp.format_hotp_value(totp.hotp_value(found[1], next(totp.yield_hotp_counters_from_time())))
    assert here.post("/account/2fa/totp/activate/", {"code": code}).status_code == 302
    codes = re.findall(r"<li>(\w+)</li>", here.get("/account/2fa/recovery-codes/").content.decode())
    assert len(codes) == 10

    other = Client()
    assert other.post("/account/login/", RIGHT)["Location"] == "/account/2fa/authenticate/"
    assert other.get("/projects/").status_code == 302
    assert "Enter the code" in other.get("/account/2fa/authenticate/").content.decode()
    other.post("/account/2fa/authenticate/", {"code": "000000"})
    assert other.get("/projects/").status_code == 302
    other.post("/account/2fa/authenticate/", {"code": codes[0]})
    assert other.get("/projects/").status_code == 200


def test_every_page_of_the_account_holds_nothing_that_the_content_policy_stops(client):
    make_user(password=PASSWORD)
    client.post("/account/login/", RIGHT)
    client.post("/account/reauthenticate/?next=/account/2fa/", {"password": PASSWORD})
    make_project(owner=User.objects.get())
    paths = [
        "/people/preferences",
        "/account/password/change/",
        "/account/2fa/",
        "/account/2fa/totp/activate/",
        "/account/2fa/webauthn/",
        "/account/2fa/webauthn/add/",
        "/account/2fa/reauthenticate/",
        "/account/reauthenticate/",
        "/account/sessions/",
        "/account/logout/",
        "/projects/",
        "/projects/new",
        "/projects/night-market/settings",
    ]
    for path in paths:
        answer = client.get(path, follow=True)
        page = answer.content.decode()
        assert answer.status_code == 200, path
        assert "script-src 'self'" in answer["Content-Security-Policy"]
        assert not re.search(r"\sstyle=|\son\w+=|javascript:", page), path
        for script in re.findall(r"<script[^>]*>", page):
            assert "src=" in script or 'type="application/json"' in script, path
