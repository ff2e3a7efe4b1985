"""Error pages: in the look and language of the portal in the path, drawn from memory alone."""

import logging
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from countries.languages import text_direction, words_language
from countries.public import published
from countries.public.context_processors import site_context
from countries.public.portal_list import list_world_portals
from countries.public.published_portal import PublishedPortal, PublishedText

logger = logging.getLogger(__name__)


class ErrorPageText(NamedTuple):
    title: str | Promise
    sentences: tuple[str | Promise, ...]


GO_BACK = _("If you were sending something, go back and send it again. Sending it twice does no harm.")

WORDS = {
    400: ErrorPageText(_("This request was damaged on the way"), (GO_BACK,)),
    403: ErrorPageText(_("You cannot open this page"), (GO_BACK,)),
    404: ErrorPageText(
        _("Page not found"),
        (_("If you typed the web address, check it. If you followed a link, it may be out of date."),),
    ),
    413: ErrorPageText(
        _("What you sent is too long"),
        (
            _("None of it was stored. Go back and send it in smaller parts."),
            _("We take web addresses and words here, never pictures or files."),
        ),
    ),
    429: ErrorPageText(
        _("Please wait a little"),
        (_("We are very busy right now. Wait a minute, then go back and send it again."),),
    ),
    500: ErrorPageText(_("Something went wrong here"), (_("It is our fault, not yours."), GO_BACK)),
    503: ErrorPageText(
        _("Not available at the moment"),
        (
            _("If you have a receipt, your report is safe. Please try again in a few minutes."),
            GO_BACK,
        ),
    ),
}

# Used where even the template cannot be rendered.
LAST_RESORT = """<!DOCTYPE html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Something went wrong here</title>
<main>
<h1>Something went wrong here</h1>
<p>It is our fault, not yours. Please try again in a few minutes.</p>
<p>If you were sending something, go back and send it again. Sending it twice does no harm.</p>
</main>
"""


def error_page(request: HttpRequest, status: int) -> HttpResponse:
    """The page for one of the statuses in WORDS; any other status gets the texts of 500.

    Never asks the database, and never fails.
    """
    try:
        content = _render_page(request, WORDS.get(status, WORDS[500]))
    except Exception:
        logger.exception("The error page could not be rendered.")
        content = LAST_RESORT
    return HttpResponse(content, status=status)


def _render_page(request: HttpRequest, words: ErrorPageText) -> str:
    portal, text, language = _portal_and_language(request)
    with translation.override(language):
        # The template gets no request: the context processors of staff pages would query the database.
        return render_to_string(
            "countries/public/error.html",
            site_context(request, portal, text)
            | {"words": words, "words_language": language, "words_direction": text_direction(language)}
            | {"for_any_country": list_world_portals(language) if words is WORDS[404] else []},
        )


def _portal_and_language(request: HttpRequest) -> tuple[PublishedPortal | None, PublishedText | None, str]:
    """The portal and text of the path, if the public may see them, and the language to use: a path without a known
    portal (before the first reading of the database, for example) may still contain one.
    """
    slug, tag = (*request.path_info.split("/")[1:3], "", "")[:2]
    portal = published.in_memory().get(slug.lower())
    if portal is None or not portal.state.visible:
        return None, None, words_language(tag)
    text = portal.text(tag) or portal.text(portal.first_language or "")
    return portal, text, words_language(text.language if text else tag)
