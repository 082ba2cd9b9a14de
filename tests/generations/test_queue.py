"""The queue, one generation with its history, and what can be done to it."""

import json
import re
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from generations import pipeline, plan, queue
from generations.binding import Guide
from generations.models import Generation
from projects.models import ProjectRole
from spend import ledger
from tests.factories import (
    make_generation,
    make_intent,
    make_membership,
    make_project,
    make_reference,
    make_stored,
    make_user,
)

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}


def test_the_queue_shows_state_cost_person_and_words(web, ana, project):
    make_generation(project, ana, prompt="A heron over black water", count=4)
    page = web.get(f"/projects/{project.slug}/queue").content.decode()
    for words in (
        "Queued",
        "4 stills",
        "1360 × 768",
        "Kling O3 · Draft",
        "A heron over black water",
        ana.name,
        "free",
        "Cancel",
    ):
        assert words in page


def test_the_queue_of_all_leaves_out_foreign_projects(web, ana, project):
    make_generation(project, ana, prompt="Mine to see")
    make_generation(make_project("Elsewhere"), None, prompt="Not mine")
    page = web.get("/queue/").content.decode()
    assert "Mine to see" in page
    assert "Not mine" not in page


def test_the_queue_filters_by_state_and_person(web, ana, project):
    make_stored(project, ana, prompt="Long done")
    make_generation(project, None, prompt="Of another")
    assert "Long done" not in web.get("/queue/?state=open").content.decode()
    assert "Of another" not in web.get("/queue/?mine=1").content.decode()
    assert "Long done" in web.get("/queue/?state=nonsense&mine=2").content.decode()


def test_paging_down_meets_every_generation_once_whatever_arrives(web, ana, project):
    made = [make_generation(project, ana, prompt=f"Still {number}.") for number in range(queue.SIZE + 3)]
    first = web.get("/queue/?mine=1").content.decode()
    older = re.search(r'href="\?state=all&amp;mine=1&amp;(before=[0-9a-f-]+)"', first)
    assert older
    make_generation(project, ana, prompt="Arrived meanwhile")
    second = web.get(f"/queue/?mine=1&{older[1]}").content.decode()
    ids = re.findall(r'id="q-([0-9a-f-]+)"', first + second)
    assert ids == [str(generation.uuid) for generation in reversed(made)]
    assert "Newest" in second
    assert "Older" not in second


@pytest.mark.parametrize("token", ["", "x", "0-0", "1" * 9000, "\0"])
def test_a_tampered_cursor_is_a_page_of_the_queue(web, ana, project, token):
    make_generation(project, ana)
    for path in ("/queue/", f"/projects/{project.slug}/queue"):
        assert web.get(path, {"before": token}).status_code == 200


def test_htmx_gets_the_list_alone(web, ana, project):
    make_generation(project, ana)
    page = web.get("/queue/", headers=HTMX).content.decode()
    assert 'id="queue"' in page
    assert "<html" not in page


def test_the_queue_asks_as_much_for_many_as_for_one(web, ana, project):
    make_stored(project, ana, count=2)

    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert web.get("/queue/").status_code == 200
        return len(asked)

    questions()
    few = questions()
    for _ in range(8):
        make_generation(project, ana, count=4)
    assert questions() == few


def test_the_strip_asks_as_much_for_many_as_for_one(web, ana, project):
    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert web.get(f"/projects/{project.slug}/strip").status_code == 200
        return len(asked)

    make_generation(project, ana)
    questions()
    few = questions()
    for _ in range(8):
        make_generation(project, ana, count=4)
    assert questions() == few


def test_the_strip_shows_what_runs_and_what_failed(web, ana, project):
    make_generation(project, ana, count=4)
    failed = make_generation(project, ana)
    held = pipeline.claim(failed.outputs.get().pk, "test")
    assert held is not None
    pipeline.fail(held, "The lamp went out. Nothing was charged.", "test")
    page = web.get(f"/projects/{project.slug}/strip").content.decode()
    assert "Queued, position 1" in page
    assert "The lamp went out" in page
    assert f"/generations/{failed.uuid}/edit" in page


def test_cancel_stops_it_and_charges_nothing(web, ana, project):
    generation = make_generation(project, ana)
    answer = web.post(f"/generations/{generation.uuid}/cancel", headers=HTMX)
    assert answer.status_code == 204
    assert json.loads(answer["HX-Trigger"])["toast"]["text"] == "Cancelled; nothing was charged."
    generation.refresh_from_db()
    assert generation.state == "cancelled"
    assert ledger.balance(project.pk) == ledger.Balance(0, 0)


