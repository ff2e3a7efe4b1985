"""Pages to export workstation files and import workstation results."""

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from analysts.accounts.recent_sign_in import needs_recent_sign_in, reveal_minutes
from analysts.accounts.staff_request import StaffRequest
from analysts.handoff import actions, signing
from analysts.handoff.actions import LineOutcome
from analysts.handoff.format import MOST_ITEMS
from analysts.handoff.forms import ExportQuestions, ResultsFile
from analysts.handoff.permissions import check_can_hand_off
from analysts.handoff.questions import due_chases, questions_for
from analysts.models import Chase, Handoff, HandoffItem, User, Workstation
from audit.permissions import Denied
from countries.staff.requests.staff_pages import staff_page
from reports import keys

# The most incidents and the most earlier files on the page.
MOST_LISTED, MOST_FILES = 50, 10
# The number of newest files searched for these.
MOST_SEARCHED = 100


@dataclass(frozen=True, slots=True)
class HandoffRow:
    """An incident for the isolated workstation."""

    chase: Chase
    asked: list[str]
    is_out: bool


@require_safe
def handoff_page(request: StaffRequest) -> HttpResponse:
    check_can_hand_off(request.user)
    return render_handoff(request)


@require_POST
@needs_recent_sign_in(reveal_minutes)
def export_view(request: StaffRequest) -> HttpResponse:
    """Send the file from memory; it is never stored on the server."""
    form = ExportQuestions(request.POST)
    if form.is_valid():
        try:
            exported = actions.export_questions(by=request.user, again=form.cleaned_data["again"])
        except Denied as denied:
            form.add_error(None, str(denied.reason))
        else:
            answer = HttpResponse(exported.content, content_type="application/jsonl")
            name = f"handoff-{exported.handoff}.jsonl"
            answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
            answer.headers["Cache-Control"] = "no-store"
            return answer
    return render_handoff(request, export_form=form, status=422)


@require_POST
def import_view(request: StaffRequest) -> HttpResponse:
    form = ResultsFile(request.POST, request.FILES)
    if not form.is_valid():
        return render_handoff(request, import_form=form, status=422)
    imported = actions.import_answers(by=request.user, content=form.cleaned_data["file"])
    context = {
        "title": _("Imported workstation results"),
        "imported": imported,
        "counts": [(each.label, imported.number(each)) for each in LineOutcome],
    }
    return staff_page(request, "analysts/handoff/result.html", context)


def render_handoff(
    request: StaffRequest,
    *,
    export_form: ExportQuestions | None = None,
    import_form: ResultsFile | None = None,
    status: int = 200,
) -> HttpResponse:
    user, now = request.user, timezone.now()
    found = due_chases(user, again=True, now=now).select_related("incident")[: MOST_ITEMS + 1]
    rows = [HandoffRow(chase, [str(each.label) for each in questions_for(chase)], chase.is_out) for chase in found]
    context = {
        "title": _("Isolated workstation"),
        "rows": rows[:MOST_LISTED],
        "number": len(rows),
        "new": sum(not row.is_out for row in rows),
        "most": MOST_ITEMS,
        "export_form": export_form or ExportQuestions(),
        "import_form": import_form or ResultsFile(),
        # The name that the error summary expects.
        "form": export_form or import_form,
        "files": recent_files(user),
        "workstations": Workstation.objects.filter(closed_on=None).order_by("name"),
        "own": own_key(),
    }
    actions.view_handoff(by=user, count=len(rows), now=now)
    return staff_page(request, "analysts/handoff/handoff.html", context, status=status)


def recent_files(user: User) -> QuerySet[Handoff]:
    """The latest files with incidents that the user may see, annotated with the numbers of those and of answers.

    Only the newest MOST_SEARCHED files are searched, so that the cost does not grow with history.
    """
    newest = Handoff.objects.order_by("-at").values("pk")[:MOST_SEARCHED]
    seen = HandoffItem.objects.filter(handoff=OuterRef("pk"), incident__portals__overlap=user.portal_ids)
    latest = Handoff.objects.filter(Exists(seen), pk__in=newest).order_by("-at").values("pk")[:MOST_FILES]
    hers = Q(items__incident__portals__overlap=user.portal_ids)
    return (
        Handoff.objects.filter(pk__in=latest)
        .annotate(
            number=Count("items", filter=hers),
            answered=Count("items", filter=hers & Q(items__answered_at__isnull=False)),
        )
        .select_related("by")
        .order_by("-at")
    )


def own_key() -> tuple[str, str] | None:
    """The public key that the workstation verifies files with, and its key id; None before it is created."""
    try:
        public = signing.public_half(keys.handoff_key())
    except keys.KeyMissing:
        return None
    return signing.as_text(public), signing.public_key_id(public)
