"""The model's own validation, which runs when the app is called and not when the queue takes the order."""

from dataclasses import dataclass

from sandbox import sizes
from sandbox.fal.inputs import Detail, detail, looked_at
from sandbox.fal.models import (
    FORMATS,
    NUM_IMAGES_MAX,
    PROMPT_MAX,
    REFERENCES_OF_ELEMENT,
    SERIES,
    Model,
)
from sandbox.jobs import Json
from sandbox.options import Wish
from sandbox.world import World


@dataclass(frozen=True, slots=True)
class Checked:
    """What the order comes to: nothing is made while there are `details`."""

    details: list[Detail]
    wishes: list[Wish]
    resolution: str
    ignored: list[str]


async def check(world: World, model: Model, body: Json) -> Checked:
    """Every finding about a body, and the pictures it asks for where there is none."""
    found = _prompt(body, "prompt", required=True)
    if model.negative_prompt:
        found += _prompt(body, "negative_prompt", required=False)
    resolution = _choice(found, body, "resolution", model.resolutions, "1K")
    ratio = _choice(found, body, "aspect_ratio", model.ratios, model.ratio_default)
    media_format = _choice(found, body, "output_format", FORMATS, "png")
    if not isinstance(body.get("sync_mode", False), bool):
        found.append(detail(["sync_mode"], "bool_type", "Input should be a valid boolean"))
    count = _count(found, model, body)
    more, first = await _pictures(world, model, body)
    found += more
    ignored = sorted(set(body) - model.fields()) + _ignored_in_elements(body)
    ignored += ["sync_mode"] if body.get("sync_mode") is True else []  # answered with addresses all the same
    if found:
        return Checked(found, [], resolution, ignored)
    width, height = sizes.size(resolution, sizes.nearest(*first) if ratio == "auto" and first else ratio)
    prompt = str(body["prompt"])
    wishes = [Wish(prompt, width, height, media_format, place, world.options.seed) for place in range(count)]
    return Checked([], wishes, resolution, ignored)


def _prompt(body: Json, name: str, *, required: bool) -> list[Detail]:
    value = body.get(name)
    if value is None:
        return [detail([name], "missing", "Field required")] if required else []
    if not isinstance(value, str):
        return [detail([name], "string_type", "Input should be a valid string")]
    if len(value) > PROMPT_MAX:
        message = f"String should have at most {PROMPT_MAX} characters"
        return [detail([name], "string_too_long", message, max_length=PROMPT_MAX)]
    return []


def _choice(found: list[Detail], body: Json, name: str, offered: tuple[str, ...], default: str) -> str:
    value = body.get(name, default)
    if value in offered:
        return str(value)
    names = ", ".join(f"'{word}'" for word in offered)
    found.append(detail([name], "one_of", f"Input should be {names}", expected=list(offered)))
    return default


def _count(found: list[Detail], model: Model, body: Json) -> int:
    """Panels of a series, else pictures; the one that does not count is not looked at."""
    kind = _choice(found, body, "result_type", ("single", "series"), "single") if model.series else "single"
    if kind == "series":
        amount = body.get("series_amount")
        if amount is None:
            found.append(detail(["series_amount"], "missing", "Field required"))
            return 0
        return _whole(found, "series_amount", amount, *SERIES)
    return _whole(found, "num_images", body.get("num_images", 1), 1, NUM_IMAGES_MAX)


def _whole(found: list[Detail], name: str, value: object, least: int, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        found.append(detail([name], "int_type", "Input should be a valid integer"))
        return 0
    if value < least:
        message = f"Input should be greater than or equal to {least}"
        found.append(detail([name], "greater_than_equal", message, ge=least))
    if value > most:
        found.append(
            detail([name], "less_than_equal", f"Input should be less than or equal to {most}", le=most)
        )
    return value


async def _pictures(world: World, model: Model, body: Json) -> tuple[list[Detail], tuple[int, int] | None]:
    """Findings about sources and elements, and the size of the first source."""
    found: list[Detail] = []
    places = _sources(found, model, body)
    elements = _elements(found, body)
    if model.inputs_max and len(places) + len(body.get("elements") or ()) > model.inputs_max:  # type: ignore[arg-type]
        message = f"At most {model.inputs_max} images and elements together."
        found.append(detail(["elements"], "sequence_too_long", message, max_length=model.inputs_max))
    first: tuple[int, int] | None = None
    for number, (where, url) in enumerate([*places, *elements]):
        more, size = await looked_at(world, where, url)
        found += more
        first = size if number == 0 and places else first
    return found, first


def _sources(found: list[Detail], model: Model, body: Json) -> list[tuple[list[object], object]]:
    if not model.images:
        return []
    value = body.get(model.images)
    if value is None:
        found.append(detail([model.images], "missing", "Field required"))
        return []
    if model.images_max == 1:
        return [([model.images], value)]
    if not isinstance(value, list):
        found.append(detail([model.images], "list_type", "Input should be a valid list"))
        return []
    if not value:
        found.append(detail([model.images], "sequence_too_short", "At least 1 image.", min_length=1))
    if len(value) > model.images_max:
        message = f"At most {model.images_max} images."
        found.append(detail([model.images], "sequence_too_long", message, max_length=model.images_max))
    return [([model.images, place], url) for place, url in enumerate(value)]


def _elements(found: list[Detail], body: Json) -> list[tuple[list[object], object]]:
    value = body.get("elements")
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
        found.append(detail(["elements"], "list_type", "Input should be a valid list"))
        return []
    places: list[tuple[list[object], object]] = []
    for number, entry in enumerate(value):
        if entry.get("frontal_image_url") is not None:
            places.append((["elements", number, "frontal_image_url"], entry["frontal_image_url"]))
        others = entry.get("reference_image_urls") or []
        where: list[object] = ["elements", number, "reference_image_urls"]
        if not isinstance(others, list) or len(others) > REFERENCES_OF_ELEMENT:
            most = REFERENCES_OF_ELEMENT
            found.append(detail(where, "sequence_too_long", f"At most {most} images.", max_length=most))
            continue
        places += [([*where, place], url) for place, url in enumerate(others)]
    return places


def _ignored_in_elements(body: Json) -> list[str]:
    value = body.get("elements")
    entries = [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
    known = {"frontal_image_url", "reference_image_urls"}
    return sorted({f"elements.{name}" for entry in entries for name in entry if name not in known})
