"""Leaving a page in a hurry: at once to a page that has nothing to do with the portal."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.views.decorators.http import require_safe

from countries.languages import text_direction, words_language
from countries.public.pages import FIRST_LANGUAGE, PortalRequest, known_language, open_page, receipt_page

# Data of this host that the browser shall clear: cached pages, and with them any text typed into a form.
FORGET = '"cache", "storage"'


@require_safe
@receipt_page
def leave_portal(request: PortalRequest) -> HttpResponse:
    """Leave a portal: to the page its operators chose, else the installation's, else a neutral one of our own.

    The redirect goes through a neutral page that sends the browser on at once. Chromium keeps the page that is left,
    with the text typed there, for its Back button as soon as another page is shown, and no header of that page prevents
    it; only the response after it can. Both steps replace each other in the history.
    """
    words = words_language(request.portal_language)
    if "on" in request.GET:
        return _leave_redirect(request.portal.leave_to or settings.LEAVE_TO or reverse("left_in", args=[words]))
    page = render(request, "countries/public/left.html", _language_context(words))
    page.headers["Refresh"] = "0; url=?on"
    return page


@require_safe
@open_page
def neutral_page(request: HttpRequest, language: str = FIRST_LANGUAGE) -> HttpResponse:
    """Leave a page of no portal: to the installation's page.

    Without one, a page that does not reveal the previous page to someone who looks over the reporter's shoulder.
    """
    page_language = known_language(language)
    if settings.LEAVE_TO:
        return _leave_redirect(settings.LEAVE_TO)
    with translation.override(page_language):
        page = render(request, "countries/public/left.html", _language_context(page_language))
    page.headers["Clear-Site-Data"] = FORGET
    return page


def _leave_redirect(target: str) -> HttpResponse:
    response = HttpResponseRedirect(target)
    response.status_code = 303
    response.headers["Clear-Site-Data"] = FORGET
    return response


def _language_context(language: str) -> dict[str, object]:
    return {"words_language": language, "words_direction": text_direction(language)}
