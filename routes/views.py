"""Pages of routes and keys. The studio's keys are for those who run it, a project's for those who lead it."""

from collections.abc import Callable
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_POST

from accounts.people import RefusedError
from accounts.signed_in import SignedIn
from gallery.project_cards import budget_of
from generations import agenda, heartbeats
from generations.models import Generation, State
from projects.models import Project
from routes import keys, policy, rows, shapes
from routes.forms import CHOOSE, SECRETS, ChangeForm, KeyForm, PolicyForm
from routes.models import Credential, PolicyKind

DELETED = "its key is deleted here"
SAFE = "Orders that wait for it stay queued. Nothing was spent."


@require_GET
def studio(request: SignedIn) -> HttpResponse:
    _require_manager(request)
    return _studio_page(request)


@require_POST
@sensitive_post_parameters(*SECRETS)
def add_to_studio(request: SignedIn, route: str) -> HttpResponse:
    _require_manager(request)
    form = KeyForm(_paid(route), request.POST)
    if _added(request, form, None):
        return redirect("routes:studio")
    return _studio_page(request, form=form, status=422)


@require_GET
def project(request: SignedIn, slug: str) -> HttpResponse:
    return _project_page(request, _led(request, slug))


@require_POST
@sensitive_post_parameters(*SECRETS)
def add_to_project(request: SignedIn, slug: str, route: str) -> HttpResponse:
    project = _led(request, slug)
    form = KeyForm(_paid(route), request.POST)
    if _added(request, form, project):
        return redirect("routes:project", slug=slug)
    return _project_page(request, project, form=form, status=422)


@require_POST
def choose_policy(request: SignedIn, slug: str) -> HttpResponse:
    project = _led(request, slug)
    form = PolicyForm(request.POST)
    if not form.is_valid():
        return _project_page(request, project, refusal=CHOOSE, status=422)
    policy.choose(project, PolicyKind(form.cleaned_data["kind"]))
    messages.success(request, "Saved. It holds for orders from now on.")
    return redirect("routes:project", slug=slug)


@require_GET
def key(request: SignedIn, uuid: UUID) -> HttpResponse:
    return _key_page(request, _key(request, uuid))


@require_GET
def state(request: SignedIn, uuid: UUID) -> HttpResponse:
    """Only the lines that a test changes, for the page that waits for it."""
    row = rows.row(_key(request, uuid))
    return render(request, "routes/state.html", {"key": row, **_clockwork([row])})


@require_POST
def test(request: SignedIn, uuid: UUID) -> HttpResponse:
    key = _key(request, uuid)
    return _changed(request, key, lambda: keys.ask_test(key), "")


@require_POST
@sensitive_post_parameters(*SECRETS)
def replace(request: SignedIn, uuid: UUID) -> HttpResponse:
    key = _key(request, uuid)
    form = KeyForm(key.route, request.POST, replaces=True)
    if form.is_valid() and form.kept:
        try:
            keys.replace(key, form.kept)
        except RefusedError as refusal:
            form.refuse(str(refusal))
        else:
            messages.success(request, f"{key.name} has its new key, which is being tested.")
            return redirect("routes:key", uuid=uuid)
    form.focus()
    return _key_page(request, key, replace_form=form, status=422)


@require_POST
def change(request: SignedIn, uuid: UUID) -> HttpResponse:
    key = _key(request, uuid)
    form = ChangeForm(key, request.POST)
    if not form.is_valid():
        return _key_page(request, key, change_form=form, status=422)
    said = form.cleaned_data
    return _changed(request, key, lambda: keys.change(key, said["name"], said["at_once"]), "Saved.")


@require_POST
def pause(request: SignedIn, uuid: UUID) -> HttpResponse:
    key = _key(request, uuid)
    return _changed(request, key, lambda: keys.pause(key), f"{key.name} is paused. {SAFE}")


@require_POST
def resume(request: SignedIn, uuid: UUID) -> HttpResponse:
    key = _key(request, uuid)
    return _changed(request, key, lambda: keys.resume(key), f"{key.name} carries orders again.")


@require_POST
def reopen(request: SignedIn, uuid: UUID) -> HttpResponse:
    key = _key(request, uuid)
    return _changed(
        request, key, lambda: keys.reopen(key), f"Orders go through {key.name} again, from now on."
    )


@require_POST
def remove(request: SignedIn, uuid: UUID) -> HttpResponse:
    key = _key(request, uuid)
    where = _page_of(request, key)
    try:
        keys.remove(key)
    except RefusedError as refusal:
        messages.error(request, str(refusal))
        return redirect(where)
    agenda.retire_keys()
    fate = (
        "its key is deleted here as soon as the orders in flight are fetched"
        if keys.is_kept(key)
        else DELETED
    )
    messages.success(request, f"{key.name} is removed, and {fate}. {SAFE}")
    return redirect(where)


