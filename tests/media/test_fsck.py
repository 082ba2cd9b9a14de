"""What the disk lost of an original is found, named, and healed by giving the same file again."""

import os
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from media import storage
from media.intake import store
from tests.media import pictures

pytestmark = pytest.mark.django_db


def _doctor(*options: str) -> str:
    told = StringIO()
    with pytest.raises(SystemExit):  # no worker and no dispatcher run here
        call_command("doctor", *options, stdout=told)
    [line] = [line for line in told.getvalue().splitlines() if "  Files  " in line]
    return line


@pytest.fixture
def original() -> Path:
    return storage.original(store(pictures.png(300, 300)).sha256)


def test_an_original_that_was_cut_is_named_and_comes_back_when_given_again(original: Path) -> None:
    content = original.read_bytes()
    assert _doctor().startswith("well")
    os.truncate(original, 0)
    assert _doctor().startswith("NOT WELL")
    assert original.name in _doctor()
    store(content)
    assert _doctor("--read-all").startswith("well")


def test_an_original_that_went_is_named(original: Path) -> None:
    original.unlink()
    assert original.name in _doctor()


def test_other_bytes_of_the_same_size_are_found_by_reading_all(original: Path) -> None:
    original.write_bytes(bytes(original.stat().st_size))
    assert _doctor().startswith("well")
    assert original.name in _doctor("--read-all")
