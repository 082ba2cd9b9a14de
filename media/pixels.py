"""What is done to pixels, in the limited child only: checking, renditions, likeness, conversion."""

import io
import math
import mmap
import re
import struct
import warnings
from collections.abc import Mapping
from pathlib import Path

from PIL import (
    AvifImagePlugin,
    Image,
    ImageCms,
    JpegImagePlugin,
    PngImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)
from PIL.Image import Resampling, Transpose

from media.facts import Box, Facts

FORMATS = {
    "JPEG": "image/jpeg",
    # A JPEG in which a phone put further pictures; Pillow finds out after opening it as a JPEG.
    "MPO": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "AVIF": "image/avif",
}
OPENED_AS = [plugin.format for plugin in (
    JpegImagePlugin.JpegImageFile, PngImagePlugin.PngImageFile,
    WebPImagePlugin.WebPImageFile, AvifImagePlugin.AvifImageFile,
)]  # fmt: skip
MOST_PIXELS = 50_000_000
SHORTEST_SIDE, LONGEST_SIDE = 16, 16_384
MOST_STRETCHED = 8
LARGEST_PROFILE = 4 * 1024 * 1024
EXPORT_OPTIONS: Mapping[str, Mapping[str, int]] = {
    "PNG": {"compress_level": 6},
    "JPEG": {"quality": 92, "subsampling": 0},
    "WEBP": {"quality": 90, "method": 4},
}

DAMAGED = "This picture is damaged or cut short and cannot be read to its end."
UNKNOWN = "This file is not a JPEG, PNG, WebP or AVIF picture."
TOO_HUNGRY = "Reading this picture takes more memory than is allowed."
STUFFED = "This picture carries more hidden data than is allowed."
# Everything that Pillow was seen to raise on damaged files; anything else ends the child, which is as safe.
UNREADABLE = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    LookupError,
    TypeError,
    AttributeError,
    NotImplementedError,
    OverflowError,
    struct.error,
)
_UPRIGHT = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}
_OTHER_KINDS = (
    (0, b"GIF8", "GIF"),
    (0, b"II*\0", "TIFF"),
    (0, b"MM\0*", "TIFF"),
    (0, b"BM", "BMP"),
    (0, b"8BPS", "Photoshop"),
    (0, b"%PDF", "PDF"),
    (4, b"ftyphei", "HEIC"),
    (4, b"ftyphev", "HEIC"),
    (4, b"ftypmif1", "HEIC"),
)
_OWN_KINDS = ((0, b"\xff\xd8\xff"), (0, b"\x89PNG"), (8, b"WEBPVP8"), (4, b"ftypavi"))

Image.MAX_IMAGE_PIXELS = MOST_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)
SRGB = ImageCms.createProfile("sRGB")


class Refused(Exception):  # noqa: N818
    """The file is not a picture that we take; the text says why in one sentence for people."""


def examine(source: Path, renditions: Mapping[int, Path]) -> Facts:
    """Decode `source` once and to its end, and write a WebP for each longest edge, the largest first."""
    with _opened(source) as picture:
        width, height = picture.size
        edges = sorted(renditions, reverse=True)
        picture.draft(None, _fitted(picture.size, edges[0]))
        picture.load()
        _check_end(source, picture)
        turned = _orientation(picture)
        small = _shrunk(_plain(picture), _fitted((width, height), edges[0]))
        small = _upright(_in_srgb(small, picture.info.get("icc_profile")), turned)
        for edge in edges:
            small = _shrunk(small, _fitted(small.size, edge))
            small.save(renditions[edge], "WEBP", quality=80, method=2)
        if turned >= 5:
            width, height = height, width
        return Facts(FORMATS[str(picture.format)], width, height, likeness(small))


def convert(source: Path, target: Path, media_format: str, xmp: bytes) -> None:
    """Write `source` in full size as PNG, JPEG or WEBP, upright, in sRGB, with no metadata except `xmp`."""
    whole, _ = upright(source)
    if media_format == "JPEG":
        whole = opaque(whole)
    if media_format == "PNG":
        packet = PngImagePlugin.PngInfo()
        packet.add_itxt("XML:com.adobe.xmp", xmp.decode())
        whole.save(target, "PNG", pnginfo=packet, **EXPORT_OPTIONS["PNG"])
    else:
        whole.save(target, media_format, xmp=xmp, **EXPORT_OPTIONS[media_format])


def upright(source: Path) -> tuple[Image.Image, int]:
    """The whole picture, turned upright, as RGB or RGBA in sRGB; and its orientation mark, 1 to 8."""
    with _opened(source) as picture:
        picture.load()
        turned = _orientation(picture)
        whole = _in_srgb(_plain(picture), picture.info.get("icc_profile"))
        return _upright(whole, turned), turned


def opaque(picture: Image.Image) -> Image.Image:
    """The picture on white where it lets something through."""
    if picture.mode != "RGBA":
        return picture
    return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")


