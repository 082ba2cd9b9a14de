"""`manage.py route`: everything that the pages of routes do, with keys from files or standard input."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from pathlib import Path
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db.models import Q

from accounts.names import tidy
from accounts.people import RefusedError
from generations import agenda, heartbeats
from projects.models import Project
from routes import keys, policy, rows, shapes
from routes.models import Credential, PolicyKind
from studio import ground

NOTHING = "Nothing was kept."
SAFE = "Orders that wait for it stay queued. Nothing was spent."
LONGEST_NAME = 60
LARGEST = 16_384  # bytes; no key is nearly as long
Options = Mapping[str, object]


class Command(BaseCommand):
    requires_system_checks = []  # those load all pages, which nobody asks for here
    help = (
        "Adds, lists, tests, changes, pauses and removes keys of routes, and chooses how a project's orders "
        "find their route. A key or a secret is never told as an argument."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        acts = parser.add_subparsers(dest="act", required=True)
        add = acts.add_parser("add", help="keep a key, sealed, and ask for its test")
        add.add_argument("route", choices=list(shapes.AT_ONCE))
        add.add_argument("--name", help="by which people know it; without it, the route's")
        add.add_argument("--project", default="", metavar="SLUG", help="without it, the whole studio's")
        add.add_argument("--at-once", type=int, metavar="N", help="orders in flight; without it, the route's")
        _add_secrets(add)
        shown = acts.add_parser("list", help="every key that is not removed")
        shown.add_argument("--json", action="store_true", dest="as_json")
        for act, meaning in _MEANS.items():
            one = acts.add_parser(act, help=meaning)
            one.add_argument("key", help="its name, or its UUID where two have the same")
            if act == "change":
                one.add_argument("--name")
                one.add_argument("--at-once", type=int, metavar="N")
            elif act == "replace":
                _add_secrets(one)
        chosen = acts.add_parser("policy", help="how a project's orders find their route")
        chosen.add_argument("project", metavar="SLUG")
        chosen.add_argument("kind", nargs="?", choices=PolicyKind.values, help="without it, what holds now")

    def handle(self, *args: object, **options: object) -> None:
        ground.lay_folders()
        ground.lay_schema()
        if options["act"] == "list":
            self._list(as_json=bool(options["as_json"]))
            return
        try:
            self.stdout.write(_ACTS[str(options["act"])](options))
        except RefusedError as refusal:
            said = str(refusal)
            raise CommandError(said if said == keys.GONE else f"{said} {NOTHING}") from None

    def _list(self, *, as_json: bool) -> None:
        found = Credential.objects.living().select_related("project").order_by("route", "pk")
        if as_json:
            self.stdout.write(json.dumps([_facts(key) for key in found], indent=2))
            return
        for key in found:
            row = rows.row(key)
            parts = (row.name, row.route, f"…{row.ending}", row.whose, row.limit, row.state, row.closed)
            more = ("Paused" if row.is_paused else "", _hooks(key), row.uuid)
            self.stdout.write("  ".join(part for part in (*parts, *more) if part))


def _add_secrets(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--key-file", required=True, metavar="FILE", help="holds the key; - is standard input"
    )
    parser.add_argument(
        "--hook-secret-file",
        metavar="FILE",
        help="holds Kling's secret for webhooks; - is standard input",
    )
    parser.add_argument("--hook-user-id", default="", metavar="ID", help="ours at fal.ai, for its webhooks")


def _add(options: Options) -> str:
    route, limit = str(options["route"]), options["at_once"]
    name = shapes.label(route) if options["name"] is None else _name(options["name"])
    at_once = limit if isinstance(limit, int) else shapes.AT_ONCE[route]
    project = _project(str(options["project"])) if options["project"] else None
    key = keys.add(keys.NewKey(route, name, _secrets(options), at_once, project), None)
    return f"{key.name} is kept as …{key.ending}. {_tests()}"


def _replace(options: Options) -> str:
    key = _key(options)
    keys.replace(key, _secrets(options))
    return f"{key.name} has its new key. {_tests()}"


def _change(options: Options) -> str:
    key, limit = _key(options), options["at_once"]
    name = key.name if options["name"] is None else _name(options["name"])
    keys.change(key, name, limit if isinstance(limit, int) else key.at_once)
    key.refresh_from_db()
    return f"{key.name}: {rows.row(key).limit}."


def _test(options: Options) -> str:
    key = _key(options)
    keys.ask_test(key)
    return f"{key.name}: {_tests()} `manage.py route list` shows what came of it."


def _pause(options: Options) -> str:
    key = _key(options)
    keys.pause(key)
    return f"{key.name} is paused. {SAFE}"


def _resume(options: Options) -> str:
    key = _key(options)
    keys.resume(key)
    return f"{key.name} carries orders again."


def _reopen(options: Options) -> str:
    key = _key(options)
    keys.reopen(key)
    return f"Orders go through {key.name} again, from now on."


def _remove(options: Options) -> str:
    key = _key(options)
    keys.remove(key)
    agenda.retire_keys()
    fate = "as soon as the orders in flight are fetched" if keys.is_kept(key) else "now"
    return f"{key.name} is removed; its key is deleted here {fate}. {SAFE}"


def _policy(options: Options) -> str:
    project = _project(str(options["project"]))
    if options["kind"] is not None:
        policy.choose(project, PolicyKind(str(options["kind"])))
    kind = PolicyKind(policy.of(project))
    return f"{project.name}: {kind.value}. {policy.MEANS[kind]}"


_MEANS = {
    "test": "have the dispatcher ask the provider about it, which is free",
    "change": "give it another name or limit",
    "replace": "put another key in its place",
    "pause": "send nothing more by it; orders in flight are still fetched",
    "resume": "send by it again",
    "reopen": "try again now, whatever was refused before",
    "remove": "delete it here",
}
_ACTS: dict[str, Callable[[Options], str]] = {
    "add": _add,
    "test": _test,
    "change": _change,
    "replace": _replace,
    "pause": _pause,
    "resume": _resume,
    "reopen": _reopen,
    "remove": _remove,
    "policy": _policy,
}


def _tests() -> str:
    if heartbeats.heard_from("dispatcher"):
        return "The dispatcher tests it, which is free."
    return "It is tested, which is free, when a dispatcher runs: `manage.py up` starts one."


def _key(options: Options) -> Credential:
    """The living key of this UUID, or the only one of this name."""
    said = str(options["key"])
    living = Credential.objects.living().select_related("project")
    found = list(living.filter(_is_uuid(said) or Q(name=said))[:2])
    if not found:
        raise CommandError(f"There is no key {said}. Nothing was changed.")
    if len(found) > 1:
        raise CommandError(
            f"Several keys are called {said}: say which by its UUID, as `manage.py route list` shows it. "
            "Nothing was changed."
        )
    return found[0]


def _is_uuid(said: str) -> Q:
    """Empty where it is none."""
    try:
        return Q(uuid=UUID(said))
    except ValueError:
        return Q()


def _name(said: object) -> str:
    try:
        name = tidy(str(said))
    except ValidationError:
        name = ""
    if not 1 <= len(name) <= LONGEST_NAME:
        raise CommandError(f"--name has 1 to {LONGEST_NAME} characters. {NOTHING}")
    return name


def _secrets(options: Options) -> keys.Secrets:
    """What is sealed, each from its own file."""
    file, hook_file = str(options["key_file"]), options["hook_secret_file"]
    if file == hook_file == "-":
        raise CommandError(f"Only one of the two can come from standard input. {NOTHING}")
    hook = "" if hook_file is None else _read(str(hook_file)).strip()
    if hook_file is not None and not hook:
        raise CommandError(f"{hook_file}: there is no webhook secret in it. {NOTHING}")
    return keys.Secrets(_read(file), hook, str(options["hook_user_id"]))


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


def _project(slug: str) -> Project:
    project = Project.objects.filter(slug=slug).first()
    if project is None:
        raise CommandError(f"There is no project {slug}. {NOTHING}")
    return project


def _hooks(key: Credential) -> str:
    """What lets its webhooks be believed, never in clear; empty where none is set."""
    secret = "Webhook secret set" if key.hook_sealed else ""
    return secret or ("User ID set" if key.hook_user_id else "")


def _facts(key: Credential) -> dict[str, object]:
    return {
        "uuid": str(key.uuid),
        "route": key.route,
        "name": key.name,
        "ending": key.ending,
        "project": key.project.slug if key.project else None,
        "at_once": key.at_once,
        "paused": key.paused_at is not None,
        "hook_secret_set": bool(key.hook_sealed),
        "hook_user_id_set": bool(key.hook_user_id),
        "is_tested": keys.is_tested(key),
        "works": key.works,
        "said": key.said,
        "balance_micro_usd": key.balance_micro_usd,
        "tested_at": key.tested_at.isoformat() if key.tested_at else None,
        "closed_until": key.closed_until.isoformat() if key.closed_until else None,
        "closed_why": key.closed_why,
        "last_error": key.last_error,
    }
