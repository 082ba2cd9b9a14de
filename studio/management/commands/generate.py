"""`manage.py generate`: one generation from the command line, through the same pipeline as the composer."""

import json
import shutil
import time
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

from django.core.management.base import BaseCommand, CommandError
from django.utils.datastructures import MultiValueDict

from accounts.models import StudioRole, User
from elements import references as library
from elements.models import ElementHandle, Reference, ReferenceRole
from elements.references import DEFAULT_ROLE
from generations import drawing, heartbeats, plan, routing, sending, words
from generations.batches import Batch
from generations.forms import ComposerForm
from generations.models import Generation, Output, OutputState, State, Twin
from generations.twins import OPEN
from media import intake, storage
from media.models import Blob
from projects.models import Project
from spend import budgets
from spend.ledger import MICRO
from studio import ground

LOOK_EVERY = 0.05
TWINS_WITHIN = 60.0
INTERRUPTED = 130
DECIDE = "Open it in the queue and decide there; nothing is sent again by itself."
ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}


class Command(BaseCommand):
    requires_system_checks = []  # those load all pages, which nobody asks for here
    help = (
        "Makes pictures and waits for them. Drafts it draws itself when no worker lives; what a provider "
        "makes waits for the dispatcher."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--project", required=True, metavar="SLUG")
        parser.add_argument("--as", dest="email", metavar="EMAIL", help="who asks; without it, the owner")
        parser.add_argument("--model", default="o3", help="v3, o3, o1 or v2-1")
        parser.add_argument("--route", default="draft", help="draft, fal, runware or kling")
        parser.add_argument("--prompt", default="")
        parser.add_argument("--negative-prompt", default="", dest="negative")
        parser.add_argument("--reference", action="append", default=[], metavar="FILE[:ROLE]")
        parser.add_argument("--element", action="append", default=[], metavar="HANDLE")
        parser.add_argument(
            "--as-references",
            action="store_true",
            help="send elements as ordered references to a route that has no elements",
        )
        parser.add_argument("--panel", action="append", default=[], metavar="TEXT", help="makes a series")
        number = parser.add_mutually_exclusive_group()
        number.add_argument("--count", default="1", metavar="N", help="pictures")
        number.add_argument("--series", metavar="N", help="panels of one series")
        parser.add_argument("--resolution", default="1K", help="1K, 2K or 4K")
        parser.add_argument("--aspect-ratio", default="16:9", dest="ratio")
        parser.add_argument("--format", default="png", dest="media_format", help="png, jpeg or webp")
        parser.add_argument("--seed", default="")
        parser.add_argument(
            "--watermark",
            action="store_true",
            help="also fetch copies with the provider's watermark, from a route that makes them: kling",
        )
        parser.add_argument("--out", type=Path, metavar="DIR", help="copy the pictures there")
        parser.add_argument(
            "--dry-run", action="store_true", help="show what each route would get; send nothing"
        )
        parser.add_argument("--json", action="store_true", dest="as_json", help="print one JSON object")

    def handle(self, *args: object, **options: object) -> None:
        ground.lay_folders()
        ground.lay_schema()
        user = _person(options["email"])
        project = _project(str(options["project"]), user)
        data = _form_data(project, user, options)
        if options["dry_run"]:
            self._show(*sending.everywhere(data, user, project), as_json=bool(options["as_json"]))
            return
        first = _start(data, user, project)
        self._wait(first)
        orders = _orders(first)
        report = _report(orders, options["out"])
        if options["as_json"]:
            self.stdout.write(json.dumps(report, indent=2))
        else:
            self._tell(report)
        if report["state"] != State.SUCCEEDED:
            raise SystemExit(1)

    def _wait(self, first: Generation) -> None:
        """Until all its orders have ended or a person has to decide. Interrupted, they go on."""
        try:
            if first.is_drawn:
                _draw(first)
            else:
                self._follow(first)
                self._await_twins(first)
        except KeyboardInterrupt:
            self._leave(_orders(first))
            raise SystemExit(INTERRUPTED) from None

    def _follow(self, first: Generation) -> None:
        """Say what keeps paid orders waiting, each thing once; nothing of them is made here."""
        said = {""}
        while waiting := [order for order in _orders(first) if not _is_over(order)]:
            for order in waiting:
                for sentence in (_missing(order), words.why(order, waits_for_disk=False)):
                    if sentence not in said:
                        self.stderr.write(sentence)
                        said.add(sentence)
            time.sleep(LOOK_EVERY)

    def _await_twins(self, first: Generation) -> None:
        """Copies with a watermark come after their pictures; for them nobody waits long."""
        waiting = Twin.objects.filter(output__generation__in=_orders(first), state__in=OPEN)
        end = time.monotonic() + TWINS_WITHIN
        while waiting.exists():
            if time.monotonic() > end or not heartbeats.heard_from("dispatcher"):
                self.stderr.write("A copy with the watermark is still to come; its still shows it then.")
                return
            time.sleep(LOOK_EVERY)

    def _leave(self, orders: Sequence[Generation]) -> None:
        for order in orders:
            if not _is_over(order):
                self.stderr.write(f"Stopped waiting. Generation {order.uuid} goes on; the queue shows it.")

    def _show(
        self, requests: list[sending.Request], refusals: list[sending.Refusal], *, as_json: bool
    ) -> None:
        if as_json:
            self.stdout.write(json.dumps(_dry_report(requests, refusals), indent=2))
            return
        for request in requests:
            self.stdout.write(f"{request.route}: {request.endpoint}, ${request.estimate_usd:.3f}")
        for refusal in refusals:
            self.stdout.write(f"{refusal.route}: {refusal.sentence}")
        self.stdout.write("Nothing was sent.")

    def _tell(self, report: dict[str, object]) -> None:
        for order in _rows(report["orders"]):
            cost = f"${order['cost_usd']}" if order["cost_usd"] else "not known"
            self.stdout.write(f"{State(str(order['state'])).label}: {order['generation']}, cost {cost}.")
            if order["error"]:
                self.stdout.write(str(order["error"]))
            for row in _rows(order["outputs"]):
                size = f"{row['width']} × {row['height']}"
                self.stdout.write(f"{row['index']}  {row['output']}  {size}  {row['path']}")
                if "watermark" in row:
                    self.stdout.write(f"   with its watermark  {row['watermark']}")
        self.stdout.write(str(report["money"]))


def _person(email: object) -> User | None:
    people = User.objects.filter(is_active=True)
    if email is None:
        return people.filter(role=StudioRole.OWNER).order_by("pk").first()
    person = people.filter(email__iexact=str(email)).first()
    if person is None:
        raise CommandError(f"There is no active account with the address {email}. Nothing was made.")
    return person


def _project(slug: str, user: User | None) -> Project:
    projects = Project.objects.worked_on_by(user) if user else Project.objects.all()
    project = projects.filter(slug=slug).first()
    if project is None:
        raise CommandError(f"There is no project {slug} to work in. `manage.py sample` adds the-inheritance.")
    return project


def _reference(project: Project, user: User | None, asked: str) -> tuple[Reference, str]:
    """A reference of the file and its role: "plate.jpg:style", or the usual role without one."""
    name, _, role = asked.rpartition(":")
    path, role = (Path(name), role) if name and role in ReferenceRole.values else (Path(asked), DEFAULT_ROLE)
    try:
        blob = intake.store(path)
    except (OSError, intake.NotAPicture) as error:
        raise CommandError(f"{path.name}: {error} Nothing was made.") from None
    return library.keep(project.pk, blob, intake.clean_name(path.name), user), role


def _element(project: Project, handle: str) -> str:
    """The UUID of the element that has, or once had, this handle."""
    row = (
        ElementHandle.objects.filter(handle=handle.removeprefix("@").lower())
        .select_related("element")
        .first()
    )
    if row is None or row.element.project_id not in (None, project.pk):
        raise CommandError(f"There is no element called @{handle.removeprefix('@')} here. Nothing was made.")
    return str(row.element.uuid)


def _form_data(project: Project, user: User | None, options: dict[str, object]) -> MultiValueDict[str, str]:
    references = [_reference(project, user, str(asked)) for asked in _listed(options["reference"])]
    panels = [str(panel) for panel in _listed(options["panel"])]
    is_series = bool(options["series"] or panels)
    return MultiValueDict(
        {
            "form_key": [str(uuid4())],
            "mode": ["series" if is_series else "still"],
            "route": [str(options["route"])],
            "model": [str(options["model"])],
            "prompt": [str(options["prompt"])],
            "panel": panels,
            "negative_prompt": [str(options["negative"])],
            "resolution": [str(options["resolution"]).upper()],
            "aspect_ratio": [str(options["ratio"])],
            "count": [str(options["series"] or options["count"])],
            "format": [str(options["media_format"])],
            "seed": [str(options["seed"])],
            "reference": [str(reference.uuid) for reference, _ in references],
            "role": [role for _, role in references],
            "element": [_element(project, str(handle)) for handle in _listed(options["element"])],
            "as_references": ["1"] if options["as_references"] else [],
            "watermark": ["1"] if options["watermark"] else [],
        }
    )


def _start(data: MultiValueDict[str, str], user: User | None, project: Project) -> Generation:
    form = routing.settled(ComposerForm(data, user=user, project=project))
    if not form.is_valid():
        sentences = [str(sentence) for errors in form.errors.values() for sentence in errors]
        raise CommandError(" ".join(sentences) + " Nothing was made and nothing was charged.")
    if data.get("watermark") and not form.cleaned_data["watermark"]:
        raise CommandError(
            f"{words.route(form.typed('route'))} makes no copies with a watermark. "
            "Nothing was made and nothing was charged."
        )
    try:
        return plan.start(form.intent())
    except budgets.Blocked as refusal:
        raise CommandError(str(refusal)) from None


def _orders(first: Generation) -> list[Generation]:
    """The orders of the batch, and after them those that go on by another route for one that was refused."""
    found: list[Generation] = []
    batches = [first.batch]
    while batches:
        rows = Generation.objects.filter(batch__in=batches).select_related("credential")
        found += rows.order_by("created_at", "part")
        carried = Generation.objects.filter(parent__batch__in=batches, parent__state=State.FAILED)
        batches = list(carried.values_list("batch", flat=True).distinct())
    return found


def _is_over(order: Generation) -> bool:
    return order.is_finished or order.state == State.NEEDS_DECISION


def _last(orders: Sequence[Generation]) -> tuple[Generation, ...]:
    """Without those that another route carries on, of which nothing came."""
    carried = {order.parent_id for order in orders}
    return tuple(order for order in orders if order.pk not in carried)


def _draw(first: Generation) -> None:
    """Until all have ended. Whatever no live worker will draw is drawn here."""
    orders = Generation.objects.filter(batch=first.batch)
    while orders.open().exists():
        if not heartbeats.heard_from("worker"):
            pending = Output.objects.filter(generation__in=orders.open(), state=OutputState.PENDING)
            for output_id in list(pending.order_by("generation", "index").values_list("pk", flat=True)):
                drawing.draw_output(output_id)
        time.sleep(LOOK_EVERY)


def _missing(generation: Generation) -> str:
    """Which process has to run for it to go on, and does not; empty while all is well."""
    if not heartbeats.heard_from("dispatcher"):
        return "No dispatcher is running, so nothing is sent or fetched until `manage.py up` starts one."
    fetched = generation.outputs.filter(state=OutputState.PENDING, arrived_at__isnull=False)
    if fetched.exists() and not heartbeats.heard_from("worker"):
        return "No worker is running, so fetched pictures are not stored until `manage.py up` starts one."
    return ""


def _report(orders: Sequence[Generation], out: object) -> dict[str, object]:
    """The batch as one, and each of its orders by itself."""
    batch, rows = Batch(_last(orders)), [_order_row(order, out) for order in orders]
    cost = Batch(tuple(orders)).cost_micro_usd
    return {
        "generation": str(orders[0].uuid),
        "state": batch.state,
        "error": " ".join(dict.fromkeys(filter(None, map(_error, batch.orders)))),
        "estimate_usd": _usd(batch.estimate_micro_usd),
        "cost_usd": None if cost is None else _usd(cost),
        "money": _money(orders),
        "outputs": [output for row in rows for output in _rows(row["outputs"])],
        "orders": rows,
    }


def _order_row(order: Generation, out: object) -> dict[str, object]:
    stored = (
        order.outputs.filter(state=OutputState.STORED).select_related("blob", "twin__blob").order_by("index")
    )
    return {
        "generation": str(order.uuid),
        "route": order.route,
        "state": order.state,
        "error": _error(order),
        "estimate_usd": _usd(order.estimate_micro_usd),
        "cost_usd": None if order.cost_micro_usd is None else _usd(order.cost_micro_usd),
        "outputs": [_output_row(output, out) for output in stored],
    }


def _money(orders: Sequence[Generation]) -> str:
    """Whether money was spent, in a sentence."""
    charged = sum(order.cost_micro_usd or 0 for order in orders)
    in_doubt = sum(order.estimate_micro_usd for order in orders if order.cost_micro_usd is None)
    known = f"{words.money(charged)} was charged" if charged else "Nothing was charged"
    if not in_doubt:
        return f"{known}."
    return f"{known} as far as is known; {words.money(in_doubt)} more may have been spent."


def _error(generation: Generation) -> str:
    if generation.state != State.NEEDS_DECISION:
        return generation.error
    return f"{words.why(generation, waits_for_disk=False)} {DECIDE}"


def _output_row(output: Output, out: object) -> dict[str, object]:
    blob = output.blob
    assert blob is not None
    name = f"{output.project.slug}_{str(output.uuid)[:8]}_{output.index + 1}"
    twin = getattr(output, "twin", None)
    copy = twin.blob if twin else None
    return {
        "output": str(output.uuid),
        "index": output.index,
        "path": _kept(blob, name, out),
        "width": blob.width,
        "height": blob.height,
        "media_type": blob.media_type,
        "sha256": blob.sha256,
        **({"watermark": _kept(copy, f"{name}.watermark", out)} if copy else {}),
    }


def _kept(blob: Blob, name: str, out: object) -> str:
    """Where the bytes lie: in the folder that was asked for, or in the studio's own."""
    path = storage.original(blob.sha256)
    if out is not None:
        folder = Path(str(out))
        folder.mkdir(parents=True, exist_ok=True)
        path = Path(shutil.copyfile(path, folder / f"{name}.{ENDINGS[blob.media_type]}"))
    return str(path)


def _dry_report(
    requests: list[sending.Request], refusals: list[sending.Refusal]
) -> dict[str, list[dict[str, object]]]:
    return {
        "requests": [
            {
                "route": request.route,
                "endpoint": request.endpoint,
                "body": request.body,
                "estimate_usd": f"{request.estimate_usd:.3f}",
            }
            for request in requests
        ],
        "findings": [
            {"kind": "warn", "route": refusal.route, "text": refusal.sentence} for refusal in refusals
        ],
    }


def _usd(micro: int) -> str:
    return f"{micro / MICRO:.3f}"


def _listed(value: object) -> list[object]:
    assert isinstance(value, list)
    return value


def _rows(value: object) -> list[dict[str, object]]:
    return [row for row in _listed(value) if isinstance(row, dict)]
