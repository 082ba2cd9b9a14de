"""What a deleted project leaves behind: no bytes, unless something else uses them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from generations.models import Output
from media import forgetting, storage
from media.models import Blob
from tests.factories import make_project, make_reference, make_stored

pytestmark = pytest.mark.django_db(transaction=True)


def delete(web) -> None:
    Blob.objects.update(asked_at=timezone.now() - timedelta(hours=1))
    assert web.post("/projects/night-market/delete", {"typed": "night-market"}).status_code == 302
    forgetting.sweep()


def test_stills_and_references_leave_the_disk(web, ana, project):
    make_stored(project, ana, count=2)
    make_reference(project, "#020301")
    blobs = list(Blob.objects.all())
    assert len(blobs) == 3
    delete(web)
    assert not Blob.objects.exists()
    assert not any(storage.original(blob.sha256).exists() for blob in blobs)
    assert not any(storage.rendition(blob.sha256, 512).exists() for blob in blobs)


def test_what_another_project_uses_stays(web, ana, project):
    make_stored(project, ana)
    kept = make_reference(make_project("Other", ana), "#020302")
    make_reference(project, "#020302")
    delete(web)
    assert list(Blob.objects.all()) == [kept.blob]
    assert storage.complete(kept.blob.sha256)
    assert web.get(f"/references/{kept.uuid}/file/original").status_code == 200


def test_stills_in_the_trash_go_as_well(web, ana, project):
    make_stored(project, ana)
    Output.objects.update(trashed_at=timezone.now())
    delete(web)
    assert not Blob.objects.exists()
