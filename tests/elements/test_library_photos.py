"""Photos of an element that is there: dropped into a place, named, made the front, taken out."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from elements.looks import look
from elements.models import Element, Origin
from generations.models import Output
from tests.factories import make_element, make_picture, make_stored

pytestmark = pytest.mark.django_db


def photo(colour: str, name: str = "side.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, make_picture(colour, (480, 480)), "image/png")


def angles() -> list[str]:
    return [placed.angle for placed in look(Element.objects.get().current).photos]


def notes() -> list[str]:
    return list(Element.objects.get().versions.order_by("number").values_list("note", flat=True))


def test_photos_dropped_together_make_one_version(web, project):
    mara = make_element()
    files = [photo("#a07040"), photo("#604020", "other.png")]
    answer = web.post(f"/elements/{mara.uuid}/photos", {"angle": "profile", "file": files})
    assert answer.headers["Location"] == f"/elements/{mara.uuid}/"
    assert angles() == ["front", "profile", "profile"]
    assert notes() == ["First photo.", "Added profile, profile."]


def test_what_is_refused_is_said_and_changes_nothing(web, project):
    mara = make_element()
    address = f"/elements/{mara.uuid}/photos"
    bad = SimpleUploadedFile("notes.png", b"text", "image/png")
    known = photo("#c08050", "front.png")
    said = {
        "notes.png": {"file": bad, "angle": "profile"},
        "No file arrived": {"angle": "profile"},
        "has this photo already": {"file": known, "angle": "profile"},
        "Choose an angle from the list": {"file": photo("#a07040"), "angle": "top"},
        "Only one photo is the front": {"file": photo("#a07040"), "angle": "front"},
    }
    for sentence, told in said.items():
        answer = web.post(address, told)
        assert answer.status_code == 422
        assert sentence in answer.content.decode()
    assert notes() == ["First photo."]


def test_a_good_file_is_kept_beside_a_bad_one(web, project):
    mara = make_element()
    bad = SimpleUploadedFile("notes.png", b"text", "image/png")
    told = {"file": [bad, photo("#a07040")], "angle": "back"}
    answer = web.post(f"/elements/{mara.uuid}/photos", told, follow=True)
    assert "notes.png" in answer.content.decode()
    assert angles() == ["front", "back"]


def test_an_angle_is_named_made_the_front_and_taken_out(web, project):
    mara = make_element(colours=("#c08050", "#a07040", "#604020"))
    front, side, back = (placed.photo for placed in look(mara.current).photos)

    def tell(**told: str) -> int:
        status: int = web.post(f"/elements/{mara.uuid}/arrange", told).status_code
        return status

    assert tell(photo=str(side.uuid), angle="profile-left") == 302
    assert angles() == ["front", "profile-left", "profile"]
    assert tell(photo=str(side.uuid), angle="front") == 302
    assert [placed.photo for placed in look(Element.objects.get().current).photos] == [side, front, back]
    assert angles() == ["front", "profile-left", "profile"]
    assert tell(photo=str(back.uuid), act="remove") == 302
    assert angles() == ["front", "profile-left"]
    assert tell(photo=str(back.uuid), act="remove") == 422
    assert tell(photo=str(side.uuid), act="remove") == 422
    assert tell(photo="x", act="remove") == 404
    assert notes()[-1] == "Removed profile."


def test_pictures_of_a_character_sheet_become_angles_marked_generated(web, project, ana):
    mara = make_element(project=project)
    prompt = "Sheet of @mara.\nPanel 1: @mara in profile.\nPanel 2: @mara, head and shoulders, laughing."
    stored = make_stored(project, ana, prompt, count=2)
    told = {"id": [str(output.uuid) for output in stored]}
    answer = web.post(f"/elements/{mara.uuid}/pictures", told, follow=True)
    assert "Profile · generated" in answer.content.decode()
    assert angles() == ["front", "profile", "expression"]
    made = mara.photos.filter(origin=Origin.GENERATED)
    assert {photo.blob_id for photo in made} == set(Output.objects.values_list("blob", flat=True))
