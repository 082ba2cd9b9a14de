"""Which photos of an element go where: the front always, then the angles that score best."""

from collections.abc import Sequence
from dataclasses import dataclass

from providers import catalogue
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


@dataclass(frozen=True, slots=True)
class Line:
    """What one route gets of an element, in words: "the front, profile (the best of 5)"."""

    route: str
    text: str


def lines(candidates: Sequence[Candidate]) -> tuple[Line, ...]:
    """For every route what it gets of these photos and why; the endpoint that takes most stands for it."""
    return tuple(Line(route.label, said(candidates, _broadest(route.key))) for route in catalogue.routes())


def _broadest(route: str) -> Endpoint:
    return max(catalogue.endpoints(route), key=lambda row: (row.elements_max, row.angles_max))


def said(candidates: Sequence[Candidate], endpoint: Endpoint) -> str:
    """What this endpoint gets of these photos, in words: "the front, profile (the best of 5)"."""
    chosen = choose(candidates, endpoint)
    if chosen.as_reference:
        return "the front, as an ordered reference: this route has no elements"
    if chosen.front_again:
        return "the front twice, since it wants an angle and there is none"
    labels = {one.position: one.label.lower() if one.position else "the front" for one in candidates}
    names = [labels[position] for position in chosen.positions]
    if not chosen.left_out:
        return ", ".join(names)
    why = "the best of" if len(names) > 1 else "of"
    return f"{', '.join(names)} ({why} {len(candidates)})"
