"""What the composer says about names, pictures, panels and requests before anything is sent."""

import html
import json
import re
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from elements import library
from elements.models import Reference
from generations.models import Generation
from projects.cast import cast
from tests.examples import examples
from tests.factories import (
    make_blob,
    make_element,
    make_membership,
    make_project,
    make_reference,
    make_stored,
    make_user,
)

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def ask(web, project, act: str = "preview", /, **fields: object) -> str:
    data = {
        "form_key": str(uuid4()),
        "mode": "still",
        "route": "draft",
        "model": "o3",
        "prompt": "A fox",
        "resolution": "1K",
        "aspect_ratio": "16:9",
        "count": "4",
        "format": "png",
        **fields,
    }
    answer = web.post(f"/projects/{project.slug}/{act}", data, headers=HTMX)
    assert answer.status_code in (200, 422)
    return html.unescape(answer.content.decode())


def attached(*references: Reference, role: str = "style") -> dict[str, object]:
    return {"reference": [str(one.uuid) for one in references], "role": [role] * len(references)}


def test_an_element_shows_version_photos_and_wardrobe(web, ana, project):
    mara = make_element("mara", ana, colours=("#c08050", "#507090", "#205030", "#802020"))
    cast(project, mara)
    library.new_version(mara, library.Change(wardrobe=("Red coat",)), ana)
    page = ask(web, project, prompt="@mara waits", route="fal")
    assert "v1" in page
    assert "v2 is newer" in page
    assert "sends the front" in page
    assert "Wardrobe of @mara" not in page
    cast_of = project.cast.get()
    cast_of.version = mara.versions.get(number=2)
    cast_of.save(update_fields=["version"])
    assert "Red coat" in ask(web, project, prompt="@mara waits")


def test_an_element_that_is_not_mentioned_is_named(web, project):
    mara = make_element("mara")
    page = ask(web, project, element=[str(mara.uuid)])
    assert "@mara is attached and not mentioned." in page
    page = ask(web, project, mode="series", panel=["One", "Two"], element=[str(mara.uuid)])
    assert "@mara is mentioned in no panel." in page
    page = ask(web, project, mode="series", panel=["One @mara", "Two"], element=[str(mara.uuid)])
    assert "mentioned in no panel" not in page


def test_what_a_mark_was_read_as_is_said(web, project):
    street = make_reference(project, name="street.png")
    page = ask(web, project, prompt="As in @Image1", **attached(street))
    assert "@Image1 is @ref-street." in page


def test_a_renamed_element_is_said(web, ana, project):
    mara = make_element("mara", ana)
    library.rename(mara, "marie", ana)
    page = ask(web, project, prompt="@mara waits")
    assert "@mara is called @marie now." in page
    assert 'data-wrong=""' in page


def test_every_name_that_means_nothing_is_named_and_marked(web, project):
    page = ask(web, project, prompt="@nobody and @noone")
    assert "Nothing here is called @nobody" in page
    assert "Nothing here is called @noone" in page
    assert 'data-wrong="@nobody\n@noone"' in page


def test_more_than_three_pictures_are_advised_against(web, project):
    plates = [make_reference(project, f"#0000{n:02d}") for n in range(4)]
    assert "Two or three are followed best." not in ask(web, project, **attached(*plates[:3]))
    assert "4 references." in ask(web, project, **attached(*plates))


def test_elements_where_there_are_none_go_as_references_if_the_person_agrees(web, project):
    make_element("mara")
    fields = {"prompt": "@mara waits", "route": "runware"}
    page = ask(web, project, **fields)
    assert "has no elements" in page
    assert "Send them as ordered references: identity is kept less well" in page
    page = ask(web, project, **fields, as_references="1")
    assert 'id="error-element"' not in page
    assert 'name="as_references" value="1" checked' in page
    # Elsewhere the agreement is kept and does not show.
    page = ask(web, project, prompt="@mara waits", as_references="1")
    assert '<input type="hidden" name="as_references" value="1">' in page


def test_more_pictures_than_one_order_carries_are_said_with_the_price(web, project):
    assert "orders of up to" not in ask(web, project, count="9")
    assert "3 orders of up to 9" in ask(web, project, count="20")


