"""The ways in which reports write the address of an incident: each is kept with its sighting, sealed."""

from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from analysts.incidents import contents
from analysts.models import Incident, Sighting, User

# At most this many reports of an incident are read, so that the cost does not grow with their number.
MOST_REPORTS = 50


@dataclass(frozen=True, slots=True, repr=False)
class ReportedSpellings:
    """How the reports to a user's portals write the address. `of_report`: by report, in its order.

    counts: the number of reports by spelling, the most frequent first. is_cut: there are more reports than were read.
    """

    of_report: dict[UUID, list[str]]
    counts: Counter[str]
    is_cut: bool

    @property
    def number(self) -> int:
        return len(self.counts)


def spellings_of(incident: Incident, user: User) -> ReportedSpellings:
    """One query; none for words."""
    if incident.key_id is None:
        return ReportedSpellings({}, Counter(), is_cut=False)
    mine = Sighting.objects.filter(incident=incident, portal__in=user.portal_ids)
    sightings = list(mine.only("pk", "report_id", "key_id", "sealed_address")[: MOST_REPORTS + 1])
    of_report = {
        sighting.report_id: [each.reported for each in contents.unseal_spellings(sighting)]
        for sighting in sightings[:MOST_REPORTS]
    }
    counts = Counter(spelling for spellings in of_report.values() for spelling in spellings)
    return ReportedSpellings(of_report, Counter(dict(counts.most_common())), is_cut=len(sightings) > MOST_REPORTS)
