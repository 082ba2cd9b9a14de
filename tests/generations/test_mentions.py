"""Names in prompts: what they mean, that it never drifts, and what is said where they mean nothing."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from elements import library
from elements.models import Consent, Element
from generations import ordering
from generations.models import Generation
from projects.cast import cast
from tests.factories import make_element, make_project, make_reference

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def send(web, project, prompt: str, **fields: object):
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
        **fields,
    }
    return web.post(f"/projects/{project.slug}/generate", data, headers=HTMX)


def made(web, project, prompt: str, **fields: object) -> Generation:
    answer = send(web, project, prompt, **fields)
    assert answer.status_code == 200, answer.content.decode()
    return Generation.objects.latest("pk")


def test_a_mention_attaches_the_element_in_its_current_version(web, ana, project) -> None:
    mara = make_element("mara")
    generation = made(web, project, "@Mara lifts a flask")
    row = generation.elements.get()
    assert (row.element, row.version, row.name) == (mara, mara.current, "mara")
    assert ordering.of_generation(generation).elements[0].version == "mara@1"


def test_the_cast_decides_the_version(web, ana, project) -> None:
    mara = make_element("mara")
    first = mara.current
    assert first is not None
    cast(project, mara)
    library.new_version(mara, library.Change(description="In a red coat"), ana)
    assert made(web, project, "@mara waits").elements.get().version == first


def test_a_mentioned_element_joins_the_cast(web, ana, project) -> None:
    mara = make_element("mara")
    made(web, project, "@mara waits")
    assert project.cast.get().version == mara.current


def test_marks_of_providers_bind_to_what_is_attached(web, ana, project) -> None:
    mara = make_element("mara")
    street = make_reference(project, name="street.png")
    generation = made(
        web,
        project,
        "@Element1 walks as in <<<image_1>>>",
        element=[str(mara.uuid)],
        reference=[str(street.uuid)],
        role=["scene"],
    )
    assert generation.prompt == "@mara walks as in @ref-street"


def test_a_mark_that_points_at_nothing_is_named(web, ana, project) -> None:
    answer = send(web, project, "@Image3 at dusk")
    assert answer.status_code == 422
    assert "@Image3 points at nothing" in answer.content.decode()
    assert "@Image3 at dusk" in answer.content.decode()


def test_a_name_that_nobody_has_is_named(web, ana, project) -> None:
    answer = send(web, project, "@nobody waits")
    assert answer.status_code == 422
    assert "Nothing here is called @nobody" in answer.content.decode()


def test_a_reference_that_is_not_attached_is_named(web, ana, project) -> None:
    make_reference(project, name="street.png")
    answer = send(web, project, "As in @ref-street")
    assert "@ref-street is not attached" in answer.content.decode()


def test_an_old_handle_means_the_same_element_and_is_written_anew(web, ana, project) -> None:
    mara = make_element("mara")
    library.rename(mara, "marie", ana)
    generation = made(web, project, "@mara waits")
    assert generation.prompt == "@marie waits"
    assert generation.elements.get().element == mara


def test_renaming_does_not_change_a_frozen_request_and_edit_shows_the_new_name(web, ana, project) -> None:
    mara = make_element("mara")
    generation = made(web, project, "@mara waits")
    library.rename(mara, "marie", ana)
    assert ordering.of_generation(generation).elements[0].name == "mara"
    page = web.get(f"/projects/{project.slug}/composer?from={generation.uuid}").content.decode()
    assert "@marie waits" in page


def test_an_element_of_another_project_is_unknown_here(web, ana, project) -> None:
    make_element("jun", project=make_project("Other"))
    assert send(web, project, "@jun waits").status_code == 422


def test_an_archived_element_is_not_used_anew_nor_repeated(web, ana, project) -> None:
    mara = make_element("mara")
    generation = made(web, project, "@mara waits")
    Element.objects.filter(pk=mara.pk).update(archived_at=timezone.now())
    answer = send(web, project, "@mara waits")
    assert answer.status_code == 422
    assert "@mara is archived" in answer.content.decode()
    again = web.post(f"/generations/{generation.uuid}/retry", {"form_key": str(uuid4())}, headers=HTMX)
    assert again.status_code == 422
    assert "archived" in again["HX-Trigger"]


def test_consent_that_has_ended_refuses_a_new_request_and_a_retry(web, ana, project) -> None:
    mara = make_element("mara")
    generation = made(web, project, "@mara waits")
    yesterday = timezone.localdate() - timedelta(days=1)
    Consent.objects.update_or_create(
        element=mara, defaults={"state": "attested", "uses": ["stills"], "expires_on": yesterday}
    )
    answer = send(web, project, "@mara waits")
    assert answer.status_code == 422
    assert "Consent for @mara ended" in answer.content.decode()
    again = web.post(f"/generations/{generation.uuid}/retry", {"form_key": str(uuid4())}, headers=HTMX)
    assert again.status_code == 422
    assert Generation.objects.count() == 1


def test_a_project_that_requires_consent_refuses_without(web, ana, project) -> None:
    make_element("mara")
    project.requires_consent = True
    project.save(update_fields=["requires_consent"])
    answer = send(web, project, "@mara waits")
    assert answer.status_code == 422
    assert "@mara" in answer.content.decode()
    assert not Generation.objects.exists()


def test_eleven_inputs_are_too_many(web, ana, project) -> None:
    make_element("mara")
    kept = [make_reference(project, f"#10{n:02x}30", f"plate{n}.png") for n in range(10)]
    answer = send(
        web,
        project,
        "@mara waits",
        reference=[str(one.uuid) for one in kept],
        role=["style"] * 10,
    )
    assert answer.status_code == 422
    assert "at most 10 references and elements together, not 11" in answer.content.decode()


def test_panels_say_which_elements_appear_in_them(web, ana, project) -> None:
    make_element("mara")
    make_element("jun")
    generation = made(
        web,
        project,
        "Noir",
        mode="series",
        panel=["@mara enters", "@jun turns", "@mara and @jun leave"],
    )
    panels = {one.name: one.panels for one in ordering.of_generation(generation).elements}
    assert panels == {"mara": (1, 3), "jun": (2, 3)}