def test_a_model_without_series_names_one_that_makes_them(web, project):
    page = ask(web, project, mode="series", model="v3", panel=["One", "Two"])
    assert "does not make series" in page
    assert "Use Kling O3" in page
    assert "Use Kling O3" not in ask(web, project, mode="series", panel=["One", "Two"])


def test_the_relation_is_offered_updated_and_given_up(web, project):
    street, dunes = (
        make_reference(project, "#101010", "street.png"),
        make_reference(project, name="dunes.png"),
    )
    both = {"reference": [str(street.uuid), str(dunes.uuid)], "role": ["composition", "palette"]}
    said = "Keep the composition of @ref-street, take palette and light from @ref-dunes."
    assert f"{said}</q>" in ask(web, project, **both)
    assert said not in ask(web, project, prompt=f"A fox. {said}", **both)
    both["role"] = ["composition", "texture"]
    page = ask(web, project, prompt=f"A fox. {said}", relation=said, **both)
    assert "take texture from @ref-dunes.</q>" in page
    assert "Update the prompt" in page
    page = ask(web, project, prompt=f"A fox. {said}", relation=said, **attached(street))
    assert "This holds no more" in page
    # Words that somebody changed are theirs.
    page = ask(web, project, prompt="A fox. Keep it.", relation=said, **both)
    assert "Add to the prompt" in page


def test_starts_are_offered_only_to_an_empty_composer(web, project):
    assert '<div id="composer-starts">' in ask(web, project, prompt="")
    assert '<div id="composer-starts" hidden>' in ask(web, project, prompt="A fox")
    assert '<div id="composer-starts" hidden>' in ask(
        web, project, prompt="", **attached(make_reference(project))
    )


def test_places_that_wait_are_kept_and_their_marks_are_not_scolded(web, project):
    page = ask(
        web, project, "composer", prompt="@Image1 in the style of @Image2", slot=["1:subject", "2:style"]
    )
    assert page.count("data-slot=") == 2
    assert "points at nothing" not in page
    page = ask(web, project, "generate", prompt="@Image1 at dusk", slot=["1:subject"])
    assert "@Image1 points at nothing" in page
    assert not Generation.objects.exists()


@pytest.mark.parametrize("slot", ["", "x", "1", "1:hero", "²:style", "99999999:style", ":", "1:style:2"])
def test_a_place_that_nobody_offered_is_passed_over(web, project, slot):
    assert ask(web, project, "composer", slot=[slot]).count("data-slot=") in (0, 1)


def test_rows_stay_as_they_were_typed(web, project):
    page = ask(web, project, "composer", mode="series", panel=["One", "", "Three"])
    assert re.findall(r'name="panel"[^>]*>\n([^<]*)</textarea>', page) == ["One", "", "Three"]
    page = ask(web, project, "composer", mode="series", count="6")
    assert page.count('name="panel"') == 6
    page = web.get(f"/projects/{project.slug}/composer?mode=series&count=3").content.decode()
    assert page.count('name="panel"') == 3


def test_names_are_offered_from_the_cast_first_and_then_the_library(web, ana, project):
    make_element("marble", ana)
    make_element("elsewhere-mar", ana, project=make_project("Other"))
    cast(project, make_element("mara", ana))
    page = web.get(f"/projects/{project.slug}/mentions", {"q": "mar"}).content.decode()
    assert re.findall('data-name="([^"]+)"', page) == ["mara", "marble"]
    assert "data-name" not in web.get(f"/projects/{project.slug}/mentions", {"q": "\0zz%"}).content.decode()


def test_names_are_offered_at_the_same_cost_from_a_large_library(web, ana, project):
    def questions() -> int:
        with CaptureQueriesContext(connection) as asked:
            web.get(f"/projects/{project.slug}/mentions", {"q": ""})
        return len(asked)

    make_element("mara", ana)
    questions()
    before = questions()
    for number in range(20):
        make_element(f"extra-{number}", ana, colours=(f"#30{number:02d}50",))
    assert questions() == before <= 6
    page = web.get(f"/projects/{project.slug}/mentions", {"q": ""}).content.decode()
    assert page.count("data-name=") == 8


