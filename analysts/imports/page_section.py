"""Part of the incident's page: what a former system said of its address."""

from dataclasses import dataclass

from django.db.models import Q

from analysts.models import HistoryRow, Incident

# The rest says no more.
MOST_SHOWN = 5


@dataclass(frozen=True, slots=True)
class ImportedHint:
    """A case of a former system with the incident's address: a hint, never a verdict."""

    row: HistoryRow

    @property
    def classification(self) -> str:
        """Such as "illegal, A: ..., 7–10, girls, image host"; "" if nothing was mapped."""
        row = self.row
        labels = [
            row.get_verdict_display(),
            row.get_severity_display(),
            row.get_age_band_display(),
            row.get_sex_display(),
            row.get_site_type_display(),
        ]
        return ", ".join(str(label) for label in labels if label)


def hints_of(incident: Incident) -> list[ImportedHint]:
    """The latest cases with the address, or one of an incident that was merged into this one; the newest first."""
    addresses = Incident.objects.filter(Q(pk=incident.pk) | Q(merged_into=incident)).values("fingerprint")
    rows = HistoryRow.objects.filter(fingerprint__in=addresses).exclude(fingerprint=b"")
    return [ImportedHint(row) for row in rows.order_by("-decided_on", "pk")[:MOST_SHOWN]]
