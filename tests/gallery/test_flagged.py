"""What a provider's safety check flagged: blurred everywhere until somebody who curates has looked at it."""

import re

import pytest
from django.test import Client

from generations.models import Event, Output, Panel, Series, Take
from projects.models import Project, ProjectRole
from tests.factories import make_blob, make_membership, make_stored, make_user
from tests.generations import sent

pytestmark = pytest.mark.django_db
SAID = "Flagged by the provider&#x27;s safety check"


@pytest.fixture
def flagged(ana, project: Project) -> Output:
    """The second of two pictures of a paid order, flagged by its provider."""
    generation = sent.submitted(project, ana, count=2)
    return sent.finished(generation, make_blob(), flagged=(1,))[1]


def blurred(web: Client, address: str) -> list[str]:
    """UUIDs of the pictures that the page blurs."""
    page = web.get(address).content.decode()
    images = re.findall(r"<img[^>]*>", page)
    hidden = [image for image in images if re.search(r'class="[^"]*\bflagged\b', image)]
    return sorted({uuid for image in hidden for uuid in re.findall(r"/outputs/([0-9a-f-]{36})/", image)})


def series_with(output: Output) -> Series:
    series = Series.objects.create(project=output.project, style="Noir")
    Take.objects.create(panel=Panel.objects.create(series=series, position=0, text="A"), output=output)
    return series


def places(output: Output) -> list[str]:
    """Every screen that shows the picture."""
    project, other = output.project, output.generation.outputs.get(index=0)
    return [
        f"/projects/{project.slug}/",
        f"/projects/{project.slug}/newer",
        f"/projects/{project.slug}/queue",
        f"/projects/{project.slug}/compare?id={output.uuid}&id={other.uuid}",
        f"/generations/{output.generation.uuid}/",
        f"/outputs/{output.uuid}/",
        f"/outputs/{other.uuid}/",
        f"/series/{series_with(output).uuid}/",
    ]


def show(web: Client, output: Output):
    return web.post(f"/projects/{output.project.slug}/curate/show", {"id": str(output.uuid)})


def test_it_is_blurred_and_named_on_every_screen(web, flagged):
    for place in places(flagged):
        assert blurred(web, place) == [str(flagged.uuid)], place
        assert SAID in web.get(place).content.decode().replace("flagged by", "Flagged by"), place


def test_shown_it_is_clear_everywhere_and_the_history_says_who_looked(web, ana, flagged):
    answer = show(web, flagged)
    assert answer.json()["text"] == "Shown: 1 still."
    for place in places(flagged):
        assert blurred(web, place) == [], place
    event = Event.objects.get(output=flagged, note__startswith="Looked at")
    assert event.actor == ana.name
    assert "Looked at and shown" in web.get(f"/generations/{flagged.generation.uuid}/").content.decode()


def test_undone_it_is_blurred_again(web, flagged):
    token = show(web, flagged).json()["undo"]
    web.post(f"/projects/{flagged.project.slug}/undo", {"token": token})
    assert blurred(web, f"/outputs/{flagged.uuid}/") == [str(flagged.uuid)]
    assert Event.objects.filter(output=flagged, note="Blurred again.").exists()


def test_a_reviewer_cannot_show_it(client, project, flagged):
    reviewer = make_user("rex@example.com")
    make_membership(project, reviewer, ProjectRole.REVIEWER)
    client.force_login(reviewer)
    page = client.get(f"/outputs/{flagged.uuid}/").content.decode()
    assert 'data-act="show"' not in page
    assert "Whoever makes pictures here can show it." in page
    assert show(client, flagged).status_code == 404
    assert Output.objects.get(pk=flagged.pk).is_flagged


def test_it_is_found_by_its_filter(web, ana, project, flagged):
    make_stored(project, ana, prompt="Harmless")
    for query in ("show=flagged", "q=status:flagged"):
        page = web.get(f"/projects/{project.slug}/?{query}").content.decode()
        assert str(flagged.uuid) in page
        assert page.count('class="tile"') == 1


def test_it_is_not_delivered_before_somebody_looked(web, project, flagged):
    both = [str(output.uuid) for output in flagged.generation.outputs.all()]
    for address, data in (
        (f"/projects/{project.slug}/zip", {"id": both}),
        (f"/projects/{project.slug}/zip", {"all": "1"}),
        (f"/projects/{project.slug}/export", {"id": both, "media_format": "png"}),
    ):
        answer = web.post(address, data)
        assert answer.status_code == 422, address
        assert "1 of the selected stills is flagged by the provider" in answer.content.decode()
    assert web.get(f"/outputs/{flagged.uuid}/download").status_code == 422
    show(web, flagged)
    assert web.get(f"/outputs/{flagged.uuid}/download").status_code == 200


def test_it_is_no_face_of_its_project_and_no_reference(web, project, flagged):
    assert f"/outputs/{flagged.uuid}/" not in web.get("/projects/").content.decode()
    assert str(flagged.uuid) not in web.get(f"/projects/{project.slug}/references/pick").content.decode()