def test_the_preview_asks_as_much_for_many_elements_as_for_one(web, ana, project):
    names = ["mara", "jun", "ines", "otto", "lea"]
    for number, name in enumerate(names):
        colours = (f"#a0{number:02d}20", f"#20{number:02d}a0")
        cast(project, make_element(name, ana, colours=colours))
    plates = [make_reference(project, f"#0000{n:02d}") for n in range(4)]

    def questions(number: int) -> int:
        prompt = " ".join(f"@{name}" for name in names[:number])
        with CaptureQueriesContext(connection) as asked:
            ask(web, project, prompt=prompt, **attached(*plates[: max(1, number - 1)]))
        return len(asked)

    questions(5)
    assert questions(5) == questions(1) <= 14


def test_a_pasted_request_shows_what_it_changes_and_keeps_the_rest(web, ana, project):
    mara, plate = make_element("mara", ana), make_reference(project)
    body = '{"prompt": "A heron", "num_images": 2, "seed": 5, "tint": 1}'
    page = ask(web, project, "pasted", body=body, element=[str(mara.uuid)], **attached(plate))
    rows = re.findall(r'<th scope="row">([^<]+)</th><td[^>]*>([^<]*)</td><td[^>]*>([^<]*)</td>', page)
    assert ("Prompt", "A fox", "A heron") in rows
    assert ("Pictures", "4", "2") in rows
    assert ("Seed", "empty", "5") in rows
    assert "tint" in page
    assert f'name="element" value="{mara.uuid}"' in page
    assert f'name="reference" value="{plate.uuid}"' in page
    assert "csrfmiddlewaretoken" not in page
    assert not Generation.objects.exists()


def test_a_pasted_series_comes_as_rows(web, project):
    body = '{"prompt": "Noir. Panel 1: a door. Panel 2: a key.", "result_type": "series", "series_amount": 2}'
    page = ask(web, project, "pasted", body=body)
    assert re.findall('name="panel" value="([^"]+)"', page) == ["a door.", "a key."]
    assert 'name="mode" value="series"' in page


def test_what_is_no_request_is_one_sentence(web, project):
    assert "This is neither a JSON body nor a cURL line." in ask(web, project, "pasted", body="hello")


def test_every_route_says_what_it_would_get_or_why_not(web, project):
    make_element("mara")
    page = ask(web, project, "sending", prompt="@mara waits")
    assert "@Element1 waits" in page
    assert "Runware" in page
    assert "has no elements" in page
    assert not Generation.objects.exists()


def test_a_reference_is_renamed_within_its_project(web, project):
    street, dunes = (
        make_reference(project, "#101010", "street.png"),
        make_reference(project, name="dunes.png"),
    )
    answer = web.post(f"/references/{street.uuid}/rename", {"name": "@ref-Old Pier"})
    assert answer.status_code == 200
    street.refresh_from_db()
    assert street.handle == "ref-old-pier"
    answer = web.post(f"/references/{dunes.uuid}/rename", {"name": "old pier"})
    assert answer.status_code == 422
    assert "Another reference of this project is called @ref-old-pier." in answer.content.decode()
    for name in ("", "   ", "!!", "@ref-"):
        assert web.post(f"/references/{dunes.uuid}/rename", {"name": name}).status_code == 422
    dunes.refresh_from_db()
    assert dunes.handle == "ref-dunes"


@pytest.mark.parametrize(
    ("box", "sentence"),
    [
        (("0", "0", "1", "1"), "nothing would be cut off"),
        (("0", "0", "0.2", "0.2"), "models want at least 300"),
        (("0.5", "0", "0.8", "0.5"), "reaches outside the picture"),
        (("x", "0", "1", "1"), "as numbers from 0 to 1"),
        (("nan", "0", "1", "1"), "as numbers from 0 to 1"),
        (("0", "0", "0", "1"), "The box is empty"),
    ],
)
def test_a_crop_that_cannot_be_is_one_sentence(web, ana, project, box, sentence):
    plate = Reference.objects.create(
        project_id=project.pk, blob=make_blob(size=(800, 600)), name="p.png", handle="ref-p"
    )
    sides = dict(zip(("left", "top", "width", "height"), box, strict=True))
    answer = web.post(f"/references/{plate.uuid}/crop", {**sides, "ratio": "free"})
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert Reference.objects.count() == 1


