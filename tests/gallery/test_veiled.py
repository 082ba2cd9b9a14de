"""The bytes of what a safety check flagged: no page leads to more of it than a few blurred pixels."""

import io
import re
from uuid import UUID

import pytest
from django.test import Client
from PIL import Image

from elements.models import Reference
from generations import pipeline
from generations.models import GenerationElement, Output, Panel, Series, Take
from media import intake, storage
from projects.models import Project, ProjectRole
from tests.factories import make_element, make_membership, make_user
from tests.generations import sent
from tests.media.pictures import saved, speckled

pytestmark = pytest.mark.django_db
MOST_SHOWN = 32  # pixels on the longest side
SHARP = ("512", "1536", "original")
REFUSED = "Flagged by the provider's safety check: it shows to nobody before somebody"


@pytest.fixture
def flagged(ana, project: Project) -> Output:
    """The second of two paid pictures, each with bytes of its own."""
    generation = sent.submitted(project, ana, count=2)
    sent.collecting(generation, flagged=(1,))
    for output in generation.outputs.order_by("index"):
        held = pipeline.claim(output.pk, "test")
        assert held is not None
        blob = intake.store(saved(speckled(700, seed=output.index), "JPEG"))
        assert pipeline.store(held, blob, "test")
    return generation.outputs.get(index=1)


@pytest.fixture
def pages(ana, flagged: Output) -> list[str]:
    """Every page that shows the picture."""
    project, other = flagged.project, flagged.generation.outputs.get(index=0)
    series = Series.objects.create(project=project, style="Noir")
    panel = Panel.objects.create(series=series, position=0, text="A")
    Take.objects.create(panel=panel, output=other)
    Take.objects.create(panel=panel, output=flagged)
    element = make_element("mara", ana)
    used = {"generation": flagged.generation, "element": element, "version": element.current}
    GenerationElement.objects.create(**used, name="mara", position=0)
    return [
        f"/projects/{project.slug}/",
        f"/projects/{project.slug}/newer",
        f"/projects/{project.slug}/tiles?id={flagged.uuid}",
        f"/projects/{project.slug}/queue",
        f"/projects/{project.slug}/compare?id={flagged.uuid}&id={other.uuid}",
        f"/generations/{flagged.generation.uuid}/",
        f"/outputs/{flagged.uuid}/",
        f"/outputs/{other.uuid}/",
        f"/series/{series.uuid}/",
        f"/elements/{element.uuid}/",
        f"/elements/{element.uuid}/used",
    ]


def body(answer) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def pictures(web: Client, page: str, uuid: UUID) -> dict[str, bytes]:
    """What every address on the page that names this output sends as a picture."""
    answer = web.get(page)
    assert answer.status_code == 200, page
    addresses = set(re.findall(rf'/[^"\s,]*{uuid}[^"\s,]*', answer.content.decode()))
    found = {}
    for address in sorted(addresses):
        sent_back = web.get(address.replace("&amp;", "&"))
        if sent_back.headers.get("Content-Type", "").startswith("image/"):
            found[address] = body(sent_back)
    return found


def edge(content: bytes) -> int:
    return max(Image.open(io.BytesIO(content)).size)


def act(web: Client, output: Output, act: str, **data: str):
    return web.post(f"/projects/{output.project.slug}/{act}", {"id": str(output.uuid), **data})


def show(web: Client, output: Output) -> str:
    token: str = act(web, output, "curate/show").json()["undo"]
    return token


def undo(web: Client, output: Output, token: str) -> None:
    assert act(web, output, "undo", token=token).status_code == 200


def original(output: Output) -> bytes:
    assert output.blob
    return storage.original(output.blob.sha256).read_bytes()


def test_no_address_of_any_page_leads_to_more_than_its_veil(web, flagged, pages):
    for page in pages:
        found = pictures(web, page, flagged.uuid)
        assert found, page
        assert {address: edge(content) for address, content in found.items() if edge(content) > 16} == {}, (
            page
        )


def test_beside_it_the_others_stay_sharp(web, flagged, pages):
    other = flagged.generation.outputs.get(index=0)
    assert max(edge(content) for content in pictures(web, pages[0], other.uuid).values()) == 700


def test_shown_every_page_leads_to_the_sharp_picture_at_another_address(web, flagged, pages):
    veiled = {page: set(pictures(web, page, flagged.uuid)) for page in pages}
    show(web, flagged)
    for page in pages:
        found = pictures(web, page, flagged.uuid)
        assert max(map(edge, found.values())) > MOST_SHOWN, page
        assert not veiled[page] & set(found), page
    assert body(web.get(f"/outputs/{flagged.uuid}/file/original")) == original(flagged)


