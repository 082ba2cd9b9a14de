"""The mark that database and files share, and what happens while they do not."""

from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from media import epoch
from media.models import Epoch
from tests.factories import make_user

pytestmark = pytest.mark.django_db
FILE = Path(settings.DATA) / "epoch"
BANNER = "was restored from a backup and sends nothing"


@pytest.fixture(autouse=True)
def _no_mark_is_left():
    yield
    FILE.unlink(missing_ok=True)


def test_a_studio_before_its_first_start_is_not_held():
    assert not epoch.held()


def test_the_first_start_gives_both_the_same_mark():
    epoch.lay()
    assert FILE.read_text().strip() == Epoch.objects.get().mark
    assert not epoch.held()


def test_a_later_start_changes_nothing():
    epoch.lay()
    before = FILE.read_text()
    epoch.lay()
    assert FILE.read_text() == before


def test_a_restored_database_is_held_until_that_is_lifted():
    epoch.lay()
    epoch.part()
    assert epoch.held()
    epoch.tend()
    assert epoch.held()
    epoch.lift()
    assert not epoch.held()


def test_a_database_of_before_the_last_renewal_is_held(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(epoch, "ASK_EVERY", 0.0)
    epoch.lay()
    old = Epoch.objects.get().mark
    epoch.lift()
    Epoch.objects.update(mark=old)
    assert epoch.held()


def test_a_database_without_its_files_is_held_from_the_next_start():
    epoch.lay()
    FILE.unlink()
    epoch.lay()
    assert epoch.held()


def test_files_without_their_database_are_held(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(epoch, "ASK_EVERY", 0.0)
    epoch.lay()
    Epoch.objects.all().delete()
    assert epoch.held()


def test_an_end_between_the_two_marks_holds_nothing():
    epoch.lay()
    FILE.write_text(f"{'0' * 32}\n{FILE.read_text()}")
    assert not epoch.held()


def test_asking_again_within_a_second_costs_no_query(django_assert_num_queries):
    epoch.lay()
    epoch.held()
    with django_assert_num_queries(0):
        assert not epoch.held()


def test_every_page_says_that_the_studio_is_held(web: Client):
    epoch.lay()
    assert BANNER not in web.get("/projects/").content.decode()
    epoch.part()
    assert BANNER in web.get("/projects/").content.decode()
    epoch.lift()
    assert BANNER not in web.get("/projects/").content.decode()


def test_the_page_for_signing_in_says_it_too(client: Client):
    epoch.lay()
    assert BANNER not in client.get("/account/login/").content.decode()
    epoch.part()
    assert BANNER in client.get("/account/login/").content.decode()


def test_the_probe_says_whether_the_studio_is_held(client: Client):
    epoch.lay()
    assert client.get("/readyz").json()["held"] is False
    epoch.part()
    assert client.get("/readyz").json()["held"] is True


def test_the_health_page_names_the_hold_and_its_end(client: Client):
    client.force_login(make_user("mara@example.com", role="owner"))
    epoch.lay()
    epoch.part()
    assert (
        "manage.py after_restore lets the studio send again"
        in client.get(reverse("studio:health")).content.decode()
    )


def test_every_page_of_a_sandbox_says_so(web: Client, settings):
    assert "no money is spent" not in web.get("/projects/").content.decode()
    settings.SANDBOX_URL = "http://127.0.0.1:8100"
    assert "Sandbox: no money is spent" in web.get("/projects/").content.decode()
