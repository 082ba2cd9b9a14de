"""Archives of elements for tests: as the studio makes them, and as somebody else might."""

import io
import json
import re
import zipfile
from collections.abc import Mapping
from typing import Any

import pytest

from elements import parcel
from elements.models import Consent, Element, ElementHandle, LibraryEvent, Photo
from elements.parcel_text import ParcelRefusedError
from media import archive
from tests.factories import make_picture

FRONT = make_picture("#102030", (480, 480))
TEXT: dict[str, Any] = {
    "format": 1,
    "handle": "mara",
    "name": "Mara",
    "kind": "character",
    "photos": [{"file": "front.png", "angle": "front"}],
}


def packed(*elements: Element, with_documents: bool = False) -> io.BytesIO:
    parts, _ = archive.stream(parcel.entries(elements, with_documents=with_documents))
    return io.BytesIO(b"".join(parts))


def zipped(files: Mapping[str, bytes | str], compression: int = zipfile.ZIP_STORED) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression) as made:
        for name, content in files.items():
            made.writestr(name, content)
    return file


def a_parcel(more: Mapping[str, object] | None = None, **changes: object) -> io.BytesIO:
    text = {name: value for name, value in {**TEXT, **changes}.items() if value is not None}
    files: dict[str, Any] = {"mara/element.json": json.dumps(text), "mara/front.png": FRONT, **(more or {})}
    return zipped(files)


def refusal(file: io.BytesIO, user, **options: bool) -> str:
    """The sentence; nothing of the parcel stayed."""
    before = [model.objects.count() for model in (Element, ElementHandle, Photo, Consent, LibraryEvent)]
    with pytest.raises(ParcelRefusedError) as refused:
        parcel.take_in(file, user, None, **options)
    assert before == [
        model.objects.count() for model in (Element, ElementHandle, Photo, Consent, LibraryEvent)
    ]
    sentence = str(refused.value)
    assert sentence.endswith(" Nothing was imported.")
    assert re.fullmatch(r"[A-Z“@][^\n!]+\.", sentence), sentence
    return sentence