def test_cancel_twice_says_that_it_had_ended(web, ana, project):
    generation = make_generation(project, ana)
    web.post(f"/generations/{generation.uuid}/cancel", headers=HTMX)
    answer = web.post(f"/generations/{generation.uuid}/cancel", headers=HTMX)
    assert "already ended" in json.loads(answer["HX-Trigger"])["toast"]["text"]


def test_retry_is_a_new_generation_of_the_same_request(web, ana, project):
    plate = make_reference(project)
    intent = make_intent(
        project, ana, endpoint="draft-o3-image", seed=None, guides=(Guide(plate, "palette"),)
    )
    first = plan.start(intent)
    key = str(uuid4())
    for _ in range(2):
        answer = web.post(f"/generations/{first.uuid}/retry", {"form_key": key}, headers=HTMX)
        assert answer.status_code == 204
    again = Generation.objects.exclude(pk=first.pk).get()
    assert again.parent == first
    assert again.request == first.request
    assert again.seed != first.seed
    assert again.references.get().reference == plate
    assert json.loads(answer["HX-Trigger"])["framehouse:started"]["generation"] == str(again.uuid)


def test_retry_keeps_a_fixed_seed(web, ana, project):
    first = make_generation(project, ana)
    web.post(f"/generations/{first.uuid}/retry")
    assert Generation.objects.exclude(pk=first.pk).get().seed == first.seed


def test_edit_and_retry_opens_the_composer_with_it(web, ana, project):
    generation = make_generation(project, ana)
    answer = web.get(f"/generations/{generation.uuid}/edit")
    assert (answer.status_code, answer["Location"]) == (
        302,
        f"/projects/{project.slug}/?from={generation.uuid}",
    )


def test_the_history_says_who_did_what(web, ana, project):
    output = make_stored(project, ana)[0]
    page = web.get(f"/generations/{output.generation.uuid}/").content.decode()
    for words in (
        "queued → collecting",
        "Picture 1: pending → stored",
        "collecting → succeeded",
        ana.name,
        "read:",
    ):
        assert words in page


def test_a_reviewer_sees_the_queue_and_steers_nothing(client, ana, project):
    generation = make_generation(project, ana)
    reviewer = make_user("rex@example.com")
    make_membership(project, reviewer, ProjectRole.REVIEWER)
    client.force_login(reviewer)
    assert "Cancel</button>" not in client.get("/queue/").content.decode()
    assert client.get(f"/generations/{generation.uuid}/").status_code == 200
    for act in ("cancel", "retry"):
        assert client.post(f"/generations/{generation.uuid}/{act}").status_code == 404
    assert client.get(f"/generations/{generation.uuid}/edit").status_code == 404


def test_somebody_else_finds_no_generation(client, project):
    generation = make_generation(project)
    client.force_login(make_user("eve@example.com"))
    assert client.get(f"/generations/{generation.uuid}/").status_code == 404
    for act in ("cancel", "retry"):
        assert client.post(f"/generations/{generation.uuid}/{act}").status_code == 404


def test_the_rail_counts_what_runs(web, ana, project):
    assert web.get("/queue/running").content == b""
    make_generation(project, ana)
    assert web.get("/queue/running").content == b"1"


def test_the_orders_of_a_batch_are_one_row_with_one_price_and_one_cancel(web, ana, project):
    first = plan.start(make_intent(project, ana, count=20))
    page = web.get(f"/projects/{project.slug}/queue").content.decode()
    assert page.count('id="q-') == 1
    assert "20 stills in 3 orders" in page
    assert "20 stills" in web.get(f"/projects/{project.slug}/strip").content.decode()
    assert web.post(f"/generations/{first.uuid}/cancel", {"batch": "1"}, headers=HTMX).status_code == 204
    states = Generation.objects.filter(batch=first.batch).values_list("state", flat=True)
    assert set(states) == {"cancelled"}


def test_a_batch_is_repeated_as_a_whole_and_an_order_alone(web, ana, project):
    first = plan.start(make_intent(project, ana, count=20))
    web.post(f"/generations/{first.uuid}/cancel", {"batch": "1"}, headers=HTMX)
    web.post(f"/generations/{first.uuid}/retry", {"batch": "1", "form_key": str(uuid4())}, headers=HTMX)
    again = Generation.objects.latest("pk").batch
    assert sum(Generation.objects.filter(batch=again).values_list("count", flat=True)) == 20
    web.post(f"/generations/{first.uuid}/retry", {"form_key": str(uuid4())}, headers=HTMX)
    assert Generation.objects.latest("pk").count == 9


def test_a_batch_is_listed_as_running_while_one_order_is(web, ana, project):
    first = plan.start(make_intent(project, ana, count=20))
    pipeline.cancel(first, "test")
    assert "20 stills" in web.get(f"/projects/{project.slug}/queue?state=open").content.decode()
