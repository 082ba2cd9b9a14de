"""What can be chosen for a draft of a generation, with a reason beside what cannot."""

from dataclasses import dataclass
from fractions import Fraction

from generations import plan, words
from generations.forms import STILLS_MOST, ComposerForm
from providers import catalogue
from routes import accounts

COUNTS = (1, 2, 4, 9)
PANELS = (2, 3, 4, 6, 9)


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str
    chosen: bool
    off: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """Choices of the endpoint that fits, or of the nearest. `size` is exact pixels, `price` USD or free."""

    row: catalogue.Endpoint
    modes: tuple[Option, ...]
    models: tuple[Option, ...]
    routes: tuple[Option, ...]
    ratios: tuple[Option, ...]
    resolutions: tuple[Option, ...]
    counts: tuple[Option, ...]
    formats: tuple[Option, ...]
    count: str
    count_least: int
    count_most: int
    references: str
    references_most: int
    prompt_limit: int
    negative_prompt: bool
    seed: bool
    endpoint: str
    model_why: str
    route_why: str
    size: str
    price: str


def offer(form: ComposerForm) -> Offer:
    row = form.endpoint or _nearest(form)
    least, most = (row.series_min, row.series_max) if form.is_series else (1, STILLS_MOST)
    size, price = _comes_to(form)
    given = len(form.guides)
    return Offer(
        row=row,
        modes=_modes(form),
        models=_models(form, row),
        routes=_routes(form, row),
        ratios=_options(_from_wide_to_tall(row.ratios), form.typed("aspect_ratio"), {"auto": "Auto"}),
        resolutions=_options(row.resolutions, form.typed("resolution")),
        counts=_counts(form, least, most),
        formats=_options(row.formats, form.typed("format"), {"png": "PNG", "jpeg": "JPEG", "webp": "WebP"}),
        count=form.typed("count"),
        count_least=least,
        count_most=most,
        references=f"{given} of {_most(row)}",
        references_most=_most(row),
        prompt_limit=row.prompt_limit,
        negative_prompt=row.negative_prompt,
        seed=row.route == "draft",
        endpoint=row.key,
        model_why=_model_why(form, row, given),
        route_why=_route(row).note,
        size=size,
        price=price,
    )


def _nearest(form: ComposerForm) -> catalogue.Endpoint:
    """A row to show choices of when none fits: of the same model and route, of the model, or the default."""
    route, model = form.typed("route"), form.typed("model")
    rows = (
        catalogue.endpoints(route, model)
        or catalogue.endpoints("draft", model)
        or catalogue.endpoints("draft", "o3")
    )
    series = [row for row in rows if row.series_max] if form.is_series else []
    return max(
        series or rows,
        key=lambda row: row.references_max if form.listed("reference") else -row.references_max,
    )


def _comes_to(form: ComposerForm) -> tuple[str, str]:
    """Exact pixels and price; empty while a field that decides them is wrong."""
    decisive = ("resolution", "aspect_ratio", "count", "model", "reference", "mode")
    if form.endpoint is None or any(name in form.errors for name in decisive):
        return "", ""
    quote = plan.quote(form.intent())
    return f"{quote.width} × {quote.height} px", words.price(quote.usd)


def for_series(form: ComposerForm) -> Option | None:
    """The model that would make the series which the chosen one does not, on the same route."""
    if not form.is_series or "mode" not in form.errors:
        return None
    rows = (row for row in catalogue.endpoints(form.typed("route")) if row.series_max)
    key = next((row.model for row in rows), None)
    return Option(key, f"Use {words.model(key)}", chosen=False) if key else None


def _modes(form: ComposerForm) -> tuple[Option, ...]:
    """Both, always: a model without series says so when it is asked for one."""
    return (Option("still", "Still", not form.is_series), Option("series", "Series", form.is_series))


def _models(form: ComposerForm, row: catalogue.Endpoint) -> tuple[Option, ...]:
    chosen = form.typed("model")
    return tuple(
        Option(
            model.key,
            model.label
            if (offered := catalogue.endpoints(row.route, model.key))
            else f"{model.label}, not on {_route(row).label}",
            model.key == chosen,
            off=not offered and model.key != chosen,
        )
        for model in catalogue.models()
    )


def _routes(form: ComposerForm, row: catalogue.Endpoint) -> tuple[Option, ...]:
    """Every route; what has no key here can be looked at in the settings, and not be chosen."""
    keys = accounts.usable(form.project)
    return tuple(
        Option(
            route.key,
            route.label if is_open else f"{route.label}, needs a key",
            route.key == row.route,
            off=not is_open and route.key != row.route,
        )
        for route in catalogue.routes()
        for is_open in (not route.needs_key or route.key in keys,)
    )


def _counts(form: ComposerForm, least: int, most: int) -> tuple[Option, ...]:
    usual = PANELS if form.is_series else COUNTS
    return _options(tuple(str(number) for number in usual if least <= number <= most), form.typed("count"))


def _options(
    values: tuple[str, ...], chosen: str, labels: dict[str, str] | None = None
) -> tuple[Option, ...]:
    return tuple(Option(value, (labels or {}).get(value, value), value == chosen) for value in values)


def _from_wide_to_tall(ratios: tuple[str, ...]) -> tuple[str, ...]:
    """The frame of film first, then by shape, and last the one that follows a reference."""

    def place(ratio: str) -> tuple[bool, bool, Fraction]:
        shape = Fraction(0) if ratio == "auto" else Fraction(ratio.replace(":", "/"))
        return ratio == "auto", ratio != "16:9", -shape

    return tuple(sorted(ratios, key=place))


def _most(row: catalogue.Endpoint) -> int:
    """References are chosen before the endpoint is: what counts is the model on its route."""
    return max(other.references_max for other in catalogue.endpoints(row.route, row.model))


def _model_why(form: ComposerForm, row: catalogue.Endpoint, given: int) -> str:
    if form.endpoint is None:
        return "does not fit yet"
    if form.is_series:
        return "keeps its look over a series"
    if not given:
        return "from words"
    return f"{given} reference → {row.mode}" if given == 1 else f"{given} references → {row.mode}"


def _route(row: catalogue.Endpoint) -> catalogue.Route:
    return next(route for route in catalogue.routes() if route.key == row.route)
