"""The staff surface: sign-in, and everything else inside the admin site."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

from analysts.takedown.url_list.api import api
from countries.machine_api import api_urls
from portal_site import health
from portal_site.preview import frames as preview_frames
from portal_site.preview import views as preview
from portal_site.preview import words as preview_words

PREVIEW = "countries/portal/<int:portal_id>/preview/"
# Joined here, to the admin site's own namespace: the preview needs the public urls, which no app may import.
preview_patterns = [
    path(PREVIEW, admin.site.admin_view(preview_frames.frames_page), name="portal_preview"),
    path(f"{PREVIEW}<slug:state>/", admin.site.admin_view(preview.preview_page), name="portal_preview_page"),
    path(
        f"{PREVIEW}<slug:state>/<path:public_path>",
        admin.site.admin_view(preview.preview_page),
        name="portal_preview_page",
    ),
    path(
        "words/<language:words_tag>/<slug:text_digest>/preview/<path:public_path>",
        admin.site.admin_view(preview_words.words_preview),
        name="words_preview",
    ),
]
admin_patterns, app_name, namespace = admin.site.urls

staff_patterns = [
    path("accounts/", include("analysts.accounts.sign_in.urls")),
    path("api/", include((api_urls(api), "url_list_api"))),
    path("admin/", ([*preview_patterns, *admin_patterns], app_name, namespace)),
]

urlpatterns = [
    path("health/live/", health.liveness_probe, name="health_live"),
    path("health/ready/", health.readiness_probe, name="health_ready"),
    path("", RedirectView.as_view(pattern_name="admin:index")),
    *staff_patterns,
]

handler400 = "portal_site.errors.bad_request"
handler403 = "portal_site.errors.permission_denied"
handler404 = "portal_site.errors.not_found"
handler500 = "portal_site.errors.server_error"
