"""The staff site: Django's admin site with the project's dashboard and pages."""

from collections.abc import Iterable
from typing import Any, cast

from django.conf import settings
from django.contrib import admin
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.decorators import login_not_required
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _

from analysts.accounts.staff_request import StaffRequest
from analysts.codes import Role
from analysts.pages import dashboard
from analysts.pages.urls import ROUTES
from countries.staff import urls as operators
from countries.staff.requests.staff_pages import build_url_patterns

# Only these apps have ordinary admin pages; those of libraries (groups, jobs, authenticators) are not registered.
OWN_APPS = ("analysts", "audit", "countries")


class StaffSite(admin.AdminSite):
    site_title = _("Reporting Portals")
    site_header = _("Reporting Portals")
    index_title = _("Dashboard")
    # The portals are served by another surface, possibly on another host.
    site_url = None
    # The header has the navigation; a sidebar would repeat it.
    enable_nav_sidebar = False

    def register[Registered: Model](
        self,
        model_or_iterable: type[Registered] | Iterable[type[Registered]],
        admin_class: "type[admin.ModelAdmin[Registered]] | None" = None,
        **options: object,
    ) -> None:
        models = [model_or_iterable] if isinstance(model_or_iterable, type) else model_or_iterable
        super().register([model for model in models if model._meta.app_label in OWN_APPS], admin_class, **options)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        patterns = [(route.path, route.view, route.name) for route in ROUTES]
        return [*build_url_patterns(self, [*patterns, *operators.PAGES]), *super().get_urls()]

    def each_context(self, request: HttpRequest) -> dict[str, object]:
        """As Django's, without the lists that its sidebars show: no page of this site has one."""
        return {
            "site_title": self.site_title,
            "site_header": self.site_header,
            "site_url": self.site_url,
            "has_permission": self.has_permission(request),
            "available_apps": [],
            "is_popup": False,
            "is_nav_sidebar_enabled": self.enable_nav_sidebar,
        }

    def index(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> Any:
        """The dashboard; of a recipient's account, its inbox."""
        staff_request = cast(StaffRequest, request)
        if staff_request.user.role == Role.RECIPIENT:
            return redirect("admin:inbox")
        return dashboard.dashboard_page(staff_request)

    def app_index(self, request: HttpRequest, app_label: str, extra_context: dict[str, object] | None = None) -> Any:
        """Leads to the dashboard, whose menu has every page. Raises Http404 for an app without pages for the user."""
        if not self.get_app_list(request, app_label):
            raise Http404
        return redirect("admin:index")

    # The sign-in library handles sign-in and sign-out, including the second factor. The return types differ from the
    # stubs, which expect template responses.

    @method_decorator(login_not_required)
    def login(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> HttpResponse:
        onward = {REDIRECT_FIELD_NAME: request.GET.get(REDIRECT_FIELD_NAME, "")}
        return redirect(reverse(settings.LOGIN_URL, query=onward))

    def logout(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> Any:
        return redirect("account_logout")

    def password_change(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> Any:
        return redirect("account_change_password")

    def password_change_done(self, request: HttpRequest, extra_context: dict[str, object] | None = None) -> Any:
        return redirect("account_change_password")
