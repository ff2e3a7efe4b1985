"""Alerts in the timeline of an incident."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from analysts.incidents.display.display_safe import defang_text
from analysts.incidents.priority import PriorityReason
from analysts.incidents.timeline import MOST_OF_A_KIND, TimelineEntry
from analysts.models import ChildAlert, Incident


def may_have_alerts(incident: Incident) -> bool:
    """Whether a report says that a child is in danger. A verdict ends `child_in_danger`, but not the alerts."""
    return incident.child_in_danger or PriorityReason.CHILD_IN_DANGER in incident.priority_reasons


def alert_entries(incident: Incident) -> Iterator[TimelineEntry]:
    alerts = ChildAlert.objects.filter(incident=incident).select_related("by", "corrected_by")
    for alert in alerts.order_by("-at")[:MOST_OF_A_KIND]:
        details = [str(alert.get_kind_display()), defang_text(alert.name), str(alert.get_reason_display())]
        yield TimelineEntry(at=alert.at, by=alert.by, title=_("called before a verdict"), details=details)
        if alert.corrected_at and alert.corrected_by:
            yield TimelineEntry(
                at=alert.corrected_at, by=alert.corrected_by, title=_("called again: the report was wrong"), details=[]
            )
