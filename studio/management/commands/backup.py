"""`manage.py backup`: everything that must survive, while the studio runs."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from studio import backup
from studio.archives import Manifest, Refused


class Command(BaseCommand):
    requires_system_checks = []  # those load all pages, which nobody asks for here
    help = "Writes a backup of database and files, or checks one; the studio may run meanwhile."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("target", type=Path, metavar="FILE.tar|DIR")
        parser.add_argument("--verify", action="store_true", help="check every hash of an existing backup")
        parser.add_argument(
            "--with-secrets",
            action="store_true",
            help="include the keys that sign and seal; without them providers' keys must be entered again",
        )

    def handle(
        self, *args: object, target: Path, verify: bool, with_secrets: bool, **options: object
    ) -> None:
        try:
            if verify:
                manifest = backup.verify(target)
            else:
                manifest = backup.make(target.absolute(), with_secrets, self.stdout.write)
        except Refused as error:
            raise CommandError(str(error) if verify else f"{error} No backup was made.") from None
        self._tell(manifest, f"{target} is whole" if verify else f"{target} is complete")

    def _tell(self, manifest: Manifest, said: str) -> None:
        for name in manifest.missing:
            self.stderr.write(f"Warning: {name} was deleted while the backup was made.")
        for name in manifest.damaged:
            self.stderr.write(f"Warning: {name} was changed by the disk; an older backup may have it whole.")
        size = sum(entry.bytes for entry in manifest.files.values()) / 1024**2
        counts = ", ".join(f"{count} {kind}" for kind, count in manifest.counts.items())
        self.stdout.write(f"{said}: {len(manifest.files)} files, {size:.1f} MB; {counts}.")
        if not manifest.secrets:
            self.stdout.write(
                "Secrets are not in it: keep the folder secrets/ elsewhere, or enter providers' keys again."
            )
