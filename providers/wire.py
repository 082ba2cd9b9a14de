"""One order for any paid route: its adapter writes the prompt and the body."""

from collections.abc import Callable

from providers import fal_body, kling_body, runware_body
from providers.base import Body, Order
from providers.catalogue import Endpoint
from providers.known import Known

_PROMPTS: dict[str, Callable[[Order, Endpoint], str]] = {
    "fal": fal_body.prompt,
    "runware": runware_body.prompt,
    "kling": kling_body.prompt,
}
_BODIES: dict[str, Callable[[Order, Endpoint, Known, str], Body]] = {
    "fal": fal_body.translate,
    "runware": runware_body.translate,
    "kling": kling_body.translate,
}


def prompt(order: Order, endpoint: Endpoint) -> str:
    """The prompt as the route gets it, which is what its limit of characters counts."""
    return _PROMPTS[endpoint.route](order, endpoint)


def translate(order: Order, endpoint: Endpoint, known: Known, attempt: str) -> Body:
    """The exact body for this endpoint; KeyError for the draft route and for an input that is not `known`.

    The order fits the endpoint: `catalogue.find` chose it. `attempt` is a UUID of our own, sent where the
    provider takes one.
    """
    return _BODIES[endpoint.route](order, endpoint, known, attempt)
