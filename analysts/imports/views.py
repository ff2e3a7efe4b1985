"""The pages of history imports: prepare one, map its codes, see the dry run, request, approve, discard, undo."""

from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from analysts.accounts.recent_sign_in import needs_recent_sign_in, reveal_minutes
from analysts.accounts.staff_request import StaffRequest
from analysts.codes.imports import WITH_ADDRESS, RowOutcome, RowRefusal
from analysts.imports import actions
from analysts.imports.forms import MapCodes, PrepareImport
from analysts.imports.permissions import (
    check_can_approve_import,
    check_can_discard,
    check_can_import,
    check_can_map,
    check_can_open_case,
    check_can_request,
    check_can_undo,
)
from analysts.imports.raw_rows import COLUMNS
from analysts.models import HistoryImport, ImportState
from analysts.models.origins import PREPARED_FOR, UNDO_FOR
from audit.permissions import Denied, is_allowed, why_not
from countries.staff.requests.staff_pages import staff_page
from countries.words.translated_rows import FileRefused
from reports import keys

MOST_LISTED = 50
LONGEST_REFERENCE = 64


@require_http_methods(["GET", "HEAD", "POST"])
def imports_page(request: StaffRequest) -> HttpResponse:
    check_can_import(request.user)
    sent = request.method == "POST"
    form = PrepareImport(request.POST if sent else None, request.FILES if sent else None, by=request.user)
    if form.is_bound and form.is_valid():
        try:
            history = actions.prepare_import(by=request.user, **form.cleaned_data)
        except (Denied, FileRefused) as error:
            form.add_error("file", str(error.reason if isinstance(error, Denied) else error))
        except keys.NoOpenKey:
            form.add_error(None, _("There is no key to seal it to. Tell an administrator."))
        else:
            return redirect("admin:history_import", history.pk)
    context = {
        "title": _("History of a former system"),
        "form": form,
        "imports": HistoryImport.objects.all()[:MOST_LISTED],
        "columns": COLUMNS,
    }
    return staff_page(request, "analysts/imports/imports.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def import_page(request: StaffRequest, history_id: int) -> HttpResponse:
    """GET: the import in its present state. POST: the mapping of its codes."""
    check_can_import(request.user)
    history = get_object_or_404(HistoryImport, pk=history_id)
    if request.method != "POST":
        return render_import(request, history)
    form = MapCodes(request.POST, history=history)
    if form.is_valid():
        try:
            actions.map_codes(by=request.user, history=history, mapping=form.mapping)
        except Denied as denied:
            form.add_error(None, str(denied.reason))
        else:
            messages.success(request, _("The worker counts the rows. Nothing is imported yet."))
            return redirect("admin:history_import", history.pk)
    return render_import(request, history, form=form)


def render_import(
    request: StaffRequest, history: HistoryImport, *, form: MapCodes | None = None, refusal: str = ""
) -> HttpResponse:
    user, now = request.user, timezone.now()
    can_map = is_allowed(check_can_map, user, history)
    is_counted = history.state not in (ImportState.COUNTING, ImportState.RUNNING)
    outcomes = [(outcome.label, number) for outcome in RowOutcome if (number := history.counts.get(outcome, 0))]
    context = {
        "title": _("History import %(number)s") % {"number": history.pk},
        "history": history,
        "form": form or (MapCodes(history=history) if can_map else None),
        "refusal": refusal,
        "outcomes": outcomes if is_counted else [],
        "done": None if is_counted else sum(history.counts.values()),
        "refusals": [
            (RowRefusal(name).label, len(numbers), ", ".join(ranges_of(numbers)))
            for name, numbers in history.refusals.items()
        ],
        "too_old": history.counts.get(RowOutcome.CLASSIFIED, 0) if is_counted and history.is_prepared else 0,
        "with_address": sum(history.counts.get(outcome, 0) for outcome in WITH_ADDRESS),
        "erased_at": history.prepared_at + PREPARED_FOR if history.is_prepared else None,
        "undo_until": history.imported_at + UNDO_FOR if history.imported_at else None,
        "can_map": can_map,
        "can_request": is_allowed(check_can_request, user, history),
        "why_not_approve": why_not(check_can_approve_import, user, history),
        "can_open": is_allowed(check_can_open_case, user, history),
        "can_discard": is_allowed(check_can_discard, user, history),
        "can_undo": is_allowed(check_can_undo, user, history, now=now),
    }
    refused = refusal or (form is not None and form.is_bound)
    return staff_page(request, "analysts/imports/import.html", context, status=422 if refused else 200)


def ranges_of(numbers: Iterable[int]) -> Iterator[str]:
    """The numbers as a person writes them: 3, 7–12."""
    ordered = sorted(numbers)
    starts = [ordered[0], *(after for before, after in pairwise(ordered) if after > before + 1)]
    ends = [*(before for before, after in pairwise(ordered) if after > before + 1), ordered[-1]]
    for start, end in zip(starts, ends, strict=True):
        yield str(start) if start == end else f"{start}–{end}"


def _act(request: StaffRequest, history_id: int, verb: Callable[..., HistoryImport], message: str) -> HttpResponse:
    check_can_import(request.user)
    history = get_object_or_404(HistoryImport, pk=history_id)
    try:
        verb(by=request.user, history=history)
    except Denied as denied:
        return render_import(request, history, refusal=str(denied.reason))
    messages.success(request, message)
    return redirect("admin:history_import", history.pk)


@require_POST
def request_view(request: StaffRequest, history_id: int) -> HttpResponse:
    return _act(request, history_id, actions.request_import, _("Another senior analyst must approve the import."))


@require_POST
@needs_recent_sign_in(reveal_minutes)
def approve_view(request: StaffRequest, history_id: int) -> HttpResponse:
    return _act(request, history_id, actions.approve_import, _("Approved. The worker imports the rows."))


@require_POST
def open_view(request: StaffRequest, history_id: int) -> HttpResponse:
    check_can_import(request.user)
    history = get_object_or_404(HistoryImport, pk=history_id)
    reference = request.POST.get("reference", "").strip()[:LONGEST_REFERENCE]
    try:
        incident = actions.open_case(by=request.user, history=history, reference=reference)
    except Denied as denied:
        return render_import(request, history, refusal=str(denied.reason))
    return redirect("admin:incident", incident.pk)


@require_POST
def discard_view(request: StaffRequest, history_id: int) -> HttpResponse:
    return _act(request, history_id, actions.discard_import, _("The file is erased here. Nothing was imported."))


@require_POST
@needs_recent_sign_in(reveal_minutes)
def undo_view(request: StaffRequest, history_id: int) -> HttpResponse:
    return _act(request, history_id, actions.undo_import, _("The worker undoes the import."))
