"""Error pages of the staff surface: for signed-in staff in the frame of their pages, for all others without it."""

import logging
import re

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from analysts.accounts.time_zones import zone_of
from analysts.models import User
from countries.staff.requests.staff_pages import staff_page

logger = logging.getLogger(__name__)

type ErrorText = tuple[str | Promise, tuple[str | Promise, ...]]

GO_BACK = _("If you were sending something, go back and send it again.")
# Titles and sentences by status.
TEXTS: dict[int, ErrorText] = {
    400: (_("This request cannot be read"), (_("It was damaged on the way. Nothing was changed."), GO_BACK)),
    403: (
        _("Access denied"),
        (_("The form is too old, or comes from another site. Nothing was changed."), _("Open the page again.")),
    ),
    404: (
        _("Page not found"),
        (
            _("There is no such page, or it belongs to portals that you do not work for."),
            _("If you followed a link, it may be out of date: an incident may have been merged or handed over."),
        ),
    ),
    405: (
        _("This address takes only what a form sends"),
        (_("You may have signed in again since, or followed an old link. Nothing was changed."),),
    ),
    413: (_("What you sent is too long"), (_("None of it was stored."), GO_BACK)),
}
# Faults that only administrators can mend: never in the frame, which takes queries.
WITHOUT_FRAME: dict[int, ErrorText] = {
    500: (_("Something went wrong here"), (_("It is our fault, not yours."), GO_BACK)),
    503: (
        _("Not available at the moment"),
        (_("Please try again in a few minutes. If it lasts, tell the server’s administrators."), GO_BACK),
    ),
}
INCIDENT = re.compile(r"/admin/incidents/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/")


def staff_error_page(request: HttpRequest, status: int) -> HttpResponse | None:
    """The page; None for strangers, for other statuses, and if it cannot be drawn."""
    user = getattr(request, "user", None)
    if status not in TEXTS or not request.path_info.startswith(settings.STAFF_PATHS) or not isinstance(user, User):
        return None
    title, sentences = TEXTS[status]
    incident = INCIDENT.match(request.path_info)
    context = {
        "title": title,
        "sentences": sentences,
        "way_back": reverse("admin:incident", args=[incident[1]]) if incident and status != 404 else "",
    }
    page = staff_page(request, "admin/error.html", context, status=status)
    try:
        with timezone.override(zone_of(user)):
            return page.render()
    except Exception:
        logger.exception("The error page of the staff could not be rendered.")
        return None


def plain_error_page(status: int) -> HttpResponse | None:
    """The page without a frame, of a surface that has no public pages. Never asks the database; None if it fails."""
    texts = TEXTS | WITHOUT_FRAME
    title, sentences = texts.get(status, texts[500])
    try:
        content = render_to_string("admin/plain_error.html", {"title": title, "sentences": sentences})
    except Exception:
        logger.exception("The error page without a frame could not be rendered.")
        return None
    return HttpResponse(content, status=status)
