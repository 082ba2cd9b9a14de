"""The decoding child: it is limited, it may die or hang, and its parent lives."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from media import decoder
from media.child import PICTURES
from media.decoder import Decoder, NotAPicture
from tests.media import pictures
from tests.media.pictures import CORNERS, pixel, quarters, saved


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "source"
    path.write_bytes(saved(quarters()))
    return path


@pytest.fixture
def own() -> Iterator[Decoder]:
    own = Decoder()
    yield own
    own.close()


def targets(folder: Path) -> dict[int, Path]:
    return {1536: folder / "large.webp", 512: folder / "small.webp"}


def children() -> dict[int, str]:
    """Process ids of the decoding children of this process, with their command lines."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
            command = (folder / "cmdline").read_text().replace("\0", " ")
        except OSError:
            continue
        if parent == os.getpid() and "media.child" in command:
            found[int(folder.name)] = command
    return found


def own_child(own: Decoder, source: Path, folder: Path) -> int:
    before = children()
    own.examine(source, targets(folder))
    return next(iter(children().keys() - before.keys()))


def test_one_warm_child_serves_many_pictures_and_threads(own: Decoder, source: Path, tmp_path: Path) -> None:
    child = own_child(own, source, tmp_path)
    folders = [tmp_path / str(number) for number in range(4)]
    threads = []
    for folder in folders:
        folder.mkdir()
        threads.append(threading.Thread(target=own.examine, args=(source, targets(folder))))
        threads[-1].start()
    for thread in threads:
        thread.join()
    assert all((folder / "small.webp").exists() for folder in folders)
    assert child in children()


def test_a_child_warmed_up_before_the_picture_comes_takes_it(
    own: Decoder, source: Path, tmp_path: Path
) -> None:
    before = children()
    own.warm_up()
    own.warm_up()
    (child,) = children().keys() - before.keys()
    own.examine(source, targets(tmp_path))
    assert children().keys() - before.keys() == {child}


def test_the_child_knows_no_secrets_and_has_limits(own: Decoder, source: Path, tmp_path: Path) -> None:
    child = own_child(own, source, tmp_path)
    environment = Path(f"/proc/{child}/environ").read_bytes().split(b"\0")
    assert [line for line in environment if line] == [b"LC_ALL=C.UTF-8", b"OPENBLAS_NUM_THREADS=1"]
    limits = Path(f"/proc/{child}/limits").read_text()
    for name, value in (
        ("address space", str(decoder.MEMORY)),
        ("core file size", "0"),
        ("open files", "32"),
    ):
        line = next(line for line in limits.splitlines() if line.startswith(f"Max {name}"))
        assert value in line.split()


def test_a_child_killed_between_pictures_is_replaced(own: Decoder, source: Path, tmp_path: Path) -> None:
    child = own_child(own, source, tmp_path)
    os.kill(child, signal.SIGKILL)
    assert own.examine(source, targets(tmp_path)).width == 120
    assert child not in children()


def test_a_warm_child_killed_over_a_picture_gets_a_second_chance(
    own: Decoder, source: Path, tmp_path: Path
) -> None:
    child = own_child(own, source, tmp_path)
    slow = tmp_path / "slow"
    os.mkfifo(slow)

    def strike() -> None:
        source.replace(slow)
        os.kill(child, signal.SIGKILL)

    threading.Timer(0.3, strike).start()
    assert own.examine(slow, targets(tmp_path)).width == 120
    assert child not in children()


