"""Exact pixels of the Kling image models.

Runware publishes the table for 3.0, 3.0 Omni and O1; Kling and fal.ai name resolutions only.
"""

from collections.abc import Mapping
from types import MappingProxyType

RATIOS = ("16:9", "9:16", "1:1", "4:3", "3:4", "3:2", "2:3", "21:9")
RATIOS_OR_AUTO = (*RATIOS, "auto")

Sizes = Mapping[tuple[str, str], tuple[int, int]]

_1K = {
    ("1K", "16:9"): (1360, 768),
    ("1K", "9:16"): (768, 1360),
    ("1K", "1:1"): (1024, 1024),
    ("1K", "4:3"): (1168, 880),
    ("1K", "3:4"): (880, 1168),
    ("1K", "3:2"): (1248, 832),
    ("1K", "2:3"): (832, 1248),
    ("1K", "21:9"): (1552, 656),
}
_2K = {
    ("2K", "16:9"): (2720, 1536),
    ("2K", "9:16"): (1536, 2720),
    ("2K", "1:1"): (2048, 2048),
    ("2K", "4:3"): (2336, 1760),
    ("2K", "3:4"): (1760, 2336),
    ("2K", "3:2"): (2496, 1664),
    ("2K", "2:3"): (1664, 2496),
    ("2K", "21:9"): (3104, 1312),
}
_4K = {
    ("4K", "16:9"): (5440, 3072),
    ("4K", "9:16"): (3072, 5440),
    ("4K", "1:1"): (4096, 4096),
    ("4K", "4:3"): (4736, 3520),
    ("4K", "3:4"): (3520, 4736),
    ("4K", "3:2"): (4992, 3328),
    ("4K", "2:3"): (3328, 4992),
    ("4K", "21:9"): (6272, 2688),
}

SIZES_1K: Sizes = MappingProxyType(_1K)
SIZES_TO_2K: Sizes = MappingProxyType(_1K | _2K)
SIZES_TO_4K: Sizes = MappingProxyType(_1K | _2K | _4K)
