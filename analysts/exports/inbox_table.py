"""The table of an exported inbox: what its list shows, without any address."""

from collections.abc import Iterator

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from analysts.exports.files import ExportTable, Rows
from analysts.models import Export, Referral
from analysts.takedown.inbox.inbox_rows import inbox_rows, referrals_of

BATCH = 500


def build_inbox_table(export: Export) -> ExportTable:
    """The referrals in the person's inbox as it is now."""
    now = timezone.now()
    referrals = referrals_of(export.by, now)
    headings = [_("Our reference"), _("Sent on"), _("State"), _("Days open"), _("Your case number"), _("Your answer")]
    return ExportTable(headings, referrals.count(), _read_rows(referrals))


def _read_rows(referrals: QuerySet[Referral]) -> Iterator[Rows]:
    ids = list(referrals.values_list("pk", flat=True))
    for first in range(0, len(ids), BATCH):
        batch = list(referrals.filter(pk__in=ids[first : first + BATCH]))
        yield [
            [
                row.reference,
                f"{row.referral.noticed_at:%Y-%m-%d}",
                str(row.state),
                str(row.days),
                row.case_number,
                str(row.answer),
            ]
            for row in inbox_rows(batch, timezone.now())
        ]
