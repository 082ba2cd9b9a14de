"""Photos of an element: marked, cropped, softened, repaired and replaced; nothing that was there is lost."""

from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from accounts.models import User
from accounts.people import RefusedError
from elements import boxes, library, photos, retouching
from elements.models import Angle, Element, Kind, Origin, Photo
from media import intake, storage
from media.decoder import NotAPicture
from projects.models import Project, ProjectRole
from tests.factories import make_blob, make_element, make_membership, make_project, make_user
from tests.media.pictures import noise, quarters, saved, speckled

SAMPLES = Path(__file__).resolve().parents[2] / "studio" / "sample_data"
FACE = (0.305, 0.215, 0.125, 0.19)


@pytest.fixture
def curie(ana: User, project: Project) -> Element:
    """A character whose front photo shows two people, one of them marked, and a profile."""
    front = intake.store(SAMPLES / "laboratory.jpg")
    new = library.NewElement(
        "curie",
        "Marie",
        Kind.CHARACTER,
        (
            library.NewPhoto(front, "laboratory.jpg", Angle.FRONT, people=2, face=FACE),
            library.NewPhoto(intake.store(SAMPLES / "astronaut.jpg"), "suit.jpg", Angle.PROFILE, people=1),
        ),
    )
    return library.create(new, ana, None)


def front(element: Element) -> Photo:
    element.refresh_from_db()
    assert element.current is not None
    return (
        element.current.places.select_related("photo__element__current", "photo__blob").get(position=0).photo
    )


def page(photo: Photo, act: str = "") -> str:
    return f"/elements/photos/{photo.uuid}{act}"


def text(answer) -> str:
    return str(answer.content.decode())


def sides(left: object, top: object, width: object, height: object) -> dict[str, str]:
    return dict(zip(boxes.SIDES, map(str, (left, top, width, height)), strict=True))


def test_the_page_shows_the_card_the_marks_and_what_is_sent(web: Client, curie: Element) -> None:
    shown = text(web.get(page(front(curie))))
    for said in (
        "840 × 700 px, above every provider&#x27;s 300",
        "Below 1,024 px: faces may soften at 4K",
        "Sharp, well exposed",
        "Two people in the photo",
        "Busy background",
        "Fits fal, Runware (JPEG, 1.2:1)",
        "Fits Kling (JPEG, 1.2:1)",
        "<b>Kling</b> gets the front, profile.",
        "<b>Draft</b> gets the front (of 2).",
        "<b>Runware</b> gets the front, as an ordered reference",
    ):
        assert said in shown
    assert 'value="0.305"' in shown


def test_marking_measures_the_photo_again_with_that_face(web: Client, curie: Element) -> None:
    photo = front(curie)
    marked = {**sides(0.65, 0.1, 0.15, 0.25), "people": "2", "expression": "neutral"}
    assert web.post(page(photo, "/mark"), marked).status_code == 302
    photo.refresh_from_db()
    assert photo.face == (0.65, 0.1, 0.15, 0.25)
    assert (photo.measures["subject"]["width"], photo.measures["subject"]["height"]) == (126, 175)
    assert "Neutral expression" in text(web.get(page(photo)))
    assert curie.versions.count() == 1


def test_a_face_is_taken_back_with_four_empty_numbers(web: Client, curie: Element) -> None:
    web.post(page(front(curie), "/mark"), {**sides("", "", "", ""), "people": "", "expression": ""})
    photo = front(curie)
    assert (photo.face, photo.people) == (None, None)
    assert "The face is not marked" in text(web.get(page(photo)))


