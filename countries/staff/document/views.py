"""The page with a portal's history."""

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from countries.models import Portal
from countries.staff.document.history import history_page
from countries.staff.requests.staff_pages import staff_page

# The largest number of an event that the database can hold has 19 digits.
MOST_DIGITS = 18


def portal_history_page(request: HttpRequest, portal: Portal) -> HttpResponse:
    """One page of the history; `?before=` continues after the last event of the page before. Raises Http404."""
    before = request.GET.get("before", "")
    if before and not (before.isdecimal() and before.isascii() and len(before) <= MOST_DIGITS):
        raise Http404
    context = {
        "title": _("%(portal)s: history") % {"portal": portal},
        "portal_row": portal,
        "page": history_page(portal, int(before) if before else None),
        "is_newest": not before,
    }
    return staff_page(request, "countries/staff/document/history.html", context)
