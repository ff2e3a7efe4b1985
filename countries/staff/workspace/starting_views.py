"""The pages on which an operator creates a portal."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from countries.collation import sort_key
from countries.languages import interface_languages, language_name, opened_languages
from countries.models import Portal, Region
from countries.public.network.country_search import clean_name
from countries.staff.document.exchange import LARGEST_FILE, parse_upload
from countries.staff.document.portal_document import Document
from countries.staff.document.portal_fields import PORTAL_FIELD_NAMES
from countries.staff.requests.staff_pages import OperatorRequest, staff_page
from countries.staff.workspace import starting
from countries.staff.workspace.country_facts import local_name, suggest_languages, world_rows
from countries.staff.workspace.country_finder import find_countries, find_portals


class FileForm(forms.Form):
    """Upload of an exported portal."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("A portal exported from this or another installation, at most 512 kB."),
        widget=forms.FileInput(attrs={"accept": ".toml"}),
    )
    checked = forms.BooleanField(
        label=gettext_lazy("I have checked all contacts, partners and reviews in the file myself"),
        required=False,
        help_text=gettext_lazy("Otherwise they are imported as unverified, unconfirmed and unreviewed."),
    )

    document: Document

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or {}
        if file := cleaned.get("file"):
            try:
                self.document = parse_upload(file.read(LARGEST_FILE + 1), checked=cleaned["checked"])
            except ValidationError as error:
                self.add_error("file", error.messages)
        return cleaned


class StartForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name for staff"), max_length=100)
    slug = forms.SlugField(
        label=gettext_lazy("Address"),
        max_length=40,
        help_text=gettext_lazy("The first part of the path. It cannot change once the portal exists."),
    )
    country = forms.CharField(
        label=gettext_lazy("Country code"),
        max_length=2,
        required=False,
        help_text=gettext_lazy("ISO 3166-1; empty for a region or several countries."),
    )
    region = forms.ChoiceField(label=gettext_lazy("Region"), choices=Region.choices)
    languages = forms.MultipleChoiceField(
        label=gettext_lazy("Languages"),
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Each starts with the network's standard text, for you to adapt to the country."),
    )
    default_language = forms.ChoiceField(label=gettext_lazy("Default language"))

    def __init__(self, data: Mapping[str, object] | None, *, document: Document) -> None:
        used = [text["language"] for text in document["texts"]]
        values = {name: document[name] for name in PORTAL_FIELD_NAMES if name in self.base_fields}
        super().__init__(data, initial={**values, "languages": used})
        with_words, opened = interface_languages(), [language.tag for language in opened_languages()]
        tags = dict.fromkeys([*used, *with_words, *opened])
        choices = [(tag, _language_label(tag, tag in with_words)) for tag in tags]
        for name in ("languages", "default_language"):
            cast(forms.ChoiceField, self.fields[name]).choices = choices

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or {}
        if "languages" in cleaned and cleaned.get("default_language") not in cleaned["languages"]:
            self.add_error("default_language", _("Choose one of the languages above."))
        return cleaned


def _language_label(tag: str, with_words: bool) -> str:
    name = language_name(tag)
    return name if with_words else _("%(language)s (interface text in English)") % {"language": name}


@require_http_methods(["GET", "HEAD", "POST"])
def portal_new(request: OperatorRequest) -> HttpResponse:
    starting.check_can_start(request.user)
    if origin := request.GET.get("from", ""):
        return _start_page(request, origin)
    form = FileForm(request.POST, request.FILES) if request.method == "POST" else FileForm()
    if form.is_valid():
        try:
            portal = starting.start_portal(by=request.user, document=form.document, how="file")
        except ValidationError as error:
            form.add_error("file", error.messages)
        else:
            return _redirect_to_draft(request, portal)
    portals, typed = list(Portal.objects.order_by("name")), clean_name(request.GET.get("q", ""))
    countries = find_countries(typed, portals)
    listed = {portal.pk for country in countries for portal in country.portals}
    context = {
        "title": _("New portal"),
        "form": form,
        "typed": typed,
        "countries": countries,
        "matching_portals": [portal for portal in find_portals(typed, portals) if portal.pk not in listed],
        "regions": _countries_by_region(portals),
        "portals": portals,
    }
    return staff_page(request, "countries/staff/workspace/new.html", context, status=422 if form.errors else 200)


@dataclass(frozen=True, slots=True)
class CountryLink:
    """A country in the list by regions; `portal`: its portal, if it has one."""

    slug: str
    name: str
    portal: Portal | None


def _countries_by_region(portals: list[Portal]) -> list[tuple[str, list[CountryLink]]]:
    """(name of the region, its countries) for every country of the world, in the reader's language and its order."""
    by_slug = {portal.slug: portal for portal in portals}
    by_code = {portal.country: portal for portal in portals if portal.country}
    language = get_language() or "en"
    countries: dict[str, list[CountryLink]] = {region.value: [] for region in Region}
    for slug, row in world_rows().items():
        portal = by_slug.get(slug) or by_code.get(row["country"])
        countries[row["region"]].append(CountryLink(slug, local_name(row, language), portal))
    return [
        (str(Region(region).label), sorted(links, key=lambda link: sort_key(link.name, language)))
        for region, links in countries.items()
    ]


def _start_page(request: OperatorRequest, origin: str) -> HttpResponse:
    document, how, source = _load_origin(origin)
    form = StartForm(request.POST if request.method == "POST" else None, document=document)
    if form.is_valid():
        cleaned = form.cleaned_data
        fields = {name: cleaned[name] for name in PORTAL_FIELD_NAMES if name in cleaned}
        languages, default = cleaned["languages"], cleaned["default_language"]
        ordered = sorted(languages, key=lambda tag: tag != default)
        try:
            document = starting.with_languages({**document, **fields}, ordered, default=default)
            return _redirect_to_draft(
                request, starting.start_portal(by=request.user, document=document, how=how, source=source)
            )
        except ValidationError as error:
            form.add_error(None, error.messages)
    context = {
        "title": _("New portal: %(name)s") % {"name": document["name"]} if document["name"] else _("New portal"),
        "form": form,
        "document": document,
        "suggestion": suggest_languages(world_rows()[source]) if how == "known" else None,
    }
    return staff_page(request, "countries/staff/workspace/start.html", context, status=422 if form.errors else 200)


def _load_origin(origin: str) -> tuple[Document, str, str]:
    """The start document for `?from=`: `blank`, `known:mu` or `portal:bz`. Raises Http404.

    Returns the document, its kind of origin and the origin's slug.
    """
    how, _colon, slug = origin.partition(":")
    match how:
        case "blank":
            return starting.blank_document(), how, ""
        case "known" if slug in world_rows():
            return starting.from_catalogue(slug), how, slug
        case "portal" if portal := Portal.objects.filter(slug=slug).first():
            return starting.from_portal(portal), how, slug
        case _:
            raise Http404


def _redirect_to_draft(request: OperatorRequest, portal: Portal) -> HttpResponse:
    messages.success(request, _("Draft created. It is not public yet; the checklist shows what is still missing."))
    return redirect(reverse("admin:countries_portal_change", args=[portal.pk]))
