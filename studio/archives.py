"""The form of a backup: a tar file or a folder with the database, files named by content, a manifest last.

Reading trusts nothing: names outside the known forms, links, devices and twins are refused, and every file is
compared with the manifest.
"""

import hashlib
import json
import re
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, BinaryIO

FORMAT = 1
MANIFEST = "manifest.json"
MANIFEST_MOST = 512 * 1024**2
CHUNK = 1024 * 1024
DATABASES = {"sqlite": "database.sqlite3", "postgresql": "database.dump"}
_HEX = "[0-9a-f]"
_NAMES = re.compile(
    rf"manifest\.json|database\.(sqlite3|dump)|secrets/[a-z_]{{1,40}}"
    rf"|media/(blobs|renditions|documents)/{_HEX}{{2}}/{_HEX}{{2}}/{_HEX}{{64}}(-\d{{1,5}}\.webp|\.pdf)?"
    rf"|media/arrived/[A-Za-z0-9_-][A-Za-z0-9_.-]{{0,150}}"
)
_NAMED_BY_CONTENT = re.compile(rf"media/(blobs|documents)/(?:{_HEX}{{2}}/){{2}}({_HEX}{{64}})(\.pdf)?")


class Refused(RuntimeError):  # noqa: N818 - reads as the fact it reports
    """It cannot be done; the text is one sentence for people."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file of a backup; `bytes` is its size."""

    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds. `migrations` is the latest of each app; `missing` were deleted meanwhile."""

    format: int
    created_at: str
    database: str
    migrations: dict[str, str]
    counts: dict[str, int]
    secrets: bool
    missing: list[str]
    files: dict[str, Entry]

    @property
    def damaged(self) -> list[str]:
        """Originals whose bytes are not those they are named by: the disk changed them before the backup."""
        named = ((name, _NAMED_BY_CONTENT.fullmatch(name)) for name in self.files)
        return [name for name, found in named if found and found[2] != self.files[name].sha256]

    def as_json(self) -> str:
        return json.dumps(asdict(self), indent=1)


class Hashed:
    """Reads a file and knows the hash of what was read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._sha256 = hashlib.sha256()
        self._bytes = 0

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self._sha256.update(data)
        self._bytes += len(data)
        return data

    def entry(self) -> Entry:
        return Entry(self._sha256.hexdigest(), self._bytes)


def read(path: Path, keep: Callable[[str, Hashed], None]) -> Manifest:
    """Check a whole backup against its manifest; `keep` gets every file and must read it. Raises Refused."""
    found: dict[str, Entry] = {}
    said: bytes | None = None
    try:
        for name, size, file in _entries(path):
            if name in found or (name == MANIFEST and said is not None):
                raise Refused(f"{path.name} holds {name} twice.")
            if name == MANIFEST:
                said = _short(path, size, file)
                continue
            hashed = Hashed(file)
            keep(name, hashed)
            found[name] = hashed.entry()
    except (tarfile.TarError, EOFError, ValueError, OverflowError) as error:
        raise Refused(f"{path.name} is damaged: {error}.") from None
    if said is None:
        raise Refused(f"{path.name} is no complete backup: it has no manifest.")
    manifest = _manifest(path, said)
    _compare(path, manifest, found)
    return manifest


def _entries(path: Path) -> Iterator[tuple[str, int, IO[bytes]]]:
    if path.is_dir():
        yield from _in_folder(path)
    elif path.is_file():
        yield from _in_tar(path)
    else:
        raise Refused(f"There is no backup at {path}.")


def _in_tar(path: Path) -> Iterator[tuple[str, int, BinaryIO | IO[bytes]]]:
    whole = path.stat().st_size
    with tarfile.open(path, "r:") as tar:
        for member in tar:
            _known(path, member.name)
            if member.size > whole:
                raise Refused(f"{path.name} is damaged: it is shorter than {member.name} alone.")
            plain = member.type in (tarfile.REGTYPE, tarfile.AREGTYPE) and not member.issparse()
            file = tar.extractfile(member) if plain else None
            if file is None:
                raise Refused(f"{path.name} holds {member.name}, which is no plain file.")
            yield member.name, member.size, file
            tar.members = []  # type: ignore[attr-defined]  # else every header is kept until the end


def _in_folder(path: Path) -> Iterator[tuple[str, int, IO[bytes]]]:
    for entry in sorted(path.rglob("*")):
        name = entry.relative_to(path).as_posix()
        if entry.is_dir() and not entry.is_symlink():
            continue
        _known(path, name)
        if entry.is_symlink() or not entry.is_file():
            raise Refused(f"{path.name} holds {name}, which is no plain file.")
        with entry.open("rb") as file:
            yield name, entry.stat().st_size, file


def _known(path: Path, name: str) -> None:
    if not _NAMES.fullmatch(name):
        raise Refused(f"{path.name} holds {name[:80]!r}, which no backup holds.")


def _short(path: Path, size: int, file: IO[bytes]) -> bytes:
    if size > MANIFEST_MOST:
        raise Refused(f"The manifest of {path.name} is too long.")
    return file.read()


def _manifest(path: Path, said: bytes) -> Manifest:
    try:
        told = json.loads(said)
        if told["format"] != FORMAT:
            raise Refused(f"{path.name} has form {told['format']!r}; this Framehouse reads form {FORMAT}.")
        files = {
            str(name): Entry(str(row["sha256"]), int(row["bytes"])) for name, row in told["files"].items()
        }
        return Manifest(
            format=FORMAT,
            created_at=str(told["created_at"]),
            database=str(told["database"]),
            migrations={str(app): str(name) for app, name in told["migrations"].items()},
            counts={str(kind): int(count) for kind, count in told["counts"].items()},
            secrets=bool(told["secrets"]),
            missing=[str(name) for name in told["missing"]],
            files=files,
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise Refused(f"The manifest of {path.name} cannot be read.") from None


def _compare(path: Path, manifest: Manifest, found: dict[str, Entry]) -> None:
    if DATABASES.get(manifest.database) not in manifest.files:
        raise Refused(f"{path.name} names no database.")
    for name, entry in manifest.files.items():
        if name not in found:
            raise Refused(f"{path.name} lacks {name}, which its manifest names.")
        if found[name] != entry:
            raise Refused(f"{path.name} is damaged: {name} is not what its manifest says.")
    if more := found.keys() - manifest.files.keys():
        raise Refused(f"{path.name} holds {min(more)}, which its manifest does not name.")
