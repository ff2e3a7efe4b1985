"""robots.txt and security.txt: what programs may index, and the contact for security flaws."""

from datetime import timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from countries.public.pages import open_page

# A portal's first page may be indexed. Its forms may not: the first page explains what to know before using them.
ROBOTS = """User-agent: *
Disallow: /*/report/
Disallow: /*/details/
Disallow: /*/status/
Disallow: /*/leave/
Disallow: /leave/
Disallow: /notice/
"""
# RFC 9116 wants a date less than a year ahead; this one is always three months away.
FRESH = timedelta(days=90)


@require_safe
@open_page
def robots_txt(request: HttpRequest) -> HttpResponse:
    return HttpResponse(ROBOTS, content_type="text/plain; charset=utf-8")


@require_safe
@open_page
def security_txt(request: HttpRequest) -> HttpResponse:
    """security.txt (RFC 9116). 404 where SECURITY_CONTACT is not set."""
    if not settings.SECURITY_CONTACT:
        raise Http404
    contacts = "".join(f"Contact: {contact}\n" for contact in settings.SECURITY_CONTACT)
    expires = f"Expires: {timezone.now() + FRESH:%Y-%m-%d}T00:00:00Z\n"
    return HttpResponse(f"{contacts}{expires}Preferred-Languages: en\n", content_type="text/plain; charset=utf-8")
