"""The preview's page: choice of page, language and state, and two frames that show it, phone and desktop."""

from collections.abc import Collection, Mapping

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, reverse
from django.utils.csp import CSP
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_safe

from countries.languages import language_name
from countries.models import PortalState
from countries.public.errors import WORDS
from countries.public.published_portal import PublishedPortal
from countries.staff.requests.staff_pages import staff_page
from portal_site import urls_public
from portal_site.preview.samples import SAMPLES
from portal_site.preview.views import PAGES, as_it_would_be, portal_for

type Title = str | Promise

# Titles in the list, by URL name; a page of a portal that is missing here is listed under its URL name.
TITLES: Mapping[str, Title] = {
    "portal_home": gettext_lazy("Home page"),
    "report": gettext_lazy("Report"),
    "status": gettext_lazy("Check your receipt"),
    "portal_help": gettext_lazy("Get help"),
    "portal_about": gettext_lazy("About this portal"),
    "portal_privacy": gettext_lazy("Privacy"),
    "portal_trust": gettext_lazy("Is this safe?"),
    "portal_statistics": gettext_lazy("Statistics"),
    "portal_leave": gettext_lazy("After “Leave this page”"),
}
# Only leads to the form; its answers are among the samples.
NOT_LISTED = {"details"}


def page_names() -> list[str]:
    """The pages that a portal has in each language, found in the public urls; those with a title come first."""
    names = [
        pattern.name
        for pattern in urls_public.urlpatterns
        if isinstance(pattern, URLPattern) and set(pattern.pattern.converters) == {"slug", "language"} and pattern.name
    ]
    return sorted((name for name in names if name not in NOT_LISTED), key=lambda name: [*TITLES, name].index(name))


def preview_choices() -> list[tuple[Title, list[tuple[str, Title]]]]:
    """The previews on offer, in groups: pages, answers to forms, error pages."""
    pages = [
        (name, TITLES.get(name, name.removeprefix("portal_").replace("_", " ").capitalize())) for name in page_names()
    ]
    samples = [(f"sample:{name}", sample.title) for name, sample in SAMPLES.items()]
    errors = [(f"error:{status}", words.title) for status, words in WORDS.items()]
    return [
        (_("Pages"), [*pages, ("network", _("List of all portals"))]),
        (_("Responses to forms"), samples),
        (_("Errors"), errors),
    ]


@require_safe
@csp_override({**settings.SECURE_CSP, "frame-src": [CSP.SELF]})
def frames_page(request: HttpRequest, portal_id: int) -> HttpResponse:
    change = request.GET.get("change", "")
    row = portal_for(request, portal_id, change)
    with as_it_would_be(row, change) as portal:
        pass
    groups = preview_choices()
    chosen = _one_of([key for _title, group in groups for key, _label in group], request.GET.get("page", ""))
    language = _one_of(portal.languages, request.GET.get("language", ""), portal.first_language)
    usual = portal.state if portal.state.visible else PortalState.LIVE
    state = _one_of(PortalState.values, request.GET.get("state", ""), usual.value)
    context = {
        "title": _("Preview: %(portal)s") % {"portal": row},
        "row": row,
        "groups": groups,
        "languages": [(tag, language_name(tag)) for tag in portal.languages],
        "states": PortalState.choices,
        "chosen": chosen,
        "language": language,
        "state": state,
        "hidden": not PortalState(state).visible,
        "change": change,
        "address": preview_url(portal, chosen, language, state, change) if language else "",
    }
    return staff_page(request, "portal_site/preview.html", context)


def preview_url(portal: PublishedPortal, chosen: str, language: str, state: str, change: str = "") -> str:
    """The preview's URL of that page, a key of `preview_choices`."""
    kind, _colon, name = chosen.partition(":")
    start = reverse("admin:portal_preview_page", args=[portal.id, f"{state}-change-{change}" if change else state])
    match kind:
        case "network":
            return start
        case "sample":
            return start + _public_path(SAMPLES[name].page, portal, language) + f"?sample={name}"
        case "error":
            return start + _public_path("portal_home", portal, language) + f"?error={name}"
        case _:
            return start + _public_path(kind, portal, language)


def _public_path(name: str, portal: PublishedPortal, language: str) -> str:
    return reverse(name, PAGES, args=[portal.slug, language]).removeprefix("/")


def _one_of(values: Collection[str], value: str, otherwise: str | None = None) -> str:
    """The requested value if it is a choice, or else the given default, or the first choice."""
    if value in values:
        return value
    return otherwise or next(iter(values), "")