def in_pixels(box: Box, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Left, top, right and bottom in pixels, inside the picture and never empty."""
    left, top, wide, tall = box
    start = min(size[0] - 1, round(left * size[0])), min(size[1] - 1, round(top * size[1]))
    end = round((left + wide) * size[0]), round((top + tall) * size[1])
    return *start, max(start[0] + 1, min(size[0], end[0])), max(start[1] + 1, min(size[1], end[1]))


def sentence(error: Exception) -> str:
    """What to tell people about an error met while reading."""
    if isinstance(error, MemoryError):
        return TOO_HUNGRY
    stuffed = isinstance(error, ValueError) and re.match(
        "Decompressed data too large|Too much memory", str(error)
    )
    return STUFFED if stuffed else DAMAGED


def likeness(picture: Image.Image) -> int:
    """The difference hash: which of 8 × 8 neighbours is brighter, as a signed 64-bit integer."""
    grey = picture.convert("L").resize((9, 8), Resampling.BOX).tobytes()
    bits = [grey[row * 9 + column] < grey[row * 9 + column + 1] for row in range(8) for column in range(8)]
    return int.from_bytes(int("".join("01"[bit] for bit in bits), 2).to_bytes(8), signed=True)


def _opened(source: Path) -> Image.Image:
    try:
        picture = Image.open(source, formats=OPENED_AS)
    except UnidentifiedImageError as unknown:
        raise Refused(_what_else(source)) from unknown
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as bomb:
        pixels = re.search(r"\d+", str(bomb))
        raise Refused(_too_many(int(pixels[0]) if pixels else 0)) from bomb
    _check_header(picture)
    return picture


def _check_header(picture: Image.Image) -> None:
    frames = getattr(picture, "n_frames", 1)
    width, height = picture.size
    if frames > 1 and picture.format != "MPO":
        raise Refused(f"This picture is animated ({frames} frames); upload a still picture.")
    if width * height > MOST_PIXELS:
        raise Refused(_too_many(width * height))
    if min(width, height) < SHORTEST_SIDE or max(width, height) > LONGEST_SIDE:
        bounds = f"{SHORTEST_SIDE} to {LONGEST_SIDE:,}"
        raise Refused(f"This picture has {width} × {height} pixels; each side must have {bounds}.")
    if max(width, height) > MOST_STRETCHED * min(width, height):
        bounds = f"one side may be at most {MOST_STRETCHED} times as long as the other"
        raise Refused(f"This picture has {width} × {height} pixels; {bounds}.")


def _too_many(pixels: int) -> str:
    megapixels = f"{math.ceil(pixels / 1e5) / 10:,.1f}".removesuffix(".0")
    return f"This picture has {megapixels} megapixels; the limit is {MOST_PIXELS / 1e6:.0f}."


def _what_else(source: Path) -> str:
    with source.open("rb") as file:
        head = file.read(512)
    for offset, mark, name in _OTHER_KINDS:
        if head[offset:].startswith(mark):
            return f"This is a {name} file; only JPEG, PNG, WebP and AVIF pictures are taken."
    if b"<svg" in head:
        return "This is an SVG file; only JPEG, PNG, WebP and AVIF pictures are taken."
    return DAMAGED if any(head[offset:].startswith(mark) for offset, mark in _OWN_KINDS) else UNKNOWN


def _check_end(source: Path, picture: Image.Image) -> None:
    """Pillow takes a PNG without its end chunk."""
    if picture.format != "PNG":
        return
    with source.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if content.rfind(b"IEND\xae\x42\x60\x82") < 0:
            raise Refused(DAMAGED)


def _orientation(picture: Image.Image) -> int:
    try:
        turned = picture.getexif().get(0x0112, 1)
    except UNREADABLE:
        return 1
    return turned if turned in _UPRIGHT else 1


def _upright(picture: Image.Image, turned: int) -> Image.Image:
    return picture.transpose(_UPRIGHT[turned]) if turned in _UPRIGHT else picture


def _plain(picture: Image.Image) -> Image.Image:
    """The picture in a mode that can be resized without loss: L, LA, RGB, RGBA or CMYK."""
    if picture.mode.startswith("I"):
        # Converting would clip everything above 255 to white.
        return picture.point(lambda value: value / 257).convert("L")
    if "transparency" in picture.info or picture.mode in ("PA", "La", "RGBa"):
        return picture.convert("RGBA")
    if picture.mode in ("L", "LA", "RGB", "RGBA", "CMYK"):
        return picture
    return picture.convert("L" if picture.mode == "1" else "RGB")


def _in_srgb(picture: Image.Image, profile: bytes | None) -> Image.Image:
    """The picture as RGB or RGBA in sRGB, with nothing attached to it."""
    mode = "RGBA" if picture.has_transparency_data else "RGB"
    converted = _through_profile(picture, profile, mode) or picture.convert(mode)
    if mode == "RGBA" and converted.getchannel("A").getextrema() == (255, 255):
        converted = converted.convert("RGB")
    converted = converted.copy() if converted is picture else converted
    converted.info = {}
    return converted


def _through_profile(picture: Image.Image, profile: bytes | None, mode: str) -> Image.Image | None:
    if not profile or len(profile) > LARGEST_PROFILE:
        return None
    try:
        given = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if "srgb" in ImageCms.getProfileDescription(given).lower():
            return None
        return ImageCms.profileToProfile(picture, given, SRGB, outputMode=mode)
    except (ImageCms.PyCMSError, *UNREADABLE):
        return None


def _fitted(size: tuple[int, int], edge: int) -> tuple[int, int]:
    """The size with its longest side at most `edge`, never enlarged."""
    longest = max(size)
    if longest <= edge:
        return size
    return max(1, round(size[0] * edge / longest)), max(1, round(size[1] * edge / longest))


def _shrunk(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    if picture.size == size:
        return picture
    return picture.resize(size, Resampling.BICUBIC, reducing_gap=2.0)
