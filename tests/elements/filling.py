"""Many elements at once, without storing any photo: rows that share three pictures."""

from datetime import timedelta

from django.utils import timezone

from elements.models import (
    Angle,
    Element,
    ElementHandle,
    ElementTag,
    ElementVersion,
    Kind,
    Photo,
    VersionPhoto,
)
from tests.factories import make_blob

ANGLES = (Angle.FRONT, Angle.THREE_QUARTER, Angle.PROFILE)
KINDS = tuple(Kind.values)


def fill(count: int) -> None:
    """`count` shared elements with three photos and two tags each, older than all others by a second."""
    start = Element.objects.count()
    oldest = timezone.now() - timedelta(days=1, seconds=start)
    elements = Element.objects.bulk_create(
        Element(
            handle=f"prop-{number}",
            name=f"Prop {number}",
            kind=KINDS[number % len(KINDS)],
            touched_at=oldest - timedelta(seconds=number),
        )
        for number in range(start, start + count)
    )
    ElementHandle.objects.bulk_create(ElementHandle(handle=one.handle, element=one) for one in elements)
    ElementTag.objects.bulk_create(
        ElementTag(element=one, name=f"tag-{tag}") for one in elements for tag in (one.pk % 7, 7 + one.pk % 5)
    )
    versions = ElementVersion.objects.bulk_create(
        ElementVersion(element=one, number=1, title=one.name[:20], note="First photos.") for one in elements
    )
    _give_photos(versions)
    for version in versions:
        version.element.current = version
    Element.objects.bulk_update(elements, ["current"], batch_size=500)


def _give_photos(versions: list[ElementVersion]) -> None:
    blobs = [make_blob(colour, (480, 480)) for colour in ("#c08050", "#a07040", "#604020")]
    photos = Photo.objects.bulk_create(
        Photo(element=version.element, blob=blob, name="photo.png") for version in versions for blob in blobs
    )
    VersionPhoto.objects.bulk_create(
        VersionPhoto(version=versions[index // 3], photo=photo, position=index % 3, angle=ANGLES[index % 3])
        for index, photo in enumerate(photos)
    )
