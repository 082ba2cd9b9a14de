"""Photos of a form that nobody sends: kept for a day, then let go of, unless something uses them."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from elements import staging
from elements.models import StagedPhoto
from media import forgetting, storage
from media.models import Blob
from tests.factories import make_element, make_picture

pytestmark = pytest.mark.django_db(transaction=True)


def send(web, colour: str) -> Blob:
    photo = SimpleUploadedFile("front.png", make_picture(colour, (480, 480)), "image/png")
    assert web.post("/elements/photos", {"file": photo}, headers={"HX-Request": "true"}).status_code == 200
    return Blob.objects.latest("pk")


def wait_a_day() -> None:
    then = timezone.now() - timedelta(hours=25)
    StagedPhoto.objects.update(sent_at=then)
    Blob.objects.update(created_at=then, asked_at=then)


def sweep() -> None:
    staging.forget_unsent()
    forgetting.sweep()


def test_an_unsent_photo_is_gone_after_a_day(web, project):
    blob = send(web, "#010901")
    sweep()
    assert storage.complete(blob.sha256)
    wait_a_day()
    sweep()
    assert not Blob.objects.exists()
    assert not storage.original(blob.sha256).exists()


def test_a_photo_that_became_part_of_an_element_stays(web, project):
    blob = send(web, "#010902")
    make_element(colours=("#010902",))
    wait_a_day()
    sweep()
    assert storage.complete(blob.sha256)
    assert not StagedPhoto.objects.exists()


def test_a_photo_that_is_sent_again_is_kept_for_another_day(web, project):
    blob = send(web, "#010903")
    wait_a_day()
    send(web, "#010903")
    sweep()
    assert StagedPhoto.objects.get().blob == blob
    assert storage.complete(blob.sha256)
