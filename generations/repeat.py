"""A frozen request once more: as an intent, or as the form to edit first."""

from uuid import UUID

from django.http import QueryDict

from accounts.models import User
from generations.models import Generation
from generations.plan import Guide, Intent
from providers import catalogue


class CannotRepeat(ValueError):  # noqa: N818 - reads as the fact it reports
    """The request cannot be sent again as it is; the text says why."""


def intent(generation: Generation, user: User, form_key: UUID) -> Intent:
    """The same request as a new intent; a seed drawn by lot is drawn again."""
    try:
        endpoint = catalogue.endpoint(generation.endpoint)
    except catalogue.UnknownEndpoint as error:
        raise CannotRepeat(f"{error} Edit and retry with another model. Nothing was sent.") from error
    route = next(row for row in catalogue.routes() if row.key == endpoint.route)
    if route.needs_key:
        raise CannotRepeat(
            f"{route.label} needs a key before it can make pictures; nothing was sent. Draft is free."
        )
    request = generation.request
    return Intent(
        project=generation.project,
        user=user,
        form_key=form_key,
        endpoint=endpoint,
        prompt=request["prompt"],
        negative_prompt=request["negative_prompt"],
        ratio=request["aspect_ratio"],
        resolution=request["resolution"],
        count=request["count"],
        series=request["series"],
        media_format=request["format"],
        seed=request["seed"],
        guides=guides(generation),
        parent=generation,
    )


def guides(generation: Generation) -> tuple[Guide, ...]:
    """References in the order and the roles that were frozen."""
    rows = generation.references.select_related("reference__blob").order_by("position")
    return tuple(Guide(row.reference, row.role) for row in rows)


def as_form(generation: Generation) -> QueryDict:
    """The fields of the composer as they were for this generation."""
    request = generation.request
    form = QueryDict(mutable=True)
    form.update(
        {
            "parent": str(generation.uuid),
            "mode": "series" if request["series"] else "still",
            "route": generation.route,
            "model": generation.model,
            "prompt": request["prompt"],
            "negative_prompt": request["negative_prompt"],
            "resolution": request["resolution"],
            "aspect_ratio": request["aspect_ratio"],
            "count": str(request["count"]),
            "format": request["format"],
            "seed": "" if request["seed"] is None else str(request["seed"]),
        }
    )
    chosen = guides(generation)
    form.setlist("reference", [str(guide.reference.uuid) for guide in chosen])
    form.setlist("role", [guide.role for guide in chosen])
    return form
