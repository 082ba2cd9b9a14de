"""Pages of people. Whoever does not run the studio finds no people page: it is a 404."""

from collections.abc import Callable
from uuid import UUID

from allauth.account.utils import perform_login
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import first_owner as first
from accounts import invitations
from accounts import people as changes
from accounts.forms import TAKEN, AccountForm, InvitationForm, PreferencesForm, RoleForm
from accounts.models import Invitation, StudioRole, User
from accounts.rows import Link, invitation_rows, person_rows
from accounts.signed_in import SignedIn
from projects.models import Project
from projects.people import add_member


@require_http_methods(["GET", "POST"])
@never_cache
@login_not_required
@sensitive_post_parameters()
def first_owner(request: HttpRequest, token: str) -> HttpResponse:
    if not first.opens(token):
        raise Http404
    form = AccountForm(_sent(request))
    if form.is_valid():
        data = form.cleaned_data
        owner = first.create_owner(token, data["name"], data["email"], data["password"])
        if owner is None:
            raise Http404
        return _sign_in(request, owner)
    return render(request, "accounts/first_owner.html", {"form": form}, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@never_cache
@login_not_required
@sensitive_post_parameters()
def accept(request: HttpRequest, token: str) -> HttpResponse:
    invitation = invitations.find(token)
    if invitation is None:
        return render(request, "accounts/invitation_closed.html", status=404)
    if request.user.is_authenticated:
        return render(request, "accounts/invitation_signed_in.html")
    form = AccountForm(_sent(request), invited=invitation.email)
    person = _accept(invitation, form) if form.is_valid() else None
    if person is not None:
        return _sign_in(request, person)
    context = {"form": form, "invitation": invitation, "project": _project_of(invitation)}
    return render(request, "accounts/accept.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
def preferences(request: SignedIn) -> HttpResponse:
    person = User.objects.get(pk=request.user.pk)
    form = PreferencesForm(_sent(request), instance=person)
    if form.is_valid():
        person.save(update_fields=["name", "theme", "backdrop", "single_keys"])
        messages.success(request, "Preferences saved.")
        return redirect("accounts:preferences")
    context = {"form": form, "choices": [form["theme"], form["backdrop"]]}
    return render(request, "accounts/preferences.html", context, status=422 if form.is_bound else 200)


@require_GET
def people(request: SignedIn) -> HttpResponse:
    _require_manager(request.user)
    return _people_page(request)


@require_POST
def invite(request: SignedIn) -> HttpResponse:
    _require_manager(request.user)
    form = InvitationForm(request.POST, inviter=request.user)
    if not form.is_valid():
        return _people_page(request, form=form, status=422)
    project: Project | None = form.cleaned_data["project"]
    offer = invitations.Offer(
        role=form.cleaned_data["role"],
        email=form.cleaned_data["email"],
        project_id=project.pk if project else None,
        project_role=form.cleaned_data["project_role"] if project else "",
    )
    link = Link(
        invitations.invite(request.user, offer), f"Invitation for {offer.email or 'one person'}", "7 days"
    )
    return _people_page(request, link=link)


@require_POST
def revoke(request: SignedIn, uuid: UUID) -> HttpResponse:
    _require_manager(request.user)
    invitation = get_object_or_404(Invitation, uuid=uuid)
    if not invitations.revoke(invitation):
        return _people_page(request, refusal="The invitation was used or closed before.", status=422)
    messages.success(request, "The invitation is revoked. Its link no longer works.")
    return redirect("accounts:people")


@require_POST
def role(request: SignedIn, uuid: UUID) -> HttpResponse:
    person = _person(request.user, uuid)
    form = RoleForm(request.POST)
    if not form.is_valid():
        return _people_page(request, refusal="Choose a role from the list.", status=422)
    given = StudioRole(form.cleaned_data["role"])
    return _changed(
        request,
        lambda: changes.change_role(request.user, person, given),
        f"{person.name} is now {given.label.lower()}.",
    )


@require_POST
def deactivate(request: SignedIn, uuid: UUID) -> HttpResponse:
    person = _person(request.user, uuid)
    return _changed(
        request,
        lambda: changes.deactivate(request.user, person),
        f"{person.name} is deactivated and signed out everywhere.",
    )


@require_POST
def reactivate(request: SignedIn, uuid: UUID) -> HttpResponse:
    person = _person(request.user, uuid)
    return _changed(
        request, lambda: changes.reactivate(request.user, person), f"{person.name} may sign in again."
    )


@require_POST
def forget_second_step(request: SignedIn, uuid: UUID) -> HttpResponse:
    person = _person(request.user, uuid)
    return _changed(
        request,
        lambda: changes.forget_second_step(request.user, person),
        f"{person.name} signs in with the password alone until a new second step is set up.",
    )


@require_POST
def reset_link(request: SignedIn, uuid: UUID) -> HttpResponse:
    person = _person(request.user, uuid)
    try:
        address = changes.reset_link(request.user, person)
    except changes.RefusedError as refusal:
        return _people_page(request, refusal=str(refusal), status=422)
    return _people_page(request, link=Link(address, f"New password for {person.name}", "3 days"))


def _sent(request: HttpRequest) -> QueryDict | None:
    """What was sent, however little; None when nothing was sent at all."""
    return request.POST if request.method == "POST" else None


def _require_manager(user: User) -> None:
    if not user.runs_studio:
        raise Http404


def _person(actor: User, uuid: UUID) -> User:
    _require_manager(actor)
    return get_object_or_404(User, uuid=uuid)


def _changed(request: SignedIn, change: Callable[[], None], news: str) -> HttpResponse:
    try:
        change()
    except changes.RefusedError as refusal:
        return _people_page(request, refusal=str(refusal), status=422)
    messages.success(request, news)
    return redirect("accounts:people")


def _people_page(
    request: SignedIn,
    *,
    form: InvitationForm | None = None,
    link: Link | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    """The one page of people, with what has just happened on top."""
    open_invitations = list(Invitation.objects.open().select_related("created_by").order_by("-created_at"))
    projects = Project.objects.in_bulk([i.project_id for i in open_invitations if i.project_id])
    context = {
        "room": "people",
        "roles": changes.roles_given_by(request.user),
        "people": person_rows(request.user),
        "invitations": invitation_rows(open_invitations, {pk: p.name for pk, p in projects.items()}),
        "form": form or InvitationForm(inviter=request.user),
        "link": link,
        "refusal": refusal,
    }
    return render(request, "accounts/people.html", context, status=status)


def _accept(invitation: Invitation, form: AccountForm) -> User | None:
    """The new person, in their project; None with an error on the form when somebody was faster."""
    data = form.cleaned_data
    try:
        with transaction.atomic():
            person = invitations.accept(invitation, data["name"], data["email"], data["password"])
            project = _project_of(invitation)
            if person is not None and project is not None:
                add_member(project, person, invitation.project_role)
    except IntegrityError:
        form.add_error("email", TAKEN)
        return None
    if person is None:
        form.add_error(None, "This invitation was used a moment ago. Ask for a new one.")
    return person


def _project_of(invitation: Invitation) -> Project | None:
    key = invitation.project_id
    return Project.objects.filter(pk=key).first() if key else None


def _sign_in(request: HttpRequest, person: User) -> HttpResponse:
    """Start a session as allauth does after a right password, second step included if there is one."""
    answer: HttpResponse = perform_login(request, person)
    return answer
