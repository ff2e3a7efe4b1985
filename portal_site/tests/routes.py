"""Every route of the installation and who may call it: one table, for the tests and for the proof on a whole stack."""

import uuid
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

# Routes anybody may call, by the module of their view: pages of portals, reporting, health.
PUBLIC_MODULES = ("countries.network", "countries.robots", "countries.views", "reports.views", "portal_site.health")
STAFF_PREFIXES = ("admin/", "accounts/")
# Signing in itself.
OPEN_STAFF_ROUTES = {
    "accounts/login/",
    "accounts/inactive/",
    "accounts/enter/",
    "accounts/mfa/authenticate/",
    "accounts/mfa/webauthn/login/",
    "accounts/mfa/trust/",
    "accounts/logout/",
    "admin/login/",
    "admin/jsi18n/",
}
SIGN_IN = ("/accounts/login/", "/admin/login/")
# The pages that open reports: everything the site adds to Django's own admin pages.
CONTENT_PREFIXES = ("admin/queue/", "admin/incidents/")
# The lists of ordinary admin pages that open to each role; the pages of their rows open to the same.
OPENED_LISTS: dict[str, set[str]] = {
    "analyst": set(),
    "senior": set(),
    "operator": {"countries/portal", "countries/changes"},
    "partner": {"countries/portal"},
    "auditor": {"audit/auditevent"},
    "welfare": set(),
    "administrator": {"analysts/user"},
}

# Pages of the site's own that some roles open and others do not.
OPENED_PAGES = {
    "admin/keys/": ("senior", "administrator"),
    "admin/confirmations/": ("administrator",),
    "admin/countries/portal/<int:portal_id>/state/": ("operator",),
    "admin/languages/": ("operator",),
    "admin/countries/portal/<int:portal_id>/preview/": ("operator",),
    "admin/countries/portal/<int:portal_id>/kit/": ("operator",),
    "admin/countries/portal/<int:portal_id>/kit/<language:language>/poster/": ("operator",),
    "admin/countries/portal/<int:portal_id>/kit/<language:language>/cards/": ("operator",),
    "admin/countries/portal/<int:portal_id>/kit/<language:language>/code.svg": ("operator",),
    "admin/countries/portal/pictures/<slug:digest>/": ("operator",),
}
# And the acts on accounts that take two.
OPENED_ACTS = {
    "admin/confirmations/<int:proposal_id>/confirm/": ("administrator",),
    "admin/confirmations/<int:proposal_id>/refuse/": ("administrator",),
    "admin/accounts/<int:user_id>/recover/": ("administrator",),
    "admin/countries/changes/<int:change_id>/confirm/": ("operator",),
    "admin/countries/changes/<int:change_id>/refuse/": ("operator",),
}


def routes(patterns: list[Any] | None = None, before: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, route)
        else:
            yield route, pattern


def module_of(pattern: URLPattern) -> str:
    view: Any = pattern.callback
    while hasattr(view, "__wrapped__"):
        view = view.__wrapped__
    return str(getattr(view, "view_class", view).__module__)


def is_public(pattern: URLPattern) -> bool:
    return module_of(pattern).startswith(PUBLIC_MODULES)


def is_staff(route: str) -> bool:
    return route.startswith(STAFF_PREFIXES)


def filled(route: str, pattern: URLPattern, arguments: Mapping[str, str]) -> str:
    """A path of the route, with the given values and made-up ones for the rest."""
    path = route
    for name, converter in pattern.pattern.converters.items():
        made_up = {"IntConverter": "1", "UUIDConverter": str(uuid.uuid4()), "LanguageConverter": "en"}
        value = arguments.get(name) or made_up.get(type(converter).__name__, "x")
        for kind in ("int", "uuid", "slug", "str", "path", "language"):
            path = path.replace(f"<{kind}:{name}>", value)
        path = path.replace(f"<{name}>", value)
    return "/" + path.replace("\\Z", "").replace("^", "")


METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
CONTENT_ROLES = ("analyst", "senior")
# Pages of the content that are read; all others are acts, sent by POST.
CONTENT_READ = {"admin/queue/", "admin/incidents/<uuid:incident_id>/"}


