"""`manage.py after_restore`: settles what a restored studio had sent, and lets it send again."""

import json
from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import asdict
from importlib import import_module
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from generations.models import Generation
from media import epoch
from studio import ground


class Command(BaseCommand):
    help = "Settles every order that a restored studio had open, then lets the studio send again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *args: object, as_json: bool, **options: object) -> None:
        ground.lay_folders()
        ground.lay_schema()
        lines = _settle()
        epoch.lift()
        if as_json:
            told = {"orders": [asdict(line) for line in lines], "held": False}
            self.stdout.write(json.dumps(told, indent=2, default=str))
            return
        for line in lines:
            self.stdout.write("  ".join(str(value) for value in asdict(line).values()))
        self.stdout.write(f"Open orders looked at: {len(lines)}. The studio sends again.")


def _settle() -> Sequence[Any]:
    """What became of each order that a provider may have. Raises CommandError, and the studio stays held."""
    try:
        restored = import_module("generations.restored")
    except ModuleNotFoundError:
        return _none_open()
    lines: Sequence[Any] = restored.settle_open().lines
    return lines


def _none_open() -> Sequence[Any]:
    """Without the module nothing can be settled, so nothing of a paid route may be open."""
    paid = Generation.objects.open().exclude(route="draft").order_by("pk")
    for generation in paid:
        raise CommandError(
            f"{paid.count()} orders of paid routes are open, the first {generation.uuid}, and this version"
            " cannot settle them. The studio stays held."
        )
    return ()
