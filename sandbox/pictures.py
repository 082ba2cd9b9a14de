"""Pictures of the exact size an order asks for: from a pool, drawn on request, or made here."""

import binascii
import io
import struct
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image, ImageOps

from sandbox.options import Draw, Wish

TYPES = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp"}
ENDINGS = {"png": "png", "jpeg": "jpeg", "webp": "webp"}
COLOURS = ((92, 64, 51), (38, 70, 83), (42, 110, 98), (148, 106, 48), (120, 60, 80), (60, 60, 96))
PLACEHOLDER = b"sandbox-picture-000000000000"


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that was made; `number` is its own, so that no two are the same bytes."""

    wish: Wish
    number: int


class Pictures:
    """Keeps recipes, not bytes: a picture is put together again whenever it is read."""

    def __init__(self, pool: Path | None, draw: Draw | None) -> None:
        self._pool = _readable(pool) if pool else []
        self._draw = draw
        self._folder = TemporaryDirectory(prefix="sandbox-drawn-") if draw else None
        self._made = 0

    def new(self, wish: Wish) -> Picture:
        self._made += 1
        return Picture(wish, self._made)

    def read(self, picture: Picture) -> bytes:
        """Encoded bytes; slow the first time a size is asked for, so call it in a thread."""
        wish = picture.wish
        if self._draw and self._folder:
            return self._drawn(picture, Path(self._folder.name))
        if self._pool:
            path = self._fitting(wish, picture.number)
            return stamp(_from_pool(path, wish.width, wish.height, wish.media_format), picture)
        variant = picture.number % len(COLOURS)
        return stamp(_plain(wish.width, wish.height, wish.media_format, variant), picture)

    def close(self) -> None:
        if self._folder:
            self._folder.cleanup()

    def _drawn(self, picture: Picture, folder: Path) -> bytes:
        path = folder / str(picture.number)
        if not path.exists() and self._draw:
            path.write_bytes(self._draw(picture.wish))
        return path.read_bytes()

    def _fitting(self, wish: Wish, number: int) -> Path:
        """Files of the nearest shape take turns."""
        shape = wish.width / wish.height
        nearest = min(abs(ratio - shape) for ratio, _ in self._pool)
        fitting = [path for ratio, path in self._pool if abs(ratio - shape) <= nearest + 0.01]
        return fitting[number % len(fitting)]


def stamp(data: bytes, picture: Picture) -> bytes:
    """The same pixels as other bytes."""
    mark, whole = b"sandbox-picture-%012d" % picture.number, memoryview(data)
    if picture.wish.media_format == "png":
        chunk = b"tEXtComment\0" + mark
        size, crc = struct.pack(">I", len(chunk) - 4), struct.pack(">I", binascii.crc32(chunk))
        return b"".join((whole[:-12], size, chunk, crc, whole[-12:]))
    if picture.wish.media_format == "jpeg":
        size = struct.pack(">H", len(mark) + 2)
        return b"".join((whole[:2], b"\xff\xfe", size, mark, whole[2:]))
    return data.replace(PLACEHOLDER, mark, 1)


def measure(data: bytes) -> tuple[int, int, str] | None:
    """Width, height and format ("JPEG", "PNG" …) from the header, None when it is no picture."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            return image.width, image.height, image.format or ""
    except (OSError, ValueError, Image.DecompressionBombError):
        return None


def _readable(pool: Path) -> list[tuple[float, Path]]:
    found = []
    for path in sorted(pool.iterdir()):
        if path.suffix.lower() in (".png", ".jpg", ".jpeg", ".webp"):
            with Image.open(path) as image:
                found.append((image.width / image.height, path))
    return found


@lru_cache(maxsize=48)
def _from_pool(path: Path, width: int, height: int, media_format: str) -> bytes:
    with Image.open(path) as image:
        return _encoded(ImageOps.fit(image.convert("RGB"), (width, height)), media_format)


@lru_cache(maxsize=48)
def _plain(width: int, height: int, media_format: str, variant: int) -> bytes:
    """A slope of light from one colour into the next, with a disc in it."""
    start, end = (np.array(COLOURS[(variant + step) % len(COLOURS)], np.float32) for step in (0, 1))
    across = np.linspace(0, 1, width, dtype=np.float32)[None, :, None]
    down = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
    pixels = start + (end - start) * (across * 0.6 + down * 0.4)
    disc = (across - 0.3 - variant / 15) ** 2 * (width / height) ** 2 + (down - 0.5) ** 2 < 0.04
    pixels = np.where(disc, pixels * 1.6, pixels).clip(0, 255).astype(np.uint8)
    return _encoded(Image.fromarray(pixels), media_format)


def _encoded(image: Image.Image, media_format: str) -> bytes:
    out = io.BytesIO()
    if media_format == "png":
        image.save(out, "PNG", compress_level=1)
    elif media_format == "jpeg":
        image.save(out, "JPEG", quality=90)
    else:
        image.save(out, "WEBP", quality=80, method=0, xmp=PLACEHOLDER)
    return out.getvalue()
