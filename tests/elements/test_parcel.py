"""Elements as zips: whole when they come back, and a sentence for a text that is wrong."""

import io
import json
import zipfile
from datetime import date

import pytest

from accounts.models import StudioRole
from elements import consent, library, moving, parcel
from elements.library import NewElement, NewPhoto
from elements.models import Consent, Element, LibraryEvent
from media import documents, storage
from media.models import Blob, Document
from tests.elements.parcels import FRONT, TEXT, a_parcel, packed, refusal, zipped
from tests.factories import make_blob, make_element, make_picture, make_project, make_user

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n%%EOF\n"


@pytest.fixture
def ana():
    return make_user(role=StudioRole.ADMIN)


# There and back


@pytest.mark.django_db(transaction=True)
def test_what_was_exported_and_purged_comes_back_as_it_was(ana):
    new = NewElement(
        handle="mara",
        name="Mara “Lind”",
        kind="character",
        photos=(
            NewPhoto(
                make_blob("#a00001", (480, 480)), "a b.png", "front", people=2, face=(0.1, 0.2, 0.3, 0.4)
            ),
            NewPhoto(make_blob("#a00002", (480, 480)), "second.png", "profile-left", origin="generated"),
        ),
        title="Mara",
        description="Chemist, über 30",
        wardrobe=("Lab dress", "Evening, 1911"),
        tags=("lead", "lab"),
        colour="#f2b84b",
        notes="Line one\nLine two",
    )
    mara = library.create(new, ana, None)
    before = facts(mara)
    paper = consent.Paper(documents.store(io.BytesIO(PDF)), "release.pdf")
    terms = consent.Terms("document", ["stills", "review"], date(2099, 3, 1), "Signed in May", paper)
    consent.record(mara, terms, ana)
    file = packed(mara, with_documents=True)
    moving.purge(mara, ana)
    assert not Blob.objects.exists()
    assert not Document.objects.exists()
    [back] = parcel.take_in(file, ana, None)
    assert facts(back) == before
    again = Consent.objects.get()
    assert (again.state, again.uses, again.expires_on, again.note, again.document_name) == (
        "document",
        ["stills", "review"],
        date(2099, 3, 1),
        "Signed in May",
        "release.pdf",
    )
    assert again.pdf
    assert storage.document(again.pdf.sha256).read_bytes() == PDF
    assert all(storage.complete(blob.sha256) for blob in Blob.objects.all())


def facts(element: Element) -> dict[str, object]:
    element.refresh_from_db()
    version = element.current
    assert version
    places = version.places.select_related("photo__blob").order_by("position")
    return {
        "words": (element.handle, element.name, element.kind, element.notes, element.colour),
        "version": (version.title, version.description, version.wardrobe),
        "tags": sorted(tag.name for tag in element.tags.all()),
        "photos": [
            (p.angle, p.photo.blob.sha256, p.photo.name, p.photo.origin, p.photo.people, p.photo.face)
            for p in places
        ],
    }


def test_many_travel_together_and_documents_only_when_asked(ana):
    mara, vase = make_element("mara", ana), make_element("vase", ana, kind="object", colours=("#b00001",))
    paper = consent.Paper(make_blob("#b00002"), "scan.png")
    consent.record(mara, consent.Terms("document", ["stills"], None, "", paper), ana)
    names = zipfile.ZipFile(packed(mara, vase)).namelist()
    assert names == ["mara/element.json", "mara/00-front.png", "vase/element.json", "vase/00-front.png"]
    assert "mara/consent.png" in zipfile.ZipFile(packed(mara, with_documents=True)).namelist()


def test_a_document_that_stayed_behind_is_attested_by_whoever_imports(ana):
    mara = make_element("mara", ana)
    paper = consent.Paper(make_blob("#b00003"), "scan.png")
    consent.record(mara, consent.Terms("document", ["stills"], date(2099, 1, 1), "", paper), ana)
    file = packed(mara)
    moving.purge(mara, ana)
    parcel.take_in(file, ana, None)
    assert Consent.objects.get().state == "attested"


def test_consent_that_ended_does_not_come_back_to_life(ana):
    mara = make_element("mara", ana)
    consent.record(mara, consent.Terms("attested", ["stills"], date(2099, 1, 1), ""), ana)
    consent.end(mara, ana)
    file = packed(Element.objects.get())
    moving.purge(mara, ana)
    [back] = parcel.take_in(file, ana, None)
    assert consent.refusal(back, "stills", consent.today())


def test_elements_come_into_the_project_that_was_chosen(ana):
    project = make_project(owner=ana)
    [mara] = parcel.take_in(a_parcel(), ana, project.pk)
    assert mara.project_id == project.pk
    assert LibraryEvent.objects.filter(handle="mara", text="Imported @mara from an archive.").exists()


def test_what_file_managers_add_is_passed_over(ana):
    more = {"__MACOSX/mara/._front.png": b"x", "mara/.DS_Store": b"x"}
    assert parcel.take_in(a_parcel(more), ana, None)


def test_an_archive_packed_again_by_hand_is_taken(ana):
    text = json.dumps(TEXT)
    file = zipped({"element.json": text, "front.png": FRONT}, zipfile.ZIP_DEFLATED)
    assert parcel.take_in(file, ana, None)[0].handle == "mara"


