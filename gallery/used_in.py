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
    def rate(self) -> str:
        """ "61 % picked"; empty without pictures."""
        return f"{round(100 * self.picked / self.pictures)} % picked" if self.pictures else ""

    @property
    def cost(self) -> str:
        return words.price(Decimal(self.cost_micro) / MICRO)

    @property
    def per_pick(self) -> str:
        """ "$0.071 per picked picture"; empty where nothing was picked or paid."""
        if not self.picked or not self.cost_micro:
            return ""
        each = (Decimal(self.cost_micro) / MICRO / self.picked).quantize(Decimal("0.001"))
        return f"{words.price(each)} per picked picture"

    @property
    def line(self) -> str:
        """Everything in one line, such as "24 pictures, 61 % picked"."""
        return ", ".join(filter(None, (self.counted, self.rate)))


def pictures(element: Element, user: User) -> OutputQuerySet:
    """Pictures made with the element in any version, in the projects that `user` sees."""
    used = GenerationElement.objects.filter(element=element).values("generation")
    return Output.objects.visible_to(user).in_gallery().stored().filter(generation__in=used)


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
