"""The page of batches: draw, download, return and revoke them, import results, and ask for more addresses."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from django.contrib import messages
from django.db.models import Count, Q
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from analysts.accounts.recent_sign_in import needs_recent_sign_in, reveal_minutes
from analysts.accounts.staff_request import StaffRequest
from analysts.codes import Role
from analysts.handoff import allowances, batch_ends, drawing, signing
from analysts.handoff.batch_format import MOST_DRAWN
from analysts.handoff.choosing import open_addresses
from analysts.handoff.forms import AskAllowance, ChooseBatch, DecideAllowance, DrawBatch, ResultsFile
from analysts.handoff.permissions import (
    check_can_decline_allowance,
    check_can_download,
    check_can_end_batch,
    check_can_grant_allowance,
)
from analysts.handoff.results import LineOutcome, import_results
from analysts.incidents.permissions import check_sees_content
from analysts.models import AddressAllowance, Batch, BatchItem, BatchKind, BatchState, User
from analysts.welfare import meter
from audit.permissions import Denied, is_allowed
from countries.staff.requests.staff_pages import staff_page
from reports import installation_keys, keys

MOST_OPEN, MOST_ENDED = 50, 10


class KindCount(NamedTuple):
    """How many incidents of a batch are for one kind of work, and how many of them have a result."""

    kind: str
    number: int
    answered: int


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A batch with incidents that the user may see, and what the user may do with it."""

    batch: Batch
    counts: list[KindCount]
    items: list[BatchItem]
    can_download: bool
    can_end: bool

    @property
    def work(self) -> str:
        """Such as "hosting traces: 2, availability checks: 1"."""
        return ", ".join(f"{BatchKind(count.kind).label}: {count.number}" for count in self.counts)

    @property
    def number(self) -> int:
        return sum(count.number for count in self.counts)

    @property
    def answered(self) -> int:
        return sum(count.answered for count in self.counts)

    @property
    def refused(self) -> list[BatchItem]:
        return [item for item in self.items if item.refusal]


@dataclass(frozen=True, slots=True)
class AllowanceRow:
    allowance: AddressAllowance
    can_grant: bool
    can_decline: bool


@require_safe
def batches_page(request: StaffRequest) -> HttpResponse:
    check_sees_content(request.user)
    return render_batches(request)


def _act(request: StaffRequest, form: Form, verb: Callable[..., object], message: str) -> HttpResponse:
    """Call the verb with the data of a valid form, then redirect with the message, which can name the batch that
    the verb returned. Otherwise show the page again with the input and the reason."""
    if form.is_valid():
        try:
            row = verb(by=request.user, **form.cleaned_data)
        except Denied as denied:
            form.add_error(None, str(denied.reason))
        else:
            messages.success(request, message % {"batch": row})
            return redirect("admin:batches")
    return render_batches(request, form, status=422)


@require_POST
@needs_recent_sign_in(reveal_minutes)
def draw_view(request: StaffRequest) -> HttpResponse:
    message = _("Drawn: %(batch)s. Download its file now.")
    return _act(request, DrawBatch(request.POST), drawing.draw_batch, message)


@require_POST
@needs_recent_sign_in(reveal_minutes)
def download_view(request: StaffRequest) -> HttpResponse:
    """Send the file from memory; it is never stored on the server."""
    form = ChooseBatch(request.POST, user=request.user)
    if form.is_valid():
        batch: Batch = form.cleaned_data["batch"]
        try:
            content = drawing.download_batch(by=request.user, batch=batch)
        except Denied as denied:
            form.add_error(None, str(denied.reason))
        else:
            answer = HttpResponse(content, content_type="application/octet-stream")
            answer.headers["Content-Disposition"] = f'attachment; filename="batch-{batch}.sealed"'
            answer.headers["Cache-Control"] = "no-store"
            return answer
    return render_batches(request, form, status=422)


@require_POST
def return_view(request: StaffRequest) -> HttpResponse:
    message = _("Returned: %(batch)s. Its incidents are back in the queue.")
    return _act(request, ChooseBatch(request.POST, user=request.user), batch_ends.return_batch, message)


@require_POST
def revoke_view(request: StaffRequest) -> HttpResponse:
    message = _("Revoked: %(batch)s. Its results are no longer accepted.")
    return _act(request, ChooseBatch(request.POST, user=request.user), batch_ends.revoke_batch, message)


