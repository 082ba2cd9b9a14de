"""Finds the Chromium that browser tests drive; `python -m tests.chromium` names it or installs Debian's."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find() -> str | None:
    """The path named by STUDIO_CHROMIUM, else the system's, else Playwright's own, else None."""
    named = os.environ.get("STUDIO_CHROMIUM")
    if named:
        return named
    system = next((path for name in NAMES if (path := shutil.which(name))), None)
    return system or _playwrights_own()


def required() -> bool:
    return os.environ.get("STUDIO_REQUIRE_BROWSER") == "1"


def flags() -> list[str]:
    return [*FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]


def _playwrights_own() -> str | None:
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if path and Path(path).exists() else None


def _install() -> None:
    """On Debian as root the system's package may be installed; nothing else is tried."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in ("apt-get update", "apt-get install -y --no-install-recommends chromium"):
        subprocess.run(command.split(), check=False, env=quiet, capture_output=True)


def main() -> int:
    if find() is None:
        _install()
    path = find()
    if path:
        print(f"Browser tests use {path}.")  # noqa: T201
        return 0
    print("No Chromium was found, so browser tests cannot run. Set STUDIO_CHROMIUM or install one.")  # noqa: T201
    return 1 if required() else 0


if __name__ == "__main__":
    sys.exit(main())
