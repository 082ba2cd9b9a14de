"""The viewer: facts, neighbours in the filter, lineage, and what changed since the parent."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from generations import plan
from generations.models import Output
from tests.factories import make_blob, make_intent, make_project, make_stored, make_user
from tests.gallery.filling import fill

pytestmark = pytest.mark.django_db
PARTIAL = {"HX-Request": "true", "HX-Request-Type": "partial"}


@pytest.fixture
def user(client: Client):
    user = make_user(name="Lena")
    client.force_login(user)
    return user


@pytest.fixture
def project(user):
    return make_project(owner=user)


def test_the_facts_are_told_in_one_line(client, project, user):
    output = make_stored(project, user, "Low angle, 24 mm, night rain")[0]
    text = client.get(f"/outputs/{output.uuid}/").text
    assert "O3 · 1360 × 768 · PNG " in text
    assert "by Lena" in text
    assert "read: low angle, 24 mm" in text
    assert output.blob is not None
    assert output.blob.sha256 in text
    assert "free for 1 still" in text


def test_the_dialog_gets_the_inside_alone(client, project):
    output = fill(project, 1)[0]
    inside = client.get(f"/outputs/{output.uuid}/", headers=PARTIAL).text
    assert "<html" not in inside
    assert 'class="viewer-top"' in inside


def test_previous_and_next_stay_in_the_filter(client, project):
    newest, dropped, middle, oldest = fill(project, 4)
    Output.objects.filter(pk=dropped.pk).update(flag="drop")
    text = client.get(f"/outputs/{middle.uuid}/?show=unreviewed").text
    previous = text.split('stage-prev" href="')[1].split('"')[0]
    following = text.split('stage-next" href="')[1].split('"')[0]
    assert previous == f"/outputs/{newest.uuid}/?show=unreviewed"
    assert following == f"/outputs/{oldest.uuid}/?show=unreviewed"
    assert str(dropped.uuid) not in text
    assert "stage-prev" not in client.get(f"/outputs/{newest.uuid}/").text
    assert "stage-next" not in client.get(f"/outputs/{oldest.uuid}/").text


def test_a_child_says_what_changed_since_its_parent_word_by_word(client, project, user):
    parent = make_stored(project, user, "A fox crosses wet asphalt at night")[0]
    intent = replace(
        make_intent(project, user, "A wolf crosses wet asphalt at night"), parent=parent.generation
    )
    child = plan.start(intent).outputs.get()
    Output.objects.filter(pk=child.pk).update(state="stored", blob=make_blob())
    text = client.get(f"/outputs/{child.uuid}/").text
    assert "1 thing changed" in text
    assert "<del> fox</del><ins> wolf</ins>" in text
    versions = text.split('class="lineage"')[1]
    assert "Made before" in versions
    assert f"/outputs/{parent.uuid}/" in versions
    assert "Made from this" in client.get(f"/outputs/{parent.uuid}/").text


def test_a_viewer_costs_the_same_however_full_the_gallery(client, project):
    def queries(output) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(f"/outputs/{output.uuid}/").status_code == 200
        return len(captured)

    few = fill(project, 2)
    queries(few[0])
    first = queries(few[0])
    many = fill(project, 40, at=timezone.now() + timedelta(hours=1))
    assert queries(many[20]) == first


def test_what_is_in_the_trash_can_be_looked_at_and_restored(client, project):
    output = fill(project, 1)[0]
    Output.objects.filter(pk=output.pk).update(trashed_at=timezone.now())
    text = client.get(f"/outputs/{output.uuid}/").text
    assert 'data-act="restore"' in text
    assert 'data-act="discard"' not in text


def test_a_still_that_is_not_there_yet_is_not_found(client, project, user):
    waiting = plan.start(make_intent(project, user)).outputs.get()
    assert client.get(f"/outputs/{waiting.uuid}/").status_code == 404