class Answer(StrEnum):
    """What a caller learns from an answer."""

    SIGN_IN = "sent to sign in"
    OPENS = "opens"
    REFUSED = "refused"
    HIDDEN = "hidden"
    MOVED = "sent to another address, which decides"
    NO_METHOD = "no such method"
    FAILS = "fails"


def answer_of(status: int, location: str, path: str) -> Answer:
    match status:
        case 301 | 302 if location.startswith(SIGN_IN):
            return Answer.SIGN_IN
        # The address without `change/` at its end leads to the one with it; an object that is not there, to the start.
        case 301 | 302 if location == f"{path}change/":
            return Answer.MOVED
        case 302 if location == "/admin/" and path.startswith("/admin/") and path.count("/") > 3:
            return Answer.HIDDEN
        case 403:
            return Answer.REFUSED
        case 404:
            return Answer.HIDDEN
        case 405:
            return Answer.NO_METHOD
        case _ if status >= 500:
            return Answer.FAILS
        case _:
            return Answer.OPENS


def expected(route: str, method: str, role: str, *, here: bool) -> set[Answer]:
    """What a caller may get of a route of the staff surface, filled in with an incident, a portal and an account.

    `role` is "" for a stranger; `here` says whether the incident and the portal are of a portal they work for.
    """
    reads = method in ("GET", "HEAD")
    # The form's token, which only POST can carry, is asked for before anything else.
    shut = set() if reads or method in ("POST", "OPTIONS") else {Answer.REFUSED}
    if route.startswith("health/"):
        return {Answer.OPENS} if reads else {Answer.NO_METHOD, *shut}
    if not role:
        if route == "":
            # Outside the staff's paths: no cookie is read there, and so no form's token holds.
            shut = {Answer.REFUSED}
        return set(Answer) - {Answer.FAILS} if route in OPEN_STAFF_ROUTES else {Answer.SIGN_IN, Answer.HIDDEN, *shut}
    if route.startswith(CONTENT_PREFIXES):
        return _expected_content(route, method, role, here=here) | shut
    if role in OPENED_PAGES.get(route, ()):
        return {Answer.OPENS} if reads else set(Answer) - {Answer.FAILS, Answer.SIGN_IN}
    if role in OPENED_ACTS.get(route, ()):
        acts = {Answer.OPENS, Answer.REFUSED, Answer.HIDDEN}
        return acts if method == "POST" else {Answer.NO_METHOD, *shut}
    if route in ("", "admin/") or route.startswith("accounts/") or route in OPEN_STAFF_ROUTES:
        return {Answer.OPENS} if route == "admin/" and reads else set(Answer) - {Answer.FAILS}
    opened = {f"admin/{page}/" for page in OPENED_LISTS[role]}
    if route in opened:
        return {Answer.OPENS} if reads else set(Answer) - {Answer.FAILS, Answer.SIGN_IN}
    if route.startswith(tuple(opened)) and (here or role != "partner"):
        return set(Answer) - {Answer.FAILS, Answer.SIGN_IN}
    if route == "admin/autocomplete/" and method == "OPTIONS":
        # Django's own view answers what it could be asked, and asks for no right to it.
        return {Answer.OPENS}
    if route.startswith(WITHOUT_CONTENT):
        return set(Answer) - {Answer.FAILS, Answer.SIGN_IN}
    return {Answer.REFUSED, Answer.HIDDEN, Answer.MOVED, Answer.NO_METHOD}


# Pages of the admin site about nothing but itself: one's own password, words of its scripts, the list of one's apps.
WITHOUT_CONTENT = ("admin/logout/", "admin/password_change/", "admin/^(?P<app_label>")


def _expected_content(route: str, method: str, role: str, *, here: bool) -> set[Answer]:
    """Content is granted by role, and an incident by portal; who sees none must not learn whether there is one."""
    meant = ("GET", "HEAD") if route in CONTENT_READ else ("POST",)
    if method not in meant:
        return {Answer.NO_METHOD, Answer.REFUSED} if role not in CONTENT_ROLES else {Answer.NO_METHOD}
    if role not in CONTENT_ROLES:
        return {Answer.REFUSED}
    if "<uuid:incident_id>" in route and not here:
        return {Answer.HIDDEN}
    # An act may not be possible in the state that the incident is in: refused, with the reason.
    return {Answer.OPENS} if route in CONTENT_READ else {Answer.OPENS, Answer.REFUSED}
