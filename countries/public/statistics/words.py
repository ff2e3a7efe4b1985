"""The meaning of each published number, in words of the public pages and of the open data."""

from collections.abc import Mapping
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from countries.statistics import PublicMeasure


class MeasureWords(NamedTuple):
    label: Promise
    definition: Promise


MEASURES: Mapping[PublicMeasure, MeasureWords] = {
    PublicMeasure.REPORTS: MeasureWords(_("Reports"), _("Reports that people sent us, each counted once.")),
    PublicMeasure.ASSESSED: MeasureWords(
        _("Checked"), _("Web addresses that an analyst checked. One that came up again later counts again.")
    ),
    PublicMeasure.ILLEGAL: MeasureWords(_("Illegal"), _("Checked, and found to be child sexual abuse material.")),
    PublicMeasure.NOT_ILLEGAL: MeasureWords(_("Not illegal"), _("Checked, and found not to be against the law.")),
    PublicMeasure.OUTSIDE_REMIT: MeasureWords(
        _("For other services"), _("Checked, and found to be something that other services deal with.")
    ),
    PublicMeasure.NOT_ASSESSED: MeasureWords(
        _("Could not be checked"), _("Checked, but the page was gone or would not open.")
    ),
    PublicMeasure.REMOVED: MeasureWords(_("Removed"), _("Illegal pages that were gone at three checks in a row.")),
}
VERDICTS = (
    PublicMeasure.ILLEGAL,
    PublicMeasure.NOT_ILLEGAL,
    PublicMeasure.OUTSIDE_REMIT,
    PublicMeasure.NOT_ASSESSED,
)
# Columns of the table of portals, which must fit on a phone.
SHORT = (PublicMeasure.REPORTS, PublicMeasure.ILLEGAL, PublicMeasure.REMOVED)
# Times taken: the name in the open data, and what it says.
TIMES: Mapping[str, Promise] = {
    "half_hours": _("Half were done within this many hours."),
    "within": _("The percentage done within 1, 3 and 7 days."),
}
