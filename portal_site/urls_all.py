"""Both surfaces in one process, for trying it out and for tests."""

from portal_site import urls_public, urls_staff

urlpatterns = [*urls_staff.staff_patterns, *urls_public.urlpatterns]

handler400 = "portal_site.errors.bad_request"
handler403 = "portal_site.errors.permission_denied"
handler404 = "portal_site.errors.not_found"
handler500 = "portal_site.errors.server_error"