def test_a_picture_that_kills_every_child_is_refused(own: Decoder, source: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    done = threading.Event()

    def hunt() -> None:
        spared = set(before)
        while not done.wait(0.05):
            for child in children().keys() - spared:
                spared.add(child)
                os.kill(child, signal.SIGKILL)

    before = children()
    hunter = threading.Thread(target=hunt)
    hunter.start()
    with pytest.raises(NotAPicture, match="could not be read: reading it broke the decoder"):
        own.examine(pipe, targets(tmp_path))
    done.set()
    hunter.join()
    assert own.examine(source, targets(tmp_path)).width == 120


def test_a_picture_that_hangs_is_refused_in_time(source: Path, tmp_path: Path) -> None:
    hasty = Decoder(patience=0.02)
    endless = tmp_path / "endless"
    os.mkfifo(endless)
    with pytest.raises(NotAPicture, match="took too long"):
        hasty.examine(endless, targets(tmp_path))
    hasty.close()


def test_the_child_is_recycled_and_no_picture_is_lost(own: Decoder, source: Path, tmp_path: Path) -> None:
    child = own_child(own, source, tmp_path)
    source.write_bytes(pictures.png(16, 16))
    for _ in range(PICTURES + 1):
        assert own.examine(source, targets(tmp_path)).width == 16
    assert child not in children()


def test_after_an_interruption_no_answer_goes_to_the_wrong_picture(
    own: Decoder, source: Path, tmp_path: Path
) -> None:
    own.examine(source, targets(tmp_path))
    slow = tmp_path / "slow"
    os.mkfifo(slow)

    def interrupt(*_: object) -> None:
        raise RuntimeError("the task's time is over")

    before = signal.signal(signal.SIGALRM, interrupt)
    signal.setitimer(signal.ITIMER_REAL, 0.3)
    with pytest.raises(RuntimeError):
        own.examine(slow, targets(tmp_path))
    signal.signal(signal.SIGALRM, before)
    assert own.examine(source, targets(tmp_path)).width == 120


def test_a_disk_that_fails_is_not_the_fault_of_the_picture(source: Path, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        decoder.examine(source, targets(tmp_path / "missing"))
    with pytest.raises(FileNotFoundError):
        decoder.convert(tmp_path / "missing", tmp_path / "target", "PNG")


def test_a_picture_that_needs_too_much_memory_is_refused(source: Path, tmp_path: Path) -> None:
    narrow = Decoder(memory=120_000_000)
    large = tmp_path / "large"
    large.write_bytes(saved(Image.new("RGB", (5000, 5000)), compress_level=1))
    with pytest.raises(NotAPicture, match=r"more memory than is allowed|broke the decoder"):
        narrow.examine(large, targets(tmp_path))
    assert narrow.examine(source, targets(tmp_path)).width == 120
    narrow.close()


def program(text: str, *arguments: Path) -> subprocess.Popen[str]:
    """Another process that uses the decoder as a web or worker process does."""
    head = "import os, sys, time; from pathlib import Path; from media import decoder\n"
    command = [sys.executable, "-c", head + text, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(decoder.__file__).parents[1])


def test_the_child_goes_when_its_parent_is_killed(source: Path, tmp_path: Path) -> None:
    parent = program(
        "decoder.examine(Path(sys.argv[1]), {512: Path(sys.argv[2])})\n"
        "print(decoder._decoder._process.pid, flush=True); time.sleep(60)\n",
        source,
        tmp_path / "small.webp",
    )
    assert parent.stdout
    child = Path("/proc", parent.stdout.readline().strip())
    assert child.exists()
    parent.kill()
    parent.communicate()
    for _ in range(100):
        if not child.exists() or (child / "stat").read_text().rpartition(")")[2].split()[0] == "Z":
            break
        time.sleep(0.05)
    else:
        pytest.fail("the decoding child outlived its parent")


def test_a_forked_process_gets_a_child_of_its_own(source: Path, tmp_path: Path) -> None:
    parent = program(
        "source, target = Path(sys.argv[1]), Path(sys.argv[2])\n"
        "def work():\n"
        "    decoder.examine(source, {512: target})\n"
        "    print(decoder._decoder._process.pid, flush=True)\n"
        "work()\n"
        "forked = os.fork()\n"
        "work()\n"
        "if forked: os.waitpid(forked, 0)\n",
        source,
        tmp_path / "small.webp",
    )
    found = parent.communicate(timeout=30)[0].split()
    assert len(found) == 3
    assert len(set(found)) == 2


def test_renditions_and_likeness_are_the_same_each_time(source: Path, tmp_path: Path) -> None:
    first = decoder.examine(source, targets(tmp_path))
    before = (tmp_path / "small.webp").read_bytes()
    assert decoder.examine(source, targets(tmp_path)) == first
    assert (tmp_path / "small.webp").read_bytes() == before


@pytest.mark.parametrize("media_format", ["PNG", "JPEG", "WEBP"])
def test_a_conversion_is_upright_and_keeps_only_its_origin(media_format: str, tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(pictures.turned(6))
    decoder.convert(source, target, media_format)
    with Image.open(target) as made:
        assert (made.format, made.size) == (media_format, (120, 80))
        assert all(
            abs(a - b) < 30 for a, b in zip(pixel(made.convert("RGB"), 90, 20), CORNERS["green"], strict=True)
        )
        assert not {"exif", "icc_profile", "comment"} & set(made.info)
    assert b"digitalsourcetype/trainedAlgorithmicMedia" in target.read_bytes()


@pytest.mark.parametrize("media_format", ["PNG", "JPEG", "WEBP"])
def test_a_conversion_drops_scripts_and_says_what_it_is_told(media_format: str, tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(pictures.with_script_in_metadata("JPEG"))
    decoder.convert(source, target, media_format, xmp="<x:xmpmeta>drawn by hand</x:xmpmeta>")
    content = target.read_bytes()
    assert b"<script" not in content
    assert b"drawn by hand" in content
    assert b"trainedAlgorithmicMedia" not in content


def test_a_transparent_picture_becomes_a_jpeg_on_white(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(saved(Image.new("RGBA", (64, 64), (255, 0, 0, 0))))
    decoder.convert(source, target, "JPEG")
    with Image.open(target) as made:
        assert pixel(made, 32, 32) == (255, 255, 255)
    decoder.convert(source, target, "PNG")
    with Image.open(target) as made:
        assert pixel(made.convert("RGBA"), 32, 32)[3] == 0


def test_a_conversion_of_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "words").write_text("words")
    with pytest.raises(NotAPicture, match="not a JPEG"):
        decoder.convert(tmp_path / "words", tmp_path / "target", "PNG")
