"""Pixels of the Kling image models, as Runware's model pages list them."""

RATIOS = ("1:1", "3:2", "2:3", "4:3", "3:4", "9:16", "16:9", "21:9")
TABLES = {
    "1K": "1024x1024 1248x832 832x1248 1168x880 880x1168 768x1360 1360x768 1552x656",
    "2K": "2048x2048 2496x1664 1664x2496 2336x1760 1760x2336 1536x2720 2720x1536 3104x1312",
    "4K": "4096x4096 4992x3328 3328x4992 4736x3520 3520x4736 3072x5440 5440x3072 6272x2688",
}


def _pair(text: str) -> tuple[int, int]:
    width, height = text.split("x")
    return int(width), int(height)


SIZES = {
    (resolution, ratio): _pair(text)
    for resolution, table in TABLES.items()
    for ratio, text in zip(RATIOS, table.split(), strict=True)
}


def size(resolution: str, ratio: str) -> tuple[int, int]:
    """Width and height of a resolution, 1K to 4K, in one of `RATIOS`."""
    return SIZES[resolution, ratio]


def nearest(width: int, height: int) -> str:
    """The ratio whose shape at 1K is closest to these pixels."""

    def stretch(ratio: str) -> float:
        wide, high = SIZES["1K", ratio]
        factor = (width / height) / (wide / high)
        return max(factor, 1 / factor)

    return min(RATIOS, key=stretch)
