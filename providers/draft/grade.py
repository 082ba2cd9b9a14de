"""The colour grade in Oklab: film stock, palette words, a reference's statistics; one table."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from grammar import Look
from grammar.moods import HUES
from providers.draft.arrays import Floats, Vector

SIDE = 25
LMS = np.array(
    (
        (0.4122214708, 0.5363325363, 0.0514459929),
        (0.2119034982, 0.6806995451, 0.1073969566),
        (0.0883024619, 0.2817188376, 0.6299787005),
    )
)
LAB = np.array(
    (
        (0.2104542553, 0.7936177850, -0.0040720468),
        (1.9779984951, -2.4285922050, 0.4505937099),
        (0.0259040371, 0.7827717662, -0.8086757660),
    )
)

# Style: saturation, contrast, Oklab (a, b) of shadows and of lights.
STYLES: dict[str, tuple[float, float, tuple[float, float], tuple[float, float]]] = {
    "natural": (1.06, 1.06, (-0.004, -0.010), (0.004, 0.008)),
    "noir": (0.45, 1.28, (0.0, -0.010), (0.004, 0.006)),
    "teal and orange": (1.12, 1.14, (-0.030, -0.028), (0.026, 0.040)),
    "bleach bypass": (0.42, 1.25, (-0.004, -0.010), (0.0, 0.004)),
    "warm film": (0.94, 1.02, (0.010, 0.004), (0.012, 0.034)),
    "tungsten film": (1.05, 1.12, (-0.016, -0.030), (0.012, 0.020)),
    "cold": (0.82, 1.08, (-0.014, -0.038), (-0.012, -0.014)),
    "vivid": (1.42, 1.10, (0.0, -0.006), (0.0, 0.008)),
    "pastel": (0.72, 0.82, (0.010, -0.006), (0.012, 0.010)),
}


def to_oklab(rgb: Floats) -> Floats:
    """Oklab (…, 3) of display colours (…, 3) between 0 and 1."""
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((np.maximum(rgb, 0) + 0.055) / 1.055) ** 2.4)
    return np.asarray(np.cbrt(np.maximum(linear @ LMS.T, 0)) @ LAB.T, dtype=np.float32)


def from_oklab(lab: Floats) -> Floats:
    linear = (lab @ np.linalg.inv(LAB).T) ** 3 @ np.linalg.inv(LMS).T
    linear = np.clip(linear, 0, 1)
    return np.asarray(
        np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055), dtype=np.float32
    )


def grade(image: Image.Image, look: Look, reference: Path | None) -> Image.Image:
    """The picture in its final colours."""
    line = np.linspace(0, 1, SIDE, dtype=np.float32)
    blue, green, red = np.meshgrid(line, line, line, indexing="ij")
    lab = to_oklab(np.stack((red, green, blue), axis=-1).reshape(-1, 3))
    if reference is not None:
        lab = _matched(lab, _sample(image), _sample_file(reference))
    lab = _styled(lab, look)
    table = from_oklab(lab)
    return image.filter(ImageFilter.Color3DLUT(SIDE, table.ravel().tolist()))


def _sample(image: Image.Image) -> Floats:
    small = image.convert("RGB").resize((96, 96), Image.Resampling.BOX)
    return to_oklab((np.asarray(small, dtype=np.float32) / np.float32(255)).reshape(-1, 3))


def _sample_file(path: Path) -> Floats:
    with Image.open(path) as image:
        image.draft("RGB", (192, 192))
        return _sample(image)


def _matched(lab: Floats, own: Floats, wanted: Floats) -> Floats:
    """Colour statistics moved onto the reference's: fully in hue and chroma, half in lightness."""
    out = lab.copy()
    light, goal = own[:, 0], wanted[:, 0]
    stretch = float(np.clip(goal.std() / max(float(light.std()), 0.02), 0.7, 1.4))
    moved = (lab[:, 0] - light.mean()) * stretch + light.mean() * 0.5 + goal.mean() * 0.5
    out[:, 0] = lab[:, 0] + (moved - lab[:, 0]) * 0.6
    own_axis, goal_axis = _covariance(own), _covariance(wanted)
    turn = _root(goal_axis) @ np.linalg.inv(_root(own_axis))
    centred = (lab[:, 1:] - own[:, 1:].mean(axis=0)) @ np.clip(turn, -2.2, 2.2).T
    # Black and white stay clean: colour fades out at the ends of the scale.
    ends = np.clip(lab[:, :1] * 5, 0, 1) * np.clip((1 - lab[:, :1]) * 6, 0, 1)
    tinted = centred + _tint_by_light(lab[:, 0], wanted)
    out[:, 1:] = lab[:, 1:] * (1 - ends) + tinted * ends
    return out


def _tint_by_light(light: Floats, wanted: Floats) -> Floats:
    """The reference's mean colour in its darks, middles and lights."""
    order = np.argsort(wanted[:, 0])
    thirds = [wanted[part].mean(axis=0) for part in np.array_split(order, 5)]
    steps = np.linspace(0.08, 0.92, 5)
    return np.stack([np.interp(light, steps, [third[k] for third in thirds]) for k in (1, 2)], axis=1).astype(
        np.float32
    )


def _covariance(lab: Floats) -> Vector:
    return np.asarray(np.cov(lab[:, 1:].T) + np.eye(2) * 2e-4, dtype=np.float64)


def _root(matrix: Vector) -> Vector:
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray(vectors @ np.diag(np.sqrt(np.maximum(values, 1e-8))) @ vectors.T)


def _styled(lab: Floats, look: Look) -> Floats:
    saturation, contrast, shadows, lights = STYLES.get(look.style, STYLES["natural"])
    out = lab.copy()
    contrast *= look.contrast
    light = np.clip(lab[:, 0], 0, 1)
    out[:, 0] = np.clip(light + (light - 0.46) * (contrast - 1) * 4 * light * (1 - light), 0, 1)
    weight = (light * (1 - light) * 4)[:, None]
    cool, warm = np.array(shadows), np.array(lights)
    if look.hues:
        cool, warm = _hue_pair(look.hues)
    split = cool * (1 - light[:, None]) + warm * light[:, None]
    if look.shadow_hue:
        depth = np.clip((0.68 - light[:, None]) * 3, 0, 1)
        split = split * (1 - depth) + _hue_pair((look.shadow_hue,))[0] * depth
    out[:, 1:] = lab[:, 1:] * saturation + split * weight
    if look.monochrome:
        out[:, 1:] = np.array((0.001, 0.004)) * weight
    return out


def _hue_pair(hues: tuple[str, ...]) -> tuple[Floats, Floats]:
    """Two named colours share shadows and lights; one colours both."""
    points = [to_oklab(np.array(HUES[hue], dtype=np.float32)) for hue in hues]
    points.sort(key=lambda lab: float(lab[0]))
    chroma = [np.asarray(lab[1:] * 0.42, dtype=np.float32) for lab in points]
    return chroma[0], chroma[-1]
