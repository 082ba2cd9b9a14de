"""Secrets made on first use and kept beside the data, readable by their owner only."""

import os
import secrets
from pathlib import Path


def keep(path: Path) -> str:
    """Return the secret in `path`, making one of 64 random bytes with mode 0600 when there is none."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _read(path)
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(64))
    return _read(path)


def _read(path: Path) -> str:
    text = path.read_text().strip()
    if len(text) < 50:
        raise RuntimeError(f"The secret file {path} is too short; delete it to make a new one.")
    return text
