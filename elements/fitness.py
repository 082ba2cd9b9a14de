"""What each provider takes of a photo, what does not fit, and the recipe of a copy that does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from elements.scorecard import OK, REPAIR, REPLACE, WARN, Finding
from media.recipe import Recipe

MEGABYTE = 1024 * 1024
# A repaired copy stays below ten million bytes too, since providers do not say which megabyte they mean.
REPAIRED_BYTES = 9_500_000
# Enlarging further than this would only pretend.
MOST_ENLARGED = 2
LONGEST_REPAIRED = 4096
NAMES = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WebP", "image/avif": "AVIF"}


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one route. `scaled_to`: a longer side is scaled down there, which is not a fault."""

    route: str
    label: str
    formats: tuple[str, ...]
    most_bytes: int
    least_side: int
    narrowest: Fraction  # width by height, both ends included
    widest: Fraction
    scaled_to: int | None
    source: str
    checked: date


FAL = Limits(
    route="fal",
    label="fal",
    formats=("image/jpeg", "image/png", "image/webp"),
    most_bytes=10 * MEGABYTE,
    least_side=300,
    narrowest=Fraction(2, 5),
    widest=Fraction(5, 2),
    scaled_to=None,
    source="fal's schema of image_url; its element fields state nothing and are taken to be the same",
    checked=date(2026, 10, 12),
)
RUNWARE = Limits(
    route="runware",
    label="Runware",
    formats=("image/jpeg", "image/png", "image/webp"),
    most_bytes=10 * MEGABYTE,
    least_side=300,
    narrowest=Fraction(2, 5),
    widest=Fraction(5, 2),
    scaled_to=2048,
    source="Runware's page of uploads: scaled to 2048; the rest is Kling's, which stands behind it",
    checked=date(2026, 10, 12),
)
KLING = Limits(
    route="kling",
    label="Kling",
    formats=("image/jpeg", "image/png"),
    most_bytes=10 * MEGABYTE,
    least_side=300,
    narrowest=Fraction(2, 5),
    widest=Fraction(5, 2),
    scaled_to=None,
    source="Kling API, general information on image inputs",
    checked=date(2026, 9, 20),
)
ROUTES = (FAL, RUNWARE, KLING)


@dataclass(frozen=True, slots=True)
class File:
    """A photo as a file: its media type, bytes, and the pixels of the upright picture."""

    media_type: str
    bytes: int
    width: int
    height: int


def misfits(file: File, limits: Limits) -> tuple[str, ...]:
    """One sentence for each thing that this route does not take; empty when it fits."""
    found = (
        _format_misfit(file, limits),
        _weight_misfit(file, limits),
        _side_misfit(file, limits),
        _ratio_misfit(file, limits),
    )
    return tuple(sentence for sentence in found if sentence)


def repair(file: File, routes: Sequence[Limits] = ROUTES) -> Recipe | None:
    """What makes a copy that fits all these routes; None when the photo fits, or when only another helps."""
    if not any(misfits(file, limits) for limits in routes):
        return None
    size = _scaled(file, max(limits.least_side for limits in routes))
    if size[0] > MOST_ENLARGED * file.width:
        return None
    canvas = _padded(size, routes)
    # A PNG that only has another size stays one; whatever is too heavy becomes a JPEG.
    light = file.bytes <= REPAIRED_BYTES and size[0] <= file.width and canvas == size
    return Recipe(
        size=None if size == (file.width, file.height) else size,
        canvas=None if canvas == size else canvas,
        media_format="PNG" if file.media_type == "image/png" and light else "JPEG",
        most_bytes=REPAIRED_BYTES,
    )


def rows(file: File) -> tuple[Finding, ...]:
    """For the score card: what it fits, a line for routes that take the same, and a line for each other."""
    fit = [limits for limits in ROUTES if not misfits(file, limits)]
    fix = REPAIR if repair(file) else REPLACE
    kinds = dict.fromkeys(limits.formats for limits in fit)
    good = [_fits(file, [limits for limits in fit if limits.formats == kind]) for kind in kinds]
    faults = [
        Finding("fitness", WARN, " ".join(misfits(file, limits)), fix)
        for limits in ROUTES
        if limits not in fit
    ]
    return (*good, *faults)


def _fits(file: File, fit: Sequence[Limits]) -> Finding:
    names = ", ".join(limits.label for limits in fit)
    ratio = f"{file.width / file.height:.2f}".rstrip("0").rstrip(".")
    return Finding("fitness", OK, f"Fits {names} ({NAMES[file.media_type]}, {ratio}:1)")


def _format_misfit(file: File, limits: Limits) -> str | None:
    if file.media_type in limits.formats:
        return None
    *others, last = (NAMES[media_type] for media_type in limits.formats)
    return f"{limits.label} takes {', '.join(others)} or {last}, and this is {NAMES[file.media_type]}."


def _weight_misfit(file: File, limits: Limits) -> str | None:
    if file.bytes <= limits.most_bytes:
        return None
    most = limits.most_bytes // MEGABYTE
    weight = f"{file.bytes / MEGABYTE:.1f} MB"
    # Rounded, the smallest excess would look like none.
    weight = f"{file.bytes:,} bytes" if weight == f"{most}.0 MB" else weight
    return f"{limits.label} takes up to {most} MB, and this has {weight}."


def _side_misfit(file: File, limits: Limits) -> str | None:
    if min(file.width, file.height) >= limits.least_side:
        return None
    return (
        f"{limits.label} wants {limits.least_side} px a side, and this has {file.width:,} × {file.height:,}."
    )


def _ratio_misfit(file: File, limits: Limits) -> str | None:
    if limits.narrowest <= Fraction(file.width, file.height) <= limits.widest:
        return None
    low, high = float(limits.narrowest), float(limits.widest)
    ratio = f"{file.width / file.height:.2f}"
    ratio = f"{file.width:,} by {file.height:,} px" if ratio in {f"{low:.2f}", f"{high:.2f}"} else ratio
    return f"{limits.label} takes {low:.2f} to {high:.2f} times as wide as high, and this is {ratio}."


def _scaled(file: File, least: int) -> tuple[int, int]:
    """Large enough for every route, and no larger than anybody uses when the file is too heavy."""
    short, long = min(file.width, file.height), max(file.width, file.height)
    if short < least:
        share = Fraction(least, short)
    elif file.bytes > REPAIRED_BYTES and long > LONGEST_REPAIRED:
        share = max(Fraction(LONGEST_REPAIRED, long), Fraction(least, short))
    else:
        return file.width, file.height
    return max(least, round(file.width * share)), max(least, round(file.height * share))


def _padded(size: tuple[int, int], routes: Sequence[Limits]) -> tuple[int, int]:
    """The smallest canvas around `size` whose ratio every route takes."""
    width, height = size
    narrowest = max(limits.narrowest for limits in routes)
    widest = min(limits.widest for limits in routes)
    return max(width, -(-height * narrowest // 1)), max(height, -(-width // widest))
