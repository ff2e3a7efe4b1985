"""The reports of an incident in a batch file, their words in segments, and how many characters they have."""

from analysts.assessment.intake.spellings import sightings_of
from analysts.assessment.reports_section import LABELS, envelope_order
from analysts.assessment.suggestions import guess_found_on
from analysts.codes import Fact, FoundOn
from analysts.handoff.batch_format import BatchReport, ReportText, TextSegment
from analysts.incidents import contents
from analysts.incidents.display.display_safe import defang_text
from analysts.incidents.display.visible_text import Legible, TextPartKind, make_legible
from analysts.models import Incident, Report, User
from analysts.welfare.masked_words import Blanks
from countries.languages import language_name

# Reports of an incident; further ones are counted only.
MOST_REPORTS = 10


def reports_of(incident: Incident, user: User) -> tuple[list[Report], bool]:
    """The first MOST_REPORTS reports to the user's portals, and whether there are more."""
    ids = [sighting.report_id for sighting in sightings_of(incident, user)[: MOST_REPORTS + 1]]
    reports = Report.objects.filter(pk__in=ids[:MOST_REPORTS]).select_related("portal")
    return list(reports.order_by("received_hour", "pk")), len(ids) > MOST_REPORTS


def count_characters(incident: Incident, user: User) -> int:
    """The number of characters of the address and of the reporters' words that a batch has of the incident."""
    opened, (reports, _more) = contents.batch_address(incident), reports_of(incident, user)
    envelopes = contents.batch_envelopes(reports)
    payloads = [envelope.payload for of_report in envelopes.values() for envelope in of_report]
    words = sum(len(str(payload.get(field, ""))) for payload in payloads for field in LABELS)
    return words + (len(opened.normalised) if opened else 0)


def describe_reports(reports: list[Report], blanks: Blanks) -> tuple[list[FoundOn], list[BatchReport]]:
    envelopes = contents.batch_envelopes(reports)
    places, described = [], []
    for report in reports:
        texts = []
        for envelope in sorted(envelopes[report.pk], key=envelope_order):
            places.append(guess_found_on(str(envelope.payload.get("found_on", ""))))
            texts += [
                ReportText(
                    label=str(label), parts=_segments(blanks.legible(make_legible(str(envelope.payload[field]))))
                )
                for field, label in LABELS.items()
                if envelope.payload.get(field)
            ]
        described.append(
            BatchReport(
                portal=report.portal.name,
                language=language_name(report.language),
                hour=report.received_hour,
                ticked=[str(Fact(fact).label) for fact in report.facts],
                texts=texts,
            )
        )
    return places, described


def _segments(text: Legible) -> list[TextSegment]:
    """Defanged and with marks, as on the incident page; a masked word with what it hides."""
    return [
        TextSegment(text=defang_text(part.raw) if part.kind == TextPartKind.BLANK else part.display, masked=masked)
        for part in (*text.opening, *text.rest)
        for masked in (part.kind == TextPartKind.BLANK,)
        if part.raw or part.display
    ]
