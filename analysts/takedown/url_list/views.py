"""Views of the URL list: due entry reviews, actions on an incident, and member keys."""

import uuid
from collections.abc import Callable

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
from analysts.incidents.page_kit import Outcome, perform_action, to_section
from analysts.incidents.table import CappedPaginator, count_label
from analysts.models import Chase, Incident, MemberKey, UrlListEntry, User
from analysts.takedown.url_list import actions, entries, feed, members
from analysts.takedown.url_list.forms import MakeKey
from analysts.takedown.url_list.page_section import KEEP, LIST, TAKE_OFF, act_form
from analysts.takedown.url_list.permissions import check_can_see_list, check_keeps_members
from audit.permissions import Denied, Late, is_allowed
from countries.staff.staff_pages import staff_page

A_PAGE = 30


@require_safe
def url_list(request: StaffRequest) -> HttpResponse:
    """Show the counts, and the due reviews to roles that may see content. Addresses are never shown."""
    check_can_see_list(request.user)
    today = timezone.now().date()
    reviews = CappedPaginator(due_reviews(request.user), A_PAGE) if request.user.role in CONTENT_ROLES else None
    shown = reviews.get_page(request.GET.get("page")) if reviews else None
    context = {
        "title": _("URL list"),
        "version": feed.current_version(),
        "live": count_label(UrlListEntry.objects.filter(removed_on=None)),
        # Of those listed below, where the user sees any.
        "due": reviews.counted
        if reviews is not None
        else count_label(UrlListEntry.objects.filter(removed_on=None, review_on__lte=today)),
        "reviews": shown,
        "columns": [_("Incident"), _("Due on"), _("Last check"), _("On the list since"), _("Decision")],
        "keeps_members": is_allowed(check_keeps_members, request.user),
    }
    actions.view_list(by=request.user, count=len(shown) if shown else 0)
    return staff_page(request, "analysts/takedown/url_list/url_list.html", context)


def due_reviews(user: User) -> QuerySet[UrlListEntry]:
    """The due reviews of the user, longest due first, annotated with the result of the last availability check."""
    chase = Chase.objects.filter(incident=OuterRef("incident"), ended_at=None)
    return (
        entries.to_review(user, on=timezone.now().date())
        .annotate(checked_at=Subquery(chase.values("checked_at")), gone=Subquery(chase.values("removed_in_a_row")))
        .order_by("review_on", "pk")
    )


def list_address(request: StaffRequest, incident: Incident) -> Outcome:
    return perform_listing(
        request, incident, LIST, actions.list_address, _("Listing requested. The status is shown below.")
    )


def keep_listed(request: StaffRequest, incident: Incident) -> Outcome:
    """Keep the entry; return to the list of reviews if the form was sent from there."""
    onward = (lambda: redirect("admin:url_list")) if "list" in request.POST else None
    return perform_listing(request, incident, KEEP, actions.keep_listed, _("Kept on the URL list."), onward=onward)


def take_off(request: StaffRequest, incident: Incident) -> Outcome:
    return perform_listing(request, incident, TAKE_OFF, actions.take_off, _("Taken off the URL list."))


def perform_listing(
    request: StaffRequest,
    incident: Incident,
    name: str,
    verb: Callable[..., object],
    done: str,
    *,
    onward: Callable[[], HttpResponse] | None = None,
) -> Outcome:
    return perform_action(
        request,
        incident,
        name,
        act_form(name, request.POST),
        lambda **words: verb(by=request.user, incident=incident, **words),
        done,
        onward=onward or (lambda: to_section(incident, "url-list")),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs_recent_sign_in()
def member_keys(request: StaffRequest) -> HttpResponse:
    check_keeps_members(request.user)
    form = MakeKey(request.POST if request.method == "POST" else None, by=request.user)
    if form.is_valid():
        try:
            key, secret = members.make_key(by=request.user, **form.cleaned_data)
        except Late as late:
            again = request.POST.copy()
            again["key_id"] = str(uuid.uuid4())
            form = MakeKey(again, by=request.user)
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
