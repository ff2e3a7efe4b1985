"""The surface of sources: reports from the systems of partner organisations, and health."""

from django.urls import include, path

from countries.machine_api import api_urls
from portal_site import health
from reports.sources.api import api

urlpatterns = [
    path("health/live/", health.liveness_probe, name="health_live"),
    path("health/ready/", health.readiness_probe, name="health_ready"),
    path("api/v1/", include((api_urls(api), "sources_api"))),
]

handler400 = "portal_site.errors.bad_request"
handler403 = "portal_site.errors.permission_denied"
handler404 = "portal_site.errors.not_found"
handler500 = "portal_site.errors.server_error"
