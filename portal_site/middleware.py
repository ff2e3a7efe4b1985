"""Middleware that removes everything that identifies a visitor; no other module may read it."""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.csp import CSP, build_policy
from django.utils.encoding import escape_uri_path

from countries.public.page_style import MOST_SHEETS, style_source_of

Answer = Callable[[HttpRequest], HttpResponseBase]

# Request headers that may pass; all others, and all peer data that the server adds, are dropped.
PUBLIC_HEADERS = frozenset(
    {
        "HTTP_HOST",
        "HTTP_ACCEPT_ENCODING",
        "HTTP_ORIGIN",
        "HTTP_SEC_FETCH_SITE",
        "CONTENT_TYPE",
        "CONTENT_LENGTH",
    }
)
STAFF_HEADERS = PUBLIC_HEADERS | {"HTTP_COOKIE", "HTTP_IF_NONE_MATCH", "HTTP_AUTHORIZATION"}
# A member's system has no session, so a browser's session cannot be used for it.
MEMBERS_HEADERS = STAFF_HEADERS - {"HTTP_COOKIE"}
# A source's system sends a key, what it reports, and the name of its request.
SOURCES_HEADERS = frozenset(
    {"HTTP_HOST", "HTTP_AUTHORIZATION", "HTTP_IDEMPOTENCY_KEY", "CONTENT_TYPE", "CONTENT_LENGTH"}
)
# Keys that the web server adds about the other end of the connection.
PEER_KEYS = ("REMOTE_HOST", "REMOTE_PORT", "REMOTE_USER", "REMOTE_IDENT", "AUTH_TYPE")
NOBODY = "0.0.0.0"  # noqa: S104 - not a listening address: it replaces the visitor's

PUBLIC_DIRECTIVES: Mapping[str, Sequence[str]] = {
    "default-src": [CSP.NONE],
    # One file that no page needs (`static/public/public.js`); nothing inline.
    "script-src": [CSP.SELF],
    # The one sheet inside a page, by its hash: `public_directives`.
    "style-src": [CSP.NONE],
    "img-src": [CSP.SELF],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
}
PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


def public_directives(style_source: str) -> Mapping[str, Sequence[str]]:
    """The directives of a public page whose own sheet has this source; "" for an answer without a sheet."""
    return {**PUBLIC_DIRECTIVES, "style-src": [style_source or CSP.NONE]}


@lru_cache(maxsize=MOST_SHEETS)
def build_public_policy(style_source: str) -> str:
    """Built once for each sheet: it was a twentieth of the time that a page from memory takes."""
    return build_policy(public_directives(style_source))


def is_staff_path(path: str) -> bool:
    return settings.STAFF and path.startswith(settings.STAFF_PATHS) and not path.startswith(settings.SOURCES_PATH)


def header_allow_list(path: str) -> frozenset[str]:
    if path.startswith(settings.SOURCES_PATH):
        return SOURCES_HEADERS
    if not is_staff_path(path):
        return PUBLIC_HEADERS
    return MEMBERS_HEADERS if path.startswith(settings.MEMBERS_PATH) else STAFF_HEADERS


def forget_who_asks(get_response: Answer) -> Answer:
    """Drop the peer's address and every request header outside the allow-list, before anything can see them."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        allowed = header_allow_list(request.path_info)
        if settings.HTTPS:
            # Written by the web server in front, which drops the visitor's own.
            allowed |= {"HTTP_X_FORWARDED_PROTO"}
        for name in [name for name in request.META if name.startswith("HTTP_") and name not in allowed]:
            del request.META[name]
        for name in PEER_KEYS:
            request.META.pop(name, None)
        request.META["REMOTE_ADDR"] = NOBODY
        return get_response(request)

    return middleware


def surface_headers(get_response: Answer) -> Answer:
    """`no-store` on every page; on public pages a stricter policy, no referrer and no cookie."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if request.path_info.startswith(settings.STATIC_URL):
            return response
        response.headers["Cache-Control"] = "no-store"
        response.headers["Permissions-Policy"] = PERMISSIONS_POLICY
        # A browser must not ask for names that it only finds on a page: one of them may be a reported host.
        response.headers["X-DNS-Prefetch-Control"] = "off"
        if not is_staff_path(request.path_info):
            # A picture brings a policy of its own, stricter than this one.
            if "sandbox" not in response.headers.get("Content-Security-Policy", ""):
                response.headers["Content-Security-Policy"] = build_public_policy(style_source_of(request))
            response.headers["Referrer-Policy"] = "no-referrer"
            response.cookies.clear()
            if settings.ONION_URL and request.META.get("HTTP_HOST", "") != urlsplit(settings.ONION_URL).netloc:
                # Escaped again: a path may hold any character, and a header no line end.
                response.headers["Onion-Location"] = f"{settings.ONION_URL}{escape_uri_path(request.path)}"
        return response

    return middleware
