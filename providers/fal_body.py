"""fal.ai: the body of an order.

Fields follow fal's OpenAPI as published in its JavaScript client, 2026-08-02.
"""

from providers.base import Order
from providers.catalogue import Endpoint
from providers.known import Known, marked, photos, settled_format, settled_ratio


def prompt(order: Order, endpoint: Endpoint) -> str:
    """The prompt with fal's marks; a source image that stands alone has none, so words name it."""
    marks = {element.name: f"@Element{place}" for place, element in enumerate(order.elements, 1)}
    for place, reference in enumerate(order.references, 1):
        marks[reference.name] = "the source image" if _takes_one(endpoint) else f"@Image{place}"
    return marked(order.prompt, marks)


def translate(order: Order, endpoint: Endpoint, known: Known, attempt: str) -> dict[str, object]:
    """The body as it is posted. fal knows no id of ours, so `attempt` is not sent.

    `known.files` holds addresses of all references and of the photos that `photos` names.
    """
    body: dict[str, object] = {"prompt": prompt(order, endpoint)}
    if endpoint.negative_prompt and order.negative_prompt:
        body["negative_prompt"] = order.negative_prompt
    images = [known.files[reference.path] for reference in order.references]
    if images:
        body |= {"image_url": images[0]} if _takes_one(endpoint) else {"image_urls": images}
    if order.elements:
        body["elements"] = [
            _element([known.files[path] for path in photos(element, endpoint)]) for element in order.elements
        ]
    return body | {
        "resolution": order.resolution,
        "aspect_ratio": settled_ratio(order, endpoint),
        **_amount(order, endpoint),
        "output_format": settled_format(order, endpoint),
        "sync_mode": False,  # true would keep the pictures out of fal's history
    }


def _takes_one(endpoint: Endpoint) -> bool:
    return endpoint.references_max == 1


def _element(addresses: list[str]) -> dict[str, object]:
    front, *angles = addresses
    return {"frontal_image_url": front} | ({"reference_image_urls": angles} if angles else {})


def _amount(order: Order, endpoint: Endpoint) -> dict[str, object]:
    """How many: `num_images` is ignored beside a series, and the length of a series has no default."""
    if order.series:
        return {"result_type": "series", "series_amount": order.count}
    single = {"result_type": "single"} if endpoint.series_max else {}
    return {**single, "num_images": order.count}
