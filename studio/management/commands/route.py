"""`manage.py route`: adds a key of a route from a file or from standard input, and lists keys."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from accounts.people import RefusedError
from projects.models import Project
from routes import keys, rows, shapes
from routes.models import Credential
from studio import ground

NOTHING = "Nothing was kept."
LONGEST_NAME = 60
LARGEST = 16_384  # bytes; no key is nearly as long


class Command(BaseCommand):
    help = "Adds a key of a route, or lists the keys. A key is never told as an argument."

    def add_arguments(self, parser: ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        add = acts.add_parser("add", help="keep a key, sealed, and ask for its test")
        add.add_argument("route", choices=list(shapes.AT_ONCE))
        add.add_argument("--name", required=True, help="by which people know it")
        add.add_argument("--project", default="", metavar="SLUG", help="without it, the whole studio's")
        add.add_argument("--at-once", type=int, metavar="N", help="orders in flight; without it, the route's")
        add.add_argument(
            "--key-file", required=True, metavar="FILE", help="holds the key; - is standard input"
        )
        shown = acts.add_parser("list", help="every key that is not removed")
        shown.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *args: object, **options: object) -> None:
        ground.lay_folders()
        ground.lay_schema()
        if options["act"] == "list":
            self._list(as_json=bool(options["as_json"]))
            return
        key = _added(options)
        self.stdout.write(f"{key.name} is kept as …{key.ending}. The dispatcher tests it, which is free.")

    def _list(self, *, as_json: bool) -> None:
        found = Credential.objects.living().select_related("project").order_by("route", "pk")
        if as_json:
            self.stdout.write(json.dumps([_facts(key) for key in found], indent=2))
            return
        for row in map(rows.row, found):
            parts = (row.name, row.route, f"…{row.ending}", row.whose, row.limit, row.state, row.closed)
            self.stdout.write("  ".join(part for part in (*parts, "Paused" if row.is_paused else "") if part))


def _added(options: dict[str, object]) -> Credential:
    """The key that the options describe, or CommandError with one sentence."""
    route, name, limit = str(options["route"]), str(options["name"]).strip(), options["at_once"]
    if not 1 <= len(name) <= LONGEST_NAME:
        raise CommandError(f"--name has 1 to {LONGEST_NAME} characters. {NOTHING}")
    project = _project(str(options["project"]))
    secrets = keys.Secrets(_read(str(options["key_file"])))
    at_once = limit if isinstance(limit, int) else shapes.AT_ONCE[route]
    try:
        return keys.add(keys.NewKey(route, name, secrets, at_once, project), None)
    except RefusedError as refusal:
        raise CommandError(f"{refusal} {NOTHING}") from None


def _read(name: str) -> str:
    """The key in the file; `-` is standard input."""
    try:
        if name == "-":
            return sys.stdin.read(LARGEST)
        with Path(name).open(encoding="utf-8") as file:
            return file.read(LARGEST)
    except UnicodeDecodeError:
        raise CommandError(f"{name}: this is not a text. {NOTHING}") from None
    except OSError as error:
        raise CommandError(f"{name}: {error.strerror or 'it cannot be read'}. {NOTHING}") from None


def _project(slug: str) -> Project | None:
    if not slug:
        return None
    project = Project.objects.filter(slug=slug).first()
    if project is None:
        raise CommandError(f"There is no project {slug}. {NOTHING}")
    return project


def _facts(key: Credential) -> dict[str, object]:
    return {
        "uuid": str(key.uuid),
        "route": key.route,
        "name": key.name,
        "ending": key.ending,
        "project": key.project.slug if key.project else None,
        "at_once": key.at_once,
        "paused": key.paused_at is not None,
        "works": key.works,
        "said": key.said,
        "balance_micro_usd": key.balance_micro_usd,
        "tested_at": key.tested_at.isoformat() if key.tested_at else None,
        "closed_until": key.closed_until.isoformat() if key.closed_until else None,
        "closed_why": key.closed_why,
    }
