"""Pictures that a route does not take are refused before anything is sent, with what helps beside it."""

import html
import io
import json
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from PIL import Image

from elements import library, references
from elements.fitness import KLING, ROUTES, misfits
from elements.models import Angle, Element, Kind, Reference
from elements.photos import file_of
from generations.models import Generation
from media import intake
from media.models import Blob
from projects.cast import cast
from projects.models import Project
from tests.factories import make_picture

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
GOOD = (640, 400)


def blob(size: tuple[int, int] = GOOD, media_format: str = "PNG", colour: str = "#204060") -> Blob:
    return intake.store(make_picture(colour, size, media_format))


def reference(project: Project, kept: Blob, name: str = "harbour.png") -> Reference:
    return references.keep(project.pk, kept, name, project.created_by)


def ask(web, project: Project, route: str, *guides: Reference, act: str = "preview", **more: Any) -> str:
    data = {
        "form_key": str(uuid4()),
        "mode": "still",
        "route": route,
        "model": "o3",
        "prompt": "A fox",
        "resolution": "1K",
        "aspect_ratio": "16:9",
        "count": "1",
        "format": "png",
        "reference": [str(one.uuid) for one in guides],
        "role": ["scene"] * len(guides),
        **more,
    }
    answer = web.post(f"/projects/{project.slug}/{act}", data, headers=HTMX)
    assert answer.status_code == (200 if act == "preview" else 422)
    return html.unescape(answer.content.decode())


@pytest.mark.parametrize(
    ("size", "media_format", "why", "act"),
    [
        (GOOD, "WEBP", "Kling takes JPEG or PNG, and this is WebP.", "Make a copy that fits"),
        (GOOD, "AVIF", "Kling takes JPEG or PNG, and this is AVIF.", "Make a copy that fits"),
        ((299, 400), "PNG", "Kling wants 300 px a side, and this has 299 × 400.", "Make a copy that fits"),
        ((120, 120), "PNG", "Kling wants 300 px a side, and this has 120 × 120.", "Replace it with a larger"),
        ((1200, 400), "PNG", "Kling takes 0.40 to 2.50 times as wide as high", "Make a copy that fits"),
        ((400, 1004), "PNG", "Kling takes 0.40 to 2.50 times as wide as high", "Make a copy that fits"),
    ],
)
def test_an_unfit_reference_says_which_and_what_to_do(web, project, size, media_format, why, act):
    one = reference(project, blob(size, media_format))
    page = ask(web, project, "kling", one)
    assert f"@ref-harbour: {why}" in page
    assert act in page
    assert "Nothing was sent." in page
    assert ("data-reference-repair" in page) == (act == "Make a copy that fits")
    assert "@ref-harbour:" in ask(web, project, "kling", one, act="generate")
    assert not Generation.objects.exists()


def test_a_megabyte_too_many_is_said_in_bytes(web, project):
    one = reference(project, blob())
    Blob.objects.filter(pk=one.blob_id).update(bytes=KLING.most_bytes + 1)
    page = ask(web, project, "kling", one)
    assert "Kling takes up to 10 MB, and this has 10,485,761 bytes." in page


def test_every_unfit_reference_is_named_and_the_others_are_not(web, project):
    bad = [
        reference(project, blob(GOOD, "WEBP"), "dunes.webp"),
        reference(project, blob((1200, 400)), "wide.png"),
    ]
    page = ask(web, project, "kling", reference(project, blob(colour="#405060")), *bad)
    assert "@ref-dunes: " in page
    assert "@ref-wide: " in page
    assert "@ref-harbour: " not in page


@pytest.mark.parametrize("size", [GOOD, (40, 40), (1200, 400)])
def test_draft_takes_everything(web, project, size):
    assert "@ref-harbour:" not in ask(web, project, "draft", reference(project, blob(size, "AVIF")))


def test_what_fits_another_route_goes_there(web, project):
    webp = reference(project, blob(GOOD, "WEBP"))
    assert "@ref-harbour:" in ask(web, project, "kling", webp)
    assert "@ref-harbour:" not in ask(web, project, "fal", webp)


