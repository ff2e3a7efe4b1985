"""Decorators of public pages: their portal, their language, and no sign-in."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, cast

from django.http import Http404, HttpRequest, HttpResponse
from django.middleware.gzip import re_accepts_gzip
from django.utils import translation

from countries.languages import find_opened_language, interface_languages, words_language
from countries.public import published
from countries.public.page_cache import CachedPage
from countries.public.page_style import note_style_source, style_source_of
from countries.public.published_portal import PublishedPortal, PublishedText
from countries.public.reading_times import hours_in
from countries.words.fallback_marks import marked_fallback, write_marks

# For pages without a portal and without a language in their path.
FIRST_LANGUAGE = "en"


class PortalRequest(HttpRequest):
    """A request for a page of a portal that the public may see, in one of its languages."""

    portal: PublishedPortal
    portal_text: PublishedText
    portal_language: str


def portal_page[**P](
    view: Callable[Concatenate[PortalRequest, P], HttpResponse],
) -> Callable[..., HttpResponse]:
    """Marks a public page of a portal. The view gets a PortalRequest, and neither `slug` nor `language`.

    404 where there is no such portal, it has no such language, or the public may not see it; `leading_on` then leads to
    a language that exists. A path without a language is answered in the portal's first one, and so is a form that was
    sent in a language that is gone: what was typed is not lost. The whole page is rendered in its language.
    """
    return _wrap_view(view, hidden=False)


def receipt_page[**P](
    view: Callable[Concatenate[PortalRequest, P], HttpResponse],
) -> Callable[..., HttpResponse]:
    """As `portal_page`, for a page that a receipt leads to: it stays available while the portal is not visible."""
    return _wrap_view(view, hidden=True)


def _wrap_view[**P](
    view: Callable[Concatenate[PortalRequest, P], HttpResponse], *, hidden: bool
) -> Callable[..., HttpResponse]:
    @wraps(view)
    def page(
        request: HttpRequest, slug: str, language: str | None = None, *args: P.args, **kwargs: P.kwargs
    ) -> HttpResponse:
        portal_request = cast(PortalRequest, request)
        # Phones capitalise the first letter of an address copied from a poster.
        portal = published.find_portal(slug.lower())
        if portal is None or not (portal.state.visible or (hidden and portal.may_have_receipts)):
            raise Http404
        text = portal.text(language or portal.first_language or "")
        if text is None and request.method == "POST":
            text = portal.text(portal.first_language or "")
        if text is None:
            raise Http404
        portal_request.portal = portal.in_language(text.language)
        portal_request.portal_text, portal_request.portal_language = text, text.language
        words = words_language(text.language)
        with translation.override(words):
            if find_opened_language(words) is None:
                return view(portal_request, *args, **kwargs)
            with marked_fallback():
                return _mark_page(view(portal_request, *args, **kwargs))

    page.is_for_receipts = hidden  # type: ignore[attr-defined] # read by `leading_on`
    return open_page(page)


def _mark_page(page: HttpResponse) -> HttpResponse:
    """The page with marks at its English words. Kept pages have theirs already."""
    if page.headers.get("Content-Type", "").startswith("text/html") and "Content-Encoding" not in page.headers:
        page.content = write_marks(page.content.decode()).encode()
    return page


def _mark_value(value: str) -> str:
    """The value of a kept page, with marks if it is a part of the page and not something typed."""
    # The same type: what is part of a page is marked as safe.
    return type(value)(write_marks(value)) if hasattr(value, "__html__") else value


def open_page[**P](view: Callable[P, HttpResponse]) -> Callable[P, HttpResponse]:
    """Marks a view that needs no sign-in and no CSRF cookie.

    A cookie would stay on the reporter's device, and with `Referrer-Policy: no-referrer` browsers send
    `Origin: null`, which Django's check refuses. The public forms carry a signed token of their own instead.
    """
    view.login_required = False  # type: ignore[attr-defined] # read by LoginRequiredMiddleware
    view.csrf_exempt = True  # type: ignore[attr-defined] # read by CsrfViewMiddleware
    return view


def known_language(language: str) -> str:
    """The language of a page without a portal, if it has interface texts, with them up to date. Raises Http404."""
    published.warm_cache()
    if language not in interface_languages():
        raise Http404
    return language


def same_for_all(view: Callable[Concatenate[PortalRequest, ...], HttpResponse]) -> Callable[..., HttpResponse]:
    """Render a page once and cache it with the copy of the portal it was made from; a change replaces both.

    For pages that depend on portal and language alone, apart from `parts`, of which there must be few and which the
    view gets too, and the values that are passed by name to the returned function: they replace the view's
    `placeholder_for(name)`. Below `portal_page`.
    """

    @wraps(view)
    def page(request: PortalRequest, *parts: str, **values: str) -> HttpResponse:
        # With a banner there is another page, which its time ends without a write. The hours change with the seasons.
        banner, hours = published.banner_sentence_in_memory(), hours_in(request.portal.country)
        key = (view.__name__, request.portal_language, banner, hours, *parts)
        page = request.portal.pages.get(key)
        if page is None:
            content = _mark_page(view(request, *parts))
            page = request.portal.pages[key] = CachedPage.of(content, style_source_of(request))
        return answer_cached(request, page, **{name: _mark_value(value) for name, value in values.items()})

    return page


def answer_cached(request: HttpRequest, page: CachedPage, **values: str) -> HttpResponse:
    """The kept page with its values, compressed if the browser takes that."""
    note_style_source(request, page.style_source)
    accepted = request.META.get("HTTP_ACCEPT_ENCODING", "")
    return page.answer(values, compressed=re_accepts_gzip.search(accepted) is not None)
