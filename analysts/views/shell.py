"""What every page of the staff side has in common: its request, its frame, and what a refusal looks like."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from analysts.models import User
from audit.permissions import Denied


class StaffRequest(HttpRequest):
    """A request that got past sign-in."""

    user: User


def staff_page(request: StaffRequest, template: str, context: dict[str, Any], *, status: int = 200) -> TemplateResponse:
    """`template` inside the admin site's frame. The context needs a `title`."""
    return TemplateResponse(request, template, {**admin.site.each_context(request), **context}, status=status)


def refusals_explained[**P](
    view: Callable[Concatenate[StaffRequest, P], HttpResponse],
) -> Callable[..., HttpResponse]:
    """Answers a `Denied` that the view did not catch with 403 and its reason, inside the staff frame."""

    @wraps(view)
    def page(request: StaffRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Denied as denied:
            context = {"title": _("Not open to you"), "reason": denied.reason}
            return staff_page(request, "analysts/refused.html", context, status=403)

    return page
