"""The audit lines of the library: what was done, to which handle, by whom. They outlive their element."""

from elements.models import LibraryEvent


def note(handle: str, text: str, actor: str) -> None:
    LibraryEvent.objects.create(handle=handle, text=text[:300], actor=actor[:80])
