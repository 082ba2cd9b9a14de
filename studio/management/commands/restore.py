"""`manage.py restore`: a backup in the place of this studio."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from studio import ground, restoring
from studio.archives import Refused


class Command(BaseCommand):
    requires_system_checks = []  # those load all pages, which nobody asks for here
    help = "Puts a backup in the place of this studio, which then sends nothing until after_restore has run."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("backup", type=Path, metavar="FILE.tar|DIR")
        parser.add_argument("--force", action="store_true", help="replace what is in this studio")

    def handle(self, *args: object, backup: Path, force: bool, **options: object) -> None:
        try:
            ground.lay_folders()
            with ground.lock():
                manifest = restoring.restore(backup.absolute(), force, self.stdout.write)
        except (ground.NotNow, Refused) as error:
            raise CommandError(f"{error} Nothing was restored.") from None
        counts = ", ".join(f"{count} {kind}" for kind, count in manifest.counts.items())
        self.stdout.write(f"Restored: {counts}.")
        if not manifest.secrets:
            self.stdout.write("Without the former secrets/ providers' keys must be entered again.")
        self.stdout.write("The studio sends nothing until `manage.py after_restore` has run.")
