"""A series as ready values: panels with what they show, their takes, and what one more costs."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from django.db.models import Prefetch
from django.urls import reverse

from accounts.models import User
from generations import retakes, text, words
from generations.models import Output, OutputState, Panel, Series, SeriesQuerySet, Take
from projects.models import Project

PER_PAGE = 30


@dataclass(frozen=True, slots=True)
class TakeRow:
    """A take in the strip of its panel; `state` is stored, pending or failed."""

    uuid: str
    state: str
    thumbnail: str
    page: str
    label: str
    reason: str
    is_shown: bool
    is_flagged: bool


@dataclass(frozen=True, slots=True)
class PanelRow:
    """A panel: `large` is empty while no picture is there. `again` says what one more take costs."""

    number: int
    text: str
    is_locked: bool
    large: str
    page: str
    alt: str
    width: int
    height: int
    is_pending: bool
    is_flagged: bool
    takes: Sequence[TakeRow]
    again: str
    form_key: str


@dataclass(frozen=True, slots=True)
class SeriesPage:
    """A series. A new take keeps to `locked` panels; `unused` says to which locked ones it does not."""

    uuid: str
    slug: str
    title: str
    style: str
    line: str
    may_work: bool
    locked: int
    unused: str
    panels: Sequence[PanelRow]


@dataclass(frozen=True, slots=True)
class SeriesCard:
    uuid: str
    title: str
    line: str
    pictures: Sequence[str]


def complete(rows: SeriesQuerySet) -> SeriesQuerySet:
    """The same series with panels, takes and outputs, in a fixed number of queries."""
    takes = Take.objects.select_related("output__generation", "output__blob").order_by("output_id")
    takes = takes.prefetch_related("output__generation__elements")
    panels = Panel.objects.order_by("position").prefetch_related(Prefetch("takes", takes))
    return rows.select_related("project", "created_by").prefetch_related(Prefetch("panels", panels))


def page(series: Series, user: User) -> SeriesPage:
    """`series` comes from `complete`."""
    panels = list(series.panels.all())
    locked = locked_outputs(panels)
    works = Project.objects.worked_on_by(user).filter(pk=series.project_id).exists()
    return SeriesPage(
        uuid=str(series.uuid),
        slug=series.project.slug,
        title=_title(series, panels),
        style=series.style,
        line=_line(series, panels),
        may_work=works,
        locked=len(locked),
        unused=unused(panels, locked),
        panels=[_panel(panel, [one for one in locked if one.take.panel_id != panel.pk]) for panel in panels],
    )


def cards(rows: Sequence[Series]) -> list[SeriesCard]:
    made = [(series, list(series.panels.all())) for series in rows]
    return [
        SeriesCard(
            uuid=str(series.uuid),
            title=_title(series, panels),
            line=_line(series, panels),
            pictures=[
                words.picture_address(output, "512")
                for output in map(retakes.shown, panels)
                if output and _is_plain(output)
            ],
        )
        for series, panels in made
    ]


def locked_outputs(panels: Sequence[Panel]) -> list[Output]:
    """What the locked panels show, in their order; what is flagged guides nothing."""
    outputs = [(panel, retakes.shown(panel)) for panel in panels if panel.is_locked]
    return [output for _, output in outputs if output is not None and _is_plain(output)]


def unused(panels: Sequence[Panel], locked: Sequence[Output]) -> str:
    """Which locked panels are not among the `locked` outputs, because they are flagged; empty for none."""
    used = {output.take.panel_id for output in locked}
    left = [
        str(panel.position + 1)
        for panel in panels
        if panel.is_locked and panel.pk not in used and _is_there(retakes.shown(panel))
    ]
    if not left:
        return ""
    which = f"panel {left[0]}, which is" if len(left) == 1 else f"panels {', '.join(left)}, which are"
    return f"A new take does not keep to {which} flagged: press Show first."


def _panel(panel: Panel, locked: Sequence[Output]) -> PanelRow:
    output = retakes.shown(panel)
    cost = retakes.price(panel, locked)
    is_there = _is_there(output)
    takes = [take.output for take in panel.takes.all()]
    return PanelRow(
        number=panel.position + 1,
        text=panel.text,
        is_locked=panel.is_locked,
        large=words.picture_address(output, "1536") if output and is_there else "",
        page=reverse("gallery:viewer", args=[output.uuid]) if output and is_there else "",
        alt=_alt(panel, output),
        width=output.width if output else 16,
        height=output.height if output else 9,
        is_pending=any(one.state == OutputState.PENDING for one in takes),
        is_flagged=output is not None and output.is_flagged,
        takes=[_take(one, number, one == output) for number, one in enumerate(takes, start=1)],
        again="" if cost is None else words.price(cost),
        form_key=str(uuid4()),
    )


def _take(output: Output, number: int, is_shown: bool) -> TakeRow:
    is_there = _is_there(output)
    return TakeRow(
        uuid=str(output.uuid),
        state=output.state if output.trashed_at is None else "trashed",
        thumbnail=words.picture_address(output, "512") if is_there else "",
        page=reverse("gallery:viewer", args=[output.uuid]) if is_there else "",
        label=f"Take {number}{f', {words.FLAGGED.lower()}' if output.is_flagged else ''}",
        reason=output.error,
        is_shown=is_shown and is_there,
        is_flagged=output.is_flagged,
    )


def _is_there(output: Output | None) -> bool:
    return output is not None and output.state == OutputState.STORED and output.trashed_at is None


def _is_plain(output: Output | None) -> bool:
    return output is not None and _is_there(output) and not output.is_flagged


def _alt(panel: Panel, output: Output | None) -> str:
    flagged = f"{words.FLAGGED}: " if output is not None and output.is_flagged else ""
    return f"{flagged}Panel {panel.position + 1}: {text.excerpt(panel.text, 100) or 'without words'}"


def _title(series: Series, panels: Sequence[Panel]) -> str:
    return text.excerpt(series.style, 70) or text.excerpt(panels[0].text, 70) or "Series"


def _line(series: Series, panels: Sequence[Panel]) -> str:
    by = f" by {series.created_by.name}" if series.created_by else ""
    return f"{len(panels)} panels · {words.age(series.created_at)}{by}"
