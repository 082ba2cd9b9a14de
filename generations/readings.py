"""What the draft engine makes of a prompt, in words."""

from collections.abc import Iterable

import grammar
from elements.models import Element, Kind
from generations import text
from generations.models import Generation

LONGEST = 400


def of(generation: Generation) -> str:
    rows = generation.elements.select_related("element")
    cast = [(row.name, row.element) for row in rows if row.element]
    return in_words(generation.prompt, generation.request.get("negative_prompt", ""), cast)


def in_words(prompt: str, negative: str, cast: Iterable[tuple[str, Element]]) -> str:
    """`cast` is each element under the name by which the prompt mentions it; empty words say nothing."""
    if not prompt:
        return ""
    things = frozenset(name for name, element in cast if element.kind != Kind.CHARACTER)
    return text.excerpt(grammar.describe(grammar.read(prompt, negative, things)), LONGEST)