# Handles


def test_a_taken_handle_is_named_with_the_next_free_one(ana):
    make_element("mara", ana)
    make_element("mara-2", ana, colours=("#b00004",))
    sentence = refusal(a_parcel(), ana)
    assert sentence == "@mara is taken. The next free handle is @mara-3. Nothing was imported."
    assert parcel.take_in(a_parcel(), ana, None, free_handles=True)[0].handle == "mara-3"


def test_a_handle_that_something_else_once_had_is_taken(ana):
    library.rename(make_element("mara", ana), "mary", ana)
    assert "@mara is taken." in refusal(a_parcel(), ana)


def test_one_handle_twice_in_a_parcel(ana):
    more = {"other/element.json": json.dumps(TEXT), "other/front.png": make_picture("#405060", (480, 480))}
    assert "@mara is taken." in refusal(a_parcel(more), ana)
    made = parcel.take_in(a_parcel(more), ana, None, free_handles=True)
    assert [element.handle for element in made] == ["mara", "mara-2"]


# What is wrong with the text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"format": 2}, "has a format that is not known here"),
        ({"format": None}, "has a format that is not known here"),
        ({"format": True}, "“format” is not a whole number"),
        ({"soul": "x"}, "has a field that is not known here: “soul”"),
        ({"handle": "Mara Lind"}, "A handle has small letters"),
        ({"handle": "image2"}, "is kept for pictures"),
        ({"handle": 7}, "“handle” is not a text"),
        ({"name": ""}, "Give the element a name"),
        ({"name": "a\u0000b"}, "“name” is not a text"),
        ({"name": "a\ud800b"}, "“name” is not a text"),
        ({"name": "x" * 61}, "may have 60"),
        ({"description": "x" * 101}, "may have 100"),
        ({"kind": "ghost"}, "Choose a kind"),
        ({"colour": "red"}, "A colour is"),
        ({"wardrobe": "coat"}, "“wardrobe” is not a list of texts"),
        ({"tags": [1]}, "“tags” is not a list of texts"),
        ({"photos": []}, "“mara/front.png” belongs to no element"),
        ({"photos": "front.png"}, "“photos” is not a list"),
        ({"photos": [7]}, "does not hold what"),
        ({"photos": [{"file": "front.png", "angle": "back"}]}, "An element needs a front photo"),
        ({"photos": [{"file": "front.png", "angle": "front", "mood": "x"}]}, "not known here: “mood”"),
        ({"photos": [{"file": "../front.png", "angle": "front"}]}, "“file” leads out of its folder"),
        ({"photos": [{"file": "/etc/passwd", "angle": "front"}]}, "“file” leads out of its folder"),
        ({"photos": [{"file": "back.png", "angle": "front"}]}, "“mara/back.png” is missing"),
        ({"photos": [{"file": "", "angle": "front"}]}, "“mara/” is missing"),
        ({"photos": [{"file": "element.json", "angle": "front"}]}, "belongs to no element"),
        ({"photos": [{"file": "front.png", "angle": "front", "sha256": "0" * 64}]}, "not the picture that"),
        ({"photos": [{"file": "front.png", "angle": "front", "origin": "dreamt"}]}, "neither photographed"),
        (
            {"photos": [{"file": "front.png", "angle": "front", "people": 2}]},
            "2 people are in the front photo",
        ),
        (
            {"photos": [{"file": "front.png", "angle": "front", "people": -1}]},
            "“people” is not a whole number",
        ),
        ({"photos": [{"file": "front.png", "angle": "front", "face": [0, 0, 0, 1]}]}, "four fractions"),
        ({"photos": [{"file": "front.png", "angle": "front", "face": [0, 0, 2, 1]}]}, "four fractions"),
        ({"photos": [{"file": "front.png", "angle": "front"}] * 2}, "Only one photo is the front"),
        ({"consent": []}, "does not hold what"),
        ({"consent": {"state": "granted"}}, "is not written as this studio writes it"),
        ({"consent": {"state": "attested", "uses": ["all"]}}, "is not written as this studio writes it"),
        ({"consent": {"state": "attested", "expires_on": "soon"}}, "“expires_on” is not a day"),
        ({"consent": {"state": "document", "file": "../../x.pdf"}}, "“file” leads out of its folder"),
        ({"consent": {"state": "document", "file": "x.pdf"}}, "“mara/x.pdf” is missing"),
    ],
    ids=lambda value: str(value)[:50],
)
def test_a_wrong_text_is_one_sentence(ana, changes, words):
    assert words in refusal(a_parcel(**changes), ana)


@pytest.mark.parametrize(
    "text",
    [b"", b"{", b"[]", b"null", b"7", b"\xff\xfe", b"[" * 100_000],
    ids=["empty", "open", "list", "null", "number", "no utf-8", "deep"],
)
def test_what_is_no_element_json_is_said(ana, text):
    sentence = refusal(zipped({"mara/element.json": text, "mara/front.png": FRONT}), ana)
    assert "mara/element.json" in sentence


def test_too_long_a_text_is_not_read(ana):
    assert "is larger than 256 KB" in refusal(a_parcel(notes="x" * 300_000), ana)
