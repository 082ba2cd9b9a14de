"""Swap and redo: requests that used an old version of an element, once more with the current one."""

from dataclasses import dataclass, replace
from decimal import Decimal
from uuid import UUID, uuid5

from django.db import transaction

from accounts.models import User
from elements.models import Element, ElementVersion
from generations import plan, repeat, text, words
from generations.binding import Pinned
from generations.models import Generation, OutputQuerySet
from generations.plan import Intent

MOST = 100


class TooMany(ValueError):  # noqa: N818 - reads as the fact it reports
    """More requests than one press starts."""


@dataclass(frozen=True, slots=True)
class Redo:
    """What would start: `left` are sentences on requests that cannot, `current` counts those up to date."""

    intents: tuple[Intent, ...]
    left: tuple[str, ...]
    current: int

    @property
    def pictures(self) -> int:
        return sum(intent.count for intent in self.intents)

    @property
    def price(self) -> str:
        return words.price(sum((plan.quote(intent).usd for intent in self.intents), Decimal(0)))


def prepare(element: Element, outputs: OutputQuerySet, user: User, key: UUID) -> Redo:
    """The requests behind these pictures with the current version in the place of the old one.

    The same `key` gives the same requests, so that a second press starts nothing. Raises TooMany.
    """
    ids = set(outputs.order_by().values_list("generation", flat=True)[: 10 * MOST])
    generations = list(Generation.objects.filter(pk__in=ids).select_related("project").order_by("pk"))
    behind = [one for one in generations if not _is_current(one, element)]
    if len(behind) > MOST:
        raise TooMany(f"These are {len(behind)} requests; one press starts at most {MOST}. Select fewer.")
    made = [_again(generation, element, user, key) for generation in behind]
    return Redo(
        intents=tuple(one for one in made if isinstance(one, Intent)),
        left=tuple(dict.fromkeys(one for one in made if isinstance(one, str))),
        current=len(generations) - len(behind),
    )


def start(redo: Redo) -> list[Generation]:
    """Start all or none."""
    with transaction.atomic():
        return [plan.start(intent) for intent in redo.intents]


def _is_current(generation: Generation, element: Element) -> bool:
    return generation.elements.filter(element=element, version=element.current).exists()


def _again(generation: Generation, element: Element, user: User, key: UUID) -> Intent | str:
    """The request with the current version, or one sentence on why it cannot be."""
    assert element.current is not None
    form_key = uuid5(key, f"{generation.uuid}@{element.current.number}")
    try:
        intent = repeat.intent(generation, user, form_key)
        intent = replace(intent, pinned=_swapped(intent, element, element.current))
        repeat.check_fit(intent)
    except repeat.CannotRepeat as refusal:
        return f"{text.quoted(text.excerpt(generation.prompt, 60))}: {refusal}"
    return intent


def _swapped(intent: Intent, element: Element, version: ElementVersion) -> tuple[Pinned, ...]:
    return tuple(
        replace(one, version=version) if one.element.pk == element.pk else one for one in intent.pinned
    )
