"""References: pictures that come in, and everything that does not."""

import io
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from elements.models import Reference
from projects.models import Project, ProjectRole
from tests.factories import (
    make_membership,
    make_picture,
    make_project,
    make_reference,
    make_stored,
    make_user,
)

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse

pytestmark = pytest.mark.django_db


def file(content: bytes, name: str = "plate.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "image/png")


def send(web: Client, project: Project, *files: SimpleUploadedFile) -> "_MonkeyPatchedWSGIResponse":
    return web.post(f"/projects/{project.slug}/references", {"file": list(files)})


def test_a_picture_becomes_a_chip(web, project):
    answer = send(web, project, file(make_picture()))
    reference = Reference.objects.get()
    assert answer.status_code == 200
    assert f'name="reference" value="{reference.uuid}"' in answer.content.decode()
    assert web.get(f"/references/{reference.uuid}/file/512").status_code == 200
    assert web.get(f"/references/{reference.uuid}/file/original").headers["Content-Type"] == "image/png"
    assert web.get(f"/references/{reference.uuid}/file/99").status_code == 404


def test_the_same_picture_is_kept_once(web, project):
    send(web, project, file(make_picture(), "a.png"))
    send(web, project, file(make_picture(), "b.png"))
    assert Reference.objects.get().name == "a.png"


def test_good_files_stay_and_bad_ones_are_named(web, project):
    answer = send(web, project, file(b"", "empty.png"), file(make_picture()), file(b"text", "notes.png"))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert Reference.objects.count() == 1
    assert "empty.png" in page
    assert "This file is empty." in page
    assert "notes.png" in page


def truncated() -> bytes:
    return make_picture(size=(640, 360))[:200]


def bomb() -> bytes:
    small = io.BytesIO()
    Image.new("1", (12_000, 12_000)).save(small, "PNG")
    return small.getvalue()


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"%PDF-1.7", truncated(), b"\x00" * 5000, bomb()])
def test_what_is_not_a_usable_picture_is_refused_with_a_sentence(web, project, content):
    answer = send(web, project, file(content, "x.png"))
    assert answer.status_code == 422
    assert "x.png" in answer.content.decode()
    assert not Reference.objects.exists()


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "<img src=x>.png", "CON.png", "a\u202egnp.exe", "x" * 300 + ".png"]
)
def test_hostile_names_are_only_words(web, project, name):
    answer = send(web, project, file(make_picture(), name))
    assert answer.status_code == 200
    assert "<img src=x>" not in answer.content.decode()
    assert "/" not in Reference.objects.get().name


def test_no_file_is_said(web, project):
    answer = send(web, project)
    assert answer.status_code == 422
    assert "Choose a picture" in answer.content.decode()


def test_a_still_becomes_a_reference(web, ana, project):
    output = make_stored(project, ana, prompt="A heron")[0]
    answer = web.post(f"/projects/{project.slug}/references", {"output": str(output.uuid)})
    assert answer.status_code == 200
    assert Reference.objects.get().blob == output.blob
    assert Reference.objects.get().name == "A heron 1.png"


def test_a_foreign_a_forged_and_a_broken_pick_are_told_alike(web, project):
    foreign = make_stored(make_project("Elsewhere"))[0]
    plate = make_reference(make_project("Third"))
    for picked in ({"output": foreign.uuid}, {"output": uuid4()}, {"output": "x"}, {"reference": plate.uuid}):
        answer = web.post(f"/projects/{project.slug}/references", picked)
        assert answer.status_code == 422
        assert "is not in this project any more" in answer.content.decode()


def test_the_picker_offers_references_and_stills(web, ana, project):
    plate = make_reference(project)
    output = make_stored(project, ana)[0]
    page = web.get(f"/projects/{project.slug}/references/pick").content.decode()
    assert str(plate.uuid) in page
    assert str(output.uuid) in page


def test_references_are_for_members(client, project):
    plate = make_reference(project)
    reviewer = make_user("rex@example.com")
    make_membership(project, reviewer, ProjectRole.REVIEWER)
    client.force_login(reviewer)
    assert client.get(f"/references/{plate.uuid}/file/512").status_code == 200
    assert send(client, project, file(make_picture())).status_code == 404
    client.force_login(make_user("eve@example.com"))
    assert client.get(f"/references/{plate.uuid}/file/512").status_code == 404
    assert client.get(f"/projects/{project.slug}/references/pick").status_code == 404
