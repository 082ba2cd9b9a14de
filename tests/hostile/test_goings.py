"""What ends while something else is under way: projects, generations, memberships, accounts."""

import pytest

from generations import drawing, live, pipeline
from generations.models import Generation, Output
from media.models import Blob
from projects.models import Membership, Project
from spend.models import LedgerEntry
from tests.factories import make_blob, make_generation, make_membership, make_project, make_stored, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana():
    return make_user()


@pytest.fixture
def project(ana):
    return make_project(owner=ana)


@pytest.fixture
def web(client, ana, project):
    client.force_login(ana)
    return client


def test_a_project_at_work_is_not_deleted(web, ana, project):
    make_generation(project, ana)
    answer = web.post("/projects/night-market/delete", {"typed": "night-market"})
    assert answer.status_code == 422
    assert "still running. Nothing was deleted." in answer.content.decode()
    assert Project.objects.exists()


@pytest.mark.parametrize("end", ["store", "fail", "renew", "put_off"])
def test_a_worker_whose_project_went_away_stops_quietly(web, ana, project, end):
    """Cancelled and deleted between the claim and the picture."""
    generation = make_generation(project, ana)
    held = pipeline.claim(generation.outputs.get().pk, "worker")
    assert held
    assert web.post(f"/generations/{generation.uuid}/cancel").status_code == 302
    assert web.post("/projects/night-market/delete", {"typed": "night-market"}).status_code == 302
    acts = {
        "store": lambda: pipeline.store(held, make_blob(), "worker"),
        "fail": lambda: pipeline.fail(held, "No.", "worker"),
        "renew": lambda: pipeline.renew(held),
        "put_off": lambda: pipeline.put_off(held),
    }
    assert acts[end]() is False
    drawing.draw_output(held.output_id)
    assert not Output.objects.exists()
    assert not Generation.objects.exists()


def test_money_of_a_deleted_project_stays_in_balance(web, ana, project):
    generation = make_generation(project, ana)
    web.post(f"/generations/{generation.uuid}/cancel")
    web.post("/projects/night-market/delete", {"typed": "night-market"})
    assert sum(LedgerEntry.objects.values_list("reserved", flat=True)) == 0
    assert set(LedgerEntry.objects.values_list("kind", flat=True)) == {"reserve", "release"}


def test_cancelling_something_deleted_is_not_found(web, ana, project):
    generation = make_generation(project, ana)
    Project.objects.all().delete()
    assert web.post(f"/generations/{generation.uuid}/cancel").status_code == 404
    assert pipeline.cancel(generation, "Ana") is False


def test_a_picture_of_two_projects_outlives_one_of_them(web, ana, project):
    make_stored(project, ana)
    second = make_project("Second", ana)
    still = make_stored(second, ana)[0]
    assert Blob.objects.count() == 1
    web.post("/projects/night-market/delete", {"typed": "night-market"})
    assert web.get(f"/outputs/{still.uuid}/file/512").status_code == 200


@pytest.mark.parametrize("gone", ["account", "membership", "project"])
def test_a_stream_ends_with_the_right_to_it(project, gone, monkeypatch):
    ben = make_user("ben@example.com")
    make_membership(project, ben)
    monkeypatch.setattr(live, "HEARTBEAT", 0.0)
    monkeypatch.setattr(live, "NAP", 0.01)
    stream = live.open_stream(ben, project, None)
    assert stream
    messages = iter(stream)
    monkeypatch.setattr(live, "close_old_connections", lambda: None)
    assert next(messages).startswith(b"retry")
    assert next(messages) == b": still here\n\n"
    if gone == "account":
        type(ben).objects.filter(pk=ben.pk).update(is_active=False)
    elif gone == "membership":
        Membership.objects.filter(user=ben).delete()
    else:
        Project.objects.filter(pk=project.pk).delete()
    assert list(messages) == []
    stream.close()
