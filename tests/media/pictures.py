"""Pictures drawn for tests, good ones and ones damaged on purpose, as bytes."""

import io
import random
import struct
import zlib
from typing import Any

from PIL import Image, ImageCms, ImageDraw, PngImagePlugin

CORNERS = {"red": (220, 30, 30), "green": (30, 180, 60), "blue": (40, 60, 220), "white": (245, 245, 245)}


def quarters(size: tuple[int, int] = (120, 80), mode: str = "RGB") -> Image.Image:
    """Red, green, blue and white quarters, from the top left to the bottom right."""
    picture = Image.new("RGB", size, CORNERS["red"])
    width, height = size
    pen = ImageDraw.Draw(picture)
    pen.rectangle((width // 2, 0, width, height // 2 - 1), fill=CORNERS["green"])
    pen.rectangle((0, height // 2, width // 2 - 1, height), fill=CORNERS["blue"])
    pen.rectangle((width // 2, height // 2, width, height), fill=CORNERS["white"])
    return picture.convert(mode)


def pixel(picture: Image.Image, x: int, y: int) -> tuple[int, ...]:
    """The bands of one pixel."""
    found = picture.getpixel((x, y))
    return found if isinstance(found, tuple) else (int(found or 0),)


def saved(picture: Image.Image, media_format: str = "PNG", **options: Any) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, media_format, **options)
    return stream.getvalue()


def noise(side: int, media_format: str = "PNG", **options: Any) -> bytes:
    return saved(speckled(side), media_format, **options)


def speckled(side: int, seed: int = 7) -> Image.Image:
    """The same coloured noise for the same seed; softened when large, as WebP cannot hold the worst."""
    grain = Image.frombytes("RGB", (side, side), random.Random(seed).randbytes(side * side * 3))
    return grain.resize((side, side), box=(0, 0, side / 2, side / 2)) if side > 100 else grain


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width: int, height: int, *extra: bytes, rows: bytes | None = None) -> bytes:
    """A grey 1-bit PNG made by hand: small whatever its size; `extra` chunks stand before the pixels."""
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    if rows is None:
        squeeze = zlib.compressobj(9)
        row = b"\0" * (1 + (width + 7) // 8)
        rows = b"".join(squeeze.compress(row) for _ in range(height)) + squeeze.flush()
    chunks = (chunk(b"IHDR", header), *extra, chunk(b"IDAT", rows), chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def text_bomb() -> bytes:
    return chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b" " * 30_000_000, 6))


def profile_bomb() -> bytes:
    return chunk(b"iCCP", b"Profile\0\0" + zlib.compress(b" " * 30_000_000, 6))


def turned(orientation: int) -> bytes:
    """A JPEG of `quarters()` stored so that `orientation` makes it upright again."""
    back = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    picture = quarters()
    picture = picture.transpose(back[orientation]) if orientation in back else picture
    exif = Image.Exif()
    exif[0x0112] = orientation
    return saved(picture, "JPEG", quality=95, exif=exif)


def wide_gamut_profile() -> bytes:
    """An ICC profile with the primaries of Display P3 and gamma 2.2, put together by hand."""

    def fixed(*values: float) -> bytes:
        return b"".join(struct.pack(">i", round(value * 65536)) for value in values)

    def xyz(*values: float) -> bytes:
        return b"XYZ \0\0\0\0" + fixed(*values)

    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(2.2 * 256)) + b"\0\0"
    name = b"Wide test\0"
    described = b"desc\0\0\0\0" + struct.pack(">I", len(name)) + name + b"\0" * 78
    tags = {
        b"desc": described + b"\0" * (-len(described) % 4),
        b"wtpt": xyz(0.9642, 1.0, 0.8249),
        b"rXYZ": xyz(0.51512, 0.2412, -0.00105),
        b"gXYZ": xyz(0.29198, 0.69225, 0.04189),
        b"bXYZ": xyz(0.1571, 0.06657, 0.78407),
        b"rTRC": curve,
        b"gTRC": curve,
        b"bTRC": curve,
    }
    table, body, offset = b"", b"", 128 + 4 + 12 * len(tags)
    for tag, content in tags.items():
        table += tag + struct.pack(">II", offset + len(body), len(content))
        body += content
    size = offset + len(body)
    header = struct.pack(">I4sI4s4s4s", size, b"\0" * 4, 0x02400000, b"mntr", b"RGB ", b"XYZ ")
    header += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + b"\0" * 28 + fixed(0.9642, 1.0, 0.8249)
    return header.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body


def srgb_profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def with_script_in_metadata(media_format: str) -> bytes:
    """`quarters()` whose every metadata field holds a script and a place."""
    script = "<script>alert(1)</script>"
    exif = Image.Exif()
    exif[0x010E] = script
    exif.get_ifd(0x8825)[1] = "N"
    if media_format == "PNG":
        texts = PngImagePlugin.PngInfo()
        texts.add_text("Comment", script)
        texts.add_itxt("XML:com.adobe.xmp", script)
        return saved(quarters(), "PNG", pnginfo=texts, exif=exif, icc_profile=srgb_profile())
    options = {"comment": script} if media_format == "JPEG" else {}
    return saved(
        quarters(), media_format, exif=exif, xmp=script.encode(), icc_profile=srgb_profile(), **options
    )
