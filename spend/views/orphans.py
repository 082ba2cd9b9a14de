"""A job on a provider's bill that no order of ours knows: seen, and imported."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from accounts.signed_in import SignedIn
from generations import orphans
from generations.models import Attempt, Generation, Outcome
from providers import catalogue
from spend.figures import usd
from spend.forms import OrphanForm
from spend.models import BillLine


@require_http_methods(["GET", "POST"])
def bring_in(request: SignedIn, line: int) -> HttpResponse:
    """Import the job into a project; for those who run the studio."""
    if not request.user.runs_studio:
        raise Http404
    found = get_object_or_404(BillLine, pk=line)
    form = OrphanForm(request.POST if request.method == "POST" else None, request.user, found.route)
    if form.is_valid():
        said = form.cleaned_data
        try:
            made = orphans.bring_in(found, said["endpoint"], said["project"], request.user)
        except orphans.CannotImport as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Imported. Its pictures are fetched; nothing more is charged.")
            return redirect("generations:detail", made.uuid)
    return render(request, "spend/orphan.html", _context(found, form), status=422 if form.is_bound else 200)


def _context(line: BillLine, form: OrphanForm) -> dict[str, object]:
    labels = {row.key: row.label for row in catalogue.routes()}
    return {
        "room": "spend",
        "line": line,
        "route": labels.get(line.route, line.route),
        "charged": usd(line.micro_usd),
        "form": form,
        "order": Generation.objects.filter(uuid=line.generation).first() if line.generation else None,
        "is_ours": line.generation is not None,
        "unsettled": Attempt.objects.filter(
            credential=line.credential_id, outcome__in=(Outcome.NONE, Outcome.UNKNOWN)
        ).count(),
    }
