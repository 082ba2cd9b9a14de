"""What falls or floats between lens and subject: rain, snow, dust; drawn at native pixels."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from grammar import Scene


def falling(scene: Scene, width: int, height: int, seed: int) -> NDArray[np.uint8] | None:
    """Brightness (height, width) of drops, flakes or motes; None on a clear day."""
    rng = np.random.default_rng(seed)
    unit = max(width, height) / 1360
    if scene.weather in ("rain", "storm"):
        return _rain(width, height, unit, rng, 1.5 if scene.weather == "storm" else 1.0)
    if scene.weather == "snowfall":
        return _flakes(
            width, height, unit, rng, ((650, 1.3, 150, 0.5), (240, 2.6, 130, 1.1), (36, 7.0, 80, 4.0))
        )
    if scene.haze and scene.place in ("interior", "studio", "forest", "desert"):
        return _flakes(
            width, height, unit, rng, ((260, 0.9, 60, 0.5), (70, 1.7, 60, 1.0), (12, 5.0, 26, 3.0))
        )
    return None


def _rain(width: int, height: int, unit: float, rng: np.random.Generator, force: float) -> NDArray[np.uint8]:
    """Three depths of streaks under one wind."""
    slant = float(rng.uniform(-0.16, 0.16)) * force
    image = Image.new("L", (width, height))
    for count, length, thick, bright in ((1500, 26, 1, 46), (620, 58, 1, 62), (70, 130, 2, 40)):
        layer = Image.new("L", (width, height))
        pen = ImageDraw.Draw(layer)
        drops = rng.random((round(count * force * width * height / (1360 * 768) / unit**2), 4))
        for x, y, long, shade in drops.tolist():
            run = length * unit * (0.5 + long)
            left, top = x * (width + 80 * unit) - 40 * unit, y * (height + run) - run
            pen.line(
                (left, top, left + slant * run, top + run),
                fill=round(bright * (0.35 + 0.65 * shade)),
                width=max(1, round(thick * unit)),
            )
        soft = layer.filter(ImageFilter.BoxBlur(0.45 * unit * thick))
        image.paste(255, mask=soft)
    return np.asarray(image)


def _flakes(
    width: int,
    height: int,
    unit: float,
    rng: np.random.Generator,
    layers: tuple[tuple[int, float, int, float], ...],
) -> NDArray[np.uint8]:
    image = Image.new("L", (width, height))
    for count, radius, bright, blur in layers:
        layer = Image.new("L", (width, height))
        pen = ImageDraw.Draw(layer)
        for x, y, size, shade in rng.random((count, 4)).tolist():
            r = radius * unit * (0.45 + 0.9 * size)
            cx, cy = x * width, y * height
            pen.ellipse((cx - r, cy - r, cx + r, cy + r), fill=round(bright * (0.4 + 0.6 * shade)))
        image.paste(255, mask=layer.filter(ImageFilter.BoxBlur(blur * unit)))
    return np.asarray(image)
