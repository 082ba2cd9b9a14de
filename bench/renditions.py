"""Both renditions through the decoding child beside the bare Pillow calls, in one run: goal ratio ≥ 0.85.

The ratio is bare time / our time, median of rounds taken in turns; the child also finds the end of the file,
turns the picture upright, converts colours and computes the likeness.
"""

import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image, ImageDraw, ImageFilter

if TYPE_CHECKING:
    from media.decoder import Decoder

ROUNDS = 9
GOAL = 0.85
CASES: dict[str, tuple[str, int, dict[str, Any]]] = {
    "PNG 2048²": ("png", 2048, {}),
    "JPEG 4096²": ("jpg", 4096, {"quality": 92}),
    "WebP 2048²": ("webp", 2048, {"quality": 90}),
}


def photo(side: int) -> Image.Image:
    """Something with the statistics of a photograph: soft shapes under a little grain."""
    layers = [Image.effect_noise((side // 64, side // 64), 90).resize((side, side)) for _ in range(3)]
    picture = Image.merge("RGB", layers)
    pen = ImageDraw.Draw(picture)
    for step in range(24):
        x, y = (step * 7919) % side, (step * 104729) % side
        pen.ellipse((x, y, x + side // 6, y + side // 8), fill=(step * 9, 255 - step * 8, step * 5))
    grain = Image.effect_noise((side, side), 8).filter(ImageFilter.GaussianBlur(0.6))
    return Image.blend(picture, Image.merge("RGB", [grain] * 3), 0.15)


def bare(source: Path, large: Path, small: Path) -> None:
    with Image.open(source) as picture:
        picture.draft("RGB", (1536, 1536))
        picture.thumbnail((1536, 1536), Image.Resampling.BICUBIC, reducing_gap=2.0)
        picture.save(large, "WEBP", quality=80, method=2)
        picture.thumbnail((512, 512), Image.Resampling.BICUBIC, reducing_gap=2.0)
        picture.save(small, "WEBP", quality=80, method=2)


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def measure(
    decoder: "Decoder", folder: Path, ending: str, side: int, options: dict[str, Any]
) -> tuple[float, float]:
    """Milliseconds of the bare calls and of ours."""
    source, large, small = folder / f"source.{ending}", folder / "1536.webp", folder / "512.webp"
    photo(side).save(source, **options)
    renditions = {1536: large, 512: small}
    decoder.examine(source, renditions)
    rounds = [
        (timed(lambda: bare(source, large, small)), timed(lambda: decoder.examine(source, renditions)))
        for _ in range(ROUNDS)
    ]
    theirs, ours = (statistics.median(column) * 1000 for column in zip(*rounds, strict=True))
    return theirs, ours


def main() -> int:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    from media.decoder import Decoder

    decoder = Decoder()
    ratios = []
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    with tempfile.TemporaryDirectory() as name:
        for title, (ending, side, options) in CASES.items():
            theirs, ours = measure(decoder, Path(name), ending, side, options)
            ratios.append(theirs / ours)
            print(f"{title:12} bare {theirs:6.1f} ms   ours {ours:6.1f} ms   ratio {theirs / ours:.2f}")
    decoder.close()
    print(f"worst ratio {min(ratios):.2f}, goal {GOAL}")
    return 0 if min(ratios) >= GOAL else 1


if __name__ == "__main__":
    raise SystemExit(main())
