"""Series: panels and their takes, locking, and one more take that leaves the others as they are."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from generations import pipeline, plan
from generations.models import Generation, Output, OutputState, Panel, Series
from projects.models import ProjectRole
from tests.factories import (
    make_blob,
    make_intent,
    make_membership,
    make_project,
    make_series,
    make_user,
)

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def act(web, series: Series, number: int, what: str, **data: str):
    return web.post(f"/series/{series.uuid}/panels/{number}/{what}", data, headers=HTMX)


def panel(series: Series, number: int) -> Panel:
    return series.panels.get(position=number - 1)


def hashes(series: Series) -> list[str]:
    takes = Output.objects.filter(take__panel__series=series, state=OutputState.STORED)
    return list(takes.order_by("take__panel__position", "pk").values_list("blob__sha256", flat=True))


def test_a_series_has_one_panel_per_picture_with_its_words(ana, project) -> None:
    series = make_series(project, ana, count=3)
    rows = series.panels.order_by("position")
    assert [row.text for row in rows] == ["Beat 1", "Beat 2", "Beat 3"]
    assert [row.takes.get().output.index for row in rows] == [0, 1, 2]


def test_the_prompt_of_a_series_counts_its_panels(web, ana, project) -> None:
    fields = {
        "form_key": str(uuid4()),
        "mode": "series",
        "route": "draft",
        "model": "o3",
        "prompt": "35mm, low key",
        "panel": ["She enters", "He turns", "They leave"],
        "resolution": "1K",
        "aspect_ratio": "16:9",
        "count": "9",
        "format": "png",
    }
    assert web.post(f"/projects/{project.slug}/generate", fields, headers=HTMX).status_code == 200
    generation = Generation.objects.get()
    assert generation.prompt == "35mm, low key\nPanel 1: She enters\nPanel 2: He turns\nPanel 3: They leave"
    assert (generation.count, Series.objects.get().style) == (3, "35mm, low key")


def test_a_pasted_series_becomes_rows(web, ana, project) -> None:
    fields = {
        "form_key": str(uuid4()),
        "mode": "series",
        "route": "draft",
        "model": "o3",
        "prompt": "Noir. Panel 1: A street. Panel 2: A door.",
        "resolution": "1K",
        "aspect_ratio": "16:9",
        "count": "4",
        "format": "png",
    }
    assert web.post(f"/projects/{project.slug}/generate", fields, headers=HTMX).status_code == 200
    assert Generation.objects.get().count == 2
    assert [row.text for row in Series.objects.get().panels.order_by("position")] == ["A street.", "A door."]


def test_an_empty_row_among_written_ones_is_named(web, ana, project) -> None:
    fields = {
        "form_key": str(uuid4()),
        "mode": "series",
        "route": "draft",
        "model": "o3",
        "prompt": "Noir",
        "panel": ["A street", " ", "A door"],
        "resolution": "1K",
        "aspect_ratio": "16:9",
        "format": "png",
    }
    answer = web.post(f"/projects/{project.slug}/generate", fields, headers=HTMX)
    assert answer.status_code == 422
    assert not Generation.objects.exists()


def test_locking_three_and_redoing_one_leaves_their_bytes(web, ana, project) -> None:
    series = make_series(project, ana)
    before = hashes(series)
    for number in (1, 2, 4):
        assert act(web, series, number, "lock", locked="1").status_code == 204
    assert act(web, series, 3, "retake", text="He laughs", form_key=str(uuid4())).status_code == 204
    again = Generation.objects.latest("pk")
    assert (again.count, again.is_series, again.endpoint) == (1, False, "draft-o3-image")
    assert [one["name"] for one in again.request["references"]] == [
        "ref-panel-1-noir",
        "ref-panel-2-noir",
        "ref-panel-4-noir",
    ]
    output = again.outputs.get()
    held = pipeline.claim(output.pk, "test")
    assert held is not None
    assert pipeline.store(held, make_blob("#abcdef"), "test")
    assert [one for one in hashes(series) if one in before] == before
    assert panel(series, 3).takes.count() == 2
    assert panel(series, 3).text == "He laughs"
    page = web.get(f"/series/{series.uuid}/").content.decode()
    assert f"/outputs/{output.uuid}/file/1536" in page


def test_a_locked_panel_is_not_redone_and_shows_no_other_take(web, ana, project) -> None:
    series = make_series(project, ana)
    act(web, series, 1, "lock", locked="1")
    assert act(web, series, 1, "retake", text="x", form_key=str(uuid4())).status_code == 422
    other = panel(series, 1).takes.get().output
    assert act(web, series, 1, "choose", output=str(other.uuid)).status_code == 422
    assert Generation.objects.count() == 1


def test_a_double_click_makes_one_take(web, ana, project) -> None:
    series = make_series(project, ana)
    key = str(uuid4())
    for _ in range(2):
        assert act(web, series, 2, "retake", text="Beat 2", form_key=key).status_code == 204
    assert panel(series, 2).takes.count() == 2


def test_the_chosen_take_shows_until_a_new_one_is_asked_for(web, ana, project) -> None:
    series = make_series(project, ana)
    first = panel(series, 2).takes.get().output
    act(web, series, 2, "retake", text="Beat 2", form_key=str(uuid4()))
    second = panel(series, 2).takes.latest("pk").output
    held = pipeline.claim(second.pk, "test")
    assert held is not None
    pipeline.store(held, make_blob("#fedcba"), "test")
    assert act(web, series, 2, "choose", output=str(first.uuid)).status_code == 204
    assert panel(series, 2).chosen == first


def test_what_cannot_be_sent_is_said_and_makes_nothing(web, ana, project) -> None:
    series = make_series(project, ana)
    answer = act(web, series, 1, "retake", text="x" * 2600, form_key=str(uuid4()))
    assert answer.status_code == 422
    assert "characters" in answer["HX-Trigger"]
    assert act(web, series, 1, "retake", text="@nobody waits", form_key=str(uuid4())).status_code == 422
    assert Generation.objects.count() == 1
    assert panel(series, 1).text == "Beat 1"


def test_a_series_is_seen_by_members_and_worked_on_by_makers(client, ana, project) -> None:
    series = make_series(project, ana)
    reviewer, stranger = make_user("rev@example.com"), make_user("str@example.com")
    make_membership(project, reviewer, ProjectRole.REVIEWER)
    client.force_login(reviewer)
    assert client.get(f"/series/{series.uuid}/").status_code == 200
    assert act(client, series, 1, "lock", locked="1").status_code == 404
    client.force_login(stranger)
    assert client.get(f"/series/{series.uuid}/").status_code == 404
    assert client.get(f"/projects/{project.slug}/series").status_code == 404


def test_pages_of_series_cost_the_same_queries_for_few_and_many(web, ana, project) -> None:
    few, many = make_series(project, ana, count=2), make_series(project, ana, count=9)
    addresses = [f"/series/{few.uuid}/", f"/series/{many.uuid}/"]
    web.get(addresses[0])
    counts = []
    for address in addresses:
        with CaptureQueriesContext(connection) as queries:
            assert web.get(address).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
    with CaptureQueriesContext(connection) as two:
        web.get(f"/projects/{project.slug}/series")
    make_series(project, ana)
    with CaptureQueriesContext(connection) as three:
        web.get(f"/projects/{project.slug}/series")
    assert len(two) == len(three)


def test_more_than_an_endpoint_makes_becomes_one_batch_of_orders(ana, project) -> None:
    first = plan.start(make_intent(project, ana, count=20, seed=5))
    batch = list(Generation.objects.filter(batch=first.batch).order_by("part"))
    assert [row.count for row in batch] == [9, 9, 2]
    seeds = list(Output.objects.filter(generation__batch=first.batch).values_list("seed", flat=True))
    assert len(set(seeds)) == 20


def test_a_batch_is_one_intent(ana, project) -> None:
    intent = make_intent(project, ana, count=20)
    assert plan.start(intent).pk == plan.start(intent).pk
    assert Generation.objects.count() == 3


def test_a_series_of_another_project_is_not_listed(web, ana, project) -> None:
    make_series(make_project("Other"), ana, style="Elsewhere entirely")
    assert "Elsewhere" not in web.get(f"/projects/{project.slug}/series").content.decode()
