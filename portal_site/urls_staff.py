"""The staff surface: sign-in, and everything else inside the admin site."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from portal_site import health

staff_patterns = [
    path("accounts/", include("analysts.account_urls")),
    path("admin/", admin.site.urls),
]

urlpatterns = [
    path("health/live/", health.live, name="health_live"),
    path("health/ready/", health.ready, name="health_ready"),
    path("", RedirectView.as_view(pattern_name="admin:index")),
    *staff_patterns,
]

handler400 = "portal_site.errors.bad_request"
handler403 = "portal_site.errors.permission_denied"
handler404 = "portal_site.errors.not_found"
handler500 = "portal_site.errors.server_error"
