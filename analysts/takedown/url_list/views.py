"""Views of the URL list: due entry reviews and member keys."""

import uuid
from collections.abc import Iterable
from datetime import datetime

from django.contrib import messages
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from analysts.accounts.permissions import CONTENT_ROLES
from analysts.accounts.recent_sign_in import needs_recent_sign_in
from analysts.accounts.staff_request import StaffRequest
from analysts.incidents.table import CappedPaginator, IncidentRow, count_label, rows_by_id
from analysts.models import Chase, MemberKey, UrlListEntry, User
from analysts.takedown.url_list import actions, entries, feed, members
from analysts.takedown.url_list.forms import MakeKey
from analysts.takedown.url_list.permissions import check_can_see_list, check_keeps_members
from audit.permissions import Denied, Late, is_allowed
from countries.staff.requests.staff_pages import staff_page

A_PAGE = 30
# The value of `show` that lists entries whose review is not due, too.
ALL = "all"


@require_safe
def url_list(request: StaffRequest) -> HttpResponse:
    """Show the counts; to roles that may see content, also the entries to review, or all. Addresses are masked."""
    check_can_see_list(request.user)
    user, now = request.user, timezone.now()
    shows_all = request.GET.get("show") == ALL
    context = {
        "title": _("URL list"),
        "version": feed.current_version(),
        "live": count_label(UrlListEntry.objects.filter(removed_on=None)),
        "due": count_label(UrlListEntry.objects.filter(removed_on=None, review_on__lte=now.date())),
        "keeps_members": is_allowed(check_keeps_members, user),
        "shows_all": shows_all,
        "page": None,
    }
    count = 0
    if user.role in CONTENT_ROLES:
        due = entries.to_review(user, on=now.date())
        pages = CappedPaginator(with_checks(entries.listed_entries(user) if shows_all else due), A_PAGE)
        page = pages.get_page(request.GET.get("page"))
        lines = pair_with_rows(page.object_list, user, now)
        count = len(lines)
        context |= {
            "page": page,
            "lines": lines,
            "decisions": entries.EntryDecision.choices,
            # Checks of the entries listed below.
            "due": count_label(due) if shows_all else pages.counted,
            "columns": [_("Incident"), _("Address"), _("Due on"), _("Last check"), _("Decision")],
        }
    actions.view_list(by=user, count=count, now=now)
    return staff_page(request, "analysts/takedown/url_list/url_list.html", context)


def with_checks(entries: QuerySet[UrlListEntry]) -> QuerySet[UrlListEntry]:
    """The entries, longest due first, annotated with the last availability check."""
    chase = Chase.objects.filter(incident=OuterRef("incident"), ended_at=None)
    return entries.annotate(
        checked_at=Subquery(chase.values("checked_at")),
        gone=Subquery(chase.values("removed_in_a_row")),
        asked_at=Subquery(chase.values("check_asked_at")),
    ).order_by("review_on", "pk")


def pair_with_rows(
    entries: Iterable[UrlListEntry], user: User, now: datetime
) -> list[tuple[UrlListEntry, IncidentRow]]:
    """The entries, each with its incident and the masked address."""
    listed = list(entries)
    rows = rows_by_id([entry.incident_id for entry in listed], user, now)
    return [(entry, rows[entry.incident_id]) for entry in listed if entry.incident_id in rows]


@require_http_methods(["GET", "HEAD", "POST"])
@needs_recent_sign_in()
def member_keys(request: StaffRequest) -> HttpResponse:
    check_keeps_members(request.user)
    form = MakeKey(request.POST if request.method == "POST" else None, by=request.user)
    if form.is_valid():
        try:
            key, secret = members.make_key(by=request.user, **form.cleaned_data)
        except Late as late:
            data = request.POST.copy()
            data["key_id"] = str(uuid.uuid4())
            form = MakeKey(data, by=request.user)
            form.add_error(None, str(late.reason))
        except Denied as denied:
            form.add_error("expires_on", str(denied.reason))
        else:
            # The secret is not stored: this response is the only place where it appears.
            context = {"title": _("Key for %(name)s") % {"name": key.member}, "key": key, "secret": secret}
            return staff_page(request, "analysts/takedown/url_list/member_key.html", context)
    now = timezone.now()
    context = {
        "title": _("Members"),
        "keys": [(key, members.is_open(key, now=now)) for key in MemberKey.objects.select_related("by", "closed_by")],
        "columns": [_("Member"), _("Prefix"), _("Status"), _("Scope"), _("Last used on")],
        "form": form,
    }
    members.view_members(by=request.user, now=now)
    return staff_page(request, "analysts/takedown/url_list/members.html", context, status=422 if form.errors else 200)


@require_POST
def close_member_key(request: StaffRequest, key_id: uuid.UUID) -> HttpResponse:
    check_keeps_members(request.user)
    try:
        key = members.close_key(by=request.user, key=get_object_or_404(MemberKey, pk=key_id))
    except Late as late:
        messages.warning(request, str(late.reason))
    else:
        messages.success(request, _("Closed the key that begins with %(prefix)s.") % {"prefix": key.prefix})
    return redirect("admin:members")
