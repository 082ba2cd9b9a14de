"""`manage.py doctor`: is everything well? Exit code 1 when something is not."""

import platform
import sys
from argparse import ArgumentParser
from itertools import islice

import django
from django.core.management.base import BaseCommand

from media import fsck
from studio import health
from studio.health import Check

NAMED = 5  # damaged pictures


class Command(BaseCommand):
    requires_system_checks = []  # those load all pages, which nobody asks for here
    help = "Says what works and what does not: database, disk, processes, hold, keys, versions."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--read-all",
            action="store_true",
            help="read every original and compare its bytes with its SHA-256, not only its size",
        )

    def handle(self, *args: object, read_all: bool, **options: object) -> None:
        checks = health.for_owner()
        if checks[0].ok:
            checks.append(_originals(read_all=read_all))
        for check in checks:
            self.stdout.write(f"{'well' if check.ok else 'NOT WELL':<8}  {check.title:<10}  {check.said}")
        versions = f"Python {platform.python_version()}, Django {django.get_version()}."
        self.stdout.write(f"{'well':<8}  {'Versions':<10}  {versions}")
        if not all(check.ok for check in checks):
            sys.exit(1)


def _originals(*, read_all: bool) -> Check:
    found = list(islice(fsck.damaged(read_all=read_all), NAMED + 1))
    if not found:
        said = "have the bytes" if read_all else "are there in the size"
        return Check("files", True, f"All originals {said} that their rows tell.")
    more = " and more" if len(found) > NAMED else ""
    said = f"Damaged originals: {', '.join(found[:NAMED])}{more}. Give the same files again or restore."
    return Check("files", False, said)
