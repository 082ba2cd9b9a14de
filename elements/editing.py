"""Changing one thing about an element: what providers see makes a version, the rest is only kept."""

from collections.abc import Callable

from django.utils import timezone

from accounts.models import User
from elements import library, rules
from elements.models import Element
from elements.rules import ElementRefusedError

FIELDS = ("name", "handle", "title", "description", "wardrobe", "notes", "tags", "colour")
VERSIONED = ("title", "description", "wardrobe")


def change(element: Element, field: str, typed: str, user: User | None) -> str:
    """Make the change and answer what happened, in one sentence. Raises ElementRefusedError."""
    if field == "handle":
        return _rename(element, typed, user)
    if field in VERSIONED:
        return _new_version(element, field, typed, user)
    if field == "tags":
        return _tag(element, typed)
    return _keep(element, field, typed if field == "notes" else one_line(typed))


def typed(element: Element, field: str) -> str:
    """What stands in the field as a person would type it."""
    current = element.current
    values: dict[str, Callable[[], str]] = {
        "title": lambda: current.title if current else "",
        "description": lambda: current.description if current else "",
        "wardrobe": lambda: "\n".join(current.wardrobe) if current else "",
        "tags": lambda: ", ".join(element.tags.order_by("name").values_list("name", flat=True)),
    }
    return values[field]() if field in values else str(getattr(element, field))


def one_line(typed: str) -> str:
    return " ".join(typed.split())


def _rename(element: Element, handle: str, user: User | None) -> str:
    before = element.handle
    library.rename(element, handle, user)
    if before == element.handle:
        return "Nothing changed."
    return f"The handle is @{element.handle} now. @{before} still leads here."


def _new_version(element: Element, field: str, typed: str, user: User | None) -> str:
    before = element.current_id
    lines = tuple(filter(None, (one_line(line) for line in typed.splitlines())))
    change = {
        "title": lambda: library.Change(title=one_line(typed)),
        "description": lambda: library.Change(description=one_line(typed)),
        "wardrobe": lambda: library.Change(wardrobe=lines),
    }[field]()
    version = library.new_version(element, change, user)
    return "Nothing changed." if version.pk == before else f"Saved as version {version.number}."


def _tag(element: Element, typed: str) -> str:
    tags = tuple(dict.fromkeys(filter(None, (one_line(tag).lower() for tag in typed.split(",")))))
    _refuse(rules.detail_refusals(element.name, element.colour, element.notes, tags))
    library.set_tags(element, tags)
    return "Saved."


def _keep(element: Element, field: str, value: str) -> str:
    told = {"name": element.name, "colour": element.colour, "notes": element.notes, field: value}
    _refuse(rules.detail_refusals(**told, tags=()))
    setattr(element, field, value.lower() if field == "colour" else value)
    element.touched_at = timezone.now()
    element.save(update_fields=[field, "touched_at"])
    return "Saved."


def _refuse(sentences: dict[str, str]) -> None:
    if sentences:
        raise ElementRefusedError(sentences)
