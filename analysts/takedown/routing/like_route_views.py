"""Confirm like routes in one act: the groups, the preview of one group, and its confirmation."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from analysts.accounts.staff_request import StaffRequest
from analysts.incidents.bulk_actions import build_preview, load_visible, perform_on_each, read_choices, report_result
from analysts.incidents.permissions import check_sees_content
from analysts.models import Chase, Recipient
from analysts.takedown.list_place import KIND, list_url, read_list
from analysts.takedown.routing import actions
from analysts.takedown.routing.like_routes import (
    build_group_route,
    describe_route_effect,
    group_unrouted,
    waiting_of_group,
)
from analysts.takedown.routing.to_do import ROUTE
from analysts.welfare import viewing
from countries.staff.requests.staff_pages import staff_page


@require_http_methods(["GET", "HEAD", "POST"])
def like_routes(request: StaffRequest) -> HttpResponse:
    check_sees_content(request.user)
    if request.method == "POST":
        return _confirm_group(request)
    if "provider" in request.GET:
        return _preview_group(request)
    groups, opened_from = group_unrouted(request.user), read_list(request.GET)
    viewing.view_queue(by=request.user, filters={"view": "like_routes"})
    context = {
        "title": _("Like routes"),
        "groups": groups,
        "columns": [_("Hosted by"), _("Incidents")],
        "query": opened_from,
        "list_url": list_url(opened_from or {KIND: ROUTE.name}),
    }
    return staff_page(request, "analysts/takedown/routing/like_routes.html", context)


def _preview_group(request: StaffRequest) -> HttpResponse:
    user, now, opened_from = request.user, timezone.now(), read_list(request.GET)
    back = reverse("admin:like_routes", query=opened_from)
    country, provider = request.GET.get("country", ""), _find_provider(request.GET.get("provider", ""))
    waiting = waiting_of_group(user, country, provider) if provider else []
    if provider is None or not waiting:
        messages.info(request, _("No incident waits for this route any more."))
        return redirect(back)
    route = build_group_route(country, provider)
    preview = build_preview(
        user, load_visible(user, waiting), lambda incident: describe_route_effect(user, incident, route), now=now
    )
    number = len(preview.included)
    context = {
        "title": _("Confirm like routes"),
        "route": route,
        "preview": preview,
        "hidden_fields": [
            ("country", country),
            ("provider", str(provider.pk)),
            ("steps", route.mark),
            *opened_from.items(),
        ],
        "action": reverse("admin:like_routes"),
        "back": back,
        "list_url": list_url(opened_from or {KIND: ROUTE.name}),
        "confirm": ngettext("Confirm %(number)s route", "Confirm %(number)s routes", number) % {"number": number},
    }
    viewing.view_queue(by=user, filters={"view": "like_routes", "count": str(len(waiting))}, now=now)
    return staff_page(request, "analysts/takedown/routing/like_route.html", context)


def _confirm_group(request: StaffRequest) -> HttpResponse:
    user, now, opened_from = request.user, timezone.now(), read_list(request.POST)
    country, provider = request.POST.get("country", ""), _find_provider(request.POST.get("provider", ""))
    if provider is None:
        messages.warning(request, _("Choose the incidents whose routes to confirm."))
        return redirect(reverse("admin:like_routes", query=opened_from))
    route = build_group_route(country, provider)
    group = {"country": country, "provider": str(provider.pk)}
    back = redirect(reverse("admin:like_routes", query={**group, **opened_from}))
    if route.why_not or route.mark != request.POST.get("steps", ""):
        messages.warning(request, _("The routing rules have changed. Check the route again."))
        return back
    traces = Chase.objects.open().filter(country=country, provider=provider)
    result = perform_on_each(
        user,
        read_choices(request.POST),
        # An incident of another place has changed, or was never in the group.
        lambda incident: actions.confirm_route(
            by=user,
            incident=incident,
            steps=route.proposal.steps,
            trace=traces.filter(incident=incident).values_list("trace", flat=True).first() or -1,
            now=now,
        ),
    )
    message = ngettext("%(number)s route confirmed.", "%(number)s routes confirmed.", len(result.completed))
    report_result(request, result, message % {"number": len(result.completed)})
    # The next group, where the list is that of the routes; the traces of a host have brought others here.
    if opened_from and (opened_from[KIND] != ROUTE.name or not group_unrouted(user)):
        return redirect(list_url(opened_from))
    return redirect(reverse("admin:like_routes", query=opened_from))


def _find_provider(text: str) -> Recipient | None:
    """The provider with this id; None if there is none."""
    try:
        return Recipient.objects.filter(pk=uuid.UUID(text)).first()
    except ValueError:
        return None
