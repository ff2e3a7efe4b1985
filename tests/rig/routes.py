"""Every route of the surface in use, a path of it, and what a caller learns from its answer."""

import uuid
from collections.abc import Iterator, Mapping
from enum import StrEnum

from django.conf import settings
from django.urls import URLPattern, URLResolver, get_resolver

# Public routes, by the module of their view: pages of portals, reporting, health.
PUBLIC_MODULES = (
    "countries.public.leaving",
    "countries.public.help.views",
    "countries.public.network.views",
    "countries.public.robots",
    "countries.public.statistics.views",
    "countries.public.trust",
    "countries.public.views",
    "reports.views",
    "portal_site.health",
)
SIGN_IN = ("/accounts/login/", "/admin/login/")
ASK_AGAIN = ("/accounts/reauthenticate/?", "/accounts/mfa/reauthenticate/?", "/accounts/mfa/webauthn/reauthenticate/?")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def walk_routes(
    patterns: list[URLPattern | URLResolver] | None = None, before: str = ""
) -> Iterator[tuple[str, URLPattern]]:
    """Every route of the surface in use, written as `ResolverMatch.route` has them."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = str(pattern.pattern)
        route = before + (route.removeprefix("^") if before else route)
        if isinstance(pattern, URLResolver):
            yield from walk_routes(pattern.url_patterns, route)
        else:
            yield route, pattern


def module_of(pattern: URLPattern) -> str:
    view: object = pattern.callback
    while hasattr(view, "__wrapped__"):
        view = view.__wrapped__
    return str(getattr(view, "view_class", view).__module__)


def is_public(pattern: URLPattern) -> bool:
    return module_of(pattern).startswith(PUBLIC_MODULES)


def is_staff(route: str) -> bool:
    return f"/{route}".startswith(settings.STAFF_PATHS)


def fill_route(route: str, pattern: URLPattern, arguments: Mapping[str, str]) -> str:
    """A path of the route, with the given values and made-up ones for the rest.

    The stock pages' `object_id` is looked up by the name of their model, `portal`, `user`, `auditevent`; or with its
    app, `countries/language`, where another parameter has that name.
    """
    if "(?P<app_label>" in route:
        return f"/admin/{APP}/"
    if "(?P<" in route:
        return "/admin/no/such/page/"
    path = route
    for name, converter in pattern.pattern.converters.items():
        made_up = {"IntConverter": "1", "UUIDConverter": str(uuid.uuid4()), "LanguageConverter": "en"}
        made_up["IncidentNumberConverter"] = "0" * 8
        value = _given_value(route, name, arguments) or made_up.get(type(converter).__name__, "x")
        for kind in ("int", "uuid", "slug", "str", "path", "language", "incident_number"):
            path = path.replace(f"<{kind}:{name}>", value)
        path = path.replace(f"<{name}>", value)
    return "/" + path


def fill_known_route(route: str, pattern: URLPattern, arguments: Mapping[str, str]) -> str:
    """A path of the route, with the given values. Raises LookupError where one would be made up."""
    converters = {} if "(?P<" in route else pattern.pattern.converters
    if missing := [name for name in converters if not _given_value(route, name, arguments)]:
        raise LookupError(f"No object is known for {', '.join(missing)} of {route}")
    return fill_route(route, pattern, arguments)


def _given_value(route: str, name: str, arguments: Mapping[str, str]) -> str | None:
    app, model = route.split("/")[1:3] if name == "object_id" else ("", "")
    return arguments.get(name) or arguments.get(f"{app}/{model}") or arguments.get(model)


# The app whose start page represents those of all apps.
APP = "countries"


class RouteAnswer(StrEnum):
    """The lesson of an answer for its caller."""

    SIGN_IN = "sent to sign in"
    ASKED = "asked again who they are"
    KEYED = "asked for a member's key"
    OPENS = "opens"
    REFUSED = "refused"
    HIDDEN = "hidden"
    NO_METHOD = "no such method"
    FAILS = "fails"


def answer_of(status: int, location: str) -> RouteAnswer:
    match status:
        case 301 | 302 if location.startswith(SIGN_IN):
            return RouteAnswer.SIGN_IN
        case 302 if location.startswith(ASK_AGAIN):
            return RouteAnswer.ASKED
        case 401:
            return RouteAnswer.KEYED
        case 403:
            return RouteAnswer.REFUSED
        case 404:
            return RouteAnswer.HIDDEN
        case 405:
            return RouteAnswer.NO_METHOD
        case _ if status >= 500:
            return RouteAnswer.FAILS
        case _:
            return RouteAnswer.OPENS
