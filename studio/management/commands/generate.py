"""`manage.py generate`: one generation from the command line, through the same pipeline as the composer."""

import json
import shutil
import time
from argparse import ArgumentParser
from pathlib import Path
from uuid import uuid4

from django.core.management.base import BaseCommand, CommandError
from django.utils.datastructures import MultiValueDict

from accounts.models import StudioRole, User
from elements import references as library
from elements.models import Reference, ReferenceRole
from generations import drawing, heartbeats, plan
from generations.forms import ComposerForm
from generations.models import Generation, Output, OutputState, State
from media import intake, storage
from projects.models import Project
from spend.ledger import MICRO
from studio import ground

LOOK_EVERY = 0.05
ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "image/webp": "webp"}


class Command(BaseCommand):
    help = "Makes pictures and waits for them; with no live worker it draws them itself."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--project", required=True, metavar="SLUG")
        parser.add_argument("--as", dest="email", metavar="EMAIL", help="who asks; without it, the owner")
        parser.add_argument("--model", default="o3", help="v3, o3, o1 or v2-1")
        parser.add_argument("--route", default="draft", help="draft, fal, runware or kling")
        parser.add_argument("--prompt", default="")
        parser.add_argument("--negative-prompt", default="", dest="negative")
        parser.add_argument("--reference", action="append", default=[], type=Path, metavar="FILE")
        number = parser.add_mutually_exclusive_group()
        number.add_argument("--count", default="1", metavar="N", help="pictures")
        number.add_argument("--series", metavar="N", help="panels of one series")
        parser.add_argument("--resolution", default="1K", help="1K, 2K or 4K")
        parser.add_argument("--aspect-ratio", default="16:9", dest="ratio")
        parser.add_argument("--format", default="png", dest="media_format", help="png, jpeg or webp")
        parser.add_argument("--seed", default="")
        parser.add_argument("--out", type=Path, metavar="DIR", help="copy the pictures there")
        parser.add_argument("--json", action="store_true", dest="as_json", help="print one JSON object")

    def handle(self, *args: object, **options: object) -> None:
        ground.lay_folders()
        ground.lay_schema()
        user = _person(options["email"])
        project = _project(str(options["project"]), user)
        references = [_reference(project, user, Path(str(path))) for path in _listed(options["reference"])]
        generation = _start(project, user, references, options)
        _wait(generation)
        report = _report(generation, options["out"])
        if options["as_json"]:
            self.stdout.write(json.dumps(report, indent=2))
        else:
            self._tell(report, generation)
        if generation.state != State.SUCCEEDED:
            raise SystemExit(1)

    def _tell(self, report: dict[str, object], generation: Generation) -> None:
        self.stdout.write(f"{generation.get_state_display()}: {generation.uuid}, cost ${report['cost_usd']}.")
        if generation.error:
            self.stdout.write(generation.error)
        for row in _listed(report["outputs"]):
            assert isinstance(row, dict)
            self.stdout.write(f"{row['index']}  {row['width']} × {row['height']}  {row['path']}")


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


def _reference(project: Project, user: User | None, path: Path) -> Reference:
    try:
        blob = intake.store(path)
    except (OSError, intake.NotAPicture) as error:
        raise CommandError(f"{path.name}: {error} Nothing was made.") from None
    return library.keep(project.pk, blob, intake.clean_name(path.name), user)


def _start(
    project: Project, user: User | None, references: list[Reference], options: dict[str, object]
) -> Generation:
    data: MultiValueDict[str, str] = MultiValueDict(
        {
            "form_key": [str(uuid4())],
            "mode": ["series" if options["series"] else "still"],
            "route": [str(options["route"])],
            "model": [str(options["model"])],
            "prompt": [str(options["prompt"])],
            "negative_prompt": [str(options["negative"])],
            "resolution": [str(options["resolution"]).upper()],
            "aspect_ratio": [str(options["ratio"])],
            "count": [str(options["series"] or options["count"])],
            "format": [str(options["media_format"])],
            "seed": [str(options["seed"])],
            "reference": [str(reference.uuid) for reference in references],
            "role": [ReferenceRole.SUBJECT.value for _ in references],
        }
    )
    form = ComposerForm(data, user=user, project=project)
    if not form.is_valid():
        sentences = [str(sentence) for errors in form.errors.values() for sentence in errors]
        raise CommandError(" ".join(sentences) + " Nothing was made and nothing was charged.")
    return plan.start(form.intent())


def _wait(generation: Generation) -> None:
    """Until it has ended. Whatever no live worker will draw is drawn here."""
    while not generation.is_finished:
        if not heartbeats.heard_from("worker"):
            pending = generation.outputs.filter(state=OutputState.PENDING).order_by("index")
            for output_id in pending.values_list("pk", flat=True):
                drawing.draw_output(output_id)
        time.sleep(LOOK_EVERY)
        generation.refresh_from_db()


def _report(generation: Generation, out: object) -> dict[str, object]:
    stored = generation.outputs.filter(state=OutputState.STORED).select_related("blob").order_by("index")
    return {
        "generation": str(generation.uuid),
        "state": generation.state,
        "error": generation.error,
        "estimate_usd": _usd(generation.estimate_micro_usd),
        "cost_usd": _usd(generation.cost_micro_usd or 0),
        "outputs": [_output_row(output, out) for output in stored],
    }


def _output_row(output: Output, out: object) -> dict[str, object]:
    blob = output.blob
    assert blob is not None
    path = storage.original(blob.sha256)
    if out is not None:
        folder = Path(str(out))
        folder.mkdir(parents=True, exist_ok=True)
        name = f"{output.project.slug}_{str(output.uuid)[:8]}_{output.index + 1}.{ENDINGS[blob.media_type]}"
        path = Path(shutil.copyfile(path, folder / name))
    return {
        "index": output.index,
        "path": str(path),
        "width": blob.width,
        "height": blob.height,
        "media_type": blob.media_type,
        "sha256": blob.sha256,
    }


def _usd(micro: int) -> str:
    return f"{micro / MICRO:.3f}"


def _listed(value: object) -> list[object]:
    assert isinstance(value, list)
    return value