@pytest.mark.parametrize(
    ("size", "media_format"), [(GOOD, "WEBP"), ((200, 220), "PNG"), ((1200, 400), "PNG")]
)
def test_the_copy_fits_every_route_and_the_original_stays(web, project, size, media_format):
    one = reference(project, blob(size, media_format))
    answer = web.post(f"/references/{one.uuid}/repair", headers=HTMX)
    made = Reference.objects.exclude(pk=one.pk).get()
    assert answer.status_code == 200
    assert str(made.uuid) in answer.content.decode()
    assert made.crop_of == one
    assert not any(misfits(file_of(made.blob), limits) for limits in ROUTES)
    assert "Nothing was sent." not in ask(web, project, "kling", made, called=["ref-harbour"])


@pytest.mark.parametrize("size", [GOOD, (120, 120)])
def test_where_no_copy_helps_that_is_said(web, project, size):
    one = reference(project, blob(size))
    answer = web.post(f"/references/{one.uuid}/repair", headers=HTMX)
    assert answer.status_code == 422
    assert "Every route takes this picture, or only a larger one helps." in answer.content.decode()
    assert Reference.objects.count() == 1


def test_a_copy_of_a_still_says_that_it_was_generated(web, ana, project):
    from tests.factories import make_stored  # noqa: PLC0415

    [still] = make_stored(project, ana)
    kept = blob(GOOD, "WEBP")
    type(still).objects.filter(pk=still.pk).update(blob=kept)
    web.post(f"/references/{reference(project, kept).uuid}/repair", headers=HTMX)
    made = Reference.objects.exclude(blob=kept).get()
    bytes_ = web.get(f"/references/{made.uuid}/file/original").getvalue()
    assert b"trainedAlgorithmicMedia" in bytes_


def element(project: Project, *kept: Blob) -> Element:
    angles = (Angle.FRONT, Angle.PROFILE, Angle.BACK)
    photos = tuple(
        library.NewPhoto(one, f"{angle}.png", angle) for one, angle in zip(kept, angles, strict=False)
    )
    lamp = library.create(library.NewElement("lamp", "Lamp", Kind.OBJECT, photos), None, None)
    cast(project, lamp)
    return lamp


def test_an_unfit_photo_of_an_element_leads_to_its_repair(web, project):
    lamp = element(project, blob(), blob(GOOD, "WEBP", "#602040"))
    page = ask(web, project, "kling", prompt="@lamp glows")
    why = "Kling takes JPEG or PNG, and this is WebP. Repair it on its page."
    assert f"The profile photo of @lamp: {why}" in page
    side = lamp.photos.get(name="profile.png")
    assert f"/elements/photos/{side.uuid}" in page
    assert web.get(f"/elements/photos/{side.uuid}").status_code == 200
    assert "The profile photo of @lamp" not in ask(web, project, "fal", prompt="@lamp glows")
    assert "The profile photo of @lamp" not in ask(web, project, "draft", prompt="@lamp glows")


def test_a_photo_that_is_not_sent_need_not_fit(web, project):
    """Runware gets the front alone."""
    element(project, blob(), blob((1200, 400), "PNG", "#602040"))
    told = {"prompt": "@lamp glows", "as_references": "1"}
    assert "profile photo" not in ask(web, project, "runware", **told)


def test_the_command_line_refuses_with_the_same_sentence(ana, project, tmp_path: Path):
    path = tmp_path / "harbour.webp"
    Image.new("RGB", GOOD, "#204060").save(path, "WEBP")
    told = ["--project", project.slug, "--as", ana.email, "--model", "o3", "--prompt", "A fox"]
    asked = [*told, "--reference", str(path)]
    out = io.StringIO()
    call_command("generate", *asked, "--dry-run", "--json", stdout=out)
    report = json.loads(out.getvalue())
    said = {one["route"]: one["text"] for one in report["findings"]}
    assert said["kling"].startswith("@ref-harbour: Kling takes JPEG or PNG, and this is WebP.")
    assert {"draft", "fal"} <= {one["route"] for one in report["requests"]}
    with pytest.raises(CommandError, match="@ref-harbour: Kling takes JPEG or PNG"):
        call_command("generate", *asked, "--route", "kling", stdout=io.StringIO())


def test_a_preview_costs_the_same_queries_however_many_fit(web, project):
    def queries(*guides: Reference) -> int:
        with CaptureQueriesContext(connection) as told:
            ask(web, project, "kling", *guides)
        return len(told)

    made = [reference(project, blob(colour=f"#{n}04060"), f"plate-{n}.png") for n in range(1, 6)]
    queries(made[0])  # the session is written once
    assert queries(*made[:1]) == queries(*made)
