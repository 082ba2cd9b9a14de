"""Everything the viewer tells about one still, as ready strings."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from gallery import differences, tiles
from gallery.differences import Row, Span
from gallery.tiles import Tile
from generations import readings, text, words
from generations.models import Generation, GenerationReference, Output, OutputQuerySet, OutputState

TITLE_LENGTH = 70
CHILDREN_MOST = 20
RELATIVES_MOST = 60


@dataclass(frozen=True, slots=True)
class Fact:
    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Details:
    """The inspector's first tab. `changed` is empty when there is no parent or nothing differs from it."""

    title: str
    line: str
    prompt: str
    negative_prompt: str
    reading: str
    facts: Sequence[Fact]
    references: Sequence[Fact]
    elements: Sequence[Fact]
    file: Sequence[Fact]
    changed: Sequence[Row]
    verdict: str
    is_calm: bool
    prompt_spans: Sequence[Span]


@dataclass(frozen=True, slots=True)
class Relative:
    """A still of the same line: `kind` says how it is related."""

    kind: str
    tile: Tile
    line: str
    is_this: bool


def describe(output: Output) -> Details:
    """`output` comes with its generation, the generation's parent and user, and its blob."""
    generation = output.generation
    recipe = differences.recipe(generation, output.seed)
    parent = generation.parent
    changed = differences.differing([_of_parent(parent, output), recipe]) if parent else []
    prompt_row = next((row for row in changed if row.label == "Prompt"), None)
    return Details(
        title=text.excerpt(generation.prompt, TITLE_LENGTH) or "Still without a prompt",
        line=_line(output),
        prompt=generation.prompt,
        negative_prompt=recipe["Negative prompt"],
        reading=readings.of(generation) if generation.is_drawn else "",
        facts=_facts(output, recipe),
        references=_references(generation),
        elements=_elements(generation),
        file=_file(output),
        changed=[row for row in changed if row.label != "Prompt"],
        verdict=differences.verdict(changed) if parent else "",
        is_calm=len(changed) <= 1,
        prompt_spans=prompt_row.spans[1] if prompt_row else [],
    )


def relatives(output: Output) -> list[Relative]:
    """Where the still comes from, what was made with it, and what was made from it: oldest first."""
    this = output.generation
    children = list(this.children.order_by("-pk").values_list("pk", flat=True)[:CHILDREN_MOST])
    family = [this.pk, *([this.parent_id] if this.parent_id else []), *children]
    outputs = tiles.for_tiles(_shown(output)).filter(generation__in=family)
    kinds = {this.pk: "Made together", this.parent_id: "Made before"}
    return [
        Relative(
            kind="This still" if one.pk == output.pk else kinds.get(one.generation_id, "Made from this"),
            tile=tiles.make([one])[0],
            line=_line_of_relative(one),
            is_this=one.pk == output.pk,
        )
        for one in outputs.order_by("created_at", "-id")[:RELATIVES_MOST]
    ]


def _shown(output: Output) -> OutputQuerySet:
    return Output.objects.filter(project=output.project_id, state=OutputState.STORED, trashed_at__isnull=True)


def _of_parent(parent: Generation, output: Output) -> dict[str, str]:
    """The parent's recipe; its seed is that of the picture in the same place."""
    first = parent.outputs.filter(index=min(output.index, parent.count - 1)).values_list("seed", flat=True)
    return differences.recipe(parent, next(iter(first), parent.seed))


def _line(output: Output) -> str:
    """'O3 · 2720 × 1536 · PNG 6.1 MB · made 14:32 by Lena'."""
    made = timezone.localtime(output.created_at)
    day = "" if made.date() == timezone.localdate() else f"{made.day} {made:%b} "
    by = f" by {output.generation.user.name}" if output.generation.user else ""
    kind = f"{output.generation.media_format.upper()} {_size(output)}".strip()
    size = f"{output.width} × {output.height}"
    return f"{tiles.model_label(output.generation.model)} · {size} · {kind} · made {day}{made:%H:%M}{by}"


def _line_of_relative(output: Output) -> str:
    made = timezone.localtime(output.created_at)
    label = tiles.model_label(output.generation.model)
    return f"{label} · {output.generation.resolution} · {made.day} {made:%b} {made:%H:%M}"


def _facts(output: Output, recipe: dict[str, str]) -> list[Fact]:
    generation = output.generation
    made = f"{output.index + 1} of {generation.count}"
    labels = ("Model", "Route", "Ratio", "Resolution", "Seed")
    kind = "Panel" if generation.is_series else "Still"
    return [
        *(Fact(label, recipe[label]) for label in labels),
        Fact(kind, made),
        Fact("Cost", _cost(generation)),
    ]


def _cost(generation: Generation) -> str:
    """'$0.112 for 4 stills'."""
    cost = words.cost(generation.estimate_micro_usd, generation.cost_micro_usd)
    return f"{cost} for {words.pictures(generation.count, series=generation.is_series)}"


def _references(generation: Generation) -> list[Fact]:
    guides = GenerationReference.objects.filter(generation=generation).select_related("reference")
    return [
        Fact(f"{guide.position + 1} · {guide.role.capitalize()}", guide.reference.name)
        for guide in guides.order_by("position")
    ]


def _elements(generation: Generation) -> list[Fact]:
    """Elements in the versions that were frozen; of a purged one the name stays."""
    rows = generation.elements.select_related("version").order_by("position")
    return [Fact(f"@{row.name}", f"v{row.version.number}" if row.version else "purged") for row in rows]


def _file(output: Output) -> list[Fact]:
    blob = output.blob
    if blob is None:
        return []
    return [
        Fact("Format", blob.media_type.removeprefix("image/").upper()),
        Fact("Pixels", f"{blob.width} × {blob.height}"),
        Fact("Size", _size(output)),
        Fact("SHA-256", blob.sha256),
    ]


def _size(output: Output) -> str:
    return filesizeformat(output.blob.bytes).replace("\xa0", " ") if output.blob else ""
