"""Another photo in the place of one: cropped, softened, repaired or new. The one that was there is kept."""

from accounts.models import User
from accounts.people import RefusedError
from elements import boxes, fitness, library, photos
from elements.library import Change, NewPhoto
from elements.looks import Placed, look
from elements.models import Angle, ElementVersion, Origin, Photo
from media import decoder, intake, storage
from media.decoder import AI_XMP
from media.facts import Box
from media.models import Blob
from media.recipe import Recipe

NOT_IN_PLACE = "This photo is not in the current version. Go back to a version that has it first."
NOTHING_CUT = "The box is the whole picture, so nothing would be cut off. Make it smaller."
NO_FACE = "Mark the face first: what is around it is softened."
NOTHING_TO_REPAIR = "Nothing needs repair, or only a larger photo helps."


def crop(photo: Photo, box: Box, user: User | None) -> Photo:
    """Put a crop in the photo's place. Raises RefusedError, NotAPicture and OSError."""
    if min(box[2], box[3]) > 0.999:
        raise RefusedError(NOTHING_CUT)
    # Who else was in the picture may be gone now.
    people = photo.people if photo.people in (0, 1) else None
    face = photo.face and boxes.seen_through(box, photo.face)
    return _put(photo, Recipe(crop=box), face, people, "Cropped", user)


def soften(photo: Photo, user: User | None) -> Photo:
    """Put a copy with a blurred background in the photo's place. Raises like `crop`."""
    if photo.face is None:
        raise RefusedError(NO_FACE)
    recipe = Recipe(keep=photo.face)
    return _put(photo, recipe, photo.face, photo.people, "Softened the background of", user)


def repair(photo: Photo, user: User | None) -> Photo:
    """Put a copy that every provider takes in the photo's place. Raises like `crop`."""
    recipe = fitness.repair(photos.file_of(photo.blob))
    if recipe is None:
        raise RefusedError(NOTHING_TO_REPAIR)
    face = photo.face and boxes.seen_through(_window(photo.blob, recipe), photo.face)
    return _put(photo, recipe, face, photo.people, "Repaired", user)


def replace(photo: Photo, blob: Blob, name: str, user: User | None) -> Photo:
    """Put another picture in the photo's place. Raises RefusedError."""
    _in_place(photo)
    new = library.add_photo(photo.element, NewPhoto(blob, name, Angle.OTHER), user)
    _new_version(photo, new, "Replaced", user)
    return new


def _put(
    photo: Photo, recipe: Recipe, face: Box | None, people: int | None, did: str, user: User | None
) -> Photo:
    _in_place(photo)
    made = NewPhoto(_made(photo, recipe), photo.name, Angle.OTHER, photo.origin, people, face)
    new = library.add_photo(photo.element, made, user)
    Photo.objects.filter(pk=new.pk, crop_of=None).exclude(pk=photo.pk).update(
        crop_of=photo, measures={"expression": photos.expression(photo)}
    )
    new.refresh_from_db()
    _new_version(photo, new, did, user)
    return new


def _made(photo: Photo, recipe: Recipe) -> Blob:
    """The picture that the recipe makes of the original; a generated one keeps saying so."""
    with storage.workspace() as folder:
        target = folder / "altered"
        xmp = AI_XMP if photo.origin == Origin.GENERATED else ""
        decoder.alter(storage.original(photo.blob.sha256), target, recipe, xmp)
        return intake.store(target, limit=intake.OUTPUT_LIMIT)


def _in_place(photo: Photo) -> Placed:
    placed = next((one for one in look(photo.element.current).photos if one.photo.pk == photo.pk), None)
    if placed is None:
        raise RefusedError(NOT_IN_PLACE)
    return placed


def _new_version(photo: Photo, new: Photo, did: str, user: User | None) -> ElementVersion:
    place = _in_place(photo)
    now = look(photo.element.current).photos
    changed = tuple(Placed(new, one.angle) if one.photo.pk == photo.pk else one for one in now)
    note = f"{did} the {Angle(place.angle).label.lower()} photo."
    return library.new_version(photo.element, Change(photos=changed, note=note), user)


def _window(blob: Blob, recipe: Recipe) -> Box:
    """What a padded copy shows, in fractions of the photo: more than the photo where it is padded."""
    size = recipe.size or (blob.width, blob.height)
    canvas = recipe.canvas or size
    wide, tall = canvas[0] / size[0], canvas[1] / size[1]
    return ((1 - wide) / 2, (1 - tall) / 2, wide, tall)