def _require_manager(request: SignedIn) -> None:
    if not request.user.runs_studio:
        raise Http404


def _led(request: SignedIn, slug: str) -> Project:
    return get_object_or_404(Project.objects.led_by(request.user), slug=slug)


def _key(request: SignedIn, uuid: UUID) -> Credential:
    seen = Credential.objects.living().visible_to(request.user).select_related("project")
    return get_object_or_404(seen, uuid=uuid)


def _paid(route: str) -> str:
    if route not in shapes.AT_ONCE:
        raise Http404
    return route


def _added(request: SignedIn, form: KeyForm, project: Project | None) -> bool:
    """Whether the form became a key; otherwise it says why not."""
    if not form.is_valid() or form.kept is None:
        return False
    said = form.cleaned_data
    try:
        keys.add(keys.NewKey(form.route, said["name"], form.kept, said["at_once"], project), request.user)
    except RefusedError as refusal:
        form.refuse(str(refusal))
        return False
    messages.success(request, f"{said['name']} is kept, sealed. It is being tested, which is free.")
    return True


def _changed(request: SignedIn, key: Credential, act: Callable[[], object], news: str) -> HttpResponse:
    """Do it, say so, and go back to where the person was."""
    where = _page_of(request, key)
    try:
        act()
    except RefusedError as refusal:
        messages.error(request, str(refusal))
        return redirect(where)
    if news:
        messages.success(request, news)
    return redirect(f"{where}#key-{key.uuid}")


def _page_of(request: SignedIn, key: Credential) -> str:
    """The page that lists the key: the project's own, unless the person comes from the studio's."""
    if key.project is None or (request.user.runs_studio and request.POST.get("page") == "studio"):
        return reverse("routes:studio")
    return reverse("routes:project", kwargs={"slug": key.project.slug})


def _studio_page(request: SignedIn, *, form: KeyForm | None = None, status: int = 200) -> HttpResponse:
    cards = rows.of_studio(request.user)
    context = {
        "room": "routes",
        "page": "studio",
        "is_sandbox": bool(settings.SANDBOX_URL),
        "cards": _with_forms(cards, form),
        **_clockwork([row for card in cards for row in card.keys]),
    }
    return render(request, "routes/studio.html", context, status=status)


def _project_page(
    request: SignedIn, project: Project, *, form: KeyForm | None = None, refusal: str = "", status: int = 200
) -> HttpResponse:
    cards = rows.of_project(project)
    context = {
        "room": "projects",
        "page": "project",
        "is_sandbox": bool(settings.SANDBOX_URL),
        "project": project,
        "budget": budget_of(project),
        "cards": _with_forms(cards, form),
        "policies": rows.policies(project),
        "refusal": refusal,
        **_clockwork([row for card in cards for row in card.keys]),
    }
    return render(request, "routes/project.html", context, status=status)


def _with_forms(cards: list[rows.RouteCard], sent: KeyForm | None) -> list[tuple[rows.RouteCard, KeyForm]]:
    """Each card with its form; one that was sent and refused stands in its place."""
    if sent:
        sent.focus()
    return [(card, sent if sent and sent.route == card.key else KeyForm(card.key)) for card in cards]


def _clockwork(shown: list[rows.KeyRow]) -> dict[str, bool]:
    """Whether a test that is waited for can be answered at all."""
    is_waiting = any(row.is_testing for row in shown)
    return {"nobody_tests": is_waiting and not heartbeats.heard_from("dispatcher")}


def _key_page(
    request: SignedIn,
    key: Credential,
    *,
    change_form: ChangeForm | None = None,
    replace_form: KeyForm | None = None,
    status: int = 200,
) -> HttpResponse:
    row = rows.row(key)
    context = {
        "room": "projects" if key.project else "routes",
        "key": row,
        "back": _page_of(request, key),
        "change_form": change_form or ChangeForm(key),
        "replace_form": replace_form or KeyForm(key.route, replaces=True),
        "waiting": _waiting(key),
        **_clockwork([row]),
    }
    return render(request, "routes/key.html", context, status=status)


def _waiting(key: Credential) -> int:
    """Orders on the key's route that are not sent yet, and that this key could carry."""
    queued = Generation.objects.filter(route=key.route, state=State.QUEUED)
    return (queued.filter(project=key.project) if key.project else queued).count()
