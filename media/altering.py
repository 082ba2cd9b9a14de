"""Making a new picture of a photo, in the limited child: crop, soften, scale, pad, squeeze, veil."""

from pathlib import Path

from PIL import Image, ImageDraw, ImageFilter, ImageStat, PngImagePlugin
from PIL.Image import Resampling

from media import pixels
from media.facts import Box
from media.recipe import Recipe

# From the best to the least that a face survives.
QUALITIES = (95, 90, 85, 75, 65, 55)
# The background is blurred small and enlarged again: nobody sees the difference in what is blurred.
BLURRED_EDGE = 512
BLUR_SHARE = 1 / 90
# Too few pixels to tell what is seen, and those run into each other.
VEIL_EDGE = 16
VEIL_BLUR = 1.5
SQUEEZED_OUT = (
    "This picture stays too large even as a strongly squeezed JPEG. Crop it, or take a smaller one."
)


def alter(source: Path, target: Path, recipe: Recipe, xmp: bytes) -> None:
    """Write to `target` what `recipe` makes of `source`, without metadata except `xmp`, which may be empty.

    Raises Refused when no quality brings a JPEG below `recipe.most_bytes`.
    """
    picture, kept_as = _opened(source)
    if recipe.crop:
        picture = picture.crop(pixels.in_pixels(recipe.crop, picture.size))
    if recipe.keep:
        picture = _softened(pixels.opaque(picture), recipe.keep)
    if recipe.size:
        picture = picture.resize(recipe.size, Resampling.LANCZOS, reducing_gap=3.0)
    if recipe.canvas:
        picture = _padded(pixels.opaque(picture), recipe.canvas)
    _save(picture, target, recipe.media_format or kept_as, recipe.most_bytes, xmp)


def veil(source: Path, target: Path) -> None:
    """Write a WebP that tells no more of a picture than its shape and its colours."""
    picture = pixels.opaque(pixels.upright(source)[0])
    share = VEIL_EDGE / max(picture.size)
    size = max(1, round(picture.width * share)), max(1, round(picture.height * share))
    few = picture.resize(size, Resampling.BOX)
    few.filter(ImageFilter.GaussianBlur(VEIL_BLUR)).save(target, "WEBP", quality=80)


def _opened(source: Path) -> tuple[Image.Image, str]:
    """The upright picture, and the format that keeps what it is."""
    picture, _ = pixels.upright(source)
    with source.open("rb") as file:
        is_png = file.read(4) == b"\x89PNG"
    return picture, "PNG" if is_png or picture.mode == "RGBA" else "JPEG"


def _softened(picture: Image.Image, face: Box) -> Image.Image:
    """The picture with everything blurred but the head at `face` and the body below it."""
    share = min(1.0, BLURRED_EDGE / max(picture.size))
    size = max(1, round(picture.width * share)), max(1, round(picture.height * share))
    small = picture.resize(size, Resampling.BOX)
    radius = max(size) * BLUR_SHARE
    blurred = small.filter(ImageFilter.GaussianBlur(radius)).resize(picture.size, Resampling.BICUBIC)
    mask = (
        _person(size, face).filter(ImageFilter.GaussianBlur(radius)).resize(picture.size, Resampling.BILINEAR)
    )
    return Image.composite(picture, blurred, mask)


def _person(size: tuple[int, int], face: Box) -> Image.Image:
    """White where the person is taken to be: an oval around the head, shoulders, and down to the border."""
    mask = Image.new("L", size, 0)
    pen = ImageDraw.Draw(mask)
    left, top, wide, tall = (part * size[index % 2] for index, part in enumerate(face))
    pen.ellipse((left - 0.4 * wide, top - 0.5 * tall, left + 1.4 * wide, top + 1.3 * tall), fill=255)
    shoulders = (left - 1.1 * wide, top + 1.15 * tall, left + 2.1 * wide, size[1] + tall)
    pen.rounded_rectangle(shoulders, radius=0.6 * wide, fill=255)
    return mask


def _padded(picture: Image.Image, canvas: tuple[int, int]) -> Image.Image:
    around = Image.new("RGB", canvas, _border_colour(picture))
    around.paste(picture, ((canvas[0] - picture.width) // 2, (canvas[1] - picture.height) // 2))
    return around


def _border_colour(picture: Image.Image) -> tuple[int, ...]:
    width, height = picture.size
    lines = (
        (0, 0, width, 1),
        (0, height - 1, width, height),
        (0, 0, 1, height),
        (width - 1, 0, width, height),
    )
    means = [ImageStat.Stat(picture.crop(line)).mean for line in lines]
    return tuple(round(sum(band) / len(means)) for band in zip(*means, strict=True))


def _save(picture: Image.Image, target: Path, media_format: str, most_bytes: int | None, xmp: bytes) -> None:
    if media_format == "PNG":
        packet = PngImagePlugin.PngInfo()
        if xmp:
            packet.add_itxt("XML:com.adobe.xmp", xmp.decode())
        picture.save(target, "PNG", pnginfo=packet, compress_level=6)
        return
    picture = pixels.opaque(picture)
    for quality in QUALITIES:
        picture.save(target, "JPEG", quality=quality, subsampling=0 if quality > 85 else 2, xmp=xmp)
        if most_bytes is None or target.stat().st_size <= most_bytes:
            return
    raise pixels.Refused(SQUEEZED_OUT)
