"""`manage.py after_restore`: settles what a restored studio had sent, and lets it send again."""

import json
from argparse import ArgumentParser
from dataclasses import asdict

from django.core.management.base import BaseCommand

from generations import restored
from media import epoch
from studio import ground


class Command(BaseCommand):
    requires_system_checks = []  # those load all pages, which nobody asks for here
    help = "Settles every order that a restored studio had open, then lets the studio send again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *args: object, as_json: bool, **options: object) -> None:
        ground.lay_folders()
        ground.lay_schema()
        lines = restored.settle_open().lines
        epoch.lift()
        if as_json:
            told = {"orders": [asdict(line) for line in lines], "held": False}
            self.stdout.write(json.dumps(told, indent=2, default=str))
            return
        for line in lines:
            self.stdout.write("  ".join(str(value) for value in asdict(line).values()))
        self.stdout.write(f"Open orders looked at: {len(lines)}. The studio sends again.")
