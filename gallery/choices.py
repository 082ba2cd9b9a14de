"""The links above the grid that widen or narrow what it shows."""

from dataclasses import dataclass, replace

from gallery.filters import Filter
from gallery.tiles import stars
from providers import catalogue

SHOWS = (("all", "All"), ("picks", "Picks"), ("unreviewed", "Unreviewed"), ("favourites", "Favourites"))
STAR_CHOICES = [(str(count), stars(count) or "No stars") for count in (5, 4, 3, 2, 1, 0)]


@dataclass(frozen=True, slots=True)
class Choice:
    label: str
    query: str
    is_on: bool


def shows(asked: Filter) -> list[Choice]:
    return [Choice(label, replace(asked, show=show).query(), asked.show == show) for show, label in SHOWS]


def narrower(asked: Filter) -> list[Choice]:
    """Choices that can hold together; one that is on leads to where it is off."""
    rated = [
        _toggle(f"{stars(n)} or more", replace(asked, rating=n), replace(asked, rating=0), asked)
        for n in (5, 4, 3, 2, 1)
    ]
    models = [
        _toggle(model.label, replace(asked, model=model.key), replace(asked, model=""), asked)
        for model in catalogue.models()
    ]
    return [
        _toggle("Dropped", replace(asked, show="drops"), replace(asked, show="all"), asked),
        _toggle("Flagged, not shown", replace(asked, show="flagged"), replace(asked, show="all"), asked),
        _toggle("Made by me", replace(asked, mine=True), replace(asked, mine=False), asked),
        *rated,
        *models,
    ]


def _toggle(label: str, on: Filter, off: Filter, asked: Filter) -> Choice:
    return Choice(label, (off if asked == on else on).query(), asked == on)
