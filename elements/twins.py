"""Photos that look alike, so perhaps of somebody who is in the library already."""

from elements.models import Element, ElementQuerySet, Photo

NEAR_BITS = 6
_WORD = 2**64 - 1


def distance(one: int, other: int) -> int:
    """In how many of their 64 bits two hashes differ."""
    return ((one ^ other) & _WORD).bit_count()


def alike(phash: int, elements: ElementQuerySet) -> list[Element]:
    """Which of `elements` have a photo that looks like a picture with this hash."""
    hashes = Photo.objects.filter(element__in=elements.values("pk")).values_list("element_id", "blob__phash")
    near = {element for element, known in hashes if distance(phash, known) <= NEAR_BITS}
    return list(Element.objects.filter(pk__in=near).order_by("name", "pk"))
