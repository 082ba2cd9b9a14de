"""Draws the contact sheet of the draft engine into one file."""

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand

from providers.draft.sheet import sheet


class Command(BaseCommand):
    help = "Draws every place, angle, shot size and hour of the draft engine into one picture."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--out", type=Path, default=Path("draft-sheet.jpg"), metavar="FILE")

    def handle(self, *, out: Path, **_: object) -> None:
        sheet().save(out, quality=90)
        self.stdout.write(f"{out}")
