"""What the three image endpoints take."""

import re
from dataclasses import dataclass

from sandbox import sizes
from sandbox.accounts import Account
from sandbox.answers import is_number, is_whole
from sandbox.jobs import Json
from sandbox.kling import inputs
from sandbox.kling.errors import Refused
from sandbox.kling.models import (
    DEFAULTS,
    FIELDS,
    INPUTS_MAX,
    MODELS,
    MULTI,
    N_MAX,
    OMNI,
    PROMPT_MAX,
    SERIES,
    SERIES_DEFAULT,
    SUBJECTS_MAX,
    Model,
)
from sandbox.options import Wish
from sandbox.world import World

MARKS = re.compile(r"<<<(image|element)_(\d+)>>>")


@dataclass(frozen=True, slots=True)
class Checked:
    """`units` are for one picture; `ignored` names fields and marks that mean nothing here."""

    model: Model
    wishes: list[Wish]
    units: int
    is_series: bool
    ignored: list[str]


async def check(world: World, account: Account, path: str, body: Json) -> Checked:
    """The pictures an order asks for, or `Refused`."""
    model = MODELS.get((path, str(body.get("model_name", DEFAULTS[path]))))
    if model is None:
        raise Refused(1201, "model_name is invalid")
    images = [await inputs.measured(world, value, field) for field, value in _images(model, body)]
    elements = inputs.elements(world, account, body)
    if elements and not model.elements:
        raise Refused(1201, "element_list is not supported by this model")
    if path != MULTI and len(images) + elements > INPUTS_MAX:
        raise Refused(1201, f"The number of images and elements cannot exceed {INPUTS_MAX} in total")
    _check_words(model, body, has_image=bool(images))
    _check_fidelity(model, body)
    _check_watermark(body)
    resolution = _one_of(body, "resolution", model.resolutions, "1k") if path != MULTI else "1k"
    width, height = _pixels(model, body, resolution, images)
    is_series, count = _count(model, body)
    prompt, seed = str(body.get("prompt", "")), world.options.seed
    wishes = [Wish(prompt, width, height, "png", place, seed) for place in range(count)]
    units = model.units(resolution, has_image=bool(images))
    ignored = sorted(set(body) - FIELDS[path]) + _dangling(prompt, len(images), elements)
    return Checked(model, wishes, units, is_series, ignored)


def _images(model: Model, body: Json) -> list[tuple[str, object]]:
    """Every picture with the field it stands in."""
    if model.path == MULTI:
        subjects = _list_of(body, "subject_image_list", "subject_image")
        if not 1 <= len(subjects) <= SUBJECTS_MAX:
            raise Refused(1201, f"subject_image_list is invalid: 1 to {SUBJECTS_MAX} images")
        others = [(name, body[name]) for name in ("scene_image", "style_image") if body.get(name)]
        return subjects + others
    if model.path == OMNI:
        return _list_of(body, "image_list", "image")
    return [("image", body["image"])] if body.get("image") else []


def _list_of(body: Json, name: str, key: str) -> list[tuple[str, object]]:
    value = body.get(name) or []
    if not isinstance(value, list) or not all(isinstance(entry, dict) and key in entry for entry in value):
        raise Refused(1201, f"{name} is invalid")
    return [(f"{name}.{key}", entry[key]) for entry in value]


def _check_words(model: Model, body: Json, *, has_image: bool) -> None:
    for name, required in (("prompt", model.path != MULTI), ("negative_prompt", False)):
        value = body.get(name, "")
        if not isinstance(value, str) or len(value) > PROMPT_MAX:
            raise Refused(1201, f"{name} is invalid: at most {PROMPT_MAX} characters")
        if required and not value.strip():
            raise Refused(1201, f"{name} is required")
    if model.negative_prompt and body.get("negative_prompt") and has_image:
        raise Refused(1201, "negative_prompt is not supported with image")


def _check_fidelity(model: Model, body: Json) -> None:
    """Settings of Image 2.1 alone."""
    names = [name for name in ("image_reference", "image_fidelity", "human_fidelity") if body.get(name)]
    if names and not model.image_reference:
        raise Refused(1201, f"{names[0]} is not supported by this model")
    if "image_reference" in names and not body.get("image"):
        raise Refused(1201, "image is required with image_reference")
    _one_of(body, "image_reference", ("", "subject", "face"), "")
    for name in ("image_fidelity", "human_fidelity"):
        value = body.get(name, 0)
        if not is_number(value) or not 0 <= float(str(value)) <= 1:
            raise Refused(1201, f"{name} is invalid")


def _check_watermark(body: Json) -> None:
    info = body.get("watermark_info", {})
    if not isinstance(info, dict) or not isinstance(info.get("enabled", False), bool):
        raise Refused(1201, "watermark_info is invalid")


def _one_of(body: Json, name: str, offered: tuple[str, ...], default: str) -> str:
    value = body.get(name, default)
    if value not in offered:
        raise Refused(1201, f"{name} value '{value}' is invalid")
    return str(value)


def _pixels(model: Model, body: Json, resolution: str, images: list[tuple[int, int]]) -> tuple[int, int]:
    ratio = _one_of(body, "aspect_ratio", model.ratios, model.ratio_default)
    if ratio == "auto":
        if not images:
            raise Refused(1201, "aspect_ratio 'auto' is not supported without an image")
        ratio = sizes.nearest(*images[0])
    return sizes.size(resolution.upper(), ratio)


def _count(model: Model, body: Json) -> tuple[bool, int]:
    """Whether it is a series, and how many pictures there will be."""
    kinds = ("single", "series") if model.series else ("single",)
    if model.path == OMNI and _one_of(body, "result_type", kinds, "single") == "series":
        amount = body.get("series_amount", SERIES_DEFAULT)
        if amount == "auto":
            return True, SERIES_DEFAULT
        if not is_whole(amount, *SERIES):
            raise Refused(1201, f"series_amount is invalid: {SERIES[0]} to {SERIES[1]} or auto")
        return True, int(str(amount))
    number = body.get("n", 1)
    if not is_whole(number, 1, N_MAX):
        raise Refused(1201, f"n is invalid: 1 to {N_MAX}")
    return False, int(str(number))


def _dangling(prompt: str, images: int, elements: int) -> list[str]:
    most = {"image": images, "element": elements}
    return [found[0] for found in MARKS.finditer(prompt) if not 1 <= int(found[2]) <= most[found[1]]]
