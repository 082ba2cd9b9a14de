"""From the form to the provider's own word: keys that the dispatcher tests on the sandbox."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from generations.models import Attempt, Outcome
from routes import keys
from routes.models import Credential
from tests import paid
from tests.factories import make_generation, make_project, make_user
from tests.routes.filling import make_key

pytestmark = pytest.mark.django_db
TYPED = {
    "fal": {"key": "sandbox-fal:secret"},
    "runware": {"key": "sandbox-runware"},
    "kling": {"access_key": "sandbox-access", "secret_key": "sandbox-secret-key-of-thirty-two-bytes"},
}


@pytest.fixture
def boss(db: None) -> Client:
    client = Client()
    client.force_login(make_user("olga@example.com", role="owner"))
    return client


@pytest.fixture
def room() -> Iterator[paid.Sandbox]:
    with paid.sandbox() as room:
        yield room


def is_tested() -> bool:
    return keys.is_tested(Credential.objects.get())


@pytest.mark.parametrize("route", list(TYPED))
def test_a_key_that_is_added_is_tested_and_works(boss, room, route):
    boss.post(f"/routes/add/{route}", TYPED[route] | {"at_once": "5"})
    paid.dispatch(is_tested)
    page = boss.get("/routes/").content.decode()
    assert "badge-ok" in page
    assert Credential.objects.get().works is True
    assert room.charged() == 0


def test_a_key_that_the_provider_does_not_know_does_not_work(boss, room):
    wrong = {"access_key": "sandbox-access", "secret_key": "another-secret-key-of-thirty-two"}
    boss.post("/routes/add/kling", wrong | {"at_once": "5"})
    paid.dispatch(is_tested)
    assert "badge-bad" in boss.get("/routes/").content.decode()


def test_a_removed_key_fetches_what_is_in_flight_before_it_is_deleted(boss):
    key, project = make_key(), make_project()
    sent = Attempt.objects.create(
        generation=make_generation(project), number=1, credential=key, route="fal", outcome=Outcome.ACCEPTED,
        remote_id=str(uuid4()), body={}, body_sha256="", sent_at=timezone.now(),
    )  # fmt: skip
    boss.post(f"/routes/keys/{key.uuid}/remove")
    assert "as soon as the orders in flight are fetched" in boss.get("/routes/").content.decode()
    assert Credential.objects.get().sealed != ""
    Attempt.objects.filter(pk=sent.pk).update(is_done=True)
    other = make_key("kling")
    boss.post(f"/routes/keys/{other.uuid}/remove")
    assert set(Credential.objects.values_list("sealed", flat=True)) == {""}
