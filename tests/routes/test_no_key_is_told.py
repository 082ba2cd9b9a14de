"""A key goes in and never comes out: in no page, redirect, log line, row or representation."""

import logging

import pytest
from django.apps import apps
from django.test import Client, override_settings
from hypothesis import given
from hypothesis import strategies as st

from accounts.people import RefusedError
from routes import keys, shapes, vault
from routes.forms import KeyForm
from routes.models import Credential
from tests.factories import make_user

CANARY = "canary-3141592653589793"
TYPED = {
    "fal": {"key": f"id:{CANARY}"},
    "runware": {"key": CANARY},
    "kling": {"access_key": "AK", "secret_key": CANARY, "hook_secret": f"whsec_{CANARY}"},
}


@pytest.fixture
def boss(db: None) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(make_user("olga@example.com", role="owner"))
    return client


def told(boss: Client, path: str, data: dict[str, str] | None = None) -> str:
    """Everything that an answer says."""
    answer = boss.get(path) if data is None else boss.post(path, data)
    assert answer.status_code < 500
    return f"{answer.headers} {answer.cookies} {answer.content.decode()}"


@pytest.mark.parametrize("route", list(TYPED))
def test_no_page_and_no_log_line_tells_a_key(boss, caplog, route):
    caplog.set_level(logging.DEBUG)
    typed = TYPED[route]
    wrong = {"at_once": "many", "name": "x" * 99}
    heard = [told(boss, f"/routes/add/{route}", typed | wrong)]
    heard += [told(boss, f"/routes/add/{route}", typed | {"key": f"{CANARY} and more", "at_once": "5"})]
    heard += [told(boss, f"/routes/add/{route}", typed | {"at_once": "5"})]
    key = Credential.objects.get()
    heard += [told(boss, "/routes/"), told(boss, f"/routes/keys/{key.uuid}/")]
    heard += [told(boss, f"/routes/keys/{key.uuid}/replace", typed | {"key": f"{CANARY} x"})]
    heard += [told(boss, f"/routes/keys/{key.uuid}/replace", typed), told(boss, "/routes/")]
    heard += [told(boss, f"/routes/keys/{key.uuid}/{act}", {}) for act in ("test", "pause", "remove")]
    heard += [told(boss, "/routes/"), caplog.text, *(str(vars(line)) for line in caplog.records)]
    assert [part for part in heard if CANARY in part] == []


@pytest.mark.parametrize("route", list(TYPED))
def test_no_row_of_the_database_holds_a_key(boss, route):
    boss.post(f"/routes/add/{route}", TYPED[route] | {"at_once": "5"})
    assert Credential.objects.count() == 1
    rows = [str(row) for model in apps.get_models() for row in model._default_manager.values()]
    assert [row for row in rows if CANARY in row] == []


@pytest.mark.django_db
def test_nothing_that_holds_a_key_represents_it():
    secrets = keys.Secrets(CANARY, CANARY)
    new = keys.NewKey("kling", "Main", secrets, 5)
    key = keys.add(new, None)
    shown = f"{secrets!r} {secrets} {new!r} {key!r} {key} {Credential.objects.all()!r}"
    assert CANARY not in shown


@pytest.mark.parametrize("route", list(TYPED))
def test_a_slip_beside_the_key_asks_for_the_key_again(boss, route):
    page = told(boss, f"/routes/add/{route}", TYPED[route] | {"at_once": "many"})
    assert page.count("Enter it again: what was typed here is not kept.") == len(TYPED[route])


@given(
    st.sampled_from(sorted(TYPED)), st.text(max_size=60) | st.from_regex(r"\s?[!-~]{1,30}:?[!-~]{0,30}\s?")
)
@override_settings(SANDBOX_URL="")
def test_whatever_is_typed_is_a_key_for_a_header_or_refused(route: str, text: str):
    try:
        taken = shapes.key(route, text)
    except RefusedError:
        return
    assert taken == text.strip()
    assert len(taken) >= 8
    assert all("!" <= letter <= "~" for letter in taken)
    assert vault.unseal(vault.seal(taken)) == taken


def test_fields_of_keys_are_hidden_and_keep_nothing():
    form = KeyForm("kling")
    assert str(form).count('type="password"') == 4
    assert str(form).count('autocomplete="off"') >= 4
