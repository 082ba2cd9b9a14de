"""A reference with the role composition, hung behind the cast as a plate."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from providers.base import ReferenceFile
from providers.draft.arrays import Floats
from providers.draft.camera import View
from providers.draft.finish import Exposure

# The set stays under the plate a little, so that its light and weather belong to the same picture.
SET_LEFT = np.float32(0.14)


def lay_plate(exposure: Exposure, references: tuple[ReferenceFile, ...], view: View) -> None:
    """Replaces what stands behind the cast with the first composition reference, cropped to the frame."""
    path = next((reference.path for reference in references if reference.role == "composition"), None)
    if path is None:
        return
    plate = _opened(path, view.width, view.height)
    for top in range(0, view.height, 64):
        rows = slice(top, top + 64)
        light = _linear(
            np.asarray(plate.crop((0, top, view.width, min(top + 64, view.height))), dtype=np.float32)
        )
        mixed = light * (1 - SET_LEFT) + exposure.linear[:, rows].astype(np.float32) * SET_LEFT
        exposure.linear[:, rows] = np.where(exposure.people[rows], exposure.linear[:, rows], mixed)


def _opened(path: Path, width: int, height: int) -> Image.Image:
    with Image.open(path) as image:
        image.draft("RGB", (width, height))
        upright = ImageOps.exif_transpose(image)
        return ImageOps.fit(upright.convert("RGB"), (width, height), Image.Resampling.BICUBIC)


def _linear(pixels: Floats) -> Floats:
    """Scene light (3, h, w) that the filmic curve brings back to about these display colours."""
    display = np.moveaxis(pixels / np.float32(255), -1, 0) ** np.float32(2.2)
    return np.asarray(display * np.float32(0.62) / np.maximum(1.12 - display, 0.12), dtype=np.float32)
