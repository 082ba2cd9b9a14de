"""Kling's own API: the body of an order, and of an element that is created before one.

Fields follow Kling's image pages of September 2026. Pictures go as raw base64 or as public addresses.
"""

from providers.base import ElementFile, Order
from providers.catalogue import Endpoint
from providers.known import Known, as_references, marked, photos, settled_ratio

ELEMENT_PATH = "/v1/general/advanced-custom-elements"
NAME_LIMIT = 20
DESCRIPTION_LIMIT = 100
TAGS = {
    "character": "o_102",
    "object": "o_104",
    "product": "o_104",
    "costume": "o_105",
    "place": "o_106",
    "style": "o_108",
}


def prompt(order: Order, endpoint: Endpoint) -> str:
    """The prompt with Kling's marks; pictures that do not stand in a list have none, so words name them."""
    if endpoint.slots:
        return marked(order.prompt, _slot_marks(as_references(order)))
    marks = {element.name: f"<<<element_{place}>>>" for place, element in enumerate(order.elements, 1)}
    for place, reference in enumerate(order.references, 1):
        marks[reference.name] = "the source image" if _takes_one(endpoint) else f"<<<image_{place}>>>"
    return marked(order.prompt, marks)


def translate(order: Order, endpoint: Endpoint, known: Known, attempt: str) -> dict[str, object]:
    """The body as it is posted; Kling refuses a second order with the same `attempt`.

    `known.files` holds the references, `known.elements` Kling's numbers of the elements. Where there are
    places instead of elements, `known.files` holds their fronts.
    """
    body: dict[str, object] = {"model_name": endpoint.remote}
    words = prompt(order, endpoint)
    if words or endpoint.prompt_required:
        body["prompt"] = words
    if endpoint.negative_prompt and order.negative_prompt:
        body["negative_prompt"] = order.negative_prompt
    body |= _slots(as_references(order), known) if endpoint.slots else _inputs(order, endpoint, known)
    if len(endpoint.resolutions) > 1:
        body["resolution"] = order.resolution.lower()
    if order.watermark and endpoint.watermark:
        body["watermark_info"] = {"enabled": True}
    return body | {
        **_amount(order, endpoint),
        "aspect_ratio": settled_ratio(order, endpoint),
        "external_task_id": attempt,
    }


def element_body(element: ElementFile, endpoint: Endpoint, known: Known, attempt: str) -> dict[str, object]:
    """The body that creates `element` for orders to `endpoint`; `known.files` holds its photos.

    Kling wants at least one photo beside the front and accepts the front itself as that one.
    """
    front, *angles = (known.files[path] for path in photos(element, endpoint))
    return {
        "element_name": element.title[:NAME_LIMIT],
        "element_description": (element.description or element.title)[:DESCRIPTION_LIMIT],
        "reference_type": "image_refer",
        "element_image_list": {
            "frontal_image": front,
            "refer_images": [{"image_url": angle} for angle in angles],  # so named for base64 as well
        },
        "tag_list": [{"tag_id": TAGS[element.kind]}],
        "external_task_id": attempt,
    }


def _takes_one(endpoint: Endpoint) -> bool:
    return endpoint.references_max == 1


def _inputs(order: Order, endpoint: Endpoint, known: Known) -> dict[str, object]:
    images = [known.files[reference.path] for reference in order.references]
    inputs: dict[str, object] = {}
    if images and _takes_one(endpoint):
        inputs["image"] = images[0]
    elif images:
        inputs["image_list"] = [{"image": image} for image in images]
    if order.elements:
        numbers = [known.elements[element.version] for element in order.elements]
        inputs["element_list"] = [{"element_id": number} for number in numbers]
    return inputs


def _slots(order: Order, known: Known) -> dict[str, object]:
    """Subjects in a list; a scene and a style each in a field of its own."""
    images = [(reference.role, known.files[reference.path]) for reference in order.references]
    subjects = [{"subject_image": image} for role, image in images if role == "subject"]
    return {
        "subject_image_list": subjects,
        **{f"{role}_image": image for role, image in images if role != "subject"},
    }


def _slot_marks(order: Order) -> dict[str, str]:
    marks, subjects = {}, 0
    for reference in order.references:
        subjects += reference.role == "subject"
        number = f" {subjects}" if reference.role == "subject" else ""
        marks[reference.name] = f"the {reference.role} image{number}"
    return marks


def _amount(order: Order, endpoint: Endpoint) -> dict[str, object]:
    """How many: `n` is ignored beside a series."""
    if order.series:
        return {"result_type": "series", "series_amount": order.count}
    single = {"result_type": "single"} if endpoint.series_max else {}
    return {**single, "n": order.count}
