"""Runware: the body of an order, an array of one task.

Fields follow Runware's schemas of 2026-10-12. It has ordered references and no elements: the fronts of
elements follow the chosen references, and words say which image is meant.
"""

from providers.base import Order
from providers.catalogue import Endpoint
from providers.known import Known, as_references, marked, settled_format

FORMATS = {"png": "PNG", "jpeg": "JPG", "webp": "WEBP"}
QUALITY = 95  # of 20 to 99
KEPT_SECONDS = 7 * 86400  # how long results stay at Runware


def prompt(order: Order, endpoint: Endpoint) -> str:
    """The prompt with places in the list of references as words."""
    marks = {reference.name: f"image {place}" for place, reference in enumerate(order.references, 1)}
    for place, element in enumerate(order.elements, len(order.references) + 1):
        marks[element.name] = f"the {element.kind} in image {place}"
    return marked(order.prompt, marks)


def translate(order: Order, endpoint: Endpoint, known: Known, attempt: str) -> list[dict[str, object]]:
    """The body as it is posted; `attempt` is a UUID of version 4 and comes back with every answer.

    `known.files` holds addresses, data URIs or Runware's UUIDs of all references and of elements' fronts.
    """
    images = [known.files[reference.path] for reference in as_references(order).references]
    inputs = {"inputs": {"referenceImages": images}} if images else {}
    task: dict[str, object] = {
        "taskType": "imageInference",
        "taskUUID": attempt,
        "model": endpoint.remote,
        "positivePrompt": prompt(order, endpoint),
        **inputs,
        **_size(order, endpoint),
        "numberResults": order.count,
        "outputType": "URL",
        "outputFormat": FORMATS[settled_format(order, endpoint)],
        "outputQuality": QUALITY,
        "deliveryMethod": "async",
        "includeCost": True,
        "ttl": KEPT_SECONDS,
        "safety": {"checkContent": True, "mode": "fast"},
    }
    return [task]


def _size(order: Order, endpoint: Endpoint) -> dict[str, object]:
    """Either a resolution, which follows the first reference, or pixels; never both."""
    if order.ratio == "auto" and "auto" in endpoint.ratios:
        return {"resolution": order.resolution}
    return {"width": order.width, "height": order.height}
