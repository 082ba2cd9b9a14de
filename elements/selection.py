"""Which photos of an element go where: the front always, then the angles that score best."""

from collections.abc import Sequence
from dataclasses import dataclass

from providers.catalogue import Endpoint


@dataclass(frozen=True, slots=True)
class Candidate:
    """A photo in its place: 0 is the front. `score` is that of its card, 0 to 100."""

    position: int
    label: str
    score: int


@dataclass(frozen=True, slots=True)
class Choice:
    """What one route gets, by position, in the order in which it goes; `left_out` stays at home.

    `front_again`: the front stands in for the angle that the route insists on. `as_reference`: the route has
    no elements, so the front goes as an ordered reference, and only if the person agrees.
    """

    positions: tuple[int, ...]
    left_out: tuple[int, ...]
    front_again: bool = False
    as_reference: bool = False


def best_first(candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """The front, then the angles by their score; equal ones in the order of their places."""
    return tuple(sorted(candidates, key=lambda one: (one.position > 0, -one.score, one.position)))


def choose(candidates: Sequence[Candidate], endpoint: Endpoint) -> Choice:
    """Which of these photos this endpoint gets. `candidates` has a front."""
    front, *angles = [one.position for one in best_first(candidates)]
    if not endpoint.elements_max:
        return Choice((front,), tuple(sorted(angles)), as_reference=True)
    sent = angles[: endpoint.angles_max]
    again = (front,) * max(0, endpoint.angles_min - len(sent))
    return Choice((front, *again, *sent), tuple(sorted(set(angles) - set(sent))), front_again=bool(again))
