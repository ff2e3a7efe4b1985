"""Which public page shows a text: by the source file that holds it, the page's name and its path for a preview."""

from collections.abc import Sequence
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class TextPlace(NamedTuple):
    """Files whose names begin with `start`. `page`: what follows `/<slug>/<language>/`; None for the network's page."""

    start: str
    label: str | Promise
    page: str | None


# The first row that fits a file counts.
PLACES = (
    TextPlace("templates/reports/details_stored", _("After sending details"), "details/?sample=details-stored"),
    TextPlace("templates/reports/details", _("Details form"), "details/?sample=details-refused"),
    TextPlace("templates/reports/_details", _("Details form"), "details/?sample=details-refused"),
    TextPlace("templates/reports/report_stored", _("After sending a report"), "report/?sample=report-stored"),
    TextPlace("templates/reports/_receipt", _("After sending a report"), "report/?sample=report-stored"),
    TextPlace("templates/reports/_next", _("After sending a report"), "report/?sample=report-stored"),
    TextPlace("templates/reports/_another", _("After sending a report"), "report/?sample=report-stored"),
    TextPlace("templates/reports/_crisis", _("Help in a crisis"), "details/?sample=details-danger"),
    TextPlace("templates/reports/wait", _("Waiting page"), "report/?sample=wait"),
    TextPlace("templates/reports/status", _("Receipt page"), "status/"),
    TextPlace("templates/reports/_status", _("Receipt page"), "status/"),
    TextPlace("templates/reports/_code", _("Receipt page"), "status/"),
    # The link in a notice has a secret, so that no sample of the page exists.
    TextPlace("templates/reports/notice", _("Page for recipients of notices"), ""),
    TextPlace("templates/reports/_notice", _("Page for recipients of notices"), ""),
    TextPlace("templates/reports", _("Report form"), "report/"),
    TextPlace("reports/notices", _("Page for recipients of notices"), ""),
    TextPlace("reports/questions", _("Question to a reporter"), "status/?sample=status-message"),
    TextPlace("reports/outcomes", _("What a receipt says"), "status/?sample=status-several"),
    TextPlace("reports/forms", _("Forms and their errors"), "report/?sample=report-refused"),
    TextPlace("reports/privacy", _("Privacy"), "privacy/"),
    TextPlace("reports", _("Report form"), "report/"),
    TextPlace(
        "analysts/assessment/standard_replies", _("Standard reply to a reporter"), "status/?sample=status-message"
    ),
    TextPlace("templates/countries/public/kit", _("Posters and cards"), ""),
    TextPlace("templates/countries/public/privacy", _("Privacy"), "privacy/"),
    TextPlace("templates/countries/public/trust", _("Is this safe?"), "trust/"),
    TextPlace("templates/countries/public/about", _("About the portal"), "about/"),
    TextPlace("templates/countries/public/help", _("Get help"), "help/"),
    TextPlace("templates/countries/public/error", _("Error pages"), "?error=404"),
    TextPlace("templates/countries/public/network", _("The network’s pages"), None),
    TextPlace("templates/countries/public/base", _("Frame of every page"), ""),
    TextPlace("countries/public/trust", _("Is this safe?"), "trust/"),
    TextPlace("countries/public/situations", _("Get help"), "help/"),
    TextPlace("countries/public/errors", _("Error pages"), "?error=500"),
    TextPlace("countries/public/network", _("The network’s pages"), None),
)
HOME = TextPlace("", _("Home page of a portal"), "")


def find_place(file: str) -> TextPlace:
    """The row of a source file; the home page for a file without one."""
    return next((place for place in PLACES if file.startswith(place.start)), HOME)


def place_labels(files: Sequence[str]) -> list[str]:
    """The names of the pages, each once, in the order of the files."""
    return list(dict.fromkeys(str(find_place(file).label) for file in files))
