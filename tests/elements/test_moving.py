"""Archiving, merging and purging: what goes, what stays, and what leads where."""

from datetime import date

import pytest
from django.db import transaction
from django.utils import timezone

from accounts.models import StudioRole
from accounts.people import RefusedError
from elements import consent, moving, references
from elements.library import find
from elements.models import (
    Consent,
    Element,
    ElementHandle,
    ElementVersion,
    LibraryEvent,
    Photo,
    RemoteCopy,
    VersionPhoto,
)
from generations.drawing import draw_output
from generations.merging import repoint
from generations.models import GenerationElement, Output
from media import storage
from media.models import Blob
from projects.cast import cast, members
from projects.models import CastMember
from projects.moving import recast
from tests.factories import (
    make_element,
    make_generation,
    make_photo,
    make_project,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana():
    return make_user(role=StudioRole.ADMIN)


@pytest.fixture
def project(ana):
    return make_project(owner=ana)


def use(generation, element: Element, position: int = 0) -> GenerationElement:
    return GenerationElement.objects.create(
        generation=generation,
        element=element,
        version=element.current,
        name=element.handle,
        position=position,
    )


def merge(gone: Element, into: Element, user) -> None:
    with transaction.atomic():
        moving.lock_for_merge(gone, into)
        repoint(gone, into)
        recast(gone, into)
        moving.merge(gone, into, user)


# Purging


@pytest.mark.django_db(transaction=True)
def test_purging_deletes_rows_photos_and_bytes(ana):
    mara = make_element("mara", ana, colours=("#aa0000", "#aa0001"))
    hashes = list(Blob.objects.values_list("sha256", flat=True))
    moving.purge(mara, ana)
    for model in (Element, ElementHandle, ElementVersion, VersionPhoto, Photo, Blob):
        assert not model.objects.exists(), model
    assert not any(storage.original(sha256).exists() for sha256 in hashes)
    event = LibraryEvent.objects.get(text__startswith="Purged")
    assert (event.handle, event.text, event.actor) == ("mara", "Purged @mara with 2 photos.", "ana")


@pytest.mark.django_db(transaction=True)
def test_bytes_that_something_else_uses_stay(ana, project):
    mara = make_element("mara", ana, colours=("#aa0002", "#aa0003", "#aa0004", "#aa0005"))
    make_element("twin", ana, colours=("#aa0002",))
    shared, plate, scan, alone = (photo.blob for photo in mara.photos.order_by("pk"))
    references.keep(project.pk, plate, "plate.png", ana)
    other = make_element("other", ana, colours=("#bb0000",))
    Consent.objects.create(element=other, state="document", document=scan)
    Blob.objects.update(asked_at=None)
    moving.purge(mara, ana)
    assert all(storage.complete(blob.sha256) for blob in (shared, plate, scan))
    assert set(Blob.objects.values_list("pk", flat=True)) >= {shared.pk, plate.pk, scan.pk}
    assert not Blob.objects.filter(pk=alone.pk).exists()
    assert not storage.original(alone.sha256).exists()


def test_what_providers_keep_is_queued_to_be_deleted(ana):
    mara = make_element("mara", ana, colours=("#aa0006",))
    sha256 = Blob.objects.get().sha256
    for content, element in (("mara@1", mara), (sha256, None), ("ravi@1", None)):
        RemoteCopy.objects.create(
            route="kling", account="a", content=content, remote_id=content, element=element
        )
    moving.purge(mara, ana)
    due = RemoteCopy.objects.filter(forget_at__lte=timezone.now()).values_list("content", flat=True)
    assert set(due) == {"mara@1", sha256}


def test_requests_keep_the_name_and_waiting_ones_are_refused(ana, project):
    mara = make_element("mara", ana)
    cast(project, mara)
    generation = make_generation(project, ana)
    use(generation, mara)
    moving.purge(mara, ana)
    row = GenerationElement.objects.get()
    assert (row.name, row.element, row.version) == ("mara", None, None)
    assert not CastMember.objects.exists()
    draw_output(generation.outputs.get().pk)
    assert Output.objects.get().error == (
        "@mara was purged from the library. Nothing was sent. Choose another element."
    )


def test_a_purged_handle_is_free_again(ana):
    moving.purge(make_element("mara", ana), ana)
    assert find("mara", []) is None
    assert make_element("mara", ana).handle == "mara"


# Merging


def test_merging_moves_everything_and_loses_nothing(ana, project):
    into = make_element("mara", ana, colours=("#cc0001", "#cc0002"))
    gone = make_element("mary", ana, colours=("#cc0003", "#cc0002"), name="Mary")
    loose = make_photo(gone, "#cc0004")
    generation = make_generation(project, ana)
    used = use(generation, gone)
    before = look_of(gone.current)
    cast(project, gone)
    merge(gone, into, ana)
    into.refresh_from_db()
    assert not Element.objects.filter(pk=gone.pk).exists()
    assert find("mary", []) == find("mara", []) == into
    assert into.handle == "mara"
    assert into.photos.count() == 4
    assert into.photos.filter(pk=loose.pk).exists()
    used.refresh_from_db()
    assert (used.element, used.version_id, used.name) == (into, gone.current_id, "mary")
    assert look_of(used.version) == before
    assert [version.number for version in into.versions.order_by("number")] == [1, 2, 3]
    assert into.current == into.versions.get(number=3)
    assert look_of(into.current) == look_of(into.versions.get(number=1))
    assert [(row.element, row.version.number, row.newer) for row in members(project)] == [(into, 2, 3)]
    assert Blob.objects.count() == 4
    assert LibraryEvent.objects.filter(handle="mara", text="Merged @mary into @mara.").exists()


def look_of(version: ElementVersion | None) -> list[tuple[str, str]]:
    assert version
    return list(version.places.order_by("position").values_list("angle", "photo__blob__sha256"))


def test_where_both_are_cast_the_one_that_stays_keeps_its_role(ana, project):
    into, gone = make_element("mara", ana), make_element("mary", ana, colours=("#cc0005",))
    kept = cast(project, into)
    cast(project, gone)
    merge(gone, into, ana)
    assert CastMember.objects.get() == kept


def test_copies_of_what_was_merged_are_forgotten(ana):
    into, gone = make_element("mara", ana), make_element("mary", ana, colours=("#cc0006",))
    for element in (into, gone):
        RemoteCopy.objects.create(
            route="kling", account="a", content=f"{element.handle}@1", remote_id="1", element=element
        )
    merge(gone, into, ana)
    assert RemoteCopy.objects.get(forget_at=None).element == into


@pytest.mark.parametrize("ours", [None, date(2026, 1, 1), date(2099, 1, 1)])
def test_consent_of_the_one_that_stays_holds(ana, ours):
    """What was never given takes over what was; what was given, ended or not, is never overruled."""
    into, gone = make_element("mara", ana), make_element("mary", ana, colours=("#cc0007",))
    theirs = date(2098, 1, 1)
    Consent.objects.create(element=gone, state="attested", uses=["stills"], expires_on=theirs)
    if ours:
        Consent.objects.create(element=into, state="attested", uses=["stills"], expires_on=ours)
    merge(gone, into, ana)
    assert Consent.objects.get().expires_on == (ours or theirs)
    assert Consent.objects.get().element == into


def test_what_cannot_be_merged_is_said_and_nothing_moves(ana, project):
    mara = make_element("mara", ana)
    vase = make_element("vase", ana, kind="object", colours=("#cc0008",))
    mine = make_element("mine", ana, project, colours=("#cc0009",))
    old = make_element("old", ana, colours=("#cc000a",))
    moving.archive(old, ana)
    assert moving.why_not_merged(mara, mara) == "Choose another element; this is the one that would go."
    for gone, into, words in (
        (vase, mara, "@vase is an object"),
        (mara, mine, "Merge the other way round"),
        (mara, old, "@old is archived. Bring it back first."),
    ):
        with pytest.raises(RefusedError, match=words):
            merge(gone, into, ana)
    assert Element.objects.count() == 4
    assert ElementHandle.objects.filter(handle="mara", element=mara).exists()


def test_an_element_of_a_project_goes_into_a_shared_one(ana, project):
    into, gone = make_element("mara", ana), make_element("mine", ana, project, colours=("#cc000b",))
    merge(gone, into, ana)
    assert Element.objects.get() == into


# Archiving


def test_archiving_keeps_everything_and_can_be_undone(ana, project):
    mara = make_element("mara", ana)
    used = use(make_generation(project, ana), mara)
    assert moving.archive(mara, ana)
    assert not moving.archive(mara, ana)
    assert not Element.objects.living().exists()
    used.refresh_from_db()
    assert used.version == mara.current
    assert moving.bring_back(mara, ana)
    assert not moving.bring_back(mara, ana)
    assert Element.objects.living().get() == mara
    assert [event.text for event in LibraryEvent.objects.order_by("pk")] == [
        "Archived.",
        "Brought back from the archive.",
    ]


def test_a_generation_of_an_archived_element_is_still_drawn(ana, project):
    mara = make_element("mara", ana)
    generation = make_generation(project, ana)
    use(generation, mara)
    moving.archive(mara, ana)
    draw_output(generation.outputs.get().pk)
    assert Output.objects.get().state == "stored"


# Consent while a generation waits


def test_consent_that_ended_while_a_generation_waited_refuses_it(ana, project):
    mara = make_element("mara", ana)
    consent.record(mara, consent.Terms("attested", ["stills"], date(2099, 1, 1), ""), ana)
    generation = make_generation(project, ana)
    use(generation, mara)
    assert consent.end(mara, ana)
    draw_output(generation.outputs.get().pk)
    assert Output.objects.get().error.startswith("Consent for @mara ended on ")
    generation.refresh_from_db()
    assert (generation.state, generation.cost_micro_usd) == ("failed", 0)
