"""The one-time link of an empty installation."""

import stat
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from urllib.parse import urlsplit

import pytest
from django.db import connection
from django.test import Client

from accounts import first_owner
from accounts.models import StudioRole, User
from tests.factories import PASSWORD, make_user

ANSWER = {"name": "Ana Lima", "email": "Ana@Example.com", "password": PASSWORD, "again": PASSWORD}


@pytest.fixture(autouse=True)
def _no_token():
    first_owner.TOKEN.unlink(missing_ok=True)
    yield
    first_owner.TOKEN.unlink(missing_ok=True)


def path_of_link() -> str:
    link = first_owner.owner_link()
    assert link is not None
    return urlsplit(link).path


@pytest.mark.django_db
def test_the_link_creates_the_owner_signs_in_and_stops_working(client):
    path = path_of_link()
    answer = client.post(path, ANSWER)
    assert answer.status_code == 302
    assert answer["Location"] == "/projects/"
    owner = User.objects.get()
    assert (owner.email, owner.name, owner.role) == ("ana@example.com", "Ana Lima", StudioRole.OWNER)
    assert client.get("/people/").status_code == 200
    assert Client().get(path).status_code == 404
    assert Client().post(path, ANSWER).status_code == 404
    assert first_owner.owner_link() is None
    assert not first_owner.TOKEN.exists()


@pytest.mark.django_db
def test_the_link_is_absolute_and_stays_the_same_until_it_is_used(settings):
    settings.PUBLIC_URL = "https://studio.example.org"
    link = first_owner.owner_link()
    assert link is not None
    assert link.startswith("https://studio.example.org/people/first/")
    assert first_owner.owner_link() == link


@pytest.mark.django_db
def test_the_token_file_is_readable_by_its_owner_only():
    path_of_link()
    assert stat.S_IMODE(first_owner.TOKEN.stat().st_mode) == 0o600


@pytest.mark.django_db
def test_a_wrong_token_is_a_404(client):
    path = path_of_link()
    for wrong in (path[:-1], path + "x", path.swapcase(), "/people/first/nothing"):
        assert client.get(wrong).status_code == 404
        assert client.post(wrong, ANSWER).status_code == 404
    assert not User.objects.exists()


@pytest.mark.django_db
def test_without_a_token_file_no_token_opens(client):
    assert client.post("/people/first/anything", ANSWER).status_code == 404


@pytest.mark.django_db
def test_once_anybody_exists_there_is_no_link_and_an_old_one_is_dead(client):
    path = path_of_link()
    make_user()
    assert first_owner.owner_link() is None
    assert client.post(path, ANSWER).status_code == 404
    assert User.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", "", "This field is required."),
        ("name", "x" * 81, "at most 80 characters"),
        ("email", "nobody", "Enter a valid email address."),
        ("email", "a@b.example\nBcc: x@y.example", "Enter a valid email address."),
        ("password", "short", "at least 10 characters"),
        ("password", "password123456"[:10], "too common"),
        ("password", "ana@example.com", "too similar"),
        ("password", "x" * 1025, "at most 1024 characters"),
        ("again", "another password", "The two passwords differ."),
    ],
)
def test_a_bad_answer_is_told_at_its_field_and_loses_nothing(client, field, value, sentence):
    answer = client.post(path_of_link(), {**ANSWER, field: value})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert sentence in page
    assert field == "name" or "Ana Lima" in page
    assert not User.objects.exists()


@pytest.mark.django_db
def test_a_name_loses_invisible_characters_only(client):
    client.post(path_of_link(), {**ANSWER, "name": "  Ana\u202e  李 👩‍👧 "})
    assert User.objects.get().name == "Ana 李 👩‍👧"


@pytest.mark.django_db(transaction=True)
def test_of_several_at_once_one_becomes_owner():
    path = path_of_link()
    start = Barrier(6)

    def try_it(number: int) -> int:
        start.wait()
        try:
            return Client().post(path, {**ANSWER, "email": f"p{number}@example.com"}).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        answers = sorted(pool.map(try_it, range(6)))
    assert answers == [302, 404, 404, 404, 404, 404]
    assert User.objects.count() == 1
