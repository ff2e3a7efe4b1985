"""Pages of sources: the list with a form for a new one, and one source with its keys."""

import uuid

from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from analysts.accounts.recent_sign_in import needs_recent_sign_in
from analysts.accounts.staff_request import StaffRequest
from analysts.sources import actions
from analysts.sources.forms import AddSource, RequestKey
from analysts.sources.permissions import check_keeps_sources, check_sees_shares, check_sees_sources
from audit.permissions import Denied, Late, is_allowed
from countries.models import ApprovalRequest, Source, SourceKey
from countries.staff.requests.staff_pages import staff_page


@require_http_methods(["GET", "HEAD", "POST"])
@needs_recent_sign_in()
def source_list(request: StaffRequest) -> HttpResponse:
    check_sees_sources(request.user)
    form = AddSource(request.POST if request.method == "POST" else None)
    if form.is_valid():
        source = actions.add_source(by=request.user, **form.cleaned_data)
        return redirect("admin:source", source.pk)
    shows_share = is_allowed(check_sees_shares, request.user)
    open_keys = SourceKey.objects.filter(source=OuterRef("pk"), closed_on=None, expires_on__gte=timezone.now().date())
    context = {
        "title": _("Partners’ systems"),
        "sources": Source.objects.select_related("portal").annotate(has_key=Exists(open_keys)),
        "shows_share": shows_share,
        "columns": [
            *(_("Partner"), _("Portal"), _("Addresses a day")),
            *([_("Illegal among decided reports")] if shows_share else []),
        ],
        "form": form if is_allowed(check_keeps_sources, request.user) else None,
    }
    actions.view_sources(by=request.user)
    return staff_page(request, "analysts/sources/sources.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs_recent_sign_in()
def source_detail(request: StaffRequest, source_id: uuid.UUID) -> HttpResponse:
    check_sees_sources(request.user)
    source = get_object_or_404(Source.objects.select_related("portal"), pk=source_id)
    initial = {"quota": source.quota}
    form = RequestKey(request.POST, initial=initial) if request.method == "POST" else RequestKey(initial=initial)
    if form.is_valid():
        try:
            requested = actions.request_key(by=request.user, source=source, **form.cleaned_data)
        except Denied as denied:
            form.add_error(None, str(denied.reason))
        else:
            messages.success(request, _("Approval requested. The person who approves is shown the key, once."))
            return redirect("admin:approval", requested.pk)
    today, waiting = timezone.now().date(), ApprovalRequest.objects.waiting_about(source).first()
    # One request at a time.
    may_request = is_allowed(check_keeps_sources, request.user) and (form.errors or waiting is None)
    context = {
        "title": source.name,
        "source": source,
        "shows_share": is_allowed(check_sees_shares, request.user),
        "keys": [(key, actions.is_open(key, today=today)) for key in source.keys.order_by("closed_on", "prefix")],
        "columns": [_("Prefix"), _("Status"), _("Last used on")],
        "waiting": waiting,
        "form": form if may_request else None,
    }
    actions.view_sources(by=request.user)
    return staff_page(request, "analysts/sources/source.html", context, status=422 if form.errors else 200)


@require_POST
def close_source_key(request: StaffRequest, source_key_id: uuid.UUID) -> HttpResponse:
    check_sees_sources(request.user)
    key = get_object_or_404(SourceKey.objects.select_related("source"), pk=source_key_id)
    try:
        actions.close_key(by=request.user, key=key)
    except Late as late:
        messages.warning(request, str(late.reason))
    else:
        messages.success(request, _("Closed the key that begins with %(prefix)s.") % {"prefix": key.prefix})
    return redirect("admin:source", key.source_id)
