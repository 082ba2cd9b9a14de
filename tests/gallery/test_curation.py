"""Acts on stills: all or nothing, one UPDATE, and a way back that respects what others did since."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gallery import curation, filters
from gallery.curation import Change
from generations.models import Flag, Output
from tests.factories import make_generation, make_project, make_user
from tests.gallery.filling import fill

pytestmark = pytest.mark.django_db


@pytest.fixture
def user(client: Client):
    user = make_user()
    client.force_login(user)
    return user


@pytest.fixture
def project(user):
    return make_project(owner=user)


@pytest.fixture
def act(client, project):
    """POST one act on outputs; the answer."""

    def post(name, outputs, value="", **more):
        data = {"id": [output.uuid for output in outputs], "value": value, **more}
        return client.post(f"/projects/{project.slug}/curate/{name}", data)

    return post


def now(outputs: list[Output], field: str) -> list[object]:
    found = dict(Output.objects.filter(pk__in=[output.pk for output in outputs]).values_list("pk", field))
    return [found[output.pk] for output in outputs]


@pytest.mark.parametrize(
    ("name", "value", "field", "becomes", "says"),
    [
        ("rate", "4", "rating", 4, "Rated 4 of 5: 3 stills."),
        ("flag", "pick", "flag", "pick", "Picked 3 stills."),
        ("flag", "drop", "flag", "drop", "Dropped 3 stills."),
        ("favourite", "1", "is_favourite", True, "Made a favourite: 3 stills."),
    ],
)
def test_an_act_changes_all_and_its_undo_puts_them_back(
    client, project, act, name, value, field, becomes, says
):
    outputs = fill(project, 3)
    Output.objects.filter(pk=outputs[0].pk).update(rating=2, flag="drop" if value == "pick" else "pick")
    before = now(outputs, field)
    told = act(name, outputs, value).json()
    assert told["text"] == says
    assert now(outputs, field) == [becomes] * 3
    assert all(str(output.uuid) in told["tiles"] for output in outputs)
    back = client.post(f"/projects/{project.slug}/undo", {"token": told["undo"]}).json()
    assert back["text"] == "Put back 3 stills."
    assert now(outputs, field) == before


def test_the_trash_takes_stills_and_gives_them_back(client, project, act):
    outputs = fill(project, 2)
    told = act("discard", outputs).json()
    assert told["tiles"].strip() == ""
    assert str(outputs[0].uuid) not in client.get(f"/projects/{project.slug}/").text
    assert str(outputs[0].uuid) in client.get(f"/projects/{project.slug}/trash").text
    client.post(f"/projects/{project.slug}/undo", {"token": told["undo"]})
    assert now(outputs, "trashed_at") == [None, None]
    act("discard", outputs)
    restored = act("restore", outputs)
    assert restored.json()["text"] == "Restored 2 stills."
    assert now(outputs, "trashed_at") == [None, None]


def test_undo_leaves_alone_what_somebody_changed_since(client, project, act):
    one, two = outputs = fill(project, 2)
    told = act("rate", outputs, "5").json()
    act("rate", [one], "1")
    back = client.post(f"/projects/{project.slug}/undo", {"token": told["undo"]}).json()
    assert back["text"] == "Put back 1 still."
    assert now([one, two], "rating") == [1, 0]


def test_a_foreign_still_refuses_all(project, act):
    mine = fill(project, 2)
    foreign = fill(make_project("Elsewhere", make_user("x@example.com")), 1)
    assert act("rate", [*mine, *foreign], "5").status_code == 404
    assert act("discard", [*mine, *foreign]).status_code == 404
    assert now([*mine, *foreign], "rating") == [0, 0, 0]
    assert now([*mine, *foreign], "trashed_at") == [None] * 3


def test_a_place_still_empty_cannot_be_judged(project, act, user):
    waiting = make_generation(project, user).outputs.get()
    assert act("rate", [waiting], "5").status_code == 404


def test_all_matching_means_the_filter_and_nothing_else(client, project, act):
    outputs = fill(project, 4)
    Output.objects.filter(pk=outputs[0].pk).update(rating=5)
    with CaptureQueriesContext(connection) as captured:
        told = act("flag", [], "pick", all="1", rating="5").json()
    assert told["text"] == "Picked 1 still."
    assert now(outputs, "flag") == ["pick", "", "", ""]
    assert sum(one["sql"].startswith('UPDATE "generations_output"') for one in captured) == 1


def test_too_many_at_once_are_refused_before_anything_changes(project, act, monkeypatch):
    monkeypatch.setattr(curation, "MOST", 2)
    outputs = fill(project, 3)
    answer = act("rate", [], "5", all="1")
    assert answer.status_code == 422
    assert "nothing was changed" in answer.json()["text"]
    assert now(outputs, "rating") == [0, 0, 0]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("rate", "6"),
        ("rate", "-1"),
        ("rate", ""),
        ("rate", "x"),
        ("rate", "4.5"),
        ("flag", "keep"),
        ("favourite", "maybe"),
    ],
)
def test_a_value_that_does_not_exist_is_one_sentence(project, act, name, value):
    outputs = fill(project, 1)
    answer = act(name, outputs, value)
    assert answer.status_code == 422
    assert answer.json()["text"].endswith(".")
    assert now(outputs, "rating") == [0]


def test_an_act_without_stills_or_of_no_such_name_is_not_found(project, act):
    assert act("rate", [], "5").status_code == 404
    assert act("purge", fill(project, 1)).status_code == 404


def test_doing_it_again_changes_nothing_and_offers_no_undo(project, act):
    outputs = fill(project, 1)
    act("flag", outputs, "pick")
    told = act("flag", outputs, "pick").json()
    assert told["text"] == "Nothing changed."
    assert told["undo"] == ""


@pytest.mark.parametrize("token", ["", "junk", "a:b:c"])
def test_a_forged_undo_is_refused(client, project, token):
    answer = client.post(f"/projects/{project.slug}/undo", {"token": token})
    assert answer.status_code == 422
    assert answer.json()["text"] == "This can no longer be undone."


def test_an_undo_of_another_project_is_refused(client, project, act, user):
    told = act("rate", fill(project, 1), "5").json()
    other = make_project("Elsewhere", user)
    assert client.post(f"/projects/{other.slug}/undo", {"token": told["undo"]}).status_code == 422


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    before=st.lists(st.tuples(st.integers(0, 5), st.sampled_from(Flag.values)), min_size=1, max_size=6),
    rating=st.integers(0, 5),
)
def test_undo_is_the_inverse_of_every_act(project, before, rating):
    Output.objects.all().delete()
    outputs = fill(project, len(before))
    for output, (stars, flag) in zip(outputs, before, strict=True):
        Output.objects.filter(pk=output.pk).update(rating=stars, flag=flag)
    outcome = curation.apply(project, filters.stills(project), Change("rating", rating, "", ""))
    assert now(outputs, "rating") == [rating] * len(outputs)
    assert outcome.changed == sum(stars != rating for stars, _ in before)
    assert curation.undo(project, outcome.token) == outcome.changed
    assert now(outputs, "rating") == [stars for stars, _ in before]
