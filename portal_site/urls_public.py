"""The public surface: portals, reporting, receipts, health. Nothing here needs or knows a member of staff."""

from django.urls import include, path

from portal_site import health

urlpatterns = [
    path("health/live/", health.live, name="health_live"),
    path("health/ready/", health.ready, name="health_ready"),
    path("", include("reports.urls")),
    path("", include("countries.urls")),
]

handler400 = "portal_site.errors.bad_request"
handler403 = "portal_site.errors.permission_denied"
handler404 = "portal_site.errors.not_found"
handler500 = "portal_site.errors.server_error"
