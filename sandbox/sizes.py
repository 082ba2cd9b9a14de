"""Pixels of the Kling image models, as Runware's model pages list them."""

SHAPES = {
    "1:1": (1024, 1024),
    "3:2": (1248, 832),
    "2:3": (832, 1248),
    "4:3": (1168, 880),
    "3:4": (880, 1168),
    "9:16": (768, 1360),
    "16:9": (1360, 768),
    "21:9": (1552, 656),
}
FACTORS = {"1K": 1, "2K": 2, "4K": 4}


def size(resolution: str, ratio: str) -> tuple[int, int]:
    """Width and height; the tables for 2K and 4K are twice and four times that for 1K."""
    width, height = SHAPES[ratio]
    return width * FACTORS[resolution], height * FACTORS[resolution]


def nearest(width: int, height: int) -> str:
    """The ratio whose shape is closest to these pixels."""

    def stretch(ratio: str) -> float:
        factor = (width / height) / (SHAPES[ratio][0] / SHAPES[ratio][1])
        return max(factor, 1 / factor)

    return min(SHAPES, key=stretch)
