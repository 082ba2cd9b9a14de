"""Streamed zips: complete, readable by others, of the length announced, and flat in memory."""

import io
import json
import tracemalloc
import zipfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from media.archive import Entry, stream


def opened(*entries: Entry) -> zipfile.ZipFile:
    """The archive as another program reads it; its length is the one announced."""
    parts, length = stream(entries)
    content = b"".join(parts)
    assert len(content) == length
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert archive.testzip() is None
    return archive


def test_files_and_sidecars_come_out_as_they_went_in(tmp_path: Path) -> None:
    picture = tmp_path / "ab12"
    picture.write_bytes(bytes(range(256)) * 4000)
    facts = json.dumps({"prompt": "Straße bei Nacht, 夜"}).encode()
    archive = opened(Entry("night/still 1.png", picture), Entry("night/still 1.json", facts))
    assert archive.namelist() == ["night/still 1.png", "night/still 1.json"]
    assert archive.read("night/still 1.png") == picture.read_bytes()
    assert archive.read("night/still 1.json") == facts
    assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_STORED}


def test_hostile_and_equal_names_become_safe_and_distinct() -> None:
    names = [
        "../../etc/passwd",
        "/abs/x",
        "C:\\x",
        "CON.png",
        "a.png",
        "A.png",
        "a (2).png",
        "a\0.png",
        "",
        "..",
        "a.",
    ]
    found = opened(*(Entry(name, b"x") for name in names)).namelist()
    assert found == [
        "etc/passwd",
        "abs/x",
        "x",
        "_CON.png",
        "a.png",
        "A (2).png",
        "a (2) (2).png",
        "a (3).png",
        "untitled",
        "untitled (2)",
        "a",
    ]


def test_a_lost_file_leaves_a_note(tmp_path: Path) -> None:
    archive = opened(Entry("one.png", tmp_path / "gone"), Entry("two.png", b"2"))
    assert archive.namelist() == ["one.png is missing.txt", "two.png"]


def test_an_archive_of_nothing_is_an_archive() -> None:
    assert opened().namelist() == []


def test_memory_stays_flat(tmp_path: Path) -> None:
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(60_000_000)
    parts, length = stream(Entry(f"{number}.png", large) for number in range(4))
    tracemalloc.start()
    assert sum(len(part) for part in parts) == length
    assert tracemalloc.get_traced_memory()[1] < 4_000_000
    tracemalloc.stop()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(max_size=40), max_size=12))
def test_any_names_give_a_good_archive(names: list[str]) -> None:
    found = opened(*(Entry(name, str(index).encode()) for index, name in enumerate(names)))
    assert len({name.casefold() for name in found.namelist()}) == len(names)
    assert [found.read(info) for info in found.infolist()] == [
        str(index).encode() for index in range(len(names))
    ]
