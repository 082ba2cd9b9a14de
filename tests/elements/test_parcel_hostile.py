"""Archives that climb out, lie, burst or are cut short: a sentence, and nothing half."""

import io
import json
import stat
import struct
import warnings
import zipfile
from contextlib import suppress
from typing import Any

import pytest

from elements import looks, parcel
from elements.models import Element, Photo
from elements.parcel_file import MOST_ENTRIES
from elements.parcel_text import ParcelRefusedError
from media.models import Blob
from tests.elements.parcels import FRONT, TEXT, a_parcel, refusal, zipped
from tests.factories import make_picture

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "name",
    [
        "../x.png",
        "/x.png",
        "mara/../../x.png",
        "..\\x.png",
        "C:\\x.png",
        "C:x.png",
        "mara//x.png",
        "./x.png",
        "..",
    ],
)
def test_a_name_that_climbs_out_is_refused(ana, name):
    assert "leads out of the archive" in refusal(a_parcel({name: b"x"}), ana)


def test_a_link_is_refused(ana):
    file = a_parcel()
    with zipfile.ZipFile(file, "a") as made:
        link = zipfile.ZipInfo("mara/back.png")
        link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        made.writestr(link, "/etc/passwd")
    assert "is a link or a device" in refusal(file, ana)


def test_one_name_twice_is_refused(ana):
    file = a_parcel()
    with warnings.catch_warnings(), zipfile.ZipFile(file, "a") as made:
        warnings.simplefilter("ignore")
        made.writestr("mara/front.png", make_picture("#ff0000", (480, 480)))
    assert "is in this archive twice" in refusal(file, ana)


def test_a_bomb_is_refused_before_it_is_unpacked(ana):
    text = {**TEXT, "photos": [{"file": "front.png", "angle": "front"}, {"file": "b.png", "angle": "back"}]}
    files: dict[str, Any] = {
        "mara/element.json": json.dumps(text),
        "mara/front.png": FRONT,
        "mara/b.png": b"\0" * 20_000_000,
    }
    assert "unpacks to far more than a picture does" in refusal(zipped(files, zipfile.ZIP_DEFLATED), ana)


def test_what_unpacks_to_too_much_in_all_is_refused(ana, monkeypatch):
    monkeypatch.setattr("elements.parcel_file.MOST_UNPACKED", 1000)
    assert "unpacks to more than" in refusal(a_parcel(), ana)


def test_too_large_an_archive_is_refused(ana, monkeypatch):
    monkeypatch.setattr("elements.parcel_file.LARGEST", 100)
    assert "This archive is larger than" in refusal(a_parcel(), ana)


def test_too_many_files_are_refused(ana):
    assert "more than 600 files" in refusal(
        a_parcel({f"mara/{n}.png": b"" for n in range(MOST_ENTRIES)}), ana
    )


def test_a_list_that_lies_about_its_length_is_not_read(ana):
    """A directory of 66,000 names that says it has three."""
    content = bytearray(zipped({f"{n:0>40}": b"" for n in range(30_000)}).getvalue())
    at = content.rfind(b"PK\x05\x06")
    content[at + 8 : at + 12] = struct.pack("<HH", 3, 3)
    assert "more than 600 files" in refusal(io.BytesIO(bytes(content)), ana)


def test_a_zip_in_a_zip_is_never_opened(ana):
    inner = a_parcel().getvalue()
    assert "“mara/more.zip” belongs to no element" in refusal(a_parcel({"mara/more.zip": inner}), ana)
    text = {**TEXT, "photos": [{"file": "front.zip", "angle": "front"}]}
    nested = zipped({"mara/element.json": json.dumps(text), "mara/front.zip": inner})
    assert "“mara/front.zip” was not taken. This" in refusal(nested, ana)


def test_a_photo_that_is_none_leaves_nothing(ana):
    file = zipped({"mara/element.json": json.dumps(TEXT), "mara/front.png": b"MZ" + b"\0" * 2000})
    assert "“mara/front.png” was not taken." in refusal(file, ana)


@pytest.mark.django_db(transaction=True)
def test_pictures_stored_for_an_element_that_was_refused_are_deleted(ana, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    more = {
        "vase/element.json": json.dumps({**TEXT, "handle": "vase", "kind": "ghost"}),
        "vase/front.png": make_picture("#c0ffee", (480, 480)),
    }
    assert "@vase cannot be made. Choose a kind" in refusal(a_parcel(more), ana)
    assert not Blob.objects.exists()
    assert not any(path.is_file() for path in tmp_path.rglob("*"))


@pytest.mark.parametrize("at", ["password", "method", "cut", "flipped", "empty", "text"])
def test_a_damaged_archive_is_a_sentence(ana, at):
    content = bytearray(a_parcel().getvalue())
    first = content.find(b"PK\x01\x02")
    if at == "password":
        content[first + 8] |= 1
    elif at == "method":
        content[first + 10] = 14
    elif at == "flipped":
        content[content.find(b"character")] ^= 0x20
    file = {"cut": bytes(content[:-30]), "empty": b"", "text": b"hello"}.get(at, bytes(content))
    words = {
        "password": "is locked with a password",
        "method": "is packed in a way that is not read here",
        "flipped": "“mara/element.json” is damaged",
    }.get(at, "This archive is damaged, or it is not a zip.")
    assert words in refusal(io.BytesIO(file), ana)


@pytest.mark.parametrize("at", range(0, 1200, 29))
def test_whatever_byte_is_wrong_nothing_is_half(ana, at):
    content = bytearray(a_parcel().getvalue())
    content[at % len(content)] ^= 0xFF
    with suppress(ParcelRefusedError):
        parcel.take_in(io.BytesIO(bytes(content)), ana, None)
    assert all(looks.look(element.current).photos for element in Element.objects.all())
    assert Photo.objects.count() == Element.objects.count()
