"""Where bytes lie. The only module that knows paths, so that object storage can take its place."""

import os
import shutil
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from django.conf import settings

# Longest edges of the renditions, in pixels, largest first: each is made from the one before it.
EDGES = (1536, 512)
ABANDONED_AFTER = 3600.0
QUARANTINED = 7 * 86400.0
UNFINISHED = ".part"  # how the name ends of what has not come whole


def original(sha256: str) -> Path:
    return Path(settings.MEDIA_ROOT) / "blobs" / sha256[:2] / sha256[2:4] / sha256


def rendition(sha256: str, edge: int) -> Path:
    return Path(settings.MEDIA_ROOT) / "renditions" / sha256[:2] / sha256[2:4] / f"{sha256}-{edge}.webp"


def veil(sha256: str) -> Path:
    """What shows of a picture that nobody has looked at yet; only few have one (`media/veiling.py`)."""
    return rendition(sha256, EDGES[0]).with_name(f"{sha256}-veil.webp")


def document(sha256: str) -> Path:
    return Path(settings.MEDIA_ROOT) / "documents" / sha256[:2] / sha256[2:4] / f"{sha256}.pdf"


def arrival(name: str) -> Path:
    """Where bytes that were fetched from elsewhere wait to be decoded."""
    return Path(settings.MEDIA_ROOT) / "arrived" / name


def complete(sha256: str) -> bool:
    """Whether the original and every rendition are there."""
    return original(sha256).is_file() and all(rendition(sha256, edge).is_file() for edge in EDGES)


def is_whole(sha256: str, size: int) -> bool:
    """Whether the original is there with so many bytes."""
    try:
        return original(sha256).stat().st_size == size
    except OSError:
        return False


@contextmanager
def workspace() -> Iterator[Path]:
    """A private folder on the media file system; whatever is still in it at the end is deleted."""
    incoming = Path(settings.MEDIA_ROOT) / "incoming"
    incoming.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(dir=incoming) as folder:
        yield Path(folder)


def place(sha256: str, arrived: Path, renditions: Mapping[int, Path]) -> None:
    """Move a checked original and its renditions to their addresses; on return the disk holds them."""
    _move({**{path: rendition(sha256, edge) for edge, path in renditions.items()}, arrived: original(sha256)})


def place_veil(sha256: str, made: Path) -> None:
    """Keep a veil, unless its picture was deleted meanwhile."""
    _move({made: veil(sha256)})
    if not original(sha256).is_file():
        veil(sha256).unlink(missing_ok=True)


def place_document(sha256: str, arrived: Path) -> None:
    _move({arrived: document(sha256)})


def unfinished(name: str, fence: int) -> Path:
    """Where they are written; each try has a file of its own."""
    return arrival(f"{name}.{fence}{UNFINISHED}")


def keep_arrival(fetched: Path, name: str) -> None:
    """Bytes that lie synced among the arrivals have come whole; on return the disk holds their name."""
    target = arrival(name)
    fetched.replace(target)
    _sync_one(target.parent)


def quarantine(name: str) -> None:
    """Put aside what arrived and is no picture; `sweep` deletes it after a week."""
    target = Path(settings.MEDIA_ROOT) / "quarantine" / name
    with suppress(FileNotFoundError):
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.utime(arrival(name))
        arrival(name).replace(target)


def delete(sha256: str) -> None:
    """Remove an original and what was made of it, whichever of them are there; the veil last."""
    for path in (original(sha256), *(rendition(sha256, edge) for edge in EDGES), veil(sha256)):
        path.unlink(missing_ok=True)


def delete_document(sha256: str) -> None:
    document(sha256).unlink(missing_ok=True)


def sweep() -> int:
    """Delete what processes killed in the middle of an intake left behind; answer how many folders."""
    media = Path(settings.MEDIA_ROOT)
    for file in (media / "arrived").glob(f"*{UNFINISHED}"):
        _delete_if_older(file, ABANDONED_AFTER)
    for file in (media / "quarantine").glob("*"):
        _delete_if_older(file, QUARANTINED)
    return sum(_delete_if_older(folder, ABANDONED_AFTER) for folder in (media / "incoming").glob("*"))


def _delete_if_older(path: Path, seconds: float) -> bool:
    """Whether it was. Somebody else may sweep too; what cannot be deleted waits for the next round."""
    try:
        if path.stat().st_mtime >= time.time() - seconds:
            return False
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    except OSError:
        return False
    return True


def _move(targets: Mapping[Path, Path]) -> None:
    """Move each file to its target in the given order."""
    _sync(targets)
    for source, target in targets.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        source.replace(target)
    # The two folders above may be new as well.
    _sync({folder for target in targets.values() for folder in target.parents[:3]})


def _sync(paths: Collection[Path]) -> None:
    """Wait until the disk holds these. All are asked for at once, since it writes them together."""
    with ThreadPoolExecutor(len(paths)) as threads:
        for _ in threads.map(_sync_one, paths):
            pass


def _sync_one(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
