"""Quoted text in a real font at native pixels: titles printed, neon lit before the bloom."""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from grammar import Lettering
from providers.draft.arrays import Floats, rgb

NEON = ((3.4, 0.5, 1.1), (0.45, 2.4, 3.0), (3.4, 1.5, 0.3))
INK = (236, 231, 220)


def lit_lettering(
    lettering: tuple[Lettering, ...], width: int, height: int, side: float, seed: int
) -> list[tuple[Floats, Floats, int, int]]:
    """For each sign: its tubes' brightness (h, w), their colour, left and top."""
    signs = [line for line in lettering if line.place == "sign" or line.face == "neon"]
    placed = []
    for number, line in enumerate(signs):
        colour = rgb(*NEON[(seed + number) % len(NEON)])
        tubes = _tubes(line.text, round(width * 0.34), round(height * 0.13))
        middle = 0.5 - side * 0.22
        left = round(
            min(max(width * middle - tubes.shape[1] / 2, width * 0.03), width * 0.97 - tubes.shape[1])
        )
        top = round(height * (0.13 + 0.2 * number))
        placed.append((tubes, colour, max(left, 0), top))
    return placed


def _tubes(text: str, width: int, height: int) -> Floats:
    """Letters as tubes inside a frame: bright cores with softer skins."""
    font = _fitted(text, width - height // 2, round(height * 0.62), 0.06)
    spaced = _spaced(text, font, 0.06)
    plate = Image.new("L", (min(width, spaced.width + height // 2), height))
    pen = ImageDraw.Draw(plate)
    line = max(1, height // 34)
    pen.rounded_rectangle(
        (line, line, plate.width - line - 1, height - line - 1), radius=height // 6, outline=150, width=line
    )
    plate.paste(spaced, ((plate.width - spaced.width) // 2, (height - spaced.height) // 2), spaced)
    skin = plate.filter(ImageFilter.GaussianBlur(height / 40))
    return np.asarray(
        np.maximum(np.asarray(plate, np.float32) * 0.8, np.asarray(skin, np.float32)) / 255, dtype=np.float32
    )


def print_lettering(image: Image.Image, lettering: tuple[Lettering, ...]) -> Image.Image:
    """Titles in the picture plane, with a breath of shadow so that they read on any ground."""
    printed = [line for line in lettering if not (line.place == "sign" or line.face == "neon")]
    for number, line in enumerate(printed):
        tall = 0.085 if line.place != "bottom" else 0.062
        tracking = 0.26 if line.text.isupper() else 0.05
        font = _fitted(line.text, round(image.width * 0.86), round(image.height * tall), tracking)
        mask = _spaced(line.text, font, tracking)
        left = (image.width - mask.width) // 2
        top = _top(line.place, image.height, mask.height) + number * round(mask.height * 1.5) * (
            1 if line.place != "bottom" else -1
        )
        image = _printed(image, mask, left, top)
    return image


def _printed(image: Image.Image, mask: Image.Image, left: int, top: int) -> Image.Image:
    shade = Image.new("L", image.size)
    shade.paste(mask, (left, top))
    soft = shade.filter(ImageFilter.BoxBlur(max(1, image.height / 90))).point(lambda v: min(150, v * 2))
    image.paste((6, 6, 8), mask=soft)
    image.paste(INK, (left, top), mask)
    return image


def _top(place: str, height: int, tall: int) -> int:
    return {"top": round(height * 0.075), "centre": (height - tall) // 2}.get(
        place, round(height * 0.925) - tall
    )


def _fitted(text: str, width: int, height: int, tracking: float) -> ImageFont.FreeTypeFont:
    size = max(6, height)
    font = _font(size)
    wide = font.getlength(text) + tracking * size * max(len(text) - 1, 0)
    return font if wide <= width else _font(max(6, int(size * width / wide)))


def _font(size: int) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size)
    assert isinstance(font, ImageFont.FreeTypeFont)
    return font


def _spaced(text: str, font: ImageFont.FreeTypeFont, tracking: float) -> Image.Image:
    """The line as a mask, its letters set apart by `tracking` of the size."""
    gap = tracking * font.size
    starts, x = [], 0.0
    for letter in text:
        starts.append(x)
        x += font.getlength(letter) + gap
    ascent, descent = font.getmetrics()
    mask = Image.new("L", (max(1, round(x - gap) + 2), ascent + descent))
    pen = ImageDraw.Draw(mask)
    for letter, start in zip(text, starts, strict=True):
        pen.text((start, 0), letter, fill=255, font=font)
    return mask
