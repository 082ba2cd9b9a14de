"""Questions to the catalogue: which endpoint, which size, which price."""

from decimal import Decimal
from fractions import Fraction

from providers.catalogue import draft, fal, kling, runware
from providers.catalogue.rows import Endpoint, Model, Route

_ROUTES = (
    Route("draft", "Draft", paid=False, needs_key=False, note="free, on this machine"),
    Route("fal", "fal.ai", paid=True, needs_key=True, note="pay per picture, with your fal.ai key"),
    Route("runware", "Runware", paid=True, needs_key=True, note="pay per picture, with your Runware key"),
    Route("kling", "Kling", paid=True, needs_key=True, note="pay per picture, with your Kling key"),
)

_MODELS = (
    Model("v3", "Kling V3", "Single pictures up to 2K, from words or from one reference."),
    Model("o3", "Kling O3", "Pictures up to 4K, up to ten references, and series that keep their look."),
    Model("o1", "Kling O1", "Edits and combines one to ten references, up to 2K."),
    Model("v2-1", "Kling 2.1", "Puts up to four subjects into one scene in one style, at 1K."),
)

_ENDPOINTS = {
    row.key: row for row in (*draft.ENDPOINTS, *fal.ENDPOINTS, *runware.ENDPOINTS, *kling.ENDPOINTS)
}


class UnknownEndpoint(LookupError):  # noqa: N818 - reads as the fact it reports
    """No row of the catalogue has this key."""


class NotOffered(LookupError):  # noqa: N818
    """The endpoint has no such resolution, or no pixels of its own for such a ratio."""


def routes() -> tuple[Route, ...]:
    return _ROUTES


def models() -> tuple[Model, ...]:
    return _MODELS


def endpoint(key: str) -> Endpoint:
    """The row with this key, or `UnknownEndpoint`."""
    row = _ENDPOINTS.get(key)
    if row is None:
        raise UnknownEndpoint(f"The catalogue has no endpoint {key!r}.")
    return row


def endpoints(route: str | None = None, model: str | None = None) -> tuple[Endpoint, ...]:
    """All rows, or those of one route, one model, or both; empty where nothing matches."""
    return tuple(
        row for row in _ENDPOINTS.values() if route in (None, row.route) and model in (None, row.model)
    )


def find(route: str, model: str, references: int, series: bool) -> Endpoint | None:
    """The endpoint that takes this many references, as a series or not; `why_not` tells why there is none."""
    rows = endpoints(route, model)
    return next((row for row in rows if _takes(row, references) and (_has_series(row) or not series)), None)


def why_not(route: str, model: str, references: int, series: bool) -> str | None:
    """One sentence for people when `find` has no answer, otherwise None."""
    if find(route, model, references, series):
        return None
    rows = endpoints(route, model)
    where = f"{_label(models(), model)} on {_label(routes(), route)}"
    if not rows:
        return f"{_label(models(), model)} is not offered on {_label(routes(), route)}."
    if any(_takes(row, references) for row in rows):
        return f"{where} does not make series."
    least = min(row.references_min for row in rows)
    if references < least:
        return f"{where} needs at least {_references(least)}."
    return f"{where} takes at most {_references(max(row.references_max for row in rows))}, not {references}."


def size(row: Endpoint, resolution: str, ratio: str) -> tuple[int, int]:
    """Width and height in pixels, or `NotOffered`; "auto" is settled by `nearest_ratio` first."""
    pixels = row.sizes.get((resolution, ratio))
    if pixels is None:
        raise NotOffered(f"{row.key} makes no pictures of {resolution} in {ratio}.")
    return pixels


def nearest_ratio(row: Endpoint, width: int, height: int) -> str:
    """The ratio closest to `width` by `height`, both positive pixels, by factor; never "auto"."""

    def stretch(ratio: str) -> Fraction:
        factor = Fraction(width, height) / Fraction(ratio.replace(":", "/"))
        return max(factor, 1 / factor)

    return min((ratio for ratio in row.ratios if ratio != "auto"), key=stretch)


def estimate(row: Endpoint, resolution: str, pictures: int) -> Decimal:
    """USD for this many pictures or panels, or `NotOffered` for a resolution the endpoint lacks."""
    price = row.prices.get(resolution)
    if price is None:
        raise NotOffered(f"{row.key} makes no pictures of {resolution}.")
    return price * pictures


def _takes(row: Endpoint, references: int) -> bool:
    return row.references_min <= references <= row.references_max


def _has_series(row: Endpoint) -> bool:
    return row.series_max > 0


def _label(rows: tuple[Route, ...] | tuple[Model, ...], key: str) -> str:
    return next((row.label for row in rows if row.key == key), key)


def _references(number: int) -> str:
    return "1 reference" if number == 1 else f"{number} references"