def test_its_sharp_addresses_are_refused_in_a_sentence_whoever_asks(web, client, project, flagged):
    reviewer = make_user("rex@example.com")
    make_membership(project, reviewer, ProjectRole.REVIEWER)
    for person in (project.created_by, reviewer):
        client.force_login(person)
        for size in SHARP:
            answer = client.get(f"/outputs/{flagged.uuid}/file/{size}")
            assert answer.status_code == 403
            assert answer.content.decode().startswith(REFUSED)
            assert answer["Cache-Control"] == "no-store"
        assert client.get(f"/outputs/{flagged.uuid}/file/veiled").status_code == 200
        assert client.get(f"/outputs/{flagged.uuid}/file/anything").status_code == 404


def test_blurred_again_what_a_browser_kept_is_not_confirmed(web, flagged):
    token = show(web, flagged)
    address = f"/outputs/{flagged.uuid}/file/512"
    tag = web.get(address)["ETag"]
    assert web.get(address, headers={"If-None-Match": tag}).status_code == 304
    undo(web, flagged, token)
    assert web.get(address, headers={"If-None-Match": tag}).status_code == 403


def test_a_stranger_does_not_get_the_veil_either(client, flagged):
    client.force_login(make_user("eve@example.com"))
    assert client.get(f"/outputs/{flagged.uuid}/file/veiled").status_code == 404


def test_where_no_veil_can_be_made_there_is_plain_grey(web, flagged):
    for path in (storage.rendition(flagged.blob.sha256, 512), storage.veil(flagged.blob.sha256)):
        path.unlink(missing_ok=True)
    answer = web.get(f"/outputs/{flagged.uuid}/file/veiled")
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
    assert Image.open(io.BytesIO(answer.content)).size == (1, 1)


def test_it_does_not_become_a_reference(web, project, flagged):
    address = f"/projects/{project.slug}/references"
    refused = web.post(address, {"output": str(flagged.uuid)})
    assert refused.status_code == 422
    assert "press Show first; nothing was made of it." in refused.content.decode()
    assert not Reference.objects.exists()
    show(web, flagged)
    assert web.post(address, {"output": str(flagged.uuid)}).status_code == 200
    assert Reference.objects.get().blob == flagged.blob


def test_a_reference_made_while_it_was_shown_is_veiled_with_it(web, project, flagged):
    token = show(web, flagged)
    web.post(f"/projects/{project.slug}/references", {"output": str(flagged.uuid)})
    made = Reference.objects.get()
    undo(web, flagged, token)
    base = f"/references/{made.uuid}"
    assert [edge(body(web.get(f"{base}/file/{size}"))) for size in ("512", "1536")] == [16, 16]
    assert web.get(f"{base}/file/original").status_code == 403
    box = {"left": "0", "top": "0", "width": "0.5", "height": "0.5", "ratio": "free"}
    for answer in (
        web.post(f"{base}/crop", box),
        web.post(f"{base}/repair"),
        web.post(f"/projects/{project.slug}/references", {"reference": str(made.uuid)}),
    ):
        assert answer.status_code == 422
        assert "press Show first; nothing was made of it." in answer.content.decode()
    assert Reference.objects.count() == 1
    show(web, flagged)
    assert edge(body(web.get(f"{base}/file/512"))) == 512


def test_it_does_not_become_a_photo_of_an_element(web, ana, flagged):
    element = make_element("mara", ana)
    address = f"/elements/{element.uuid}/pictures"
    both = [str(output.uuid) for output in flagged.generation.outputs.all()]
    refused = web.post(address, {"id": both})
    assert refused.status_code == 422
    assert "1 of the pictures is flagged by the provider" in refused.content.decode()
    assert element.photos.count() == 1
    show(web, flagged)
    assert web.post(address, {"id": both}).status_code == 302
    assert element.photos.count() == 3


def test_a_locked_panel_that_shows_it_guides_no_new_take(web, flagged):
    series = Series.objects.create(project=flagged.project, style="Noir")
    locked = Panel.objects.create(series=series, position=0, text="A", is_locked=True, chosen=flagged)
    Take.objects.create(panel=locked, output=flagged)
    free = Panel.objects.create(series=series, position=1, text="B")
    Take.objects.create(panel=free, output=flagged.generation.outputs.get(index=0))
    page = web.get(f"/series/{series.uuid}/").content.decode()
    assert "A new take does not keep to panel 1, which is flagged: press Show first." in page
    web.post(f"/series/{series.uuid}/panels/2/retake", {"text": "B"}, headers={"HX-Request": "true"})
    assert not Reference.objects.exists()
    show(web, flagged)
    assert "does not keep to" not in web.get(f"/series/{series.uuid}/").content.decode()