@pytest.mark.parametrize("act", ["/mark", "/crop"])
@pytest.mark.parametrize(
    ("box", "sentence"),
    [
        (("left", 0.1, 0.2, 0.2), boxes.NO_NUMBERS),
        (("nan", 0.1, 0.2, 0.2), boxes.NO_NUMBERS),
        ((0.1, "inf", 0.2, 0.2), boxes.NO_NUMBERS),
        (("", 0.1, 0.2, 0.2), boxes.NO_NUMBERS),
        ((0.1, 0.1, 0, 0.2), boxes.EMPTY),
        ((0.1, 0.1, 0.2, -0.1), boxes.EMPTY),
        ((-0.01, 0.1, 0.2, 0.2), boxes.OUTSIDE),
        ((0.9, 0.1, 0.2, 0.2), boxes.OUTSIDE),
        ((0.1, 0.1, 0.2, 1.1), boxes.OUTSIDE),
        ((1, 0, 0.0005, 0.5), boxes.OUTSIDE),
    ],
)
def test_a_bad_box_is_one_sentence_and_nothing_typed_is_lost(
    web: Client, curie: Element, act: str, box: tuple[object, ...], sentence: str
) -> None:
    photo = front(curie)
    answer = web.post(page(photo, act), {**sides(*box), "people": "7", "ratio": "4:5", "expression": "other"})
    shown = text(answer)
    assert answer.status_code == 422
    assert shown.count(sentence) == 1
    assert f'name="top" value="{box[1]}"' in shown
    assert ('value="7"' in shown) == (act == "/mark")
    assert front(curie).face == FACE
    assert curie.versions.count() == 1


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"people": "many"}, "as a number from 0 to 99"),
        ({"people": "100"}, "as a number from 0 to 99"),
        ({"people": "-1"}, "as a number from 0 to 99"),
        ({"people": "²"}, "as a number from 0 to 99"),
        ({"expression": "angry"}, "Choose an expression from the list"),
    ],
)
def test_other_bad_marks_are_one_sentence(
    web: Client, curie: Element, told: dict[str, str], sentence: str
) -> None:
    answer = web.post(page(front(curie), "/mark"), told)
    assert answer.status_code == 422
    assert sentence in text(answer)


def test_a_crop_takes_the_place_and_keeps_the_original(web: Client, curie: Element) -> None:
    original = front(curie)
    answer = web.post(page(original, "/crop"), {**sides(0.2, 0.1, 0.4, 0.6), "ratio": "free"}, follow=True)
    photo = front(curie)
    assert "Cropped the front photo. This is v2; the one before is kept." in text(answer)
    assert (photo.crop_of, photo.blob.width, photo.blob.height) == (original, 336, 420)
    assert photo.face == pytest.approx((0.2625, 0.1917, 0.3125, 0.3167), abs=0.001)
    assert photo.people is None
    assert photo.measures["subject"]["width"] == 105
    assert curie.versions.get(number=1).places.get(position=0).photo == original
    assert storage.original(original.blob.sha256).is_file()
    assert curie.versions.get(number=2).places.count() == 2


@pytest.mark.parametrize("ratio", [ratio for ratio in boxes.RATIOS if ratio != "free"])
def test_a_preset_makes_the_crop_have_its_ratio(web: Client, curie: Element, ratio: str) -> None:
    web.post(page(front(curie), "/crop"), {**sides(0.1, 0.1, 0.8, 0.8), "ratio": ratio})
    blob = front(curie).blob
    wide, tall = map(int, ratio.split(":"))
    assert blob.width * tall == pytest.approx(blob.height * wide, abs=max(wide, tall))


def test_a_crop_that_cuts_nothing_or_leaves_nothing_is_refused(web: Client, curie: Element) -> None:
    whole = web.post(page(front(curie), "/crop"), {**sides(0, 0, 1, 1), "ratio": "free"})
    speck = web.post(page(front(curie), "/crop"), {**sides(0, 0, 0.01, 0.01), "ratio": "free"})
    unknown = web.post(page(front(curie), "/crop"), {**sides(0, 0, 0.5, 0.5), "ratio": "5:1"})
    assert [answer.status_code for answer in (whole, speck, unknown)] == [422] * 3
    assert retouching.NOTHING_CUT in text(whole)
    assert "each side must have 16" in text(speck)
    assert "Choose a ratio from the list" in text(unknown)
    assert curie.versions.count() == 1


def test_softening_calms_the_background_and_asks_for_a_face_first(web: Client, curie: Element) -> None:
    original = front(curie)
    answer = web.post(page(original, "/soften"), {"then": "element"})
    photo = front(curie)
    assert answer.headers["Location"] == f"/elements/{curie.uuid}/"
    assert (photo.crop_of, photo.face, photo.people) == (original, FACE, 2)
    assert photo.measures["background"] < 0.1 < original_background(original)
    profile = curie.current.places.get(position=1).photo if curie.current else None
    assert profile is not None
    refused = web.post(page(profile, "/soften"))
    assert refused.status_code == 422
    assert retouching.NO_FACE in text(refused)


def original_background(photo: Photo) -> float:
    return photos.measures(photo).background or 0.0


