"""The library: handles that keep their meaning, versions that stay as they are, and what is refused."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from elements import library
from elements.looks import Placed, look
from elements.models import Angle, Element, ElementHandle, Kind, Photo
from elements.rules import ElementRefusedError
from grammar.mentions import why_not_a_name
from media.models import Blob
from tests.factories import make_blob, make_element, make_photo

HANDLES = st.sampled_from(
    ["mara", "mara-2", "pavel", "red-coat", "tower", "Mara", "ref-x", "image1", "", "ä"]
)


def changed(element: Element, *placed: Placed) -> list[str]:
    """The notes of all versions after the photos were set."""
    library.new_version(element, library.Change(photos=placed), None)
    return list(element.versions.order_by("number").values_list("note", flat=True))


@pytest.mark.django_db
class TestVersions:
    def test_several_photos_make_one_version(self):
        mara = make_element(colours=("#c08050", "#a07040", "#604020"))
        assert mara.current is not None
        assert (mara.current.number, mara.current.note) == (1, "First photos.")
        places = mara.current.places.order_by("position").values_list("position", "angle")
        assert list(places) == [(0, "front"), (1, "three-quarter"), (2, "profile")]

    def test_a_change_writes_the_next_version_and_leaves_the_old_one(self):
        mara = make_element()
        first = mara.current
        before = look(first)
        angle = make_photo(mara)
        notes = changed(mara, *before.photos, Placed(angle, Angle.PROFILE_LEFT))
        assert notes == ["First photo.", "Added profile left."]
        assert look(first) == before
        assert Element.objects.get().current == mara.current != first

    def test_the_note_says_what_happened(self):
        mara = make_element(colours=("#c08050", "#a07040"))
        front, side = look(mara.current).photos
        new = make_photo(mara)
        assert changed(mara, Placed(new, Angle.FRONT), side)[-1] == "Replaced the front photo."
        assert changed(mara, Placed(new, Angle.FRONT))[-1] == "Removed three-quarter."
        library.new_version(mara, library.Change(description="Chemist", wardrobe=("Coat",)), None)
        assert mara.current is not None
        assert mara.current.note == "Changed the description. Changed the wardrobe."
        library.take_back(mara, mara.versions.get(number=1), None)
        assert mara.current.note == "Went back to v1."
        assert look(mara.current).photos == (front, side)

    def test_nothing_changed_is_no_version(self):
        mara = make_element()
        library.new_version(mara, library.Change(title="Mara", photos=look(mara.current).photos), None)
        assert mara.versions.count() == 1

    def test_the_same_picture_is_one_photo(self):
        mara = make_element()
        assert make_photo(mara, "#112233") == make_photo(mara, "#112233")


@pytest.mark.django_db
class TestRefusals:
    def test_every_field_says_what_is_wrong(self):
        new = library.NewElement(
            "Mara Lind", "", "robot", (), description="x" * 101, colour="amber", tags=("y" * 31,)
        )
        with pytest.raises(ElementRefusedError) as refusal:
            library.create(new, None, None)
        sentences = refusal.value.sentences
        wrong = {"handle", "name", "kind", "photos", "description", "colour", "tags", "title"}
        assert set(sentences) == wrong
        assert "Shorten it by 1." in sentences["description"]
        assert not Element.objects.exists()

    def test_two_people_without_a_marked_face_make_no_front(self):
        with pytest.raises(ElementRefusedError, match="2 people are in the front photo"):
            make_element(people=2)
        assert make_element("laboratory", kind=Kind.PLACE, people=2).current is not None

    def test_a_marked_face_is_enough(self):
        front = library.NewPhoto(make_blob(), "a.png", Angle.FRONT, people=2, face=(0.1, 0.1, 0.2, 0.3))
        new = library.NewElement("mara", "Mara", Kind.CHARACTER, (front,))
        assert library.create(new, None, None).photos.get().face == (0.1, 0.1, 0.2, 0.3)

    def test_a_refused_version_leaves_the_current_one(self):
        mara = make_element()
        two = make_photo(mara)
        Photo.objects.filter(pk=two.pk).update(people=2)
        two.refresh_from_db()
        with pytest.raises(ElementRefusedError, match="Mark the face"):
            library.new_version(mara, library.Change(photos=(Placed(two, Angle.FRONT),)), None)
        assert Element.objects.get().current == mara.current
        assert mara.versions.count() == 1

    def test_a_handle_that_was_given_is_given_to_nobody_else(self):
        mara = make_element()
        library.rename(mara, "marie", None)
        with pytest.raises(ElementRefusedError, match="@mara belongs to another element"):
            make_element("mara")
        other = make_element("pavel")
        with pytest.raises(ElementRefusedError, match="@marie belongs"):
            library.rename(other, "marie", None)
        assert other.handle == "pavel"

    def test_an_old_name_can_be_taken_again_by_its_own_element(self):
        mara = make_element()
        library.rename(mara, "marie", None)
        library.rename(mara, "@Mara", None)
        assert Element.objects.get().handle == "mara"
        assert library.find("@MARIE", []) == mara


class TestHandles(TestCase):
    """Whatever is renamed in whatever order, a handle once given leads to the same element for ever."""

    @settings(deadline=None, max_examples=40)
    @given(st.lists(st.tuples(st.integers(0, 2), HANDLES), max_size=12))
    def test_a_handle_never_changes_its_meaning(self, renames: list[tuple[int, str]]) -> None:
        elements = [_bare(handle) for handle in ("ada", "bo", "cy")]
        meant = {element.handle: element for element in elements}
        for which, wanted in renames:
            element, name = elements[which], wanted.lower()
            free = meant.get(name, element) == element and why_not_a_name(name) is None
            try:
                library.rename(element, wanted, None)
            except ElementRefusedError:
                assert not free
            else:
                assert free
                meant[name] = element
            assert {handle: library.find(handle, []) for handle in meant} == meant
            assert ElementHandle.objects.count() == len(meant)
            assert Element.objects.filter(handles__handle=element.handle, pk=element.pk).exists()


def _bare(handle: str) -> Element:
    """An element whose picture is a row only: names need no bytes."""
    digest = f"{sum(handle.encode()):064x}"
    values = {"bytes": 1, "media_type": "image/png", "width": 1, "height": 1, "phash": 0, "crc32": 0}
    blob = Blob.objects.get_or_create(sha256=digest, defaults=values)[0]
    front = library.NewPhoto(blob, "a.png", Angle.FRONT)
    return library.create(library.NewElement(handle, handle, Kind.OBJECT, (front,)), None, None)
