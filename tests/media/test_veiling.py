"""Veils: a few blurred pixels of a picture that nobody has looked at, made once and gone with it."""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest
from django.db import transaction
from PIL import Image

from media import altering, forgetting, storage, veiling
from media.intake import store
from media.models import Blob
from tests.media import pictures

pytestmark = pytest.mark.django_db


@pytest.fixture
def blob() -> Blob:
    return store(pictures.saved(pictures.speckled(900)))


def test_a_veil_has_few_pixels_that_run_into_each_other() -> None:
    stripes = Image.new("RGB", (1600, 900), "black")
    stripes.paste("white", (0, 0, 800, 900))
    path = veiling.veiled(store(pictures.saved(stripes)))
    assert path
    with Image.open(path) as veil:
        assert (veil.format, veil.size) == ("WEBP", (altering.VEIL_EDGE, 9))
        row = [pictures.pixel(veil, x, 4)[0] for x in range(16)]
    assert abs(row[0] - row[-1]) > 200
    assert max(abs(a - b) for a, b in pairwise(row)) < 100


@pytest.mark.parametrize("size", [(16, 128), (2048, 256), (16, 16)])
def test_any_shape_has_a_veil(size: tuple[int, int]) -> None:
    path = veiling.veiled(store(pictures.saved(pictures.quarters(size))))
    assert path
    with Image.open(path) as veil:
        assert max(veil.size) == altering.VEIL_EDGE


@pytest.mark.django_db(transaction=True)
def test_many_at_once_get_the_same_veil(blob: Blob) -> None:
    with ThreadPoolExecutor(8) as threads:
        made = set(threads.map(veiling.veiled, [blob] * 16))
    assert made == {storage.veil(blob.sha256)}


def test_a_veil_is_made_once(blob: Blob) -> None:
    first = veiling.veiled(blob)
    assert first
    before = first.stat().st_mtime_ns
    storage.rendition(blob.sha256, 512).unlink()
    assert veiling.veiled(blob) == first
    assert first.stat().st_mtime_ns == before


def test_without_a_rendition_there_is_none(blob: Blob, media_root: Path) -> None:
    storage.rendition(blob.sha256, 512).unlink()
    assert veiling.veiled(blob) is None
    assert not storage.veil(blob.sha256).exists()


def test_a_veil_goes_with_its_picture(blob: Blob) -> None:
    assert veiling.veiled(blob)
    with transaction.atomic():
        forgetting.let_go([blob])
    storage.delete(blob.sha256)
    assert not storage.veil(blob.sha256).exists()


def test_a_veil_that_comes_after_its_picture_went_does_not_stay(blob: Blob, tmp_path: Path) -> None:
    made = tmp_path / "veil.webp"
    made.write_bytes(b"late")
    storage.delete(blob.sha256)
    storage.place_veil(blob.sha256, made)
    assert not storage.veil(blob.sha256).exists()