def test_a_crop_of_a_generated_picture_keeps_saying_so(web, ana, project):
    still = make_stored(project, ana)[0]
    still.blob = make_blob("#123456", (800, 600))
    still.save(update_fields=["blob"])
    plate = Reference.objects.create(project_id=project.pk, blob=still.blob, name="p.png", handle="ref-p")
    sides = {"left": "0", "top": "0", "width": "0.5", "height": "1", "ratio": "1:1"}
    assert web.post(f"/references/{plate.uuid}/crop", sides).status_code == 200
    cropped = Reference.objects.get(crop_of=plate)
    assert (cropped.blob.width, cropped.blob.height) == (400, 400)
    original = b"".join(web.get(f"/references/{cropped.uuid}/file/original"))
    assert b"trainedAlgorithmicMedia" in original


def test_the_dialog_of_a_reference_is_for_those_who_work_on_its_project(client, project):
    plate = make_reference(project)
    client.force_login(make_user("eve@example.com"))
    assert client.get(f"/references/{plate.uuid}/edit").status_code == 404
    for act in ("rename", "crop"):
        assert client.post(f"/references/{plate.uuid}/{act}", {"name": "mine"}).status_code == 404


def test_an_address_is_not_fetched(web, project):
    for address, host in (("https://x.example/a.png", "x.example"), ("http://[", "This address")):
        answer = web.post(f"/projects/{project.slug}/references", {"address": address})
        assert answer.status_code == 422
        assert host in answer.content.decode()
        assert "nothing was fetched" in answer.content.decode()


ORDERS = st.permutations(["street", "dunes", "pier"])


@settings(
    max_examples=examples(25),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    derandomize=True,
)
@given(order=ORDERS, taken_out=st.sets(st.sampled_from(["dunes", "pier"])), marks=st.booleans())
def test_no_order_changes_which_picture_a_name_means(web, project, order, taken_out, marks):
    """A mark is read once; from then on its name means that picture wherever it stands."""
    known = {name: make_reference(project, f"#{ord(name[0]):02x}2030", f"{name}.png") for name in order}
    first = known["street"]
    if marks:
        page = ask(web, project, prompt="As in @Image1", **attached(first, known["dunes"]))
        assert "@Image1 is @ref-street." in page
    left = [known[name] for name in order if name not in taken_out]
    ask(web, project, "generate", prompt="As in @ref-street", count="1", **attached(*left))
    frozen = Generation.objects.latest("pk").request["references"]
    meant = next(one for one in frozen if one["name"] == "ref-street")
    assert meant["sha256"] == first.blob.sha256


def test_a_newer_version_is_taken_where_it_is_said(web, ana, project):
    mara = make_element("mara", ana)
    cast(project, mara)
    library.new_version(mara, library.Change(description="Chemist"), ana)
    address = f"/projects/{project.slug}/cast/{mara.uuid}/update"
    page = ask(web, project, prompt="@mara waits")
    assert "v2 is newer: take it" in page
    assert f'hx-post="{address}"' in page
    told = web.post(address, headers=HTMX)
    assert told.status_code == 204
    assert json.loads(told["HX-Trigger"])["framehouse:recast"] == {}
    assert "casts Mara as version 2" in told["HX-Trigger"]
    page = ask(web, project, prompt="@mara waits")
    assert "is newer" not in page
    assert "v2" in page


def test_a_reviewer_is_told_of_a_newer_version_and_cannot_take_it(client, ana, project):
    mara = make_element("mara", ana)
    cast(project, mara)
    library.new_version(mara, library.Change(description="Chemist"), ana)
    ben = make_user("ben@example.com")
    make_membership(project, ben, "reviewer")
    client.force_login(ben)
    page = ask(client, project, prompt="@mara waits")
    assert "v2 is newer" in page
    assert "take it" not in page
    assert client.post(f"/projects/{project.slug}/cast/{mara.uuid}/update").status_code == 404
