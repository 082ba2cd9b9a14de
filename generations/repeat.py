"""A frozen request once more: as an intent, or as the form to edit first."""

from uuid import UUID

from django.http import QueryDict

from accounts.models import User
from generations import consent, fitting, ordering
from generations.binding import Pinned
from generations.models import Generation, Panel
from generations.plan import Intent
from grammar import mentions
from providers import catalogue
from routes import accounts


class CannotRepeat(ValueError):  # noqa: N818 - reads as the fact it reports
    """The request cannot be sent again as it is; the text says why."""


def intent(generation: Generation, user: User, form_key: UUID) -> Intent:
    """The same request as a new intent; a seed drawn by lot is drawn again."""
    if "imported" in generation.request:
        raise CannotRepeat(
            "It was imported from a bill, without its words: nothing to send. Nothing was sent."
        )
    try:
        endpoint = catalogue.endpoint(generation.endpoint)
    except catalogue.UnknownEndpoint as error:
        raise CannotRepeat(f"{error} Edit and retry with another model. Nothing was sent.") from error
    route = next(row for row in catalogue.routes() if row.key == endpoint.route)
    if route.needs_key and route.key not in accounts.usable(generation.project):
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
        guides=ordering.guides(generation),
        pinned=_frozen_elements(generation),
        as_references=request.get("as_references", False),
        watermark=request.get("watermark", False),
        style=request.get("style", ""),
        panels=tuple(request.get("panels", ())),
        take_for=_panel(generation),
        parent=generation,
    )


def check_fit(intent: Intent) -> None:
    """Raise CannotRepeat where a picture would go to a route that does not take it."""
    if found := fitting.misfits(intent.endpoint, intent.guides, intent.pinned):
        raise CannotRepeat(f"{found[0].sentence} Nothing was sent.")


def _panel(generation: Generation) -> Panel | None:
    """The panel that this generation made a take for; a whole series begins a new one instead."""
    return (
        None if generation.is_series else Panel.objects.filter(takes__output__generation=generation).first()
    )


def _frozen_elements(generation: Generation) -> tuple[Pinned, ...]:
    """The same versions as before. Raises CannotRepeat where one is purged, archived or without consent."""
    if sentence := consent.refusal_for_generation(generation):
        raise CannotRepeat(sentence)
    asked = ordering.pinned(generation)
    if archived := [one.name for one in asked if one.element.archived_at]:
        raise CannotRepeat(
            f"@{archived[0]} is archived. Bring it back in the library first. Nothing was sent."
        )
    return asked


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
            "prompt": _as_named_now(generation, request.get("style") or request["prompt"]),
            "negative_prompt": request["negative_prompt"],
            "resolution": request["resolution"],
            "aspect_ratio": request["aspect_ratio"],
            "count": str(request["count"]),
            "format": request["format"],
            "seed": "" if request["seed"] is None else str(request["seed"]),
        }
    )
    if request.get("as_references"):
        form["as_references"] = "1"
    if request.get("watermark"):
        form["watermark"] = "1"
    form.setlist("panel", [_as_named_now(generation, panel) for panel in request.get("panels", ())])
    form.setlist("element", [str(one.element.uuid) for one in ordering.pinned(generation)])
    chosen = ordering.guides(generation)
    form.setlist("reference", [str(guide.reference.uuid) for guide in chosen])
    form.setlist("role", [guide.role for guide in chosen])
    form.setlist("called", [guide.name for guide in chosen])
    return form


def _as_named_now(generation: Generation, text: str) -> str:
    """The text with elements that were renamed since under their present names."""
    present = {one.name: one.element.handle for one in ordering.pinned(generation)}
    if all(old == new for old, new in present.items()):
        return text
    return mentions.replaced(text, lambda name: f"@{present.get(name, name)}")
