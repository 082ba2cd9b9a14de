"""`manage.py doctor`: is everything well? Exit code 1 when something is not."""

import platform
import sys

import django
from django.core.management.base import BaseCommand

from studio import health


class Command(BaseCommand):
    help = "Says what works and what does not: database, disk, processes, hold, keys, versions."

    def handle(self, *args: object, **options: object) -> None:
        checks = health.for_owner()
        for check in checks:
            self.stdout.write(f"{'well' if check.ok else 'NOT WELL':<8}  {check.title:<10}  {check.said}")
        versions = f"Python {platform.python_version()}, Django {django.get_version()}."
        self.stdout.write(f"{'well':<8}  {'Versions':<10}  {versions}")
        if not all(check.ok for check in checks):
            sys.exit(1)
