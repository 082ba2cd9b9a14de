"""Which route and model a pasted request is for, by its address or by its fields."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import log
from urllib.parse import urlsplit

from providers import catalogue
from providers.curl import CannotRead

# What every request of ours says in our own words.
OURS = frozenset(
    {
        "taskType",
        "taskUUID",
        "model",
        "model_name",
        "outputType",
        "outputQuality",
        "deliveryMethod",
        "includeCost",
        "ttl",
        "safety",
        "sync_mode",
        "external_task_id",
    }
)
_RUNWARE = frozenset({"taskType", "taskUUID", "positivePrompt", "numberResults", "referenceImages"})
_KLING = frozenset(
    {"model_name", "n", "image", "image_list", "element_list", "subject_image_list", "external_task_id"}
)
_FAL = frozenset(
    {
        "image_url",
        "image_urls",
        "elements",
        "num_images",
        "output_format",
        "sync_mode",
        "result_type",
        "series_amount",
    }
)
_VIDEO = frozenset({"duration", "start_image_url", "generate_audio", "multi_prompt", "frameImages"})
_REMOTES = {
    **{row.remote: row.model for row in catalogue.endpoints() if row.remote},
    "kling-image-o1": "o1",
    "kling-v2": "v2-1",
    "klingai:kling-image@o1": "o1",
}
_KLING_DEFAULTS = {
    "/v1/images/generations": "kling-v3",
    "/v1/images/omni-image": "kling-image-o1",
    "/v1/images/multi-image2image": "kling-v2-1",
}


@dataclass(frozen=True, slots=True)
class Target:
    """Route and model by their keys, empty where nothing tells; `strange` is a name of no model here."""

    route: str
    model: str
    strange: str = ""


def recognise(url: str, body: Mapping[str, object]) -> Target:
    """What the request is for; `CannotRead` for a video or another kind of task."""
    host, path = _parts(url)
    _refuse_other_tasks(path, body)
    if host.endswith("fal.run") or "fal-ai/" in path:
        return _target("fal", path[max(path.find("fal-ai/"), 0) :].strip("/"))
    if not _RUNWARE.isdisjoint(body):
        return _target("runware", body.get("model"))
    default = next((model for tail, model in _KLING_DEFAULTS.items() if path.endswith(tail)), "")
    if default or not _KLING.isdisjoint(body):
        return _target("kling", body.get("model_name") or default)
    return Target("fal", _guess(body)) if not _FAL.isdisjoint(body) else Target("", _guess(body))


def _refuse_other_tasks(path: str, body: Mapping[str, object]) -> None:
    task = body.get("taskType", "imageInference")
    if "kling-video" in path or "/videos/" in path or task == "videoInference" or not _VIDEO.isdisjoint(body):
        raise CannotRead("This request is for a video. Only requests for pictures can be pasted.")
    if task != "imageInference":
        raise CannotRead("This Runware request is of another kind. Only imageInference can be pasted.")


def _target(route: str, name: object) -> Target:
    if not isinstance(name, str) or not name:
        return Target(route, "")
    model = _REMOTES.get(name, "")
    return Target(route, model, "" if model else name)


def nearest_size(width: int, height: int) -> tuple[str, str, bool]:
    """Resolution and ratio nearest to positive pixels, and whether they are met exactly."""
    row = catalogue.endpoint("runware-o3-text")
    ratio = catalogue.nearest_ratio(row, width, height)
    by_area = {step: abs(log(_area(row.sizes[step, ratio]) / (width * height))) for step in row.resolutions}
    resolution = min(by_area, key=lambda step: by_area[step])
    return resolution, ratio, row.sizes[resolution, ratio] == (width, height)


def _area(pixels: tuple[int, int]) -> int:
    return pixels[0] * pixels[1]


def _parts(url: str) -> tuple[str, str]:
    try:
        parts = urlsplit(url if "://" in url else f"https://{url}")
        return parts.hostname or "", parts.path.rstrip("/")
    except ValueError:
        return "", ""


def _guess(body: Mapping[str, object]) -> str:
    """The model that alone has a field of this body."""
    if not {"image_urls", "result_type", "series_amount"}.isdisjoint(body) or body.get("resolution") == "4K":
        return "o3"
    return "v3" if not {"image_url", "negative_prompt"}.isdisjoint(body) else ""
