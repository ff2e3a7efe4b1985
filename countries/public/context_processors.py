"""The context of every template."""

from functools import cache, partial
from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest
from django.urls import get_script_prefix, reverse

from countries.languages import language_name, text_direction, words_language
from countries.public import published
from countries.public.frame_picture import shows_crest
from countries.public.hotline import hotline_identity
from countries.public.page_style import strip_below_header, style_page
from countries.public.published_portal import PublishedPortal, PublishedText


class LanguageLink(NamedTuple):
    tag: str
    name: str
    direction: str
    address: str

    @classmethod
    def to_page(cls, tag: str, address: str) -> "LanguageLink":
        """A link to the page in the language `tag`, named in that language."""
        return cls(tag, language_name(tag), text_direction(tag), address)


def site(request: HttpRequest) -> dict[str, object]:
    """`site_context` of the portal whose page is rendered, with a banner as new as the portals."""
    context = site_context(request, getattr(request, "portal", None), getattr(request, "portal_text", None))
    return context | {"public_banner": published.banner_sentence}


def site_context(request: HttpRequest, portal: PublishedPortal | None, text: PublishedText | None) -> dict[str, object]:
    """`demo`, `notice`, `source_url`, `site_home`, `leave_address`, `report_address` ("" where no report is taken).

    `notice` and `run_by` are called by the templates that show them, of which staff pages have none.
    `public_banner`, called by the page's frame alone, is the sentence of a banner, from memory.
    `run_by` is the hotline, `shows_crest` whether the header has the portal's crest. `page_sheet`, called by the frame
    too, is the style sheet of the page, `figures_sheet` that of a page with lists, tables or charts.

    Also the language of the standard texts, and `portal` (None on pages of no portal, which have no `text` either). On
    a portal's pages also its own texts, the language shown and the links to its other languages.
    """
    common: dict[str, object] = {"demo": settings.DEMO, "source_url": settings.SOURCE_URL, "report_address": ""}
    common["notice"] = published.preview_notice
    common["public_banner"] = published.banner_sentence_in_memory
    common["run_by"] = cache(hotline_identity)
    common["page_sheet"] = partial(style_page, request, portal)
    common["figures_sheet"] = partial(style_page, request, portal, with_figures=True)
    common["header_strip"] = partial(strip_below_header, portal)
    if portal is None or text is None:
        return common | {
            "portal": None,
            "site_home": get_script_prefix(),
            "leave_address": f"{get_script_prefix()}leave/",
            "words_language": "en",
            "words_direction": "ltr",
        }
    words = words_language(text.language)
    portal = portal.in_language(text.language)
    return common | {
        "portal": portal,
        "shows_crest": shows_crest(portal),
        "portal_text": text,
        "portal_language": text.language,
        "portal_direction": text_direction(text.language),
        # The page that receipts lead to, of a portal that is not visible to the public.
        "site_home": reverse("portal_home" if portal.state.visible else "status", args=[portal.slug, text.language]),
        "leave_address": reverse("portal_leave", args=[portal.slug, text.language]),
        "report_address": reverse("report", args=[portal.slug, text.language]) if portal.state.takes_reports else "",
        "words_language": words,
        "words_direction": text_direction(words),
        "language_links": [link for link in language_links(request, portal) if link.tag != text.language],
        "shown_language": LanguageLink.to_page(text.language, ""),
    }


def language_links(request: HttpRequest, portal: PublishedPortal) -> list[LanguageLink]:
    """The requested page in each language of the portal; the portal's home where that page has no languages.

    None on the answer to a form: such a link would leave the page, and with it the receipt or what was typed.
    """
    if request.method not in ("GET", "HEAD"):
        return []
    match = request.resolver_match
    # Not every page with a language is a portal's: the network's own pages have no slug.
    in_languages = match is not None and {"slug", "language"} <= match.kwargs.keys()
    name = match.url_name if match and in_languages else None
    # The page itself, where a portal has several by one route.
    kwargs = match.kwargs if match and name else {}
    part = {key: value for key, value in kwargs.items() if key not in ("slug", "language")}
    return [
        LanguageLink.to_page(
            language,
            reverse(
                name or ("portal_home" if portal.state.visible else "status"),
                kwargs={"slug": portal.slug, "language": language, **part},
            ),
        )
        for language in portal.languages
    ]
