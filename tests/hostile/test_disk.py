"""A disk that takes nothing: a sentence where somebody waits, patience where nobody does, nothing half."""

import errno
from datetime import timedelta
from typing import IO
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.utils import timezone

from accounts.models import StudioRole
from elements.models import Reference
from generations import drawing, pipeline
from generations.models import Event, Generation, Output, OutputState, State
from media import storage
from media.models import Blob
from projects.models import Project
from tests.factories import (
    make_blob,
    make_generation,
    make_picture,
    make_reference,
    make_stored,
    make_user,
)
from tests.hostile.calls import COMPOSED

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ana():
    return make_user(role=StudioRole.ADMIN)


@pytest.fixture
def full_disk(settings, tmp_path):
    """A media folder in which nothing can be made, because a file stands in its place."""
    settings.MEDIA_ROOT = tmp_path / "media"

    def fill() -> None:
        (tmp_path / "media").write_bytes(b"")

    def clear() -> None:
        (tmp_path / "media").unlink()

    fill.clear = clear  # type: ignore[attr-defined]
    return fill


def test_an_upload_that_cannot_be_stored_is_said(web, project, full_disk, caplog):
    full_disk()
    file = SimpleUploadedFile("canary name.png", make_picture(), "image/png")
    answer = web.post(f"/projects/{project.slug}/references", {"file": file})
    page = answer.content.decode()
    assert answer.status_code == 507
    assert "canary name.png" in page
    assert "The studio&#x27;s disk could not take this file" in page
    assert not Reference.objects.exists()
    assert not Blob.objects.exists()
    assert "canary name" not in caplog.text
    assert "could not be stored" in caplog.text


@pytest.fixture
def patient(web):
    """A browser that is answered where the test client would raise."""
    web.raise_request_exception = False
    return web


def test_an_upload_that_no_disk_can_receive_is_said(patient, project, monkeypatch):
    """Large files are written out before any view sees them; here to the device that is always full."""

    def on_a_full_disk(*_: object, **__: object) -> IO[bytes]:
        return open("/dev/full", "wb", buffering=0)

    monkeypatch.setattr("django.core.files.uploadedfile.tempfile.NamedTemporaryFile", on_a_full_disk)
    file = SimpleUploadedFile("plate.png", b"x" * 2_000_000, "image/png")
    answer = patient.post(f"/projects/{project.slug}/references", {"file": file})
    assert answer.status_code == 507
    assert "Nothing of this was stored, sent or charged" in answer.content.decode()
    assert not Reference.objects.exists()


def test_large_uploads_arrive_on_the_disk_of_the_data(settings):
    assert settings.DATA in settings.FILE_UPLOAD_TEMP_DIR.parents
    assert settings.FILE_UPLOAD_TEMP_DIR.is_dir()


@pytest.fixture
def full_database(db):
    """SQLite with no page more than it has."""
    if connection.vendor != "sqlite":
        pytest.skip("Only SQLite can be told to be full.")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")
        pages = cursor.execute("PRAGMA page_count").fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count = {pages}")
        yield
        cursor.execute("PRAGMA max_page_count = 4294967294")


def test_a_full_database_is_said(patient, project, full_database):
    def press():
        form = {**COMPOSED, "prompt": "A fox. " * 300, "form_key": str(uuid4())}
        return patient.post(f"/projects/{project.slug}/generate", form)

    answer = next(answer for answer in iter(press, None) if answer.status_code != 302)
    assert answer.status_code == 507
    assert "The studio's disk is full" in answer.content.decode()
    assert Output.objects.count() == Generation.objects.count()


def test_a_conversion_without_room_leads_to_the_original(web, project, ana, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    still = make_stored(project, ana)[0]
    incoming = settings.MEDIA_ROOT / "incoming"
    incoming.rmdir()
    incoming.write_bytes(b"")
    answer = web.get(f"/outputs/{still.uuid}/download", {"format": "webp"})
    assert answer.status_code == 507
    assert "Download the original instead" in answer.content.decode()
    original = web.get(f"/outputs/{still.uuid}/download")
    assert original.status_code == 200
    assert b"".join(original.streaming_content)


def test_a_sample_without_room_leaves_nothing_and_can_be_asked_for_again(web, full_disk):
    full_disk()
    answer = web.post("/projects/sample")
    assert answer.status_code == 507
    assert "disk could not take the sample" in answer.content.decode()
    assert not Project.objects.exists()
    assert not Generation.objects.exists()
    full_disk.clear()
    assert web.post("/projects/sample").status_code == 302
    assert Project.objects.get().is_sample


def lapse(output: Output) -> None:
    Output.objects.filter(pk=output.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


@pytest.mark.slow
def test_a_drawn_picture_waits_for_the_disk_however_long_and_is_stored_then(project, ana, full_disk):
    output = make_generation(project, ana).outputs.get()
    Output.objects.update(tries=pipeline.TRIES - 1)
    full_disk()
    drawing.draw_output(output.pk)
    output.refresh_from_db()
    assert output.state == OutputState.PENDING
    assert output.tries == 0
    assert output.lease_until is not None
    lapse(output)
    full_disk.clear()
    drawing.draw_output(output.pk)
    output.refresh_from_db()
    assert output.state == OutputState.STORED
    assert Generation.objects.get().state == State.SUCCEEDED


def test_a_wait_for_the_disk_is_told_once_and_shown_until_it_ends(web, project):
    output = make_generation(project).outputs.get()
    pages = [f"/projects/{project.slug}/{page}" for page in ("queue", "strip")]

    def shown() -> list[bool]:
        return [pipeline.WAITING in web.get(page).content.decode() for page in pages]

    assert shown() == [False, False]
    for _ in range(3):
        held = pipeline.claim(output.pk, "test")
        assert held
        assert pipeline.put_off(held)
        lapse(output)
    assert Event.objects.filter(note=pipeline.WAITING).count() == 1
    assert shown() == [True, True]
    held = pipeline.claim(output.pk, "test")
    assert held
    assert pipeline.store(held, make_blob(), "test")
    assert shown() == [False, False]


def test_a_picture_whose_worker_dies_each_time_is_given_up(project, ana):
    output = make_generation(project, ana).outputs.get()
    for _ in range(pipeline.TRIES):
        assert pipeline.claim(output.pk, "a worker that dies")
        lapse(output)
    drawing.draw_output(output.pk)
    output.refresh_from_db()
    assert output.state == OutputState.FAILED
    assert "Nothing was charged" in output.error


def test_a_reference_that_storage_lost_fails_with_a_sentence(project, ana, client, caplog):
    client.force_login(ana)
    plate = make_reference(project, colour="#123456")
    answer = client.post(
        f"/projects/{project.slug}/generate",
        {
            "form_key": "7d0e4c55-9a9e-4f3b-8f9d-2a115b7a7c1e",
            "mode": "still",
            "route": "draft",
            "model": "o3",
            "prompt": "A fox",
            "resolution": "1K",
            "aspect_ratio": "16:9",
            "count": "1",
            "format": "png",
            "reference": str(plate.uuid),
            "role": "palette",
        },
    )
    assert answer.status_code == 302
    storage.original(plate.blob.sha256).unlink()
    output = Output.objects.get()
    drawing.draw_output(output.pk)
    output.refresh_from_db()
    assert output.state == OutputState.FAILED
    assert "Nothing was charged" in output.error
    assert str(errno.ENOENT) not in output.error
