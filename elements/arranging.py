"""The photos of an element in their places: more of them, another front, other angles."""

from collections.abc import Sequence

from accounts.models import User
from elements import library
from elements.library import Change, NewPhoto
from elements.looks import Placed, look
from elements.models import Angle, Element, ElementVersion, Photo
from elements.rules import ElementRefusedError

GONE = "This photo is not in the current version any more. Look again."


def add(element: Element, new: Sequence[NewPhoto], user: User | None) -> ElementVersion:
    """Put photos after those that are there, in one version. Raises ElementRefusedError."""
    there = look(element.current).photos
    known = {placed.photo.blob_id for placed in there}
    fresh = [photo for photo in new if photo.blob.pk not in known]
    if new and not fresh:
        raise ElementRefusedError({"photos": "The element has this photo already. Nothing was changed."})
    placed = tuple(Placed(library.add_photo(element, photo, user), photo.angle) for photo in fresh)
    return library.new_version(element, Change(photos=(*there, *placed)), user)


def make_front(element: Element, photo: Photo, user: User | None) -> ElementVersion:
    """The photo becomes the front, and the front takes its place. Raises ElementRefusedError."""
    front, *others = look(element.current).photos
    angle = _angle(others, photo)
    swapped = [Placed(front.photo, angle) if one.photo == photo else one for one in others]
    photos = (Placed(photo, Angle.FRONT), *swapped)
    return library.new_version(element, Change(photos=photos), user)


def take_out(element: Element, photo: Photo, user: User | None) -> ElementVersion:
    """The version without the photo; the front stays. Raises ElementRefusedError."""
    front, *others = look(element.current).photos
    _angle(others, photo)
    photos = (front, *(one for one in others if one.photo != photo))
    return library.new_version(element, Change(photos=photos), user)


def name_angle(element: Element, photo: Photo, angle: str, user: User | None) -> ElementVersion:
    """Say what the photo shows. Raises ElementRefusedError."""
    if angle == Angle.FRONT:
        return make_front(element, photo, user)
    front, *others = look(element.current).photos
    _angle(others, photo)
    photos = (front, *(Placed(one.photo, angle) if one.photo == photo else one for one in others))
    return library.new_version(element, Change(photos=photos), user)


def _angle(others: Sequence[Placed], photo: Photo) -> str:
    """What the photo stands for beside the front."""
    found = next((one.angle for one in others if one.photo == photo), None)
    if found is None:
        raise ElementRefusedError({"photos": GONE})
    return found