@pytest.mark.parametrize(
    ("content", "now"),
    [
        (saved(speckled(400).resize((299, 640))), "299 px"),
        (saved(speckled(400), "WEBP"), "WebP"),
        (saved(speckled(400).resize((1200, 300)), "AVIF"), "AVIF and 4:1"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
@pytest.mark.usefixtures("project")
def test_a_repair_makes_a_copy_that_fits(web: Client, ana: User, content: bytes, now: str) -> None:
    new = library.NewPhoto(
        intake.store(content), f"{now}.png", Angle.FRONT, people=1, face=(0.2, 0.2, 0.6, 0.6)
    )
    element = library.create(library.NewElement("noor", "Noor", Kind.CHARACTER, (new,)), ana, None)
    original = front(element)
    assert "Repair" in text(web.get(page(original)))
    assert web.post(page(original, "/repair")).status_code == 302
    photo = front(element)
    assert photo.crop_of == original
    assert "Fits Kling (JPEG" in text(web.get(page(photo)))
    # The face is where it was in the picture.
    assert photo.face is not None
    assert photo.face[2] * photo.blob.width == pytest.approx(0.6 * original.blob.width, rel=0.02)
    again = web.post(page(photo, "/repair"))
    assert (again.status_code, retouching.NOTHING_TO_REPAIR in text(again)) == (422, True)


def test_a_generated_photo_says_so_after_a_crop_as_well(ana: User) -> None:
    made = library.NewPhoto(intake.store(noise(400)), "panel.png", Angle.FRONT, Origin.GENERATED, people=1)
    element = library.create(library.NewElement("noor", "Noor", Kind.CHARACTER, (made,)), ana, None)
    photo = retouching.crop(front(element), (0.1, 0.1, 0.5, 0.5), ana)
    assert photo.origin == Origin.GENERATED
    assert b"trainedAlgorithmicMedia" in storage.original(photo.blob.sha256).read_bytes()


def test_replacing_takes_the_place_and_words_are_refused(web: Client, curie: Element) -> None:
    photo = front(curie)
    file = SimpleUploadedFile("new.png", saved(quarters((400, 400))))
    assert web.post(page(photo, "/replace"), {"file": file}).status_code == 302
    assert front(curie).name == "new.png"
    words = SimpleUploadedFile("words.png", b"words")
    refused = web.post(page(front(curie), "/replace"), {"file": words})
    assert (refused.status_code, "not a JPEG" in text(refused)) == (422, True)
    nothing = web.post(page(front(curie), "/replace"))
    assert (nothing.status_code, "No file arrived" in text(nothing)) == (422, True)
    gone = web.post(page(photo, "/replace"), {"file": SimpleUploadedFile("new.png", saved(quarters()))})
    assert (gone.status_code, retouching.NOT_IN_PLACE in text(gone)) == (422, True)


def test_the_same_picture_cannot_stand_twice(web: Client, curie: Element) -> None:
    twice = SimpleUploadedFile("suit.jpg", (SAMPLES / "astronaut.jpg").read_bytes())
    refused = web.post(page(front(curie), "/replace"), {"file": twice})
    assert refused.status_code == 422
    assert "The same picture is there twice" in text(refused)


def test_look_alikes_are_named_across_the_library_that_one_sees(
    web: Client, ana: User, curie: Element
) -> None:
    with Image.open(SAMPLES / "laboratory.jpg") as picture:
        smaller = saved(picture.convert("RGB").resize((600, 500)), "JPEG", quality=60)
    other = library.NewPhoto(intake.store(smaller), "copy.jpg", Angle.FRONT, people=1)
    library.create(library.NewElement("copy", "Copy", Kind.CHARACTER, (other,)), ana, None)
    hidden = make_project("Hidden", make_user("ben@example.com"))
    library.create(library.NewElement("secret", "Secret", Kind.CHARACTER, (other,)), None, hidden.pk)
    shown = text(web.get(page(front(curie))))
    assert "Looks the same as the front photo of @copy" in shown
    assert "@secret" not in shown


def test_a_crop_is_not_called_a_twin_of_its_original(web: Client, curie: Element) -> None:
    retouching.crop(front(curie), (0.01, 0.01, 0.98, 0.98), None)
    assert "Looks the same" not in text(web.get(page(front(curie))))


def test_two_alike_in_one_element_are_named(web: Client, ana: User) -> None:
    with Image.open(SAMPLES / "astronaut.jpg") as picture:
        again = saved(picture.convert("RGB"), "JPEG", quality=70)
    pair = (
        library.NewPhoto(intake.store(SAMPLES / "astronaut.jpg"), "one.jpg", Angle.FRONT, people=1),
        library.NewPhoto(intake.store(again), "two.jpg", Angle.BACK, people=1),
    )
    element = library.create(library.NewElement("eileen", "Eileen", Kind.CHARACTER, pair), ana, None)
    assert "Looks the same as the back photo of this element" in text(web.get(page(front(element))))


def test_what_is_not_yours_is_not_there(client: Client, project: Project) -> None:
    element = make_element("mara", project=project)
    stranger, looker = make_user("eve@example.com"), make_user("rob@example.com")
    make_membership(project, looker, ProjectRole.REVIEWER)
    photo = front(element)
    acts = ("/mark", "/crop", "/soften", "/repair", "/replace")
    client.force_login(stranger)
    assert client.get(page(photo)).status_code == 404
    assert {client.post(page(photo, act)).status_code for act in acts} == {404}
    client.force_login(looker)
    seen = client.get(page(photo))
    assert seen.status_code == 200
    assert "<form" not in text(seen).partition('id="main"')[2].partition("</main>")[0]
    assert {client.post(page(photo, act)).status_code for act in acts} == {404}
    assert client.get(f"/elements/photos/{uuid4()}").status_code == 404


def test_a_photo_whose_file_is_gone_has_a_page_all_the_same(web: Client, curie: Element) -> None:
    photo = front(curie)
    assert photo.measures["whole"]["width"] == 840
    Photo.objects.filter(pk=photo.pk).update(measures={})
    storage.original(photo.blob.sha256).unlink()
    shown = web.get(page(photo))
    assert (shown.status_code, "could not be measured" in text(shown)) == (200, True)
    assert web.post(page(photo, "/crop"), {**sides(0, 0, 0.5, 0.5), "ratio": "free"}).status_code == 507


def test_the_best_scored_angles_are_sent_first(ana: User) -> None:
    photos_given = [
        library.NewPhoto(make_blob("#808080", (480, 480)), "front.png", Angle.FRONT, people=1),
        library.NewPhoto(make_blob("#000000", (480, 480)), "black.png", Angle.PROFILE, people=1),
        library.NewPhoto(intake.store(SAMPLES / "astronaut.jpg"), "suit.jpg", Angle.THREE_QUARTER, people=1),
    ]
    element = library.create(
        library.NewElement("mara", "Mara", Kind.CHARACTER, tuple(photos_given)), ana, None
    )
    assert element.current is not None
    assert [place.photo.name for place in photos.sent_order(element.current)] == [
        "front.png",
        "suit.jpg",
        "black.png",
    ]


def test_looking_measures_nothing_again(web: Client, curie: Element, monkeypatch) -> None:
    photo = front(curie)
    monkeypatch.setattr("media.decoder.measure", None)
    assert web.get(page(photo)).status_code == 200


def test_a_crop_of_no_picture_raises_before_anything_is_written(curie: Element) -> None:
    photo = front(curie)
    storage.original(photo.blob.sha256).write_bytes(b"words")
    with pytest.raises(NotAPicture):
        retouching.crop(photo, (0.1, 0.1, 0.5, 0.5), None)
    assert curie.versions.count() == 1


fractions = st.floats(0, 0.99)


@st.composite
def some_boxes(draw: st.DrawFn) -> tuple[float, float, float, float]:
    left, top = draw(fractions), draw(fractions)
    return left, top, draw(st.floats(0.005, 1 - left)), draw(st.floats(0.005, 1 - top))


@given(some_boxes(), st.sampled_from([1.0, 0.75, 16 / 9]), st.integers(16, 9000), st.integers(16, 9000))
def test_a_fitted_box_has_its_ratio_and_stays_inside(box, ratio: float, width: int, height: int) -> None:
    left, top, wide, tall = boxes.fitted(box, ratio, (width, height))
    assert wide * width == pytest.approx(tall * height * ratio)
    assert left >= box[0] - 1e-9
    assert top >= box[1] - 1e-9
    assert left + wide <= box[0] + box[2] + 1e-9
    assert top + tall <= box[1] + box[3] + 1e-9
    assert wide == pytest.approx(box[2]) or tall == pytest.approx(box[3])


@given(some_boxes())
def test_what_is_read_is_what_was_sent(box) -> None:
    assert boxes.read(sides(*box)) == pytest.approx(box)


@given(some_boxes())
def test_a_box_seen_through_itself_is_everything(box) -> None:
    assert boxes.seen_through(box, box) == pytest.approx(boxes.WHOLE)
    assert boxes.seen_through(boxes.WHOLE, box) == pytest.approx(box)


@given(st.dictionaries(st.sampled_from(boxes.SIDES), st.text(max_size=12)))
def test_nothing_typed_breaks_the_reader(told: dict[str, str]) -> None:
    with suppress(RefusedError):
        left, top, width, height = boxes.read(told)
        assert min(left, top) >= 0 < min(width, height)
        assert max(left + width, top + height) <= 1.0001
