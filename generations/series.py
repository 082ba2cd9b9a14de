"""Series: panels under one style line, and the takes that are filed under them."""

from collections.abc import Sequence

from accounts.models import User
from generations.models import Output, Panel, Series, Take
from projects.models import Project


def compiled(style: str, panels: Sequence[str]) -> str:
    """The prompt of a series: the style, which holds for all, and each panel under its number."""
    numbered = [f"Panel {number}: {text.strip()}" for number, text in enumerate(panels, start=1)]
    return "\n".join(part for part in (style.strip(), *numbered) if part)


def begin(
    project: Project, user: User | None, style: str, texts: Sequence[str], outputs: Sequence[Output]
) -> Series:
    """A series with one panel per output, which is its first take; a panel without words has none."""
    row = Series.objects.create(project=project, style=style, created_by=user)
    described = [*texts, *[""] * len(outputs)]
    panels = Panel.objects.bulk_create(
        Panel(series=row, position=position, text=described[position]) for position in range(len(outputs))
    )
    Take.objects.bulk_create(
        Take(panel=panel, output=output) for panel, output in zip(panels, outputs, strict=True)
    )
    return row


def file(panel: Panel, outputs: Sequence[Output]) -> None:
    """File outputs as takes of a panel, whose newest take shows from now on."""
    Take.objects.bulk_create(Take(panel=panel, output=output) for output in outputs)
    Panel.objects.filter(pk=panel.pk).update(chosen=None)
