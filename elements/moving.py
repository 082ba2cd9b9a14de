"""Taking elements out of the library: archive and bring back, merge two into one, purge for good.

What projects and generations hold of an element lies above this room: whoever merges re-points that between
`lock_for_merge` and `merge`, in one transaction (`elements/views/moving.py`).
"""

from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone

from accounts.models import User
from accounts.people import RefusedError
from elements import audit, consent
from elements.models import (
    Consent,
    ConsentState,
    Element,
    ElementHandle,
    ElementTag,
    ElementVersion,
    Photo,
    RemoteCopy,
    VersionPhoto,
)
from media import forgetting
from media.models import Blob


def archive(element: Element, user: User) -> bool:
    """Take it out of the library, with everything kept; False: it was archived already."""
    living = Element.objects.living().filter(pk=element.pk)
    with transaction.atomic():
        if not living.update(archived_at=timezone.now()):
            return False
        audit.note(element.handle, "Archived.", user.name)
    return True


def bring_back(element: Element, user: User) -> bool:
    """Undo `archive`; False: it was in the library."""
    archived = Element.objects.filter(pk=element.pk, archived_at__isnull=False)
    with transaction.atomic():
        if not archived.update(archived_at=None, touched_at=timezone.now()):
            return False
        audit.note(element.handle, "Brought back from the archive.", user.name)
    return True


def why_not_merged(gone: Element, into: Element) -> str | None:
    """One sentence on what keeps `gone` from being merged into `into`; None when nothing does."""
    if gone.pk == into.pk:
        return "Choose another element; this is the one that would go."
    if gone.kind != into.kind:
        return (
            f"@{gone.handle} is {_a_kind(gone)} and @{into.handle} {_a_kind(into)}. "
            "Only elements of one kind are merged."
        )
    if into.project_id not in (None, gone.project_id):
        return (
            f"@{into.handle} belongs to one project, and @{gone.handle} is used outside it. "
            "Merge the other way round, or share it with the studio first."
        )
    if into.archived_at is not None:
        return f"@{into.handle} is archived. Bring it back first."
    return None


def lock_for_merge(gone: Element, into: Element) -> None:
    """Call first, inside the transaction of a merge. Raises RefusedError when it cannot be."""
    locked = {row.pk: row for row in _locked(gone, into)}
    if gone.pk not in locked or into.pk not in locked:
        raise RefusedError("One of the two elements is gone. Nothing was merged.")
    if why := why_not_merged(locked[gone.pk], locked[into.pk]):
        raise RefusedError(why)


def merge(gone: Element, into: Element, user: User) -> None:
    """Move everything of `gone` to `into`, which keeps its handle and its look; `gone` is no more.

    Every handle of `gone` leads to `into` from now on, and its versions become versions of it.
    """
    _move_photos(gone, into)
    _move_versions(gone, into)
    ElementHandle.objects.filter(element=gone).update(element=into)
    known = ElementTag.objects.filter(element=into).values("name")
    ElementTag.objects.filter(element=gone).exclude(name__in=known).update(element=into)
    _move_consent(gone, into, user)
    _forget_copies(Q(element=gone))
    Element.objects.filter(pk=gone.pk).delete()
    Element.objects.filter(pk=into.pk).update(touched_at=timezone.now())
    audit.note(into.handle, f"Merged @{gone.handle} into @{into.handle}.", user.name)


def purge(element: Element, user: User) -> None:
    """Delete the element for good: rows, photos and, where nothing else uses them, bytes.

    What providers keep of it is queued to be deleted. Requests keep its name, and the audit line stays.
    """
    with transaction.atomic():
        if not _locked(element):
            return
        blobs = list(Blob.objects.filter(pk__in=element.photos.values("blob")))
        handles = list(element.handles.values_list("handle", flat=True))
        given = Consent.objects.filter(element=element).first()
        unused = [*blobs, *(consent.papers(given) if given else [])]
        _forget_copies(Q(element=element) | Q(content__in=[blob.sha256 for blob in blobs]))
        Element.objects.filter(pk=element.pk).delete()
        forgetting.let_go(unused)
        photos = "1 photo" if len(blobs) == 1 else f"{len(blobs)} photos"
        # Each handle may be given to something else now, whose history begins after this line.
        for handle in handles:
            audit.note(handle, f"Purged @{element.handle} with {photos}.", user.name)


def _a_kind(element: Element) -> str:
    kind = element.get_kind_display().lower()
    return f"an {kind}" if kind.startswith("o") else f"a {kind}"


def _locked(*elements: Element) -> list[Element]:
    keys = [element.pk for element in elements]
    return list(Element.objects.select_for_update().filter(pk__in=keys).order_by("pk"))


def _move_photos(gone: Element, into: Element) -> None:
    """A picture that both have is kept once."""
    twins = {photo.blob_id: photo for photo in into.photos.all()}
    for photo in list(gone.photos.all()):
        twin = twins.get(photo.blob_id)
        if twin is None:
            Photo.objects.filter(pk=photo.pk).update(element=into)
            continue
        VersionPhoto.objects.filter(photo=photo).update(photo=twin)
        Photo.objects.filter(crop_of=photo).update(crop_of=twin)
        photo.delete()


def _move_versions(gone: Element, into: Element) -> None:
    """Numbered after those of `into`, whose look is then written once more: the newest stays current."""
    current = Element.objects.select_related("current").get(pk=into.pk).current
    versions = list(gone.versions.order_by("number"))
    last = into.versions.aggregate(last=Max("number"))["last"] or 0
    for number, version in enumerate(versions, start=last + 1):
        note = f"@{gone.handle} v{version.number}: {version.note}"[:200]
        ElementVersion.objects.filter(pk=version.pk).update(element=into, number=number, note=note)
    if not versions:
        return
    top = _again(current, last + len(versions) + 1, gone) if current else versions[-1]
    Element.objects.filter(pk=into.pk).update(current=top)


def _again(version: ElementVersion, number: int, gone: Element) -> ElementVersion:
    """The same look under a new number."""
    places = list(version.places.all())
    again = ElementVersion.objects.create(
        element_id=version.element_id,
        number=number,
        title=version.title,
        description=version.description,
        wardrobe=version.wardrobe,
        note=f"Merged @{gone.handle} into this element.",
        created_by=version.created_by,
    )
    VersionPhoto.objects.bulk_create(
        VersionPhoto(version=again, photo_id=place.photo_id, position=place.position, angle=place.angle)
        for place in places
    )
    return again


def _move_consent(gone: Element, into: Element, user: User) -> None:
    """What was agreed for `into` holds; where nothing was, what was agreed for `gone` moves along."""
    theirs = Consent.objects.filter(element=gone).first()
    ours = Consent.objects.filter(element=into).first()
    if theirs is None or theirs.state == ConsentState.NONE:
        return
    if ours is not None and ours.state != ConsentState.NONE:
        forgetting.let_go(consent.papers(theirs))
        text = f"Consent of @{gone.handle} was dropped with the merge; that of @{into.handle} holds."
        audit.note(into.handle, text, user.name)
        return
    Consent.objects.filter(element=into).delete()
    Consent.objects.filter(pk=theirs.pk).update(element=into)


def _forget_copies(which: Q) -> None:
    RemoteCopy.objects.filter(which, forget_at=None).update(forget_at=timezone.now())
