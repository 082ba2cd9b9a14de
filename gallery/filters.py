"""Which stills of a project are asked for: read from an address, applied to outputs, written back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from accounts.models import User
from gallery import search
from generations.models import Flag, Output, OutputQuerySet
from projects.models import Project

_SHOWN: dict[str, Callable[[OutputQuerySet], OutputQuerySet]] = {
    "all": lambda outputs: outputs,
    "picks": lambda outputs: outputs.filter(flag=Flag.PICK),
    "drops": lambda outputs: outputs.filter(flag=Flag.DROP),
    "unreviewed": lambda outputs: outputs.filter(flag=Flag.NONE, rating=0),
    "favourites": lambda outputs: outputs.filter(is_favourite=True),
    "flagged": lambda outputs: outputs.filter(is_flagged=True),
}


@dataclass(frozen=True, slots=True)
class Filter:
    """`show` is one of `search.STATUSES`, `rating` the least number of stars, `text` the search as typed."""

    show: str = "all"
    rating: int = 0
    mine: bool = False
    model: str = ""
    text: str = ""

    @property
    def is_plain(self) -> bool:
        return self == Filter()

    def query(self) -> str:
        """The address's query without defaults: the same filter always gives the same string."""
        pairs = {
            "show": "" if self.show == "all" else self.show,
            "rating": str(self.rating or ""),
            "mine": "1" if self.mine else "",
            "model": self.model,
            "q": self.text,
        }
        return urlencode({name: value for name, value in pairs.items() if value})


def read(data: Mapping[str, str]) -> Filter:
    """A filter from GET or POST data; what cannot be read asks for nothing."""
    show = data.get("show", "")
    rating = data.get("rating", "")
    return Filter(
        show=show if show in _SHOWN else "all",
        rating=int(rating) if rating in {"1", "2", "3", "4", "5"} else 0,
        mine=data.get("mine") == "1",
        model=data.get("model", "")[:20],
        text=data.get("q", "").replace("\0", "").strip()[: search.LONGEST],
    )


def stills(project: Project) -> OutputQuerySet:
    """Everything the grid of `project` can show."""
    return Output.objects.filter(project=project).in_gallery()


def matching(project: Project, user: User, asked: Filter) -> OutputQuerySet:
    """The stills that `asked` asks for, in no order; both the fields and the typed prefixes hold."""
    typed = search.parse(asked.text)
    outputs = stills(project)
    for show in dict.fromkeys((asked.show, typed.status or "all")):
        outputs = _SHOWN[show](outputs)
    if least := max(asked.rating, typed.rating):
        outputs = outputs.filter(rating__gte=least)
    if asked.mine or typed.mine:
        outputs = outputs.filter(generation__user=user)
    for model in filter(None, dict.fromkeys((asked.model, typed.model))):
        outputs = outputs.filter(generation__model=model)
    for word in typed.words:
        outputs = outputs.filter(generation__prompt__icontains=word)
    return outputs
