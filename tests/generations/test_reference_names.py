"""What a prompt calls a reference: for as long as the prompt lives, whatever happens to the reference."""

from uuid import uuid4

import pytest

from elements.models import Reference
from generations import ordering
from generations.models import Generation
from tests.factories import make_reference

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def send(web, project, prompt: str, *attached: tuple[Reference, str], act: str = "generate"):
    data = {
        "form_key": str(uuid4()),
        "mode": "still",
        "route": "draft",
        "model": "o3",
        "prompt": prompt,
        "resolution": "1K",
        "aspect_ratio": "16:9",
        "count": "1",
        "format": "png",
        "reference": [str(reference.uuid) for reference, _ in attached],
        "role": ["style"] * len(attached),
        "called": [name for _, name in attached],
    }
    return web.post(f"/projects/{project.slug}/{act}", data, headers=HTMX)


def test_a_swapped_picture_answers_to_the_name_in_the_prompt(web, project):
    pier = make_reference(project, "#101010", "pier.png")
    assert send(web, project, "As in @ref-harbour", (pier, "ref-harbour")).status_code == 200
    generation = Generation.objects.get()
    assert generation.request["references"][0]["name"] == "ref-harbour"
    assert ordering.of_generation(generation).references[0].name == "ref-harbour"


def test_a_renamed_reference_keeps_its_name_in_an_old_prompt(web, project):
    plate = make_reference(project, name="street.png")
    send(web, project, "As in @ref-street", (plate, ""))
    Reference.objects.update(handle="ref-alley")
    generation = Generation.objects.get()
    assert ordering.of_generation(generation).references[0].name == "ref-street"
    page = web.get(f"/projects/{project.slug}/composer?from={generation.uuid}").content.decode()
    assert "As in @ref-street" in page
    again = web.post(f"/generations/{generation.uuid}/retry", {"form_key": str(uuid4())}, headers=HTMX)
    assert again.status_code < 400
    assert ordering.of_generation(Generation.objects.latest("pk")).references[0].name == "ref-street"


def test_two_pictures_under_one_name_are_refused(web, project):
    pier = make_reference(project, "#101010", "pier.png")
    harbour = make_reference(project, "#202020", "harbour.png")
    answer = send(web, project, "As in @ref-harbour", (pier, "ref-harbour"), (harbour, ""))
    assert answer.status_code == 422
    assert "Two references are called @ref-harbour" in answer.content.decode()


@pytest.mark.parametrize("name", ["mara", "ref-", "ref-A b", "@ref-x", "ref-" + "x" * 31, "<b>"])
def test_a_name_that_no_reference_can_have_is_passed_over(web, project, name):
    plate = make_reference(project, name="street.png")
    assert send(web, project, "As in @ref-street", (plate, name)).status_code == 200


def test_rows_without_words_leave_the_panels_of_the_prompt_alone(web, project):
    data = {
        "form_key": str(uuid4()),
        "mode": "series",
        "route": "draft",
        "model": "o3",
        "prompt": "Noir. Panel 1: a door. Panel 2: a key.",
        "resolution": "1K",
        "aspect_ratio": "16:9",
        "count": "4",
        "format": "png",
        "panel": ["", "", "", ""],
    }
    assert web.post(f"/projects/{project.slug}/generate", data, headers=HTMX).status_code == 200
    assert Generation.objects.get().request["panels"] == ["a door.", "a key."]
