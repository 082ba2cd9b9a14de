"""The shape of the catalogue's rows: what a model can do is data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Slot:
    """A named place for references: takes `least` to `most` of them in this role."""

    role: str
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A model on a route in a mode.

    Resolutions are "1K", "2K" and "4K", and formats "png", "jpeg" and "webp", whatever the provider writes.
    Ratios are "16:9" and so on, or "auto", which follows the first reference.
    """

    key: str  # unique and never renamed, since generations store it
    route: str
    model: str
    mode: str  # "text", "image" or "multi-image"
    remote: str  # the provider's own name of the model; empty where nothing leaves this machine
    path: str  # where the provider takes the order, below its base address; empty with `remote`

    prompt_limit: int  # code points, of the negative prompt as well
    prompt_required: bool
    negative_prompt: bool

    references_min: int
    references_max: int
    elements_max: int  # 0: no elements
    angles_min: int  # photos of an element beside its front; where it has fewer, the front goes in again
    angles_max: int  # the best ones go first; 0: the front alone
    inputs_max: int | None  # references and elements together; None: only their own limits count

    resolutions: tuple[str, ...]  # one alone: the endpoint does not ask, and makes this
    resolution_default: str
    ratios: tuple[str, ...]
    ratio_default: str
    sizes: Mapping[tuple[str, str], tuple[int, int]] = field(hash=False, repr=False)
    # (resolution, ratio) to (width, height) in pixels; "auto" has no size of its own

    counts_max: int  # pictures of one order that is not a series
    series_min: int  # panels of one series; both 0: no series
    series_max: int
    series_auto: bool  # the endpoint can choose the number of panels itself
    formats: tuple[str, ...]  # the provider's default first; empty: the provider decides

    prices: Mapping[str, Decimal] = field(hash=False, repr=False)
    # resolution to USD per picture; a panel of a series is a picture
    source: str
    checked: date  # the day the source was read

    slots: tuple[Slot, ...] = ()  # the roles the endpoint tells apart; empty: references are only counted
    watermark: bool = False  # also gives a copy of each picture with the provider's watermark, where asked to


@dataclass(frozen=True, slots=True)
class Route:
    """A way to have pictures made."""

    key: str
    label: str
    paid: bool  # charges per picture
    needs_key: bool  # wants a credential before its first order
    note: str


@dataclass(frozen=True, slots=True)
class Model:
    """What people choose."""

    key: str
    label: str
    description: str  # one line of help
