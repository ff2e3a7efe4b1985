"""Which public page shows a text: by the source file that holds it, the page's name and its path for a preview."""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class TextPlace(NamedTuple):
    """Files whose names begin with `start`. `page`: what follows `/<slug>/<language>/`; None for the network's page.

    `order`: 0 for the page that readers meet first.
    """

    start: str
    label: str | Promise
    page: str | None
    order: int


# The first row that fits a file counts.
PLACES = (
    TextPlace("reports/safety/crisis", _("Words of crisis"), "", 19),
    TextPlace("templates/reports/details_stored", _("After sending details"), "details/?sample=details-stored", 6),
    TextPlace("templates/reports/details", _("Details form"), "details/?sample=details-refused", 5),
    TextPlace("templates/reports/_details", _("Details form"), "details/?sample=details-refused", 5),
    TextPlace("templates/reports/report_stored", _("After sending a report"), "report/?sample=report-stored", 4),
    TextPlace("templates/reports/_receipt", _("After sending a report"), "report/?sample=report-stored", 4),
    TextPlace("templates/reports/_next", _("After sending a report"), "report/?sample=report-stored", 4),
    TextPlace("templates/reports/_another", _("After sending a report"), "report/?sample=report-stored", 4),
    TextPlace("templates/reports/_crisis", _("Help in a crisis"), "details/?sample=details-danger", 7),
    TextPlace("templates/reports/wait", _("Waiting page"), "report/?sample=wait", 13),
    TextPlace("templates/reports/status", _("Receipt page"), "status/", 8),
    TextPlace("templates/reports/_status", _("Receipt page"), "status/", 8),
    TextPlace("templates/reports/_code", _("Receipt page"), "status/", 8),
    # The link in a notice has a secret, so that no sample of the page exists.
    TextPlace("templates/reports/notice", _("Page for recipients of notices"), "", 18),
    TextPlace("templates/reports/_notice", _("Page for recipients of notices"), "", 18),
    TextPlace("templates/reports", _("Report form"), "report/", 2),
    TextPlace("reports/notice", _("Page for recipients of notices"), "", 18),
    TextPlace("reports/questions", _("Question to a reporter"), "status/?sample=status-message", 16),
    TextPlace("reports/outcomes", _("What a receipt says"), "status/?sample=status-several", 9),
    TextPlace("reports/forms", _("Forms and their errors"), "report/?sample=report-refused", 3),
    TextPlace("reports/privacy", _("Privacy"), "privacy/", 12),
    TextPlace("reports", _("Report form"), "report/", 2),
    TextPlace(
        "analysts/assessment/standard_replies", _("Standard reply to a reporter"), "status/?sample=status-message", 16
    ),
    TextPlace("templates/countries/public/kit", _("Posters and cards"), "", 17),
    TextPlace("templates/countries/public/privacy", _("Privacy"), "privacy/", 12),
    TextPlace("templates/countries/public/trust", _("Is this safe?"), "trust/", 11),
    TextPlace("templates/countries/public/about", _("About the portal"), "about/", 12),
    TextPlace("templates/countries/public/help", _("Get help"), "help/", 10),
    TextPlace("templates/countries/public/error", _("Error pages"), "?error=404", 15),
    TextPlace("templates/countries/public/network", _("The network’s pages"), None, 14),
    TextPlace("templates/countries/public/base", _("Frame of every page"), "", 1),
    TextPlace("countries/public/help/lines", _("Get help"), "help/", 10),
    TextPlace(
        "countries/public/standard_texts",
        _("First texts of a new portal (those that exist have texts of their own)"),
        "",
        17,
    ),
    TextPlace("countries/models/contact", _("Get help"), "help/", 10),
    TextPlace("countries/models/portal", _("The network’s pages"), None, 14),
    TextPlace("countries/models/help_service", _("Get help"), "help/", 10),
    TextPlace("countries/public/launch_kit", _("Posters and cards"), "", 17),
    TextPlace("countries/public/trust", _("Is this safe?"), "trust/", 11),
    TextPlace("countries/public/help/situations", _("Get help"), "help/", 10),
    TextPlace("countries/public/errors", _("Error pages"), "?error=500", 15),
    TextPlace("countries/public/network", _("The network’s pages"), None, 14),
)
HOME = TextPlace("", _("Home page of a portal"), "", 0)


@cache
def find_place(file: str) -> TextPlace:
    """The row of a source file; the home page for a file without one."""
    return next((place for place in PLACES if file.startswith(place.start)), HOME)


def place_labels(files: Sequence[str]) -> list[str]:
    """The names of the pages, each once, in the order of the files."""
    return list(dict.fromkeys(str(find_place(file).label) for file in files))


def reading_order(files: Sequence[str]) -> int:
    """Where readers first meet a text of these files; 0 is the home page."""
    return min((find_place(file).order for file in files), default=HOME.order)