@require_POST
def results_view(request: StaffRequest) -> HttpResponse:
    form = ResultsFile(request.POST, request.FILES)
    if form.is_valid():
        try:
            imported = import_results(by=request.user, content=form.cleaned_data["file"])
        except Denied as denied:
            form.add_error("file", str(denied.reason))
        else:
            context = {
                "title": _("Imported results of a batch"),
                "imported": imported,
                "counts": [(outcome.label, imported.number(outcome)) for outcome in LineOutcome],
            }
            return staff_page(request, "analysts/handoff/result.html", context)
    return render_batches(request, form, status=422)


@require_POST
def ask_view(request: StaffRequest) -> HttpResponse:
    message = _("Requested. A senior analyst decides.")
    return _act(request, AskAllowance(request.POST), allowances.ask_allowance, message)


@require_POST
@needs_recent_sign_in()
def grant_view(request: StaffRequest) -> HttpResponse:
    return _act(request, DecideAllowance(request.POST), allowances.grant_allowance, _("Approved."))


@require_POST
def decline_view(request: StaffRequest) -> HttpResponse:
    return _act(request, DecideAllowance(request.POST), allowances.decline_allowance, _("Declined or withdrawn."))


# --- The page --------------------------------------------------------------------------------------


def render_batches(request: StaffRequest, form: Form | None = None, *, status: int = 200) -> HttpResponse:
    """`form`: refused, and shown with its input."""
    user, now = request.user, timezone.now()
    rows = batch_rows(user)
    used, allowed = meter.addresses_used(user, now=now), meter.addresses_allowed(user, now=now)
    requests = allowances.waiting_allowances(now=now)
    if user.role != Role.SENIOR:
        requests = requests.filter(by=user)
    context = {
        "title": _("Isolated workstation"),
        "open": [row for row in rows if row.batch.is_open],
        "ended": [row for row in rows if not row.batch.is_open],
        "open_addresses": open_addresses(user),
        "most_open": MOST_DRAWN,
        "is_senior": user.role == Role.SENIOR,
        "used": used,
        "allowed": allowed,
        "remaining": max(0, allowed - used),
        "allowances": [
            AllowanceRow(
                request_row,
                can_grant=is_allowed(check_can_grant_allowance, user, request_row),
                can_decline=is_allowed(check_can_decline_allowance, user, request_row),
            )
            for request_row in requests
        ],
        "has_asked": any(request_row.by_id == user.pk for request_row in requests),
        "draw_form": form if isinstance(form, DrawBatch) else DrawBatch(),
        "import_form": form if isinstance(form, ResultsFile) else ResultsFile(),
        "ask_form": form if isinstance(form, AskAllowance) else AskAllowance(),
        "own_key": hotline_key(installation_keys.handoff_key),
        "anchor_key": hotline_key(installation_keys.anchor_key),
        # The name that the error summary expects.
        "form": form,
    }
    drawing.view_batches(by=user, count=len(rows), now=now)
    return staff_page(request, "analysts/handoff/batches.html", context, status=status)


def hotline_key(read_secret: Callable[[], bytes]) -> tuple[str, str] | None:
    """The public half of one of the installation's signing keys, and its short id; None before it is created."""
    try:
        public = signing.public_half(read_secret())
    except keys.KeyMissing:
        return None
    return signing.as_text(public), signing.public_key_id(public)


def batch_rows(user: User) -> list[BatchRow]:
    """The open batches and the latest that have ended: the user's own; of senior analysts, all.

    Incidents are those that the user may see: of an open batch all, of one that has ended those with a refusal. Four
    queries.
    """
    visible = Batch.objects.visible_to(user).select_related("by", "workstation").order_by("-at")
    open_batches = list(visible.open()[:MOST_OPEN])
    batches = [*open_batches, *visible.exclude(state=BatchState.DRAWN)[:MOST_ENDED]]
    counted = BatchItem.objects.filter(batch__in=batches).order_by("batch", "kind").values_list("batch", "kind")
    counts: dict[UUID, list[KindCount]] = {batch.pk: [] for batch in batches}
    for pk, *count in counted.annotate(Count("pk"), Count("answered_at")):
        counts[pk].append(KindCount(*count))
    items: dict[UUID, list[BatchItem]] = {batch.pk: [] for batch in batches}
    rows = BatchItem.objects.filter(Q(batch__in=open_batches) | (Q(batch__in=batches) & ~Q(refusal="")))
    for item in rows.filter(incident__portals__overlap=user.portal_array).select_related("incident").order_by("number"):
        items[item.batch_id].append(item)
    now = timezone.now()
    return [
        BatchRow(
            batch,
            counts[batch.pk],
            items=items[batch.pk],
            can_download=is_allowed(check_can_download, user, batch, now=now),
            can_end=is_allowed(check_can_end_batch, user, batch),
        )
        for batch in batches
    ]
