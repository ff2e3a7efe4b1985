"""Shared code of custom pages inside the admin site: page frame, refusal page and URL patterns."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import wraps
from typing import Concatenate

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from audit.permissions import Denied
from countries.languages import long_date
from countries.models import Portal
from countries.staff.requests.approvals import StaffMember

# Route, view and URL name.
type Page = tuple[str, Callable[..., HttpResponseBase], str]


class OperatorRequest(HttpRequest):
    """A request of a signed-in operator."""

    user: StaffMember  # type: ignore[assignment] # this app does not import the user model


def format_day(day: date | None) -> str:
    """The day in the active language; "" for None."""
    return long_date(day, get_language() or "en") if day else ""


def staff_page(
    request: HttpRequest, template: str, context: Mapping[str, object], *, status: int = 200
) -> TemplateResponse:
    """Render `template` inside the admin site's frame. The context needs a `title`."""
    return TemplateResponse(request, template, {**admin.site.each_context(request), **context}, status=status)


def portals_shown(request: HttpRequest) -> QuerySet[Portal]:
    """The portals whose configuration the user may see: an operator all, a country's partner their own.

    Raises PermissionDenied for all others.
    """
    if not request.user.is_authenticated or not request.user.has_perm("countries.view_portal"):
        raise PermissionDenied
    if request.user.has_perm("countries.change_portal"):
        return Portal.objects.all()
    return Portal.objects.filter(pk__in=request.user.portal_ids)


def refusal_page(request: HttpRequest, reason: str | Promise) -> TemplateResponse:
    """A 403 page with the reason, inside the admin site's frame."""
    context = {"title": _("Access denied"), "reason": reason}
    return staff_page(request, "admin/refused.html", context, status=403)


def refusals_explained[R: HttpRequest, **P](
    view: Callable[Concatenate[R, P], HttpResponseBase],
) -> Callable[..., HttpResponseBase]:
    """Decorator: answer a `Denied` that the view did not catch with `refusal_page`."""

    @wraps(view)
    def page(request: R, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except Denied as denied:
            return refusal_page(request, denied.reason)

    return page


def build_url_patterns(site: admin.AdminSite, pages: Iterable[Page]) -> list[URLPattern]:
    """URL patterns of custom pages inside the admin site, which require sign-in and explain refusals."""
    return [path(route, site.admin_view(refusals_explained(view)), name=name) for route, view, name in pages]
