"""Questions to the catalogue: which endpoint, which size, which price."""

from collections.abc import Sequence
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


def find(
    route: str, model: str, references: int, series: bool, elements: int = 0, roles: Sequence[str] = ()
) -> Endpoint | None:
    """The endpoint that takes this order; `why_not` tells why there is none.

    `roles` are those of the references, one each; without them, places that want a role are only counted.
    """
    fitting = (row for row in endpoints(route, model) if _takes(row, references))
    return next((row for row in fitting if not _obstacle(row, references, series, elements, roles)), None)


def why_not(
    route: str, model: str, references: int, series: bool, elements: int = 0, roles: Sequence[str] = ()
) -> str | None:
    """One sentence for people about the first obstacle when `find` has no answer, otherwise None."""
    rows = endpoints(route, model)
    where = f"{_label(models(), model)} on {_label(routes(), route)}"
    if not rows:
        return f"{_label(models(), model)} is not offered on {_label(routes(), route)}."
    row = next((row for row in rows if _takes(row, references)), None)
    obstacle = _obstacle(row, references, series, elements, roles) if row else _wrong_number(rows, references)
    return f"{where} {obstacle}" if obstacle else None


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


def _wrong_number(rows: Sequence[Endpoint], references: int) -> str:
    least, most = min(row.references_min for row in rows), max(row.references_max for row in rows)
    if references < least:
        return f"needs at least {_counted(least, 'reference')}."
    return f"takes at most {_counted(most, 'reference')}, not {references}."


def _obstacle(
    row: Endpoint, references: int, series: bool, elements: int, roles: Sequence[str]
) -> str | None:
    """What keeps an order with a fitting number of references from this endpoint, after "V3 on fal.ai"."""
    if series and not row.series_max:
        return "does not make series."
    if elements and not row.elements_max:
        return "has no elements. Send them as ordered references instead."
    if elements > row.elements_max:
        return f"takes at most {_counted(row.elements_max, 'element')}, not {elements}."
    if row.inputs_max is not None and references + elements > row.inputs_max:
        both = references + elements
        return f"takes at most {row.inputs_max} references and elements together, not {both}."
    return _misplaced(row, roles) if row.slots and roles else None


def _misplaced(row: Endpoint, roles: Sequence[str]) -> str | None:
    known = [slot.role for slot in row.slots]
    strange = next((role for role in roles if role not in known), None)
    if strange:
        return f"has no place for a {strange} reference: choose {', '.join(known[:-1])} or {known[-1]}."
    for slot in row.slots:
        given = sum(role == slot.role for role in roles)
        if given < slot.least:
            return f"needs at least {_counted(slot.least, f'{slot.role} reference')}."
        if given > slot.most:
            return f"takes at most {_counted(slot.most, f'{slot.role} reference')}, not {given}."
    return None


def _label(rows: tuple[Route, ...] | tuple[Model, ...], key: str) -> str:
    return next((row.label for row in rows if row.key == key), key)


def _counted(number: int, thing: str) -> str:
    return f"1 {thing}" if number == 1 else f"{number} {thing}s"
