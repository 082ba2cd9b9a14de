"""The colours of a person, a costume or a thing, taken from regions of its photo."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from providers.draft.arrays import Floats, Mask
from providers.draft.grade import to_oklab

type Colour = tuple[float, float, float]

WIDTH, HEIGHT = 48, 64
# Paint reflects less than a photo shows, and is never quite black.
DEEPEST, BRIGHTEST = 0.012, 0.62
APART = 0.09  # in Oklab: nearer than this to the photo's border is background


@dataclass(frozen=True, slots=True)
class Likeness:
    """Linear colours of one of the cast; None where the photo does not tell."""

    skin: Colour | None = None
    hair: Colour | None = None
    top: Colour | None = None
    legs: Colour | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Photo:
    """A photo made small: display colours and Oklab (h, w, 3), where it is skin, where it is background."""

    display: Floats
    lab: Floats
    skin: Mask
    behind: Mask


def likeness(path: Path) -> Likeness:
    """Hair from the top of the photo, clothes from its lower middle, legs from its foot."""
    photo = _opened(path)
    face = _region(photo.skin, 0.10, 0.55, 0.25, 0.75)
    clothes = ~photo.skin & ~photo.behind
    crown = _region(clothes, 0.02, 0.24, 0.34, 0.66)
    chest = _region(clothes, 0.50, 0.80, 0.30, 0.70)
    feet = _region(clothes, 0.80, 0.98, 0.34, 0.66)
    top = _colour(photo, chest, 40) or _colour(photo, _region(~photo.skin, 0.55, 0.95, 0.3, 0.7), 1)
    legs = _colour(photo, feet, 40)
    # The same again below is the same coat: the photo does not show the legs.
    alike = top and legs and max(abs(a - b) for a, b in zip(top, legs, strict=True)) < 0.04
    return Likeness(_colour(photo, face, 20), _colour(photo, crown, 12), top, None if alike else legs)


def cloth(path: Path) -> Colour | None:
    """The colour that a costume has most of."""
    photo = _opened(path)
    worn = _region(~photo.skin & ~photo.behind, 0.12, 0.90, 0.2, 0.8)
    return _colour(photo, worn, 40) or _colour(photo, _region(~photo.skin, 0.2, 0.8, 0.25, 0.75), 1)


def thing(path: Path) -> tuple[Colour, Colour]:
    """The two colours that a product or an object has most of."""
    photo = _opened(path)
    body = _region(~photo.behind, 0.1, 0.9, 0.15, 0.85)
    if body.sum() < 60:
        body = _region(np.ones_like(body), 0.25, 0.75, 0.25, 0.75)
    main = _common(photo.lab, body)
    apart = np.sqrt(((photo.lab - photo.lab[main].mean(axis=0)) ** 2).sum(axis=2)) > 1.4 * APART
    rest = body & apart
    second = _common(photo.lab, rest) if rest.sum() > 30 else main
    return _paint(photo, main), _paint(photo, second)


def _opened(path: Path) -> Photo:
    with Image.open(path) as image:
        image.draft("RGB", (WIDTH * 4, HEIGHT * 4))
        upright = ImageOps.exif_transpose(image).convert("RGB")
    small = ImageOps.fit(upright, (WIDTH, HEIGHT), Image.Resampling.BOX, centering=(0.5, 0.4))
    display = np.asarray(small, dtype=np.float32) / np.float32(255)
    lab = to_oklab(display.reshape(-1, 3)).reshape(HEIGHT, WIDTH, 3)
    return Photo(display, lab, _skin(lab), _behind(lab))


def _skin(lab: Floats) -> Mask:
    """Hues between red and yellow, moderately strong: people of any colour, few fabrics."""
    hue, chroma = np.arctan2(lab[..., 2], lab[..., 1]), np.hypot(lab[..., 1], lab[..., 2])
    return np.asarray(
        (hue > 0.45) & (hue < 1.35) & (chroma > 0.028) & (chroma < 0.125) & (lab[..., 0] > 0.30)
    )


def _behind(lab: Floats) -> Mask:
    """What looks like the upper left or the upper right border."""
    rows = slice(0, HEIGHT // 2)
    edges = [
        np.median(lab[rows, columns].reshape(-1, 3), axis=0) for columns in (slice(0, 4), slice(-4, None))
    ]
    near = [np.sqrt(((lab - edge) ** 2).sum(axis=2)) < APART for edge in edges]
    return np.asarray(near[0] | near[1])


def _region(mask: Mask, top: float, bottom: float, left: float, right: float) -> Mask:
    out = np.zeros_like(mask)
    part = (
        slice(round(top * HEIGHT), round(bottom * HEIGHT)),
        slice(round(left * WIDTH), round(right * WIDTH)),
    )
    out[part] = mask[part]
    return out


def _colour(photo: Photo, mask: Mask, least: int) -> Colour | None:
    return _paint(photo, _common(photo.lab, mask)) if mask.sum() >= least else None


def _common(lab: Floats, mask: Mask) -> Mask:
    """The pixels of the mask around its most frequent colour, so that trimmings do not mix in."""
    steps = np.floor(lab * np.array((7, 18, 18), dtype=np.float32)).astype(np.int64) + 64
    number = steps[..., 0] * 65536 + steps[..., 1] * 256 + steps[..., 2]
    values, counts = np.unique(number[mask], return_counts=True)
    return np.asarray(mask & (number == values[np.argmax(counts)]))


def _paint(photo: Photo, mask: Mask) -> Colour:
    """The median of these pixels as linear paint."""
    shown = np.median(photo.display[mask], axis=0)
    r, g, b = np.clip(shown.astype(np.float64) ** 2.2 * 0.85, DEEPEST, BRIGHTEST).tolist()
    return r, g, b
