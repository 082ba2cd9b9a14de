"""Pages of projects: the index, making one, settings, members and deletion."""

import logging
from collections.abc import Callable
from decimal import Decimal
from http import HTTPStatus
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.people import RefusedError
from accounts.signed_in import SignedIn
from gallery.project_cards import budget_of, project_cards
from projects import changes
from projects import people as membership
from projects.forms import DeleteForm, MemberForm, MemberRoleForm, ProjectForm
from projects.models import Project, ProjectRole
from projects.rows import member_rows
from spend import budgets
from spend.account import MICRO, to_micro
from spend.models import Period
from studio.sample import make_sample

log = logging.getLogger(__name__)


@require_GET
def index(request: SignedIn) -> HttpResponse:
    return _index(request)


def _index(request: SignedIn, status: int = 200) -> HttpResponse:
    cards = project_cards(request.user)
    offers_sample = not cards and not Project.objects.filter(is_sample=True).exists()
    context = {"room": "projects", "cards": cards, "offers_sample": offers_sample}
    return render(request, "projects/index.html", context, status=status)


@require_http_methods(["GET", "POST"])
def new(request: SignedIn) -> HttpResponse:
    form = ProjectForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        said = form.cleaned_data
        with transaction.atomic():
            project = changes.create_project(
                request.user, said["name"], requires_consent=said["requires_consent"]
            )
            budgets.set_limit(project, None, Period.TOTAL, _micro(said["budget"]))
        return redirect("gallery:stills", slug=project.slug)
    context = {"room": "projects", "form": form}
    return render(request, "projects/new.html", context, status=422 if form.is_bound else 200)


@require_POST
def add_sample(request: SignedIn) -> HttpResponse:
    """Make the sample, whole or not at all; once it exists, only its members are shown the way."""
    if Project.objects.filter(is_sample=True).exists():
        project = get_object_or_404(Project.objects.visible_to(request.user), is_sample=True)
        return redirect("gallery:stills", slug=project.slug)
    try:
        with transaction.atomic():
            project = make_sample(request.user)
    except OSError as error:
        log.error("The sample could not be stored: %s", error.strerror or type(error).__name__)
        messages.error(request, "The studio's disk could not take the sample. Nothing of it was kept.")
        return _index(request, HTTPStatus.INSUFFICIENT_STORAGE)
    return redirect("gallery:stills", slug=project.slug)


@require_http_methods(["GET", "POST"])
def settings(request: SignedIn, slug: str) -> HttpResponse:
    if request.method == "GET":
        return _page(request, get_object_or_404(Project.objects.visible_to(request.user), slug=slug))
    project = _led(request, slug)
    form = ProjectForm(request.POST)
    if not form.is_valid():
        return _page(request, project, form=form, status=422)
    said = form.cleaned_data
    with transaction.atomic():
        changes.save_settings(project, said["name"], requires_consent=said["requires_consent"])
        budgets.set_limit(project, None, Period.TOTAL, _micro(said["budget"]))
    messages.success(request, "Settings saved.")
    return redirect("projects:settings", slug=slug)


@require_POST
def members(request: SignedIn, slug: str) -> HttpResponse:
    project = _led(request, slug)
    form = MemberForm(request.POST, project=project)
    if not form.is_valid():
        return _page(request, project, member_form=form, status=422)
    person = form.cleaned_data["person"]
    membership.add_member(project, person, form.cleaned_data["role"])
    messages.success(request, f"{person.name} is now a member.")
    return redirect("projects:settings", slug=slug)


@require_POST
def member_role(request: SignedIn, slug: str, uuid: UUID) -> HttpResponse:
    project = _led(request, slug)
    member = get_object_or_404(project.memberships, user__uuid=uuid)
    form = MemberRoleForm(request.POST)
    if not form.is_valid():
        return _page(request, project, refusal="Choose a role from the list.", status=422)
    role = ProjectRole(form.cleaned_data["role"])
    news = f"{member.user.name} is now {role.label.lower()}."
    return _changed(request, project, lambda: membership.change_member(project, member, role), news)


@require_POST
def remove_member(request: SignedIn, slug: str, uuid: UUID) -> HttpResponse:
    project = _led(request, slug)
    member = get_object_or_404(project.memberships, user__uuid=uuid)
    news = f"{member.user.name} no longer sees this project."
    return _changed(request, project, lambda: membership.remove_member(project, member), news)


@require_POST
def leave(request: SignedIn, slug: str) -> HttpResponse:
    project = get_object_or_404(Project.objects.visible_to(request.user), slug=slug)
    member = get_object_or_404(project.memberships, user=request.user)
    try:
        membership.remove_member(project, member)
    except RefusedError as refusal:
        return _page(request, project, refusal=str(refusal), status=422)
    messages.success(request, f"You left {project.name}.")
    return redirect("projects:index")


@require_POST
def delete(request: SignedIn, slug: str) -> HttpResponse:
    project = _led(request, slug)
    form = DeleteForm(request.POST, project=project)
    if not form.is_valid():
        return _page(request, project, delete_form=form, status=422)
    try:
        changes.delete_project(project, request.user)
    except RefusedError as refusal:
        form.add_error(None, str(refusal))
        return _page(request, project, delete_form=form, status=422)
    messages.success(request, f"{project.name} is deleted. What it cost stays in the ledger.")
    return redirect("projects:index")


def _micro(usd: Decimal | None) -> int | None:
    return None if usd is None else to_micro(usd)


def _led(request: SignedIn, slug: str) -> Project:
    """The project for somebody who may change it; for everybody else it does not exist."""
    return get_object_or_404(Project.objects.led_by(request.user), slug=slug)


def _changed(request: SignedIn, project: Project, change: Callable[[], None], news: str) -> HttpResponse:
    try:
        change()
    except RefusedError as refusal:
        return _page(request, project, refusal=str(refusal), status=422)
    messages.success(request, news)
    return redirect("projects:settings", slug=project.slug)


def _page(
    request: SignedIn,
    project: Project,
    *,
    form: ProjectForm | None = None,
    member_form: MemberForm | None = None,
    delete_form: DeleteForm | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    """The one settings page, with the form that needs another look in its place."""
    limit = budgets.limit_of(project)
    initial = {
        "name": project.name,
        "budget": None if limit is None else Decimal(limit) / MICRO,
        "requires_consent": project.requires_consent,
    }
    member_form = member_form or MemberForm(project=project)
    context = {
        "room": "projects",
        "project": project,
        "budget": budget_of(project),
        "form": form or ProjectForm(initial=initial),
        "member_form": member_form,
        "others": member_form.has_candidates(),
        "delete_form": delete_form or DeleteForm(project=project),
        "members": member_rows(project, request.user),
        "roles": ProjectRole.choices,
        "may_change": Project.objects.led_by(request.user).filter(pk=project.pk).exists(),
        "is_member": project.memberships.filter(user=request.user).exists(),
        "refusal": refusal,
    }
    return render(request, "projects/settings.html", context, status=status)
