"""What the grid shows of a still, as ready strings: templates only put them in place."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from itertools import groupby
from uuid import UUID

from django.urls import reverse
from django.utils import timezone

from generations import text, words
from generations.cursor import Cursor
from generations.models import Flag, Output, OutputQuerySet, OutputState, State

# The ratios that the style sheet knows by name; the script sets every other shape exactly.
_NAMES = ("21:9", "2:1", "16:9", "3:2", "4:3", "5:4", "1:1", "4:5", "3:4", "2:3", "9:16", "1:2", "9:21")
_RATIOS = {name: int(name.split(":")[0]) / int(name.split(":")[1]) for name in _NAMES}
_FLAGS = {Flag.PICK: ("P", "pick", "picked"), Flag.DROP: ("X", "drop", "dropped")}


@dataclass(frozen=True, slots=True)
class Tile:
    """A still in the grid, or the place held for it; `flag` is "pick", "drop" or "".

    `decision` is the page where somebody decides whether it comes, "" where nothing is to be decided.
    `is_flagged`: by the provider's safety check, so that all addresses lead to its veil until somebody
    has looked at it.
    """

    uuid: str
    cursor: str
    is_pending: bool
    decision: str
    width: str
    height: str
    ratio: str
    href: str
    small: str
    large: str
    srcset: str
    alt: str
    name: str
    flag: str
    flag_sign: str
    is_favourite: bool
    stars: str
    stars_label: str
    facts: str
    is_flagged: bool


@dataclass(frozen=True, slots=True)
class Day:
    """The tiles of one day, newest first. `heading` is empty where the page before already said it."""

    key: str
    heading: str
    count: str
    tiles: Sequence[Tile]


@dataclass(frozen=True, slots=True)
class _Addresses:
    viewer: str
    small: str
    large: str
    veiled: str


def for_tiles(outputs: OutputQuerySet) -> OutputQuerySet:
    """The same outputs with all that a tile needs, in one query and without the frozen request."""
    return outputs.select_related("generation").defer("generation__request")


def make(outputs: Iterable[Output]) -> list[Tile]:
    return [_tile(output) for output in outputs]


def by_day(outputs: Sequence[Output], before: Cursor | None, last_count: str) -> list[Day]:
    """Tiles under their days. `before`: where the page above ended; `last_count`: of the whole last day."""
    said = _day(before.at) if before else None
    groups = [(day, make(rows)) for day, rows in groupby(outputs, key=lambda output: _day(output.created_at))]
    return [
        Day(
            key=day.isoformat(),
            heading="" if day == said else heading(day),
            count=last_count if index == len(groups) - 1 else f"{len(tiles):,}",
            tiles=tiles,
        )
        for index, (day, tiles) in enumerate(groups)
    ]


def heading(day: date) -> str:
    """'Today', 'Yesterday', 'Tuesday 3 November', and the year when it is another."""
    today = timezone.localdate()
    near = {today: "Today", today - timedelta(days=1): "Yesterday"}
    return near.get(day) or f"{day:%A} {day.day} {day:%B}" + (
        f" {day.year}" if day.year != today.year else ""
    )


def stars(rating: int) -> str:
    return "★" * rating + "☆" * (5 - rating) if rating else ""


def nearest_ratio(width: int, height: int) -> str:
    shape = width / height
    return min(_RATIOS, key=lambda name: abs(_RATIOS[name] - shape))


def model_label(model: str) -> str:
    """ "O3" of "Kling O3": on a tile every picture is from Kling."""
    return words.model(model).removeprefix("Kling ")


@cache
def _addresses() -> _Addresses:
    nil = UUID(int=0)
    addresses = (
        reverse("gallery:viewer", args=[nil]),
        reverse("generations:picture", args=[nil, "512"]),
        reverse("generations:picture", args=[nil, "1536"]),
        reverse("generations:picture", args=[nil, words.VEILED]),
    )
    return _Addresses(*(address.replace(str(nil), "{}") for address in addresses))


def viewer_address(uuid: UUID) -> str:
    return _addresses().viewer.format(uuid)


def _pictures(output: Output) -> tuple[str, str]:
    """The small and the large picture; of a flagged one its veil, twice."""
    known = _addresses()
    small, large = (known.veiled, known.veiled) if output.is_flagged else (known.small, known.large)
    return small.format(output.uuid), large.format(output.uuid)


def day_bounds(moment: datetime) -> tuple[datetime, datetime]:
    """When the day of `moment` begins and when the next one does, where the studio is."""
    midnight = timezone.localtime(moment).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight, midnight + timedelta(days=1)


def _day(moment: datetime) -> date:
    return timezone.localtime(moment).date()


def _decision(output: Output) -> str:
    generation = output.generation
    is_open = output.state == OutputState.PENDING and generation.state == State.NEEDS_DECISION
    return reverse("generations:decision", args=[generation.uuid]) if is_open else ""


def _tile(output: Output) -> Tile:
    generation = output.generation
    uuid = str(output.uuid)
    small, large = _pictures(output)
    longest = max(output.width, output.height)
    sign, flag, said = _FLAGS.get(Flag(output.flag), ("", "", ""))
    alt = text.excerpt(generation.prompt) or "Still without a prompt"
    if output.is_flagged:
        alt = f"{words.FLAGGED}: {alt}"
    states = (
        said,
        f"{output.rating} stars" if output.rating else "",
        "favourite" if output.is_favourite else "",
    )
    return Tile(
        uuid=uuid,
        cursor=str(Cursor.of(output)),
        is_pending=output.state == OutputState.PENDING,
        decision=_decision(output),
        width=str(output.width),
        height=str(output.height),
        ratio=nearest_ratio(output.width, output.height),
        href=viewer_address(output.uuid),
        small=small,
        large=large,
        srcset=f"{small} {512 * output.width // longest}w, {large} {1536 * output.width // longest}w",
        alt=alt,
        name=", ".join(filter(None, (alt, *states))),
        flag=flag,
        flag_sign=sign,
        is_favourite=output.is_favourite,
        stars=stars(output.rating),
        stars_label=f"{output.rating} of 5 stars" if output.rating else "",
        facts=f"{model_label(generation.model)} · {generation.resolution}",
        is_flagged=output.is_flagged,
    )
