"""Budgets: seen, set and lifted."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.signed_in import SignedIn
from projects.models import Project
from spend import bars, budgets
from spend.account import to_micro
from spend.forms import BudgetForm
from spend.models import Budget


@require_http_methods(["GET", "POST"])
def index(request: SignedIn) -> HttpResponse:
    """All budgets that the person may see; those who lead a project or run the studio set them here."""
    may_set = request.user.runs_studio or Project.objects.led_by(request.user).exists()
    if request.method == "POST" and not may_set:
        raise Http404
    form = BudgetForm(request.POST if request.method == "POST" else None, request.user)
    if form.is_valid():
        said = form.cleaned_data
        budgets.set_limit(said["project"], said["person"], said["period"], to_micro(said["limit"]))
        messages.success(request, "Budget set. It holds from the next order on.")
        return redirect("spend:budgets")
    context = {
        "room": "spend",
        "limits": bars.budgets_of(request.user),
        "form": form if may_set else None,
    }
    return render(request, "spend/budgets.html", context, status=422 if form.is_bound else 200)


@require_POST
def lift(request: SignedIn, uuid: UUID) -> HttpResponse:
    """Take a budget away; what was spent stays in the ledger."""
    budget = get_object_or_404(Budget.objects.set_by(request.user), uuid=uuid)
    budgets.set_limit(budget.project, budget.user, budget.period, None)
    messages.success(request, "Budget lifted. Orders are no longer held against it.")
    return redirect("spend:budgets")
