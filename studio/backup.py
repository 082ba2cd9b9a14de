"""A backup of a running studio: the database first, then the files that it names."""

import io
import os
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import connection

from media import storage
from studio import archives, dumps
from studio.archives import Entry, Hashed, Manifest, Refused

SAY_EVERY = 500
# Without these nothing sealed can be read. The link to become the first owner belongs to this machine.
SECRETS = ("credentials", "django")

Say = Callable[[str], None]
Add = Callable[[str, IO[bytes]], Entry]


def make(target: Path, with_secrets: bool, say: Say) -> Manifest:
    """Write a backup to `target`, a tar file if its name ends so, otherwise a folder. Raises Refused."""
    if target.exists() or target.is_symlink():
        raise Refused(f"{target} exists already.")
    if not target.parent.is_dir():
        raise Refused(f"There is no folder {target.parent}.")
    try:
        with tempfile.TemporaryDirectory(dir=target.parent, prefix=f".{target.name}.") as name:
            return _made(target, Path(name), with_secrets, say)
    except OSError as error:
        raise Refused(f"The backup could not be written: {error.strerror or error}.") from None


def _made(target: Path, folder: Path, with_secrets: bool, say: Say) -> Manifest:
    dumped = dumps.dump(folder)
    say(f"Database: {_size((folder / dumped.name).stat().st_size)}, copied and checked.")
    whole = folder / "whole"
    missing: list[str] = []
    with _in_tar(whole) if target.suffix == ".tar" else _in_folder(whole) as add:
        files = {dumped.name: _added(add, dumped.name, folder / dumped.name)}
        (folder / dumped.name).unlink()
        for number, (name, path) in enumerate(_named(dumped, with_secrets), 1):
            try:
                files[name] = _added(add, name, path)
            except FileNotFoundError:
                missing.append(name)
            if number % SAY_EVERY == 0:
                say(f"Files: {number}.")
        manifest = _manifest(dumped, with_secrets, missing, files)
        add(archives.MANIFEST, io.BytesIO(manifest.as_json().encode()))
    whole.rename(target)
    _sync(target.parent)
    return manifest


def _named(dumped: dumps.Dump, with_secrets: bool) -> Iterator[tuple[str, Path]]:
    """Every file that belongs to the dump, by its name in the backup."""
    media = Path(settings.MEDIA_ROOT)
    for sha256 in dumped.pictures:
        for path in (storage.original(sha256), *(storage.rendition(sha256, edge) for edge in storage.EDGES)):
            yield f"media/{path.relative_to(media)}", path
    for sha256 in dumped.documents:
        yield f"media/{storage.document(sha256).relative_to(media)}", storage.document(sha256)
    # What was paid for and fetched, and is not decoded yet.
    for path in sorted((media / "arrived").glob("*")):
        yield f"media/arrived/{path.name}", path
    if with_secrets:
        folder = Path(settings.DATA) / "secrets"
        for path in (folder / name for name in SECRETS):
            if path.exists():
                yield f"secrets/{path.name}", path


def _added(add: Add, name: str, path: Path) -> Entry:
    with path.open("rb") as file:
        return add(name, file)


@contextmanager
def _in_tar(whole: Path) -> Iterator[Add]:
    with whole.open("xb") as file:
        os.fchmod(file.fileno(), 0o600)
        with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as tar:

            def add(name: str, source: IO[bytes]) -> Entry:
                info = tarfile.TarInfo(name)
                info.size, info.mode = source.seek(0, os.SEEK_END), 0o600
                source.seek(0)
                hashed = Hashed(source)
                tar.addfile(info, hashed)
                tar.members = []  # type: ignore[attr-defined]  # else every header is kept until the end
                return hashed.entry()

            yield add
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _in_folder(whole: Path) -> Iterator[Add]:
    whole.mkdir(mode=0o700)

    def add(name: str, source: IO[bytes]) -> Entry:
        path = whole / name
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        hashed = Hashed(source)
        with path.open("xb") as file:
            os.fchmod(file.fileno(), 0o600)
            shutil.copyfileobj(hashed, file, archives.CHUNK)
        return hashed.entry()

    yield add
    os.sync()


def _manifest(
    dumped: dumps.Dump, with_secrets: bool, missing: list[str], files: dict[str, Entry]
) -> Manifest:
    return Manifest(
        format=archives.FORMAT,
        created_at=datetime.now(UTC).isoformat(timespec="seconds"),
        database=connection.vendor,
        migrations=dumped.migrations,
        counts=dumped.counts,
        secrets=with_secrets,
        missing=missing,
        files=files,
    )


def verify(path: Path) -> Manifest:
    """Compare every file of a backup with its manifest. Raises Refused."""
    return archives.read(path, _let_pass)


def _let_pass(name: str, file: Hashed) -> None:
    while file.read(archives.CHUNK):
        continue


def _size(count: int) -> str:
    return f"{count / 1024**2:.1f} MB"


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
