"""What an imageInference may say."""

import re
from dataclasses import dataclass
from uuid import UUID

from sandbox import sizes
from sandbox.answers import is_whole
from sandbox.jobs import Json
from sandbox.options import Wish
from sandbox.runware import media
from sandbox.runware.errors import Refused
from sandbox.runware.models import (
    DELIVERIES,
    FIELDS,
    MODELS,
    OUTPUT_FORMATS,
    OUTPUT_TYPES,
    PROMPT_MAX,
    QUALITY,
    RESULTS_MAX,
    SAFETY_MODES,
    TTL_MIN,
    Model,
)
from sandbox.world import World

HTTP = re.compile(r"https?://[^/\s]+")


@dataclass(frozen=True, slots=True)
class Checked:
    model: Model
    wishes: list[Wish]
    resolution: str


def task_uuid(task: Json) -> str:
    """The client's own id, a UUID of version 4."""
    value = task.get("taskUUID")
    if value is None:
        raise Refused("missingTaskUUID", "The 'taskUUID' parameter is required.", "taskUUID")
    try:
        found = UUID(value) if isinstance(value, str) else None
    except ValueError:
        found = None
    if found is None or found.version != 4:
        raise Refused("invalidTaskUUID", "The 'taskUUID' parameter is a UUID v4.", "taskUUID")
    return str(value)


async def check(world: World, task: Json) -> Checked:
    """The pictures a task asks for, or `Refused` for the first thing that is wrong."""
    strange = sorted(set(task) - FIELDS)
    if strange:
        name = strange[0]
        raise Refused("unsupportedParameter", f"Unsupported use of '{name}' parameter.", name)
    model = MODELS.get(str(task.get("model")))
    if model is None:
        raise Refused("invalidModel", "Invalid value for 'model' parameter.", "model")
    prompt = task.get("positivePrompt")
    if not isinstance(prompt, str) or not 1 <= len(prompt) <= PROMPT_MAX:
        raise _wrong("positivePrompt", f"a text of 1 to {PROMPT_MAX} characters")
    _check_options(task)
    references = await _references(world, task)
    width, height, resolution = _size(task, model, references)
    media_format = OUTPUT_FORMATS[str(task.get("outputFormat", "JPG"))]
    count = task.get("numberResults", 1)
    assert isinstance(count, int)
    seed = world.options.seed
    wishes = [Wish(prompt, width, height, media_format, place, seed + place) for place in range(count)]
    return Checked(model, wishes, resolution)


def _check_options(task: Json) -> None:
    _whole(task, "numberResults", 1, RESULTS_MAX)
    _whole(task, "outputQuality", *QUALITY)
    _whole(task, "ttl", TTL_MIN, 10**9)
    _one_of(task, "outputType", OUTPUT_TYPES)
    _one_of(task, "outputFormat", tuple(OUTPUT_FORMATS))
    _one_of(task, "deliveryMethod", DELIVERIES)
    if not isinstance(task.get("includeCost", False), bool):
        raise _wrong("includeCost", "true or false")
    hook = task.get("webhookURL", "http://-")
    if not isinstance(hook, str) or not HTTP.match(hook):
        raise _wrong("webhookURL", "an address")
    safety = task.get("safety", {})
    if not isinstance(safety, dict) or set(safety) - {"checkContent", "mode"}:
        raise _wrong("safety", "an object of checkContent and mode")
    if not isinstance(safety.get("checkContent", False), bool):
        raise _wrong("safety.checkContent", "true or false")
    if safety.get("mode", "none") not in SAFETY_MODES:
        raise _wrong("safety.mode", " or ".join(SAFETY_MODES))


async def _references(world: World, task: Json) -> list[tuple[int, int]]:
    inputs = task.get("inputs", {})
    if not isinstance(inputs, dict) or set(inputs) - {"referenceImages"}:
        raise _wrong("inputs", "an object of referenceImages")
    images = inputs.get("referenceImages", [])
    if not isinstance(images, list):
        raise _wrong("inputs.referenceImages", "a list")
    return [await media.measured(world, image, "inputs.referenceImages") for image in images]


def _size(task: Json, model: Model, references: list[tuple[int, int]]) -> tuple[int, int, str]:
    """Either one of the listed pairs, or a resolution that follows the first reference."""
    width, height, resolution = (task.get(name) for name in ("width", "height", "resolution"))
    if resolution is not None:
        if width is not None or height is not None:
            raise Refused(
                "conflictResolution", "Use either 'resolution' or 'width' and 'height'.", "resolution"
            )
        if not model.follows:
            raise Refused("unsupportedParameter", "Unsupported use of 'resolution' parameter.", "resolution")
        if resolution not in model.resolutions:
            raise _wrong("resolution", " or ".join(model.resolutions))
        if not references:
            raise Refused("missingReferenceImages", "'resolution' needs 'inputs.referenceImages'.", "inputs")
    if width is None and height is None and references and model.follows:
        name = str(resolution or model.resolutions[0])
        return *sizes.size(name, sizes.nearest(*references[0])), name
    if not isinstance(width, int) or not isinstance(height, int):
        raise Refused("missingWidthHeight", "'width' and 'height' are required.", "width")
    name = model.sizes().get((width, height), "")
    if not name:
        raise Refused("invalidWidthHeight", f"{width}x{height} is not one of this model's sizes.", "width")
    return width, height, name


def _whole(task: Json, name: str, least: int, most: int) -> None:
    if not is_whole(task.get(name, least), least, most):
        raise _wrong(name, f"a whole number from {least} to {most}")


def _one_of(task: Json, name: str, offered: tuple[str, ...]) -> None:
    if task.get(name, offered[0]) not in offered:
        raise _wrong(name, ", ".join(offered))


def _wrong(name: str, expected: str) -> Refused:
    code = "invalid" + name[0].upper() + name[1:]
    return Refused(code, f"Invalid value for '{name}' parameter: {expected} is expected.", name)
