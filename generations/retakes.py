"""A panel once more: a still in the panel's words that keeps to the locked panels beside it.

It goes through the composer's form, so that every check of a new generation holds for it as well.
"""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from django.utils.datastructures import MultiValueDict

from accounts.models import User
from elements import references
from elements.models import Reference
from generations import text
from generations.forms import ComposerForm
from generations.models import Generation, Output, OutputState, Panel, Series
from generations.plan import Intent
from providers import catalogue

ROLE = "style"


def shown(panel: Panel) -> Output | None:
    """The take that stands for the panel: the chosen one, or else the newest that is there or on its way.

    `panel` comes with its takes and their outputs.
    """
    outputs = sorted((take.output for take in panel.takes.all()), key=lambda output: output.pk)
    living = [output for output in outputs if output.trashed_at is None]
    stored = [output for output in living if output.state == OutputState.STORED]
    chosen = [output for output in stored if output.pk == panel.chosen_id]
    return next(iter(chosen or stored[-1:] or living[-1:]), None)


def pattern(panel: Panel) -> Generation:
    """The generation whose parameters a new take repeats: that of the panel's newest take."""
    return max((take.output for take in panel.takes.all()), key=lambda output: output.pk).generation


def price(panel: Panel, locked: Sequence[Output]) -> Decimal | None:
    """USD of one more take; None where no endpoint carries it."""
    before = pattern(panel)
    row = _endpoint(before, len(_nearest(panel, locked, before)))
    return catalogue.estimate(row, before.resolution, 1) if row else None


def form(panel: Panel, locked: Sequence[Output], words: str, user: User, form_key: UUID) -> ComposerForm:
    """The composer's form for one more take; pictures of locked panels become references of the project."""
    before = pattern(panel)
    kept = [_reference(output, panel.series, user) for output in _nearest(panel, locked, before)]
    data: MultiValueDict[str, str] = MultiValueDict(
        {
            "form_key": [str(form_key)],
            "mode": ["still"],
            "route": [before.route],
            "model": [before.model],
            "prompt": [_prompt(panel.series.style, words, kept)],
            "negative_prompt": [str(before.request["negative_prompt"])],
            "resolution": [before.resolution],
            "aspect_ratio": [_ratio(before)],
            "count": ["1"],
            "format": [before.media_format],
            "seed": [""],
            "reference": [str(reference.uuid) for reference in kept],
            "role": [ROLE for _ in kept],
            "parent": [str(before.uuid)],
            "watermark": ["1"] if before.request.get("watermark") else [],
        }
    )
    return ComposerForm(data, user=user, project=panel.series.project)


def intent(panel: Panel, checked: ComposerForm) -> Intent:
    """What a valid form asks for, filed under the panel."""
    return replace(checked.intent(), take_for=panel)


def _prompt(style: str, words: str, kept: Sequence[Reference]) -> str:
    names = [f"@{reference.handle}" for reference in kept]
    match = f"Keep the people, wardrobe and look of {_listed(names)}." if names else ""
    return "\n".join(part for part in (style.strip(), words.strip(), match) if part)


def _listed(names: Sequence[str]) -> str:
    return " and ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def _nearest(panel: Panel, locked: Sequence[Output], before: Generation) -> list[Output]:
    """As many locked panels as the model takes beside the elements: the nearest, in their order."""
    rows = catalogue.endpoints(before.route, before.model)
    elements = len(before.elements.all())
    most = max(min(row.references_max, (row.inputs_max or 99) - elements) for row in rows)
    by_distance = sorted(locked, key=lambda output: abs(output.take.panel.position - panel.position))
    return sorted(by_distance[:most], key=lambda output: output.take.panel.position)


def _endpoint(before: Generation, references: int) -> catalogue.Endpoint | None:
    elements = len(before.elements.all())
    return catalogue.find(before.route, before.model, references, series=False, elements=elements)


def _reference(output: Output, series: Series, user: User) -> Reference:
    assert output.blob is not None
    name = f"panel {output.take.panel.position + 1} {text.excerpt(series.style, 30)}.{output.blob.extension}"
    return references.keep(series.project_id, output.blob, name, user)


def _ratio(before: Generation) -> str:
    """The series' ratio in numbers, so that takes of a panel have one shape."""
    asked = str(before.request["aspect_ratio"])
    row = catalogue.endpoint(before.endpoint)
    return asked if asked != "auto" else catalogue.nearest_ratio(row, before.width, before.height)
