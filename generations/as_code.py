"""A generation as code: what each route would get for it, and the command line that makes it again."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import uuid4

from django.utils.datastructures import MultiValueDict

from accounts.models import User
from generations import ordering, repeat, sending, words
from generations.models import Generation
from generations.sending import Refusal
from providers import catalogue, code


@dataclass(frozen=True, slots=True)
class Language:
    """`key` makes an id of it; `text` is the code itself."""

    key: str
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class RouteCode:
    """One order to one route, in each language."""

    title: str
    price: str
    languages: Sequence[Language]


@dataclass(frozen=True, slots=True)
class Code:
    command: str
    routes: Sequence[RouteCode]
    refusals: Sequence[Refusal]


def code_of(generation: Generation, user: User) -> Code:
    form: MultiValueDict[str, str] = repeat.as_form(generation)
    form.setlist("form_key", [str(uuid4())])
    requests, refusals = sending.everywhere(form, user, generation.project, str(uuid4()))
    paid = [request for request in requests if request.path]
    return Code(
        command=command(generation),
        routes=[_route(request, number) for number, request in enumerate(paid)],
        refusals=[Refusal(words.route(one.route), one.sentence) for one in refusals if one.route != "draft"],
    )


def command(generation: Generation) -> str:
    """The command line that asks for the same; references by the names of their files."""
    request = generation.request
    arguments = ["manage.py", "generate", "--project", generation.project.slug]
    arguments += ["--route", generation.route, "--model", generation.model]
    arguments += ["--prompt", request.get("style") or request["prompt"]]
    for panel in request.get("panels", ()):
        arguments += ["--panel", panel]
    if request["negative_prompt"]:
        arguments += ["--negative-prompt", request["negative_prompt"]]
    for guide in ordering.guides(generation):
        arguments += ["--reference", f"{guide.reference.name}:{guide.role}"]
    for pinned in ordering.pinned(generation):
        arguments += ["--element", pinned.name]
    if not request.get("panels"):
        arguments += ["--series" if request["series"] else "--count", str(request["count"])]
    arguments += ["--resolution", request["resolution"], "--aspect-ratio", request["aspect_ratio"]]
    if request["format"]:
        arguments += ["--format", request["format"]]
    if request.get("watermark"):
        arguments += ["--watermark"]
    if generation.route == "draft":
        arguments += ["--seed", str(generation.seed)]
    return shlex.join(arguments)


def _route(request: sending.Request, number: int) -> RouteCode:
    row = catalogue.endpoint(request.endpoint)
    made = code.snippets(request.body, row)
    languages = (("python", "Python", made.python), ("javascript", "JavaScript", made.javascript))
    return RouteCode(
        title=f"{words.model(row.model)} on {words.route(row.route)}",
        price=words.price(request.estimate_usd),
        languages=[
            Language(f"{request.endpoint}-{number}-{key}", label, text)
            for key, label, text in (*languages, ("curl", "cURL", made.curl))
        ],
    )
