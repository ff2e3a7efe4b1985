"""The ways in which reports write the address of an incident: each is kept with its sighting, sealed."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from analysts.incidents import contents
from analysts.models import Incident, Sighting, User

# At most this many reports of an incident are read, so that the cost does not grow with their number. They are
# searched for other addresses and referrers, too.
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


def sightings_of(incident: Incident, user: User) -> list[Sighting]:
    """Sightings of the user's portals, at most one more than MOST_REPORTS. One query."""
    mine = incident.sightings.filter(portal__in=user.portal_ids).select_related("merged_from")
    fields = ("pk", "incident", "report", "key", "has_incident_spelling", "sealed_address", "referrer_fingerprint")
    return list(mine.only(*fields, "merged_from__key", "merged_from__sealed_address")[: MOST_REPORTS + 1])


def spellings_of(incident: Incident, sightings: Sequence[Sighting]) -> ReportedSpellings:
    """`sightings`: as `sightings_of` gives them."""
    if incident.key_id is None:
        return ReportedSpellings({}, Counter(), is_cut=False)
    of_report: dict[UUID, list[str]] = {}
    # Opened once, however many reports write the address as it does.
    of_incident: dict[UUID, list[str]] = {}
    for sighting in sightings[:MOST_REPORTS]:
        named = sighting.merged_from_id or sighting.incident_id
        if sighting.has_incident_spelling and named in of_incident:
            of_report[sighting.report_id] = of_incident[named]
            continue
        spelt = [spelling.reported for spelling in contents.reveal_spellings(sighting)]
        of_report[sighting.report_id] = spelt
        if sighting.has_incident_spelling:
            of_incident[named] = spelt
    counts = Counter(spelling for spellings in of_report.values() for spelling in spellings)
    return ReportedSpellings(of_report, Counter(dict(counts.most_common())), is_cut=len(sightings) > MOST_REPORTS)
