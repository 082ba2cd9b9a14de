"""What a person sets for themselves."""

import pytest

from accounts.models import User
from tests.factories import make_user

pytestmark = pytest.mark.django_db
GOOD = {"name": "Ana Lima", "theme": "light", "backdrop": "grey", "single_keys": "on"}


def test_preferences_are_kept_and_shown(client):
    client.force_login(make_user())
    assert client.post("/people/preferences", GOOD).status_code == 302
    page = client.get("/people/preferences").content.decode()
    assert 'data-theme="light"' in page
    assert "Preferences saved." in page
    person = User.objects.get()
    assert (person.name, person.backdrop, person.single_keys) == ("Ana Lima", "grey", True)


def test_single_keys_can_be_switched_off(client):
    client.force_login(make_user())
    client.post("/people/preferences", {k: v for k, v in GOOD.items() if k != "single_keys"})
    assert 'data-single-keys="off"' in client.get("/people/preferences").content.decode()


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("name", "x" * 81), ("name", "a\0b"), ("theme", "pink"), ("backdrop", "")],
)
def test_a_bad_value_is_refused_and_nothing_is_saved(client, field, value):
    client.force_login(make_user(name="Ana"))
    assert client.post("/people/preferences", {**GOOD, field: value}).status_code == 422
    person = User.objects.get()
    assert (person.name, person.theme) == ("Ana", "dark")


def test_role_and_address_cannot_be_changed_on_the_side(client):
    client.force_login(make_user())
    client.post("/people/preferences", {**GOOD, "role": "owner", "email": "eve@example.com", "is_active": ""})
    person = User.objects.get()
    assert (person.role, person.email, person.is_active) == ("member", "ana@example.com", True)
