"""Where an element was used: pictures made with it, what they cost, and how many of them were picked."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Q, Sum

from accounts.models import User
from elements.models import Element
from generations import words
from generations.models import Flag, GenerationElement, Output, OutputQuerySet
from projects.models import Project
from spend.ledger import MICRO


@dataclass(frozen=True, slots=True)
class Use:
    """Stored pictures outside the trash, and what their generations cost in micro-USD."""

    pictures: int = 0
    picked: int = 0
    cost_micro: int = 0

    @property
    def counted(self) -> str:
        return "1 picture" if self.pictures == 1 else f"{self.pictures:,} pictures"

    @property
    def share(self) -> str:
        """ "61 %" of the pictures were picked; empty without pictures."""
        return f"{round(100 * self.picked / self.pictures)} %" if self.pictures else ""

    @property
    def rate(self) -> str:
        return f"{self.share} picked" if self.pictures else ""

    @property
    def cost(self) -> str:
        return words.price(Decimal(self.cost_micro) / MICRO)

    @property
    def each(self) -> str:
        """ "$0.071" for each picked picture; empty where nothing was picked or paid."""
        if not self.picked or not self.cost_micro:
            return ""
        return words.price((Decimal(self.cost_micro) / MICRO / self.picked).quantize(Decimal("0.001")))

    @property
    def per_pick(self) -> str:
        return f"{self.each} per picked picture" if self.each else ""

    @property
    def line(self) -> str:
        """Everything in one line, such as "24 pictures, 61 % picked"."""
        return ", ".join(filter(None, (self.counted, self.rate)))


def pictures(element: Element, user: User, version: str = "") -> OutputQuerySet:
    """Pictures made with the element, in the projects that `user` sees.

    `version` is the number of one version, "old" for all but the current one, or "" for any.
    """
    used = GenerationElement.objects.filter(element=element)
    if version == "old":
        used = used.exclude(version=element.current)
    elif version:
        used = used.filter(version__number=int(version))
    seen = Output.objects.visible_to(user).in_gallery().stored()
    return seen.filter(generation__in=used.values("generation"))


def by_version(element: Element, user: User) -> Mapping[int, Use]:
    """The use of each version, by its key, in two queries."""
    costs = _costs(element, user)
    rows = (
        Output.objects.visible_to(user)
        .in_gallery()
        .stored()
        .filter(generation__elements__element=element)
        .values_list("generation__elements__version")
        .annotate(pictures=Count("pk"), picked=Count("pk", filter=Q(flag=Flag.PICK)))
        .order_by()
    )
    made = {version: (pictures, picked) for version, pictures, picked in rows}
    return {
        version: Use(*made.get(version, (0, 0)), costs.get(version, 0))
        for version in {*made, *costs} - {None}
    }


def together(uses: Mapping[int, Use]) -> Use:
    return Use(
        pictures=sum(use.pictures for use in uses.values()),
        picked=sum(use.picked for use in uses.values()),
        cost_micro=sum(use.cost_micro for use in uses.values()),
    )


def _costs(element: Element, user: User) -> dict[int, int]:
    seen = GenerationElement.objects.filter(
        element=element, generation__project__in=Project.objects.visible_to(user)
    )
    rows = seen.values_list("version").annotate(cost=Sum("generation__cost_micro_usd")).order_by()
    return {version: cost or 0 for version, cost in rows}
