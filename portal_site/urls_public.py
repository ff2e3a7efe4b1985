"""The public surface: portals, reporting, receipts, health. Nothing here needs or knows a member of staff."""

from django.urls import path

import countries.public.urls
import reports.urls
from portal_site import health

urlpatterns = [
    path("health/live/", health.liveness_probe, name="health_live"),
    path("health/ready/", health.readiness_probe, name="health_ready"),
    # Not by `include`: a path unknown to one of them would be tried in it for nothing.
    *countries.public.urls.urlpatterns,
    *reports.urls.urlpatterns,
]

handler400 = "portal_site.errors.bad_request"
handler403 = "portal_site.errors.permission_denied"
handler404 = "portal_site.errors.not_found"
handler500 = "portal_site.errors.server_error"
